/* Two versions side by side or one below the other, with what the compatibility check found at its lines. */

import * as api from "./api.js";
import { diffLines, diffWords } from "./diff.js";
import { counted, h } from "./dom.js";
import { paint, splitLines } from "./proto.js";
import { diffLink } from "./route.js";
import { lineNodes } from "./source.js";
import { entriesOf, subjectHead } from "./subject.js";

/**
 * @typedef {import("./api.js").Finding} Finding
 * @typedef {import("./api.js").Comparison} Comparison
 * @typedef {import("./proto.js").Piece} Piece
 * @typedef {import("./diff.js").Range} Range
 * @typedef {import("./route.js").DiffRoute} DiffRoute
 * @typedef {{kind: "same" | "edit", old: number, fresh: number, marks?: {gone: Range[], fresh: Range[]}}} Row
 *   Positions of lines, -1 where a side has none.
 * @typedef {{text: string[], lines: Piece[][]}} Text
 */

/** Unchanged lines that stay in sight around a change. */
const CONTEXT = 3;
/** Fewer lines than this are not worth folding. */
const LEAST_FOLD = 4;
/** Rows that a browser lays out together, or not at all while they are out of sight. */
const CHUNK = 100;
/** Rows that are there at once; the others follow while the page can already be used. */
const FIRST_ROWS = 300;

/** Those by which the registry judges what is registered; `:warn` never fails. */
const DEFAULT_PROFILES = ["confluent", "wire", "wire_json:warn"];
const MORE_PROFILES = ["wire_json", "source", "buf:FILE", "buf:PACKAGE", "buf:WIRE_JSON", "buf:WIRE"];
const MODES = ["BACKWARD", "FORWARD", "FULL", "NONE"];
/** Findings of the list that are shown at once. */
const MOST_LISTED = 100;
/** What a fold says it is in. */
const DECLARATION = /^(?:message|enum|service|extend)\s+[\w.]+/;
const SEVERITIES = ["error", "warning", "note"];

/** From this width on there is room for two columns. */
const WIDE = matchMedia("(min-width: 75rem)");

/**
 * @param {DiffRoute} route
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement[]>}
 */
export async function compareView(route, signal) {
  const { subject, from, to } = route;
  const profiles = route.profiles.length ? route.profiles : DEFAULT_PROFILES;
  const [result, entries] = await Promise.all([
    api.comparison(subject, from, to, { profiles, mode: route.mode }, signal),
    entriesOf(subject, signal),
  ]);
  // The sort is stable: what weighs the same stays in the order of the lines.
  result.findings.sort((one, two) => SEVERITIES.indexOf(severity(one)) - SEVERITIES.indexOf(severity(two)));
  const layout = route.layout || (WIDE.matches ? "split" : "unified");
  const numbers = entries.map((one) => one.number);
  return [
    subjectHead(subject, `from version ${from} to version ${to}`),
    choices({ ...route, layout }, profiles, numbers, result.mode),
    verdict(route, result),
    diffTable(route, result, layout === "split", signal),
  ];
}

/**
 * @param {DiffRoute} route
 * @param {readonly string[]} profiles
 * @param {number[]} numbers
 * @param {string} level What the subject asks for, or what was chosen.
 * @returns {HTMLElement}
 */
