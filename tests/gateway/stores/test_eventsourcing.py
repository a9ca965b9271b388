"""The recorder tests that the package `eventsourcing` brings along, on our stores by an adapter."""

from __future__ import annotations

import asyncio
import base64
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import pytest
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Notification, StoredEvent
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from gateway.stores.postgres import PostgresStore
from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.errors import ConflictError
from protogate.cqrs.messages import Append, Commit, Expectation, NewEvent
from tests.gateway.stores.test_postgres import fresh_url

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from pathlib import Path

    from protogate.cqrs import messages
    from protogate.cqrs.ports import EventStore
    from tests.support.postgres import PostgresServer

Result = TypeVar("Result")


class Recorder(ApplicationRecorder):
    """Their recorder over our store, which runs in an event loop of its own thread.

    Their first version is 0 or 1, as whoever writes likes it; ours is 1. So the version goes along in the event.
    """

    def __init__(self, open_store: Callable[[], EventStore], *, gives_ids: bool) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._gives_ids = gives_ids

        async def opened() -> EventStore:
            return open_store()

        self._store = self._run(opened())

    def close(self) -> None:
        self._run(self._store.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: object) -> Sequence[int] | None:
        assert not kwargs
        committed = self._run(self._insert(stored_events))
        return [event.position for event in committed] if self._gives_ids else None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        events = map(theirs, self._run(self._store.read(f"es/{originator_id}")))
        found = [
            event
            for event in events
            if (gt is None or event.originator_version > gt) and (lte is None or event.originator_version <= lte)
        ]
        return (found[::-1] if desc else found)[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = max(0, (start or 0) - inclusive_of_start)
        count = limit if not topics else 1000
        events = self._run(self._store.read_all(after=after, limit=count))
        return [
            notification(event)
            for event in events
            if (stop is None or event.position <= stop) and (not topics or event.type in topics)
        ][:limit]

    def max_notification_id(self) -> int | None:
        return self._run(self._store.position()) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Any:  # noqa: ANN401 - theirs
        raise NotImplementedError

    async def _insert(self, events: Sequence[StoredEvent]) -> tuple[messages.StoredEvent, ...]:
        streams: dict[str, list[StoredEvent]] = {}
        for event in events:
            streams.setdefault(f"es/{event.originator_id}", []).append(event)
        appends = [await self._append(stream, those) for stream, those in streams.items()]
        try:
            return (await self._store.commit(Commit(tuple(appends)))).events
        except ConflictError as error:
            raise IntegrityError(str(error)) from error

    async def _append(self, stream: str, events: Sequence[StoredEvent]) -> Append:
        versions = [event.originator_version for event in events]
        if any(later != earlier + 1 for earlier, later in pairwise(versions)):
            raise IntegrityError(f"{stream}: versions {versions} do not follow one another")
        first = await self._store.read(stream, limit=1)
        expected = versions[0] - first[0].data["version"] if first else Expectation.ABSENT
        if isinstance(expected, int) and expected < 1:
            raise IntegrityError(f"{stream}: version {versions[0]} is there already")
        new = tuple(
            NewEvent(
                event.topic, {"version": event.originator_version, "state": base64.b64encode(event.state).decode()}
            )
            for event in events
        )
        return Append(stream, new, expected)

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


def theirs(event: messages.StoredEvent) -> StoredEvent:
    state = base64.b64decode(event.data["state"])
    return StoredEvent(UUID(event.aggregate_id), event.data["version"], event.type, state)


def notification(event: messages.StoredEvent) -> Notification:
    own = theirs(event)
    return Notification(own.originator_id, own.originator_version, own.topic, own.state, event.position)


class _Recorders:
    """Makes recorders of one store for each test, and closes them."""

    gives_ids = True
    _open: Callable[[], EventStore]

    @pytest.fixture(autouse=True)
    def _closing(self) -> Iterator[None]:
        self._made: list[Recorder] = []
        yield
        for recorder in self._made:
            recorder.close()

    def create_recorder(self) -> Recorder:
        recorder = Recorder(self._open, gives_ids=self.gives_ids)
        self._made.append(recorder)
        return recorder


class _Sqlite(_Recorders):
    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self._open = lambda: SqliteStore(tmp_path / "events.db")


class _Postgres(_Recorders):
    @pytest.fixture(autouse=True)
    def _schema(self, postgres_server: PostgresServer) -> None:
        url = fresh_url(postgres_server)
        self._open = lambda: PostgresStore(url)


class TestSqliteAggregates(_Sqlite, AggregateRecorderTestCase):
    gives_ids = False


class TestSqliteApplication(_Sqlite, ApplicationRecorderTestCase[Recorder]):
    pass


class TestSqliteNotifications(_Sqlite, NonInterleavingNotificationIDsBaseCase):
    pass


@pytest.mark.postgres
class TestPostgresAggregates(_Postgres, AggregateRecorderTestCase):
    gives_ids = False


@pytest.mark.postgres
class TestPostgresApplication(_Postgres, ApplicationRecorderTestCase[Recorder]):
    pass


@pytest.mark.postgres
class TestPostgresNotifications(_Postgres, NonInterleavingNotificationIDsBaseCase):
    pass


# Their own classes are no tests of ours.
del AggregateRecorderTestCase, ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
