"""`python -m benchmarks gateway`: the search index, beside a bare FTS5 table with the same tokenizer."""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import uvloop

from benchmarks.gateway_figures import Part, at_least, at_most, median_ratio
from gateway.slices.search.grammar import parse
from gateway.slices.search.ports import Entry, Page
from gateway.stores.search_sqlite import SqliteSearchIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["measure_search"]

_DOCUMENTS = 20_000
_QUERIES = 400
_AT_ONCE = 500
_WORDS_OF_A_DOCUMENT = 60
_LETTERS = "abcdefghijklmnoprstuwyząęłó"
_RAW_TABLE = (
    "CREATE VIRTUAL TABLE texts USING fts5(title, content, tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
)
_RAW_QUERY = (
    "SELECT rowid, title, snippet(texts, 1, '[', ']', '...', 12) FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 20"
)


class _Figures(NamedTuple):
    indexed: float
    """Documents for a second of CPU."""
    p50: float
    """Microseconds of a query."""
    p99: float


def measure_search(say: Callable[[str], object], *, rounds: int, scale: float = 1.0) -> Part:
    """Index the same documents in both, and ask the same."""
    entries = _entries(max(100, int(_DOCUMENTS * scale)))
    queries = _queries(max(20, int(_QUERIES * scale)))
    raw: list[_Figures] = []
    ours: list[_Figures] = []
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        for number in range(rounds):
            say(f"search, round {number + 1} of {rounds}")
            raw.append(_raw(Path(name) / f"raw-{number}.db", entries, queries))
            ours.append(uvloop.run(_index(Path(name) / f"ours-{number}.db", entries, queries)))
    rows: list[tuple[str, ...]] = [
        (what, f"{middle.indexed:,.0f}", f"{middle.p50:,.0f}", f"{middle.p99:,.0f}")
        for what, found in (("bare FTS5", raw), ("search index", ours))
        for middle in [_Figures(*map(statistics.median, zip(*found, strict=True)))]
    ]
    indexed = median_ratio([one.indexed for one in ours], [one.indexed for one in raw])
    asked = median_ratio([one.p50 for one in ours], [one.p50 for one in raw])
    return Part(
        "Search",
        f"{len(entries):,} documents of {_WORDS_OF_A_DOCUMENT} words, whose frequencies fall as in a language,\n"
        f"{_AT_ONCE} to a transaction; queries of one or two words. Bare FTS5 keeps title and content, and gives 20\n"
        "hits with a snippet. The index also keeps category and metadata, replaces entries by their ids, parses what\n"
        "people type, and counts all hits.",
        [
            at_least("T13 documents indexed / bare FTS5", 0.5, indexed),
            at_most("T13 query, p50 / bare FTS5", 2, asked),
        ],
        ("what", "documents a CPU second", "query p50 us", "p99 us"),
        rows,
    )


def _entries(count: int) -> list[Entry]:
    chosen = random.Random(3)  # noqa: S311 - the same documents every time
    words, weights = _vocabulary()
    return [
        Entry(
            f"entry-{number}",
            " ".join(chosen.choices(words, weights, k=6)),
            f"category-{number % 10}",
            " ".join(chosen.choices(words, weights, k=_WORDS_OF_A_DOCUMENT)),
            {"source": "bench"},
        )
        for number in range(count)
    ]


def _queries(count: int) -> list[str]:
    """Words of the middle: the most frequent are in every document, and the rarest in none."""
    chosen = random.Random(5)  # noqa: S311 - as above
    words, _ = _vocabulary()
    return [" ".join(chosen.sample(words[50:1000], 1 + number % 2)) for number in range(count)]


def _vocabulary() -> tuple[list[str], list[float]]:
    chosen = random.Random(1)  # noqa: S311 - as above
    words = sorted(
        {"".join(chosen.choices("abcdefghijklmnoprstuwyząęłó", k=chosen.randint(3, 9))) for _ in range(5000)}
    )
    chosen.shuffle(words)
    return words, [1 / (place + 2) for place in range(len(words))]


def _raw(path: Path, entries: Sequence[Entry], queries: Sequence[str]) -> _Figures:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_RAW_TABLE)
        begun = time.process_time()
        for start in range(0, len(entries), _AT_ONCE):
            connection.execute("BEGIN IMMEDIATE")
            rows = [(one.title, one.content) for one in entries[start : start + _AT_ONCE]]
            connection.executemany("INSERT INTO texts (title, content) VALUES (?, ?)", rows)
            connection.execute("COMMIT")
        spent = time.process_time() - begun
        times = []
        for query in queries:
            match = " ".join(f'"{word}"' for word in query.split())
            started = time.perf_counter()
            connection.execute(_RAW_QUERY, (match,)).fetchall()
            times.append(time.perf_counter() - started)
    return _figures(len(entries) / spent, times)


async def _index(path: Path, entries: Sequence[Entry], queries: Sequence[str]) -> _Figures:
    index = SqliteSearchIndex(path)
    build = await index.begin()
    begun = time.process_time()
    for start in range(0, len(entries), _AT_ONCE):
        some = entries[start : start + _AT_ONCE]
        await index.apply(build, some, build.position + len(some))
        build = build._replace(position=build.position + len(some))
    spent = time.process_time() - begun
    await index.switch(build)
    times = []
    for query in queries:
        started = time.perf_counter()
        await index.search(parse(query), Page())
        times.append(time.perf_counter() - started)
    await index.aclose()
    return _figures(len(entries) / spent, times)


def _figures(indexed: float, times: list[float]) -> _Figures:
    times.sort()
    return _Figures(indexed, statistics.median(times) * 1e6, times[int(len(times) * 0.99)] * 1e6)
