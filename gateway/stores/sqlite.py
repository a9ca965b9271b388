"""The default store: one SQLite file, one writer thread, readers that never wait for it.

What waits is written together: one transaction, one `fsync` (`synchronous = FULL`), one wake-up of the event loop. All
that can make a single command fail is found before its first row is written, inside the transaction, so a command that
fails takes nobody along and needs no savepoint.

Several processes may share the file. A transaction holds the write lock from its start, so what it read stays true
until it ends; readers notice other processes by a poll of `data_version`, which costs two microseconds.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.stores import migrations
from gateway.stores.batch import Known, checked_answer, decide, needs_of
from gateway.stores.rows import event_of, from_json, prepare, to_json
from gateway.stores.writer import GroupWriter
from protogate.cqrs.errors import StoreUnavailableError
from protogate.cqrs.feed import Signal, follow
from protogate.cqrs.messages import Append, Commit, Committed, Expectation, Outgoing, Snapshot
from protogate.errors import UserError
from protogate.schema_steps import load_steps
from protogate.write_ahead import write_ahead

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection, Sequence

    from gateway.stores.batch import Decided, Needs
    from gateway.stores.rows import Prepared
    from protogate.cqrs.messages import Answer, Expected, IdempotencyKey, NewEvent, StoredEvent

__all__ = ["SqliteStore", "bring_up_to_date", "connect", "unavailable"]

_APPLICATION_ID: Final = 0x70_67_65_31
"""Marks a file as ours, in its header: "pge1"."""
_KNOWN_STREAMS: Final = 65_536
"""Streams whose version the writer remembers."""
_SMALL: Final = 128
"""Rows that are read in the event loop: they cost less than handing them to a thread."""
_POLL: Final = 0.1
"""Seconds between two looks at whether another process has written, while somebody waits for events."""
_READERS: Final = 4
_PRIMARY_CODE: Final = 0xFF
"""Of an error code; the rest says more than we need."""
_SWITCHING: Final = 10.0
"""Seconds to make a new file write ahead while other processes do the same."""

_EVENT_COLUMNS: Final = "position, stream, version, id, type, data, metadata, timestamp_us"
_AT_ONCE: Final = (128, 64, 32, 16, 8, 4, 2, 1)
"""Rows of one statement: the interpreter is let go and taken back for each, and others want it."""
# Nothing of a transaction stays when a row of it is refused, so SQLite need not be able to undo a single statement.
_INSERT_EVENTS: Final = f"INSERT OR ROLLBACK INTO events ({_EVENT_COLUMNS}) VALUES {{rows}}"  # noqa: S608 - constants
# An expired key that was not forgotten yet gives way.
_INSERT_KEYS: Final = (
    "INSERT OR REPLACE INTO keys (scope, key, fingerprint, expires_us, status, headers, body) VALUES {rows}"
)
_INSERT_OUTBOX: Final = "INSERT OR ROLLBACK INTO outbox (destination, since_us, body) VALUES {rows}"
_INSERT_CLAIMS: Final = "INSERT OR REPLACE INTO claims (space, name, owner) VALUES {rows}"
_DELETE_CLAIM: Final = "DELETE FROM claims WHERE space = ? AND name = ?"
_READ_STREAM: Final = f"SELECT {_EVENT_COLUMNS} FROM events WHERE stream = ? AND version > ? ORDER BY version LIMIT ?"  # noqa: S608 - as above
_READ_ALL: Final = f"SELECT {_EVENT_COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?"  # noqa: S608 - as above
_READ_CATEGORY: Final = (
    f"SELECT {_EVENT_COLUMNS} FROM events WHERE position > ? AND substr(stream, 1, ?) = ?"  # noqa: S608 - as above
    " ORDER BY position LIMIT ?"
)
_VERSIONS: Final = (
    "SELECT json_group_object(value, coalesce((SELECT max(version) FROM events WHERE stream = value), 0))"
    " FROM json_each(?)"
)
"""One row for all: a row costs a statement's worth of handing over the interpreter."""
_OWNER: Final = "SELECT owner FROM claims WHERE space = ? AND name = ?"
_OWNERS: Final = (
    "WITH wanted (space, name) AS (VALUES {rows})"
    " SELECT space, name, owner FROM wanted CROSS JOIN claims USING (space, name)"
)
"""In this order of the tables, whatever the database thinks of it: one look into the index for each that is wanted."""
_KEPT_KEY: Final = "SELECT fingerprint, status, headers, body FROM keys WHERE scope = ? AND key = ? AND expires_us >= ?"
_KEPT_KEYS: Final = (
    "WITH wanted (scope, key) AS (VALUES {rows})"
    " SELECT scope, key, fingerprint, status, headers, body FROM wanted CROSS JOIN keys USING (scope, key)"
    " WHERE expires_us >= ?"
)
_KEPT_IDS: Final = "SELECT id FROM events WHERE id IN (VALUES {rows})"


