/* Elements from values: every text becomes a text node, so nothing that a repository says is ever markup. */

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Property */
/** @typedef {Node | string | number | false | null | undefined | Child[]} Child */

const SVG = "http://www.w3.org/2000/svg";

/** What page_data.py made; texts of rows are places in its list of words. @type {any} */
const DATA = JSON.parse(byId("data").textContent || "{}");

/**
 * The element of this id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`there is no #${id}`);
  return found;
}

/**
 * Make an element; a function is a listener, `true` an empty attribute, and what is absent is left out.
 *
 * @param {string} tag
 * @param {Record<string, Property>} [properties]
 * @param {Child[]} children
 * @returns {HTMLElement}
 */
function h(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/**
 * Make an element of a picture.
 *
 * @param {string} tag
 * @param {Record<string, Property>} [properties]
 * @param {Child[]} children
 * @returns {SVGElement}
 */
function s(tag, properties = {}, ...children) {
  return filled(/** @type {SVGElement} */ (document.createElementNS(SVG, tag)), properties, children);
}

/**
 * @template {Element} T
 * @param {T} element
 * @param {Record<string, Property>} properties
 * @param {Child[]} children
 * @returns {T}
 */
function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

/**
 * @param {ParentNode} parent
 * @param {Child[]} children
 */
function add(parent, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(parent, child);
    else if (child !== undefined && child !== null && child !== false)
      parent.append(typeof child === "number" ? String(child) : child);
  }
}

/**
 * A name that may be broken after its separators.
 *
 * @param {string} text
 * @returns {Child[]}
 */
function soft(text) {
  return text.split(/(?<=[./:_])/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));
}

/**
 * A text of the list of words.
 *
 * @param {number} place
 * @returns {string}
 */
function word(place) {
  return DATA.words[place] ?? "";
}

/**
 * A figure as people read it: `24,086`, `71.3`.
 *
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
function shown(value, digits = 0) {
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

/**
 * A count with its noun.
 *
 * @param {number} count
 * @param {string} noun
 * @returns {string}
 */
function counted(count, noun) {
  const many = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${shown(count)} ${count === 1 ? noun : many}`;
}

/**
 * A text that begins as sentences do.
 *
 * @param {string} text
 * @returns {string}
 */
function sentence(text) {
  return text && `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}

/**
 * A bar of a part of a whole; the figure stands beside it as text.
 *
 * @param {number} part
 * @param {number} whole
 * @param {string} [kind]
 * @returns {HTMLElement}
 */
function bar(part, whole, kind = "") {
  const inner = h("span", { class: kind });
  inner.style.width = `${whole > 0 ? Math.max(0, Math.min(100, (100 * part) / whole)) : 0}%`;
  return h("span", { class: "bar", "aria-hidden": "true" }, inner);
}

/**
 * A word that tells kinds apart; its colour repeats what it says.
 *
 * @param {string} text
 * @returns {HTMLElement}
 */
function tag(text) {
  const known = ["service-slice", "shared-library", "plugin-family", "ui-module"];
  return h("span", { class: `tag ${known.includes(text) ? text : ""}` }, text || "none");
}

/**
 * Tell people who do not see the page what changed.
 *
 * @param {string} text
 */
function tell(text) {
  byId("told").textContent = text;
}

/**
 * What was left out here and where it stands.
 *
 * @param {{rows: unknown[], total: number}} list
 * @param {string} file
 * @returns {Child}
 */
function more(list, file) {
  const left = list.total - list.rows.length;
  return left > 0 && h("p", { class: "faint more-in" }, `${shown(left)} more in `, h("code", {}, file));
}

/**
 * A part that may be long, closed until it is asked for; it is made when it is opened.
 *
 * @param {string} title
 * @param {() => Child} make
 * @param {Record<string, Property>} [properties]
 * @returns {HTMLElement}
 */
function folded(title, make, properties = {}) {
  let made = false;
  const details = h("details", { class: "folded", ...properties, toggle: open }, h("summary", {}, title));
  function open() {
    if (made || !(/** @type {HTMLDetailsElement} */ (details).open)) return;
    made = true;
    add(details, [make()]);
  }
  return details;
}

/**
 * Wide content that scrolls on its own, by keys too.
 *
 * @param {string} label
 * @param {Child[]} children
 * @returns {HTMLElement}
 */
function scrolled(label, ...children) {
  return h("div", { class: "scroll", role: "region", "aria-label": label, tabindex: 0 }, ...children);
}
