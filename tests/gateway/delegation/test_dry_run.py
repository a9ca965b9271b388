"""A dry run answers as the real one would, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delegation.dry_run import DryRunStore, dry_run
from protogate.cqrs.errors import CqrsError
from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.messages import (
    Answer,
    Append,
    Claim,
    Commit,
    Committed,
    Expectation,
    IdempotencyKey,
    NewEvent,
    Outgoing,
    Snapshot,
)
from protogate.cqrs.testing import EventStoreContract

if TYPE_CHECKING:
    from protogate.cqrs.testing import StoreUnderTest

STREAMS = st.sampled_from(["user/1", "user/2", "entry/1"])
EXPECTED = st.sampled_from([*Expectation, 1, 2])
APPENDS = st.builds(
    Append,
    STREAMS,
    st.lists(st.sampled_from(["A", "B"]).map(lambda name: NewEvent(name, {"n": 1})), max_size=2).map(tuple),
    EXPECTED,
)
CLAIMS = st.builds(Claim, st.just("email"), st.sampled_from(["a", "b"]), STREAMS, st.booleans())
COMMITS = st.builds(
    Commit,
    st.lists(APPENDS, max_size=2).map(tuple),
    st.none(),
    st.just(lambda events: Answer(200, f"{[(one.stream, one.version, one.position) for one in events]}".encode())),
    st.lists(st.just(Outgoing("legacy", {"a": 1})), max_size=1).map(tuple),
    st.lists(CLAIMS, max_size=2).map(tuple),
)


class TestOutsideOfADryRun(EventStoreContract):
    """It is the store that it stands before."""

    async def open(self) -> StoreUnderTest:
        return cast("StoreUnderTest", DryRunStore(MemoryStore()))


async def everything(store: MemoryStore) -> tuple[Any, ...]:
    owners = [await store.owner("email", name) for name in "ab"]
    return await store.read_all(), await store.position(), owners, await store.pending("legacy")


async def outcome(store: MemoryStore | DryRunStore, commit: Commit) -> object:
    """What a caller sees, but for ids and times, which are new each time."""
    try:
        done: Committed = await store.commit(commit)
    except CqrsError as error:
        return type(error), str(error)
    events = [one._replace(id="", timestamp_us=0) for one in done.events]
    return events, done.position, done.answer, done.is_replay


@given(st.lists(COMMITS, max_size=3), COMMITS)
def test_it_answers_as_the_store_would_and_changes_nothing(past: list[Commit], commit: Commit) -> None:
    async def main() -> None:
        store = MemoryStore()
        for one in past:
            await outcome(store, one)
        before = await everything(store)
        with dry_run():
            tried = await outcome(DryRunStore(store), commit)
        assert await everything(store) == before
        assert await outcome(store, commit) == tried

    asyncio.run(main())


def test_keys_and_snapshots_are_not_kept_either() -> None:
    async def main() -> None:
        store = MemoryStore()
        await store.append("user/1", [NewEvent("A", {})])
        dry = DryRunStore(store)
        key = IdempotencyKey("scope", "key", b"f", 1 << 60)
        with dry_run():
            await dry.commit(Commit((Append("user/1", (NewEvent("A", {}),)),), key, lambda _: Answer(200, b"")))
            await dry.save_snapshot(Snapshot("user/1", 1, "s", {}))
            assert await dry.forget_keys(1 << 61) == 0
            with pytest.raises(AttributeError, match="dry run"):
                await dry.told("legacy", [1])
        assert await store.known_answer(key) is None
        assert await store.load_snapshot("user/1", "s") is None

    asyncio.run(main())


def test_a_dry_run_is_about_its_own_task_and_those_that_it_starts() -> None:
    async def main() -> None:
        store = MemoryStore()
        dry = DryRunStore(store)
        with dry_run():
            await asyncio.create_task(dry.append("user/1", [NewEvent("A", {})]))
        assert await store.position() == 0
        await dry.append("user/1", [NewEvent("A", {})])
        assert await store.position() == 1

    asyncio.run(main())
