"""What clients are told while the database is locked, damaged or full, and what is kept of it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from registry.errors import StoreError
from registry.server.app import RegistryApp
from registry.server.desk import Desk
from registry.service import Registry
from registry.sqlite import SqliteStore
from tests.registry.server.contracts import MONEY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    import pytest

    Scenario = Callable[[httpx.AsyncClient], Awaitable[None]]


def body(version: int = 0) -> dict[str, str]:
    return {"schemaType": "PROTOBUF", "schema": MONEY.replace("units", f"units_{version}")}


def run(store: SqliteStore, scenario: Scenario) -> None:
    """Run the application as a server does, without a socket."""
    app = RegistryApp(Desk(Registry(store), store, "1"))

    async def play() -> None:
        messages: asyncio.Queue[Any] = asyncio.Queue()
        said: asyncio.Queue[Any] = asyncio.Queue()
        life = asyncio.create_task(app({"type": "lifespan"}, messages.get, said.put))
        await messages.put({"type": "lifespan.startup"})
        assert (await said.get())["type"] == "lifespan.startup.complete"
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await scenario(client)
        await messages.put({"type": "lifespan.shutdown"})
        await life

    try:
        asyncio.run(play())
    finally:
        store.close()


def refusal(answer: httpx.Response) -> tuple[int, int]:
    assert "Traceback" not in answer.text
    return answer.status_code, answer.json()["error_code"]


def test_locked_database_refuses_writes_and_answers_reads(tmp_path: Path) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        assert (await client.post("/subjects/a/versions", json=body())).status_code == 200
        locker = sqlite3.connect(tmp_path / "r.db", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        writes = [client.post(f"/subjects/{name}/versions", json=body(1)) for name in "bcd"]
        reading = client.get("/subjects/a/versions/latest")
        *refused, read = await asyncio.gather(*writes, reading)
        assert {refusal(each) for each in refused} == {(500, 50002)}
        assert read.json()["schema"] == body()["schema"]
        locker.rollback()
        locker.close()
        assert (await client.post("/subjects/b/versions", json=body(1))).json()["version"] == 1
        assert (await client.get("/subjects")).json() == ["a", "b"]

    run(SqliteStore(tmp_path / "r.db", timeout=0.2), scenario)


class _FailingCommits(SqliteStore):
    """A store whose disk fails when a group of writes is to be kept."""

    failing = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        outermost = not getattr(self._local, "depth", 0)
        with super().transaction():
            yield
            if outermost and self.failing:
                raise StoreError("the disk is full; nothing was written")


def test_whoever_shares_a_commit_that_fails_is_told_so(tmp_path: Path) -> None:
    store = _FailingCommits(tmp_path / "r.db")

    async def scenario(client: httpx.AsyncClient) -> None:
        assert (await client.post("/subjects/a/versions", json=body())).status_code == 200
        store.failing = True
        good = [client.post(f"/subjects/b{number}/versions", json=body(number)) for number in range(6)]
        bad = client.post("/subjects/c/versions", json={**body(), "schema": "message {"})
        *failed, invalid = await asyncio.gather(*good, bad)
        assert {refusal(each) for each in failed} == {(500, 50001)}
        assert refusal(invalid) == (422, 42201)
        store.failing = False
        assert (await client.get("/subjects")).json() == ["a"]

    run(store, scenario)


def test_one_that_is_refused_leaves_the_others_of_its_commit_alone(tmp_path: Path) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        await client.post("/subjects/a/versions", json=body())
        await client.put("/mode/readonly", json={"mode": "READONLY"})
        broken = {**body(), "schema": body()["schema"].replace("int64", "string")}
        answers = await asyncio.gather(
            client.post("/subjects/b/versions", json=body(1)),
            client.post("/subjects/a/versions", json=broken),
            client.post("/subjects/readonly/versions", json=body(2)),
            client.post("/subjects/c/versions", json=body(3)),
        )
        assert [each.status_code for each in answers] == [200, 409, 422, 200]
        assert (await client.get("/subjects")).json() == ["a", "b", "c"]
        assert (await client.get("/subjects/a/versions")).json() == [1]

    run(SqliteStore(tmp_path / "r.db"), scenario)


def test_damaged_database_is_a_failure_of_the_store(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    store = SqliteStore(path)
    # Else the damaged pages would be read from the log beside them.
    sqlite3.connect(path, isolation_level=None).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))

    async def scenario(client: httpx.AsyncClient) -> None:
        assert refusal(await client.get("/subjects")) == (500, 50001)
        assert refusal(await client.post("/subjects/a/versions", json=body())) == (500, 50001)
        assert (await client.get("/livez")).status_code == 200

    run(store, scenario)


class _Defective(SqliteStore):
    """A store with a defect of its own."""

    def subjects(self, prefix: str = "", *, deleted: bool = False) -> tuple[str, ...]:  # noqa: ARG002 - of the port
        raise ZeroDivisionError("secret of the implementation")


def test_defect_is_told_without_its_traceback(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        answer = await client.get("/subjects")
        assert refusal(answer) == (500, 500)
        assert "secret" not in answer.text

    run(_Defective(tmp_path / "r.db"), scenario)
    assert "secret of the implementation" in caplog.text
