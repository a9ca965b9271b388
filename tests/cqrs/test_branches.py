from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.cqrs.branches import FORKED, branch_stream, fork, merge_branch, read_branch
from protogate.cqrs.conflicts import MergeRules, UnresolvableConflictError, data_fields
from protogate.cqrs.errors import ConflictError, DataError, UnknownAggregateError
from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.messages import NewEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

RULES = MergeRules(data_fields)
BRANCH = branch_stream("user/1", "tablet")


def ticking() -> MemoryStore:
    counter = itertools.count(1)
    return MemoryStore(lambda: next(counter))


def on_store(test: Callable[[MemoryStore], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test(ticking()))


async def set_field(store: MemoryStore, stream: str, **data: object) -> None:
    await store.append(stream, [NewEvent("Changed", data)])


async def state(store: MemoryStore, stream: str = "user/1") -> dict[str, Any]:
    return {field: value for event in await store.read(stream) for field, value in event.data.items()}


def test_a_branch_starts_with_the_history_of_its_parent() -> None:
    async def test(store: MemoryStore) -> None:
        await set_field(store, "user/1", email="a")
        await set_field(store, "user/1", email="b")
        await fork(store, "user/1", "tablet", at=1)
        await set_field(store, BRANCH, email="c")
        history = await read_branch(store, "user/1", "tablet")
        assert [event.data["email"] for event in history] == ["a", "c"]
        assert (await store.read(BRANCH))[0].type == FORKED

    on_store(test)


def test_merging_brings_both_sides_together() -> None:
    async def test(store: MemoryStore) -> None:
        await set_field(store, "user/1", email="a", name="n")
        await fork(store, "user/1", "tablet")
        await set_field(store, BRANCH, name="branch")
        await set_field(store, "user/1", email="server")
        merged = await merge_branch(store, "user/1", "tablet", RULES, "MERGE")
        assert merged.conflicts == ()
        assert await state(store) == {"email": "server", "name": "branch"}

    on_store(test)


def test_the_later_change_wins_whichever_side_made_it() -> None:
    async def test(store: MemoryStore) -> None:
        await set_field(store, "user/1", email="a", name="n")
        await fork(store, "user/1", "tablet")
        await set_field(store, BRANCH, email="early", name="branch")
        await set_field(store, "user/1", email="late")
        merged = await merge_branch(store, "user/1", "tablet", RULES)
        assert [one.as_dict()["kind"] for one in merged.conflicts] == ["field_value_conflict"]
        assert await state(store) == {"email": "late", "name": "branch"}

    on_store(test)


def test_a_refused_merge_writes_nothing() -> None:
    async def test(store: MemoryStore) -> None:
        await set_field(store, "user/1", email="a")
        await fork(store, "user/1", "tablet")
        await set_field(store, BRANCH, email="b")
        await set_field(store, "user/1", email="c")
        with pytest.raises(UnresolvableConflictError):
            await merge_branch(store, "user/1", "tablet", RULES, "MERGE")
        assert await store.version("user/1") == 2

    on_store(test)


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from("xyz"), st.integers(0, 3)), max_size=8),
    st.lists(st.tuples(st.booleans(), st.sampled_from("xyz"), st.integers(0, 3)), max_size=5),
)
def test_merging_again_and_going_on_is_as_merging_once(
    first: list[tuple[bool, str, int]], second: list[tuple[bool, str, int]]
) -> None:
    async def test(store: MemoryStore) -> None:
        await set_field(store, "user/1", x=-1, y=-1, z=-1)
        await fork(store, "user/1", "tablet")
        expected = await state(store)
        for part in (first, second):
            for on_branch, field, value in part:
                await set_field(store, BRANCH if on_branch else "user/1", **{field: value})
                expected[field] = value  # time orders all, so the last to speak wins
            await merge_branch(store, "user/1", "tablet", RULES)
            assert await state(store) == expected
            version = await store.version("user/1")
            assert (await merge_branch(store, "user/1", "tablet", RULES)).appended == ()
            assert await store.version("user/1") == version

    on_store(test)


def test_mistakes_are_named() -> None:
    async def test(store: MemoryStore) -> None:
        with pytest.raises(UnknownAggregateError):
            await fork(store, "user/1", "tablet")
        await set_field(store, "user/1", email="a")
        with pytest.raises(DataError, match="cannot fork at version 2; it is at 1"):
            await fork(store, "user/1", "tablet", at=2)
        with pytest.raises(UnknownAggregateError):
            await merge_branch(store, "user/1", "tablet", RULES)
        await fork(store, "user/1", "tablet")
        with pytest.raises(ConflictError):
            await fork(store, "user/1", "tablet")
        with pytest.raises(DataError, match="without '~'"):
            branch_stream("user/1", "a~b")

    on_store(test)
