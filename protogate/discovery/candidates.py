"""Every unit of a repository, ranked: how well it comes out, as what, and why not where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import EdgeKind
from protogate.discovery.scores import (
    LIBRARY,
    PLUGINS,
    SERVICE,
    library_score,
    plugin_score,
    service_score,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from protogate.discovery.graph import Graph
    from protogate.discovery.model import Inventory, Manifest, Module
    from protogate.discovery.scores import Score
    from protogate.discovery.units import Measures, Unit

__all__ = ["UI", "Candidate", "candidates", "matches", "phase"]

UI: Final = "ui-module"

_WEB: Final = frozenset({"typescript", "javascript", "vue", "svelte"})
_MOST: Final = 0.4
"""Share of the code from where on a unit is the monolith itself."""
_LEAST_LINES: Final = 100
_LEAST_DEPENDENTS: Final = 5
_LEAST_LEAVES: Final = 5
_LEAST_LEAF_SHARE: Final = 0.3
_FIRST_PHASE: Final = 62.0
_SECOND_PHASE: Final = 50.0
_SEPARATE: Final = frozenset(
    {"dockerfile", "pyproject", "setup.py", "setup.cfg", "package.json", "module.yaml", "go.mod"}
)


class Candidate(NamedTuple):
    """A unit with its scores and the verdict."""

    unit: Unit
    measures: Measures
    archetype: str
    """What it would become: `service-slice`, `shared-library`, `plugin-family`, `ui-module`."""
    scores: Mapping[str, Score]
    rank: int
    """1 is the one that comes out best as a slice."""
    archetype_rank: int
    """Among those of its archetype, by the score of that archetype."""
    kind: str
    """`module`, `service`, `frontend`, `application`, `component`."""
    phase: str
    effort: str
    extraction_target: str
    excluded: str
    """Why it is none to delegate; empty where it is."""
    languages: tuple[str, ...]
    entry_points: tuple[str, ...]
    externals: tuple[str, ...]
    pages: int
    """Pages outside that use it."""
    manifests: tuple[str, ...]
    owners: tuple[str, ...]

    @property
    def score(self) -> float:
        """Return how well it comes out as a slice of its own."""
        return self.scores[SERVICE].total

    @property
    def fit(self) -> float:
        """Return the score of what it would become."""
        return self.scores[self.archetype if self.archetype in self.scores else SERVICE].total


def candidates(
    inventory: Inventory,
    graph: Graph,
    units: Sequence[Unit],
    measures: Mapping[str, Measures],
    migrated: Collection[str] = (),
) -> tuple[Candidate, ...]:
    """Return all units, best first; equal scores by name.

    Args:
        inventory: the repository.
        graph: of its modules.
        units: of it.
        measures: of each unit.
        migrated: names that have left already: `shop.orders`, or `shop.*`.
    """
    context = _Context(inventory, graph)
    found = [context.candidate(unit, measures[unit.name], migrated) for unit in units]
    found.sort(key=lambda one: (-one.score, one.unit.name))
    places: dict[str, int] = {}
    fits = {}
    for one in sorted(found, key=lambda one: (-one.fit, one.unit.name)):
        places[one.archetype] = places.get(one.archetype, 0) + 1
        fits[one.unit.name] = places[one.archetype]
    return tuple(
        one._replace(rank=index, archetype_rank=fits[one.unit.name]) for index, one in enumerate(found, start=1)
    )


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a name is one of a list: whole, or up to a `*` at the end."""
    return any(name == one or (one.endswith("*") and name.startswith(one[:-1])) for one in patterns)


def phase(score: float) -> str:
    """Return when a unit of a score is worth a look: what comes out easily, first."""
    return "phase-1" if score >= _FIRST_PHASE else "phase-2" if score >= _SECOND_PHASE else "phase-3"


