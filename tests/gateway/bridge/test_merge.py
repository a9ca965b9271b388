"""The laws of a merge of three states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bridge.merge import POLICIES, merge

STATES = st.dictionaries(
    st.sampled_from("abcde"), st.one_of(st.integers(0, 2), st.lists(st.integers(0, 1), max_size=2))
)


@given(STATES, STATES)
def test_what_only_we_changed_stays(base: dict[str, Any], ours: dict[str, Any]) -> None:
    merged = merge(base, base, ours)
    assert (merged.state, merged.changed, merged.conflicts) == (ours, (), ())


@given(STATES, STATES, st.sampled_from(POLICIES))
def test_what_only_they_changed_comes_over(base: dict[str, Any], theirs: dict[str, Any], policy: Any) -> None:
    merged = merge(base, theirs, base, policy)
    assert (merged.state, merged.conflicts) == (theirs, ())
    assert bool(merged.changed) is (base != theirs)


@given(STATES, STATES, STATES)
def test_a_merge_that_is_repeated_changes_nothing(
    base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    once = merge(base, theirs, ours).state
    # What was appended becomes the base, and the row is still the same.
    assert merge(once, theirs, once).state == merge(once, once, once).state or theirs != once
    assert merge(theirs, theirs, once).changed == ()


@given(STATES, STATES, STATES)
def test_every_field_has_the_value_of_a_side(
    base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]
) -> None:  # fmt: skip
    for policy in POLICIES:
        merged = merge(base, theirs, ours, policy)
        for name in {*base, *theirs, *ours}:
            assert merged.state.get(name) in (theirs.get(name), ours.get(name))


@given(STATES, STATES, STATES)
def test_both_sides_find_the_same_conflicts(
    base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]
) -> None:  # fmt: skip
    there, here = merge(base, theirs, ours, "legacy"), merge(base, ours, theirs, "new")
    assert {one.field for one in there.conflicts} == {one.field for one in here.conflicts}
    assert there.state == here.state


@pytest.mark.parametrize(("policy", "value"), [("legacy", 2), ("new", 3), ("stop", 3)])
def test_a_conflict_is_decided_by_the_policy(policy: Any, value: int) -> None:
    merged = merge({"a": 1}, {"a": 2}, {"a": 3}, policy)
    assert merged.state == {"a": value}
    assert [(one.field, one.legacy, one.new) for one in merged.conflicts] == [("a", 2, 3)]
