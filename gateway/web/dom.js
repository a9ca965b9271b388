/* Elements from values: every text becomes a text node, so nothing that an entry or an event says is ever markup. */

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Property */
/** @typedef {Node | string | number | false | null | undefined | Child[]} Child */

/**
 * Make an element; a function is a listener, `true` an empty attribute, and what is absent is left out.
 *
 * @param {string} tag
 * @param {Record<string, Property>} [properties]
 * @param {Child[]} children
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...nodes(children));
  return element;
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  return children.flatMap((child) => {
    if (Array.isArray(child)) return nodes(child);
    if (child === undefined || child === null || child === false) return [];
    return [typeof child === "number" ? child.toLocaleString("en") : child];
  });
}

/**
 * Put children in the place of those that an element has.
 *
 * @param {Element} element
 * @param {Child[]} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/**
 * The element that the page has under this id.
 *
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} [kind]
 * @returns {E}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!found || (kind && !(found instanceof kind))) throw new Error(`the page has no #${id}`);
  return /** @type {E} */ (found);
}

/**
 * A count with its noun.
 *
 * @param {number} count
 * @param {string} noun
 * @param {string} [plural]
 * @returns {string}
 */
export function counted(count, noun, plural = `${noun}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}
