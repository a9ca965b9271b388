"""Several gateway processes on one store: no command twice, no failure that is not an answer, nothing lost by kill."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.gateway.stores.test_postgres import fresh_url
from tests.support.gateway import RunningGateway, serve_gateway

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKERS = 4


@pytest.fixture(params=["sqlite", "postgres"])
def many(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningGateway]:
    """Four processes behind one port."""
    more = []
    if request.param == "postgres":
        more = ["--db", fresh_url(request.getfixturevalue("postgres_server"))]
    with serve_gateway(tmp_path / "data", "--workers", str(WORKERS), *more) as running:
        yield running


def clients(running: RunningGateway) -> list[httpx.AsyncClient]:
    """Many connections, so that all processes get some."""
    return [httpx.AsyncClient(base_url=running.url, timeout=60, trust_env=False) for _ in range(20)]


async def closed(opened: list[httpx.AsyncClient]) -> None:
    for client in opened:
        await client.aclose()


def test_one_command_id_is_one_event_whoever_hears_it(many: RunningGateway) -> None:
    async def work() -> tuple[Counter[int], set[bytes]]:
        opened = clients(many)
        statuses: Counter[int] = Counter()
        answers: set[bytes] = set()
        try:
            for round_number in range(3):
                body = {
                    "command_id": f"c{round_number}",
                    "email": f"r{round_number}@example.com",
                    "first_name": "Ann",
                    "last_name": "Lee",
                }
                posts = (opened[n % 20].post("/commands/user/dual-create", json=body) for n in range(50))
                for reply in await asyncio.gather(*posts):
                    statuses[reply.status_code] += 1
                    if reply.status_code == 201:
                        answers.add(reply.content)
                    else:
                        assert reply.headers["retry-after"], reply.text
                # Who asks again hears what became of it.
                again = await opened[0].post("/commands/user/dual-create", json=body)
                assert again.status_code == 201
                answers.add(again.content)
        finally:
            await closed(opened)
        return statuses, answers

    statuses, answers = asyncio.run(work())
    assert set(statuses) <= {201, 409}
    assert len(answers) == 3
    with many.client() as client:
        events = client.get("/events", params={"limit": 1000}).json()
    assert [event["event_type"] for event in events] == ["UserCreated"] * 3


def test_concurrent_changes_of_one_user_are_done_or_refused(many: RunningGateway) -> None:
    with many.client() as client:
        user = many.create_user(client)["id"]

    async def work() -> Counter[int]:
        opened = clients(many)
        try:
            posts = (
                opened[n % 20].post(f"/commands/user/{user}/change-email", json={"new_email": f"n{n}@example.com"})
                for n in range(400)
            )
            return Counter(reply.status_code for reply in await asyncio.gather(*posts))
        finally:
            await closed(opened)

    statuses = asyncio.run(work())
    assert set(statuses) <= {200, 409}
    assert statuses[200] > 0
    with many.client() as client:
        events = client.get("/events", params={"limit": 1000}).json()
        state = client.get(f"/queries/user/{user}").json()
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    assert len(events) == 1 + statuses[200]
    last = events[-1]["payload"]
    assert state["version"] == len(events)
    assert state["email"] == last["email"]


def test_an_acknowledged_command_survives_kill(tmp_path: Path) -> None:
    """Through HTTP: a gateway is killed under load and started again, three times."""
    acknowledged: dict[str, int] = {}
    for cycle in range(3):
        with serve_gateway(tmp_path / "data") as running:
            _create_until_killed(running, cycle, acknowledged)
    with serve_gateway(tmp_path / "data") as running, running.client() as client:
        events: list[dict[str, Any]] = []
        while page := client.get("/events", params={"after": len(events), "limit": 1000}).json():
            events += page
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    by_email = Counter(event["payload"]["email"] for event in events)
    assert set(by_email.values()) == {1}
    found = {event["payload"]["email"]: event["position"] for event in events}
    assert acknowledged
    assert {email: found.get(email) for email in acknowledged} == acknowledged


def _create_until_killed(running: RunningGateway, cycle: int, acknowledged: dict[str, int]) -> None:
    def create(writer: int) -> None:
        with running.client() as client:
            for number in range(100_000):
                email = f"c{cycle}-{writer}-{number}@example.com"
                body = {"email": email, "first_name": "Ann", "last_name": "Lee"}
                try:
                    reply = client.post("/commands/user/create", json=body)
                except httpx.HTTPError:
                    return
                if reply.status_code == 201:
                    acknowledged[email] = reply.json()["position"]

    threads = [threading.Thread(target=create, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.4)
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    for thread in threads:
        thread.join()
