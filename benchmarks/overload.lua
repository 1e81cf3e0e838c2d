-- wrk -s overload.lua ADDRESS -- CONTENT_TYPE FILE CONNECTIONS: posts the file over all connections, which begin within
-- a second.
-- For each 503 one request comes a second later, as Retry-After says. Prints a line of JSON.

local SECOND = 1000
local body, beginning, pauses = nil, 0, 0
answered, refused, others = 0, 0, 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local file = assert(io.open(arguments[2], "rb"))
  body = wrk.format("POST", nil, { ["Content-Type"] = arguments[1] }, file:read("*a"))
  file:close()
  beginning = tonumber(arguments[3])
end

function delay()
  if beginning > 0 then
    beginning = beginning - 1
    return math.random(0, SECOND)
  end
  if pauses > 0 then
    pauses = pauses - 1
    return SECOND
  end
  return 0
end

function request()
  return body
end

function response(status)
  if status == 200 then
    answered = answered + 1
  elseif status == 503 then
    refused, pauses = refused + 1, pauses + 1
  else
    others = others + 1
  end
end

function done(summary)
  local thread, errors = threads[1], summary.errors
  io.write(string.format(
    '{"seconds": %f, "answered": %d, "refused": %d, "failed": %d}\n',
    summary.duration / 1e6, thread:get("answered"), thread:get("refused"),
    thread:get("others") + errors.connect + errors.read + errors.write + errors.timeout
  ))
end
