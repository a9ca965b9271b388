/* The page: follows the address, asks the registry, shows what it says or why it cannot. */

import { ApiError, settings, token } from "./api.js";
import { compareView, showFinding } from "./compare.js";
import { byId, h } from "./dom.js";
import { parseRoute } from "./route.js";
import { Sidebar } from "./sidebar.js";
import { subjectHead, subjectView, versionView } from "./subject.js";

/** @typedef {import("./route.js").Route} Route */

const NAME = "Protogate registry";

const main = byId("main");
const forget = byId("forget");
const sidebar = new Sidebar();

/** @type {Route | null} */
let shown = null;
let running = new AbortController();
/** Settled when the list of subjects was asked for. @type {Promise<void> | null} */
let listed = null;

/** Show the place that the address names. */
async function follow() {
  const place = location.hash;
  const route = parseRoute(place);
  const before = shown;
  if (onlyFindingDiffers(before, route)) {
    shown = route;
    main.dataset.place = place;
    if (route.view === "diff") showFinding(route.finding);
    return;
  }
  running.abort();
  running = new AbortController();
  const { signal } = running;
  main.setAttribute("aria-busy", "true");
  let view;
  try {
    view = await viewOf(route, signal);
  } catch (error) {
    if (signal.aborted) return;
    view = failure(error, route);
  }
  if (signal.aborted) return;
  show(route, before, view);
  main.dataset.place = place;
}

/**
 * @param {Route} route
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement[]>}
 */
async function viewOf(route, signal) {
  // The home view is the list: it is never older than the look at it.
  if (route.view === "home" || !listed) listed = sidebar.load();
  const list = listed;
  const [view] = await Promise.all([
    contentOf(route, signal),
    list.catch((error) => {
      listed = null;
      throw error;
    }),
  ]);
  return view;
}

/**
 * @param {Route} route
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement[]>}
 */