class _Context:
    """What all verdicts need of the repository, counted once."""

    def __init__(self, inventory: Inventory, graph: Graph) -> None:
        self._modules = {one.name: one for one in inventory.modules}
        self._code = sum(self._modules[name].code_lines for name in graph.modules) or 1
        self._entries: dict[str, list[str]] = {}
        for entry in inventory.entry_points:
            self._entries.setdefault(entry.module, []).append(entry.kind)
        self._manifests: dict[str, list[Manifest]] = {}
        for one in inventory.manifests:
            self._manifests.setdefault(one.path.rpartition("/")[0], []).append(one)
        self._history = inventory.history
        self._has_routes = {one.module for one in inventory.routes}
        pages = {entry.module for entry in inventory.entry_points if entry.kind == "page"}
        self._pages: dict[str, set[str]] = {}
        for edge in inventory.edges if pages else ():
            if edge.source in pages and edge.kind != EdgeKind.HTTP:
                self._pages.setdefault(edge.target, set()).add(edge.source)

    def candidate(self, unit: Unit, of: Measures, migrated: Collection[str]) -> Candidate:
        modules = [self._modules[name] for name in sorted(unit.modules)]
        scores = {SERVICE: service_score(of), LIBRARY: library_score(of), PLUGINS: plugin_score(of)}
        languages = tuple(sorted({one.language for one in modules}))
        archetype = _archetype(of, scores, languages)
        manifests = tuple(one.kind for one in self._manifests.get(unit.path, ()))
        entries = tuple(sorted({kind for one in modules for kind in self._entries.get(one.name, ())}))
        kind = _kind(unit, of, archetype, manifests, entries)
        excluded = self._excluded(unit, of, modules, manifests, migrated)
        return Candidate(
            unit,
            of,
            archetype,
            scores,
            0,
            0,
            kind,
            phase(scores[SERVICE].total),
            _effort(of),
            "monolith-fragment" if excluded else _target(archetype, of, languages, entries),
            excluded,
            languages,
            entries,
            tuple(sorted({name for one in modules for name in one.externals})),
            len({page for one in modules for page in self._pages.get(one.name, ())} - unit.modules),
            manifests,
            self._owners(modules),
        )

    def _owners(self, modules: Iterable[Module]) -> tuple[str, ...]:
        votes: dict[str, int] = {}
        for one in modules:
            history = self._history.get(one.name)
            for author in history.authors if history is not None else ():
                votes[author] = votes.get(author, 0) + (history.commits if history is not None else 0)
        return tuple(sorted(votes, key=lambda name: (-votes[name], name))[:3])

    def _excluded(
        self, unit: Unit, of: Measures, modules: Sequence[Module], manifests: Sequence[str], migrated: Collection[str]
    ) -> str:
        names = (unit.name, unit.path, *(one.name for one in modules[:1] if len(modules) == 1))
        share = of.code_lines / self._code
        if any(matches(name, migrated) for name in names):
            return "migrated"
        if share >= _MOST:
            return "holds most of the code"
        if of.code_lines < _LEAST_LINES and not (of.routes or of.tables):
            return "too little code"
        if not of.inbound_modules and not of.outward and not of.kernel and _SEPARATE.intersection(manifests):
            return "already separate"
        if all(one.branches == 0 and one.definitions == 0 for one in modules):
            return "no code of its own"
        return ""


def _archetype(of: Measures, scores: Mapping[str, Score], languages: Sequence[str]) -> str:
    if _is_family(of) and scores[PLUGINS].total >= scores[SERVICE].total:
        return PLUGINS
    if of.inbound_modules >= _LEAST_DEPENDENTS and scores[LIBRARY].total >= scores[SERVICE].total:
        return LIBRARY
    if _WEB.issuperset(languages) and not of.routes:
        return UI
    return SERVICE


def _is_family(of: Measures) -> bool:
    return of.leaves >= _LEAST_LEAVES and of.leaves >= _LEAST_LEAF_SHARE * of.files


def _kind(unit: Unit, of: Measures, archetype: str, manifests: Sequence[str], entries: Sequence[str]) -> str:
    if archetype == UI:
        return "frontend"
    if "dockerfile" in manifests or "module.yaml" in manifests:
        return "service"
    if of.routes and ("app" in entries or "main" in entries):
        return "application"
    return "module" if unit.kind == "package" else "component"


def _target(archetype: str, of: Measures, languages: Sequence[str], entries: Sequence[str]) -> str:
    if archetype == UI:
        return "frontend-microfrontend"
    if archetype == LIBRARY:
        return "shared-package"
    if archetype == PLUGINS:
        return "plugin-packages"
    if of.routes and "app" in entries and not _WEB.intersection(languages):
        return "standalone-service"
    return "delegated-slice"


def _effort(of: Measures) -> str:
    """Return a first guess by size and seams; a plan counts every edge."""
    seams = of.inbound_modules + of.outward + 3 * len(of.shared_tables)
    if of.code_lines <= 1_500 and seams <= 12:  # noqa: PLR2004 - a fifth of what cinder and placement were
        return "low"
    return "medium" if of.code_lines <= 6_000 and seams <= 40 else "high"  # noqa: PLR2004 - as large as these
