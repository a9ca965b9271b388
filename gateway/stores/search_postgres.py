"""The search index in tables of a PostgreSQL schema.

Words are cut and folded by us, as FTS5 does it, so both engines find the same; PostgreSQL is given vectors and queries
of quoted words, which it cannot misunderstand. What differs from FTS5: ranks (`ts_rank`, not bm25) and so the order of
hits that match differently well; snippets may show another part; phrases are told apart in the first 16,383 words of an
entry only; and of an entry with a megabyte of different words the last ones are not found.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson
import psycopg

from gateway.slices.search.ports import SCHEMA, Build, Entry, Found, Hit
from gateway.slices.search.snippets import snippet
from gateway.slices.search.words import folded, words
from gateway.stores.postgres import Server, bring_up_to_date
from protogate.cqrs.errors import StoreUnavailableError
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.slices.search.grammar import Query, Term
    from gateway.slices.search.ports import Page

__all__ = ["PostgresSearchIndex"]

Result = TypeVar("Result")
_Connection = psycopg.Connection[tuple[Any, ...]]

_READERS: Final = 4
_TABLES: Final = ("search_builds", "search_entries")
_LONGEST: Final = 500
"""Characters of a word that count; a vector takes no word of more than 2,046 bytes."""
_LAST: Final = 16_383
"""The last place in a vector; what comes later all stands there."""
_GAP: Final = 8
"""Places between title and content, so that no phrase spans both."""
_MOST_PLACES: Final = 255
"""Of one word that a vector keeps."""
_MOST_BYTES: Final = 1_000_000
"""Of a vector, all words and places; the server takes a little more."""
_WORD_BYTES: Final = 4
"""What a word costs beside its letters, and a place twice as much as it could."""
_NOTHING: Final = Found((), 0)

_PUT: Final = (
    "INSERT INTO search_entries (build, id, title, category, content, metadata, words)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s::tsvector)"
    " ON CONFLICT (build, id) DO UPDATE SET title = excluded.title, category = excluded.category,"
    " content = excluded.content, metadata = excluded.metadata, words = excluded.words"
)


class PostgresSearchIndex:
    """A `SearchIndex` in the tables of one PostgreSQL schema, beside those of the event store or elsewhere."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        """Connect, and bring the tables to the newest schema.

        Args:
            url: `postgresql://user@host/database`; the tables stand in the first schema of its search path.
            timeout: seconds to wait for another writer, and for the server to answer a new connection.

        Raises:
            UserError: the database cannot be reached, is newer than this program, or its tables are another's.
        """
        self._server = Server(url, timeout)
        self._is_open = True
        self._local = threading.local()
        try:
            with self._server.connect() as connection:
                bring_up_to_date(connection, self._server.shown, "search_postgres", "search_schema", _TABLES)
        except psycopg.Error as error:
            raise UserError(str(self._server.failure(error))) from None
        self._executor = ThreadPoolExecutor(_READERS, thread_name_prefix="search")

    async def live(self) -> Build | None:
        """The build that answers."""
        return await self._run(_live)

    async def begin(self, *, is_fresh: bool = False) -> Build:
        """Give the build that was begun and not finished, unless a fresh one is wanted; else an empty one."""
        return await self._run(lambda connection: _begin(connection, is_fresh=is_fresh))

    async def apply(self, build: Build, entries: Sequence[Entry], position: int) -> bool:
        """Put entries into a build and move it to a position, if it still is at its own."""
        return await self._run(lambda connection: _apply(connection, build, entries, position))

    async def switch(self, build: Build, *, goes_back: bool = False) -> bool:
        """Let a build answer, unless the present one has come further and that is not wanted."""
        return await self._run(lambda connection: _switch(connection, build, goes_back=goes_back))

    async def search(self, query: Query, page: Page) -> Found:
        """Find entries, best first."""
        if query.is_hopeless:
            return _NOTHING
        return await self._run(lambda connection: _search(connection, query, page))

    async def get(self, entry_id: str) -> Entry | None:
        """An entry as it is kept."""
        return await self._run(lambda connection: _get(connection, entry_id))

    async def aclose(self) -> None:
        """Let go of the database."""
        self._is_open = False
        await asyncio.get_running_loop().run_in_executor(None, self._executor.shutdown)
        self._server.close()

    async def _run(self, work: Callable[[_Connection], Result]) -> Result:
        if not self._is_open:
            raise StoreUnavailableError("the search index is closed")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._in_transaction, work)

    def _in_transaction(self, work: Callable[[_Connection], Result]) -> Result:
        # All that is done here can be done again: a connection that broke while nobody looked is replaced once.
        try:
            return self._once(work)
        except psycopg.OperationalError:
            self._local.connection = None
        except psycopg.Error as error:
            raise self._server.failure(error) from error
        try:
            return self._once(work)
        except psycopg.Error as error:
            raise self._server.failure(error) from error

    def _once(self, work: Callable[[_Connection], Result]) -> Result:
        connection = self._connection()
        with connection.transaction():
            return work(connection)

    def _connection(self) -> _Connection:
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            connection = self._local.connection = self._server.connect()
        return connection


def _live(connection: _Connection) -> Build | None:
    row = connection.execute("SELECT number, position, schema FROM search_builds WHERE is_live").fetchone()
    return Build(*row) if row else None


def _begin(connection: _Connection, *, is_fresh: bool) -> Build:
    # Two that begin at the same time take turns; the second finds what the first began.
    connection.execute("LOCK TABLE search_builds IN SHARE ROW EXCLUSIVE MODE")
    rows = connection.execute("SELECT number, position, schema FROM search_builds WHERE NOT is_live").fetchall()
    for begun in (Build(*row) for row in rows):
        if begun.schema == SCHEMA and not is_fresh:
            return begun
        _drop(connection, begun.number)
    row = connection.execute(
        "INSERT INTO search_builds (schema, position, is_live) VALUES (%s, 0, false) RETURNING number", (SCHEMA,)
    ).fetchone()
    if row is None:
        raise AssertionError("an INSERT that returns gives a row")
    return Build(int(row[0]), 0)


def _drop(connection: _Connection, number: int) -> None:
    connection.execute("DELETE FROM search_builds WHERE number = %s", (number,))
    connection.execute("DELETE FROM search_entries WHERE build = %s", (number,))


def _apply(connection: _Connection, build: Build, entries: Sequence[Entry], position: int) -> bool:
    moved = connection.execute(
        "UPDATE search_builds SET position = %s WHERE number = %s AND position = %s",
        (position, build.number, build.position),
    )
    if not moved.rowcount:
        return False
    rows = [
        (
            build.number,
            entry.id,
            _text(entry.title),
            entry.category,
            _text(entry.content),
            orjson.dumps(dict(entry.metadata)).decode(),
            _vector(entry),
        )
        # Of an entry that comes twice, the last counts; it stays at its first place.
        for entry in {one.id: one for one in entries}.values()
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_PUT, rows)
    return True


def _switch(connection: _Connection, build: Build, *, goes_back: bool) -> bool:
    connection.execute("LOCK TABLE search_builds IN SHARE ROW EXCLUSIVE MODE")
    present = _live(connection)
    at = connection.execute("SELECT position FROM search_builds WHERE number = %s", (build.number,)).fetchone()
    if at is None or (present is not None and present.position > at[0] and not goes_back):
        return False
    if present is not None and present.number != build.number:
        _drop(connection, present.number)
    connection.execute("UPDATE search_builds SET is_live = true WHERE number = %s", (build.number,))
    return True


def _get(connection: _Connection, entry_id: str) -> Entry | None:
    row = connection.execute(
        "SELECT id, title, category, content, metadata FROM search_entries"
        " WHERE build = (SELECT number FROM search_builds WHERE is_live) AND id = %s",
        (entry_id,),
    ).fetchone()
    return _entry(row) if row else None


def _search(connection: _Connection, query: Query, page: Page) -> Found:
    build = _live(connection)
    if build is None:
        return _NOTHING
    parameters: dict[str, Any] = {
        "build": build.number,
        "category": _text(page.category),
        "query": _tsquery(query),
        "limit": page.limit,
        "offset": page.offset,
    }
    where = "build = %(build)s"
    if page.category:
        where += " AND category = %(category)s"
    if not query.is_blank:
        where += " AND words @@ %(query)s::tsquery"
    rank = "-ts_rank(words, %(query)s::tsquery)::float8" if query.groups else "NULL::float8"
    content = "content" if query.groups else "''"
    rows = connection.execute(
        f"SELECT id, title, category, metadata, {rank} AS rank, {content} FROM search_entries"  # noqa: S608 - words of ours
        f" WHERE {where} ORDER BY rank, number LIMIT %(limit)s OFFSET %(offset)s".encode(),
        parameters,
    ).fetchall()
    hits = tuple(_hit(row, query) for row in rows)
    if hits and len(hits) < page.limit:
        return Found(hits, page.offset + len(hits))
    total = connection.execute(f"SELECT count(*) FROM search_entries WHERE {where}".encode(), parameters).fetchone()  # noqa: S608 - as above
    return Found(hits, int(total[0]) if total else 0)


def _hit(row: Sequence[Any], query: Query) -> Hit:
    entry_id, title, category, metadata, rank, content = row
    shown = snippet((title, content), query) if query.groups else ""
    return Hit(entry_id, title, category, orjson.loads(metadata), rank, shown)


def _entry(row: Sequence[Any]) -> Entry:
    entry_id, title, category, content, metadata = row
    return Entry(entry_id, title, category, content, orjson.loads(metadata))


def _text(text: str) -> str:
    """What PostgreSQL can keep: everything but the character zero."""
    return text.replace("\0", "\ufffd")


def _vector(entry: Entry) -> str:
    """The words of an entry with their places, those of the title marked as weighty."""
    places: dict[str, list[str]] = {}
    size = place = 0
    for text, weight in ((entry.title, "A"), (entry.content, "")):
        for word in words(text):
            place += 1
            lexeme = folded(word)[:_LONGEST]
            known = places.get(lexeme)
            if known is None:
                size += len(lexeme.encode()) + _WORD_BYTES * 2
                if size > _MOST_BYTES:
                    return _vector_text(places)
                known = places[lexeme] = []
            if len(known) < _MOST_PLACES and (place <= _LAST or not known):
                size += _WORD_BYTES
                known.append(f"{min(place, _LAST)}{weight}")
        place += _GAP
    return _vector_text(places)


def _vector_text(places: dict[str, list[str]]) -> str:
    return " ".join(f"'{lexeme}':{','.join(where)}" for lexeme, where in places.items() if lexeme)


def _tsquery(query: Query) -> str:
    """The query in the language of `tsquery`, every word of it in quotes."""
    wanted = [f"({_any_of(group)})" for group in query.groups]
    return " & ".join([*wanted, *(f"!({_any_of([term])})" for term in query.without)])


def _any_of(terms: Sequence[Term]) -> str:
    return " | ".join(_phrase(term) for term in terms)


def _phrase(term: Term) -> str:
    lexemes = [f"'{folded(word)[:_LONGEST]}'" for word in term.words]
    if term.is_prefix:
        lexemes[-1] += ":*"
    return f"({' <-> '.join(lexemes)})"
