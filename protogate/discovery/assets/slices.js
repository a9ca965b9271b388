/* The planned slices: what each takes, every line to cut, and in which order they leave. */

const PLAN = "delegation-plan.generated.json";

/**
 * Where a slice stands on this page.
 *
 * @param {string} name
 * @returns {string}
 */
function anchor(name) {
  const index = DATA.slices.rows.findIndex((/** @type {any} */ one) => one.name === name);
  return index < 0 ? "" : `slice-${/^[\w-]+$/.test(name) ? name : index}`;
}

/**
 * The name of a slice as a link to it.
 *
 * @param {string} name
 * @returns {Child}
 */
function sliceLink(name) {
  const id = anchor(name);
  return id ? h("a", { href: `#${id}` }, name) : name;
}

/**
 * @param {Child[]} children
 * @param {string} [between]
 * @returns {Child[]}
 */
function joined(children, between = ", ") {
  return children.flatMap((child, index) => (index ? [between, child] : [child]));
}

/** @param {any} slice */
function points(slice) {
  return `${shown(slice.p50, 1)} to ${shown(slice.p90, 1)}`;
}

/** @returns {Child} */
function nextCards() {
  const first = DATA.slices.rows.filter((/** @type {any} */ one) => one.wave <= 1);
  if (!first.length) return h("p", {}, "No slice is planned: nothing that was found can leave on its own.");
  return h("ul", { class: "cards" }, ...first.map(card));
}

