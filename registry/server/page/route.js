/* What the part of the address after `#` means: a place of the page that can be linked to. */

/**
 * @typedef {{view: "home"}} HomeRoute
 * @typedef {{view: "subject", subject: string}} SubjectRoute
 * @typedef {{view: "version", subject: string, version: number}} VersionRoute
 * @typedef {{profiles: string[], mode: string, layout: string, finding: number}} DiffChoice
 * @typedef {{view: "diff", subject: string, from: number, to: number} & DiffChoice} DiffRoute
 * @typedef {{view: "unknown"}} UnknownRoute
 * @typedef {HomeRoute | SubjectRoute | VersionRoute | DiffRoute | UnknownRoute} Route
 */

const TAIL = /\/(?:versions\/(\d{1,9})|diff\/(\d{1,9})\/(\d{1,9}))$/;

/**
 * Slashes of a subject stay readable, except where they would be taken for a place below it.
 *
 * @param {string} subject
 * @returns {string}
 */
function subjectPath(subject) {
  const encoded = encodeURIComponent(subject.toWellFormed());
  const readable = encoded.replaceAll("%2F", "/");
  return `#/subjects/${TAIL.test(`/${readable}`) ? encoded : readable}`;
}

/** @type {(subject: string) => string} */
export const subjectLink = (subject) => subjectPath(subject);

/** @type {(subject: string, version: number) => string} */
export const versionLink = (subject, version) => `${subjectPath(subject)}/versions/${version}`;

/**
 * @param {string} subject
 * @param {number} from
 * @param {number} to
 * @param {Partial<DiffChoice>} [choice]
 * @returns {string}
 */
export function diffLink(subject, from, to, choice = {}) {
  const query = new URLSearchParams();
  for (const profile of choice.profiles ?? []) query.append("profile", profile);
  if (choice.mode) query.set("mode", choice.mode);
  if (choice.layout) query.set("layout", choice.layout);
  if (choice.finding) query.set("finding", String(choice.finding));
  const text = query.toString().replaceAll("%3A", ":");
  return `${subjectPath(subject)}/diff/${from}/${to}${text && `?${text}`}`;
}

/**
 * @param {string} hash
 * @returns {Route}
 */
export function parseRoute(hash) {
  const [path = "", query = ""] = cut(hash, "?");
  if (path === "" || path === "#" || path === "#/") return { view: "home" };
  if (!path.startsWith("#/subjects/")) return { view: "unknown" };
  const rest = path.slice("#/subjects/".length);
  const tail = TAIL.exec(rest);
  const subject = decoded(tail ? rest.slice(0, tail.index) : rest);
  if (!subject) return { view: "unknown" };
  if (!tail) return { view: "subject", subject };
  if (tail[1]) return { view: "version", subject, version: Number(tail[1]) };
  return { view: "diff", subject, from: Number(tail[2]), to: Number(tail[3]), ...parseChoice(query) };
}

/**
 * @param {string} text
 * @param {string} at
 * @returns {[string, string]}
 */
function cut(text, at) {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

/**
 * @param {string} text
 * @returns {string}
 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // a broken escape, typed by hand
  }
}

/**
 * @param {string} query
 * @returns {DiffChoice}
 */
function parseChoice(query) {
  const values = new URLSearchParams(query);
  return {
    profiles: values.getAll("profile"),
    mode: values.get("mode") ?? "",
    layout: values.get("layout") ?? "",
    finding: Number(values.get("finding")) || 0,
  };
}
