"""`python -m benchmarks gateway`: the event stores in process, beside raw SQL and the package `eventsourcing`."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from uuid import UUID, uuid4

import orjson
import psycopg
import uvloop
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent as TheirEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from benchmarks.gateway_figures import Part, at_least, at_most, median_ratio
from gateway.stores.postgres import PostgresStore
from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.ids import chance, uuid7_bytes
from protogate.cqrs.messages import Expectation, NewEvent
from protogate.cqrs.replay import Fold, load, snapshot
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.registry_speed import Goal
    from protogate.cqrs.messages import StoredEvent

__all__ = ["measure_stores"]

_PRODUCERS = 64
_EVENTS = 30_000
_ALONE = 1_500
_THEIRS = 4_000
_REPLAYED = 20_000
_LONG = 100_000
_SHORT = 100
_LOADS = 200
_CLIENTS = 16
_POSTGRES_EVENTS = 6_000
_LOCKED_EVENTS = 1_500
_METADATA = {"correlation_id": "018bcfe5-6800-7000-8000-000000000000", "actor": "bench"}
_STREAMS = [f"user/{uuid4()}" for _ in range(_PRODUCERS)]
_COLUMNS = "position, stream, version, id, type, data, metadata, timestamp_us"
_INSERT = f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants


class Figure(NamedTuple):
    """What came out of one round."""

    rate: float
    """Events a second, or milliseconds where it is about one load."""
    cpu: float
    """Microseconds of CPU of this process for an event, or for a load."""


class Size(NamedTuple):
    """How much is written and read."""

    scale: float

    def of(self, count: int, *, least: int = _PRODUCERS) -> int:
        """So many of a full load."""
        return max(least, int(count * self.scale))


def measure_stores(say: Callable[[str], object], *, rounds: int, scale: float = 1.0) -> Part:
    """Measure all in turn, in every round."""
    found: dict[str, list[Figure]] = {}
    size = Size(scale)
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name, PostgresServer.running() as server:
        uvloop.run(_fill(Path(name), size))
        for number in range(rounds):
            say(f"stores, round {number + 1} of {rounds}")
            folder = Path(name) / str(number)
            folder.mkdir()
            for what, figure in _round(folder, Path(name), server, size):
                found.setdefault(what, []).append(figure)
    middle = {what: Figure(*map(statistics.median, zip(*each, strict=True))) for what, each in found.items()}
    return Part(
        "Event stores",
        "Events of about 250 bytes; all on one disk with `synchronous = FULL`. The raw floors write rows of the same\n"
        "tables, with ids of the same kind, and make ids and JSON as they go, but check nothing. *Raw SQL* is one\n"
        "thread that has all events; the *group commit without checks* is the least that 64 tasks of an event loop\n"
        "need to share a transaction: a queue, a writer thread and a future for each event. Ours also checks the\n"
        "expected version, the names and the ids, and answers with the events as they are stored.",
        _goals(found),
        ("what", "events/s, or ms a load", "CPU us"),
        [(what, f"{one.rate:,.{0 if one.rate > 100 else 3}f}", f"{one.cpu:,.1f}") for what, one in middle.items()],  # noqa: PLR2004 - digits
    )


def _goals(found: dict[str, list[Figure]]) -> list[Goal]:
    def ratio(ours: str, floor: str) -> float:
        return median_ratio([one.rate for one in found[ours]], [one.rate for one in found[floor]])

    return [
        at_least("T5 append, 64 producers / raw group commit without checks", 0.8, ratio(_OURS, _GROUP)),
        at_least("T5 append, 64 producers / raw SQL, 64 a transaction", 0.7, ratio(_OURS, _RAW)),
        at_least("T6 append, 1 producer / raw SQL, 1 a transaction", 0.7, ratio(_OURS_ALONE, _RAW_ALONE)),
        at_least("T7 append, 64 producers / eventsourcing, recorder", 6, ratio(_OURS, _RECORDER)),
        at_least("T7 append, 64 producers / eventsourcing, Application.save", 6, ratio(_OURS, _SAVE)),
        at_least("T8 replay / eventsourcing, repository.get", 5, ratio(_REPLAY, _GET)),
        at_most("T9 100,000 events with a snapshot / 100 events without", 1.5, ratio(_WITH_SNAPSHOT, _SHORT_STREAM)),
        at_least("T10 PostgreSQL, 16 clients / LOCK TABLE for each event", 5, ratio(_PG, _LOCKED)),
        at_most("T10 events that a reader behind them missed", 0, max(one.rate for one in found[_MISSED]), "events"),
    ]


_RAW = "raw SQL, 64 a transaction"
_RAW_ALONE = "raw SQL, 1 a transaction"
_GROUP = "group commit without checks, 64 producers"
_OURS = "append, 64 producers"
_OURS_ALONE = "append, 1 producer"
_RECORDER = "eventsourcing, recorder"
_SAVE = "eventsourcing, Application.save"
_REPLAY = "replay of one stream"
_GET = "eventsourcing, repository.get of one aggregate"
_WITH_SNAPSHOT = "load of 100,000 events, a snapshot 100 events ago (ms)"
_SHORT_STREAM = "load of 100 events, no snapshot (ms)"
_PG = "PostgreSQL, append, 16 clients"
_LOCKED = "PostgreSQL, LOCK TABLE for each event, 16 clients"
_MISSED = "PostgreSQL, events that a reader missed"


def _round(folder: Path, shared: Path, server: PostgresServer, size: Size) -> Iterator[tuple[str, Figure]]:
    count, alone, theirs = size.of(_EVENTS), size.of(_ALONE), size.of(_THEIRS)
    yield _RAW, _raw(folder / "raw.db", count, _PRODUCERS)
    yield _GROUP, uvloop.run(_grouped(folder / "group.db", count))
    yield _OURS, uvloop.run(_appended_to_sqlite(folder / "ours.db", count, _PRODUCERS))
    yield _RAW_ALONE, _raw(folder / "raw1.db", alone, 1)
    yield _OURS_ALONE, uvloop.run(_appended_to_sqlite(folder / "ours1.db", alone, 1))
    yield _RECORDER, _recorded(folder / "recorder.db", theirs)
    yield _SAVE, _saved(folder / "save.db", theirs)
    yield _REPLAY, uvloop.run(_replayed(shared / _OURS_KEPT, size))
    yield _GET, _got(shared, size)
    yield _WITH_SNAPSHOT, uvloop.run(_loaded(shared / _OURS_KEPT, "counter/long", size, use_snapshot=True))
    yield _SHORT_STREAM, uvloop.run(_loaded(shared / _OURS_KEPT, "counter/short", size, use_snapshot=False))
    yield from uvloop.run(_on_postgres(server.url, size))
    yield _LOCKED, _locked(server.url, size.of(_LOCKED_EVENTS))


class _Watch:
    """Measures what is done while it is open."""

    def __enter__(self) -> Self:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu

    def figure(self, count: int) -> Figure:
        """What one of so many cost."""
        return Figure(count / self.wall, self.cpu / count * 1e6)


def _data(number: int) -> dict[str, Any]:
    return {
        "userId": f"018bcfe5-6800-7000-8000-{number:012d}",
        "email": f"user-{number}@example.com",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "age": 36,
    }


# Raw SQL.


def _raw(path: Path, count: int, at_once: int) -> Figure:
    with closing(_tables(path)) as connection, _Watch() as watch:
        for start in range(0, count, at_once):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, [_row(number) for number in range(start, min(start + at_once, count))])
            connection.execute("COMMIT")
    return watch.figure(count)


def _row(number: int) -> tuple[Any, ...]:
    now = time.time_ns() // 1000
    data, metadata = orjson.dumps(_data(number)).decode(), orjson.dumps(_METADATA).decode()
    producer, version = number % _PRODUCERS, number // _PRODUCERS + 1
    return (
        number + 1,
        _STREAMS[producer],
        version,
        uuid7_bytes(now, chance()),
        "UserCreated",
        data,
        metadata,
        now,
    )


def _tables(path: Path) -> sqlite3.Connection:
    """The tables of the store, and a connection to them."""

    async def make() -> None:
        await SqliteStore(path).aclose()

    asyncio.run(make())
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


async def _grouped(path: Path, count: int) -> Figure:
    """What an event loop and a writer thread must do at least."""
    loop = asyncio.get_running_loop()
    waiting: queue.SimpleQueue[tuple[tuple[Any, ...], asyncio.Future[None]] | None] = queue.SimpleQueue()

    def write(connection: sqlite3.Connection) -> None:
        job = waiting.get()
        while job is not None:
            jobs = [job]
            with suppress(queue.Empty):
                while (job := waiting.get_nowait()) is not None:
                    jobs.append(job)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT, [row for row, _ in jobs])
            connection.execute("COMMIT")
            loop.call_soon_threadsafe(tell, [future for _, future in jobs])
            job = waiting.get() if job is not None else None

    def tell(futures: list[asyncio.Future[None]]) -> None:
        for future in futures:
            future.set_result(None)

    async def produce(producer: int) -> None:
        for number in range(producer, count, _PRODUCERS):
            future: asyncio.Future[None] = loop.create_future()
            waiting.put((_row(number), future))
            await future

    connection = await loop.run_in_executor(None, _tables, path)
    with closing(connection):
        writer = threading.Thread(target=write, args=(connection,))
        with _Watch() as watch:
            writer.start()
            await asyncio.gather(*map(produce, range(_PRODUCERS)))
        waiting.put(None)
        await loop.run_in_executor(None, writer.join)
    return watch.figure(count)


# Ours.


async def _appended_to_sqlite(path: Path, count: int, producers: int) -> Figure:
    store = SqliteStore(path)
    try:
        return await _appended(store, count, producers)
    finally:
        await store.aclose()


async def _appended(store: SqliteStore | PostgresStore, count: int, producers: int) -> Figure:
    """Each producer appends to a stream of its own, and says which version it expects."""

    async def produce(producer: int) -> None:
        stream = _STREAMS[producer]
        first = await store.version(stream)
        for version, number in enumerate(range(producer, count, producers), first):
            new = NewEvent("UserCreated", _data(number), _METADATA)
            await store.append(stream, [new], version or Expectation.ABSENT)

    with _Watch() as watch:
        await asyncio.gather(*map(produce, range(producers)))
    return watch.figure(count)


# The package eventsourcing.


def _recorded(path: Path, count: int) -> Figure:
    recorder = SQLiteApplicationRecorder(SQLiteDatastore(str(path)))
    recorder.create_table()
    names = [uuid4() for _ in range(_PRODUCERS)]
    with _Watch() as watch:
        for number in range(count):
            state = orjson.dumps({**_data(number), **_METADATA})
            version = number // _PRODUCERS + 1
            recorder.insert_events([TheirEvent(names[number % _PRODUCERS], version, "user:UserCreated", state)])
    recorder.datastore.close()
    return watch.figure(count)


class _Counter(Aggregate):
    """An aggregate of theirs."""

    def __init__(self) -> None:
        self.total = 0
        self.email = ""

    @event("Counted")
    def count(self, email: str, first_name: str, last_name: str, age: int) -> None:  # noqa: ARG002 - is recorded
        """Change something."""
        self.email = email
        self.total += 1


def _application(path: Path) -> Application[UUID]:
    return Application({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})


def _saved(path: Path, count: int) -> Figure:
    with closing(_application(path)) as application:
        counters = [_Counter() for _ in range(_PRODUCERS)]
        application.save(*counters)
        with _Watch() as watch:
            for number in range(count):
                counter = counters[number % _PRODUCERS]
                counter.count(f"user-{number}@example.com", "Ada", "Lovelace", 36)
                application.save(counter)
    return watch.figure(count)


# Replay.

_OURS_KEPT = "replay.db"
_THEIRS_KEPT = "replay-theirs.db"


class _State(NamedTuple):
    total: int = 0
    email: str = ""


def _apply(state: _State, one: StoredEvent) -> _State:
    return _State(state.total + 1, one.data["email"])


_COUNTER: Fold[_State] = Fold("counter-1", _State(), _apply, _State._asdict, lambda kept: _State(**kept))


async def _fill(folder: Path, size: Size) -> None:
    """Write the streams that are replayed."""
    store = SqliteStore(folder / _OURS_KEPT)
    for name, count in (
        ("replayed", size.of(_REPLAYED)),
        ("long", size.of(_LONG, least=2 * _SHORT) - _SHORT),
        ("short", _SHORT),
    ):
        await _fill_stream(store, f"counter/{name}", count)
    await snapshot(store, "counter/long", _COUNTER, await load(store, "counter/long", _COUNTER))
    await _fill_stream(store, "counter/long", _SHORT)
    await store.aclose()
    with closing(_application(folder / _THEIRS_KEPT)) as application:
        counter = _Counter()
        for number in range(size.of(_REPLAYED)):
            counter.count(f"user-{number}@example.com", "Ada", "Lovelace", 36)
        application.save(counter)
    (folder / _NAME).write_text(str(counter.id))


_NAME = "name"


async def _fill_stream(store: SqliteStore, stream: str, count: int) -> None:
    for start in range(0, count, 1000):
        numbers = range(start, min(start + 1000, count))
        await store.append(stream, [NewEvent("Counted", _data(number), _METADATA) for number in numbers])


async def _replayed(path: Path, size: Size) -> Figure:
    store = SqliteStore(path)
    with _Watch() as watch:
        found = await load(store, "counter/replayed", _COUNTER, use_snapshot=False)
    await store.aclose()
    _check(found.state.total, size.of(_REPLAYED))
    return watch.figure(found.version)


def _got(folder: Path, size: Size) -> Figure:
    name = UUID((folder / _NAME).read_text())
    with closing(_application(folder / _THEIRS_KEPT)) as application:
        with _Watch() as watch:
            counter: _Counter = application.repository.get(name)
        _check(counter.total, size.of(_REPLAYED))
        return watch.figure(counter.total)


async def _loaded(path: Path, stream: str, size: Size, *, use_snapshot: bool) -> Figure:
    """Milliseconds of one load."""
    store = SqliteStore(path)
    times = size.of(_LOADS, least=10)
    found = await load(store, stream, _COUNTER, use_snapshot=use_snapshot)
    with _Watch() as watch:
        for _ in range(times):
            await load(store, stream, _COUNTER, use_snapshot=use_snapshot)
    await store.aclose()
    _check(found.replayed, _SHORT)
    _check(found.state.total, found.version)
    return Figure(watch.wall / times * 1e3, watch.cpu / times * 1e6)


def _check(found: int, wanted: int) -> None:
    if found != wanted:
        raise RuntimeError(f"{found:,} events were found in place of {wanted:,}")


# PostgreSQL.


async def _on_postgres(url: str, size: Size) -> list[tuple[str, Figure]]:
    """Append with a reader that follows by positions, and count what it did not see."""
    store = PostgresStore(url)
    count = size.of(_POSTGRES_EVENTS)
    after = await store.position()
    seen: list[int] = []

    async def follow() -> None:
        place = after
        while len(seen) < count:
            events = await store.read_all(after=place, limit=500)
            if events:
                seen.extend(one.position for one in events)
                place = seen[-1]
            elif place >= after + count:
                return
            await asyncio.sleep(0.01)

    following = asyncio.create_task(follow())
    try:
        figure = await _appended(store, count, _CLIENTS)
        with suppress(TimeoutError):
            await asyncio.wait_for(following, 10)
    finally:
        await store.aclose()
    missed = len(set(range(after + 1, after + count + 1)) - set(seen))
    return [(_PG, figure), (_MISSED, Figure(missed, 0))]


def _locked(url: str, count: int) -> Figure:
    """As many a store does it: a lock of the table for each event, so that positions are seen in their order."""

    def work(client: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(client, count, _CLIENTS):
                with connection.transaction():
                    connection.execute("LOCK TABLE locked_events IN EXCLUSIVE MODE")
                    connection.execute(
                        "INSERT INTO locked_events (stream, version, id, type, data, metadata, timestamp_us)"
                        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                        (f"user/{client}", *_row(number)[2:]),
                    )

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS locked_events")
        connection.execute(
            "CREATE TABLE locked_events (position bigserial PRIMARY KEY, stream text, version bigint,"
            " id bytea UNIQUE, type text, data text, metadata text, timestamp_us bigint)"
        )
    with ThreadPoolExecutor(_CLIENTS) as executor, _Watch() as watch:
        list(executor.map(work, range(_CLIENTS)))
    return watch.figure(count)
