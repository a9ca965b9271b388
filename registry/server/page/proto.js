/* The colours of Protobuf source: comments, strings, numbers, words. For the eye only; nothing is understood here. */

/** @typedef {{kind: "" | "comment" | "string" | "number" | "keyword" | "type" | "control", text: string}} Piece */

const KEYWORDS = new Set(
  ("syntax edition package import public weak option message enum service rpc returns stream extend extensions group " +
    "oneof map reserved optional required repeated to max export local").split(" "),
);
const TYPES = new Set(
  ("double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 " +
    "bool string bytes").split(" "),
);
const PIECE = /\/\/.*|\/\*.*?(?:\*\/|$)|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[A-Za-z_]\w*|\d[\w.]*|[^\w"'/]+|./gy;

/** Characters that nobody sees and that reorder what follows: a text could look like another one. */
const CONTROL = /([\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF])/;

/** A line that is longer is data, and stays plain. */
const LONGEST_LINE = 2000;

/**
 * @param {string} text
 * @returns {string[]}
 */
export function splitLines(text) {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * The pieces of each line; together they are the line.
 *
 * @param {readonly string[]} lines
 * @returns {Piece[][]}
 */
export function paint(lines) {
  let inComment = false;
  return lines.map((line) => {
    const [pieces, open] = paintLine(line, inComment);
    inComment = open;
    return CONTROL.test(line) ? pieces.flatMap(exposed) : pieces;
  });
}

/**
 * A piece with its control characters as pieces of their own.
 *
 * @param {Piece} piece
 * @returns {Piece[]}
 */
function exposed({ kind, text }) {
  const split = text.split(CONTROL); // the characters themselves stand at odd places
  const control = /** @type {const} */ ("control");
  return split.map((part, at) => ({ kind: at % 2 ? control : kind, text: part })).filter((part) => part.text);
}

/**
 * @param {string} line
 * @param {boolean} inComment
 * @returns {[Piece[], boolean]}
 */
function paintLine(line, inComment) {
  /** @type {Piece[]} */
  const pieces = [];
  if (line.length > LONGEST_LINE) return [[{ kind: "", text: line }], inComment];
  let start = 0;
  if (inComment) {
    const end = line.indexOf("*/");
    if (end < 0) return [[{ kind: "comment", text: line }], true];
    start = end + 2;
    pieces.push({ kind: "comment", text: line.slice(0, start) });
  }
  PIECE.lastIndex = start;
  let open = false;
  for (let match = PIECE.exec(line); match; match = PIECE.exec(line)) {
    const text = match[0];
    const kind = kindOf(text);
    const last = pieces.at(-1);
    if (last && !kind && !last.kind) last.text += text;
    else pieces.push({ kind, text });
    open = text.startsWith("/*") && !(text.length > 3 && text.endsWith("*/"));
  }
  return [pieces, open];
}

/**
 * @param {string} text
 * @returns {Piece["kind"]}
 */
function kindOf(text) {
  if (text.startsWith("//") || text.startsWith("/*")) return "comment";
  const first = text.charAt(0);
  if (first === '"' || first === "'") return "string";
  if (first >= "0" && first <= "9") return "number";
  if (KEYWORDS.has(text)) return "keyword";
  return TYPES.has(text) ? "type" : "";
}
