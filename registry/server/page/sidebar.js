/* The list of subjects, filtered as one types: some thousand names, of which only those in sight are elements. */

import * as api from "./api.js";
import { byId, counted, h } from "./dom.js";
import { subjectLink } from "./route.js";

/** Elements that are made at a time; scrolling makes more. */
const BATCH = 150;

/** @typedef {{name: string, folded: string, deleted: boolean}} Entry */

export class Sidebar {
  constructor() {
    this.filter = /** @type {HTMLInputElement} */ (byId("filter"));
    this.deleted = /** @type {HTMLInputElement} */ (byId("deleted"));
    this.list = byId("subjects");
    this.count = byId("count");
    /** @type {Entry[]} */
    this.entries = [];
    /** @type {Entry[]} */
    this.shown = [];
    this.current = "";
    this.end = h("li", { class: "end", "aria-hidden": "true" });
    this.watch = new IntersectionObserver((seen) => {
      if (seen.some((one) => one.isIntersecting)) this.more();
    });
    this.filter.addEventListener("input", () => this.refresh());
    this.list.addEventListener("keydown", (event) => this.move(event));
    this.filter.addEventListener("keydown", (event) => this.move(event));
  }

  /**
   * Ask the registry for its subjects.
   *
   * @param {AbortSignal} [signal]
   */
  async load(signal) {
    const [kept, all] = await Promise.all([
      api.subjects(false, signal),
      this.deleted.checked ? api.subjects(true, signal) : null,
    ]);
    const alive = new Set(kept);
    this.entries = (all ?? kept).map((name) => ({ name, folded: name.toLowerCase(), deleted: !alive.has(name) }));
    this.refresh();
  }

  clear() {
    this.entries = [];
    this.shown = [];
    this.list.replaceChildren();
    this.count.textContent = "";
  }

  /** Show the subjects that have every word of the filter in their names. */
  refresh() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.shown = this.entries.filter((entry) => words.every((word) => entry.folded.includes(word)));
    const all = counted(this.entries.length, "subject");
    this.count.textContent = words.length ? `${this.shown.length.toLocaleString("en")} of ${all}` : all;
    this.watch.disconnect();
    this.list.replaceChildren();
    this.list.scrollTop = 0;
    this.more();
  }

  more() {
    const made = this.list.querySelectorAll("a").length;
    const batch = this.shown.slice(made, made + BATCH).map((entry) => this.item(entry));
    this.end.remove();
    this.list.append(...batch);
    this.watch.unobserve(this.end);
    if (made + batch.length < this.shown.length) {
      this.list.append(this.end);
      this.watch.observe(this.end);
    }
  }

  /**
   * @param {Entry} entry
   * @returns {HTMLElement}
   */
  item({ name, deleted }) {
    const cut = name.lastIndexOf("/") + 1;
    return h(
      "li",
      {},
      h(
        "a",
        { href: subjectLink(name), "aria-current": name === this.current && "page", class: deleted && "is-deleted" },
        cut > 0 && h("span", { class: "folder" }, name.slice(0, cut)),
        h("span", { class: "leaf" }, name.slice(cut)),
        deleted && h("span", { class: "tag" }, "deleted"),
      ),
    );
  }

  /**
   * Mark the subject that the page shows.
   *
   * @param {string} subject
   */
  select(subject) {
    this.current = subject;
    const link = subjectLink(subject);
    for (const one of this.list.querySelectorAll("a")) {
      if (subject && one.getAttribute("href") === link) one.setAttribute("aria-current", "page");
      else one.removeAttribute("aria-current");
    }
  }

  /**
   * Arrow keys go from the filter into the list and through it.
   *
   * @param {KeyboardEvent} event
   */
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = [...this.list.querySelectorAll("a")];
    const at = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
    const target = at + step < 0 ? this.filter : links[at + step];
    if (at < 0 && step < 0) return;
    event.preventDefault();
    target?.focus();
  }
}
