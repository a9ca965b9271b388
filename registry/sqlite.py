"""The store in a SQLite file, which many processes share without a server."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protogate.write_ahead import write_ahead
from registry.errors import StoreError, StoreTimeoutError
from registry.migrations import load_migrations
from registry.sql import Row, SqlStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.sql import Parameters

__all__ = ["SqliteStore"]

_APPLICATION_ID: Final = 0x70_67_72_31
"""Marks a file as ours, in its header: "pgr1"."""

_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PRIMARY_CODE: Final = 0xFF
"""Of an error code; the rest says more than we need."""


class SqliteStore(SqlStore):
    """A store in one file: a writer at a time, readers never wait.

    Each thread has a connection of its own. `synchronous = FULL`: what was acknowledged survives a crash.
    """

    def __init__(self, path: str | Path, *, timeout: float = 10.0, read_only: bool = False) -> None:
        """Open or create the database and bring it to the newest schema.

        Args:
            path: the file; its folder is made.
            timeout: seconds to wait for another writer.
            read_only: never write, nor create.

        Raises:
            StoreError: the file is not a registry, is newer than this program, or cannot be opened.
        """
        self._path = Path(path)
        self._timeout = timeout
        self._read_only = read_only
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        if not read_only:
            self._make_folder()
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
            self._local = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all calls of this thread inside the block one transaction; blocks nest."""
        depth: int = getattr(self._local, "depth", 0)
        begin, end, undo = _BOUNDS[bool(depth)]
        self._rows(begin)
        self._local.depth = depth + 1
        try:
            yield
            self._rows(end)
        except BaseException:
            self._undo(undo)
            raise
        finally:
            self._local.depth = depth

    def stamp(self) -> int | None:
        """A number that differs once another thread or process has committed; it costs two microseconds."""
        return int(self._rows("PRAGMA data_version")[0][0])

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Make all reads of this thread inside the block see one state; writers do not wait for it."""
        if getattr(self._local, "depth", 0):
            yield
            return
        self._rows("BEGIN")
        self._local.depth = 1
        try:
            yield
        finally:
            self._local.depth = 0
            self._undo(("ROLLBACK",))

    def _undo(self, statements: tuple[str, ...]) -> None:
        connection = self._connection()
        # A full disk or a broken file has ended the transaction already.
        if connection.in_transaction:
            for statement in statements:
                connection.execute(statement)

    def _rows(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        try:
            return self._connection().execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        mode = "ro" if self._read_only else "rwc"
        address = f"{self._path.absolute().as_uri()}?mode={mode}"
        try:
            connection = sqlite3.connect(
                address, timeout=self._timeout, isolation_level=None, uri=True, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._failure(error) from error
        with self._lock:
            self._opened.append(connection)
        # WAL stays with the file; the other two are forgotten with the connection.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -8192")
        return connection

    def _prepare(self) -> None:
        """Check that the file is ours and bring it to the newest schema."""
        # One state, as another process may be making the file ours at this moment.
        with self.snapshot():
            marked = self._rows("PRAGMA application_id")[0][0]
            has_tables = bool(self._rows("SELECT 1 FROM sqlite_master LIMIT 1"))
        if marked != _APPLICATION_ID and has_tables:
            raise StoreError(f"{self._path}: is a database of another program; name another file")
        newest = load_migrations("sqlite")
        if self._version() > len(newest):
            raise StoreError(
                f"{self._path}: has schema version {self._version()}, this protogate knows {len(newest)};"
                " use the newer protogate that wrote it"
            )
        if self._version() < len(newest):
            self._migrate()

    def _version(self) -> int:
        if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"):
            return 0
        return int(self._rows("SELECT max(version) FROM schema_version")[0][0])

    def _migrate(self) -> None:
        if self._read_only:
            raise StoreError(f"{self._path}: has an old schema and is opened for reading only; open it once to write")
        try:
            write_ahead(self._path, self._timeout)
        except sqlite3.Error as error:
            raise self._failure(error) from error
        with self.transaction():
            # Another process may have been faster.
            for number, statements in enumerate(load_migrations("sqlite")[self._version() :], self._version() + 1):
                self._apply(number, statements)

    def _apply(self, number: int, statements: tuple[str, ...]) -> None:
        if number == 1:
            self._rows(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._rows("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied TEXT NOT NULL) STRICT")
        for statement in statements:
            self._rows(statement)
        self._rows("INSERT INTO schema_version VALUES (?, datetime('now'))", (number,))

    def _make_folder(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self._path.parent}: cannot make the folder: {_reason(error)}") from error

    def _failure(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        if code in _LOCKED:
            return StoreTimeoutError(
                f"{self._path}: another process has kept the database locked for {self._timeout:g} s; try again"
            )
        return StoreError(f"{self._path}: {_WAYS_OUT.get(code, str(error))}")


_BOUNDS: Final = (
    ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)),
    ("SAVEPOINT nested", "RELEASE nested", ("ROLLBACK TO nested", "RELEASE nested")),
)
"""Begin, end and undo of a transaction: outermost, nested."""

_WAYS_OUT: Final = {
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; name another file",
    sqlite3.SQLITE_CORRUPT: "the database is damaged; restore it from a backup or an export",
    sqlite3.SQLITE_FULL: "the disk is full; nothing was written",
    sqlite3.SQLITE_READONLY: "the database is read-only; nothing was written",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened; is it there, and may this account read it?",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write; nothing was acknowledged",
}


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
