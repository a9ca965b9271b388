/* Tables that are sorted by their heads, filtered, and longer on demand. */

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: any) => Child} cell
 * @property {(row: any) => string | number} [key] by which the column is sorted
 * @property {boolean} [number] figures, which stand to the right
 * @property {boolean} [up] figures of which the smallest is asked for first
 * @property {boolean} [wide] left out where there is little room
 */

/**
 * @typedef {object} Filter
 * @property {string} label
 * @property {[string, string][]} [options] value and what it says; without any it is a field for words
 * @property {(row: any, value: string) => boolean} keeps
 */

let tables = 0;

/**
 * Make a table.
 *
 * @param {object} given
 * @param {string} given.label
 * @param {any[]} given.rows
 * @param {Column[]} given.columns
 * @param {Filter[]} [given.filters]
 * @param {(row: any) => Child} [given.expand] what a row shows when it is opened
 * @param {number} [given.step] rows that are added at a time
 * @param {string} [given.noun]
 * @param {number} [given.total] rows that there are, if not all are here
 * @returns {HTMLElement}
 */
function listing({ label, rows, columns, filters = [], expand, step = 100, noun = "row", total = rows.length }) {
  const id = `t${++tables}`;
  const body = h("tbody");
  const count = h("p", { class: "count", role: "status" });
  const longer = h("button", { type: "button", class: "longer", click: () => show(shownRows + step) });
  const fields = filters.map((filter, index) => field(filter, `${id}-${index}`, () => refresh()));
  const heads = columns.map((column) => head(column));
  let sorted = rows;
  let kept = rows;
  let shownRows = 0;
  let by = -1;
  let down = false;

  /** @param {Column} column */
  function head(column) {
    const place = columns.indexOf(column);
    const inner = column.key
      ? h("button", { type: "button", class: "sort", click: () => sort(place) }, column.title)
      : column.title;
    return h("th", { scope: "col", class: kinds(column) }, inner);
  }

  /** @param {number} place */
  function sort(place) {
    const column = columns[place];
    down = by === place ? !down : Boolean(column?.number && !column.up);
    by = place;
    const key = column?.key ?? (() => 0);
    const keyed = rows.map((row) => ({ row, key: key(row) }));
    keyed.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0) * (down ? -1 : 1));
    sorted = keyed.map((one) => one.row);
    heads.forEach((one, index) => {
      if (index === by) one.setAttribute("aria-sort", down ? "descending" : "ascending");
      else one.removeAttribute("aria-sort");
    });
    refresh();
  }

  function refresh() {
    kept = sorted.filter((row) => filters.every((filter, index) => filter.keeps(row, fields[index]?.value() ?? "")));
    body.replaceChildren();
    shownRows = 0;
    show(step);
  }

  /** @param {number} wanted */
  function show(wanted) {
    const last = Math.min(wanted, kept.length);
    const part = document.createDocumentFragment();
    for (let index = shownRows; index < last; index++) part.append(line(kept[index]));
    body.append(part);
    shownRows = last;
    const left = kept.length - shownRows;
    longer.hidden = left <= 0;
    longer.textContent = `Show ${shown(Math.min(step, left))} more`;
    const all = `${counted(rows.length, noun)}${total > rows.length ? " here" : ""}`;
    count.textContent = kept.length === rows.length ? all : `${shown(kept.length)} of ${all}`;
  }

  /** @param {any} row */
  function line(row) {
    const cells = columns.map((column, index) =>
      h(index ? "td" : "th", { scope: index ? null : "row", class: kinds(column) }, column.cell(row)),
    );
    const element = h("tr", {}, ...cells);
    if (expand) cells[0]?.prepend(opener(element, row, expand));
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {any} row
   * @param {(row: any) => Child} make
   */
  function opener(element, row, make) {
    /** @type {HTMLElement | null} */
    let opened = null;
    const button = h("button", { type: "button", class: "open", "aria-expanded": "false", click: turn }, "Details");
    function turn() {
      if (opened) opened.remove();
      opened = opened ? null : h("tr", { class: "opened" }, h("td", { colspan: columns.length }, make(row)));
      if (opened) element.after(opened);
      button.setAttribute("aria-expanded", String(Boolean(opened)));
    }
    return button;
  }

  refresh();
  const titled = h("thead", {}, h("tr", {}, ...heads));
  return h(
    "div",
    { class: "listing" },
    filters.length > 0 && h("div", { class: "filters" }, ...fields.map((one) => one.element), count),
    scrolled(label, h("table", { "aria-label": label }, titled, body)),
    longer,
  );
}

/** @param {Column} column */
function kinds(column) {
  return [column.number && "number", column.wide && "wide"].filter(Boolean).join(" ") || null;
}

/**
 * @param {Filter} filter
 * @param {string} id
 * @param {() => void} changed
 * @returns {{element: HTMLElement, value: () => string}}
 */
function field(filter, id, changed) {
  const control = filter.options
    ? h("select", { id, change: changed }, ...filter.options.map(([value, says]) => h("option", { value }, says)))
    : h("input", { id, type: "search", input: changed, spellcheck: "false", autocomplete: "off" });
  return {
    element: h("span", { class: "filter" }, h("label", { for: id }, filter.label), control),
    value: () => /** @type {HTMLInputElement | HTMLSelectElement} */ (control).value,
  };
}

/**
 * A filter for words, all of which a row has somewhere.
 *
 * @param {(row: any) => string} says
 * @param {string} [label]
 * @returns {Filter}
 */
function withWords(says, label = "Words") {
  return {
    label,
    keeps(row, value) {
      const words = value.toLowerCase().split(/\s+/).filter(Boolean);
      const text = words.length ? says(row).toLowerCase() : "";
      return words.every((one) => text.includes(one));
    },
  };
}

/**
 * A filter for one of the values that there are.
 *
 * @param {string} label
 * @param {any[]} rows
 * @param {(row: any) => string} of
 * @returns {Filter}
 */
function withOne(label, rows, of) {
  const values = [...new Set(rows.map(of))].filter(Boolean).sort();
  /** @type {[string, string][]} */
  const options = [["", "all"], ...values.map((one) => /** @type {[string, string]} */ ([one, one]))];
  return { label, options, keeps: (row, value) => !value || of(row) === value };
}

/**
 * A short table without sorting.
 *
 * @param {string} label
 * @param {string[]} titles
 * @param {Child[][]} lines
 * @param {number[]} [numbers] columns of figures
 * @returns {HTMLElement}
 */
function plain(label, titles, lines, numbers = []) {
  /** @param {number} index */
  const kind = (index) => (numbers.includes(index) ? "number" : null);
  const head = h("tr", {}, ...titles.map((title, index) => h("th", { scope: "col", class: kind(index) }, title)));
  const body = lines.map((cells) =>
    h("tr", {}, ...cells.map((cell, index) => h(index ? "td" : "th", { scope: index ? null : "row", class: kind(index) }, cell))),
  );
  return scrolled(label, h("table", { "aria-label": label }, h("thead", {}, head), h("tbody", {}, ...body)));
}
