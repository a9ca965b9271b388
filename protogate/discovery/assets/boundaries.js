/* The proposed boundaries: a picture of at most 30 of them, and a matrix of who uses whom. */

// The picture.

const LONGEST_LABEL = 20;

/**
 * A name short enough for a box; its end says most.
 *
 * @param {string} name
 * @returns {string}
 */
function shortName(name) {
  if (name.length <= LONGEST_LABEL) return name;
  const parts = name.split(/(?=[./:])/);
  let found = "";
  while (parts.length && found.length + (parts.at(-1)?.length ?? 0) < LONGEST_LABEL) found = parts.pop() + found;
  return found ? `…${found.replace(/^[./:]/, "")}` : `…${name.slice(1 - LONGEST_LABEL)}`;
}

/** @param {any} node */
function nodeSays(node) {
  const slices = node.slices.length ? `, slice ${node.slices.join(", ")}` : "";
  return `${node.name}, ${counted(node.modules, "module")}${slices}`;
}

/**
 * A curve through points that stand one below the other.
 *
 * @param {number[][]} points
 * @returns {string}
 */
function curve(points) {
  let text = "";
  let [x = 0, y = 0] = points[0] ?? [];
  text = `M${x} ${y}`;
  for (const [nextX = 0, nextY = 0] of points.slice(1)) {
    const middle = (y + nextY) / 2;
    text += x === nextX ? `L${nextX} ${nextY}` : `C${x} ${middle} ${nextX} ${middle} ${nextX} ${nextY}`;
    [x, y] = [nextX, nextY];
  }
  return text;
}

/** @param {number} references */
function thickness(references) {
  return Math.min(7, Math.max(1, Math.log2(references + 1)));
}

/** @returns {Child} */
function graphSection() {
  const { nodes, ties, lines, width, height, box } = DATA.graph;
  if (!nodes.length) return h("p", {}, "No boundaries: there are no modules.");
  const panel = h("div", { class: "panel", "aria-live": "polite" });
  const weights = new Map(ties.map((/** @type {number[]} */ tie) => [`${tie[0]} ${tie[1]}`, tie[2]]));
  const drawn = lines.map((/** @type {any[]} */ [source, target, back, points]) =>
    s(
      "path",
      {
        d: curve(points),
        class: back ? "back" : null,
        "stroke-width": thickness(weights.get(`${source} ${target}`) ?? 1),
        "data-ends": `${source} ${target}`,
        "marker-end": "url(#arrow)",
      },
      s("title", {}, `${nodes[source].name} uses ${nodes[target].name}: ${shown(weights.get(`${source} ${target}`) ?? 0)}`),
    ),
  );
  const extra = s("g", { class: "extra" });
  const boxes = nodes.map((/** @type {any} */ node, /** @type {number} */ index) => boxOf(node, index));
  const picture = s(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Boundaries, who uses stands above what is used" },
    s(
      "defs",
      {},
      s(
        "marker",
        { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" },
        s("path", { d: "M0 0 8 4 0 8z" }),
      ),
    ),
    s("g", { class: "lines" }, ...drawn),
    extra,
    ...boxes,
  );
  picture.style.minWidth = `${Math.round(Math.min(width, Math.max(640, width * 0.75)))}px`;
  picture.style.maxWidth = `${width}px`;

  /**
   * @param {any} node
   * @param {number} index
   */
  function boxOf(node, index) {
    const [x, y] = node.at;
    const note = node.slices.length ? `slice ${node.slices.join(", ")}` : counted(node.modules, "module");
    return s(
      "g",
      {
        class: `node${node.slices.length ? " is-slice" : ""}${node.many > 1 ? " is-many" : ""}`,
        role: "button",
        tabindex: 0,
        "aria-pressed": "false",
        "data-node": index,
        transform: `translate(${x - box[0] / 2} ${y - box[1] / 2})`,
        click: () => choose(index),
        keydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          choose(index);
        },
      },
      s("title", {}, nodeSays(node)),
      s("rect", { width: box[0], height: box[1], rx: 6 }),
      s("text", { x: box[0] / 2, y: 18 }, shortName(node.name)),
      s("text", { x: box[0] / 2, y: 34, class: "note" }, note.length > LONGEST_LABEL ? `${note.slice(0, LONGEST_LABEL - 1)}…` : note),
    );
  }

  /** @param {number} index */
  function choose(index) {
    const own = ties.filter((/** @type {number[]} */ tie) => tie[0] === index || tie[1] === index);
    const near = new Set([index, ...own.flatMap((/** @type {number[]} */ tie) => tie.slice(0, 2))]);
    picture.classList.add("has-choice");
    boxes.forEach((/** @type {Element} */ one, /** @type {number} */ place) => {
      one.classList.toggle("is-near", near.has(place));
      one.setAttribute("aria-pressed", String(place === index));
    });
    const seen = new Set();
    for (const one of drawn) {
      const ends = one.dataset["ends"] ?? "";
      const isOwn = ends.split(" ").includes(String(index));
      one.classList.toggle("is-near", isOwn);
      if (isOwn) seen.add(ends);
    }
    // The picture has the strongest lines only; what is chosen shows all of its own.
    const others = own.filter((/** @type {number[]} */ tie) => !seen.has(`${tie[0]} ${tie[1]}`));
    extra.replaceChildren(...others.map((/** @type {number[]} */ tie) => straight(tie)));
    panel.replaceChildren();
    add(panel, [boundaryPanel(index, own, choose)]);
  }

  /** @param {number[]} tie */
  function straight([source = 0, target = 0, references = 1]) {
    const from = nodes[source].at;
    const to = nodes[target].at;
    const down = from[1] <= to[1] ? 1 : -1;
    const ends = [[from[0], from[1] + (down * box[1]) / 2], [to[0], to[1] - (down * box[1]) / 2]];
    return s("path", { d: curve(ends), "stroke-width": thickness(references), "marker-end": "url(#arrow)" });
  }

  const circle = lines.some((/** @type {any[]} */ one) => one[2]);
  add(panel, [h("p", { class: "faint" }, "Choose a boundary to see its modules and its neighbours.")]);
  return [
    h(
      "p",
      { class: "lead" },
      `${counted(DATA.matrix.boundaries, "boundary")}. Who uses stands above what is used; lines are as thick as they are many. `,
      "Planned slices are coloured. ",
      circle && "Dashed lines lead back up: they close circles. ",
      nodes.at(-1).many > 1 && "Drawn are those of slices and the most used; only the strongest lines until you choose one.",
    ),
    h("div", { class: "beside" }, scrolled("Picture of the boundaries", picture), panel),
  ];
}

