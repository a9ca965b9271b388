from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.discovery.waves import ordered

_NAMES = "abcdef"
_needs = st.dictionaries(
    st.sampled_from(_NAMES),
    st.dictionaries(st.sampled_from(_NAMES), st.integers(1, 9).map(float), max_size=4),
    max_size=6,
).map(
    lambda table: {
        name: {other: cost for other, cost in table.get(name, {}).items() if other != name} for name in _NAMES
    }
)


def test_what_others_need_leaves_first() -> None:
    order = ordered(
        {"shop": {"users": 3.0}, "users": {}, "mail": {"shop": 1.0}}, dict.fromkeys(("shop", "users", "mail"), 1.0)
    )
    assert [wave.slices for wave in order.waves] == [("users",), ("shop",), ("mail",)]
    assert not order.circles


def test_of_what_is_free_the_safest_leaves_first() -> None:
    needs: dict[str, dict[str, float]] = {name: {} for name in "abcd"}
    order = ordered(needs, {"a": 4.0, "b": 1.0, "c": 3.0, "d": 2.0}, most=2)
    assert [wave.slices for wave in order.waves] == [("b", "d"), ("c", "a")]


def test_a_circle_is_named_with_its_cheapest_cut() -> None:
    needs = {"a": {"b": 5.0}, "b": {"c": 2.0}, "c": {"a": 9.0}}
    order = ordered(needs, dict.fromkeys(needs, 1.0))
    (circle,) = order.circles
    assert circle.members == ("a", "b", "c")
    assert circle.cut == (("b", "c"),)
    assert circle.cost == 2.0


@given(needs=_needs, risks=st.lists(st.integers(0, 5).map(float), min_size=6, max_size=6), most=st.integers(1, 4))
@settings(max_examples=150)
def test_no_wave_needs_a_later_one(needs: dict[str, dict[str, float]], risks: list[float], most: int) -> None:
    order = ordered(needs, dict(zip(_NAMES, risks, strict=True)), most)
    place = {name: wave.number for wave in order.waves for name in wave.slices}
    assert sorted(place) == sorted(needs)
    assert all(len(wave.slices) <= most for wave in order.waves)
    cut = {pair for circle in order.circles for pair in circle.cut}
    for name, others in needs.items():
        for other in others:
            assert place[other] < place[name] or (name, other) in cut


@given(needs=_needs)
@settings(max_examples=60)
def test_the_cut_is_the_cheapest_of_all(needs: dict[str, dict[str, float]]) -> None:
    order = ordered(needs, dict.fromkeys(needs, 0.0))
    for circle in order.circles:
        least = min(
            sum(
                cost
                for name in circle.members
                for other, cost in needs[name].items()
                if other in circle.members and line.index(other) > line.index(name)
            )
            for line in permutations(circle.members)
        )
        assert circle.cost == least


def test_a_large_circle_is_cut_too() -> None:
    names = [f"s{number:02}" for number in range(14)]
    needs = {name: {names[(index + 1) % 14]: 1.0, names[(index + 5) % 14]: 2.0} for index, name in enumerate(names)}
    order = ordered(needs, dict.fromkeys(names, 1.0))
    place = {name: wave.number for wave in order.waves for name in wave.slices}
    cut = {pair for circle in order.circles for pair in circle.cut}
    assert all(place[other] < place[name] or (name, other) in cut for name in names for other in needs[name])
