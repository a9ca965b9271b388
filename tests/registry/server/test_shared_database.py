"""Several processes on one database: no answer is older than what another process has acknowledged."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from registry.service import Registry
from registry.settings import open_store
from tests.registry.server.contracts import MONEY
from tests.registry.server.running import serve

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.support.postgres import PostgresServer


def money(version: int) -> str:
    return MONEY.replace("units", f"units_{version}")


def register(rest: httpx.Client, subject: str, text: str) -> int:
    answer = rest.post(f"/subjects/{subject}/versions", json={"schemaType": "PROTOBUF", "schema": text})
    assert answer.status_code == 200, answer.text
    version: int = answer.json()["version"]
    return version


def test_answers_from_memory_end_with_the_write_of_any_process(tmp_path: Path) -> None:
    database = str(tmp_path / "r.db")
    with serve(database) as first, serve(database) as second, first.client() as one, second.client() as other:
        for version in range(1, 20):
            register(one if version % 2 else other, "money", money(version))
            for rest in (one, other):
                for _ in range(2):  # The second time from memory.
                    assert rest.get("/subjects/money/versions/latest").json()["version"] == version
        # The command line is a process as well.
        store = open_store(database)
        registry = Registry(store)
        registry.delete_version("money", 19)
        for rest in (one, other):
            assert rest.get("/subjects/money/versions/latest").json()["version"] == 18
        registry.delete_subject("money")
        store.close()
        for rest in (one, other):
            assert rest.get("/subjects/money/versions/latest").status_code == 404


def test_servers_that_register_at_once_lose_nothing(tmp_path: Path) -> None:
    database = str(tmp_path / "r.db")
    made: list[tuple[str, int]] = []

    def keep_registering(rest: httpx.Client, number: int) -> None:
        for version in range(10):
            text = money(number * 100 + version)
            made.append((f"s{version}", register(rest, f"s{version}", text)))

    with serve(database) as first, serve(database) as second, first.client() as one, second.client() as other:
        one.put("/config", json={"compatibility": "NONE"})
        threads = [
            threading.Thread(target=keep_registering, args=(rest, number))
            for number, rest in enumerate((one, other, one, other))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == len(set(made)) == 40
        for version in range(10):
            assert one.get(f"/subjects/s{version}/versions").json() == [1, 2, 3, 4]


@pytest.mark.postgres
def test_server_on_postgresql(postgres_server: PostgresServer) -> None:
    url = postgres_server.url
    with serve(url) as first, serve(url) as second, first.client() as one, second.client() as other:
        for version in range(1, 6):
            register(one if version % 2 else other, "money", money(version))
            for rest in (one, other):
                for _ in range(2):
                    assert rest.get("/subjects/money/versions/latest").json()["version"] == version
        assert one.get("/readyz").status_code == 200
        bad = one.post("/subjects/money/versions", json={"schemaType": "PROTOBUF", "schema": "message {"})
        assert bad.json()["error_code"] == 42201
        assert one.get("/subjects/%00/versions").status_code == 422
