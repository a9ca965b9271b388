"""The search index in a SQLite file of its own, by FTS5.

Each build has a table of entries and a full-text index over it, so a new build grows while the old one answers, and an
entry is found by its id in a B-tree. The file can be lost: it is built from events.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson

from gateway.slices.search.ports import SCHEMA, Build, Entry, Found, Hit
from gateway.slices.search.snippets import SNIPPET_WORDS, snippet
from gateway.slices.search.words import plain_letters
from gateway.stores.sqlite import bring_up_to_date, connect, unavailable
from protogate.cqrs.errors import StoreUnavailableError
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gateway.slices.search.grammar import Query, Term
    from gateway.slices.search.ports import Page

__all__ = ["SqliteSearchIndex"]

Result = TypeVar("Result")

_APPLICATION_ID: Final = 0x70_67_73_31
"""Marks a file as ours, in its header: "pgs1"."""
_READERS: Final = 4
_TITLE_WEIGHT: Final = 8.0
"""How much more a word in the title says than one in the content."""
_SHORT: Final = 2_000
"""Characters up to which FTS5 makes the snippet: its time grows with the square of the matches."""
_AT_ONCE: Final = 0.002
"""Seconds of work that a search may keep the event loop from."""
_LOOK_EVERY: Final = 50
"""Steps of SQLite between two looks at the clock."""
_SMALL: Final = 25_000
"""Entries of an index in which no single step of a search takes long."""
_NOTHING: Final = Found((), 0)


class SqliteSearchIndex:
    """A `SearchIndex` in one file."""

    def __init__(self, path: str | Path, *, timeout: float = 5.0) -> None:
        """Open or create the file.

        Args:
            path: the file; its folder is made.
            timeout: seconds to wait for another process that writes.

        Raises:
            UserError: the file is not ours, is newer than this program, or cannot be opened.
        """
        self._path = Path(path)
        self._timeout = timeout
        self._local = threading.local()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._opened: list[sqlite3.Connection] = []
        self._own: sqlite3.Connection | None = None
        self._is_open = True
        self._prepare_file()
        self._executor = ThreadPoolExecutor(_READERS, thread_name_prefix="search")

    async def live(self) -> Build | None:
        """The build that answers."""
        return await self._run(_live, writes=False)

    async def begin(self, *, is_fresh: bool = False) -> Build:
        """Give the build that was begun and not finished, unless a fresh one is wanted; else an empty one."""
        return await self._run(lambda connection: _begin(connection, is_fresh=is_fresh), writes=True)

    async def apply(self, build: Build, entries: Sequence[Entry], position: int) -> bool:
        """Put entries into a build and move it to a position, if it still is at its own."""
        return await self._run(lambda connection: _apply(connection, build, entries, position), writes=True)

    async def switch(self, build: Build, *, goes_back: bool = False) -> bool:
        """Let a build answer, unless the present one has come further and that is not wanted."""
        return await self._run(lambda connection: _switch(connection, build, goes_back=goes_back), writes=True)

    async def search(self, query: Query, page: Page) -> Found:
        """Find entries, best first."""
        if query.is_hopeless:
            return _NOTHING
        found = self._search_at_once(query, page)
        if found is not None:
            return found
        return await self._run(lambda connection: _search(connection, query, page), writes=False)

    async def get(self, entry_id: str) -> Entry | None:
        """An entry as it is kept."""
        return await self._run(lambda connection: _get(connection, entry_id), writes=False)

    async def aclose(self) -> None:
        """Let go of the file."""
        self._is_open = False
        await asyncio.get_running_loop().run_in_executor(None, self._executor.shutdown)
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _search_at_once(self, query: Query, page: Page) -> Found | None:
        """Find entries in the event loop, if that costs it less than to hand the work to a thread; else None."""
        if not self._is_open:
            return None
        deadline = time.thread_time() + _AT_ONCE
        try:
            if self._own is None:
                self._own = self._connect(timeout=0)
            with _transaction(self._own, "BEGIN") as connection:
                live = _live(connection)
                if live is None or _size(connection, live) > _SMALL:
                    return None
                connection.set_progress_handler(lambda: time.thread_time() > deadline, _LOOK_EVERY)
                try:
                    return _search_in(connection, live.number, query, page)
                finally:
                    # The end of the transaction must not be given up as well.
                    connection.set_progress_handler(None, 0)
        except sqlite3.Error:
            # It took too long, or the file is locked for a moment; what is really wrong the thread will say.
            return None

    async def _run(self, work: Callable[[sqlite3.Connection], Result], *, writes: bool) -> Result:
        if not self._is_open:
            raise StoreUnavailableError("the search index is closed")
        done = self._write if writes else self._read
        return await asyncio.get_running_loop().run_in_executor(self._executor, done, work)

    def _read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Work on one state of the file, whatever others write meanwhile."""
        try:
            with _transaction(self._connection(), "BEGIN") as connection:
                return work(connection)
        except sqlite3.Error as error:
            raise unavailable(self._path, error) from error

    def _write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        # One of ours at a time: SQLite would let them wait by sleeping.
        with self._writing:
            try:
                with _transaction(self._connection(), "BEGIN IMMEDIATE") as connection:
                    return work(connection)
            except sqlite3.Error as error:
                raise unavailable(self._path, error) from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect(self._timeout)
        return connection

    def _connect(self, timeout: float) -> sqlite3.Connection:
        connection = connect(self._path, timeout, mode="rw")
        # What a power cut takes is built again from the events.
        connection.execute("PRAGMA synchronous = NORMAL")
        with self._lock:
            self._opened.append(connection)
        return connection

    def _prepare_file(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = connect(self._path, self._timeout, mode="rwc")
        except OSError as error:
            raise UserError(f"{self._path.parent}: cannot make the folder: {error.strerror}; name another") from None
        except sqlite3.Error as error:
            raise UserError(str(unavailable(self._path, error))) from None
        try:
            bring_up_to_date(connection, self._path, "search_sqlite", _APPLICATION_ID)
        except sqlite3.Error as error:
            raise UserError(str(unavailable(self._path, error))) from None
        finally:
            connection.close()


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
    connection.execute(begin)
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _live(connection: sqlite3.Connection) -> Build | None:
    row = connection.execute("SELECT number, position, schema FROM builds WHERE is_live").fetchone()
    return Build(*row) if row else None


def _size(connection: sqlite3.Connection, build: Build) -> int:
    """How many entries there are; found without counting."""
    row = connection.execute(f"SELECT coalesce(max(number), 0) FROM entries_{build.number}").fetchone()  # noqa: S608 - a number
    return int(row[0])


def _begin(connection: sqlite3.Connection, *, is_fresh: bool) -> Build:
    for row in connection.execute("SELECT number, position, schema FROM builds WHERE NOT is_live").fetchall():
        begun = Build(*row)
        if begun.schema == SCHEMA and not is_fresh:
            return begun
        _drop(connection, begun.number)
    connection.execute("INSERT INTO builds (schema, position, is_live) VALUES (?, 0, 0)", (SCHEMA,))
    number = connection.execute("SELECT last_insert_rowid()").fetchone()[0]
    connection.execute(
        f"CREATE TABLE entries_{number} (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL,"
        " category TEXT NOT NULL, content TEXT NOT NULL, metadata TEXT NOT NULL) STRICT"
    )
    connection.execute(f"CREATE INDEX entries_{number}_by_category ON entries_{number} (category, number)")
    connection.execute(
        f"CREATE VIRTUAL TABLE texts_{number} USING fts5(title, content, content='entries_{number}',"
        " content_rowid='number', tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    )
    connection.execute(
        f"INSERT INTO texts_{number} (texts_{number}, rank) VALUES ('rank', 'bm25({_TITLE_WEIGHT}, 1.0)')"  # noqa: S608 - a number
    )
    return Build(number, 0)


def _drop(connection: sqlite3.Connection, number: int) -> None:
    connection.execute(f"DROP TABLE texts_{number}")
    connection.execute(f"DROP TABLE entries_{number}")
    connection.execute("DELETE FROM builds WHERE number = ?", (number,))


def _apply(connection: sqlite3.Connection, build: Build, entries: Sequence[Entry], position: int) -> bool:
    moved = connection.execute(
        "UPDATE builds SET position = ? WHERE number = ? AND position = ?", (position, build.number, build.position)
    )
    if not moved.rowcount:
        return False
    # Of an entry that comes twice, the last counts; it stays at its first place.
    for entry in {one.id: one for one in entries}.values():
        _put(connection, build.number, entry)
    return True


def _put(connection: sqlite3.Connection, build: int, entry: Entry) -> None:
    values = entry.title, entry.category, entry.content, orjson.dumps(dict(entry.metadata)).decode()
    added = connection.execute(
        f"INSERT INTO entries_{build} (title, category, content, metadata, id) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - a number
        " ON CONFLICT (id) DO NOTHING",
        (*values, entry.id),
    )
    number = added.lastrowid
    if not added.rowcount:
        number, title, content = connection.execute(
            f"SELECT number, title, content FROM entries_{build} WHERE id = ?",  # noqa: S608 - as above
            (entry.id,),
        ).fetchone()
        # The full-text index is told what it was told then, or it forgets the wrong words.
        connection.execute(
            f"INSERT INTO texts_{build} (texts_{build}, rowid, title, content) VALUES ('delete', ?, ?, ?)",  # noqa: S608 - as above
            (number, plain_letters(title), plain_letters(content)),
        )
        connection.execute(
            f"UPDATE entries_{build} SET title = ?, category = ?, content = ?, metadata = ? WHERE number = ?",  # noqa: S608 - as above
            (*values, number),
        )
    connection.execute(
        f"INSERT INTO texts_{build} (rowid, title, content) VALUES (?, ?, ?)",  # noqa: S608 - as above
        (number, plain_letters(entry.title), plain_letters(entry.content)),
    )


def _switch(connection: sqlite3.Connection, build: Build, *, goes_back: bool) -> bool:
    present = _live(connection)
    at = connection.execute("SELECT position FROM builds WHERE number = ?", (build.number,)).fetchone()
    if at is None or (present is not None and present.position > at[0] and not goes_back):
        return False
    if present is not None and present.number != build.number:
        _drop(connection, present.number)
    connection.execute("UPDATE builds SET is_live = 1 WHERE number = ?", (build.number,))
    return True


def _get(connection: sqlite3.Connection, entry_id: str) -> Entry | None:
    build = _live(connection)
    if build is None:
        return None
    row = connection.execute(
        f"SELECT id, title, category, content, metadata FROM entries_{build.number} WHERE id = ?",  # noqa: S608 - a number
        (entry_id,),
    ).fetchone()
    return _entry(row) if row else None


def _search(connection: sqlite3.Connection, query: Query, page: Page) -> Found:
    live = _live(connection)
    return _NOTHING if live is None else _search_in(connection, live.number, query, page)


def _search_in(connection: sqlite3.Connection, build: int, query: Query, page: Page) -> Found:
    find = _matching if query.groups else _listed
    return find(connection, build, query, page)


def _listed(connection: sqlite3.Connection, build: int, query: Query, page: Page) -> Found:
    """All entries but those that must not be there, in the order in which they came first."""
    conditions, parameters = ["true"], list[Any]()
    if page.category:
        conditions.append("category = ?")
        parameters.append(page.category)
    if query.without:
        conditions.append(f"number NOT IN (SELECT rowid FROM texts_{build} WHERE texts_{build} MATCH ?)")  # noqa: S608 - a number
        parameters.append(_any_of(query.without))
    where = " AND ".join(conditions)
    total = connection.execute(f"SELECT count(*) FROM entries_{build} WHERE {where}", parameters).fetchone()[0]  # noqa: S608 - ours
    rows = connection.execute(
        f"SELECT id, title, category, metadata FROM entries_{build} WHERE {where} ORDER BY number LIMIT ? OFFSET ?",  # noqa: S608 - as above
        (*parameters, page.limit, page.offset),
    )
    return Found(tuple(_hit((*row, None, "", ""), query) for row in rows), total)


def _matching(connection: sqlite3.Connection, build: int, query: Query, page: Page) -> Found:
    texts, entries, match = f"texts_{build}", f"entries_{build}", _match(query)
    # The plus keeps SQLite from asking the full-text index once for each entry of the category.
    narrowed = f" AND +{texts}.rowid IN (SELECT number FROM {entries} WHERE category = ?)" if page.category else ""  # noqa: S608 - numbers
    parameters = (match, page.category) if page.category else (match,)
    # Sorted inside the full-text index, equals by number: snippets are made of the page only.
    is_short = f"length({entries}.title) + length({entries}.content) <= {_SHORT}"
    rows = connection.execute(
        f"SELECT id, {entries}.title, category, metadata, {texts}.rank, CASE WHEN {is_short}"  # noqa: S608 - as above
        f" THEN snippet({texts}, -1, '[', ']', '…', {SNIPPET_WORDS}) END,"
        f" CASE WHEN NOT {is_short} THEN {entries}.content END"
        f" FROM {texts} JOIN {entries} ON number = {texts}.rowid"
        f" WHERE {texts} MATCH ?{narrowed} ORDER BY {texts}.rank LIMIT ? OFFSET ?",
        (*parameters, page.limit, page.offset),
    )
    hits = tuple(_hit(row, query) for row in rows)
    if hits and len(hits) < page.limit:
        return Found(hits, page.offset + len(hits))
    counted = f"SELECT count(*) FROM {texts} WHERE {texts} MATCH ?{narrowed}"  # noqa: S608 - as above
    return Found(hits, connection.execute(counted, parameters).fetchone()[0])


def _hit(row: Sequence[Any], query: Query) -> Hit:
    entry_id, title, category, metadata, rank, shown, content = row
    if shown is None:
        shown = snippet((title, content), query)
    return Hit(entry_id, title, category, orjson.loads(metadata), rank, shown)


def _entry(row: Sequence[Any]) -> Entry:
    entry_id, title, category, content, metadata = row
    return Entry(entry_id, title, category, content, orjson.loads(metadata))


def _match(query: Query) -> str:
    """The query in FTS5's language, every word of it in quotes."""
    wanted = " AND ".join(f"({_any_of(group)})" for group in query.groups)
    return f"({wanted}) NOT ({_any_of(query.without)})" if query.without else wanted


def _any_of(terms: Sequence[Term]) -> str:
    return " OR ".join(f'"{plain_letters(" ".join(term.words))}"{" *" if term.is_prefix else ""}' for term in terms)
