from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.cqrs.clocks import HybridClock, HybridTime, VectorClock
from protogate.cqrs.errors import DataError

CLOCKS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)).map(VectorClock)


@given(CLOCKS, CLOCKS)
def test_exactly_one_relation_holds(one: VectorClock, two: VectorClock) -> None:
    assert [one == two, one < two, one > two, one.is_concurrent_with(two)].count(True) == 1


@given(CLOCKS, CLOCKS, CLOCKS)
def test_order_is_partial(one: VectorClock, two: VectorClock, three: VectorClock) -> None:
    assert one <= VectorClock(one.to_dict())
    assert not (one <= two <= one) or one == two
    assert not (one <= two <= three) or one <= three


@given(CLOCKS, CLOCKS, CLOCKS)
def test_merge_is_the_least_upper_bound(one: VectorClock, two: VectorClock, other: VectorClock) -> None:
    merged = one | two
    assert one <= merged
    assert two <= merged
    assert (one <= other and two <= other) == (merged <= other)
    assert merged == two | one
    assert merged | merged == merged
    assert (one | two) | other == one | (two | other)


@given(CLOCKS, st.sampled_from("abc"))
def test_increment_is_strictly_later_and_leaves_the_clock_alone(clock: VectorClock, replica: str) -> None:
    before = clock.to_dict()
    assert clock < clock.increment(replica)
    assert clock.increment(replica)[replica] == clock[replica] + 1
    assert clock.to_dict() == before


@given(CLOCKS)
def test_clocks_come_back_from_plain_values(clock: VectorClock) -> None:
    assert VectorClock.from_dict(clock.to_dict()) == clock


@given(CLOCKS, CLOCKS)
def test_hash_agrees_with_equality(one: VectorClock, two: VectorClock) -> None:
    assert one != two or hash(one) == hash(two)


def test_zero_is_the_same_as_absent() -> None:
    assert VectorClock({"a": 0}) == VectorClock()
    assert hash(VectorClock({"a": 0, "b": 1})) == hash(VectorClock({"b": 1}))


def test_equal_clocks_are_not_concurrent() -> None:
    assert not VectorClock({"a": 1}).is_concurrent_with(VectorClock({"a": 1}))


@pytest.mark.parametrize("counts", [{"a": -1}, {"a": True}, {"a": 1.0}, {"a": "1"}, {"": 1}, {1: 1}])
def test_what_no_clock_counts_is_refused(counts: dict[str, int]) -> None:
    with pytest.raises(DataError, match="vector clock"):
        VectorClock(counts)


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(0, 49))
def test_moments_only_go_forward_whatever_the_wall_clock_does(walls: list[int], seen: int) -> None:
    clock = HybridClock("b")
    moments = [clock.tick(wall) for wall in walls]
    other = HybridTime(seen, 3, "a")
    moments.append(clock.observe(other, walls[-1]))
    assert moments == sorted(set(moments))
    assert moments[-1] > other
    assert all(moment.wall_us >= wall for moment, wall in zip(moments, walls, strict=False))


@given(st.builds(HybridTime, st.integers(0, 10**15), st.integers(0, 10**7), st.sampled_from(["a", "b-c"])))
def test_moments_come_back_from_text(moment: HybridTime) -> None:
    assert HybridTime.parse(str(moment)) == moment


@given(
    st.builds(HybridTime, st.integers(0, 20), st.integers(0, 3), st.sampled_from("ab")),
    st.builds(HybridTime, st.integers(0, 20), st.integers(0, 3), st.sampled_from("ab")),
)
def test_moments_sort_as_their_texts_do(one: HybridTime, two: HybridTime) -> None:
    assert (one < two) == (str(one) < str(two))


@pytest.mark.parametrize("text", ["", "1", "1-2", "a-1-x", "1-2-", "-1-2-x"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="hybrid time"):
        HybridTime.parse(text)