/**
 * @param {number} index
 * @param {number[][]} own
 * @param {(index: number) => void} choose
 * @returns {Child}
 */
function boundaryPanel(index, own, choose) {
  const { nodes } = DATA.graph;
  const node = nodes[index];
  /**
   * @param {string} title
   * @param {0 | 1} here
   */
  const neighbours = (title, here) => {
    const found = own.filter((tie) => tie[here] === index).sort((left, right) => (right[2] ?? 0) - (left[2] ?? 0));
    return (
      found.length > 0 && [
        h("h4", {}, title),
        h(
          "ul",
          { class: "neighbours" },
          ...found.map((tie) => {
            const other = tie[1 - here] ?? 0;
            return h("li", {}, h("button", { type: "button", class: "link", click: () => choose(other) }, ...soft(nodes[other].name)), h("span", { class: "number" }, shown(tie[2] ?? 0)));
          }),
        ),
      ]
    );
  };
  return [
    h("h3", {}, ...soft(node.name)),
    h("p", { class: "faint" }, `${counted(node.modules, "module")}, ${counted(node.internal, "reference")} inside`),
    node.slices.length > 0 && h("p", {}, "Slice ", ...joined(node.slices.map(sliceLink))),
    neighbours("Uses", 0),
    neighbours("Used by", 1),
    node.members.length > 0 && [
      h("h4", {}, "Modules"),
      h("ul", { class: "mono modules" }, ...node.members.map((/** @type {string} */ one) => h("li", {}, ...soft(one)))),
      more({ rows: node.members, total: node.modules }, "module-boundaries.json"),
    ],
  ];
}

// The matrix.