function choices(route, profiles, numbers, level) {
  const apply = (/** @type {Event} */ event) => {
    const form = /** @type {HTMLFormElement} */ (/** @type {Element} */ (event.target).closest("form"));
    const chosen = new FormData(form);
    const picked = chosen.getAll("profile").map(String);
    const link = diffLink(route.subject, Number(chosen.get("from")), Number(chosen.get("to")), {
      profiles: picked,
      mode: String(chosen.get("mode")),
      layout: String(chosen.get("layout")),
    });
    location.hash = link;
  };
  const asSubject = ["", route.mode ? "as the subject" : `as the subject: ${level}`];
  return h(
    "form",
    { class: "choices", id: "choices", change: apply, submit: (event) => event.preventDefault() },
    h(
      "div",
      { class: "fields" },
      select("from", "From", route.from, withOption(numbers, route.from).map((one) => [String(one), `Version ${one}`])),
      select("to", "To", route.to, withOption(numbers, route.to).map((one) => [String(one), `Version ${one}`])),
      select("mode", "Mode", route.mode, [asSubject, ...MODES.map((one) => [one, one])]),
      select("layout", "Layout", route.layout, [["split", "Side by side"], ["unified", "Unified"]]),
    ),
    h(
      "fieldset",
      {},
      h("legend", {}, "Profiles"),
      [...new Set([...DEFAULT_PROFILES, ...MORE_PROFILES, ...profiles])].map((name) =>
        h(
          "label",
          { class: "check" },
          h("input", {
            type: "checkbox",
            name: "profile",
            id: `profile-${name}`,
            value: name,
            checked: profiles.includes(name),
          }),
          ` ${name}`,
        ),
      ),
    ),
  );
}

/**
 * @param {number[]} numbers
 * @param {number} wanted
 * @returns {number[]}
 */
function withOption(numbers, wanted) {
  return numbers.includes(wanted) ? numbers : [wanted, ...numbers];
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string | number} value
 * @param {string[][]} options
 * @returns {HTMLElement}
 */
function select(name, label, value, options) {
  return h(
    "label",
    { class: "field" },
    h("span", {}, label),
    h(
      "select",
      { name, id: `choice-${name}` },
      options.map(([key = "", text = ""]) => h("option", { value: key, selected: key === String(value) }, text)),
    ),
  );
}

/**
 * Whether the change is compatible, and every finding with a link to its line.
 *
 * @param {DiffRoute} route
 * @param {Comparison} result
 * @returns {HTMLElement}
 */
function verdict(route, { compatible, findings }) {
  const counts = SEVERITIES.map((name) => [name, findings.filter((one) => severity(one) === name).length]);
  const summary = counts.filter(([, count]) => count).map(([name, count]) => counted(Number(count), String(name)));
  const items = findings.map((finding, index) => listed(route, finding, index + 1));
  const more = items.splice(MOST_LISTED);
  const list = h("ol", { class: "findings" }, items);
  const all = h("button", { type: "button", class: "quiet more" }, `Show ${counted(more.length, "more finding")}`);
  all.addEventListener("click", () => {
    list.append(...more);
    all.remove();
  });
  return h(
    "section",
    { class: `verdict ${compatible ? "is-good" : "is-bad"}`, "aria-labelledby": "verdict" },
    h(
      "h2",
      { id: "verdict" },
      compatible ? "Compatible" : "Not compatible",
      h("small", {}, ` ${summary.join(", ") || "nothing found"}`),
    ),
    items.length > 0 && list,
    more.length > 0 && all,
  );
}

/**
 * @param {Finding} finding
 * @returns {string}
 */
function severity(finding) {
  return SEVERITIES.includes(finding.severity) ? finding.severity : "note";
}

/**
 * @param {DiffRoute} route
 * @param {Finding} finding
 * @param {number} number
 * @returns {HTMLElement}
 */
function listed(route, finding, number) {
  const version = finding.side === "old" ? route.from : route.to;
  const file = finding.side ? `version ${version}` : finding.file;
  const place = finding.line ? `${file}, line ${finding.line}` : file;
  const jump = diffLink(route.subject, route.from, route.to, { ...route, finding: number });
  return h(
    "li",
    { class: `finding is-${severity(finding)}` },
    findingText(finding),
    h("a", { class: "jump", href: jump, click: () => showFinding(number) }, place),
  );
}

/**
 * @param {Finding} finding
 * @returns {HTMLElement[]}
 */
function findingText(finding) {
  return [
    h("span", { class: "severity" }, severity(finding)),
    h(
      "span",
      { class: "what" },
      h("span", { class: "message" }, finding.message),
      h("code", { class: "rule" }, finding.rule),
      finding.hint ? h("span", { class: "hint" }, finding.hint) : "",
    ),
  ];
}

