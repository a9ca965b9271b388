"""Both search indexes are held to one table of queries, and to what they promise each other's processes."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from gateway.slices.search.grammar import parse
from gateway.slices.search.ports import SCHEMA, Build, Entry, Page
from gateway.stores.search import open_search_index
from gateway.stores.search_sqlite import SqliteSearchIndex
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from gateway.slices.search.ports import Found, SearchIndex
    from tests.support.postgres import PostgresServer

_SCHEMAS = itertools.count(1)

ENTRIES = (
    Entry("lodz", "Łódź", "city", "Zażółć gęślą jaźń w mieście Łódź", {"zip": "90-001"}),
    Entry("part", "Spare part", "article", "The spare part c2004-x fits the car and the bike"),
    Entry("car", "Car", "article", "An old car, red and slow; no spare wheel"),
    Entry("bike", "Bike", "article", "A new bike in blue"),
    Entry("words", "AND OR NEAR", "", 'Quotes " and brackets ( ) and a:b'),
    Entry("greek", "Ελλάδα", "city", "Über Ångström, naïve café, ΣΊΣΥΦΟΣ"),
    Entry("empty", "???", "", "!!!"),
    Entry("zero", "Nul\x00here", "", "before\x00after \x1b[31m"),
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], SearchIndex]:
    """Opens the same index each time."""
    if request.param == "sqlite":
        return lambda: open_search_index("events.db", tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"search_{next(_SCHEMAS)}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return lambda: open_search_index(f"{server.url}&options=-csearch_path%3D{name}", tmp_path)


async def filled(index: SearchIndex, entries: tuple[Entry, ...] = ENTRIES) -> Build:
    build = await index.begin()
    assert await index.apply(build, entries, 10)
    assert await index.switch(build._replace(position=10))
    return build._replace(position=10)


def on(open_index: Callable[[], SearchIndex], test: Callable[[SearchIndex], Coroutine[Any, Any, None]]) -> None:
    async def work() -> None:
        index = open_index()
        try:
            await test(index)
        finally:
            await index.aclose()

    asyncio.run(work())


def ids(found: Found) -> set[str]:
    return {hit.id for hit in found.hits}


QUERIES = [
    ("", {"lodz", "part", "car", "bike", "words", "greek", "empty", "zero"}),
    ("car", {"part", "car"}),
    ("CAR", {"part", "car"}),
    ("lodz", {"lodz"}),
    ("zazolc gesla jazn", {"lodz"}),
    ("zazolc gesl*", {"lodz"}),
    ('"gęślą jaźń"', {"lodz"}),
    ('"jaźń gęślą"', set()),
    ("spare", {"part", "car"}),
    ('"spare part"', {"part"}),
    ("spare -wheel", {"part"}),
    ("-spare", {"lodz", "bike", "words", "greek", "empty", "zero"}),
    ('-"spare part" car', {"car"}),
    ("bik*", {"part", "bike"}),
    ("old OR blue", {"car", "bike"}),
    ("old OR blue bike", {"bike"}),
    ("c2004-x", {"part"}),
    ("c2004", {"part"}),
    ("2004", set()),
    ("a:b", {"words"}),
    ("nosuch:x", set()),
    ("AND", {"part", "car", "words"}),
    ("NEAR", {"words"}),
    ("a AND", {"words"}),
    ('"', set()),
    ("!!!", set()),
    ("uber angstrom naive cafe", {"greek"}),
    ("ελλάδα", {"greek"}),
    ("after", {"zero"}),
    ("31m", {"zero"}),
    ("part car bike", {"part"}),
    ('"part the"', set()),
    ('"spare part the"', set()),
]


@pytest.mark.parametrize(("text", "expected"), QUERIES, ids=[repr(text) for text, _ in QUERIES])
def test_a_query_finds_the_same_in_both_engines(
    open_index: Callable[[], SearchIndex], text: str, expected: set[str]
) -> None:
    async def test(index: SearchIndex) -> None:
        await filled(index)
        found = await index.search(parse(text), Page(100))
        assert ids(found) == expected
        assert found.total == len(expected)
        is_ranked = bool(parse(text).groups)
        assert all((hit.rank is not None) is is_ranked for hit in found.hits)
        assert all(("[" in hit.snippet) is is_ranked for hit in found.hits)

    on(open_index, test)


HOSTILE = [
    '"', '""', "'", "c2004-x", "a AND", "AND", "NOT", "NEAR(a", "(", ")", "()", "nosuch:x", "title:car", "{a b}:c",
    "a^2", "^a", "+a", "a + b", "*", "**", "-", "--", "-*", '-"', "\x00", "a\x00", "\x1b[2J", "\ufffe", "\U0001f600",
    "e\u0301", "\u0301", "a\u202eb", "%", "_", "\\", "'; DROP TABLE entries_1; --", "OR OR OR", "- OR -", "a*b*c",
    "<script>", "ﬁ", "İ", "ß", "१२", "한국어", "日本語", "!", "&", "|", "<->", ":*", "a:*", "!a & b | c", "'a' <-> 'b'",
]  # fmt: skip


def test_no_text_fails(open_index: Callable[[], SearchIndex]) -> None:
    chance = random.Random(7)
    alphabet = "\"'()*-:^+ \t\n\x00\x01\\aAżł2&|!<>{}[]~%_"
    noise = ["".join(chance.choices(alphabet, k=chance.randrange(1, 40))) for _ in range(100)]
    long = [piece * 5000 for piece in ('"', "a ", "(", "-a ", "a OR ", "a* ", "x", "ż")]

    async def test(index: SearchIndex) -> None:
        await filled(index)
        for text in [*HOSTILE, *noise, *long]:
            found = await index.search(parse(text), Page())
            assert found.total >= len(found.hits), text
            assert await index.search(parse(text), Page(5, 3, "x'; --\x00")) is not None

    on(open_index, test)


def test_hostile_texts_are_indexed(open_index: Callable[[], SearchIndex]) -> None:
    entries = tuple(Entry(f"e{number}", text, "", text, {text: text}) for number, text in enumerate(HOSTILE))
    many = " ".join(f"word{number}x" for number in range(100_000))
    huge = (Entry("many", "many words", "", many), Entry("one", "one word", "", "x" * 1_000_000))
    repeated = (Entry("again", "again", "", "again " * 100_000 + "end"),)

    async def test(index: SearchIndex) -> None:
        await filled(index, (*entries, *huge, *repeated))
        kept = await index.get("e3")
        assert kept == entries[3]
        assert ids(await index.search(parse("word17x"), Page())) == {"many"}
        assert "again" in ids(await index.search(parse("again end"), Page()))

    on(open_index, test)


def test_a_title_counts_for_more_than_content(open_index: Callable[[], SearchIndex]) -> None:
    async def test(index: SearchIndex) -> None:
        await filled(index, (Entry("content", "x", "", "wheel y z"), Entry("title", "wheel", "", "y z x")))
        found = await index.search(parse("wheel"), Page())
        assert [hit.id for hit in found.hits] == ["title", "content"]
        first, second = (hit.rank for hit in found.hits)
        assert first is not None
        assert second is not None
        assert first < second

    on(open_index, test)


@pytest.mark.parametrize("text", ["same", "", "-other"])
def test_pages_cover_all_entries_once_in_a_stable_order(open_index: Callable[[], SearchIndex], text: str) -> None:
    entries = tuple(Entry(f"e{number:03}", "same", f"c{number % 3}", "as all others") for number in range(107))

    async def test(index: SearchIndex) -> None:
        await filled(index, entries)
        shown = []
        for offset in range(0, 120, 10):
            found = await index.search(parse(text), Page(10, offset))
            assert found.total == 107
            shown += [hit.id for hit in found.hits]
        assert shown == [one.id for one in entries]
        narrowed = await index.search(parse(text), Page(10, 30, "c1"))
        assert [hit.id for hit in narrowed.hits] == [one.id for one in entries if one.category == "c1"][30:]
        assert narrowed.total == 36

    on(open_index, test)


def test_an_entry_takes_the_place_of_its_older_self(open_index: Callable[[], SearchIndex]) -> None:
    async def test(index: SearchIndex) -> None:
        build = await filled(index, (Entry("e", "Łódź old", "a", "gone"), Entry("f", "other", "a", "other")))
        again = (Entry("e", "first try", "b", "x"), Entry("e", "new", "b", "stays", {"k": "v"}))
        assert await index.apply(build, again, 11)
        assert (await index.search(parse("lodz OR gone OR old OR try"), Page())).total == 0
        assert ids(await index.search(parse("new stays"), Page(category="b"))) == {"e"}
        assert await index.get("e") == again[1]
        assert [hit.id for hit in (await index.search(parse(""), Page())).hits] == ["e", "f"]
        assert (await index.search(parse(""), Page())).hits[0].metadata == {"k": "v"}

    on(open_index, test)


def test_a_build_moves_from_its_own_position_only(open_index: Callable[[], SearchIndex]) -> None:
    async def test(index: SearchIndex) -> None:
        build = await filled(index)
        assert await index.apply(build, (Entry("a", "one"),), 12)
        assert not await index.apply(build, (Entry("b", "two"),), 13)
        assert ids(await index.search(parse("one OR two"), Page())) == {"a"}
        assert await index.live() == build._replace(position=12)

    on(open_index, test)


def test_a_new_build_answers_once_it_has_come_as_far(open_index: Callable[[], SearchIndex]) -> None:
    async def test(index: SearchIndex) -> None:
        assert await index.live() is None
        assert (await index.search(parse("car"), Page())).total == 0
        old = await filled(index)
        new = await index.begin()
        assert new == Build(new.number, 0, SCHEMA)
        assert await index.begin() == new
        assert await index.apply(new, (Entry("new", "car"),), 5)
        assert not await index.switch(new)
        assert ids(await index.search(parse("car"), Page())) == {"part", "car"}
        assert await index.apply(new._replace(position=5), (), 10)
        assert await index.switch(new)
        assert ids(await index.search(parse("car"), Page())) == {"new"}
        assert not await index.apply(old, (Entry("late", "late"),), 11)
        assert await index.live() == new._replace(position=10)

    on(open_index, test)


def test_a_fresh_build_takes_the_place_of_one_that_was_begun(open_index: Callable[[], SearchIndex]) -> None:
    async def test(index: SearchIndex) -> None:
        first = await index.begin()
        second = await index.begin(is_fresh=True)
        assert second.number != first.number
        assert not await index.apply(first, (Entry("a", "a"),), 1)
        assert not await index.switch(first)
        assert await index.apply(second, (Entry("a", "a"),), 1)

    on(open_index, test)


def test_two_that_open_at_once_share_one_index(open_index: Callable[[], SearchIndex]) -> None:
    async def work() -> None:
        one, two = await asyncio.gather(*(asyncio.to_thread(open_index) for _ in range(2)))
        try:
            builds = await asyncio.gather(one.begin(), two.begin())
            assert builds[0] == builds[1]
            done = await asyncio.gather(one.apply(builds[0], ENTRIES, 10), two.apply(builds[1], ENTRIES, 10))
            assert sorted(done) == [False, True]
            assert await two.switch(builds[0])
            assert (await one.search(parse(""), Page(1))).total == len(ENTRIES)
        finally:
            await one.aclose()
            await two.aclose()

    asyncio.run(work())


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "search.db").write_text("no database at all, " * 50)
    with pytest.raises(UserError, match="is not a SQLite database"):
        SqliteSearchIndex(tmp_path / "search.db")


def test_a_search_that_takes_long_is_given_up_by_the_event_loop_and_done_by_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        index = SqliteSearchIndex(tmp_path / "search.db")
        await filled(index, tuple(Entry(f"e{number}", "same word", "", "same word " * 20) for number in range(500)))
        for seconds in (1.0, -1.0, 1.0):
            # Less than no time is over at the first look at the clock.
            monkeypatch.setattr("gateway.stores.search_sqlite._AT_ONCE", seconds)
            for _ in range(3):
                found = await index.search(parse("same -other"), Page(10, 5))
                assert (len(found.hits), found.total) == (10, 500)
        await index.aclose()

    asyncio.run(work())
