"""The store in PostgreSQL, for gateways that run as many processes.

Positions come from a counter row. A writer takes the row first and keeps it until it has committed, so batches of all
processes go one after another and become visible in the order of their positions; each batch moves the counter once.
Readers advance through the contiguous prefix only, which is also right where the table is spread over machines that
commit one after another. `NOTIFY` is a hint: whoever waits looks by itself as well.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from gateway.stores import migrations
from gateway.stores.batch import Known, checked_answer, decide, needs_of
from gateway.stores.rows import event_of, from_json, prepare, to_json
from gateway.stores.writer import GroupWriter
from protogate.cqrs.errors import StoreUnavailableError
from protogate.cqrs.feed import Signal, follow
from protogate.cqrs.messages import Append, Commit, Expectation, Outgoing, Snapshot
from protogate.errors import UserError
from protogate.schema_steps import load_steps

try:
    import psycopg
except ImportError as error:
    raise UserError('PostgreSQL needs the Python package psycopg; try: pip install "protogate[postgres]"') from error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from gateway.stores.batch import Decided, Needs
    from gateway.stores.rows import Prepared
    from protogate.cqrs.messages import Answer, Committed, Expected, IdempotencyKey, NewEvent, StoredEvent

__all__ = ["PostgresStore", "Server", "bring_up_to_date"]

_Connection = psycopg.Connection[tuple[Any, ...]]
Result = TypeVar("Result")

_MIGRATION: Final = 0x70_67_65_31
"""The number of the lock that migrations hold: "pge1"."""
_CHANNEL: Final = "protogate_events"
_NUL: Final = "\0"
"""No text of PostgreSQL has it, so no name that has it is in a table."""
_POLL: Final = 0.5
"""Seconds after which whoever waits looks without a hint."""
_READERS: Final = 8
_TRIES: Final = 5
"""How often a batch is tried that the database asks to try again."""
_TABLES: Final = ("positions", "events", "keys", "claims", "outbox", "snapshots")

_EVENT_COLUMNS: Final = "position, stream, version, id, type, data, metadata, timestamp_us"
_READ_STREAM: Final = (
    f"SELECT {_EVENT_COLUMNS} FROM events WHERE stream = %s AND version > %s ORDER BY version LIMIT %s"  # noqa: S608 - constants
)
_READ_ALL: Final = f"SELECT {_EVENT_COLUMNS} FROM events WHERE position > %s ORDER BY position LIMIT %s"  # noqa: S608 - as above
_READ_CATEGORY: Final = (
    f"SELECT {_EVENT_COLUMNS} FROM events"  # noqa: S608 - as above
    " WHERE position > %s AND position <= (SELECT position FROM positions) AND starts_with(stream, %s)"
    " ORDER BY position LIMIT %s"
)
_VERSIONS: Final = (
    "SELECT wanted, (SELECT version FROM events WHERE stream = wanted ORDER BY version DESC LIMIT 1)"
    " FROM unnest(%s::text[]) AS wanted"
)
_KEPT_KEYS: Final = (
    "SELECT scope, key, fingerprint, status, headers, body FROM keys"
    " JOIN unnest(%s::text[], %s::text[]) AS wanted (scope, key) USING (scope, key) WHERE expires_us >= %s"
)
_OWNERS: Final = (
    "SELECT space, name, owner FROM claims"
    " JOIN unnest(%s::text[], %s::text[]) AS wanted (space, name) USING (space, name)"
)
_CLAIM: Final = (
    "INSERT INTO claims (space, name, owner) VALUES (%s, %s, %s)"
    " ON CONFLICT (space, name) DO UPDATE SET owner = excluded.owner"
)
_INSERT_EVENTS: Final = (
    f"INSERT INTO events ({_EVENT_COLUMNS}) SELECT * FROM unnest("  # noqa: S608 - as above
    "%b::bigint[], %b::text[], %b::bigint[], %b::bytea[], %b::text[], %b::text[], %b::text[], %b::bigint[])"
)
_INSERT_KEYS: Final = (
    "INSERT INTO keys (scope, key, fingerprint, expires_us, status, headers, body) VALUES (%s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, expires_us = excluded.expires_us,"
    " status = excluded.status, headers = excluded.headers, body = excluded.body"
)
_INSERT_OUTBOX: Final = "INSERT INTO outbox (destination, since_us, body) VALUES (%s, %s, %s)"
_SAVE_SNAPSHOT: Final = (
    "INSERT INTO snapshots (stream, version, schema, state) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (stream) DO UPDATE SET version = excluded.version, schema = excluded.schema, state = excluded.state"
    " WHERE snapshots.schema <> excluded.schema OR snapshots.version < excluded.version"
)


class PostgresStore:
    """An `EventStore` and `Outbox` in the tables of one PostgreSQL schema."""

    def __init__(
        self,
        url: str,
        *,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        timeout: float = 5.0,
    ) -> None:
        """Connect, and bring the database to the newest schema.

        Args:
            url: `postgresql://user@host/database`; the tables stand in the first schema of its search path.
            now_us: gives microseconds since 1970.
            timeout: seconds to wait for another writer, and for the server to answer a new connection.

        Raises:
            UserError: the database cannot be reached, is newer than this program, or its tables are another's.
        """
        self._server = Server(url, timeout)
        self._now_us = now_us
        self._signal = Signal()
        self._is_open = True
        self._local = threading.local()
        self._executor = ThreadPoolExecutor(_READERS, thread_name_prefix="events-reader")
        self._listener: _Listener | None = None
        try:
            with self._server.connect() as connection:
                bring_up_to_date(connection, self._server.shown, "postgres", "events_schema", _TABLES)
        except psycopg.Error as error:
            raise UserError(str(self._server.failure(error))) from None
        self._writing = _Writing(self._server, now_us)
        self._writer: GroupWriter[Prepared, Committed] = GroupWriter(
            self._writing.run_batch, name="events-writer", finish=self._writing.close, written=self._signal.give
        )

    async def commit(self, commit: Commit) -> Committed:
        """Write all of a commit, or nothing."""
        return await self._writer.run(prepare(commit))

    async def append(self, stream: str, events: Sequence[NewEvent], expected: Expected = Expectation.ANY) -> Committed:
        """Commit events for one stream."""
        return await self.commit(Commit((Append(stream, tuple(events), expected),)))

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[StoredEvent, ...]:
        """Events of one stream with a version greater than `after`, oldest first."""
        if _NUL in stream:
            return ()
        return tuple(map(event_of, await self._rows(_READ_STREAM, (stream, after, limit))))

    async def version(self, stream: str) -> int:
        """The version of a stream; 0 when it has no events."""
        if _NUL in stream:
            return 0
        rows = await self._rows(_VERSIONS, ([stream],))
        return int(rows[0][1] or 0)

    async def read_all(
        self, *, after: int = 0, limit: int = 1000, category: str | None = None
    ) -> tuple[StoredEvent, ...]:
        """Events of all streams, or of one category, with a position greater than `after`, in order."""
        if category is not None:
            if _NUL in category:
                return ()
            return tuple(map(event_of, await self._rows(_READ_CATEGORY, (after, f"{category}/", limit))))
        rows = await self._rows(_READ_ALL, (after, limit))
        # Only as far as nothing is missing: what is missing may still come.
        whole = next((place for place, row in enumerate(rows) if row[0] != after + place + 1), len(rows))
        return tuple(map(event_of, rows[:whole]))

    async def position(self) -> int:
        """The position of the newest event."""
        return int((await self._rows("SELECT position FROM positions"))[0][0])

    async def subscribe(
        self, *, after: int = 0, category: str | None = None
    ) -> AsyncGenerator[tuple[StoredEvent, ...], None]:
        """Give past events after a position and then each new one as it happens."""

        async def read(position: int) -> tuple[StoredEvent, ...]:
            return await self.read_all(after=position)

        if self._listener is None:
            self._listener = _Listener(self._server, asyncio.get_running_loop(), self._signal)
        async for batch in follow(read, self._signal, after=after, category=category, poll=_POLL):
            yield batch

    async def known_answer(self, key: IdempotencyKey) -> Answer | None:
        """The answer that was kept with a key, if it is known and not expired."""
        rows = await self._rows(_KEPT_KEYS, ([key.scope], [key.key], self._now_us()))
        return checked_answer(key, rows[0][2:]) if rows else None

    async def owner(self, space: str, name: str) -> str | None:
        """The stream that has claimed a name."""
        rows = await self._rows(_OWNERS, ([space], [name]))
        return str(rows[0][2]) if rows else None

    async def forget_keys(self, before_us: int) -> int:
        """Forget keys that expired before a time; give how many."""
        return await self._change("DELETE FROM keys WHERE expires_us < %s", (before_us,))

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of an older one of its stream."""
        state = to_json(snapshot.state, snapshot.stream)
        await self._change(_SAVE_SNAPSHOT, (snapshot.stream, snapshot.version, snapshot.schema, state))

    async def load_snapshot(self, stream: str, schema: str) -> Snapshot | None:
        """The snapshot of a stream, if one of this fold is kept and the stream has come as far."""
        rows = await self._rows(
            "SELECT version, state FROM snapshots WHERE stream = %s AND schema = %s"
            " AND EXISTS (SELECT FROM events WHERE events.stream = snapshots.stream"
            " AND events.version >= snapshots.version)",
            (stream, schema),
        )
        return Snapshot(stream, rows[0][0], schema, from_json(rows[0][1])) if rows else None

    async def pending(self, destination: str, *, limit: int = 100) -> tuple[tuple[int, Outgoing], ...]:
        """The oldest entries that were not told yet, each with its number."""
        rows = await self._rows(
            "SELECT number, body FROM outbox WHERE destination = %s ORDER BY number LIMIT %s", (destination, limit)
        )
        return tuple((number, Outgoing(destination, from_json(body))) for number, body in rows)

    async def told(self, destination: str, numbers: Sequence[int]) -> None:
        """Mark entries as told."""
        await self._change("DELETE FROM outbox WHERE destination = %s AND number = ANY(%s)", (destination, [*numbers]))

    async def backlog(self, destination: str) -> tuple[int, int]:
        """How many entries wait, and since when the oldest does."""
        rows = await self._rows(
            "SELECT count(*), coalesce(min(since_us), 0) FROM outbox WHERE destination = %s", (destination,)
        )
        return int(rows[0][0]), int(rows[0][1])

    def is_healthy(self) -> bool:
        """Whether the writer works."""
        return self._is_open and self._writer.is_alive

    async def aclose(self) -> None:
        """Finish what was handed in, refuse what comes later, let go of the database."""
        self._is_open = False
        await self._writer.aclose()
        if self._listener is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._listener.close)
            self._listener = None
        self._signal.give()
        self._executor.shutdown()
        self._server.close()

    async def _rows(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return await self._in_thread(self._read, statement, parameters)

    async def _change(self, statement: str, parameters: tuple[Any, ...]) -> int:
        return await self._in_thread(self._write, statement, parameters)

    async def _in_thread(
        self, work: Callable[[str, tuple[Any, ...]], Result], statement: str, parameters: tuple[Any, ...]
    ) -> Result:
        if not self._is_open:
            raise StoreUnavailableError("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, statement, parameters)

    def _read(self, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        # A connection that broke while nobody looked is replaced once; nothing was changed, so it is safe to repeat.
        try:
            return self._connection().execute(statement.encode(), parameters).fetchall()
        except psycopg.OperationalError:
            self._local.connection = None
        except psycopg.Error as error:
            raise self._server.failure(error) from error
        try:
            return self._connection().execute(statement.encode(), parameters).fetchall()
        except psycopg.Error as error:
            raise self._server.failure(error) from error

    def _write(self, statement: str, parameters: tuple[Any, ...]) -> int:
        try:
            return self._connection().execute(statement.encode(), parameters).rowcount
        except psycopg.Error as error:
            self._local.connection = None
            raise self._server.failure(error) from error

    def _connection(self) -> _Connection:
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            connection = self._local.connection = self._server.connect()
        return connection


class Server:
    """Opens connections and words their failures."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self.shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        """The URL without account and password, for messages."""
        self._url = url
        self._timeout = timeout
        self._lock = threading.Lock()
        self._opened: list[_Connection] = []

    def connect(self) -> _Connection:
        """Open a connection that waits for the disk at each commit."""
        connection = psycopg.connect(self._url, autocommit=True, connect_timeout=max(2, int(self._timeout)))
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET lock_timeout = {int(self._timeout * 1000)}".encode())
        with self._lock:
            self._opened = [each for each in self._opened if not each.closed]
            self._opened.append(connection)
        return connection

    def failure(self, error: psycopg.Error) -> StoreUnavailableError:
        """Say what is wrong, in words."""
        if isinstance(error, (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)):
            return StoreUnavailableError(f"{self.shown}: another process keeps writing; nothing was written, try again")
        return StoreUnavailableError(f"{self.shown}: {' '.join(str(error).split())}")

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()


class _Writing:
    """What happens on the writer's thread."""

    def __init__(self, server: Server, now_us: Callable[[], int]) -> None:
        self._server = server
        self._now_us = now_us
        self._connection: _Connection | None = None

    def run_batch(self, batch: Sequence[Prepared]) -> Sequence[Committed | Exception]:
        """Write commits in one transaction; each has its own outcome."""
        for remaining in reversed(range(_TRIES)):
            try:
                return self._write(batch)
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
                self.close()
                if not remaining:
                    raise self._server.failure(error) from error
            except psycopg.Error as error:
                self.close()
                raise self._server.failure(error) from error
        raise AssertionError("unreachable: the last try returns or raises")

    def close(self) -> None:
        """Let go of the connection, which undoes what was begun."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _write(self, batch: Sequence[Prepared]) -> list[Committed | Exception]:
        connection = self._open()
        needs = needs_of(batch)
        with connection.transaction():
            row = connection.execute("SELECT position FROM positions FOR UPDATE").fetchone()
            now = self._now_us()
            known = _known(connection, needs, int(row[0]) if row else 0, now)
            decided = decide(batch, known, now)
            _insert(connection, decided, known.position)
        return decided.outcomes

    def _open(self) -> _Connection:
        # A connection that broke while nobody wrote has nothing of ours in it.
        if self._connection is not None and (self._connection.closed or not _answers(self._connection)):
            self.close()
        if self._connection is None:
            self._connection = self._server.connect()
        return self._connection


class _Listener:
    """Waits for hints of other processes on a thread of its own."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, signal: Signal) -> None:
        self._server = server
        self._loop = loop
        self._signal = signal
        self._is_open = True
        self._thread = threading.Thread(target=self._work, name="events-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._is_open = False
        self._thread.join()

    def _work(self) -> None:
        while self._is_open:
            # Without hints everybody polls, so a server that is away is no failure here.
            try:
                self._listen()
            except psycopg.Error:
                time.sleep(_POLL)

    def _listen(self) -> None:
        with self._server.connect() as connection:
            connection.execute(f"LISTEN {_CHANNEL}".encode())
            while self._is_open:
                for _ in connection.notifies(timeout=_POLL, stop_after=1):
                    # The loop may have been closed without us.
                    with suppress(RuntimeError):
                        self._loop.call_soon_threadsafe(self._signal.give)


def _known(connection: _Connection, needs: Needs, position: int, now: int) -> Known:
    """Ask for what the batch must know."""
    versions = connection.execute(_VERSIONS.encode(), ([*needs.streams],)).fetchall() if needs.streams else []
    keys: dict[tuple[str, str], Any] = {}
    if needs.keys:
        scopes, names = zip(*needs.keys, strict=True)
        for scope, key, *kept in connection.execute(_KEPT_KEYS.encode(), ([*scopes], [*names], now)).fetchall():
            keys[scope, key] = tuple(kept)
    ids: list[bytes] = []
    if needs.ids:
        found = connection.execute(b"SELECT id FROM events WHERE id = ANY(%s)", ([*needs.ids],)).fetchall()
        ids = [bytes(row[0]) for row in found]
    owners: dict[tuple[str, str], str] = {}
    if needs.claims:
        spaces, claimed = zip(*needs.claims, strict=True)
        rows = connection.execute(_OWNERS.encode(), ([*spaces], [*claimed])).fetchall()
        owners = {(space, name): owner for space, name, owner in rows}
    return Known(position, {stream: version or 0 for stream, version in versions}, keys, ids, owners)


def _insert(connection: _Connection, decided: Decided, position: int) -> None:
    if decided.events:
        connection.execute(_INSERT_EVENTS.encode(), [[*column] for column in zip(*decided.events, strict=True)])
        connection.execute("UPDATE positions SET position = %s", (position,))
        connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, str(position)))
    for place, owner in decided.claims.items():
        if owner is None:
            connection.execute("DELETE FROM claims WHERE space = %s AND name = %s", place)
        else:
            connection.execute(_CLAIM.encode(), (*place, owner))
    with connection.cursor() as cursor:
        if decided.keys:
            cursor.executemany(_INSERT_KEYS.encode(), decided.keys)
        if decided.outbox:
            cursor.executemany(_INSERT_OUTBOX.encode(), decided.outbox)


def _answers(connection: _Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def bring_up_to_date(
    connection: _Connection, shown: str, folder: str, schema_table: str, tables: Sequence[str]
) -> None:
    """Give a database the newest schema of a folder of steps.

    Raises:
        UserError: it has one of the tables already and they are not ours, or is newer than this program.
    """
    steps = load_steps(migrations.__name__, folder)
    # There is no table to lock yet: processes that start together take turns by this.
    connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION,))
    try:
        with connection.transaction():
            known = _schema_version(connection, schema_table)
            if known > len(steps):
                raise UserError(f"{shown}: was written by a newer protogate, which this one does not understand")
            if not known:
                _ensure_free(connection, shown, tables)
                connection.execute(f"CREATE TABLE {schema_table} (version INTEGER PRIMARY KEY)".encode())
            for number, statements in enumerate(steps[known:], known + 1):
                for statement in statements:
                    connection.execute(statement.encode())
                connection.execute(f"INSERT INTO {schema_table} VALUES (%s)".encode(), (number,))  # noqa: S608 - a constant
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_MIGRATION,))


def _schema_version(connection: _Connection, schema_table: str) -> int:
    if not _has_table(connection, schema_table):
        return 0
    row = connection.execute(f"SELECT coalesce(max(version), 0) FROM {schema_table}".encode()).fetchone()  # noqa: S608 - as above
    return int(row[0]) if row else 0


def _ensure_free(connection: _Connection, shown: str, tables: Sequence[str]) -> None:
    taken = next((name for name in tables if _has_table(connection, name)), None)
    if taken:
        raise UserError(
            f"{shown}: has a table {taken} of another program; name another database, or another schema by"
            " ?options=-csearch_path%3Devents"
        )


def _has_table(connection: _Connection, name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s)", (name,)).fetchone()
    return bool(row and row[0] is not None)
