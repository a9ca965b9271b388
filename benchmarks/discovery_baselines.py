"""Answers that the boundaries of the discovery are held against: three that know nothing, and one that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

from protogate.discovery.graph import references
from protogate.discovery.packages import directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.discovery.model import Inventory

__all__ = ["LOUVAIN", "SEEDS", "louvain", "trivial"]

SEEDS = range(5)
"""Louvain answers otherwise for each seed; medians are over these."""
LOUVAIN = "Louvain over references"


def louvain(inventory: Inventory, seed: int, *, is_weighted: bool = False) -> dict[str, str]:
    """Return the communities that modularity finds among modules that refer to each other.

    Args:
        inventory: the repository; all its modules get a community.
        seed: of the order in which modules move.
        is_weighted: whether a pair counts as often as it refers, not once.
    """
    names = sorted(one.name for one in inventory.modules)
    # Numbers, because the order of a set of texts is another one in each process.
    numbers = {name: number for number, name in enumerate(names)}
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(numbers.values())
    for (source, target), count in sorted(references(inventory, frozenset(names)).items()):
        pair = numbers[source], numbers[target]
        known = graph.get_edge_data(*pair, {"weight": 0.0})["weight"]
        graph.add_edge(*pair, weight=known + count if is_weighted else 1.0)
    found = nx.community.louvain_communities(graph, weight="weight", seed=seed)
    return {names[number]: str(community) for community, group in enumerate(found) for number in group}


def trivial(inventory: Inventory) -> Mapping[str, dict[str, str]]:
    """Return the partitions that need no look at the code."""
    return {
        "all in one": {one.name: "" for one in inventory.modules},
        "each directory its own": {one.name: directory(one) for one in inventory.modules},
        "each module its own": {one.name: one.name for one in inventory.modules},
    }