/** @returns {Child} */
function matrixSection() {
  const { nodes, cells } = DATA.matrix;
  if (!nodes.length) return h("p", {}, "No boundaries: there are no modules.");
  const found = new Map(cells.map((/** @type {number[]} */ [row, column, count]) => [`${row} ${column}`, count]));
  const panel = h("div", { class: "panel", "aria-live": "polite" });
  const most = Math.max(1, ...cells.map((/** @type {number[]} */ cell) => cell[2]));
  /** @type {HTMLElement | null} */
  let chosen = null;
  const numbers = nodes.map((/** @type {any} */ node, /** @type {number} */ index) =>
    h("th", { scope: "col", title: node.name, "aria-label": node.name }, String(index + 1)),
  );
  const body = nodes.map((/** @type {any} */ node, /** @type {number} */ row) =>
    h(
      "tr",
      { class: row && nodes[row - 1].wave !== node.wave ? "begins" : null },
      h("th", { scope: "row", title: node.name }, h("span", { class: "place-number" }, String(row + 1)), h("span", { class: "row-name" }, node.name), node.wave > 0 && h("span", { class: "wave" }, `wave ${node.wave}`)),
      ...nodes.map((/** @type {any} */ _other, /** @type {number} */ column) => cell(row, column)),
    ),
  );

  /**
   * @param {number} row
   * @param {number} column
   */
  function cell(row, column) {
    if (row === column) return h("td", { class: "self", title: `${shown(nodes[row].internal)} references inside` });
    const count = found.get(`${row} ${column}`);
    if (!count) return h("td");
    const level = Math.min(4, Math.ceil((4 * Math.log2(count + 1)) / Math.log2(most + 1)));
    const says = `${nodes[row].name} uses ${nodes[column].name}: ${counted(count, "reference")}`;
    const button = h(
      "button",
      {
        type: "button",
        class: `l${level}${column < row ? " is-back" : ""}`,
        tabindex: -1,
        "data-cell": `${row} ${column}`,
        "aria-label": says,
        title: says,
        click: () => choose(button, row, column),
      },
      count > 999 ? `${Math.floor(count / 1000)}k` : String(count),
    );
    return h("td", {}, button);
  }

  /**
   * @param {HTMLElement} button
   * @param {number} row
   * @param {number} column
   */
  function choose(button, row, column) {
    chosen?.removeAttribute("aria-current");
    chosen = button;
    button.setAttribute("aria-current", "true");
    step(button);
    panel.replaceChildren();
    add(panel, [cellPanel(row, column, found.get(`${row} ${column}`) ?? 0, found.get(`${column} ${row}`) ?? 0, go)]);
    panel.querySelector("h3")?.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  function go(row, column) {
    const button = table.querySelector(`[data-cell="${row} ${column}"]`);
    if (button instanceof HTMLElement) choose(button, row, column);
  }

  /** Let the tabulator lead to one cell; arrows lead on from there. @param {HTMLElement} button */
  function step(button) {
    table.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    button.setAttribute("tabindex", "0");
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const steps = /** @type {Record<string, number[]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] });
    const by = steps[event.key];
    const here = event.target instanceof HTMLElement ? event.target.dataset["cell"] : undefined;
    if (!by || !here) return;
    event.preventDefault();
    let [row = 0, column = 0] = here.split(" ").map(Number);
    while (nodes[row] && nodes[column]) {
      row += by[0] ?? 0;
      column += by[1] ?? 0;
      const next = table.querySelector(`[data-cell="${row} ${column}"]`);
      if (next instanceof HTMLElement) {
        step(next);
        next.focus();
        return;
      }
    }
  }

  const table = h(
    "table",
    { class: "matrix", "aria-label": "Who uses whom", keydown: move },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "uses"), ...numbers)),
    h("tbody", {}, ...body),
  );
  table.querySelector("[data-cell]")?.setAttribute("tabindex", "0");
  add(panel, [h("p", { class: "faint" }, "Choose a figure to see the lines behind it.")]);
  return [
    h(
      "p",
      { class: "lead" },
      "A row uses a column. Slices come first, wave by wave; of the others who uses stands before what is used. Below the " +
        "diagonal something uses what stands before it: the callers of a slice, else the way back of a circle. " +
        "Arrow keys move between figures.",
    ),
    h("div", { class: "framed" }, scrolled("Matrix of the boundaries", table)),
    panel,
  ];
}

/**
 * @param {number} row
 * @param {number} column
 * @param {number} count
 * @param {number} back
 * @param {(row: number, column: number) => void} go
 * @returns {Child}
 */
function cellPanel(row, column, count, back, go) {
  const { nodes } = DATA.matrix;
  const lines = linesBetween(row, column);
  return [
    h("h3", {}, ...soft(nodes[row].name), " uses ", ...soft(nodes[column].name)),
    h("p", {}, `${counted(count, "reference")} from module to module. `, back > 0 && h("button", { type: "button", class: "link", click: () => go(column, row) }, `${shown(back)} the other way`)),
    lines.length
      ? listing({
          label: `Lines of ${nodes[row].name} that use ${nodes[column].name}`,
          rows: lines,
          noun: "line",
          step: 50,
          columns: [
            { title: "line", key: (one) => one.text, cell: (one) => place(one.file, one.line) },
            { title: "symbol", key: (one) => one.symbol, cell: (one) => h("code", {}, ...soft(one.symbol)) },
            { title: "remedy", key: (one) => one.remedy, cell: (one) => one.remedy || h("span", { class: "faint" }, "in no plan") },
            { title: "slice", key: (one) => one.slice, cell: (one) => sliceLink(one.slice) },
          ],
        })
      : h("p", { class: "faint" }, "No slice is planned here, so no line is to be cut. ", h("code", {}, "protogate discovery --inventory"), " writes every reference with its line."),
  ];
}

/** Of each module that is in a line to cut, its row of the matrix. @type {Map<number, number> | null} */
let owners = null;

/**
 * The lines from one boundary to another: those to cut, then those that stand for the others.
 *
 * @param {number} row
 * @param {number} column
 * @returns {{text: string, file: string, line: number, symbol: string, remedy: string, slice: string}[]}
 */
function linesBetween(row, column) {
  owners ??= new Map(DATA.matrix.of);
  const found = new Map();
  /** @param {number} file @param {number} line @param {number} symbol @param {string} remedy @param {string} slice */
  const keep = (file, line, symbol, remedy, slice) => {
    const text = `${word(file)}:${String(line).padStart(7, "0")} ${word(symbol)}`;
    if (!found.has(text)) found.set(text, { text, file: word(file), line, symbol: word(symbol), remedy, slice });
  };
  for (const slice of DATA.slices.rows)
    for (const cut of slice.cuts.rows)
      if (owners.get(cut[4]) === row && owners.get(cut[5]) === column) keep(cut[1], cut[2], cut[3], word(cut[8]), slice.name);
  for (const [source, target, file, line, symbol] of DATA.matrix.evidence)
    if (source === row && target === column) keep(file, line, symbol, "", "");
  return [...found.values()];
}
