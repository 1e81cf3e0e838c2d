// Requests to the service that this page came from. Addresses are relative, so that a proxy may publish it anywhere.

const SECONDS = 20;
const STORED = "lenet-api-key";

/** The service refused the request, and said why. */
export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The service did not answer, or can not just now. */
export class Unavailable extends Error {}

/** @param {string} key */
export function useKey(key) {
  sessionStorage.setItem(STORED, key);
}

/**
 * @param {string} path
 * @param {Blob} [picture] sent as the whole body
 * @returns {Promise<any>} the answer's JSON; throws `Refusal` or `Unavailable`
 */
export async function ask(path, picture) {
  const key = sessionStorage.getItem(STORED);
  /** @type {Record<string, string>} */
  const headers = key ? { "X-API-Key": key } : {};
  if (picture) headers["Content-Type"] = picture.type.startsWith("image/") ? picture.type : "application/octet-stream";
  let response, body;
  try {
    const signal = AbortSignal.timeout(SECONDS * 1000);
    response = await fetch(path, { method: picture ? "POST" : "GET", body: picture, headers, signal });
    body = await response.json();
  } catch (error) {
    throw new Unavailable(String(error)); // no connection, no answer in time, or a proxy's page instead of one
  }
  if (response.status === 503) throw new Unavailable(body.error.message);
  if (!response.ok) throw new Refusal(response.status, body.error.code, body.error.message);
  return body;
}
