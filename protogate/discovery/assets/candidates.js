/* Everything that may leave, ranked, with what its scores are made of. */

/** @returns {Child} */
function candidatesSection() {
  const { rows, total, archetypes, phases } = DATA.candidates;
  /** @param {string[]} values @returns {[string, string][]} */
  const all = (values) => [["", "all"], ...values.map((one) => /** @type {[string, string]} */ ([one, one]))];
  return [
    h("p", { class: "lead" }, "Each is a package, a proposed boundary or a module with a life of its own. The score is for a service slice; the fit is for what it becomes."),
    listing({
      label: "Candidates",
      rows,
      total,
      noun: "candidate",
      step: 60,
      expand: scores,
      filters: [
        withWords((row) => [row.module, row.path, row.slice, ...row.owners].join(" "), "Words of its name or path"),
        { label: "Archetype", options: all(archetypes), keeps: (row, value) => !value || row.archetype === value },
        { label: "Phase", options: all(phases), keeps: (row, value) => !value || row.phase === value },
        {
          label: "State",
          options: [["", "all"], ["planned", "planned"], ["free", "not left out"], ["out", "left out"]],
          keeps: (row, value) => !value || (value === "planned" ? Boolean(row.slice) : (word(row.excluded) !== "") === (value === "out")),
        },
      ],
      columns: [
        { title: "rank", key: (row) => row.rank, cell: (row) => row.rank, number: true, up: true },
        { title: "module", key: (row) => row.module, cell: (row) => moduleCell(row) },
        { title: "archetype", key: (row) => row.archetype, cell: (row) => tag(row.archetype), wide: true },
        { title: "score", key: (row) => row.score, cell: (row) => [bar(row.score, 100, row.archetype), shown(row.score, 1)], number: true },
        { title: "fit", key: (row) => row.fit, cell: (row) => shown(row.fit, 1), number: true, wide: true },
        { title: "phase", key: (row) => row.phase, cell: (row) => h("span", { class: "nowrap" }, row.phase), wide: true },
        { title: "effort", key: (row) => ["low", "medium", "high"].indexOf(row.effort), cell: (row) => row.effort, wide: true },
        { title: "lines", key: (row) => row.lines, cell: (row) => shown(row.lines), number: true },
        { title: "used by", key: (row) => row.in, cell: (row) => shown(row.in), number: true },
        { title: "uses", key: (row) => row.out, cell: (row) => shown(row.out), number: true, wide: true },
        { title: "routes", key: (row) => row.routes, cell: (row) => shown(row.routes), number: true, wide: true },
        { title: "tables", key: (row) => row.tables, cell: (row) => shown(row.tables), number: true, wide: true },
      ],
    }),
    more({ rows, total }, "module-candidates.json"),
  ];
}

/** @param {any} row @returns {Child} */
function moduleCell(row) {
  return [
    h("span", { class: "mono" }, ...soft(row.module)),
    row.slice && [" ", h("span", { class: "planned" }, "planned as ", sliceLink(row.slice))],
    word(row.excluded) && [" ", h("span", { class: "faint" }, `left out: ${word(row.excluded)}`)],
  ];
}

/** @param {any} row @returns {Child} */
function scores(row) {
  const facts = [
    ["path", h("span", { class: "mono" }, ...soft(row.path))],
    ["becomes", word(row.target)],
    ["archetype", row.archetype],
    ["phase and effort", `${row.phase}, ${row.effort}`],
    ["files", shown(row.files)],
    ["uses, is used by", `${shown(row.out)}, ${shown(row.in)} modules`],
    ["decision", word(row.decision)],
    ["owners", row.owners.join(", ")],
  ].filter(([, value]) => value);
  return [
    h("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("div", { class: "columns scores" }, ...row.scores.map((/** @type {any[]} */ one) => score(one))),
  ];
}

/** @param {any[]} given */
function score([name, total, parts]) {
  return h(
    "section",
    {},
    h("h3", {}, word(name), " ", h("span", { class: "number" }, shown(total, 1))),
    h(
      "ul",
      { class: "bars" },
      ...parts.map((/** @type {number[]} */ [part = 0, points = 0, most = 0, evidence = 0]) =>
        h(
          "li",
          {},
          h("span", {}, word(part)),
          bar(points, most, word(name)),
          h("span", { class: "number" }, `${shown(points, 1)} of ${shown(most)}`),
          h("span", { class: "faint" }, word(evidence)),
        ),
      ),
    ),
  );
}
