"""Extractions that really happened, beside answers that know nothing and one that people use."""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from benchmarks.discovery_baselines import LOUVAIN, SEEDS, louvain, trivial
from benchmarks.discovery_corpora import unpacked
from benchmarks.discovery_figures import Section, middle_and_least
from benchmarks.gateway_figures import at_least
from benchmarks.partition_metrics import adjusted_rand, average_precision, boundary_f1, mojo_fm
from benchmarks.process import ROOT
from protogate.discovery.boundaries import boundaries
from protogate.discovery.candidates import candidates
from protogate.discovery.completion import Neighbours, complete
from protogate.discovery.graph import mixed_graph
from protogate.discovery.repository import Earlier, read_repository
from protogate.discovery.scanning import scan
from protogate.discovery.units import measured, units

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.registry_speed import Goal
    from protogate.discovery.model import Inventory
    from protogate.discovery.units import Measures

__all__ = ["Limits", "by_chance", "slice_f1", "truth_section"]

_TRUTH: Final = ROOT / "tests" / "discovery" / "truth"
_LOST: Final = 0.01
"""Share of the edges that a repository loses, to see whether the answer stays."""
_SHUFFLES: Final = 1000
_RANKED: Final = "django"
_RANKING: Final = 0.50
_STABLE: Final = 0.90


class Limits(NamedTuple):
    """What is promised of one repository."""

    moves: float
    f1: float


_LIMITS: Final = {"airflow": Limits(70.0, 0.55), "django": Limits(86.0, 0.70)}


class _Bed(NamedTuple):
    inventory: Inventory
    truth: Mapping[str, Any]


class _Answer(NamedTuple):
    """What one contender said of one repository, and how it was judged."""

    name: str
    clusters: float
    moves: float
    f1: float
    stable: tuple[float, ...]
    """Adjusted Rand against itself, one for each loss of edges; empty where edges do not matter."""


def truth_section(say: Callable[[str], object]) -> Section:
    """Judge boundaries, ranking and slices by what really left."""
    goals: list[Goal] = []
    head = ("repository", "answer", "clusters", "MoJoFM", "boundary F1", f"stability, {_LOST:.0%} of edges lost")
    table: list[tuple[str, ...]] = [head]
    beds = {name: _bed(name) for name in _LIMITS}
    for name, bed in beds.items():
        package, limits = bed.truth["package"], _LIMITS[name]
        say(f"{package}: boundaries")
        answers = _answers(bed)
        own = answers[0]
        goals += [
            at_least(f"{package}: MoJoFM", limits.moves, own.moves, ""),
            at_least(f"{package}: boundary F1", limits.f1, own.f1, ""),
            at_least(f"{package}: adjusted Rand against itself, least of {len(SEEDS)}", _STABLE, min(own.stable), ""),
        ]
        table += [_row(package, one) for one in answers]
    bed = beds[_RANKED]
    package = bed.truth["package"]
    say(f"{package}: ranking and slices")
    ranking, slices = _rankings(bed), _slices(bed)
    goals += [
        at_least(f"{package}: average precision of the ranking", _RANKING, ranking["Protogate"], ""),
    ]
    ranked = [(f"ranking of {package}", "average precision"), *((who, f"{one:.2f}") for who, one in ranking.items())]
    sliced = [(f"slices of {package}", "F1"), *((who, middle_and_least(one)) for who, one in slices.items())]
    left, there = len(bed.truth["extracted"]), len(bed.truth["units"])
    text = (
        "What left Airflow 1.10 as providers, and Django 1.5 as packages of their own, is written down in\n"
        "`tests/discovery/truth/`. The weights of the graph were tried on these two: this section shows what\n"
        "the algorithm can do, the next one what it does elsewhere. MoJoFM is the share of moves that are\n"
        "saved, boundary F1 the mean of the F1 of the cluster that fits each target best. Louvain is that of\n"
        f"networkx over which module refers to which, medians of {len(SEEDS)} seeds. Stability is the adjusted\n"
        f"Rand of an answer against itself without one edge in a hundred, median of {len(SEEDS)} losses. The\n"
        f"ranking holds the {left} packages that left against the {there} there were. A slice is what a\n"
        "package takes along, against what left with it: of Django packages left as they were, so the package\n"
        "alone is an answer that is hard to beat, and the slice shows that little is taken along unasked."
    )
    return Section("Ground truth", text, tuple(goals), (table, ranked, sliced))


def by_chance(names: Sequence[str], wanted: Sequence[str], shuffles: int = _SHUFFLES) -> float:
    """Return the average precision that a ranking without any knowledge has."""
    chance, shuffled = random.Random(0), sorted(names)  # noqa: S311 - repeatable
    total = 0.0
    for _ in range(shuffles):
        chance.shuffle(shuffled)
        total += average_precision(shuffled, wanted)
    return total / shuffles


