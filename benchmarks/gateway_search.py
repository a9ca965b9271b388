"""`python -m benchmarks gateway`: the search index beside FTS5 as a user of SQLite has it."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.gateway_figures import Part, at_least, at_most, median_ratio
from gateway.slices.search.grammar import parse
from gateway.slices.search.ports import Entry, Page
from gateway.stores.search_sqlite import SqliteSearchIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["measure_search"]

_ENTRIES = 20_000
_BATCH = 500
_QUERIES = 400
_WORDS = 20_000
_CREATE = (
    "CREATE VIRTUAL TABLE entries USING fts5(id UNINDEXED, title, category UNINDEXED, content, metadata UNINDEXED,"
    " tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
)
_FIND = (
    "SELECT id, title, category, rank, snippet(entries, -1, '[', ']', '…', 24) FROM entries"
    " WHERE entries MATCH ? ORDER BY rank LIMIT 20"
)


class _Round(NamedTuple):
    indexed: float
    """Entries for a second of CPU."""
    median: float
    """Microseconds of a query."""


def measure_search(say: Callable[[str], object], *, rounds: int) -> Part:
    """Index the same entries and ask the same queries of both, one after the other, round by round."""
    chance = random.Random(13)  # noqa: S311 - seeded, so that it can be repeated
    entries, queries = _corpus(chance)
    raw: list[_Round] = []
    ours: list[_Round] = []
    for number in range(rounds):
        say(f"search, round {number + 1} of {rounds}")
        with tempfile.TemporaryDirectory() as folder:
            raw.append(_raw(Path(folder), entries, queries))
            ours.append(asyncio.run(_ours(Path(folder), entries, queries)))
    goals = [
        at_least(
            "index, beside raw FTS5", 0.5, median_ratio([one.indexed for one in ours], [one.indexed for one in raw])
        ),
        at_most(
            "query, median beside raw FTS5", 2, median_ratio([one.median for one in ours], [one.median for one in raw])
        ),
    ]
    rows: list[tuple[str, ...]] = [
        (
            name,
            f"{statistics.median(one.indexed for one in those):,.0f}",
            f"{statistics.median(one.median for one in those):,.0f}",
        )
        for name, those in (("raw FTS5", raw), ("search index", ours))
    ]
    text = (
        f"{_ENTRIES:,} entries of 66 words, {_QUERIES} queries of one and two words. Ours also finds an entry\n"
        "by its id in a B-tree, to replace it, and counts all that match."
    )
    return Part("Search", text, goals, ("what", "entries/CPU-s", "query p50 us"), rows)


def _corpus(chance: random.Random) -> tuple[list[Entry], list[str]]:
    words = [f"w{number}" for number in range(_WORDS)]
    weights = [1 / (number + 1) for number in range(_WORDS)]

    def text(count: int) -> str:
        return " ".join(chance.choices(words, weights, k=count))

    entries = [Entry(f"e{number}", text(6), f"c{number % 7}", text(60)) for number in range(_ENTRIES)]
    pairs = [" ".join(chance.choices(words[50:5000], k=2)) for _ in range(_QUERIES // 2)]
    return entries, pairs + [chance.choice(words[20:3000]) for _ in range(_QUERIES // 2)]


def _raw(folder: Path, entries: Sequence[Entry], queries: Sequence[str]) -> _Round:
    with closing(sqlite3.connect(folder / "raw.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(_CREATE)
        rows = [(one.id, one.title, one.category, one.content, "{}") for one in entries]
        start = time.process_time()
        for place in range(0, len(rows), _BATCH):
            database.execute("BEGIN")
            database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", rows[place : place + _BATCH])
            database.execute("COMMIT")
        spent = time.process_time() - start
        times = []
        for query in queries:
            begun = time.perf_counter()
            database.execute(_FIND, (query,)).fetchall()
            times.append(time.perf_counter() - begun)
    return _Round(len(entries) / spent, statistics.median(times) * 1e6)


async def _ours(folder: Path, entries: Sequence[Entry], queries: Sequence[str]) -> _Round:
    index = SqliteSearchIndex(folder / "search.db")
    build = await index.begin()
    start = time.process_time()
    for place in range(0, len(entries), _BATCH):
        position = place + _BATCH
        await index.apply(build, entries[place:position], position)
        build = build._replace(position=position)
    spent = time.process_time() - start
    await index.switch(build)
    times = []
    for query in queries:
        begun = time.perf_counter()
        await index.search(parse(query), Page())
        times.append(time.perf_counter() - begun)
    await index.aclose()
    return _Round(len(entries) / spent, statistics.median(times) * 1e6)
