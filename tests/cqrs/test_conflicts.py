from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.cqrs.clocks import VectorClock
from protogate.cqrs.conflicts import (
    Change,
    ExclusivePair,
    FieldConflict,
    MergeRules,
    UnresolvableConflictError,
    data_fields,
    in_order,
    merge,
    resolve,
)
from protogate.cqrs.errors import DataError
from protogate.cqrs.messages import NewEvent

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

USER = MergeRules(
    lambda event: {"UserDeactivated": {"active": False}, "UserReactivated": {"active": True}}.get(
        event.type, event.data
    ),
    frozenset({frozenset({"UserDeactivated", "UserReactivated"})}),
)
PLAIN = MergeRules(data_fields)


def change(
    name: str,
    replica: str,
    clock: dict[str, int],
    wall: int = 0,
    kind: str = "Changed",
    **data: object,
) -> Change:
    return Change(NewEvent(kind, data, {}, name), replica, VectorClock(clock), wall)


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """What three replicas did that now and then heard of each other, each with a wall clock of its own."""
    clocks = dict.fromkeys("abc", VectorClock())
    made: list[Change] = []
    for number in range(draw(st.integers(0, 10))):
        replica = draw(st.sampled_from("abc"))
        heard = draw(st.sampled_from("abc"))
        clocks[replica] = (clocks[replica] | clocks[heard]).increment(replica)
        data = {draw(st.sampled_from("xyz")): draw(st.integers(0, 2))}
        wall = draw(st.integers(0, 5))
        made.append(Change(NewEvent("Changed", data, {}, f"{number}"), replica, clocks[replica], wall))
    return made


@given(histories(), st.randoms(use_true_random=False))
def test_what_a_set_means_does_not_depend_on_how_it_came_together(made: list[Change], chance: random.Random) -> None:
    shuffled = chance.sample(made, len(made))
    cut = chance.randint(0, len(made))
    parts = (shuffled[:cut], shuffled[cut:])
    assert merge(*parts) == merge(*reversed(parts)) == merge(made, made) == merge(merge(parts[0]), merge(*parts))
    assert resolve(merge(*parts), PLAIN) == resolve(made, PLAIN)


@given(histories())
def test_the_order_respects_what_was_known(made: list[Change]) -> None:
    ordered = in_order(made)
    assert len(ordered) == len(made)
    for index, later in enumerate(ordered):
        assert not any(later.clock < earlier.clock for earlier in ordered[:index])


@given(histories())
def test_without_conflicts_any_order_that_respects_knowledge_gives_the_same_fields(made: list[Change]) -> None:
    resolution = resolve(made, PLAIN)
    if resolution.conflicts:
        with pytest.raises(UnresolvableConflictError):
            resolve(made, PLAIN, "MERGE")
        return
    assert resolve(made, PLAIN, "MERGE") == resolution
    other = sorted(made, key=lambda one: sum(one.clock[name] for name in one.clock))
    assert fields(resolution.changes) == fields(other)


def fields(changes: Iterable[Change]) -> dict[str, Any]:
    return {field: value for one in changes for field, value in one.event.data.items()}


def test_later_wins_between_changes_that_do_not_know_of_each_other() -> None:
    server = change("1", "s", {"s": 1}, wall=20, email="server")
    branch = change("2", "b", {"b": 1}, wall=10, email="branch")
    assert [one.replica for one in resolve([server, branch], PLAIN).changes] == ["b", "s"]


def test_a_wrong_wall_clock_does_not_undo_what_was_seen() -> None:
    first = change("1", "s", {"s": 1}, wall=1000, email="first")
    second = change("2", "b", {"s": 1, "b": 1}, wall=1, email="second")
    assert fields(in_order([second, first])) == {"email": "second"}


def test_ties_are_decided_the_same_way_from_both_sides() -> None:
    one, two = change("1", "s", {"s": 1}, email="a"), change("2", "b", {"b": 1}, email="b")
    assert in_order([one, two]) == in_order([two, one])


def test_both_sides_doing_the_same_is_no_conflict() -> None:
    one = change("1", "s", {"s": 1}, kind="UserDeactivated")
    two = change("2", "b", {"b": 1}, kind="UserDeactivated")
    assert resolve([one, two], USER, "MERGE").conflicts == ()


def test_the_same_end_by_other_ways_is_no_conflict() -> None:
    server = [change("1", "s", {"s": 1}, email="b"), change("2", "s", {"s": 2}, email="c")]
    branch = [change("3", "b", {"b": 1}, email="c")]
    assert resolve(server + branch, PLAIN, "MERGE").conflicts == ()


def test_true_is_not_one() -> None:
    sides = [change("1", "s", {"s": 1}, flag=True), change("2", "b", {"b": 1}, flag=1)]
    assert len(resolve(sides, PLAIN).conflicts) == 1


def test_different_values_are_a_conflict_that_says_where() -> None:
    sides = [change("1", "s", {"s": 1}, wall=1, email="a@x"), change("2", "b", {"b": 1}, wall=2, email="b@x")]
    with pytest.raises(UnresolvableConflictError, match="email is 'a@x' and 'b@x'") as caught:
        resolve(sides, PLAIN, "MERGE")
    (conflict,) = caught.value.conflicts
    assert isinstance(conflict, FieldConflict)
    assert conflict.as_dict() == {
        "kind": "field_value_conflict",
        "field": "email",
        "server_event": "Changed",
        "branch_event": "Changed",
        "server_value": "a@x",
        "branch_value": "b@x",
    }


def test_types_that_exclude_each_other_are_a_conflict() -> None:
    sides = [
        change("1", "s", {"s": 1}, kind="UserDeactivated"),
        change("2", "b", {"b": 1}, kind="UserReactivated"),
    ]
    with pytest.raises(UnresolvableConflictError) as caught:
        resolve(sides, USER, "MERGE")
    pairs = [one.as_dict() for one in caught.value.conflicts if isinstance(one, ExclusivePair)]
    assert pairs == [{"kind": "exclusive_event_pair", "types": ["UserDeactivated", "UserReactivated"]}]


def test_other_fields_merge() -> None:
    sides = [
        change("1", "s", {"s": 1}, kind="UserDeactivated"),
        change("2", "b", {"b": 1}, email="new"),
    ]
    assert resolve(sides, USER, "MERGE").conflicts == ()


def test_an_unknown_strategy_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"^Unknown merge strategy 'X'\. Valid values: 'LWW', 'MERGE'\.$"):
        resolve([], PLAIN, "X")


def test_one_id_for_two_changes_is_refused() -> None:
    with pytest.raises(DataError, match="needs an id for each change"):
        merge([change("1", "s", {"s": 1}, a=1)], [change("1", "s", {"s": 1}, a=2)])
    with pytest.raises(DataError):
        merge([change("", "s", {"s": 1})])
