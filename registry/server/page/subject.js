/* One subject: its settings, its versions, and the text of one of them. */

import * as api from "./api.js";
import { counted, h } from "./dom.js";
import { paint, splitLines } from "./proto.js";
import { diffLink, subjectLink, versionLink } from "./route.js";
import { sourceBlock } from "./source.js";

/** Versions whose facts are asked for at a time: each is a request. */
const BATCH = 25;

/** @typedef {{number: number, deleted: boolean}} Entry */

/**
 * The head of every view of a subject: where one is, and what it is called.
 *
 * @param {string} subject
 * @param {string} [place]
 * @returns {HTMLElement}
 */
export function subjectHead(subject, place = "") {
  return h(
    "header",
    { class: "head" },
    h(
      "p",
      { class: "crumbs" },
      h("a", { href: "#/", class: "back" }, "Subjects"),
      place && [h("span", { "aria-hidden": "true" }, "/"), h("a", { href: subjectLink(subject) }, "Versions")],
    ),
    h("h1", { tabindex: -1 }, h("span", { class: "name" }, subject), place && h("small", {}, ` ${place}`)),
  );
}

/**
 * Every version of a subject, newest first.
 *
 * @param {string} subject
 * @param {AbortSignal} signal
 * @returns {Promise<Entry[]>}
 */
export async function entriesOf(subject, signal) {
  const all = await api.versions(subject, true, signal);
  const kept = new Set(await api.versions(subject, false, signal).catch(noneKept));
  return all.map((number) => ({ number, deleted: !kept.has(number) })).sort((one, two) => two.number - one.number);
}

/**
 * A subject of which all is deleted is not found without `deleted=true`.
 *
 * @param {unknown} error
 * @returns {number[]}
 */
function noneKept(error) {
  if (error instanceof api.ApiError && error.status === 404) return [];
  throw error;
}

/**
 * @param {string} subject
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement[]>}
 */
export async function subjectView(subject, signal) {
  const [entries, settings] = await Promise.all([entriesOf(subject, signal), api.settings(subject, signal)]);
  const table = h("tbody");
  const more = h("button", { type: "button", class: "quiet more" });
  let made = 0;
  const grow = async () => {
    const batch = entries.slice(made, made + BATCH);
    const facts = await Promise.all(batch.map((one) => api.version(subject, one.number, signal)));
    table.append(...batch.map((_, index) => versionRow(subject, entries, made + index, facts[index])));
    made += batch.length;
    more.hidden = made >= entries.length;
    more.textContent = `Show ${counted(Math.min(BATCH, entries.length - made), "older version")}`;
  };
  await grow();
  more.addEventListener("click", async () => {
    more.setAttribute("disabled", "");
    await grow().catch((error) => (more.textContent = `${error.message}; try again`));
    more.removeAttribute("disabled");
  });
  const kept = entries.filter((one) => !one.deleted).length;
  return [
    subjectHead(subject),
    h(
      "dl",
      { class: "facts" },
      fact("Versions", String(kept), kept < entries.length && `${entries.length - kept} deleted`),
      fact("Compatibility", settings.level),
      fact("Mode", settings.mode),
    ),
    compareForm(subject, entries, table, more),
  ];
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string | false} [note]
 * @returns {HTMLElement}
 */
function fact(name, value, note = false) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value, note && h("span", { class: "note" }, ` ${note}`)));
}

/**
 * The table of versions is a form: two of them are chosen and compared.
 *
 * @param {string} subject
 * @param {Entry[]} entries
 * @param {HTMLElement} table
 * @param {HTMLElement} more
 * @returns {HTMLElement}
 */
function compareForm(subject, entries, table, more) {
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const chosen = new FormData(/** @type {HTMLFormElement} */ (event.target));
    location.hash = diffLink(subject, Number(chosen.get("from")), Number(chosen.get("to")));
  };
  const dated = table.querySelector("time") !== null;
  const names = ["Version", "Id", ...(dated ? ["Registered"] : []), "References", "Changes"];
  const columns = names.map((name) => h("th", { scope: "col" }, name));
  const pick = h("th", { scope: "colgroup", colspan: 2 }, "Compare");
  return h(
    "form",
    { submit },
    h(
      "div",
      { class: "scroller", role: "region", "aria-label": "Versions", tabindex: 0 },
      h("table", { class: "versions" }, h("thead", {}, h("tr", {}, pick, columns)), table),
    ),
    h(
      "div",
      { class: "actions" },
      entries.length > 1 && h("button", { type: "submit", class: "primary" }, "Compare the two versions"),
      more,
    ),
  );
}

