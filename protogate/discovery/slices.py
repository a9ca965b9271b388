"""The slices that a plan is made for: candidates that do not lie in each other, each complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.candidates import UI
from protogate.discovery.completion import Neighbours, complete
from protogate.discovery.scores import LIBRARY, SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.discovery.candidates import Candidate
    from protogate.discovery.graph import Graph

__all__ = ["Decision", "Slice", "chosen"]

_SUBSTANCE: Final = 0.4
_HALF_SUBSTANCE: Final = 1_000
"""Lines of code of half the worth of size; extractions that really happened moved 3,600 to 13,000."""
_OVERLAP: Final = 0.1
_PAGES: Final = 0.75
"""What a module of pages is worth beside a slice: without its routes it moves no behaviour."""


class Slice(NamedTuple):
    """What leaves together."""

    candidate: Candidate
    modules: tuple[str, ...]
    reasons: Mapping[str, str]
    """Why each module is in it: `seed`, `named orders`, `75% of its references`."""


class Decision(NamedTuple):
    """Why a candidate is planned, or not."""

    candidate: Candidate
    is_planned: bool
    reason: str


def chosen(
    ranked: Sequence[Candidate], graph: Graph, limit: int
) -> tuple[tuple[Slice, ...], tuple[Slice, ...], tuple[Decision, ...]]:
    """Return the slices to plan, the libraries that should leave before them, and what was decided of each candidate.

    Of candidates within each other the one that is worth most is taken: its score, weighted by its size, because a
    slice of two hundred lines is no work worth a migration and the family that it belongs to may be one.

    Args:
        ranked: all candidates.
        graph: of the modules.
        limit: of slices.
    """
    neighbours = Neighbours.of(graph)
    picked: list[Slice] = []
    libraries: list[Slice] = []
    taken: dict[str, str] = {}
    decided: dict[str, Decision] = {}
    for one in sorted(ranked, key=lambda one: (-_worth(one), one.unit.name)):
        name = one.unit.name
        reason = one.excluded or _conflict(one, taken)
        if not reason and one.archetype == LIBRARY:
            reason = "a shared library: it leaves as a package, before the slices that use it"
            libraries.append(
                Slice(one, tuple(sorted(one.unit.modules)), dict.fromkeys(sorted(one.unit.modules), "seed"))
            )
            taken |= dict.fromkeys(one.unit.modules, name)
        elif not reason and len(picked) >= limit:
            reason = f"below the limit of {limit}"
        if reason:
            decided[name] = Decision(one, is_planned=False, reason=reason)
            continue
        found = _slice(one, neighbours, taken)
        picked.append(found)
        taken |= dict.fromkeys(found.modules, name)
        decided[name] = Decision(one, is_planned=True, reason=f"{one.archetype}, {one.fit:.1f} of 100")
    return tuple(picked), tuple(libraries), tuple(decided[one.unit.name] for one in ranked)


def _worth(one: Candidate) -> float:
    lines = one.measures.code_lines
    return (
        (_PAGES if one.archetype == UI else 1.0)
        * one.fit
        * (1.0 - _SUBSTANCE + _SUBSTANCE * lines / (lines + _HALF_SUBSTANCE))
    )


def _conflict(one: Candidate, taken: Mapping[str, str]) -> str:
    held = [taken[name] for name in one.unit.modules if name in taken]
    if len(held) <= _OVERLAP * len(one.unit.modules):
        return ""
    owner = min(set(held), key=lambda name: (-held.count(name), name))
    return f"{len(held)} of its {len(one.unit.modules)} modules are in {owner}"


def _slice(one: Candidate, neighbours: Neighbours, taken: Mapping[str, str]) -> Slice:
    free = [name for name in one.unit.modules if name not in taken]
    if one.archetype not in {SERVICE, UI}:
        return Slice(one, tuple(sorted(free)), dict.fromkeys(sorted(free), "seed"))
    grown = complete(free, one.unit.name, neighbours)
    kept = [name for name in grown.modules if name not in taken]
    return Slice(one, tuple(kept), {name: grown.reasons[name] for name in kept})