def slice_f1(found: set[str], true: set[str]) -> float:
    """Return how well the modules of a slice are those that left."""
    return 2 * len(found & true) / (len(found) + len(true))


def _bed(name: str) -> _Bed:
    truth = json.loads((_TRUTH / f"{name}.json").read_text())
    root = unpacked(truth["package"])
    return _Bed(read_repository(root, scan(root), Earlier(), lambda _done, _total: None).inventory, truth)


def _answers(bed: _Bed) -> list[_Answer]:
    inventory = bed.inventory
    own = _boundaries(inventory)
    true = {module: target for module, target in bed.truth["modules"].items() if module in own}
    losses = [_without(inventory, seed) for seed in SEEDS]
    peer = [louvain(inventory, seed) for seed in SEEDS]
    moved = [louvain(fewer, seed) for seed, fewer in zip(SEEDS, losses, strict=True)]
    core = bed.truth["core"]
    found = [
        _judged("Protogate", [own], true, core, [adjusted_rand(_boundaries(fewer), own) for fewer in losses]),
        _judged(LOUVAIN, peer, true, core, [adjusted_rand(*pair) for pair in zip(moved, peer, strict=True)]),
    ]
    return found + [_judged(name, [one], true, core, ()) for name, one in trivial(inventory).items()]


def _judged(
    name: str,
    answers: Sequence[Mapping[str, str]],
    true: Mapping[str, str],
    core: Sequence[str],
    stable: Sequence[float],
) -> _Answer:
    return _Answer(
        name,
        statistics.median(len({found[module] for module in true}) for found in answers),
        statistics.median(mojo_fm(found, true) for found in answers),
        statistics.median(boundary_f1(found, true, core) for found in answers),
        tuple(stable),
    )


def _row(package: str, one: _Answer) -> tuple[str, ...]:
    stable = middle_and_least(one.stable) if one.stable else "as it is"
    return package, one.name, f"{one.clusters:.0f}", f"{one.moves:.1f}", f"{one.f1:.2f}", stable


def _boundaries(inventory: Inventory) -> Mapping[str, str]:
    return boundaries(inventory, mixed_graph(inventory)).of


def _without(inventory: Inventory, seed: int) -> Inventory:
    """Return a repository that lost one edge in a hundred."""
    chance = random.Random(seed)  # noqa: S311 - repeatable
    return inventory._replace(edges=tuple(edge for edge in inventory.edges if chance.random() >= _LOST))


def _rankings(bed: _Bed) -> dict[str, float]:
    graph = mixed_graph(bed.inventory)
    listed = units(bed.inventory, boundaries(bed.inventory, graph), graph.modules)
    measures = measured(bed.inventory, graph, listed)
    known, wanted = set(bed.truth["units"]), sorted(bed.truth["extracted"])
    own = [one.unit.name for one in candidates(bed.inventory, graph, listed, measures) if one.unit.name in known]
    counted = {name: measures[name] for name in own}
    return {
        "Protogate": average_precision(own, wanted),
        "fewest modules that refer to it": average_precision(_sorted(counted, _users), wanted),
        "most references inside for each from outside": average_precision(_sorted(counted, _inside), wanted),
        f"chance, mean of {_SHUFFLES:,}": by_chance(own, wanted),
    }


def _sorted(measures: Mapping[str, Measures], price: Callable[[Measures], float]) -> list[str]:
    return sorted(measures, key=lambda name: (price(measures[name]), name))


def _users(one: Measures) -> float:
    return one.inbound_modules


def _inside(one: Measures) -> float:
    return -one.internal / (1 + one.inbound_modules)


def _slices(bed: _Bed) -> dict[str, list[float]]:
    graph = mixed_graph(bed.inventory)
    neighbours = Neighbours.of(graph)
    peer = louvain(bed.inventory, SEEDS[0])
    found: dict[str, list[float]] = {"Protogate": [], "the package alone": [], "the community that has most of it": []}
    for unit, target in bed.truth["extracted"].items():
        true = {module for module, left in bed.truth["modules"].items() if left == target}
        seeds = [name for name in graph.modules if name == unit or name.startswith(f"{unit}.")]
        ((community, _),) = Counter(peer[name] for name in seeds).most_common(1)
        answers = (
            set(complete(seeds, unit, neighbours).modules),
            set(seeds),
            {name for name in graph.modules if peer[name] == community},
        )
        for scores, one in zip(found.values(), answers, strict=True):
            scores.append(slice_f1(one & bed.truth["modules"].keys(), true))
    return found
