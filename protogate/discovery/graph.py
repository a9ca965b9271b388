"""One weighted graph of everything that says which modules belong together.

References alone are a bad sign of a boundary: everybody uses the logger, and what belongs together in a Django
application often meets in a table or a text only. So the graph has the modules as nodes, and beside them directories,
tables and words; a module is tied to those it has. The weights were tried on two repositories with a known split;
DESIGN.md says what half and double of each would change.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from math import log, log1p, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import EdgeKind
from protogate.discovery.packages import above, directory
from protogate.discovery.words import last_part, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from protogate.discovery.model import Inventory, Module

__all__ = ["Graph", "mixed_graph", "references"]

_KIND_WEIGHTS: Final = {EdgeKind.TYPE: 0.3, EdgeKind.SQL: 0.5}
"""Of one reference, where it is not 1: what only a type checker reads binds less, and SQL counts as a table too."""
_HUB_SHARE: Final = 0.03
_HUB_LEAST: Final = 12
"""Modules that import one, from where on it is infrastructure and says nothing of who belongs to whom."""
_WORD: Final = 0.5
_TABLE: Final = 0.5
_CO_CHANGE: Final = 0.4
_DIRECTORY: Final = 1.0
"""The directory is a soft edge: the strongest single sign where a repository is cut by domain, none where by layer."""
_COMMONEST: Final = 0.1
"""Share of modules from where on a word or a table is everybody's."""


class Graph(NamedTuple):
    """Modules and what ties them."""

    modules: tuple[str, ...]
    """Names of those that are neither tests nor generated, sorted."""
    hubs: frozenset[str]
    references: Mapping[tuple[str, str], float]
    """Source and target: how often, weighted by kind."""
    ties: Mapping[tuple[str, str], float]
    """Undirected, of modules and of what they have in common: `/directory`, `=table`, `#word`."""


def mixed_graph(inventory: Inventory) -> Graph:
    """Return the graph of a repository; linear in its edges."""
    modules = [one for one in inventory.modules if not one.is_test and not one.is_generated]
    names = frozenset(one.name for one in modules)
    counted = references(inventory, names)
    hubs = _hubs(counted, len(names))
    ties: dict[tuple[str, str], float] = defaultdict(float)
    for rows in (
        _references(counted, hubs),
        _shared("#", _words(modules), len(names), _WORD),
        _shared("=", _tables(inventory, names), len(names), _TABLE),
        _directories(modules),
        _co_changes(inventory, names),
    ):
        for pair, weight in rows:
            ties[pair] += weight
    return Graph(tuple(sorted(names)), hubs, counted, dict(ties))


def references(inventory: Inventory, names: frozenset[str]) -> dict[tuple[str, str], float]:
    """Return how often each module refers to each other one, weighted by kind."""
    counted: dict[tuple[str, str], float] = defaultdict(float)
    before, is_counted = ("", ""), False
    for source, target, kind, _, _, _, count, _ in inventory.edges:
        # Sorted: several edges of two modules come one after the other.
        pair = (source, target)
        if pair != before:
            before, is_counted = pair, source in names and target in names and source != target
        if is_counted:
            counted[pair] += count * _KIND_WEIGHTS.get(kind, 1.0)
    return dict(counted)


def _hubs(counted: Iterable[tuple[str, str]], modules: int) -> frozenset[str]:
    fan_in = Counter(target for _, target in counted)
    limit = max(_HUB_LEAST, _HUB_SHARE * modules)
    return frozenset(name for name, count in fan_in.items() if count >= limit)


def _references(
    counted: Mapping[tuple[str, str], float], hubs: frozenset[str]
) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield references without hubs, damped by how many each end has."""
    kept = [(pair, count) for pair, count in counted.items() if pair[0] not in hubs and pair[1] not in hubs]
    degrees = Counter(name for pair, _ in kept for name in pair)
    for (source, target), count in kept:
        pair = (source, target) if source < target else (target, source)
        yield pair, log1p(count) / sqrt(degrees[source] * degrees[target])


def _words(modules: Iterable[Module]) -> Iterator[tuple[str, str]]:
    for one in modules:
        # `index.ts` is called what its directory is called.
        name = directory(one) if one.is_init else one.name
        for word in words(last_part(name)):
            yield word, one.name


def _tables(inventory: Inventory, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    for table in inventory.tables:
        if table.module in names:
            yield table.name, table.module
    for use in inventory.table_uses:
        if use.module in names:
            yield use.table, use.module


def _shared(
    sign: str, rows: Iterable[tuple[str, str]], modules: int, weight: float
) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the ties of modules to what several of them have, the rarer the stronger."""
    owners: dict[str, dict[str, None]] = defaultdict(dict)
    for thing, module in rows:
        owners[thing][module] = None
    for thing, those in owners.items():
        if 1 < len(those) <= max(2, _COMMONEST * modules):
            tie = weight * log(modules / len(those)) / log(modules) / sqrt(len(those))
            if tie > 0.0:
                for module in those:
                    yield (module, sign + thing), tie


def _directories(modules: Sequence[Module]) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the ties of modules to their directory, and of directories to the one around them."""
    places = {one.name: directory(one) for one in modules}
    sizes = Counter(places.values())
    for name, place in places.items():
        if place:
            yield (name, f"/{place}"), _DIRECTORY / sqrt(sizes[place])
    around = {place: place.rpartition("/")[0] for name in sizes for place in (name, *above(name)) if "/" in place}
    children = Counter(around.values())
    for place, outer in around.items():
        yield (f"/{place}", f"/{outer}"), _DIRECTORY / sqrt(children[outer])


def _co_changes(inventory: Inventory, names: frozenset[str]) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the ties of what changes together, damped by how often each end changes at all."""
    kept = [one for one in inventory.co_changes if one.left in names and one.right in names]
    for one in kept:
        left, right = (inventory.history[name].commits for name in (one.left, one.right))
        yield (one.left, one.right), _CO_CHANGE * one.commits * min(1.0, one.weight) / sqrt(left * right)