class SqliteStore:
    """An `EventStore` and `Outbox` in one file."""

    def __init__(
        self,
        path: str | Path,
        *,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        timeout: float = 5.0,
    ) -> None:
        """Open or create the file.

        Args:
            path: the file; its folder is made.
            now_us: gives microseconds since 1970.
            timeout: seconds to wait for another process that writes.

        Raises:
            UserError: the file is not ours, is newer than this program, or cannot be opened.
        """
        self._path = Path(path)
        self._now_us = now_us
        self._timeout = timeout
        self._signal = Signal()
        self._polling: asyncio.Task[None] | None = None
        self._is_open = True
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(_READERS, thread_name_prefix="events-reader")
        self._prepare_file()
        self._writing = _Writing(self._path, timeout, now_us)
        self._writer: GroupWriter[Prepared, Committed] = GroupWriter(
            self._writing.run_batch, name="events-writer", finish=self._writing.close, written=self._signal.give
        )

    async def commit(self, commit: Commit) -> Committed:
        """Write all of a commit, or nothing."""
        return await self._writer.run(prepare(commit))

    async def append(self, stream: str, events: Sequence[NewEvent], expected: Expected = Expectation.ANY) -> Committed:
        """Commit events for one stream."""
        return await self._writer.run(prepare(Commit((Append(stream, tuple(events), expected),))))

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[StoredEvent, ...]:
        """Events of one stream with a version greater than `after`, oldest first."""
        most = -1 if limit is None else limit
        first = _SMALL if limit is None else min(limit, _SMALL)
        rows = self._rows(_READ_STREAM, (stream, after, first))
        if len(rows) == _SMALL and most != _SMALL:
            rest = most - _SMALL if most > 0 else -1
            rows += await self._in_thread(_READ_STREAM, (stream, after + _SMALL, rest))
        return tuple(map(event_of, rows))

    async def version(self, stream: str) -> int:
        """The version of a stream; 0 when it has no events."""
        return int(self._rows("SELECT coalesce(max(version), 0) FROM events WHERE stream = ?", (stream,))[0][0])

    async def read_all(
        self, *, after: int = 0, limit: int = 1000, category: str | None = None
    ) -> tuple[StoredEvent, ...]:
        """Events of all streams, or of one category, with a position greater than `after`, in order."""
        if category is not None:
            prefix = f"{category}/"
            rows = await self._in_thread(_READ_CATEGORY, (after, len(prefix), prefix, limit))
        elif limit <= _SMALL:
            rows = self._rows(_READ_ALL, (after, limit))
        else:
            rows = await self._in_thread(_READ_ALL, (after, limit))
        return tuple(map(event_of, rows))

    async def position(self) -> int:
        """The position of the newest event."""
        return int(self._rows("SELECT coalesce(max(position), 0) FROM events")[0][0])

    async def subscribe(
        self, *, after: int = 0, category: str | None = None
    ) -> AsyncGenerator[tuple[StoredEvent, ...], None]:
        """Give past events after a position and then each new one as it happens."""

        async def read(position: int) -> tuple[StoredEvent, ...]:
            return await self.read_all(after=position, limit=_SMALL)

        self._poll_for_others()
        async for batch in follow(read, self._signal, after=after, category=category):
            yield batch

    async def known_answer(self, key: IdempotencyKey) -> Answer | None:
        """The answer that was kept with a key, if it is known and not expired."""
        rows = self._rows(_KEPT_KEY, (key.scope, key.key, self._now_us()))
        return checked_answer(key, rows[0]) if rows else None

    async def owner(self, space: str, name: str) -> str | None:
        """The stream that has claimed a name."""
        rows = self._rows(_OWNER, (space, name))
        return str(rows[0][0]) if rows else None

    async def forget_keys(self, before_us: int) -> int:
        """Forget keys that expired before a time; give how many."""
        return await self._change("DELETE FROM keys WHERE expires_us < ?", [(before_us,)])

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of an older one of its stream."""
        state = to_json(snapshot.state, snapshot.stream)
        await self._change(
            "INSERT INTO snapshots (stream, version, schema, state) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (stream) DO UPDATE SET version = excluded.version, schema = excluded.schema,"
            " state = excluded.state WHERE schema <> excluded.schema OR version < excluded.version",
            [(snapshot.stream, snapshot.version, snapshot.schema, state)],
        )

    async def load_snapshot(self, stream: str, schema: str) -> Snapshot | None:
        """The snapshot of a stream, if one of this fold is kept and the stream has come as far."""
        rows = self._rows(
            "SELECT version, state FROM snapshots WHERE stream = ? AND schema = ? AND version <="
            " (SELECT max(version) FROM events WHERE events.stream = snapshots.stream)",
            (stream, schema),
        )
        return Snapshot(stream, rows[0][0], schema, from_json(rows[0][1])) if rows else None

    async def pending(self, destination: str, *, limit: int = 100) -> tuple[tuple[int, Outgoing], ...]:
        """The oldest entries that were not told yet, each with its number."""
        rows = self._rows(
            "SELECT number, body FROM outbox WHERE destination = ? ORDER BY number LIMIT ?", (destination, limit)
        )
        return tuple((number, Outgoing(destination, from_json(body))) for number, body in rows)

    async def told(self, destination: str, numbers: Sequence[int]) -> None:
        """Mark entries as told."""
        await self._change(
            "DELETE FROM outbox WHERE destination = ? AND number = ?", [(destination, number) for number in numbers]
        )

    async def backlog(self, destination: str) -> tuple[int, int]:
        """How many entries wait, and since when the oldest does."""
        count, since = self._rows(
            "SELECT count(*), coalesce(min(since_us), 0) FROM outbox WHERE destination = ?", (destination,)
        )[0]
        return int(count), int(since)

    def is_healthy(self) -> bool:
        """Whether the writer works."""
        return self._is_open and self._writer.is_alive

    async def aclose(self) -> None:
        """Finish what was handed in, refuse what comes later, let go of the file."""
        self._is_open = False
        await self._writer.aclose()
        if self._polling is not None:
            self._polling.cancel()
            self._polling = None
        self._signal.give()
        self._executor.shutdown()
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()
        await asyncio.to_thread(self._writing.fold_log)

    async def _change(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Change something that is no event; give how many rows."""
        if not self._is_open:
            raise StoreUnavailableError("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, self._writing.change, statement, list(rows)
        )

    async def _in_thread(self, statement: str, parameters: tuple[Any, ...]) -> list[Any]:
        if not self._is_open:
            raise StoreUnavailableError("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._rows, statement, parameters)

    def _rows(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        if not self._is_open:
            raise StoreUnavailableError("the store is closed")
        try:
            return self._reader().execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise unavailable(self._path, error) from error

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self._path, self._timeout, mode="ro")
            with self._lock:
                self._connections.append(connection)
        return connection

    def _poll_for_others(self) -> None:
        """Look now and then whether another process has written, from the first subscription on."""
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll(), name="events-poll")

    async def _poll(self) -> None:
        seen: Any = None
        while self._is_open:
            # A database that cannot be read now is asked again: subscribers hear of it by their own reads.
            with suppress(StoreUnavailableError):
                version = self._rows("PRAGMA data_version")[0][0]
                if version != seen:
                    seen = version
                    self._signal.give()
            await asyncio.sleep(_POLL)

    def _prepare_file(self) -> None:
        """Check that the file is ours and bring it to the newest schema."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = connect(self._path, self._timeout, mode="rwc")
        except OSError as error:
            raise UserError(f"{self._path.parent}: cannot make the folder: {error.strerror}; name another") from None
        except sqlite3.Error as error:
            raise UserError(str(unavailable(self._path, error))) from None
        try:
            bring_up_to_date(connection, self._path, "sqlite", _APPLICATION_ID)
        except sqlite3.Error as error:
            raise UserError(str(unavailable(self._path, error))) from None
        finally:
            connection.close()


class _Writing:
    """What happens on the writer's thread, and the changes of what is no event, one after the other."""

    def __init__(self, path: Path, timeout: float, now_us: Callable[[], int]) -> None:
        self._path = path
        self._timeout = timeout
        self._now_us = now_us
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._seen = -1
        self._position = 0
        self._versions: dict[str, int] = {}

    def run_batch(self, batch: Sequence[Prepared]) -> Sequence[Committed | Exception]:
        """Write commits in one transaction; each has its own outcome."""
        with self._lock:
            try:
                return self._write(batch)
            except sqlite3.Error as error:
                self._let_go()
                raise unavailable(self._path, error) from error
            except BaseException:
                self._let_go()
                raise

    def change(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Change what is no event."""
        with self._lock:
            try:
                connection = self._open()
                connection.execute("BEGIN IMMEDIATE")
                count = connection.executemany(statement, rows).rowcount
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._let_go()
                raise unavailable(self._path, error) from error
            return count

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def fold_log(self) -> None:
        """Leave one file: whoever closes last writes the log into it, and readers, who were last, cannot."""
        with suppress(sqlite3.Error), closing(connect(self._path, 0, mode="rw")) as connection:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")

    def _write(self, batch: Sequence[Prepared]) -> list[Committed | Exception]:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        self._notice_others(connection)
        now = self._now_us()
        known = self._known(connection, needs_of(batch), now)
        decided = decide(batch, known, now)
        _insert(connection, decided)
        connection.execute("COMMIT")
        self._remember(known)
        return decided.outcomes

    def _known(self, connection: sqlite3.Connection, needs: Needs, now: int) -> Known:
        """Ask for what the batch must know and this thread does not remember."""
        remembered = self._versions
        versions = {stream: remembered[stream] for stream in needs.streams if stream in remembered}
        if len(versions) < len(needs.streams):
            unknown = orjson.dumps([stream for stream in needs.streams if stream not in versions]).decode()
            versions |= orjson.loads(connection.execute(_VERSIONS, (unknown,)).fetchone()[0])
        keys = {(row[0], row[1]): row[2:] for row in _among(connection, _KEPT_KEYS, needs.keys, now)}
        ids = [row[0] for row in _among(connection, _KEPT_IDS, [(name,) for name in needs.ids])]
        owners = {(row[0], row[1]): row[2] for row in _among(connection, _OWNERS, needs.claims)}
        return Known(self._position, versions, keys, ids, owners)

    def _notice_others(self, connection: sqlite3.Connection) -> None:
        """Forget what was remembered when another connection has written; asked while we hold the lock."""
        seen = connection.execute("PRAGMA data_version").fetchone()[0]
        if seen != self._seen:
            self._seen = seen
            self._versions.clear()
            self._position = connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0]

    def _remember(self, known: Known) -> None:
        """Keep what was written, now that it is on disk."""
        self._position = known.position
        self._versions |= known.versions
        too_many = len(self._versions) - _KNOWN_STREAMS
        if too_many > 0:
            # Those that were met first; one that is met again is asked for again.
            for stream in tuple(islice(self._versions, too_many)):
                del self._versions[stream]

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, self._timeout, mode="rw")
        return self._connection

    def _let_go(self) -> None:
        """Close the connection, which undoes what was begun; a failed fsync must not be followed by a good one."""
        connection, self._connection, self._seen = self._connection, None, -1
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def connect(path: Path, timeout: float, *, mode: str) -> sqlite3.Connection:
    """Open a connection that waits for the disk at each commit."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, timeout=timeout, isolation_level=None, uri=True, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -16384")
    return connection


