"""The map equation: known answers, its own measure never worse than the trivial ones, the same answer each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protogate.discovery.communities import code_length, communities

_NODES = [f"n{index:02}" for index in range(12)]
_GRAPHS = st.dictionaries(
    st.tuples(st.sampled_from(_NODES), st.sampled_from(_NODES)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.1, 10.0),
    min_size=1,
    max_size=40,
)


def _clique(names: str) -> dict[tuple[str, str], float]:
    return {(left, right): 1.0 for left in names for right in names if left < right}


def test_two_cliques_with_a_bridge_are_two_communities() -> None:
    found = communities(list("abcdefgh"), {**_clique("abcd"), **_clique("efgh"), ("d", "e"): 1.0})
    assert found == {"a": 0, "b": 0, "c": 0, "d": 0, "e": 1, "f": 1, "g": 1, "h": 1}


def test_one_clique_is_one_community_and_a_lonely_node_its_own() -> None:
    assert communities(list("abcdz"), _clique("abcd")) == {"a": 0, "b": 0, "c": 0, "d": 0, "z": 1}


def test_without_edges_each_node_is_alone() -> None:
    assert communities(["a", "b"], {}) == {"a": 0, "b": 1}


def test_the_measure_of_one_community_is_the_entropy_of_its_walk() -> None:
    # Two nodes, visited equally often: one bit a step, and none to change the code book.
    assert code_length({("a", "b"): 3.0}, {"a": 0, "b": 0}) == 1.0


def test_a_ring_of_cliques_gives_each_clique_back() -> None:
    names = [f"{clique:02}{node}" for clique in range(12) for node in range(5)]
    edges = {(a, b): 1.0 for a in names for b in names if a < b and a[:2] == b[:2]}
    for clique in range(12):
        edges[f"{clique:02}0", f"{(clique + 1) % 12:02}1"] = 1.0
    found = communities(names, edges)
    assert len(set(found.values())) == 12
    assert all(found[a] == found[b] for a in names for b in names if a[:2] == b[:2])


@given(_GRAPHS)
def test_the_answer_is_no_worse_than_the_trivial_ones(edges: dict[tuple[str, str], float]) -> None:
    used = sorted({name for pair in edges for name in pair})
    found = communities(used, edges)
    alone = code_length(edges, {name: index for index, name in enumerate(used)})
    assert code_length(edges, found) <= alone + 1e-9


@given(_GRAPHS, st.randoms())
def test_the_order_in_which_edges_come_does_not_matter(edges: dict[tuple[str, str], float], random: object) -> None:
    shuffled = list(edges.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert communities(_NODES, dict(shuffled)) == communities(_NODES, edges)
