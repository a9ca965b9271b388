"""The one follower of the store behind all streams: nothing missing, nothing twice, whatever the moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import hub as hub_module
from gateway._gen.events.v1.events_models import StoredEvent as Model
from gateway.hub import EVERYTHING, Hub, HubClosedError, Listener, Wanted, event_document, read_wanted
from protogate.cqrs.errors import StoreUnavailableError
from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.messages import NewEvent, StoredEvent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import pytest

CATEGORIES: Final = ("a", "b")


async def hear(listener: Listener, count: int) -> list[int]:
    """Positions of so many events."""
    found: list[int] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            found += [one.position for one in (await listener.next()).events]
    return found


async def write(store: MemoryStore, *streams: str) -> None:
    for stream in streams:
        await store.append(stream, [NewEvent("Done", {"text": stream})])


def test_documents_are_those_of_the_contract() -> None:
    event = StoredEvent(
        7,
        "user/a/b",
        2,
        "018bcfe5-6800-7000-8000-000000000000",
        "Done",
        {"n": 1},
        {"actor": "ann"},
        1_700_000_000_000_001,
    )
    document = orjson.loads(event_document(event))
    read = Model.model_validate(document)
    assert read.aggregate_id == "a/b"
    assert read.position == 7
    assert document["timestamp"] == "2023-11-14T22:13:20.000001Z"
    assert list(document) == [
        "id",
        "aggregate_id",
        "event_type",
        "payload",
        "version",
        "timestamp",
        "position",
        "category",
        "metadata",
    ]


STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 4)),
        st.tuples(st.just("listen"), st.integers(0, 12)),
        st.tuples(st.just("breathe"), st.integers(1, 3)),
    ),
    max_size=14,
)
WANTED: Final = st.sampled_from(
    [EVERYTHING, Wanted("a"), Wanted("", frozenset({"1"})), Wanted("b", frozenset({"1", "2"})), Wanted("none")]
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, wanted=st.lists(WANTED, min_size=1, max_size=4), kept=st.integers(1, 6))
def test_every_listener_hears_what_it_wants_once_and_in_order(
    steps: list[tuple[str, int]], wanted: list[Wanted], kept: int
) -> None:
    asyncio.run(_run_steps(steps, wanted, kept))


async def _run_steps(steps: list[tuple[str, int]], wanted: list[Wanted], kept: int) -> None:
    store = MemoryStore()
    # So few are kept that listeners fall behind.
    async with Hub(store, CATEGORIES, kept=kept) as hub:
        listening: list[tuple[Wanted, int, asyncio.Task[None], list[int]]] = []
        written = 0
        for kind, number in steps:
            if kind == "write":
                for _ in range(number):
                    written += 1
                    await write(store, f"{CATEGORIES[written % 2]}/{written % 3}")
            elif kind == "listen":
                start = min(number, written)
                heard: list[int] = []
                task = asyncio.create_task(_collect(hub.listen(wanted[len(listening) % len(wanted)], start), heard))
                listening.append((wanted[len(listening) % len(wanted)], start, task, heard))
            else:
                for _ in range(number):
                    await asyncio.sleep(0)
        everything = await store.read_all(limit=1000)
        for what, start, task, heard in listening:
            expected = [
                one.position
                for one in everything
                if one.position > start and what.takes(one.category, one.aggregate_id)
            ]
            async with asyncio.timeout(10):
                while len(heard) < len(expected):  # noqa: ASYNC110 - heard by another task, event by event
                    await asyncio.sleep(0.001)
            assert heard == expected
            task.cancel()
        await asyncio.gather(*(task for _, _, task, _ in listening), return_exceptions=True)


async def _collect(listener: Listener, heard: list[int]) -> None:
    while True:
        heard += [one.position for one in (await listener.next()).events]


def test_bytes_are_shared_by_all_who_hear_the_same() -> None:
    async def work() -> None:
        store = MemoryStore()
        async with Hub(store, CATEGORIES) as hub:
            listeners = [hub.listen(EVERYTHING, 0) for _ in range(3)]
            await asyncio.sleep(0.01)
            await write(store, "a/1", "a/2")
            batches = await asyncio.gather(*(one.next() for one in listeners))
            assert len({id(batch.frames) for batch in batches}) == 1
            assert batches[0].frames.startswith(b"id: 1\nevent: Done\ndata: {")

    asyncio.run(work())


def test_nothing_is_read_while_nobody_listens() -> None:
    async def work() -> None:
        store = MemoryStore()
        async with Hub(store, CATEGORIES) as hub:
            await write(store, "a/1")
            await asyncio.sleep(0.02)
            assert hub.told == 0
            first = hub.listen(EVERYTHING, 0)
            assert await hear(first, 1) == [1]
            hub.leave(first)
            await write(store, "a/1", "a/1")
            await asyncio.sleep(0.02)
            # Whoever comes later hears all the same what happened in between.
            assert await hear(hub.listen(EVERYTHING, 1), 2) == [2, 3]

    asyncio.run(work())


def test_listeners_hear_that_the_server_ends() -> None:
    async def work() -> None:
        async with Hub(MemoryStore(), CATEGORIES) as hub:
            waiting = asyncio.create_task(hub.listen(EVERYTHING, 0).next())
            await asyncio.sleep(0.01)
            hub.close()
            (ended,) = await asyncio.gather(waiting, return_exceptions=True)
            assert isinstance(ended, HubClosedError)

    asyncio.run(work())


def test_silent_listeners_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        async with Hub(MemoryStore(), CATEGORIES, heartbeat=0.05) as hub:
            async with asyncio.timeout(5):
                assert not await hub.listen(EVERYTHING, 0).next(0.05)

    monkeypatch.setattr(hub_module, "_LOOK", 0.02)
    asyncio.run(work())


def test_listeners_that_hang_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        store = MemoryStore()
        async with Hub(store, CATEGORIES, stall=0.05) as hub:
            given_up = asyncio.Event()
            listener = hub.listen(EVERYTHING, 0)
            listener.stuck = given_up.set
            await write(store, "a/1")
            await listener.next()
            async with asyncio.timeout(5):
                await given_up.wait()

    monkeypatch.setattr(hub_module, "_LOOK", 0.02)
    asyncio.run(work())


class Breaking(MemoryStore):
    """Can be followed for one batch at a time, and then not at all for a moment."""

    async def subscribe(
        self, *, after: int = 0, category: str | None = None
    ) -> AsyncGenerator[tuple[StoredEvent, ...], None]:
        async for batch in super().subscribe(after=after, category=category):
            yield batch
            raise StoreUnavailableError("away")


def test_a_store_that_breaks_off_loses_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        store = Breaking()
        async with Hub(store, CATEGORIES) as hub:
            listener = hub.listen(EVERYTHING, 0)
            heard: list[int] = []
            for number in range(1, 6):
                await write(store, "a/1")
                heard += await hear(listener, 1)
                assert heard == list(range(1, number + 1))

    monkeypatch.setattr(hub_module, "_RETRY", 0.01)
    asyncio.run(work())


def test_streams_of_one_aggregate_are_read_in_pages() -> None:
    async def work() -> Any:  # noqa: ANN401 - events and a position
        store = MemoryStore()
        for _ in range(3):
            await store.append("a/1", [NewEvent("Done", {})] * 400)
            await store.append("b/1", [NewEvent("Done", {})])
        wanted = Wanted.of("", ["1"])
        found, place = await read_wanted(store, wanted, CATEGORIES, 5, 1203, 1000)
        assert [one.position for one in found] == list(range(6, 1006))
        assert place == 1005
        return await read_wanted(store, wanted, CATEGORIES, place, 1203, 1000)

    found, place = asyncio.run(work())
    assert [one.position for one in found] == list(range(1006, 1204))
    assert place == 1203


def test_nobody_is_woken_for_what_nobody_of_them_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[Wanted] = []
    wake = Listener.wake

    def counted(listener: Listener) -> None:
        woken.append(listener.wanted)
        wake(listener)

    async def run() -> None:
        store = MemoryStore()
        async with Hub(store, CATEGORIES) as hub:
            all_of_it, others = hub.listen(EVERYTHING, 0), hub.listen(Wanted("b"), 0)
            waiting = asyncio.create_task(hear(others, 1))
            await asyncio.sleep(0)
            monkeypatch.setattr(Listener, "wake", counted)
            await write(store, "a/1", "a/2")
            assert await hear(all_of_it, 2) == [1, 2]
            assert Wanted("b") not in woken
            assert others.position == 2
            await write(store, "b/1")
            assert await waiting == [3]

    asyncio.run(run())
