"""From the model of a repository to everything that is said of it; pure, so that equal models get equal answers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from protogate.discovery.candidates import candidates
from protogate.discovery.cqrs import CqrsSettings, cqrs_document
from protogate.discovery.plan import Planner
from protogate.discovery.slices import chosen
from protogate.discovery.structure import Structure
from protogate.discovery.waves import ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from protogate.discovery.boundaries import Boundaries
    from protogate.discovery.candidates import Candidate
    from protogate.discovery.model import Inventory
    from protogate.discovery.plan import PlannedSlice
    from protogate.discovery.settings import Settings
    from protogate.discovery.slices import Slice
    from protogate.discovery.waves import Order

__all__ = ["Analysis", "Begin", "analysed", "later", "patterns", "ranking"]


Value = TypeVar("Value")


class Begin(Protocol):
    """Begins a piece of work and returns what gives its result, as `beside.Beside` does."""

    def __call__(self, work: Callable[[], Value], /) -> Callable[[], Value]:
        """Begin."""
        ...


def later(work: Callable[[], Value]) -> Callable[[], Value]:
    """Begin nothing: the work is done when its result is asked for."""
    return work


class Analysis:
    """All answers, before they are written as documents; what takes long is found when it is asked for first."""

    def __init__(
        self,
        inventory: Inventory,
        structure: Structure,
        ranked: tuple[Candidate, ...],
        settings: Settings,
        clusters: Mapping[str, object] | None = None,
        begin: Begin = later,
    ) -> None:
        """Choose what is planned.

        Args:
            inventory: the repository.
            structure: of it.
            ranked: its candidates.
            settings: of the run.
            clusters: `cqrs-pattern-clusters.json` of an earlier run, where somebody edited it.
            begin: begins what is asked for later.
        """
        self.inventory, self.graph, self.boundaries = inventory, structure.graph, structure.boundaries
        self.ranked = ranked
        self._settings = settings
        limit = settings.of("analysis.delegation_limit")
        self.slices, self.libraries, self.decisions = chosen(ranked, structure.graph, limit)
        self._clusters = begin(self._found_clusters) if clusters is None else lambda: clusters

    @cached_property
    def clusters(self) -> Mapping[str, object]:
        """Return `cqrs-pattern-clusters.json`."""
        return self._clusters()

    def _found_clusters(self) -> Mapping[str, object]:
        roots = self._settings.of("cqrs.module_roots")
        parts = _below(self.inventory, _parted(self.slices, self.boundaries), roots)
        return cqrs_document(self.inventory, parts, _cqrs_settings(self._settings))

    @cached_property
    def planned(self) -> tuple[PlannedSlice, ...]:
        """Return the plan of each slice."""
        planner = Planner(self.inventory, self.graph, self.boundaries)
        return planner.plan(self.slices, patterns(self.clusters))

    @cached_property
    def order(self) -> Order:
        """Return the waves that slices leave in."""
        needs = {one.name: one.needs for one in self.planned}
        risks = {one.name: one.risk for one in self.planned}
        return ordered(needs, risks, self._settings.of("analysis.wave_size"))


def ranking(inventory: Inventory, structure: Structure, settings: Settings) -> tuple[Candidate, ...]:
    """Return all candidates of a repository, best first."""
    graph, _, listed, measures = structure
    return candidates(inventory, graph, listed, measures, settings.of("analysis.migrated_modules"))


def analysed(
    inventory: Inventory,
    settings: Settings,
    only: Sequence[str] = (),
    clusters: Mapping[str, object] | None = None,
) -> Analysis:
    """Return all answers on a repository.

    Args:
        inventory: the repository.
        settings: of the run.
        only: names of the candidates that may be planned, best first; empty for all.
        clusters: `cqrs-pattern-clusters.json` of an earlier run, where somebody edited it.
    """
    structure = Structure.of(inventory)
    ranked = ranking(inventory, structure, settings)
    return Analysis(inventory, structure, _only(ranked, only) if only else ranked, settings, clusters)


def patterns(clusters: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    """Return the rows of `cqrs-pattern-clusters.json` by the unit that each is about."""
    rows = clusters.get("rows")
    listed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {str(row.get("module", "")): row for row in listed}


def _only(ranked: Sequence[Candidate], names: Sequence[str]) -> tuple[Candidate, ...]:
    """Return the candidates that a list names; what it names is planned whatever spoke against it."""
    return tuple(one._replace(excluded="" if one.unit.name in names else "not in the input") for one in ranked)


def _parted(slices: Sequence[Slice], found: Boundaries) -> dict[str, tuple[str, ...]]:
    """Return the units whose patterns are asked for: slices, and of every boundary what is in no slice."""
    parts = {one.candidate.unit.name: one.modules for one in slices}
    taken = {module for one in slices for module in one.modules}
    for name, modules in found.members.items():
        rest = tuple(module for module in modules if module not in taken)
        if rest and name not in parts:
            parts[name] = rest
    return parts


def _below(
    inventory: Inventory, parts: Mapping[str, tuple[str, ...]], roots: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return the units that have a module below one of these directories; all where none are named."""
    if not roots:
        return parts
    inside = {
        one.name for one in inventory.modules if one.path.startswith(tuple(f"{root.strip('/')}/" for root in roots))
    }
    return {name: modules for name, modules in parts.items() if not inside.isdisjoint(modules)}


def _cqrs_settings(settings: Settings) -> CqrsSettings:
    return CqrsSettings(
        float(settings.of("cqrs.cluster_similarity_threshold")),
        tuple(settings.of("cqrs.patterns")),
        str(settings.of("cqrs.custom_extraction_target")),
        str(settings.of("cqrs.types_glob")),
    )