/** @param {any} slice */
function card(slice) {
  const risks = slice.risks.length ? slice.risks.map((/** @type {string[]} */ one) => one[0]).join(", ") : "none found";
  const facts = [
    ["points", points(slice)],
    ["to cut", counted(slice.cuts.total, "line")],
    ["moves", `${counted(slice.modules.total, "module")}, ${counted(slice.lines, "line")}`],
    ["risks", risks],
  ];
  return h(
    "li",
    {},
    h("h3", {}, sliceLink(slice.name), " ", tag(slice.archetype)),
    h("p", { class: "mono faint" }, ...soft(slice.module)),
    h("p", {}, slice.reasons[0] ?? ""),
    h("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  );
}

/** @returns {Child} */
function slicesSection() {
  const { rows, total } = DATA.slices;
  return [
    h(
      "p",
      { class: "lead" },
      "One plan a slice: what moves, what it is asked, every line that crosses its border with what takes its place. ",
      rows.some((/** @type {any} */ one) => one.calibrated)
        ? "Points are calibrated by finished waves."
        : "Points compare slices with each other; they are no days.",
    ),
    ...rows.map(sliceDetails),
    more({ rows, total }, PLAN),
  ];
}

/** @param {any} slice */
function sliceDetails(slice) {
  const details = folded("", () => sliceBody(slice), { class: "slice", id: anchor(slice.name) });
  details.firstElementChild?.append(
    h("span", { class: "wave" }, `wave ${slice.wave}`),
    h("h3", { class: "name" }, slice.name),
    tag(slice.archetype),
    h("span", { class: "mono faint grow" }, slice.module),
    h("span", {}, h("span", { class: "faint" }, "points "), points(slice)),
    h("span", {}, counted(slice.cuts.total, "cut")),
    h("span", { class: slice.risks.length ? "warn" : "" }, counted(slice.risks.length, "risk")),
  );
  return details;
}

/** @param {any} slice @returns {Child} */
function sliceBody(slice) {
  const { cuts } = slice;
  return h(
    "div",
    { class: "body" },
    h("div", { class: "columns" }, steps(slice), why(slice), danger(slice)),
    h("h4", {}, `Lines to cut: ${shown(cuts.total)}`),
    cuts.total ? [remedies(slice), cutTable(slice)] : h("p", { class: "faint" }, "None: nothing crosses its border."),
    more(cuts, PLAN),
    h(
      "div",
      { class: "folds" },
      slice.tables.total > 0 && folded(`Tables: ${tablesTitle(slice)}`, () => tableRows(slice)),
      slice.routes.total > 0 && folded(`Routes and their tables: ${shown(slice.routes.total)}`, () => routeRows(slice)),
      contractOf(slice),
      folded(`Contents: ${counted(slice.modules.total, "module")}, ${counted(slice.tests.total, "test")}`, () =>
        contents(slice),
      ),
      slice.shared.total > 0 &&
        folded(`Shared code: ${counted(slice.shared.total, "module")}`, () => sharedRows(slice)),
      slice.parity.total > 0 && folded(`Parity: ${counted(slice.parity.total, "check")}`, () => parityRows(slice)),
    ),
  );
}

/** @param {any} slice */
function steps(slice) {
  return h("section", {}, h("h4", {}, "Steps"), h("ol", {}, ...slice.checklist.map((/** @type {string} */ one) => h("li", {}, one))));
}

/** @param {any} slice */
function why(slice) {
  const most = Math.max(1, ...slice.terms.map((/** @type {any[]} */ one) => one[1]));
  return h(
    "section",
    {},
    h("h4", {}, `Effort: ${points(slice)} points`),
    h(
      "ul",
      { class: "bars" },
      ...slice.terms.map((/** @type {any[]} */ [term, value, basis]) =>
        h("li", {}, h("span", {}, term), bar(value, most), h("span", { class: "number" }, shown(value, 1)), h("span", { class: "faint" }, basis)),
      ),
    ),
    h("p", {}, "Confidence ", h("strong", {}, slice.confidence[0]), `: ${slice.confidence[1]}`),
    orderOf(slice),
  );
}

/** @param {any} slice @returns {Child} */
function orderOf(slice) {
  const needs = slice.needs.map((/** @type {any[]} */ [name, value]) => [sliceLink(name), ` (${shown(value, 1)})`]);
  return [
    needs.length > 0 && h("p", {}, "Needs ", ...joined(needs), " points to do without."),
    slice.users.length > 0 && h("p", {}, "Needed by ", ...joined(slice.users.map(sliceLink)), "."),
    slice.together.length > 0 &&
      plain(
        `${slice.name} together with others`,
        ["together with", "apart", "together"],
        slice.together.map((/** @type {any[]} */ [name, apart, joint]) => [sliceLink(name), shown(apart, 1), shown(joint, 1)]),
        [1, 2],
      ),
  ];
}

/** @param {any} slice */
function danger(slice) {
  const risks = slice.risks.map((/** @type {string[]} */ [name, evidence]) => h("li", {}, h("strong", {}, name), `: ${evidence}`));
  const back = Object.entries(slice.rollback);
  return h(
    "section",
    {},
    h("h4", {}, "Risks"),
    risks.length ? h("ul", {}, ...risks) : h("p", { class: "faint" }, "None found."),
    h("h4", {}, "Way back"),
    h("dl", { class: "facts" }, ...back.flatMap(([name, value]) => [h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, String(value))])),
  );
}

/** @param {any} slice */
function remedies(slice) {
  const most = Math.max(1, ...slice.counts.map((/** @type {any[]} */ one) => one[2]));
  return h(
    "ul",
    { class: "bars narrow" },
    ...slice.counts.map((/** @type {any[]} */ [direction, remedy, count]) =>
      h("li", {}, h("span", {}, `${direction} ${remedy}`), bar(count, most, direction), h("span", { class: "number" }, shown(count))),
    ),
  );
}

/** @param {any} slice */
function cutTable(slice) {
  const { rows } = slice.cuts;
  /** @param {any[]} row */
  const direction = (row) => (row[0] ? "inbound" : "outbound");
  return listing({
    label: `Lines to cut of ${slice.name}`,
    rows,
    total: slice.cuts.total,
    noun: "line",
    filters: [
      withOne("Direction", rows, direction),
      withOne("Remedy", rows, (row) => word(row[8])),
      withWords((row) => [row[1], row[3], row[4], row[5], row[10]].map(word).join(" ")),
    ],
    columns: [
      { title: "line", key: (row) => `${word(row[1])}:${String(row[2]).padStart(7, "0")}`, cell: (row) => place(word(row[1]), row[2]) },
      { title: "symbol", key: (row) => word(row[3]), cell: (row) => h("code", {}, ...soft(word(row[3]))) },
      { title: "direction", key: direction, cell: direction },
      { title: "kind", key: (row) => word(row[6]), cell: (row) => `${word(row[6])}${row[7] > 1 ? ` ×${row[7]}` : ""}` },
      { title: "remedy", key: (row) => word(row[8]), cell: (row) => h("strong", {}, word(row[8])) },
      { title: "points", key: (row) => row[9], cell: (row) => shown(row[9], 1), number: true },
      { title: "why", key: (row) => word(row[10]), cell: (row) => word(row[10]), wide: true },
      { title: "other side", key: (row) => word(row[row[0] ? 4 : 5]), cell: (row) => h("span", { class: "mono" }, ...soft(word(row[row[0] ? 4 : 5]))), wide: true },
    ],
  });
}

/** @param {any} slice */
function tablesTitle(slice) {
  const own = slice.tables.rows.filter((/** @type {any} */ one) => one.owner === "slice").length;
  return `${shown(own)} of its own, ${shown(slice.tables.rows.length - own)} of the legacy side`;
}

/** @param {any} slice @returns {Child} */
function tableRows(slice) {
  /** @param {any} list */
  const places = (list) =>
    list.total
      ? h("ul", { class: "places" }, ...list.rows.map((/** @type {string} */ one) => h("li", {}, placed(one))), more(list, PLAN))
      : "none";
  return [
    plain(
      `Tables of ${slice.name}`,
      ["table", "verdict", "declared", "read by", "written by", "foreign keys", "how it moves"],
      slice.tables.rows.map((/** @type {any} */ one) => [
        h("code", {}, one.table),
        h("span", { class: `tag ${one.verdict}` }, one.verdict),
        one.file ? place(one.file, one.line) : "unknown",
        places(one.readers),
        places(one.writers),
        places(one.keys),
        h("span", { class: "prose" }, one.sync),
      ]),
    ),
    more(slice.tables, PLAN),
  ];
}

/** @param {any} slice @returns {Child} */
function routeRows(slice) {
  /** @param {any[]} list */
  const places = (list) => (list.length ? h("ul", { class: "places" }, ...list.map((one) => h("li", {}, placed(one)))) : "nobody who was found");
  return [
    h("p", { class: "faint" }, "From the request to the table: tables are those that the file of the route uses or declares."),
    plain(
      `Routes of ${slice.name}`,
      ["asked by", "route", "answered in", "tables"],
      slice.routes.rows.map((/** @type {any[]} */ [route, file, line, asked, used]) => [
        places(asked),
        h("code", {}, route),
        place(file, line),
        used.length ? joined(used.map((/** @type {string} */ one) => h("code", {}, one))) : "none seen",
      ]),
    ),
    more(slice.routes, PLAN),
  ];
}

/** @param {any} slice @returns {Child} */
function contractOf(slice) {
  const { commands, queries } = slice;
  if (!(commands.total + queries.total)) return false;
  return folded(`Contract: ${counted(commands.total, "command")}, ${counted(queries.total, "query")}`, () => [
    h("p", {}, "To be written in ", h("code", {}, slice.contract), "."),
    plain(
      `Contract of ${slice.name}`,
      ["message", "gateway", "today", "place", "callers"],
      [...commands.rows, ...queries.rows].map(([name, gateway, now, file, line, callers]) => [
        h("strong", {}, name),
        h("code", {}, gateway),
        h("code", {}, now),
        place(file, line),
        callers || "",
      ]),
      [4],
    ),
    more({ rows: [...commands.rows, ...queries.rows], total: commands.total + queries.total }, PLAN),
  ]);
}

/** @param {any} slice @returns {Child} */
function contents(slice) {
  const { modules, tests } = slice;
  return [
    plain(
      `Modules of ${slice.name}`,
      ["module", "file", "lines", "why"],
      modules.rows.map((/** @type {number[]} */ [name = 0, path = 0, lines = 0, reason = 0]) => [
        h("span", { class: "mono" }, ...soft(word(name))),
        place(word(path)),
        shown(lines),
        word(reason),
      ]),
      [2],
    ),
    more(modules, PLAN),
    tests.total > 0 && [
      h("h5", {}, "Tests that move along"),
      h("ul", { class: "places" }, ...tests.rows.map((/** @type {string} */ one) => h("li", {}, place(one)))),
      more(tests, PLAN),
    ],
  ];
}

/** @param {any} slice @returns {Child} */
function sharedRows(slice) {
  return [
    plain(
      `Shared code of ${slice.name}`,
      ["module", "file", "what becomes of it", "lines", "used"],
      slice.shared.rows.map((/** @type {any[]} */ [name, path, remedy, lines, symbols, total]) => [
        h("span", { class: "mono" }, ...soft(name)),
        place(path),
        word(remedy),
        shown(lines),
        [...joined(symbols.map((/** @type {string} */ one) => h("code", {}, one))), total > symbols.length && `, ${total - symbols.length} more`],
      ]),
      [3],
    ),
    more(slice.shared, PLAN),
  ];
}

/** @param {any} slice @returns {Child} */
function parityRows(slice) {
  return [
    plain(
      `Parity of ${slice.name}`,
      ["what", "subject", "place", "how"],
      slice.parity.rows.map((/** @type {any[]} */ [check, subject, file, line, how]) => [
        check,
        h("code", {}, subject),
        place(file, line),
        h("span", { class: "prose" }, how),
      ]),
    ),
    more(slice.parity, PLAN),
  ];
}

// Waves.

/** @returns {Child} */
function wavesSection() {
  const { rows, beyond, circles } = DATA.waves;
  if (!rows.length) return h("p", {}, "No waves: nothing is planned.");
  let start = 0;
  const spans = rows.map((/** @type {any} */ wave) => {
    const from = start;
    start += Math.max(0, ...wave.modules.rows.map((/** @type {any} */ one) => one.p50));
    return from;
  });
  const ends = rows.flatMap((/** @type {any} */ wave, /** @type {number} */ index) =>
    wave.modules.rows.map((/** @type {any} */ one) => spans[index] + one.p90),
  );
  const whole = Math.max(1, ...ends);
  return [
    h(
      "p",
      { class: "lead" },
      "A slice needs none of a later wave. The dark bar is the likely effort (P50), the light one what it may become (P90); " +
        "slices of one wave can run side by side, so a wave begins where the longest of the one before is likely to end.",
    ),
    h("ol", { class: "waves" }, ...rows.map((/** @type {any} */ wave, /** @type {number} */ index) => waveItem(wave, spans[index], whole))),
    beyond.length > 0 && h("p", {}, "Beyond the last wave: ", ...joined(beyond.map(sliceLink)), "."),
    h("h3", {}, "Circles"),
    circles.length
      ? h("ul", {}, ...circles.map(circle))
      : h("p", { class: "faint" }, "None: no slices need each other."),
  ];
}

/**
 * @param {any} wave
 * @param {number} start
 * @param {number} whole
 */
function waveItem(wave, start, whole) {
  const { modules } = wave;
  const title = wave.number ? `Wave ${wave.number}` : "Wave 0: shared packages";
  const effort = wave.number ? `${points(wave)} points` : counted(wave.lines, "line");
  return h(
    "li",
    {},
    h("h3", {}, title, " ", h("span", { class: "faint" }, effort)),
    h("p", { class: "faint" }, sentence(wave.reason)),
    wave.number
      ? h("ul", { class: "gantt" }, ...modules.rows.map((/** @type {any} */ one) => gantt(one, start, whole)))
      : packages(modules.rows),
    more(modules, "migration-wave-plan.json"),
    h(
      "p",
      { class: "faint" },
      wave.entry.length > 0 && `Begins when ${wave.entry.join(", and ")}. `,
      wave.exit.length > 0 && `Is over when ${wave.exit.join(", and ")}.`,
    ),
  );
}

/**
 * @param {any} one
 * @param {number} start
 * @param {number} whole
 */
function gantt(one, start, whole) {
  const scale = 1000 / whole;
  const at = start * scale;
  const picture = s(
    "svg",
    { viewBox: "0 0 1000 18", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { class: "track", x: 0, y: 8, width: 1000, height: 2 }),
    s("rect", { class: "p90", x: at, y: 2, width: Math.max(2, one.p90 * scale), height: 14 }),
    s("rect", { class: "p50", x: at, y: 2, width: Math.max(2, one.p50 * scale), height: 14 }),
  );
  const needs = one.needs.length ? [" needs ", ...joined(one.needs.map(sliceLink))] : [];
  return h(
    "li",
    {},
    h("span", { class: "label" }, sliceLink(one.slice), h("span", { class: "faint" }, ...needs)),
    picture,
    h("span", { class: "number" }, points(one)),
  );
}

/** @param {any[]} rows */
function packages(rows) {
  return h(
    "ul",
    { class: "packages" },
    ...rows.map((one) =>
      h("li", {}, h("span", { class: "mono" }, ...soft(one.module)), h("span", { class: "faint" }, ` ${counted(one.members, "module")}, for ${one.users.join(", ")}`)),
    ),
  );
}

/** @param {any} one */
function circle(one) {
  const pairs = one.cut.map((/** @type {string[]} */ [who, whom]) => [sliceLink(who ?? ""), " → ", sliceLink(whom ?? "")]);
  return h(
    "li",
    {},
    ...joined(one.members.map(sliceLink)),
    " need each other. Cheapest to cut first: ",
    ...joined(pairs),
    `, ${shown(one.points, 1)} points.`,
  );
}
