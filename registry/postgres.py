"""The store in PostgreSQL, for registries that many machines write to."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from registry.errors import StoreError, StoreTimeoutError
from registry.migrations import load_migrations
from registry.sql import Row, SqlStore

try:
    import psycopg
except ImportError as error:
    raise StoreError('PostgreSQL needs the Python package psycopg; try: pip install "protogate[postgres]"') from error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.sql import Parameters

__all__ = ["PostgresStore"]

_Connection = psycopg.Connection[Row]

_MIGRATION: Final = 0x70_67_72_31
"""The number of the lock that migrations hold: "pgr1"."""
_TIMEOUTS: Final = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


class PostgresStore(SqlStore):
    """A store in the tables of one PostgreSQL schema: a writer at a time, readers never wait.

    Each thread has a connection of its own, and a new one after the server went away.
    """

    def __init__(self, url: str, *, timeout: float = 10.0, read_only: bool = False) -> None:
        """Connect and bring the database to the newest schema.

        Args:
            url: `postgresql://user@host/database`; the tables stand in the first schema of its search path.
            timeout: seconds to wait for another writer, and for the server to answer a new connection.
            read_only: never write.

        Raises:
            StoreError: the database cannot be reached, is newer than this program, or its tables are another's.
        """
        self._url = url
        self._shown = _without_password(url)
        self._timeout = timeout
        self._read_only = read_only
        self._local = threading.local()
        self._opened: list[_Connection] = []
        self._lock = threading.Lock()
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
        try:
            for statement in begin:
                self._rows(statement)
            self._local.depth = depth + 1
            yield
            self._rows(end)
        except BaseException:
            self._undo(undo)
            raise
        finally:
            self._local.depth = depth

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Make all reads of this thread inside the block see one state; writers do not wait for it."""
        if getattr(self._local, "depth", 0):
            yield
            return
        self._rows("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._local.depth = 1
        try:
            yield
        finally:
            self._local.depth = 0
            self._undo(("ROLLBACK",))

    def _undo(self, statements: tuple[str, ...]) -> None:
        connection = self._connection()
        # A server that went away has ended the transaction already.
        if connection.closed or connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            return
        for statement in statements:
            self._rows(statement)

    def _rows(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        try:
            cursor = self._connection().execute(statement.replace("?", "%s").encode(), parameters)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise self._failure(error) from error

    def _connection(self) -> _Connection:
        connection: _Connection | None = getattr(self._local, "connection", None)
        # In the middle of a transaction a lost connection is a failure, not a reason to go on with another one.
        if connection is None or (connection.closed and not getattr(self._local, "depth", 0)):
            connection = self._local.connection = self._connect()
        return connection

    def _connect(self) -> _Connection:
        connection = psycopg.connect(self._url, autocommit=True, connect_timeout=max(2, int(self._timeout)))
        with self._lock:
            self._opened = [each for each in self._opened if not each.closed]
            self._opened.append(connection)
        # Above what a careless server says: what was acknowledged survives a crash.
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET lock_timeout = {int(self._timeout * 1000)}".encode())
        if self._read_only:
            connection.execute("SET default_transaction_read_only = on")
        return connection

    def _prepare(self) -> None:
        newest = load_migrations("postgres")
        version = self._version()
        if version > len(newest):
            raise StoreError(
                f"{self._shown}: has schema version {version}, this protogate knows {len(newest)};"
                " use the newer protogate that wrote it"
            )
        if version < len(newest):
            self._migrate()

    def _version(self) -> int:
        if not self._has_table("schema_version"):
            return 0
        return int(self._rows("SELECT coalesce(max(version), 0) FROM schema_version")[0][0])

    def _has_table(self, name: str) -> bool:
        return self._rows("SELECT to_regclass(?)", (name,))[0][0] is not None

    def _migrate(self) -> None:
        if self._read_only:
            raise StoreError(f"{self._shown}: has an old schema and is opened for reading only; open it once to write")
        # There is no table to lock yet: processes that start together take turns by this. It is taken before the
        # transaction starts, which then looks at the catalogue afresh.
        self._rows("SELECT pg_advisory_lock(?)", (_MIGRATION,))
        try:
            self._rows("BEGIN")
            for number, statements in enumerate(load_migrations("postgres")[self._version() :], self._version() + 1):
                self._apply(number, statements)
            self._rows("COMMIT")
        except BaseException:
            self._undo(("ROLLBACK",))
            raise
        finally:
            if not self._connection().closed:
                self._rows("SELECT pg_advisory_unlock(?)", (_MIGRATION,))

    def _apply(self, number: int, statements: tuple[str, ...]) -> None:
        if number == 1:
            self._ensure_free()
            self._rows("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied TIMESTAMPTZ NOT NULL)")
        for statement in statements:
            self._rows(statement)
        self._rows("INSERT INTO schema_version VALUES (?, now())", (number,))

    def _ensure_free(self) -> None:
        taken = [name for name in ("contents", "subjects", "versions", "settings") if self._has_table(name)]
        if taken:
            raise StoreError(
                f"{self._shown}: has a table {taken[0]} of another program; name another database, "
                "or another schema by ?options=-csearch_path%3Dregistry"
            )

    def _failure(self, error: psycopg.Error) -> StoreError:
        if isinstance(error, _TIMEOUTS):
            return StoreTimeoutError(
                f"{self._shown}: another process has kept the database locked for {self._timeout:g} s; try again"
            )
        said = " ".join(str(error).split())
        return StoreError(f"{self._shown}: {said}")


_BOUNDS: Final = (
    (("BEGIN", "SELECT one FROM write_lock FOR UPDATE"), "COMMIT", ("ROLLBACK",)),
    (("SAVEPOINT nested",), "RELEASE nested", ("ROLLBACK TO nested", "RELEASE nested")),
)
"""Begin, end and undo of a transaction: outermost, nested."""


def _without_password(url: str) -> str:
    """Give a URL that may stand in a log."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
