/* The search page. What is asked stands in the address, so that a search can be kept, sent and gone back to. */

import { get, needsToken, problemBox, tokens } from "./api.js";
import { byId, counted, fill, h } from "./dom.js";

/**
 * @typedef {{q: string, category: string, offset: number}} Question
 * @typedef {{id: string, title: string, category: string, rank?: number | null, snippet: string}} Result
 */

const LIMIT = 20;
/** What the API skips at most. */
const FARTHEST = 10_000;
/** Milliseconds after the last key until the page asks by itself. */
const PAUSE = 200;

const main = byId("main");
const form = byId("search", HTMLFormElement);
const q = byId("q", HTMLInputElement);
const category = byId("category", HTMLInputElement);
const results = byId("results");
const askForToken = tokens(show);

let asked = new AbortController();
let timer = 0;

/** @returns {Question} */
function question() {
  const given = new URLSearchParams(location.search);
  const offset = Number(given.get("offset"));
  return {
    q: given.get("q") ?? "",
    category: given.get("category") ?? "",
    offset: Number.isSafeInteger(offset) && offset > 0 ? Math.min(offset, FARTHEST) : 0,
  };
}

/**
 * @param {Question} wanted
 * @returns {URLSearchParams}
 */
function query(wanted) {
  const made = new URLSearchParams();
  if (wanted.q) made.set("q", wanted.q.toWellFormed());
  if (wanted.category) made.set("category", wanted.category.toWellFormed());
  if (wanted.offset) made.set("offset", String(wanted.offset));
  return made;
}

/**
 * @param {Question} wanted
 * @returns {string}
 */
function address(wanted) {
  const made = query(wanted).toString();
  return made ? `?${made}` : location.pathname;
}

/** Ask what the address says, and show the answer. */
async function show() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const wanted = question();
  main.setAttribute("aria-busy", "true");
  try {
    const parameters = query(wanted);
    parameters.set("limit", String(LIMIT));
    const answer = await get(`/queries/search?${parameters}`, signal);
    render(wanted, answer.results, Number(answer.total_count));
  } catch (error) {
    if (signal.aborted) return;
    fail(error);
  }
  main.setAttribute("aria-busy", "false");
}

/**
 * @param {Question} wanted
 * @param {Result[]} found
 * @param {number} total
 */
function render(wanted, found, total) {
  const first = wanted.offset + 1;
  fill(byId("problem"));
  fill(byId("count"), told(wanted, found.length, total));
  fill(results, ...found.map((one) => h("li", {}, entry(one))));
  results.setAttribute("start", String(first));
  const hasMore = wanted.offset + found.length < total && wanted.offset < FARTHEST && found.length > 0;
  byId("pager").hidden = !wanted.offset && !hasMore;
  fill(byId("page"), found.length ? `${first.toLocaleString("en")} to ${(first + found.length - 1).toLocaleString("en")}` : "");
  lead("previous", wanted.offset > 0, { ...wanted, offset: Math.max(0, wanted.offset - LIMIT) });
  lead("next", hasMore, { ...wanted, offset: wanted.offset + LIMIT });
}

/**
 * @param {Question} wanted
 * @param {number} shown
 * @param {number} total
 * @returns {string}
 */
function told(wanted, shown, total) {
  if (shown) return wanted.q ? `${counted(total, "entry", "entries")} found` : counted(total, "entry", "entries");
  if (total) return `There are only ${counted(total, "entry", "entries")}; go back a page.`;
  if (wanted.q || wanted.category) return "Nothing was found. Try fewer words, or leave the category empty.";
  return "The index is empty. POST /commands/search/index puts the first entry into it.";
}

/** @param {Result} one */
function entry(one) {
  return [
    h("h2", {}, h("bdi", {}, one.title || "(no title)")),
    h("p", { class: "facts" }, one.category && [categoryLink(one.category), " "], h("code", {}, h("bdi", {}, one.id))),
    one.snippet && h("p", { class: "snippet" }, ...marked(one.snippet)),
  ];
}

/** @param {string} name */
function categoryLink(name) {
  const wanted = { ...question(), category: name, offset: 0 };
  return h("a", { class: "tag", href: address(wanted), click: follow, "aria-label": `Only ${name}` }, name);
}

/**
 * The words of a snippet, those between `[` and `]` marked.
 *
 * @param {string} snippet
 */
function marked(snippet) {
  return snippet.split(/(\[[^[\]]*\])/).map((part, place) => (place % 2 ? h("mark", {}, part.slice(1, -1)) : part));
}

/**
 * @param {string} id
 * @param {boolean} leads
 * @param {Question} wanted
 */
function lead(id, leads, wanted) {
  const link = byId(id, HTMLAnchorElement);
  if (leads) link.href = address(wanted);
  else link.removeAttribute("href");
  link.toggleAttribute("aria-disabled", false);
  if (!leads) link.setAttribute("aria-disabled", "true");
}

/** @param {unknown} error */
function fail(error) {
  fill(byId("count"));
  fill(results);
  byId("pager").hidden = true;
  fill(byId("problem"), needsToken(error) ? null : problemBox(error));
  if (needsToken(error)) askForToken();
}

/** @param {MouseEvent} event */
function follow(event) {
  const link = event.currentTarget;
  if (!(link instanceof HTMLAnchorElement) || !link.href || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  take();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** Show what the address says in the fields too. */
function take() {
  const wanted = question();
  q.value = wanted.q;
  category.value = wanted.category;
  void show();
}

/** @param {boolean} keepsAddress whether the search before must be found again by going back */
function submit(keepsAddress) {
  clearTimeout(timer);
  const url = address({ q: q.value.trim(), category: category.value.trim(), offset: 0 });
  if (keepsAddress) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  void show();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(true);
});
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => submit(false), PAUSE);
});
for (const id of ["previous", "next"]) byId(id).addEventListener("click", follow);
addEventListener("popstate", take);
take();