async function contentOf(route, signal) {
  switch (route.view) {
    case "home":
      return homeView(signal);
    case "subject":
      return subjectView(route.subject, signal);
    case "version":
      return versionView(route.subject, route.version, signal);
    case "diff":
      return compareView(route, signal);
    case "unknown":
      return message("There is no such place", "The address names nothing on this page.", homeLink());
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement[]>}
 */
async function homeView(signal) {
  const [{ level, mode }] = await Promise.all([settings("", signal), listed]);
  const count = sidebar.entries.length;
  if (!count) {
    return message(
      "No subjects yet",
      "A subject appears here when its first version is registered:",
      h("pre", { class: "command" }, h("code", {}, "protogate registry register")),
    );
  }
  return [
    h("header", { class: "head" }, h("h1", { tabindex: -1 }, "Registry")),
    h(
      "dl",
      { class: "facts" },
      h("div", {}, h("dt", {}, "Subjects"), h("dd", {}, count.toLocaleString("en"))),
      h("div", {}, h("dt", {}, "Compatibility"), h("dd", {}, level)),
      h("div", {}, h("dt", {}, "Mode"), h("dd", {}, mode)),
    ),
    h("p", { class: "lead" }, "Choose a subject to see its versions and what changed between any two of them."),
  ];
}

/**
 * @param {Route} route
 * @param {Route | null} before
 * @param {HTMLElement[]} view
 */
function show(route, before, view) {
  shown = route;
  const focused = document.activeElement;
  const control = focused?.closest("#choices") ? focused.id : "";
  main.replaceChildren(...view);
  main.setAttribute("aria-busy", "false");
  document.body.dataset.view = route.view;
  forget.hidden = !token.get();
  const subject = "subject" in route ? route.subject : "";
  sidebar.select(subject);
  const title = main.querySelector("h1")?.textContent ?? "";
  document.title = `${title} · ${NAME}`;
  settle(route, before, control);
}

/**
 * Where the focus goes: to the token that is asked for, to the finding of a link, back to the control that was
 * changed, or to the new headline.
 *
 * @param {Route} route
 * @param {Route | null} before
 * @param {string} control
 */
function settle(route, before, control) {
  const field = document.getElementById("token");
  if (field) return field.focus();
  if (route.view === "diff" && route.finding) return showFinding(route.finding);
  if (control) {
    byId("announce").textContent = main.querySelector("#verdict")?.textContent ?? "";
    return document.getElementById(control)?.focus({ preventScroll: true });
  }
  if (!before) return; // the page was just opened: nothing is to be moved away from
  window.scrollTo(0, 0);
  main.querySelector("h1")?.focus({ preventScroll: true });
}

/**
 * @param {Route | null} before
 * @param {Route} route
 * @returns {boolean}
 */
function onlyFindingDiffers(before, route) {
  if (before?.view !== "diff" || route.view !== "diff" || !route.finding) return false;
  const same = (/** @type {import("./route.js").DiffRoute} */ one) => JSON.stringify({ ...one, finding: 0 });
  return same(before) === same(route) && main.querySelector(".diff") !== null;
}

/**
 * What to show when there is nothing to show.
 *
 * @param {unknown} error
 * @param {Route} route
 * @returns {HTMLElement[]}
 */
function failure(error, route) {
  if (!(error instanceof ApiError)) {
    console.error(error);
    return message("This page has a defect", `It cannot show the answer of the registry: ${error}`, homeLink());
  }
  if (error.status === 401) {
    sidebar.clear();
    return tokenForm(token.get() ? "The registry does not accept this token." : "");
  }
  if (error.status === 0) {
    const text = `${error.message}. It may be starting, or the network is gone.`;
    return message("The registry does not answer", text, retry());
  }
  const head = "subject" in route ? [subjectHead(route.subject, "not shown")] : [];
  const title = error.status === 404 ? "Not found" : "The registry cannot answer this";
  const text = `${error.message} (${error.code})`;
  return [...head, ...message(title, text, [retry(), homeLink()], head.length ? "h2" : "h1")];
}

/**
 * @param {string} title
 * @param {string} text
 * @param {import("./dom.js").Child} below
 * @param {"h1" | "h2"} [level]
 * @returns {HTMLElement[]}
 */
function message(title, text, below, level = "h1") {
  return [
    h(
      "section",
      { class: "panel", role: level === "h2" ? "alert" : null },
      h(level, level === "h1" ? { tabindex: -1 } : {}, title),
      h("p", {}, text),
      h("div", { class: "actions" }, below),
    ),
  ];
}

/** @returns {HTMLElement} */
function homeLink() {
  return h("a", { class: "button", href: "#/" }, "All subjects");
}

/** @returns {HTMLElement} */
function retry() {
  return h("button", { type: "button", class: "primary", click: () => restart() }, "Try again");
}

/**
 * @param {string} problem
 * @returns {HTMLElement[]}
 */
function tokenForm(problem) {
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    token.set(/** @type {HTMLInputElement} */ (byId("token")).value.trim());
    restart();
  };
  return message(
    "This registry asks for a token",
    "It is kept in this tab only, until the tab is closed.",
    h(
      "form",
      { class: "token", submit },
      h("label", { for: "token" }, "Token"),
      h("input", {
        id: "token",
        type: "password",
        autocomplete: "off",
        required: true,
        "aria-describedby": "token-problem",
        "aria-invalid": problem ? "true" : null,
      }),
      h("button", { type: "submit", class: "primary" }, "Open"),
      h("p", { id: "token-problem", class: "problem", role: "alert" }, problem),
    ),
  );
}

/** Ask for everything anew. */
function restart() {
  listed = null;
  void follow();
}

forget.addEventListener("click", () => {
  token.forget();
  restart();
});
byId("deleted").addEventListener("change", async () => {
  listed = sidebar.load();
  await listed.then(() => sidebar.select(shown && "subject" in shown ? shown.subject : ""), restart);
});
byId("skip").addEventListener("click", (event) => {
  // The address belongs to the places of the page, so the link moves the focus only.
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", () => void follow());
void follow();
