/* What a repository is at first sight, pages and services, what was left out, what could not be read. */

/** @returns {Child} */
function summarySection() {
  const { counts, profile } = DATA;
  const figures = [
    [counts.modules, "module"],
    [profile.counts.lines, "line"],
    [counts.edges, "reference"],
    [counts.module_boundaries, "boundary"],
    [counts.candidate_modules, "candidate"],
    [counts.delegation_plan_modules, "planned slice"],
    [counts.cut_edges, "line to cut"],
    [profile.counts.routes, "route"],
    [profile.counts.tables, "table"],
    [profile.counts.tests, "module of tests"],
    [profile.counts.commits, "commit"],
  ];
  return [
    h(
      "ul",
      { class: "figures" },
      ...figures.filter(([value]) => value !== undefined).map(([value, noun]) => {
        const said = plural(value, noun);
        return h("li", {}, h("strong", {}, shown(value)), " ", said);
      }),
    ),
    languages(profile.languages),
    profile.frameworks.length > 0 && h("p", {}, "Frameworks: ", ...joined(profile.frameworks.map((/** @type {string} */ one) => h("strong", {}, one))), "."),
    profile.hints.length > 0 && h("p", {}, "Architecture: ", profile.hints.join(", "), "."),
    h("h3", { class: "next" }, "Take out first"),
    nextCards(),
  ];
}

/**
 * @param {number} value
 * @param {string} noun
 */
function plural(value, noun) {
  if (value === 1) return noun;
  const [first = "", ...rest] = noun.split(" ");
  // Of `line to cut` and `module of tests` the first word is counted, of `planned slice` the last.
  if (["to", "of"].includes(rest[0] ?? "")) return [`${first}s`, ...rest].join(" ");
  return counted(2, noun).slice(2);
}

/** @param {any[][]} list @returns {Child} */
function languages(list) {
  const whole = list.reduce((sum, one) => sum + one[2], 0);
  if (!whole) return h("p", {}, "No code was found that can be read.");
  return h(
    "ul",
    { class: "bars narrow" },
    ...list.map(([name, files, lines]) =>
      h("li", {}, h("span", {}, name), bar(lines, whole), h("span", { class: "number" }, `${shown((100 * lines) / whole, 1)} %`), h("span", { class: "faint" }, `${counted(files, "file")}, ${counted(lines, "line")}`)),
    ),
  );
}

/** @returns {Child} */
function pagesSection() {
  const { components, modules, groups, coupling } = DATA.pages;
  const file = "service-boundaries.json";
  return [
    coupling && h("p", { class: "lead" }, sentence(coupling)),
    components.total > 0 && [
      h("h3", {}, "Components"),
      listing({
        label: "Components",
        rows: components.rows,
        noun: "component",
        step: 25,
        filters: [withWords((row) => [row.slug, ...row.members, ...row.groups, row.reason].join(" ")), withOne("Delivery", components.rows, (row) => row.mode)],
        columns: [
          { title: "component", key: (row) => row.slug, cell: (row) => h("span", { class: "mono" }, row.slug) },
          { title: "delivery", key: (row) => row.mode, cell: (row) => row.mode },
          { title: "kind", key: (row) => row.kind, cell: (row) => row.kind, wide: true },
          { title: "priority", key: (row) => row.priority, cell: (row) => shown(row.priority, 1), number: true },
          { title: "pages", key: (row) => row.members.join(", "), cell: (row) => row.members.join(", "), wide: true },
          { title: "routes", key: (row) => row.groups.join(", "), cell: (row) => row.groups.join(", "), wide: true },
          { title: "why", cell: (row) => h("span", { class: "prose" }, row.reason) },
        ],
      }),
      more(components, file),
    ],
    modules.total > 0 && [
      h("h3", {}, "Modules of pages and what they ask"),
      ...modules.rows.map((/** @type {any} */ one) => folded(`${one.module}: ${one.mode}, ${counted(one.requests.total, "request")}`, () => frontendBody(one))),
      more(modules, file),
    ],
    groups.total > 0 && [
      h("h3", {}, "Groups of routes"),
      ...groups.rows.map((/** @type {any} */ one) => folded(`${one.group}: ${counted(one.routes.total, "route")}`, () => groupBody(one))),
      more(groups, file),
    ],
    !components.total && !modules.total && !groups.total && !coupling && h("p", { class: "faint" }, "Neither pages nor routes were found."),
  ];
}

