-- wrk -s wrk.lua ADDRESS -- CONTENT_TYPE API_KEY FILE...: posts the contents of the files in turn and prints a line of
-- JSON. The API key may be empty.

local requests, at = {}, 0

function init(arguments)
  local headers = { ["Content-Type"] = arguments[1] }
  if arguments[2] ~= "" then headers["X-API-Key"] = arguments[2] end
  for number = 3, #arguments do
    local file = assert(io.open(arguments[number], "rb"))
    requests[number - 2] = wrk.format("POST", nil, headers, file:read("*a"))
    file:close()
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