/**
 * Go to the place of a finding, which is never folded.
 *
 * @param {number} number
 */
export function showFinding(number) {
  finish();
  const note = document.getElementById(`finding-${number}`);
  note?.focus({ preventScroll: true });
  note?.scrollIntoView({ block: "center" });
}

/** Adds the rows that are still missing. */
let finish = () => {};

/**
 * @param {HTMLElement} table
 * @param {Generator<HTMLElement, void>} groups
 * @param {AbortSignal} signal Says that nobody looks any more.
 */
function fill(table, groups, signal) {
  const step = (/** @type {number} */ rows) => {
    for (let made = 0; made < rows; ) {
      const next = groups.next();
      if (next.done) return table.setAttribute("aria-busy", "false");
      table.append(next.value);
      made += next.value.childElementCount;
    }
    setTimeout(() => signal.aborted || step(FIRST_ROWS));
  };
  finish = () => step(Infinity);
  step(FIRST_ROWS);
}

/**
 * @param {DiffRoute} route
 * @param {Comparison} result
 * @param {boolean} split
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
function diffTable(route, result, split, signal) {
  const view = new DiffView(result, split);
  const same = view.parts.every((part) => "same" in part);
  const heads = split ? [`Version ${route.from}`, `Version ${route.to}`] : [`Version ${route.from} and ${route.to}`];
  const table = h(
    "div",
    {
      class: `diff ${split ? "is-split" : "is-unified"}`,
      role: "table",
      "aria-labelledby": "changes",
      "aria-busy": "true",
    },
    h(
      "div",
      { class: "diff-head", role: "rowgroup" },
      h("div", { class: "row", role: "row" }, heads.map((text) => h("div", { role: "columnheader" }, text))),
    ),
  );
  fill(table, view.groups(), signal);
  return h(
    "section",
    { class: "changes", "aria-labelledby": "changes" },
    h("h2", { id: "changes" }, "Changes"),
    same && h("p", { class: "quiet-text" }, "The two texts are the same."),
    table,
  );
}

class DiffView {
  /**
   * @param {Comparison} result
   * @param {boolean} split
   */
  constructor(result, split) {
    this.split = split;
    this.old = painted(result.old.text);
    this.fresh = painted(result.new.text);
    this.parts = diffLines(this.old.text, this.fresh.text);
    /** @type {{old: Map<number, [Finding, number][]>, new: Map<number, [Finding, number][]>}} */
    this.findings = { old: new Map(), new: new Map() };
    /** @type {[Finding, number][]} */
    this.homeless = [];
    result.findings.forEach((finding, index) => this.place(finding, index + 1));
  }

  /**
   * @param {Finding} finding
   * @param {number} number
   */
  place(finding, number) {
    const side = finding.side === "old" ? "old" : "new";
    const { text } = side === "old" ? this.old : this.fresh;
    const at = this.findings[side].get(finding.line - 1);
    // What is about the whole file, or about another one that is imported, stands on top.
    if (!finding.side || !(finding.line >= 1 && finding.line <= text.length)) this.homeless.push([finding, number]);
    else if (at) at.push([finding, number]);
    else this.findings[side].set(finding.line - 1, [[finding, number]]);
  }

  /**
   * @param {Row} row
   * @returns {[Finding, number][]}
   */
  at(row) {
    return [...(this.findings.old.get(row.old) ?? []), ...(this.findings.new.get(row.fresh) ?? [])];
  }

  /**
   * The groups of rows of the table, folds included; each is made when it is asked for.
   *
   * @returns {Generator<HTMLElement, void>}
   */
  *groups() {
    const open = this.homeless.map(note);
    const close = () => h("div", { class: "chunk", role: "rowgroup" }, open.splice(0));
    for (const { folded, rows } of this.stretches()) {
      if (folded) {
        if (open.length) yield close();
        yield this.fold(rows);
        continue;
      }
      for (const row of rows) {
        open.push(...this.elements(row));
        if (open.length >= CHUNK) yield close();
      }
    }
    if (open.length) yield close();
  }

  /**
   * Rows in order, in stretches that are shown or folded.
   *
   * @returns {Generator<{folded: boolean, rows: Row[]}, void>}
   */
  *stretches() {
    for (const [index, part] of this.parts.entries()) {
      if ("change" in part) yield { folded: false, rows: this.changed(part.change) };
      else {
        const { old, fresh, size } = part.same;
        const rows = Array.from({ length: size }, (_, at) => sameRow(old + at, fresh + at));
        yield* this.foldable(rows, index === 0, index === this.parts.length - 1);
      }
    }
  }

  /**
   * @param {Row[]} rows Unchanged ones.
   * @param {boolean} first
   * @param {boolean} last
   * @returns {{folded: boolean, rows: Row[]}[]}
   */
  foldable(rows, first, last) {
    const shown = new Uint8Array(rows.length);
    if (!first) shown.fill(1, 0, CONTEXT);
    if (!last) shown.fill(1, Math.max(0, rows.length - CONTEXT));
    rows.forEach((row, index) => {
      if (this.at(row).length) shown.fill(1, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
    });
    /** @type {{folded: boolean, rows: Row[]}[]} */
    const stretches = [];
    for (let start = 0; start < rows.length; ) {
      let end = start;
      while (end < rows.length && shown[end] === shown[start]) end++;
      const folded = !shown[start] && end - start >= LEAST_FOLD;
      stretches.push({ folded, rows: rows.slice(start, end) });
      start = end;
    }
    return stretches;
  }

  /**
   * @param {import("./diff.js").Change} change
   * @returns {Row[]}
   */
  changed({ gone, fresh, pairs }) {
    const marked = new Map(pairs.map(([old, other]) => [old, this.pair(old, other)]));
    if (this.split) return sideBySide(gone, fresh, marked);
    const added = new Map([...marked.values()].map((row) => [row.fresh, row]));
    return [
      ...span(gone).map((old) => ({ ...(marked.get(old) ?? editRow(old, -1)), fresh: -1 })),
      ...span(fresh).map((other) => ({ ...(added.get(other) ?? editRow(-1, other)), old: -1 })),
    ];
  }

  /**
   * @param {number} old
   * @param {number} fresh
   * @returns {Row}
   */
  pair(old, fresh) {
    return { kind: "edit", old, fresh, marks: diffWords(this.old.text[old] ?? "", this.fresh.text[fresh] ?? "") };
  }

  /**
   * A button in place of unchanged rows; it says in what they are.
   *
   * @param {Row[]} rows
   * @returns {HTMLElement}
   */
  fold(rows) {
    const inside = rows.findLast((row) => DECLARATION.test(this.old.text[row.old] ?? ""));
    const name = inside && DECLARATION.exec(this.old.text[inside.old] ?? "");
    const group = h("div", { class: "chunk", role: "rowgroup" });
    const open = () => {
      const shown = rows.flatMap((row) => this.elements(row));
      group.replaceChildren(...shown);
      const first = shown[0];
      first?.setAttribute("tabindex", "-1");
      first?.focus({ preventScroll: true });
    };
    const button = h(
      "button",
      { type: "button", class: "fold", click: open, "aria-expanded": "false" },
      `Show ${counted(rows.length, "unchanged line")}`,
      name && h("span", { class: "inside" }, name[0]),
    );
    group.append(h("div", { class: "row is-fold", role: "row" }, wideCell(this.split, button)));
    return group;
  }

  /**
   * @param {Row} row
   * @returns {HTMLElement[]}
   */
  elements(row) {
    const found = this.at(row);
    const cells = this.split ? this.sides(row) : [this.single(row)];
    return [h("div", { class: "row", role: "row" }, cells), ...found.map((one) => note(one))];
  }

  /**
   * @param {Row} row
   * @returns {HTMLElement[]}
   */
  sides({ kind, old, fresh, marks }) {
    const [left, right] = kind === "edit" ? ["is-gone", "is-new"] : ["", ""];
    return [
      this.side("old", old, left, marks?.gone),
      this.side("new", fresh, right, marks?.fresh),
    ];
  }

  /**
   * @param {"old" | "new"} side
   * @param {number} at
   * @param {string} look
   * @param {Range[]} [marks]
   * @returns {HTMLElement}
   */
  side(side, at, look, marks) {
    if (at < 0) return h("div", { class: "cell is-none", role: "cell" });
    const lines = side === "old" ? this.old.lines : this.fresh.lines;
    return h(
      "div",
      { class: `cell ${look} ${this.worst(side, at)}`, role: "cell", "data-n": at + 1 },
      h("code", {}, lineNodes(lines[at] ?? [], marks, side === "old" ? "del" : "ins")),
    );
  }

  /**
   * @param {Row} row
   * @returns {HTMLElement}
   */
  single({ kind, old, fresh, marks }) {
    const gone = fresh < 0;
    const look = kind === "same" ? "" : gone ? "is-gone" : "is-new";
    const pieces = (gone ? this.old.lines[old] : this.fresh.lines[fresh]) ?? [];
    const worst = this.worst("old", old) || this.worst("new", fresh);
    return h(
      "div",
      {
        class: `cell ${look} ${worst}`,
        role: "cell",
        "data-old": old < 0 ? "" : old + 1,
        "data-n": gone ? "" : fresh + 1,
      },
      h("code", {}, gone ? lineNodes(pieces, marks?.gone, "del") : lineNodes(pieces, marks?.fresh, "ins")),
    );
  }

  /**
   * @param {"old" | "new"} side
   * @param {number} at
   * @returns {string}
   */
  worst(side, at) {
    const found = this.findings[side].get(at) ?? [];
    const name = SEVERITIES.find((one) => found.some(([finding]) => severity(finding) === one));
    return name ? `has-${name}` : "";
  }
}