/** @param {any} one @returns {Child} */
function frontendBody(one) {
  return [
    h("p", {}, one.reason),
    plain(
      `Requests of ${one.module}`,
      ["request", "sent in", "answered by"],
      one.requests.rows.map((/** @type {any[]} */ [request, file, line, routes]) => [
        h("code", {}, request),
        place(file, line),
        routes.length ? h("ul", { class: "places" }, ...routes.map((/** @type {string} */ route) => h("li", {}, routed(route)))) : "nothing that was found",
      ]),
    ),
    more(one.requests, "service-boundaries.json"),
  ];
}

/** @param {any} one @returns {Child} */
function groupBody(one) {
  return [
    one.users.length > 0 && h("p", {}, `Asked by ${one.users.join(", ")}.`),
    h("ul", { class: "places" }, ...one.routes.rows.map((/** @type {string} */ route) => h("li", {}, routed(route)))),
    more(one.routes, "service-boundaries.json"),
  ];
}

/** A route given as `GET /orders shop/orders.py:7`. @param {string} text @returns {Child} */
function routed(text) {
  const [method = "", path = "", ...rest] = text.split(" ");
  return rest.length ? [h("code", {}, `${method} ${path}`), " ", placed(rest.join(" "))] : text;
}

/** @returns {Child} */
function patternsSection() {
  const { counts, rows, total } = DATA.patterns;
  const most = Math.max(1, ...counts.map((/** @type {any[]} */ one) => one[1]));
  return [
    h("ul", { class: "bars narrow" }, ...counts.map((/** @type {any[]} */ [name, count]) => h("li", {}, h("span", {}, name), bar(count, most), h("span", { class: "number" }, shown(count))))),
    listing({
      label: "Patterns",
      rows,
      total,
      noun: "unit",
      expand: (row) => h("ul", { class: "places" }, ...row[7].map((/** @type {string[]} */ [where = "", why = ""]) => h("li", {}, placed(where), " ", why))),
      step: 25,
      filters: [withWords((row) => row[0]), withOne("Pattern", rows, (row) => row[1])],
      columns: [
        { title: "unit", key: (row) => row[0], cell: (row) => h("span", { class: "mono" }, ...soft(row[0])) },
        { title: "pattern", key: (row) => row[1], cell: (row) => row[1] },
        { title: "confidence", key: (row) => row[2], cell: (row) => shown(row[2], 2), number: true },
        { title: "commands", key: (row) => row[3], cell: (row) => shown(row[3]), number: true, wide: true },
        { title: "queries", key: (row) => row[4], cell: (row) => shown(row[4]), number: true, wide: true },
        { title: "events", key: (row) => row[5], cell: (row) => shown(row[5]), number: true, wide: true },
        { title: "priority", key: (row) => row[6], cell: (row) => row[6] },
      ],
    }),
    more({ rows, total }, "cqrs-pattern-clusters.json"),
  ];
}

/** @returns {Child} */
function excludedSection() {
  const { rows, total, reasons } = DATA.excluded;
  if (!total) return h("p", { class: "faint" }, "Nothing was left out.");
  const most = Math.max(1, ...reasons.map((/** @type {any[]} */ one) => one[1]));
  return [
    h("ul", { class: "bars narrow" }, ...reasons.map((/** @type {any[]} */ [reason, count]) => h("li", {}, h("span", {}, reason), bar(count, most), h("span", { class: "number" }, shown(count))))),
    listing({
      label: "Left out",
      rows,
      total,
      noun: "unit",
      step: 25,
      filters: [withWords((row) => row[0]), withOne("Reason", rows, (row) => word(row[1]))],
      columns: [
        { title: "unit", key: (row) => row[0], cell: (row) => h("span", { class: "mono" }, ...soft(row[0])) },
        { title: "reason", key: (row) => word(row[1]), cell: (row) => word(row[1]) },
        { title: "score", key: (row) => row[2], cell: (row) => shown(row[2], 1), number: true },
        { title: "lines", key: (row) => row[3], cell: (row) => shown(row[3]), number: true },
      ],
    }),
    more({ rows, total }, "excluded-candidates.json"),
  ];
}

/** @returns {Child} */
function problemsSection() {
  const { problems } = DATA.profile;
  if (!problems.total) return h("p", { class: "faint" }, "None: every file was read whole.");
  return [
    plain("Problems of reading", ["place", "what"], problems.rows.map((/** @type {any[]} */ [file, line, message]) => [place(file, line), message])),
    more(problems, "repository-inventory.json"),
  ];
}
