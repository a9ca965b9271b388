"""Extractions that really happened: what left Airflow 1.10 as providers, and Django 1.5 as packages of their own."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from benchmarks.discovery_corpora import unpacked
from benchmarks.partition_metrics import adjusted_rand, average_precision, boundary_f1, mojo_fm
from protogate.discovery.boundaries import boundaries
from protogate.discovery.candidates import candidates
from protogate.discovery.completion import Neighbours, complete
from protogate.discovery.graph import mixed_graph
from protogate.discovery.repository import Earlier, read_repository
from protogate.discovery.scanning import scan
from protogate.discovery.units import measured, units

if TYPE_CHECKING:
    from protogate.discovery.model import Inventory

_TRUTH = Path(__file__).parent / "truth"
_LEAST = {"airflow": (70.0, 0.55), "django": (86.0, 0.70)}


class _Bed(NamedTuple):
    inventory: Inventory
    truth: dict[str, Any]


def _bed(name: str) -> _Bed:
    truth = json.loads((_TRUTH / f"{name}.json").read_text())
    root = unpacked(truth["package"])
    return _Bed(read_repository(root, scan(root), Earlier(), lambda _done, _total: None).inventory, truth)


@pytest.fixture(scope="module", params=sorted(_LEAST))
def bed(request: pytest.FixtureRequest) -> tuple[str, _Bed]:
    return request.param, _bed(request.param)


def test_every_module_of_the_truth_is_found(bed: tuple[str, _Bed]) -> None:
    _, (inventory, truth) = bed
    # Airflow makes no module of what only builds: one script of the wheel's own.
    missing = truth["modules"].keys() - {one.name for one in inventory.modules}
    assert len(missing) <= 0.02 * len(truth["modules"]), sorted(missing)[:20]


def test_boundaries_agree_with_what_left(bed: tuple[str, _Bed]) -> None:
    name, (inventory, truth) = bed
    found = boundaries(inventory, mixed_graph(inventory)).of
    true = {module: target for module, target in truth["modules"].items() if module in found}
    moves, f1 = mojo_fm(found, true), boundary_f1(found, true, truth["core"])
    least_moves, least_f1 = _LEAST[name]
    assert moves >= least_moves
    assert f1 >= least_f1


@pytest.mark.parametrize("seed", range(5))
def test_boundaries_hardly_move_when_one_edge_in_a_hundred_is_lost(bed: tuple[str, _Bed], seed: int) -> None:
    _, (inventory, _) = bed
    chance = random.Random(seed)
    fewer = inventory._replace(edges=tuple(edge for edge in inventory.edges if chance.random() >= 0.01))
    whole = boundaries(inventory, mixed_graph(inventory)).of
    without = boundaries(fewer, mixed_graph(fewer)).of
    assert adjusted_rand(without, whole) >= 0.90


def test_what_left_django_ranks_high() -> None:
    inventory, truth = _bed("django")
    graph = mixed_graph(inventory)
    listed = units(inventory, boundaries(inventory, graph), graph.modules)
    ranked = candidates(inventory, graph, listed, measured(inventory, graph, listed))
    known = set(truth["units"])
    ranking = [one.unit.name for one in ranked if one.unit.name in known]
    assert len(ranking) >= len(known) - 1
    # By chance it would be about 0.16.
    assert average_precision(ranking, truth["extracted"].keys()) >= 0.50


def test_slices_of_django_gather_what_left_with_them() -> None:
    inventory, truth = _bed("django")
    graph = mixed_graph(inventory)
    neighbours = Neighbours.of(graph)
    for unit, target in truth["extracted"].items():
        seeds = [name for name in graph.modules if name == unit or name.startswith(f"{unit}.")]
        found = set(complete(seeds, unit, neighbours).modules) & truth["modules"].keys()
        true = {module for module, left in truth["modules"].items() if left == target}
        f1 = 2 * len(found & true) / (len(found) + len(true))
        assert f1 >= 0.85
