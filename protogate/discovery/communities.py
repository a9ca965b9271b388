"""Which nodes of a graph belong together: the two-level map equation, made small by moving nodes, deterministic.

The measure is that of M. Rosvall and C. T. Bergstrom, "Maps of random walks on complex networks reveal community
structure", PNAS 105 (2008): how many bits a step of a random walk costs when each community has a code book of its own.
"""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["code_length", "communities"]

_LEAST_GAIN: Final = 1e-10
"""Bits; below it two answers are the same, and rounding must not decide."""
_ROUNDS: Final = 30
_SHORT: Final = 1.0
_LONG: Final = 1.5
_FEW: Final = 50
_MANY: Final = 400
"""Nodes up to which a graph is small, and from which on it is large."""


def _time(nodes: int) -> float:
    """Return the steps of the walk between two looks at it.

    Above 1 the communities are larger (M. T. Schaub et al., "Encoding dynamics for multiscale community detection",
    Phys. Rev. E 86, 2012). At 1 the map equation cuts a family of plugins into its plugins; at more it sees one single
    community in a graph of a dozen modules.
    """
    return _SHORT + (_LONG - _SHORT) * min(1.0, max(0.0, (nodes - _FEW) / (_MANY - _FEW)))


def communities(nodes: Sequence[str], edges: Mapping[tuple[str, str], float]) -> dict[str, int]:
    """Return the number of the community of each node, counted from 0 in the order of the nodes.

    Args:
        nodes: names; their order decides between equal answers, so sort them.
        edges: undirected weights, above 0; a pair in both orders is added up, a node with itself is left out.
    """
    places = {name: index for index, name in enumerate(nodes)}
    neighbours: list[dict[int, float]] = [{} for _ in nodes]
    for (left, right), weight in sorted(edges.items()):
        one, other = places[left], places[right]
        if one != other:
            neighbours[one][other] = neighbours[one].get(other, 0.0) + weight
            neighbours[other][one] = neighbours[other].get(one, 0.0) + weight
    found = _partition(neighbours)
    return {name: found[index] for name, index in places.items()}


def code_length(edges: Mapping[tuple[str, str], float], groups: Mapping[str, int]) -> float:
    """Return the bits a step costs under a partition; the smaller, the better the partition tells the graph."""
    strength: dict[str, float] = {}
    leaving: dict[int, float] = {}
    time = _time(len(groups))
    total = 2.0 * sum(weight for (left, right), weight in edges.items() if left != right)
    for (left, right), weight in edges.items():
        if left == right:
            continue
        for name in (left, right):
            strength[name] = strength.get(name, 0.0) + weight / total
            if groups[left] != groups[right]:
                leaving[groups[name]] = leaving.get(groups[name], 0.0) + time * weight / total
    inside: dict[int, float] = {}
    for name, flow in strength.items():
        inside[groups[name]] = inside.get(groups[name], 0.0) + flow
    return (
        _plogp(sum(leaving.values()))
        - 2.0 * sum(map(_plogp, leaving.values()))
        - sum(map(_plogp, strength.values()))
        + sum(_plogp(leaving.get(group, 0.0) + flow) for group, flow in inside.items())
    )


def _plogp(value: float) -> float:
    return value * log2(value) if value > 0.0 else 0.0


def _partition(neighbours: list[dict[int, float]]) -> list[int]:
    """Move nodes, then communities as nodes, until nothing gets better."""
    total = sum(sum(row.values()) for row in neighbours)
    time = _time(len(neighbours))
    groups = list(range(len(neighbours)))
    if not total:
        return groups
    level = [{other: time * weight / total for other, weight in row.items()} for row in neighbours]
    flows = [sum(row.values()) / time for row in level]
    while True:
        moved = _numbered(_moved(level, flows))
        groups = [moved[group] for group in groups]
        size = max(moved) + 1
        if size == len(level):
            return _numbered(groups)
        level, flows = _merged(level, flows, moved, size)


def _moved(neighbours: list[dict[int, float]], flows: list[float]) -> list[int]:
    """Return the community of each node after moves of single nodes, first come first served."""
    count = len(neighbours)
    groups = list(range(count))
    outside = [sum(row.values()) for row in neighbours]
    leaving, inside = list(outside), list(flows)
    total = sum(leaving)
    waiting = list(range(count))
    for _ in range(_ROUNDS):
        touched: set[int] = set()
        for node in waiting:
            toward: dict[int, float] = {}
            for other, weight in neighbours[node].items():
                toward[groups[other]] = toward.get(groups[other], 0.0) + weight
            own = groups[node]
            flow, out = flows[node], outside[node]
            # What stays behind leaves by what the node brought along, less what now crosses to it.
            rest = max(0.0, leaving[own] - out + 2.0 * toward.get(own, 0.0))
            best, least, chosen = own, -_LEAST_GAIN, (0.0, 0.0)
            old = -2.0 * _plogp(leaving[own]) + _plogp(leaving[own] + inside[own])
            left = -2.0 * _plogp(rest) + _plogp(max(0.0, rest + inside[own] - flow))
            for group in sorted(toward):
                if group == own:
                    continue
                grown = max(0.0, leaving[group] + out - 2.0 * toward[group])
                before = old - 2.0 * _plogp(leaving[group]) + _plogp(leaving[group] + inside[group])
                after = left - 2.0 * _plogp(grown) + _plogp(grown + inside[group] + flow)
                whole = max(0.0, total - leaving[own] - leaving[group] + rest + grown)
                change = after - before + _plogp(whole) - _plogp(total)
                if change < least:
                    best, least, chosen = group, change, (grown, whole)
            if best != own:
                leaving[own], inside[own] = rest, inside[own] - flow
                (leaving[best], total), inside[best] = chosen, inside[best] + flow
                groups[node] = best
                touched.update(other for other in neighbours[node] if groups[other] != best)
        if not touched:
            break
        waiting = sorted(touched)
    return groups


def _merged(
    neighbours: list[dict[int, float]], flows: list[float], groups: list[int], size: int
) -> tuple[list[dict[int, float]], list[float]]:
    """Return the graph whose nodes are the communities; flow keeps what stays inside."""
    rows: list[dict[int, float]] = [{} for _ in range(size)]
    sums = [0.0] * size
    for node, row in enumerate(neighbours):
        own = groups[node]
        sums[own] += flows[node]
        for other, weight in row.items():
            if groups[other] != own:
                rows[own][groups[other]] = rows[own].get(groups[other], 0.0) + weight
    return rows, sums


def _numbered(groups: Sequence[int]) -> list[int]:
    seen: dict[int, int] = {}
    return [seen.setdefault(group, len(seen)) for group in groups]
