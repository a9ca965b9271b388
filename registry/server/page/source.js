/* Lines of Protobuf source as elements. */

import { h } from "./dom.js";

/** @typedef {import("./proto.js").Piece} Piece */
/** @typedef {import("./diff.js").Range} Range */

/** Lines that a browser lays out together, or not at all while they are out of sight. */
const CHUNK = 100;

/**
 * The pieces of a line, coloured, with the marked ranges of characters inside of `tag`.
 *
 * @param {readonly Piece[]} pieces
 * @param {readonly Range[]} [marks]
 * @param {"ins" | "del"} [tag]
 * @returns {(Node | string)[]}
 */
export function lineNodes(pieces, marks = [], tag = "ins") {
  if (!marks.length) return pieces.map(piece);
  /** @type {(Node | string)[]} */
  const nodes = [];
  /** @type {Piece[]} */
  let marked = [];
  const flush = () => {
    if (marked.length) nodes.push(h(tag, {}, marked.map(piece)));
    marked = [];
  };
  for (const { kind, text, inside } of cutAt(pieces, marks)) {
    if (inside) marked.push({ kind, text });
    else {
      flush();
      nodes.push(piece({ kind, text }));
    }
  }
  flush();
  return nodes;
}

/**
 * @param {Piece} piece
 * @returns {Node | string}
 */
function piece({ kind, text }) {
  if (kind === "control") return h("span", { class: "p-control", "data-code": codeOf(text) }, text);
  return kind ? h("span", { class: `p-${kind}` }, text) : text;
}

/** @type {(text: string) => string} */
const codeOf = (text) => `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/**
 * Pieces, cut where a marked range starts or ends.
 *
 * @param {readonly Piece[]} pieces
 * @param {readonly Range[]} marks
 * @returns {(Piece & {inside: boolean})[]}
 */
function cutAt(pieces, marks) {
  const edges = marks.flat();
  /** @type {(Piece & {inside: boolean})[]} */
  const cut = [];
  let [at, edge] = [0, 0];
  for (const { kind, text } of pieces) {
    const end = at + text.length;
    for (let start = at; start < end; ) {
      while (edge < edges.length && (edges[edge] ?? 0) <= start) edge++;
      const stop = Math.min(end, edges[edge] ?? end);
      cut.push({ kind, text: text.slice(start - at, stop - at), inside: edge % 2 === 1 });
      start = stop;
    }
    at = end;
  }
  return cut;
}

/**
 * A whole text with line numbers, which are not part of what one copies.
 *
 * @param {readonly Piece[][]} lines
 * @param {string} label
 * @returns {HTMLElement}
 */
export function sourceBlock(lines, label) {
  const rows = lines.map((pieces, index) =>
    h("span", { class: "line", "data-n": index + 1 }, lineNodes(pieces), "\n"),
  );
  return h("pre", { class: "source", "aria-label": label, role: "region", tabindex: 0 }, h("code", {}, chunks(rows)));
}

/**
 * @param {HTMLElement[]} rows
 * @returns {HTMLElement[]}
 */
function chunks(rows) {
  const count = Math.ceil(rows.length / CHUNK);
  return Array.from({ length: count }, (_, index) =>
    h("span", { class: "chunk" }, rows.slice(index * CHUNK, (index + 1) * CHUNK)),
  );
}
