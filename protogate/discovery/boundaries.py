"""Proposed boundaries: which modules would live together, each boundary under a name that people recognise."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.communities import communities
from protogate.discovery.packages import above, directory, package_names
from protogate.discovery.words import last_part, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from protogate.discovery.graph import Graph
    from protogate.discovery.model import Inventory, Module

    Finder = Callable[[Sequence[str], Mapping[tuple[str, str], float]], dict[str, int]]

__all__ = ["Boundaries", "boundaries"]

_MOST: Final = 0.6
"""Share of the modules of a boundary that a package or a word must have to name it."""


class Boundaries(NamedTuple):
    """A partition of all modules."""

    of: Mapping[str, str]
    """Name of the boundary of each module, tests and generated ones too."""
    members: Mapping[str, tuple[str, ...]]
    """Modules of each boundary, both sorted; without tests."""


def boundaries(inventory: Inventory, graph: Graph, find: Finder = communities) -> Boundaries:
    """Return the boundaries of a repository; the same ones for the same repository.

    Args:
        inventory: the repository.
        graph: of its modules.
        find: what finds communities, or remembers them.

    Tests and generated modules do not decide: each goes where most of what it uses is, else where its package is.
    """
    nodes = sorted({name for pair in graph.ties for name in pair} | set(graph.modules))
    found = find(nodes, graph.ties)
    groups: dict[int, list[str]] = defaultdict(list)
    for module in graph.modules:
        groups[found[module]].append(module)
    places = {one.name: directory(one) for one in inventory.modules}
    named = _named(sorted(groups.values()), places, package_names(inventory.modules))
    of = {module: name for name, modules in named.items() for module in modules}
    of |= _followers(inventory, of)
    members: dict[str, list[str]] = defaultdict(list)
    for one in inventory.modules:
        if not one.is_test:
            members[of[one.name]].append(one.name)
    return Boundaries(of, {name: tuple(members[name]) for name in sorted(members)})


def _followers(inventory: Inventory, of: Mapping[str, str]) -> dict[str, str]:
    """Return the boundaries of the modules that have none yet."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for edge in inventory.edges:
        if edge.source not in of and edge.target in of:
            votes[edge.source][of[edge.target]] += edge.references
    nearby = _nearby(inventory.modules, of)
    names = package_names(inventory.modules)
    return {
        one.name: _first_of(votes[one.name]) if one.name in votes else _around(one, nearby, names)
        for one in inventory.modules
        if one.name not in of
    }


def _nearby(modules: Iterable[Module], of: Mapping[str, str]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in modules:
        if one.name in of:
            place = directory(one)
            for around in (place, *above(place)):
                found[around][of[one.name]] += 1
    return found


def _around(module: Module, nearby: Mapping[str, Counter[str]], names: Mapping[str, str]) -> str:
    """Return the boundary of most modules of the directory, or of the nearest one around it."""
    place = directory(module)
    for around in (place, *above(place)):
        if around in nearby:
            return _first_of(nearby[around])
    return names.get(place, module.name)


def _first_of(votes: Counter[str]) -> str:
    return min(votes, key=lambda name: (-votes[name], name))


def _named(
    groups: Sequence[Sequence[str]], places: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return each group under a name: its package, with a word where the package has several groups."""
    wanted = [(_place(group, places), group) for group in groups]
    sizes = Counter(places.values())
    everywhere = Counter(word for module in places for word in words(last_part(module)))
    named: dict[str, tuple[str, ...]] = {}
    # The group that has most of a package is called after it, the others after the word that they share.
    for place, group in sorted(wanted, key=lambda row: (-len(row[1]), row[1])):
        has_most = 2 * sum(places[name] == place for name in group) >= sizes[place] > 0
        package = names.get(place, "")
        name = package if has_most and package else f"{package}:{_word(group, everywhere)}".lstrip(":")
        number = 1
        while name in named:
            number += 1
            name = f"{package}:{_word(group, everywhere)}-{number}".lstrip(":")
        named[name] = tuple(group)
    return named


def _place(group: Sequence[str], places: Mapping[str, str]) -> str:
    """Return the innermost directory that has most of a group."""
    counts: Counter[str] = Counter()
    for module in group:
        counts[places[module]] += 1
        counts.update(above(places[module]))
    holds = [place for place, count in counts.items() if count >= _MOST * len(group)]
    return max(holds, key=lambda place: (len(place), place), default="")


def _word(group: Sequence[str], everywhere: Mapping[str, int]) -> str:
    """Return the word that half of a group has in their names and the fewest others; else the first module's name."""
    counts = Counter(word for module in group for word in words(last_part(module)))
    common = [word for word, count in counts.items() if 2 * count >= len(group)]
    best = min(common, key=lambda word: (-counts[word] / everywhere[word], -counts[word], word), default="")
    return best or last_part(group[0])