/**
 * @param {string} subject
 * @param {Entry[]} entries
 * @param {number} index
 * @param {import("./api.js").Version | undefined} facts
 * @returns {HTMLElement}
 */
function versionRow(subject, entries, index, facts) {
  const { number, deleted } = /** @type {Entry} */ (entries[index]);
  const before = entries[index + 1];
  const [newest = entries[0], second = entries[1] ?? newest] = entries.filter((one) => !one.deleted);
  return h(
    "tr",
    { class: deleted && "is-deleted" },
    h("td", { class: "pick" }, choice("from", number, second?.number === number)),
    h("td", { class: "pick" }, choice("to", number, newest?.number === number)),
    h(
      "th",
      { scope: "row" },
      h("a", { href: versionLink(subject, number) }, `Version ${number}`),
      newest?.number === number && !deleted && h("span", { class: "tag good" }, "latest"),
      deleted && h("span", { class: "tag" }, "deleted"),
    ),
    h("td", { class: "number" }, facts?.id ?? ""),
    facts?.ts !== undefined && h("td", {}, moment(facts.ts)),
    h("td", {}, references(facts?.references ?? [])),
    h("td", {}, before ? h("a", { href: diffLink(subject, before.number, number) }, `from ${before.number}`) : "first"),
  );
}

/**
 * @param {"from" | "to"} name
 * @param {number} number
 * @param {boolean} checked
 * @returns {HTMLElement}
 */
function choice(name, number, checked) {
  const label = name === "from" ? `Compare from version ${number}` : `Compare to version ${number}`;
  return h("input", { type: "radio", name, value: number, checked, "aria-label": label, title: label });
}

/**
 * @param {number} ts Milliseconds.
 * @returns {HTMLElement}
 */
function moment(ts) {
  const when = new Date(ts);
  const text = when.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  return h("time", { datetime: when.toISOString(), title: when.toISOString() }, text);
}

/**
 * @param {import("./api.js").Reference[]} list
 * @returns {Node | string}
 */
function references(list) {
  if (!list.length) return "none";
  const items = list.map((one) =>
    h("li", {}, h("a", { href: versionLink(one.subject, one.version) }, one.name), ` version ${one.version}`),
  );
  return h("ul", { class: "plain" }, items);
}

/**
 * The text of a version.
 *
 * @param {string} subject
 * @param {number} number
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement[]>}
 */
export async function versionView(subject, number, signal) {
  const [facts, entries] = await Promise.all([api.version(subject, number, signal), entriesOf(subject, signal)]);
  const at = entries.findIndex((one) => one.number === number);
  const [newer, older] = [entries[at - 1], entries[at + 1]];
  const lines = splitLines(facts.schema);
  return [
    subjectHead(subject, `version ${number}`),
    h(
      "dl",
      { class: "facts" },
      fact("Id", String(facts.id)),
      facts.ts !== undefined && h("div", {}, h("dt", {}, "Registered"), h("dd", {}, moment(facts.ts))),
      entries[at]?.deleted && fact("State", "deleted"),
      fact("Lines", lines.length.toLocaleString("en")),
      h("div", {}, h("dt", {}, "References"), h("dd", {}, references(facts.references ?? []))),
    ),
    h(
      "div",
      { class: "actions" },
      older && h("a", { class: "button", href: versionLink(subject, older.number) }, `← Version ${older.number}`),
      newer && h("a", { class: "button", href: versionLink(subject, newer.number) }, `Version ${newer.number} →`),
      older &&
        h("a", { class: "button", href: diffLink(subject, older.number, number) }, `Changes from ${older.number}`),
      copyButton(facts.schema),
    ),
    sourceBlock(paint(lines), `Text of version ${number}`),
  ];
}

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
function copyButton(text) {
  const label = "Copy the text";
  const copy = async (/** @type {Event} */ event) => {
    const button = /** @type {HTMLElement} */ (event.target);
    button.textContent = await navigator.clipboard.writeText(text).then(
      () => "Copied",
      () => "The browser does not allow it",
    );
    setTimeout(() => (button.textContent = label), 2000);
  };
  return h("button", { type: "button", class: "button", click: copy }, label);
}
