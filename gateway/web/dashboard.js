/* The dashboard: asks for slices and parity again and again, and hears events as they happen. */

import { get, needsToken, problemBox, tokens } from "./api.js";
import { byId, counted, fill, h } from "./dom.js";
import { EventStream } from "./events.js";

/**
 * @typedef {{name: string, phase: string, backend: string, frontend: string, status: string,
 *   missing_required: string[], command_count: number, query_count: number, smoke_check_count: number}} Slice
 * @typedef {{at_us: number, request: string, legacy: string, slice: string}} Example
 * @typedef {{path: string, kind: string, count: number, examples: Example[]}} Field
 * @typedef {{route: string, compared: number, matched: number, ratio: number | null,
 *   skipped: Record<string, number>, fields: Field[]}} Route
 * @typedef {{name: string, phase: string, percent: number | null, compared: number, matched: number,
 *   ratio: number | null, ready: boolean, routes: Route[]}} Parity
 * @typedef {{position: number, timestamp: string, type: string, place: string, version: number, payload: string}} Row
 * @typedef {{threshold: number, comparisons: number, lost: number, slices: Parity[]}} Book
 */

/** Milliseconds between two looks. */
const EVERY = 5000;
/** Events that are shown at most. */
const SHOWN = 200;
/** Characters of an event that are shown. */
const LONGEST = 600;
/** Events of the past that are shown at first. */
const PAST = 50;
/** What phases mean. */
const PHASES = /** @type {Record<string, string>} */ ({
  planned: "the legacy application answers",
  "phase-1": "the legacy application answers, the slice runs beside it",
  "phase-2": "the slice answers a share of callers",
  live: "the slice answers",
});

const main = byId("main");
const pause = byId("pause", HTMLButtonElement);
const askForToken = tokens(begin);

/** @type {Map<string, Parity>} */
let parities = new Map();
/** What a section shows, so that nothing is touched while it stays the same. @type {Map<string, string>} */
const drawn = new Map();
/** Events that are still to be shown. @type {Row[]} */
let heard = [];
let isDrawing = false;
let isPaused = false;
let start = "";
let timer = 0;
let asked = new AbortController();

const stream = new EventStream(
  (last) => (last || !start ? "/events/stream" : `/events/stream?after=${start}`),
  hear,
  streamChanged,
);

/** Ask for everything, from now on. */
async function begin() {
  await look();
  if (!start) await findStart();
  stream.start();
}

/** The stream begins a little before now. */
async function findStart() {
  try {
    const { position } = await get("/health");
    if (Number.isSafeInteger(position)) start = String(Math.max(0, position - PAST));
  } catch {
    // Then it begins with the first event, which is slower and as true.
  }
}

/** Ask for slices and parity, and again after a while. */
async function look() {
  clearTimeout(timer);
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  // Parity first: cards of slices show some of it.
  await section("parity", "/delegation/parity?examples=1", showParity, signal);
  await section("slices", "/delegation/slices", showSlices, signal);
  if (signal.aborted) return;
  main.setAttribute("aria-busy", "false");
  if (!document.hidden) timer = setTimeout(look, EVERY);
}

/** Look when there is no more news for a moment. */
function lookSoon() {
  clearTimeout(timer);
  timer = setTimeout(look, 100);
}

/**
 * Ask for what one section shows.
 *
 * @param {string} name
 * @param {string} path
 * @param {(document: any) => void} show
 * @param {AbortSignal} signal
 */
async function section(name, path, show, signal) {
  const problem = byId(`${name}-problem`);
  try {
    const found = await get(path, signal);
    fill(problem);
    show(found);
  } catch (error) {
    if (signal.aborted) return;
    if (needsToken(error)) askForToken();
    const box = needsToken(error) ? null : problemBox(error);
    // An alert that says the same again would be read out again.
    if (problem.textContent !== (box?.textContent ?? "")) fill(problem, box);
  }
}

/**
 * Draw a section anew when what it is made of has changed; open examples and the focus stay otherwise.
 *
 * @param {string} id
 * @param {unknown} value
 * @param {() => Node[]} made
 */
function draw(id, value, made) {
  const text = JSON.stringify(value);
  if (drawn.get(id) === text) return;
  drawn.set(id, text);
  const place = byId(id);
  const open = new Set([...place.querySelectorAll("details[open]")].map((one) => one.getAttribute("data-key")));
  fill(place, ...made());
  for (const one of place.querySelectorAll("details")) one.open = open.has(one.getAttribute("data-key"));
}

