"""The search slice at its routes, and its projection against stores and indexes."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI

from gateway._gen.search.v1.search_routes import search_command_service_router, search_query_service_router
from gateway.slices.search.grammar import parse
from gateway.slices.search.handlers import SearchCommands, SearchQueries
from gateway.slices.search.ports import Entry, Page
from gateway.slices.search.projection import SearchProjection
from gateway.slices.search.slice import SLICE
from gateway.stores.search_sqlite import SqliteSearchIndex
from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.errors import StoreUnavailableError
from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.messages import NewEvent
from protogate.http import Runtime, install_problems
from protogate.models.documents import PLAIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from protogate.cqrs.ports import EventStore

ENTRY = {"id": "e1", "title": "Spare part", "category": "article", "content": "For the car", "metadata": {"a": "b"}}


class Api:
    """One process of a gateway that has search only."""

    def __init__(self, store: EventStore, folder: Path) -> None:
        self.store = store
        self.index = SqliteSearchIndex(folder / "search.db")
        self.projection = SearchProjection(store, self.index, pause=0.05)
        app = FastAPI()
        runtime = Runtime(store, style=PLAIN)
        app.include_router(search_command_service_router(SearchCommands(), runtime))
        app.include_router(search_query_service_router(SearchQueries(self.projection), runtime))
        install_problems(app)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")

    async def put(self, **fields: str) -> httpx.Response:
        return await self.client.post("/commands/search/index", json={**ENTRY, **fields})

    async def find(self, **query: str | int) -> dict[str, Any]:
        answer = await self.client.get("/queries/search", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@asynccontextmanager
async def opened(folder: Path, store: EventStore | None = None) -> AsyncIterator[Api]:
    api = Api(store or MemoryStore(), folder)
    async with api.client, api.projection:
        while not await api.projection.exists():  # noqa: ASYNC110 - what is waited for happens in a database
            await asyncio.sleep(0.01)
        yield api


def run(folder: Path, test: Callable[[Api], Coroutine[Any, Any, None]]) -> None:
    async def work() -> None:
        async with opened(folder) as api:
            await test(api)

    asyncio.run(work())


async def indexed(store: EventStore, number: int, title: str = "word") -> None:
    await store.append(f"search/e{number}", [NewEvent("EntryIndexed", {"id": f"e{number}", "title": title})])


def test_what_was_indexed_is_found_at_once(tmp_path: Path) -> None:
    async def test(api: Api) -> None:
        answer = await api.put()
        assert answer.status_code == 201
        document = answer.json()
        assert document.keys() == {"status", "id", "event_id", "position"}
        assert (document["status"], document["id"], document["position"]) == ("indexed", "e1", 1)
        found = await api.find(q="spare")
        assert found["total_count"] == 1
        (result,) = found["results"]
        assert result.keys() == {"id", "title", "category", "rank", "snippet", "metadata"}
        assert result["metadata"] == {"a": "b"}
        assert result["rank"] < 0
        assert result["snippet"] == "[Spare] part"
        for number in range(20):
            await api.put(id=f"n{number}", title=f"title{number}")
            assert (await api.find(q=f"title{number}"))["total_count"] == 1
        assert await api.index.get("e1") == Entry("e1", "Spare part", "article", "For the car", {"a": "b"})

    run(tmp_path, test)


def test_an_entry_replaces_the_one_with_its_id(tmp_path: Path) -> None:
    async def test(api: Api) -> None:
        await api.put()
        await api.put(title="Wheel", content="round")
        assert (await api.find(q="spare"))["total_count"] == 0
        assert (await api.find())["results"] == [
            {"id": "e1", "title": "Wheel", "category": "article", "snippet": "", "metadata": {"a": "b"}}
        ]

    run(tmp_path, test)


def test_without_a_text_everything_is_found_in_order_and_without_a_rank(tmp_path: Path) -> None:
    async def test(api: Api) -> None:
        for number in range(25):
            await api.put(id=f"e{number:02}", category="even" if number % 2 == 0 else "odd")
        found = await api.find()
        assert (len(found["results"]), found["total_count"]) == (20, 25)
        assert [one["id"] for one in found["results"]] == [f"e{number:02}" for number in range(20)]
        assert not any("rank" in one for one in found["results"])
        rest = await api.find(offset=20, limit=100)
        assert [one["id"] for one in rest["results"]] == [f"e{number:02}" for number in range(20, 25)]
        odd = await api.find(category="odd", limit=5, q="spare")
        assert (len(odd["results"]), odd["total_count"]) == (5, 12)

    run(tmp_path, test)


@pytest.mark.parametrize(
    "query",
    [
        *({"limit": limit} for limit in ("0", "-1", "101", "x", "1e9", "")),
        *({"offset": offset} for offset in ("-1", "10001", "x")),
        {"q": "x" * 501},
    ],
    ids=str,
)
def test_numbers_and_texts_out_of_bounds_are_refused(tmp_path: Path, query: dict[str, str]) -> None:
    async def test(api: Api) -> None:
        answer = await api.client.get("/queries/search", params=query)
        assert answer.status_code == 422, answer.text

    run(tmp_path, test)


def test_no_text_of_a_caller_is_an_error(tmp_path: Path) -> None:
    texts = ['"', "c2004-x", "a AND", "nosuch:x", "NEAR(a b)", "((", "*", "-", "\x00\x01", "a\nb", "' OR 1=1 --", "%00"]

    async def test(api: Api) -> None:
        await api.put()
        for text in texts:
            await api.find(q=text, category=text)
            await api.find(q=text)
        raw = await api.client.get("/queries/search?q=%ff%fe&category=%22")
        assert raw.status_code == 200
        assert (await api.client.get("/queries/search", params={"q": '"' * 10_000})).status_code == 422

    run(tmp_path, test)


def test_what_says_nothing_is_not_indexed(tmp_path: Path) -> None:
    async def test(api: Api) -> None:
        for fields in ({"id": ""}, {"title": ""}, {"title": " ", "content": " "}, {"category": "No Such"}):
            assert (await api.put(**fields)).status_code == 422, fields
        assert await api.store.position() == 0

    run(tmp_path, test)


def test_an_index_that_was_lost_is_built_again_from_the_first_event(tmp_path: Path) -> None:
    async def work(store: MemoryStore) -> None:
        async with opened(tmp_path, store) as api:
            assert (await api.find(q="word"))["total_count"] == 700
            assert await api.projection.position() == 1201

    async def fill(store: MemoryStore) -> None:
        for number in range(1200):
            await indexed(store, number % 700)
        await store.append("user/1", [NewEvent("UserCreated", {})])

    store = MemoryStore()
    asyncio.run(fill(store))
    asyncio.run(work(store))
    for file in tmp_path.glob("search.db*"):
        file.unlink()
    asyncio.run(work(store))


def test_an_index_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async def work() -> None:
        store = MemoryStore()
        await indexed(store, 1)
        async with opened(tmp_path, store) as api:
            live = await api.index.live()
        await indexed(store, 2)
        async with opened(tmp_path, store) as api:
            assert (await api.find())["total_count"] == 2
            now = await api.index.live()
            assert live is not None
            assert now == live._replace(position=2)

    asyncio.run(work())


def test_an_index_that_is_ahead_of_restored_events_is_built_anew(tmp_path: Path) -> None:
    async def work() -> None:
        lost = MemoryStore()
        for number in range(10):
            await indexed(lost, number, "lost")
        async with opened(tmp_path, lost) as api:
            assert (await api.find(q="lost"))["total_count"] == 10
        restored = MemoryStore()
        await indexed(restored, 1, "kept")
        async with opened(tmp_path, restored) as api, asyncio.timeout(20):
            while (await api.find(q="lost"))["total_count"]:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
            await indexed(restored, 2, "new")
            assert (await api.find(q="kept OR new"))["total_count"] == 2
            assert (await api.find())["total_count"] == 2

    asyncio.run(work())


def test_the_old_index_answers_until_the_new_one_has_come_as_far(tmp_path: Path) -> None:
    async def work() -> None:
        store = MemoryStore()
        for number in range(600):
            await indexed(store, number)
        async with opened(tmp_path, store) as api:
            before = await api.index.live()
            rebuilding = asyncio.create_task(api.projection.rebuild())
            number = 600
            while not rebuilding.done():
                assert (await api.find(q="word"))["total_count"] == number
                await indexed(store, number)
                number += 1
            await rebuilding
            after = await api.index.live()
            assert before is not None
            assert after is not None
            assert after.number > before.number
            assert (await api.find(q="word"))["total_count"] == number
        tables = sqlite3.connect(tmp_path / "search.db").execute("SELECT count(*) FROM builds").fetchone()
        assert tables == (1,)

    asyncio.run(work())


def test_processes_that_share_an_index_see_each_other_at_once(tmp_path: Path) -> None:
    async def work() -> None:
        stores = [SqliteStore(tmp_path / "events.db") for _ in range(3)]
        async with opened(tmp_path, stores[0]) as one, opened(tmp_path, stores[1]) as two:
            for number in range(30):
                await (one, two)[number % 2].put(id=f"e{number}", title=f"title{number}")
                assert (await two.find(q=f"title{number}"))["total_count"] == 1
                assert (await one.find(q=f"title{number}"))["total_count"] == 1
            rebuilt = SearchProjection(stores[2], SqliteSearchIndex(tmp_path / "search.db"))
            await asyncio.gather(rebuilt.rebuild(), one.put(id="late", title="late"))
            await rebuilt.index.aclose()
            assert (await one.find())["total_count"] == 31
            assert (await two.find(q="late"))["total_count"] == 1
        for store in stores:
            await store.aclose()

    asyncio.run(work())


def test_a_query_does_not_wait_for_ever(tmp_path: Path) -> None:
    async def work() -> None:
        store = MemoryStore()
        await indexed(store, 1)
        index = SqliteSearchIndex(tmp_path / "search.db")
        # Nobody follows: there is no index, and nobody makes one.
        with pytest.raises(StoreUnavailableError, match="being built"):
            await SearchProjection(store, index).catch_up()
        await index.aclose()

    asyncio.run(work())


def test_events_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    async def test(api: Api) -> None:
        await api.store.append("search/e1", [NewEvent("EntryMoved", {"id": "e1"})])
        await indexed(api.store, 2)
        assert (await api.find())["total_count"] == 1

    run(tmp_path, test)


_KILLED = textwrap.dedent(
    """
    import asyncio, os, sys
    from pathlib import Path
    from gateway.slices.search.projection import SearchProjection
    from gateway.stores.search_sqlite import SqliteSearchIndex
    from gateway.stores.sqlite import SqliteStore

    async def main(folder: Path) -> None:
        store = SqliteStore(folder / "events.db")
        async with SearchProjection(store, SqliteSearchIndex(folder / "search.db"), pause=0.001):
            print("up", flush=True)
            await asyncio.sleep(60)

    asyncio.run(main(Path(sys.argv[1])))
    """
)


def test_a_projection_that_is_killed_leaves_nothing_half_done(tmp_path: Path) -> None:
    async def fill(start: int) -> None:
        store = SqliteStore(tmp_path / "events.db")
        for number in range(start, start + 100):
            await indexed(store, number)
        await store.aclose()

    async def check(count: int) -> None:
        store = SqliteStore(tmp_path / "events.db")
        index = SqliteSearchIndex(tmp_path / "search.db")
        projection = SearchProjection(store, index)
        async with projection:
            while not await projection.exists():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
            await projection.catch_up()
            assert (await index.search(parse(""), Page())).total == count
            assert (await index.search(parse("word"), Page())).total == count
        await store.aclose()

    for cycle in range(3):
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        asyncio.run(fill(cycle * 200))
        process = subprocess.Popen(
            [sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE, env=environment
        )
        with process:
            assert process.stdout is not None
            process.stdout.readline()
            asyncio.run(fill(cycle * 200 + 100))
            process.send_signal(signal.SIGKILL)
        asyncio.run(check((cycle + 1) * 200))


def test_the_slice_says_what_it_has() -> None:
    assert (SLICE.name, SLICE.frontend, SLICE.read_models) == ("search", "static", ("search.db",))
    assert [route.path for route in SLICE.routes] == ["/commands/search/index", "/queries/search"]
