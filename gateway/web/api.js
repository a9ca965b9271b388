/* The API of the gateway, as far as the pages read it: JSON, problem documents, and tokens. */

import { byId, fill, h } from "./dom.js";

/** Kept for this tab only. */
const TOKEN = "protogate.gateway.token";

/** An answer that says no, or none at all: then the status is 0. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} title
   * @param {string} detail
   */
  constructor(status, title, detail) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

/**
 * Ask for a JSON document.
 *
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function get(path, signal) {
  const response = await ask(path, { Accept: "application/json" }, signal);
  const document = await response.json().catch(() => null);
  if (document !== null) return document;
  throw new ApiError(response.status, "The answer cannot be read", "It should be JSON, and is not.");
}

/**
 * Ask for something; an answer that says no is an error.
 *
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export async function ask(path, headers, signal) {
  const token = sessionStorage.getItem(TOKEN);
  const all = token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
  const response = await fetch(path, { headers: all, signal, cache: "no-store", credentials: "omit" }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "The gateway does not answer", "It may be starting, or the connection is gone.");
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  const title = typeof problem?.title === "string" ? problem.title : `The answer was ${response.status}`;
  throw new ApiError(response.status, title, said(problem));
}

/**
 * What a problem document says, its mistakes one by one.
 *
 * @param {any} problem
 * @returns {string}
 */
function said(problem) {
  const errors = Array.isArray(problem?.errors) ? problem.errors : [];
  const lines = errors.map((/** @type {any} */ one) => {
    const place = one?.parameter ?? one?.pointer;
    return place ? `${place}: ${one?.detail}` : String(one?.detail);
  });
  if (lines.length) return lines.join("; ");
  return typeof problem?.detail === "string" ? problem.detail : "";
}

/**
 * Say what went wrong, in the place where the result would stand.
 *
 * @param {unknown} error
 * @returns {HTMLElement}
 */
export function problemBox(error) {
  const [title, detail] =
    error instanceof ApiError ? [error.title, error.detail] : ["The page has failed", String(error)];
  return h("div", { class: "problem" }, h("strong", {}, title), detail && detail !== title && h("p", {}, detail));
}

/**
 * Whether a token, or another one, would help.
 *
 * @param {unknown} error
 * @returns {boolean}
 */
export const needsToken = (error) => error instanceof ApiError && error.status === 401;

/**
 * Let people give a token where the gateway asks for one, and forget it.
 *
 * @param {() => void} retry called with the new token in place
 * @returns {() => void} shows the form
 */
export function tokens(retry) {
  const form = byId("token-form", HTMLFormElement);
  const field = byId("token", HTMLInputElement);
  const forget = byId("forget", HTMLButtonElement);
  forget.hidden = !sessionStorage.getItem(TOKEN);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = field.value.trim();
    // What no header can carry is no token.
    if (!/^[\x21-\x7e]+$/.test(value)) return refuse("A token has no spaces, and letters of ASCII only.");
    sessionStorage.setItem(TOKEN, value);
    field.value = "";
    form.hidden = true;
    forget.hidden = false;
    retry();
  });
  forget.addEventListener("click", () => {
    sessionStorage.removeItem(TOKEN);
    location.reload();
  });

  /** @param {string} reason */
  function refuse(reason) {
    fill(byId("token-problem"), reason);
    field.focus();
  }

  return () => {
    if (!form.hidden) return;
    const was = sessionStorage.getItem(TOKEN);
    sessionStorage.removeItem(TOKEN);
    forget.hidden = true;
    form.hidden = false;
    refuse(was ? "The gateway does not accept this token." : "");
  };
}