/** @param {Slice[]} slices */
function showSlices(slices) {
  const degraded = slices.filter((one) => one.status !== "ok").length;
  const sum = !slices.length
    ? "There are no slices."
    : degraded
      ? `${degraded} of ${counted(slices.length, "slice")} degraded`
      : `${counted(slices.length, "slice")}, all with what they need`;
  if (byId("summary").textContent !== sum) fill(byId("summary"), sum);
  draw("slices", [slices, [...parities]], () => slices.map(sliceCard));
}

/** @param {Slice} one */
function sliceCard(one) {
  const parity = parities.get(one.name);
  const share = one.phase === "phase-2" && parity?.percent ? ` · ${parity.percent}%` : "";
  const isOk = one.status === "ok";
  return h(
    "li",
    { class: "slice", "data-slice": one.name },
    h(
      "div",
      { class: "head" },
      h("h3", {}, h("bdi", {}, one.name)),
      h("span", { class: `badge phase is-${PHASES[one.phase] ? one.phase : "other"}` }, one.phase, share),
      h("span", { class: `badge status ${isOk ? "is-good" : "is-bad"}` }, one.status),
    ),
    h("p", { class: "hint" }, PHASES[one.phase] ?? "a phase that this page does not know"),
    !isOk && h("ul", { class: "missing", "aria-label": "What is missing" }, one.missing_required.map(missing)),
    h(
      "dl",
      { class: "facts" },
      fact("backend", one.backend),
      fact("frontend", one.frontend),
      fact("commands", one.command_count),
      fact("queries", one.query_count),
      fact("smoke checks", one.smoke_check_count),
      parity && fact("parity", parity.ratio === null ? "none yet" : `${share100(parity.ratio)} of ${parity.compared.toLocaleString("en")}`),
    ),
  );
}

/** @param {string} what */
const missing = (what) => h("li", {}, "missing: ", h("code", {}, what));

/**
 * @param {string} name
 * @param {string | number} value
 */
const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

/**
 * A share that is only 100% when nothing differs.
 *
 * @param {number} ratio
 */
function share100(ratio) {
  if (ratio === 1) return "100%";
  return `${(Math.floor(ratio * 10_000) / 100).toFixed(2)}%`;
}

/** @param {Book} book */
function showParity(book) {
  parities = new Map(book.slices.map((one) => [one.name, one]));
  const lost = book.lost ? ` ${counted(book.lost, "comparison")} could not be kept.` : "";
  const bar = `A slice is cut over when ${share100(book.threshold)} of at least ${counted(book.comparisons, "answer")} agree with the legacy application.${lost}`;
  if (byId("bar").textContent !== bar) fill(byId("bar"), bar);
  const seen = book.slices.filter((one) => one.routes.length);
  draw("parity", seen, () =>
    seen.length ? seen.map(parityOf) : [h("p", { class: "empty" }, "Nothing has been compared. That begins when a slice is in phase-1.")],
  );
}

/** @param {Parity} one */
function parityOf(one) {
  const isLive = one.phase === "live";
  const verdict = isLive ? "cut over" : one.ready ? "ready to be cut over" : "not ready to be cut over";
  return h(
    "div",
    { class: "parity", "data-slice": one.name },
    h(
      "div",
      { class: "head" },
      h("h3", {}, h("bdi", {}, one.name)),
      h("span", { class: `badge ${isLive || one.ready ? "is-good" : "is-bad"}` }, verdict),
    ),
    h(
      "div",
      { class: "scroller", tabindex: "0", role: "region", "aria-label": `Answers of ${one.name}` },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...["Route", "Compared", "Same", "Share"].map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, one.routes.map((route) => routeRow(route))),
      ),
    ),
    one.routes.filter((route) => route.fields.length).map((route) => mismatches(one.name, route)),
  );
}

/** @param {Route} route */
function routeRow(route) {
  const skipped = Object.entries(route.skipped).map(([reason, count]) => `${count.toLocaleString("en")} not compared: ${reason}`);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("code", {}, route.route), skipped.map((text) => h("span", { class: "hint" }, text))),
    h("td", {}, route.compared),
    h("td", {}, route.matched),
    h("td", {}, route.ratio === null ? "–" : share100(route.ratio)),
  );
}

