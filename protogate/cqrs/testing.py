"""The laws of an event store as tests: derive from `EventStoreContract`, say how to open a store, and run pytest.

::

    class TestMyStore(EventStoreContract):
        async def open(self) -> MyStore:
            return await MyStore.connect(...)

Every test opens a store of its own, empty, and closes it. Times are microseconds since 1970.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from protogate.cqrs.errors import (
    ClaimedError,
    ConflictError,
    CqrsError,
    DataError,
    KeyReusedError,
    StoreUnavailableError,
)
from protogate.cqrs.messages import (
    Answer,
    Append,
    Claim,
    Commit,
    Expectation,
    IdempotencyKey,
    NewEvent,
    Outgoing,
    Snapshot,
    StoredEvent,
)
from protogate.cqrs.ports import EventStore, Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["EventStoreContract", "StoreUnderTest"]

Result = TypeVar("Result")

_SECONDS: Final = 60.0
"""After which a test that waits for an event has failed."""
_FUTURE: Final = 2**60
"""A key that outlives the test."""


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run one test to its end, in an event loop of its own."""

    async def bounded() -> Result:
        async with asyncio.timeout(_SECONDS):
            return await work

    return asyncio.run(bounded())


def renamed(name: str, number: int = 0) -> NewEvent:
    """An event to test with."""
    return NewEvent("Renamed", {"name": name, "number": number}, {"actor": "test"})


def key(name: str, body: bytes = b"body", expires_us: int = _FUTURE) -> IdempotencyKey:
    """A key to test with."""
    return IdempotencyKey("POST /test", name, body, expires_us)


def answered(events: tuple[StoredEvent, ...]) -> Answer:
    """An answer that shows positions."""
    return Answer(201, f"at {events[-1].position}".encode(), (("location", "/x"),))


class StoreUnderTest(EventStore, Outbox, Protocol):
    """What the tests need: a store that is its own outbox."""


