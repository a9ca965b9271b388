"""In which order slices leave: what others need leaves first, of what is free the safest first, circles are named."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["Circle", "Order", "Wave", "ordered"]


class Circle(NamedTuple):
    """Slices that need each other, and the cheapest dependencies whose cut frees them."""

    members: tuple[str, ...]
    cut: tuple[tuple[str, str], ...]
    """Pairs of who needs whom, that are to be cut first."""
    cost: float


class Wave(NamedTuple):
    """Slices that may leave side by side."""

    number: int
    """From 0, which is what the others stand on."""
    slices: tuple[str, ...]


class Order(NamedTuple):
    """Waves, and what stood in their way."""

    waves: tuple[Wave, ...]
    circles: tuple[Circle, ...]


_EXACT: Final = 9
"""Slices of a circle up to which all orders are weighed; of larger ones the cut is a good one, not the cheapest."""


def ordered(needs: Mapping[str, Mapping[str, float]], risks: Mapping[str, float], most: int = 3) -> Order:
    """Return waves in which no slice needs one of a later wave, once the named cuts are made.

    Args:
        needs: of each slice those that it needs, with the cost of doing without.
        risks: of each slice; of those that could leave the least risky leave first.
        most: slices in a wave.
    """
    circles = tuple(_circle(group, needs) for group in _strong(needs) if len(group) > 1)
    cut = {pair for circle in circles for pair in circle.cut}
    waiting = {name: {other for other in needs[name] if (name, other) not in cut} & needs.keys() for name in needs}
    waves: list[Wave] = []
    done: set[str] = set()
    while waiting:
        free = sorted((name for name, those in waiting.items() if those <= done), key=lambda name: (risks[name], name))
        taken = free[:most]
        waves.append(Wave(len(waves), tuple(taken)))
        done.update(taken)
        for name in taken:
            del waiting[name]
    return Order(tuple(waves), circles)


def _strong(needs: Mapping[str, Mapping[str, float]]) -> list[tuple[str, ...]]:
    """Return groups of slices that all need each other, directly or not; each sorted. R. Tarjan's algorithm (1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(needs[name]):
            if other not in needs:
                continue
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            place = stack.index(name)
            found.append(tuple(sorted(stack[place:])))
            del stack[place:]

    for name in sorted(needs):
        if name not in index:
            visit(name)
    return sorted(found)


def _circle(members: Sequence[str], needs: Mapping[str, Mapping[str, float]]) -> Circle:
    inside = {name: {other: cost for other, cost in needs[name].items() if other in members} for name in members}
    order = _best_order(members, inside) if len(members) <= _EXACT else _good_order(members, inside)
    place = {name: index for index, name in enumerate(order)}
    cut = sorted((name, other) for name in members for other in inside[name] if place[other] > place[name])
    return Circle(tuple(sorted(members)), tuple(cut), sum(inside[name][other] for name, other in cut))


def _best_order(members: Sequence[str], inside: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return the order, what is needed first, that cuts least; all subsets are weighed once (Held and Karp)."""
    names = sorted(members)
    best: dict[frozenset[str], tuple[float, tuple[str, ...]]] = {frozenset(): (0.0, ())}
    for _ in names:
        longer: dict[frozenset[str], tuple[float, tuple[str, ...]]] = {}
        for done, (cost, order) in best.items():
            for name in names:
                if name in done:
                    continue
                more = cost + sum(weight for other, weight in inside[name].items() if other not in done)
                key = done | {name}
                if key not in longer or (more, (*order, name)) < longer[key]:
                    longer[key] = (more, (*order, name))
        best = longer
    return list(best[frozenset(names)][1])


def _good_order(members: Sequence[str], inside: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return an order that cuts little: who needs least of what is left goes next (P. Eades et al., 1993)."""
    needed: dict[str, dict[str, float]] = defaultdict(dict)
    for name, those in inside.items():
        for other, cost in those.items():
            needed[other][name] = cost
    left = set(members)
    order: list[str] = []
    while left:
        name = min(left, key=lambda one: (_sum(inside[one], left) - _sum(needed[one], left), one))
        order.append(name)
        left.remove(name)
    return _improved(order, inside)


def _sum(costs: Mapping[str, float], left: Collection[str]) -> float:
    return sum(cost for name, cost in costs.items() if name in left)


def _improved(order: list[str], inside: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Swap neighbours while that cuts less."""
    for _ in order:
        swapped = False
        for index, (first, second) in enumerate(list(pairwise(order))):
            if order[index] != first:
                continue
            if inside[first].get(second, 0.0) > inside[second].get(first, 0.0):
                order[index], order[index + 1] = second, first
                swapped = True
        if not swapped:
            break
    return order
