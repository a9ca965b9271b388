"""From the model of a repository to everything that is said of it; pure, so that equal models get equal answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protogate.discovery.boundaries import boundaries
from protogate.discovery.candidates import candidates
from protogate.discovery.graph import mixed_graph
from protogate.discovery.plan import Planner
from protogate.discovery.slices import chosen
from protogate.discovery.units import measured, units
from protogate.discovery.waves import ordered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.discovery.boundaries import Boundaries
    from protogate.discovery.candidates import Candidate
    from protogate.discovery.graph import Graph
    from protogate.discovery.model import Inventory
    from protogate.discovery.plan import PlannedSlice
    from protogate.discovery.settings import Settings
    from protogate.discovery.slices import Decision, Slice
    from protogate.discovery.waves import Order

__all__ = ["Analysis", "analysed"]


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


def analysed(
    inventory: Inventory,
    settings: Settings,
    only: Sequence[str] = (),
    patterns: Mapping[str, Mapping[str, object]] | None = None,
) -> Analysis:
    """Return all answers on a repository.

    Args:
        inventory: the repository.
        settings: of the run.
        only: names of the candidates that may be planned, best first; empty for all.
        patterns: of candidates their rows of `cqrs-pattern-clusters.json`.
    """
    graph = mixed_graph(inventory)
    found = boundaries(inventory, graph)
    listed = units(inventory, found, graph.modules)
    ranked = candidates(
        inventory, graph, listed, measured(inventory, graph, listed), settings.of("analysis.migrated_modules")
    )
    wanted = _only(ranked, only) if only else ranked
    slices, libraries, decisions = chosen(wanted, graph, settings.of("analysis.delegation_limit"))
    planned = Planner(inventory, graph, found).plan(slices, patterns or {})
    order = ordered(
        {one.name: one.needs for one in planned},
        {one.name: one.risk for one in planned},
        settings.of("analysis.wave_size"),
    )
    return Analysis(inventory, graph, found, ranked, libraries, decisions, planned, order)


def _only(ranked: Sequence[Candidate], names: Sequence[str]) -> tuple[Candidate, ...]:
    """Return the candidates that a list names; what it names is planned whatever spoke against it."""
    return tuple(
        one._replace(excluded="") if one.unit.name in names else one._replace(excluded="not in the input")
        for one in ranked
    )