class EventStoreContract:
    """What every store does; `open` gives an empty one that is also an `Outbox`."""

    async def open(self) -> StoreUnderTest:
        """Open an empty store."""
        raise NotImplementedError

    def with_store(self, test: Callable[[StoreUnderTest], Coroutine[Any, Any, None]]) -> None:
        """Run a test on an empty store."""

        async def work() -> None:
            store = await self.open()
            try:
                await test(store)
            finally:
                await store.aclose()

        run(work())

    # Appending and reading

    def test_versions_and_positions_count_from_one_without_gaps(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            first = await store.append("user/1", [renamed("a"), renamed("b")])
            second = await store.append("user/2", [renamed("c")])
            third = await store.append("user/1", [renamed("d")])
            assert [one.version for one in (*first.events, *second.events, *third.events)] == [1, 2, 1, 3]
            assert [one.position for one in (*first.events, *second.events, *third.events)] == [1, 2, 3, 4]
            assert (first.position, second.position, third.position) == (2, 3, 4)
            assert await store.position() == 4
            assert await store.version("user/1") == 3

        self.with_store(test)

    def test_an_empty_store_has_nothing(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            assert await store.read("user/1") == ()
            assert await store.read_all() == ()
            assert (await store.version("user/1"), await store.position()) == (0, 0)
            assert await store.load_snapshot("user/1", "s") is None
            assert await store.known_answer(key("k")) is None

        self.with_store(test)

    def test_events_come_back_as_they_were(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            name = "0190a5f0-0000-7000-8000-000000000001"
            data = {"text": "zażółć \u2028 \U0001f600", "int": 2**53, "float": 0.1, "deep": [{"a": [True]}]}
            event = NewEvent("Odd", data, {"traceparent": "00-1"}, name)
            before = time.time_ns() // 1000
            (stored,) = (await store.append("user/ż/~", [event])).events
            assert stored == (await store.read("user/ż/~"))[0] == (await store.read_all())[0]
            assert (stored.id, stored.type, stored.data) == (name, "Odd", data)
            assert stored.metadata == {"traceparent": "00-1"}
            assert (stored.category, stored.aggregate_id) == ("user", "ż/~")
            assert before - 60_000_000 < stored.timestamp_us < before + 60_000_000

        self.with_store(test)

    def test_ids_are_given_and_all_differ(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            events = (await store.append("user/1", [renamed("a") for _ in range(100)])).events
            assert len({one.id for one in events}) == 100
            assert all(one.id[14] == "7" for one in events)

        self.with_store(test)

    def test_reading_pages_by_version_and_by_position(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            for number in range(7):
                await store.append(f"user/{number % 2}", [renamed("x", number)])
            await store.append("order/1", [renamed("o")])
            assert [one.version for one in await store.read("user/0", after=1, limit=2)] == [2, 3]
            assert [one.position for one in await store.read_all(after=3, limit=3)] == [4, 5, 6]
            assert [one.stream for one in await store.read_all(category="order")] == ["order/1"]
            assert [one.position for one in await store.read_all(after=2, limit=2, category="user")] == [3, 4]
            assert await store.read_all(after=100) == ()

        self.with_store(test)

    def test_a_category_is_a_whole_word(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            await store.append("user/1", [renamed("a")])
            await store.append("users/1", [renamed("b")])
            await store.append("user_x/1", [renamed("c")])
            assert [one.stream for one in await store.read_all(category="user")] == ["user/1"]

        self.with_store(test)

    # Expectations

    def test_expectations_decide(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            await store.append("user/1", [renamed("a")], Expectation.ABSENT)
            await store.append("user/1", [renamed("b")], 1)
            await store.append("user/1", [renamed("c")], Expectation.EXISTS)
            await store.append("user/1", [renamed("d")], Expectation.ANY)
            for expected in (Expectation.ABSENT, 1, 3, 5):
                error = await _raises(ConflictError, store.append("user/1", [renamed("no")], expected))
                assert (error.stream, error.actual) == ("user/1", 4)
            await _raises(ConflictError, store.append("user/2", [renamed("no")], Expectation.EXISTS))
            assert await store.version("user/1") == 4
            assert await store.position() == 4

        self.with_store(test)

    def test_one_of_many_writers_with_the_same_expectation_wins(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            await store.append("user/1", [renamed("a")])
            tries = [store.append("user/1", [renamed("b", number)], 1) for number in range(50)]
            outcomes = await asyncio.gather(*tries, return_exceptions=True)
            assert sum(not isinstance(one, BaseException) for one in outcomes) == 1
            assert all(isinstance(one, ConflictError) for one in outcomes if isinstance(one, BaseException))
            assert await store.version("user/1") == 2

        self.with_store(test)

    def test_concurrent_writers_leave_no_gap_and_lose_nothing(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            async def write(writer: int) -> list[int]:
                events = [renamed("x", writer)] * 2
                return [(await store.append(f"user/{writer % 5}", events)).position for _ in range(25)]

            acknowledged = await asyncio.gather(*(write(writer) for writer in range(20)))
            events = await store.read_all(limit=10_000)
            assert [one.position for one in events] == list(range(1, 1001))
            assert {position for done in acknowledged for position in done} <= {one.position for one in events}
            for stream in {one.stream for one in events}:
                versions = [one.version for one in events if one.stream == stream]
                assert versions == list(range(1, len(versions) + 1))

        self.with_store(test)

    # Commits

    def test_a_commit_is_whole_or_absent(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            await store.append("user/1", [renamed("a")])
            commit = Commit(
                (
                    Append("user/2", (renamed("b"),), Expectation.ABSENT),
                    Append("user/1", (renamed("c"),), Expectation.ABSENT),
                ),
                key=key("k"),
                answer=answered,
                outgoing=(Outgoing("legacy", {"a": 1}),),
            )
            await _raises(ConflictError, store.commit(commit))
            assert await store.position() == 1
            assert await store.version("user/2") == 0
            assert await store.known_answer(key("k")) is None
            assert await store.pending("legacy") == ()
            # The failed commit does not take its key along.
            done = await store.commit(commit._replace(appends=commit.appends[:1]))
            assert (done.is_replay, done.answer) == (False, Answer(201, b"at 2", (("location", "/x"),)))

        self.with_store(test)

    def test_an_answer_that_cannot_be_made_undoes_the_commit(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            def broken(_events: tuple[StoredEvent, ...]) -> Answer:
                raise CqrsError("no answer")

            await _raises(
                CqrsError, store.commit(Commit((Append("user/1", (renamed("a"),)),), key=key("k"), answer=broken))
            )
            assert await store.position() == 0
            assert (await store.append("user/1", [renamed("b")])).events[0].position == 1

        self.with_store(test)

    def test_one_commit_writes_several_streams(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            appends = (Append("user/1", (renamed("a"), renamed("b"))), Append("order/1", (renamed("c"),)))
            done = await store.commit(Commit(appends))
            assert [(one.stream, one.version, one.position) for one in done.events] == [
                ("user/1", 1, 1),
                ("user/1", 2, 2),
                ("order/1", 1, 3),
            ]

        self.with_store(test)

    def test_a_commit_without_events_checks_its_expectation(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            await store.append("user/1", [renamed("a")])
            done = await store.commit(Commit((Append("user/1", (), 1),), key=key("k")))
            assert (done.events, done.position) == ((), 1)
            await _raises(ConflictError, store.commit(Commit((Append("user/1", (), 2),))))

        self.with_store(test)

    def test_what_no_store_takes_is_refused(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            name = "0190a5f0-0000-7000-8000-000000000001"
            await store.append("user/1", [renamed("a")._replace(id=name)])
            for stream in ("user", "/1", "user/", "", "us\ner/1"):
                await _raises(DataError, store.append(stream, [renamed("a")]))
            await _raises(DataError, store.append("user/2", [renamed("a")._replace(id=name)]))
            await _raises(DataError, store.append("user/2", [renamed("a")._replace(id="x")]))
            await _raises(DataError, store.append("user/2", [NewEvent("", {})]))
            await _raises(DataError, store.append("user/2", [renamed("a")], 0))
            await _raises(DataError, store.append("user/2", [NewEvent("T", {"a": float("nan")})]))
            await _raises(DataError, store.append("user/2", [NewEvent("T", {"a": object()})]))
            twice = (Append("user/3", (renamed("a"),)), Append("user/3", (renamed("b"),)))
            await _raises(DataError, store.commit(Commit(twice)))
            assert await store.position() == 1

        self.with_store(test)

    # Idempotency

    def test_the_same_key_gives_the_same_answer_and_writes_once(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            commit = Commit((Append("user/1", (renamed("a"),), Expectation.ABSENT),), key=key("k"), answer=answered)
            first = await store.commit(commit)
            again = await store.commit(commit)
            assert (first.is_replay, again.is_replay) == (False, True)
            assert again.answer == first.answer == await store.known_answer(key("k"))
            assert again.events == ()
            assert await store.position() == 1

        self.with_store(test)

    def test_the_same_key_with_another_body_is_refused(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            commit = Commit((Append("user/1", (renamed("a"),)),), key=key("k"), answer=answered)
            await store.commit(commit)
            await _raises(KeyReusedError, store.commit(commit._replace(key=key("k", b"other"))))
            await _raises(KeyReusedError, store.known_answer(key("k", b"other")))
            elsewhere = key("k", b"other")._replace(scope="POST /elsewhere")
            assert not (await store.commit(commit._replace(key=elsewhere))).is_replay
            assert await store.position() == 2

        self.with_store(test)

    def test_concurrent_commits_with_one_key_write_once(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            commits = [
                Commit((Append(f"user/{number}", (renamed("a"),)),), key=key("k"), answer=answered)
                for number in range(50)
            ]
            done = await asyncio.gather(*(store.commit(commit) for commit in commits))
            assert sum(not one.is_replay for one in done) == 1
            assert {one.answer for one in done} == {Answer(201, b"at 1", (("location", "/x"),))}
            assert await store.position() == 1

        self.with_store(test)

    def test_keys_expire_and_are_forgotten(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            old, new = key("old", expires_us=1), key("new")
            for one in (old, new):
                await store.commit(Commit((Append("user/1", (renamed("a"),)),), key=one, answer=answered))
            assert await store.known_answer(old) is None
            again = await store.commit(Commit((Append("user/1", (renamed("b"),)),), key=old, answer=answered))
            assert not again.is_replay
            assert await store.forget_keys(2) == 1
            assert await store.forget_keys(2) == 0
            assert await store.known_answer(new) is not None

        self.with_store(test)

    # Claims

    def test_a_name_has_one_owner_until_it_is_released(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            def claiming(number: int, *claims: Claim) -> Commit:
                return Commit((Append(f"user/{number}", (renamed("x"),)),), claims=claims)

            mine, yours = Claim("email", "a@x", "user/1"), Claim("email", "a@x", "user/2")
            await store.commit(claiming(1, mine))
            await store.commit(claiming(1, mine))
            assert await store.owner("email", "a@x") == "user/1"
            error = await _raises(ClaimedError, store.commit(claiming(2, yours)))
            assert (error.space, error.name) == ("email", "a@x")
            assert await store.version("user/2") == 0
            await store.commit(claiming(2, yours._replace(is_release=True)))
            assert await store.owner("email", "a@x") == "user/1"
            await store.commit(claiming(3, yours._replace(space="other")))
            await store.commit(claiming(2, mine._replace(is_release=True), yours))
            assert await store.owner("email", "a@x") == "user/2"
            await store.commit(claiming(2, yours._replace(is_release=True)))
            assert await store.owner("email", "a@x") is None
            await _raises(DataError, store.commit(claiming(1, Claim("", "a", "user/1"))))

        self.with_store(test)

    def test_one_of_many_gets_a_name(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            tries = [
                store.commit(
                    Commit((Append(f"user/{n}", (renamed("x"),)),), claims=(Claim("email", "a@x", f"user/{n}"),))
                )
                for n in range(20)
            ]
            outcomes = await asyncio.gather(*tries, return_exceptions=True)
            assert sum(isinstance(one, ClaimedError) for one in outcomes) == 19
            assert await store.position() == 1

        self.with_store(test)

    # Subscriptions

    def test_a_subscription_gives_past_and_present_once_and_in_order(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            async def write() -> None:
                for number in range(100):
                    await store.append(f"user/{number % 3}", [renamed("x", number)])

            await write()
            readers = [asyncio.create_task(_positions(store, 200, after=after)) for after in (0, 37, 100)]
            await asyncio.gather(write(), write())
            seen = await asyncio.gather(*readers)
            for after, positions in zip((0, 37, 100), seen, strict=True):
                assert positions[:200] == list(range(after + 1, after + 201))

        self.with_store(test)

    def test_a_subscription_to_a_category_leaves_others_out(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            reader = asyncio.create_task(_positions(store, 3, category="order"))
            for number in range(3):
                await store.append("user/1", [renamed("x", number)])
                await store.append(f"order/{number}", [renamed("x", number)])
            assert (await reader)[:3] == [2, 4, 6]

        self.with_store(test)

    # Snapshots

    def test_the_newest_snapshot_of_a_fold_is_kept(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            await store.append("user/1", [renamed("a"), renamed("b"), renamed("c")])
            await store.save_snapshot(Snapshot("user/1", 2, "v1", {"name": "b"}))
            await store.save_snapshot(Snapshot("user/1", 1, "v1", {"name": "a"}))
            assert await store.load_snapshot("user/1", "v1") == Snapshot("user/1", 2, "v1", {"name": "b"})
            assert await store.load_snapshot("user/1", "v2") is None
            await store.save_snapshot(Snapshot("user/1", 1, "v2", {"n": 1}))
            assert await store.load_snapshot("user/1", "v2") == Snapshot("user/1", 1, "v2", {"n": 1})

        self.with_store(test)

    def test_a_snapshot_beyond_its_stream_is_not_used(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            await store.append("user/1", [renamed("a")])
            await store.save_snapshot(Snapshot("user/1", 9, "v1", {}))
            assert await store.load_snapshot("user/1", "v1") is None

        self.with_store(test)

    # Outbox

    def test_the_outbox_keeps_its_order_until_told(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            for number in range(5):
                entries = (Outgoing("legacy", {"n": number}), Outgoing("other", {"n": number}))
                await store.commit(Commit((Append("user/1", (renamed("x"),)),), outgoing=entries))
            waiting = await store.pending("legacy", limit=3)
            assert [entry.body["n"] for _, entry in waiting] == [0, 1, 2]
            count, since = await store.backlog("legacy")
            assert count == 5
            assert since > 0
            await store.told("legacy", [number for number, _ in waiting])
            assert [entry.body["n"] for _, entry in await store.pending("legacy")] == [3, 4]
            assert (await store.backlog("other"))[0] == 5
            assert await store.backlog("nobody") == (0, 0)

        self.with_store(test)

    # Closing

    def test_a_closed_store_refuses(self) -> None:
        async def test(store: StoreUnderTest) -> None:
            await store.append("user/1", [renamed("a")])
            await store.aclose()
            await _raises(StoreUnavailableError, store.append("user/1", [renamed("b")]))
            await store.aclose()

        self.with_store(test)


async def _raises(kind: type[CqrsError], work: Coroutine[Any, Any, object]) -> Any:  # noqa: ANN401 - of that kind
    try:
        outcome = await work
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} expected, got {outcome!r}")


async def _positions(store: StoreUnderTest, count: int, *, after: int = 0, category: str | None = None) -> list[int]:
    """The positions of the next events, at least so many."""
    seen: list[int] = []
    events = store.subscribe(after=after, category=category)
    async for batch in events:
        seen += [one.position for one in batch]
        if len(seen) >= count:
            break
    await events.aclose()
    return seen