/**
 * @param {string} text
 * @returns {Text}
 */
function painted(text) {
  const lines = splitLines(text);
  return { text: lines, lines: paint(lines) };
}

/** @type {(old: number, fresh: number) => Row} */
const sameRow = (old, fresh) => ({ kind: "same", old, fresh });

/** @type {(old: number, fresh: number) => Row} */
const editRow = (old, fresh) => ({ kind: "edit", old, fresh });

/** @type {(range: Range) => number[]} */
const span = ([start, end]) => Array.from({ length: end - start }, (_, index) => start + index);

/**
 * Lines that became each other stand in one row; what is between them fills rows from the top.
 *
 * @param {Range} gone
 * @param {Range} fresh
 * @param {Map<number, Row>} pairs By the position of the old line.
 * @returns {Row[]}
 */
function sideBySide(gone, fresh, pairs) {
  /** @type {Row[]} */
  const rows = [];
  let [old, other] = [gone[0], fresh[0]];
  for (const row of [...pairs.values(), editRow(gone[1], fresh[1])]) {
    while (old < row.old || other < row.fresh)
      rows.push(editRow(old < row.old ? old++ : -1, other < row.fresh ? other++ : -1));
    if (row.marks) rows.push(row);
    [old, other] = [row.old + 1, row.fresh + 1];
  }
  return rows;
}

/**
 * A finding below its line.
 *
 * @param {[Finding, number]} found
 * @returns {HTMLElement}
 */
function note([finding, number]) {
  return h(
    "div",
    { class: "row is-remark", role: "row", id: `finding-${number}`, tabindex: -1 },
    wideCell(true, h("div", { class: `finding is-${severity(finding)}` }, findingText(finding))),
  );
}

/**
 * @param {boolean} split
 * @param {Node} content
 * @returns {HTMLElement}
 */
function wideCell(split, content) {
  return h("div", { class: "wide", role: "cell", "aria-colspan": split ? 2 : null }, content);
}