/**
 * @param {string} slice
 * @param {Route} route
 */
function mismatches(slice, route) {
  return h(
    "details",
    { "data-key": `${slice} ${route.route}` },
    h("summary", {}, `${counted(route.fields.length, "difference")} in `, h("code", {}, route.route)),
    h(
      "ul",
      { class: "fields" },
      route.fields.map((field) =>
        h(
          "li",
          {},
          h("p", {}, h("code", {}, field.path || "(the whole answer)"), `: ${field.kind}, ${counted(field.count, "time")}`),
          field.examples.map((one) =>
            h(
              "dl",
              { class: "example" },
              fact("request", one.request),
              fact("legacy", one.legacy),
              fact("slice", one.slice),
              h("div", {}, h("dt", {}, "seen"), h("dd", {}, time(one.at_us / 1000))),
            ),
          ),
        ),
      ),
    ),
  );
}

/**
 * @param {number | string} at milliseconds or a date of ISO 8601
 */
function time(at) {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return h("span", {}, String(at));
  return h("time", { datetime: when.toISOString(), title: when.toISOString() }, when.toLocaleTimeString("en-GB"));
}

/** @param {import("./events.js").Message} message */
function hear(message) {
  let event;
  try {
    event = JSON.parse(message.data);
  } catch {
    return;
  }
  heard.push(rowOf(event));
  // Nobody sees more; the stream may bring thousands at once.
  if (heard.length > 2 * SHOWN) heard = heard.slice(-SHOWN);
  if (event?.category === "delegation") lookSoon();
  drawEvents();
}

/** Show what was heard, once a frame. */
function drawEvents() {
  if (isDrawing || isPaused) return tellState();
  isDrawing = true;
  setTimeout(() => {
    isDrawing = false;
    if (isPaused) return;
    const list = byId("events");
    const fresh = heard.slice(-SHOWN).reverse().map(eventRow);
    heard = [];
    list.prepend(...fresh);
    while (list.children.length > SHOWN) list.lastElementChild?.remove();
    byId("no-events").hidden = list.children.length > 0;
  }, 50);
}

/**
 * What is shown of an event; the rest of a long one is not kept.
 *
 * @param {any} event
 * @returns {Row}
 */
function rowOf(event) {
  const payload = JSON.stringify(event?.payload ?? null);
  return {
    position: Number(event?.position) || 0,
    timestamp: String(event?.timestamp ?? ""),
    type: String(event?.event_type ?? "?"),
    place: `${event?.category ?? ""}/${event?.aggregate_id ?? ""}`,
    version: Number(event?.version) || 0,
    payload: payload.length > LONGEST ? `${payload.slice(0, LONGEST).toWellFormed()}…` : payload,
  };
}

/** @param {Row} row */
function eventRow(row) {
  return h(
    "li",
    { value: row.position },
    h("span", { class: "position" }, `#${row.position}`),
    time(row.timestamp),
    h("strong", {}, h("bdi", {}, row.type)),
    h("code", {}, h("bdi", {}, row.place), ` v${row.version}`),
    h("code", { class: "payload" }, row.payload),
  );
}

let said = "connecting";

/** @param {import("./events.js").State} state */
function streamChanged(state) {
  if (state.kind === "live") said = "connected";
  else if (state.kind === "waiting") said = `no connection; next try in ${Math.ceil(state.seconds)} s`;
  else {
    said = state.error instanceof Error ? `refused: ${state.error.message}` : "refused";
    if (needsToken(state.error)) askForToken();
  }
  byId("stream").dataset.state = state.kind;
  byId("no-events").hidden = state.kind !== "live" || byId("events").children.length > 0 || heard.length > 0;
  tellState();
}

function tellState() {
  const text = isPaused ? `paused; ${counted(Math.min(heard.length, SHOWN), "event")} to show` : said;
  if (byId("stream").textContent !== text) fill(byId("stream"), text);
}

pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.setAttribute("aria-pressed", String(isPaused));
  tellState();
  if (!isPaused) drawEvents();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else void look();
});
addEventListener("online", () => stream.start());
addEventListener("pagehide", () => stream.stop());
addEventListener("pageshow", (event) => {
  if (event.persisted) stream.start();
});
void begin();
