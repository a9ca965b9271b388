/* The REST API, as far as the page reads it. */

/**
 * @typedef {{name: string, subject: string, version: number}} Reference
 * @typedef {{subject: string, version: number, id: number, schema: string, references?: Reference[],
 *   ts?: number}} Version
 * @typedef {{rule: string, severity: string, path: string, file: string, line: number, message: string, hint: string,
 *   side: "old" | "new" | ""}} Finding
 * @typedef {{version: number, text: string}} Side
 * @typedef {{old: Side, new: Side, mode: string, compatible: boolean, findings: Finding[]}} Comparison
 */

/** The registry answers at the parent of the folder of this file. */
const ROOT = new URL("..", import.meta.url);

/** Kept for this tab only. */
const TOKEN = "protogate.registry.token";

/** An answer that says no, or none at all: then the status is 0. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {number} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? "",
  /** @param {string} value */
  set: (value) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
async function get(path, signal) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/vnd.schemaregistry.v1+json, application/json" };
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  const response = await send(new URL(path, ROOT), headers, signal);
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const message = typeof body?.message === "string" ? body.message : `the answer was ${response.status}, without JSON`;
  throw new ApiError(response.status, Number(body?.error_code) || response.status, message);
}

/**
 * @param {URL} url
 * @param {Record<string, string>} headers
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
async function send(url, headers, signal) {
  try {
    return await fetch(url, { headers, signal, cache: "no-store", credentials: "omit" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 0, `${url.origin} does not answer`);
  }
}

/** @type {(subject: string) => string} */
const below = (subject) => `subjects/${encodeURIComponent(subject.toWellFormed())}`;

/** @type {(deleted: boolean, signal?: AbortSignal) => Promise<string[]>} */
export const subjects = (deleted, signal) => get(`subjects?deleted=${deleted}`, signal);

/** @type {(subject: string, deleted: boolean, signal?: AbortSignal) => Promise<number[]>} */
export const versions = (subject, deleted, signal) => get(`${below(subject)}/versions?deleted=${deleted}`, signal);

/** @type {(subject: string, version: number, signal?: AbortSignal) => Promise<Version>} */
export const version = (subject, number, signal) => get(`${below(subject)}/versions/${number}?deleted=true`, signal);

/**
 * The compatibility level and the mode that count for a subject or, with "", for all that have none of their own.
 *
 * @param {string} subject
 * @param {AbortSignal} [signal]
 * @returns {Promise<{level: string, mode: string}>}
 */
export async function settings(subject, signal) {
  const name = subject && `/${encodeURIComponent(subject.toWellFormed())}?defaultToGlobal=true`;
  const [config, mode] = await Promise.all([get(`config${name}`, signal), get(`mode${name}`, signal)]);
  return { level: String(config.compatibilityLevel), mode: String(mode.mode) };
}

/**
 * @param {string} subject
 * @param {number} from
 * @param {number} to
 * @param {{profiles: readonly string[], mode: string}} choice
 * @param {AbortSignal} [signal]
 * @returns {Promise<Comparison>}
 */
export function comparison(subject, from, to, choice, signal) {
  const query = new URLSearchParams(choice.profiles.map((profile) => ["profile", profile]));
  if (choice.mode) query.set("mode", choice.mode);
  return get(`${below(subject)}/diff/${from}/${to}?${query}`, signal);
}
