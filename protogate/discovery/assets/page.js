/* Puts the page together. */

/** @type {[string, string, () => Child, (number | false)?][]} */
const SECTIONS = [
  ["summary", "Summary", summarySection],
  ["waves", "Waves", wavesSection, DATA.waves.rows.length],
  ["slices", "Slices", slicesSection, DATA.slices.total],
  ["boundaries", "Boundaries", graphSection, DATA.matrix.boundaries],
  ["matrix", "Matrix", matrixSection],
  ["candidates", "Candidates", candidatesSection, DATA.candidates.total],
  ["pages", "Pages and routes", pagesSection],
  ...(DATA.patterns.total ? [/** @type {[string, string, () => Child, number]} */ (["patterns", "Patterns", patternsSection, DATA.patterns.total])] : []),
  ["excluded", "Left out", excludedSection, DATA.excluded.total],
  ["problems", "Problems of reading", problemsSection, DATA.profile.problems.total],
];

/** Open what the address names, and say that it is shown. */
function arrive() {
  const main = byId("main");
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement && !target.open) {
    target.open = true;
    target.addEventListener("toggle", () => target.scrollIntoView(), { once: true });
  }
  main.dataset["place"] = location.hash;
}

function start() {
  const main = byId("main");
  startSettings();
  main.append(h("h1", {}, DATA.name || "Repository", h("span", {}, "what to take out next")));
  for (const [id, title, make, count] of SECTIONS) {
    const shownCount = count === undefined ? null : h("span", { class: "faint" }, ` ${shown(Number(count))}`);
    main.append(h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title, shownCount?.cloneNode(true)), make()));
    byId("sections").append(h("li", {}, h("a", { href: `#${id}` }, title)));
  }
  window.addEventListener("hashchange", arrive);
  arrive();
  main.setAttribute("aria-busy", "false");
}

start();
