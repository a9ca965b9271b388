"""From the model of a repository to everything that is said of it; pure, so that equal models get equal answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protogate.discovery.boundaries import boundaries
from protogate.discovery.candidates import candidates
from protogate.discovery.communities import communities
from protogate.discovery.cqrs import CqrsSettings, cqrs_document
from protogate.discovery.graph import mixed_graph
from protogate.discovery.plan import Planner
from protogate.discovery.slices import chosen
from protogate.discovery.units import measured, units
from protogate.discovery.waves import ordered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.discovery.boundaries import Boundaries, Finder
    from protogate.discovery.candidates import Candidate
    from protogate.discovery.graph import Graph
    from protogate.discovery.model import Inventory
    from protogate.discovery.plan import PlannedSlice
    from protogate.discovery.settings import Settings
    from protogate.discovery.slices import Decision, Slice
    from protogate.discovery.waves import Order

__all__ = ["Analysis", "analysed", "patterns"]


class Analysis(NamedTuple):
    """All answers, before they are written as documents."""

    inventory: Inventory
    graph: Graph
    boundaries: Boundaries
    ranked: tuple[Candidate, ...]
    libraries: tuple[Slice, ...]
    decisions: tuple[Decision, ...]
    planned: tuple[PlannedSlice, ...]
    order: Order
    clusters: Mapping[str, object]
    """`cqrs-pattern-clusters.json`."""


def analysed(
    inventory: Inventory,
    settings: Settings,
    only: Sequence[str] = (),
    clusters: Mapping[str, object] | None = None,
    find: Finder = communities,
) -> Analysis:
    """Return all answers on a repository.

    Args:
        inventory: the repository.
        settings: of the run.
        only: names of the candidates that may be planned, best first; empty for all.
        clusters: `cqrs-pattern-clusters.json` of an earlier run, where somebody edited it.
        find: what finds communities, or remembers them.
    """
    graph = mixed_graph(inventory)
    found = boundaries(inventory, graph, find)
    listed = units(inventory, found, graph.modules)
    measures = measured(inventory, graph, listed)
    ranked = candidates(inventory, graph, listed, measures, settings.of("analysis.migrated_modules"))
    wanted = _only(ranked, only) if only else ranked
    slices, libraries, decisions = chosen(wanted, graph, settings.of("analysis.delegation_limit"))
    if clusters is None:
        parts = _below(inventory, _parted(slices, found), settings.of("cqrs.module_roots"))
        clusters = cqrs_document(inventory, parts, _cqrs_settings(settings))
    planned = Planner(inventory, graph, found).plan(slices, patterns(clusters))
    needs = {one.name: one.needs for one in planned}
    order = ordered(needs, {one.name: one.risk for one in planned}, settings.of("analysis.wave_size"))
    return Analysis(inventory, graph, found, ranked, libraries, decisions, planned, order, clusters)


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