def unavailable(path: Path, error: sqlite3.Error) -> StoreUnavailableError:
    """Say what is wrong with the database, in words."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    return StoreUnavailableError(f"{path}: {_WAYS_OUT.get(code, str(error))}")


def _insert(connection: sqlite3.Connection, decided: Decided) -> None:
    _insert_rows(connection, _INSERT_EVENTS, decided.events)
    if decided.claims:
        claims = decided.claims.items()
        freed = [place for place, owner in claims if owner is None]
        if freed:
            connection.executemany(_DELETE_CLAIM, freed)
        _insert_rows(connection, _INSERT_CLAIMS, [(*place, owner) for place, owner in claims if owner is not None])
    _insert_rows(connection, _INSERT_KEYS, decided.keys)
    _insert_rows(connection, _INSERT_OUTBOX, decided.outbox)


def _insert_rows(connection: sqlite3.Connection, insert: str, rows: Sequence[tuple[Any, ...]]) -> None:
    start = 0
    for count in _AT_ONCE:
        while len(rows) - start >= count:
            statement = _with_rows(insert, count, len(rows[0]))
            connection.execute(statement, tuple(chain.from_iterable(rows[start : start + count])))
            start += count


def _among(
    connection: sqlite3.Connection, statement: str, wanted: Collection[tuple[Any, ...]], *more: object
) -> list[Any]:
    """The rows that a statement finds for a list of wanted ones; `more` are its other parameters."""
    found: list[Any] = []
    waiting = list(wanted)
    for start in range(0, len(waiting), _AT_ONCE[0]):
        some = waiting[start : start + _AT_ONCE[0]]
        # What is wanted twice is found twice, which does no harm; so there are few different statements.
        some += some[-1:] * ((1 << (len(some) - 1).bit_length()) - len(some))
        found += connection.execute(
            _with_rows(statement, len(some), len(some[0])), (*chain.from_iterable(some), *more)
        ).fetchall()
    return found


@cache
def _with_rows(statement: str, count: int, width: int) -> str:
    """A statement with room for so many rows of so many values."""
    row = f"({', '.join('?' * width)})"
    return statement.format(rows=", ".join([row] * count))


def bring_up_to_date(connection: sqlite3.Connection, path: Path, folder: str, application_id: int) -> None:
    """Give a file the newest schema of a folder of steps.

    Raises:
        UserError: the file is of another program, or newer than this one.
    """
    # In one transaction, as another process may be making the file ours at this moment.
    connection.execute("BEGIN")
    marked = connection.execute("PRAGMA application_id").fetchone()[0]
    has_tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    connection.execute("COMMIT")
    if marked != application_id and has_tables:
        raise UserError(f"{path}: is a database of another program; name another file")
    steps = load_steps(migrations.__name__, folder)
    if _schema_version(connection) > len(steps):
        raise UserError(f"{path}: was written by a newer protogate, which this one does not understand; use that one")
    if _schema_version(connection) == len(steps):
        return
    write_ahead(path, _SWITCHING)
    connection.execute("BEGIN IMMEDIATE")
    # Another process may have been faster.
    for statements in steps[_schema_version(connection) :]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {application_id}")
    connection.execute(f"PRAGMA user_version = {len(steps)}")
    connection.execute("COMMIT")


def _schema_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


_WAYS_OUT: Final = {
    sqlite3.SQLITE_BUSY: "another process keeps the database locked; nothing was written, try again",
    sqlite3.SQLITE_LOCKED: "another process keeps the database locked; nothing was written, try again",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; name another file",
    sqlite3.SQLITE_CORRUPT: "the database is damaged; restore it from a backup",
    sqlite3.SQLITE_FULL: "the disk is full; nothing was written",
    sqlite3.SQLITE_READONLY: "the database is read-only; nothing was written",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened; is it there, and may this account read it?",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write; nothing was acknowledged",
}
