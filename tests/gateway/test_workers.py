"""Several processes on one port and one database."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.support.event_clients import open_stream
from tests.support.gateway import RunningGateway, serve_gateway
from tests.support.postgres import PostgresMissingError, PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def crew(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with ExitStack() as stack:
        options = ["--workers", "3"]
        if request.param == "postgres":
            try:
                server = stack.enter_context(PostgresServer.running())
            except PostgresMissingError as error:
                pytest.skip(str(error))
            options += ["--db", server.url]
        data = tmp_path_factory.mktemp("crew") / "data"
        yield stack.enter_context(serve_gateway(data, *options))


def workers_of(crew: RunningGateway) -> list[int]:
    with open(f"/proc/{crew.process.pid}/task/{crew.process.pid}/children") as children:  # noqa: PTH123 - no file
        return [int(word) for word in children.read().split()]


def ask_many(crew: RunningGateway, url: str, bodies: list[dict[str, str]]) -> list[httpx.Response]:
    """Send commands at once, each over a connection of its own, so that they reach different workers."""

    def ask(body: dict[str, str]) -> httpx.Response:
        with crew.client() as client:
            return client.post(url, json=body)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return list(pool.map(ask, bodies))


def test_the_same_command_id_at_many_workers_is_one_event(crew: RunningGateway) -> None:
    body = {"command_id": "crew", "email": "crew@example.com", "first_name": "A", "last_name": "B"}
    answers = ask_many(crew, "/commands/user/dual-create", [body] * 50)
    assert {one.status_code for one in answers} <= {201, 409}
    ids = {one.json()["aggregate_id"] for one in answers if one.status_code == 201}
    assert len(ids) == 1
    with crew.client() as client:
        assert len(client.get("/events", params={"aggregate_id": ids.pop()}).json()) == 1


def test_changes_at_many_workers_succeed_or_conflict(crew: RunningGateway) -> None:
    with crew.client() as client:
        user = crew.create_user(client)["id"]
    bodies = [{"new_email": f"crew{number}@example.com"} for number in range(100)]
    statuses = [one.status_code for one in ask_many(crew, f"/commands/user/{user}/change-email", bodies)]
    assert set(statuses) <= {200, 409}
    with crew.client() as client:
        versions = [one["version"] for one in client.get("/events", params={"aggregate_id": user}).json()]
    assert versions == list(range(1, statuses.count(200) + 2))


def test_a_stream_carries_the_events_of_all_workers(crew: RunningGateway) -> None:
    with crew.client() as client:
        start = client.get("/health").json()["position"]
    with open_stream(crew.url, after=start) as frames:
        bodies = [{"email": f"all{number}@example.com", "first_name": "A", "last_name": "B"} for number in range(30)]
        made = [one.json()["position"] for one in ask_many(crew, "/commands/user/create", bodies)]
        assert [next(frames).position for _ in made] == sorted(made)


def test_counters_are_those_of_all_workers(crew: RunningGateway) -> None:
    def counted(client: httpx.Client) -> float:
        name = 'protogate_gateway_requests_total{method="GET",route="/livez",status="200"}'
        lines = client.get("/metrics").text.splitlines()
        return float(next((line.split()[-1] for line in lines if line.startswith(name)), "0"))

    with crew.client() as client:
        before = counted(client)
    for _ in range(20):
        with crew.client() as client:
            assert client.get("/livez").status_code == 200
    with crew.client() as client:
        assert counted(client) == before + 20


def test_a_worker_that_dies_is_replaced(crew: RunningGateway) -> None:
    before = workers_of(crew)
    assert len(before) == 3
    os.kill(before[0], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while (now := workers_of(crew)) == before or len(now) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with crew.client() as client:
        crew.create_user(client)


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    with serve_gateway(tmp_path / "data", "--workers", "2") as gateway:
        with gateway.client() as client:
            assert client.get("/livez").status_code == 200
        gateway.process.kill()
        gateway.process.wait()
        deadline = time.monotonic() + 10
        while is_listening(gateway.port):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
