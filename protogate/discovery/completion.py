"""A seed gathers what belongs to it: an extraction takes a package along with what carries its name in other layers.

Measured on extractions that really happened, a seeded slice finds what was taken out much better than its directory
does: of nova's volumes F1 0.93 instead of 0.65 (bench of the reference). External imports say nothing here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.words import last_part, parent, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.discovery.graph import Graph

__all__ = ["Completion", "Neighbours", "complete"]

_DOMINATED: Final = 0.5
"""Share of the references of a module, without hubs, that must lead into the slice to make it a part of it."""
_COMMONEST_WORD: Final = 0.05
_ROUNDS: Final = 8
_MOST_NAMESAKES: Final = 3


class Neighbours(NamedTuple):
    """What a graph says again and again while slices are completed."""

    around: Mapping[str, Mapping[str, float]]
    """References in both directions, without hubs."""
    users: Mapping[str, frozenset[str]]
    """Who refers to a module."""
    by_word: Mapping[str, tuple[str, ...]]
    """Modules with a word in their name; common words are left out."""
    fixed: frozenset[str]
    """Hubs and packages: they stay unless they are seeds."""

    @classmethod
    def of(cls, graph: Graph) -> Neighbours:
        """Return the neighbours of all modules of a graph."""
        around: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        users: dict[str, set[str]] = defaultdict(set)
        for (source, target), count in graph.references.items():
            users[target].add(source)
            if source not in graph.hubs and target not in graph.hubs:
                around[source][target] += count
                around[target][source] += count
        by_word: dict[str, list[str]] = defaultdict(list)
        # A package stands for what is in it, and comes along when all of that does.
        packages = {parent(module) for module in graph.modules}
        for module in graph.modules:
            for word in words(last_part(module)) if module not in packages else ():
                by_word[word].append(module)
        most = max(3, _COMMONEST_WORD * len(graph.modules))
        same = Counter(last_part(module) for module in graph.modules)
        return cls(
            {name: dict(those) for name, those in around.items()},
            {name: frozenset(those) for name, those in users.items()},
            {
                word: tuple(those)
                for word, those in by_word.items()
                if len(those) <= most and not _is_layer(those, same)
            },
            graph.hubs | packages,
        )


def _is_layer(modules: Iterable[str], same: Mapping[str, int]) -> bool:
    """Tell a word of a layer from one of a domain: many packages have a `models`, one has `volume_types`."""
    return any(same[last_part(module)] > _MOST_NAMESAKES for module in modules)


class Completion(NamedTuple):
    """A slice, and why each module is in it."""

    modules: tuple[str, ...]
    """Sorted, the seeds too."""
    reasons: Mapping[str, str]
    """`seed`, `named orders`, `75% of its references`."""


def complete(seeds: Iterable[str], name: str, neighbours: Neighbours) -> Completion:
    """Return the slice that grows from seeds.

    First come modules that carry a word of the slice's own name (`volume`), then, again and again, those that more than
    half of their references tie to the slice. A module that many others use stays outside: it is no part but a
    service of its own.

    Args:
        seeds: modules to begin with.
        name: of the package or boundary; the words of its last part are those of the slice.
        neighbours: of the graph.
    """
    reasons = dict.fromkeys(sorted(seeds), "seed")
    for word in words(last_part(name)):
        for module in neighbours.by_word.get(word, ()):
            if module not in neighbours.fixed:
                reasons.setdefault(module, f"named {word}")
    fresh = set(reasons)
    for _ in range(_ROUNDS):
        nearby = {other for module in fresh for other in neighbours.around.get(module, ())}
        nearby -= reasons.keys() | neighbours.fixed
        fresh = set()
        for module in sorted(nearby):
            share = _share(module, reasons, neighbours)
            if share > _DOMINATED:
                reasons[module] = f"{share:.0%} of its references"
                fresh.add(module)
        if not fresh:
            break
    return Completion(tuple(sorted(reasons)), reasons)


def _share(module: str, inside: Mapping[str, str], neighbours: Neighbours) -> float:
    """Return the share of a module's references that lead into the slice, or come from it."""
    around = neighbours.around[module]
    total = sum(around.values())
    strangers = neighbours.users.get(module, frozenset()) - inside.keys()
    if not total or len(strangers) > len(neighbours.users.get(module, ())) / 2:
        return 0.0
    return sum(count for name, count in around.items() if name in inside) / total
