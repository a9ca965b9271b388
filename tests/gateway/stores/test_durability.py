"""What was acknowledged survives `kill -9`, in every store; what was not is whole or absent."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.gateway.stores.test_postgres import fresh_url
from tests.support.store_writer import commit_of, open_store

if TYPE_CHECKING:
    from protogate.cqrs.messages import StoredEvent

ROOT = Path(__file__).parents[3]
STORES = ["sqlite", "postgres", "nats"]
_STARTED = 60.0
"""Seconds for a process to write its first commit, on a machine that has much else to do."""


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of the kind that the test is about."""
    if request.param == "postgres":
        return fresh_url(request.getfixturevalue("postgres_server"))
    if request.param == "nats":
        return f"{request.getfixturevalue('nats_server').url}/D{time.time_ns()}"
    return str(tmp_path / "events.db")


@pytest.mark.parametrize("url", STORES, indirect=True)
def test_nothing_acknowledged_is_lost_by_kill(url: str) -> None:
    killed_under_load(url, cycles=3)


@pytest.mark.slow
@pytest.mark.parametrize("url", STORES, indirect=True)
def test_nothing_acknowledged_is_lost_by_fifty_kills(url: str) -> None:
    killed_under_load(url, cycles=50)


def killed_under_load(url: str, cycles: int) -> None:
    """Let a process write, kill it in the middle of it, again and again; then look at what is there."""
    chance = random.Random(cycles)
    acknowledged: dict[int, int] = {}
    for cycle in range(cycles):
        acknowledged |= _written_until_killed(url, first=cycle * 1_000_000, seconds=chance.uniform(0.05, 0.5))
    events, pending = asyncio.run(_contents(url))
    _check(acknowledged, events, pending)
    # A caller that heard nothing asks again with its key: the same answer, nothing new.
    asyncio.run(_asked_again(url, acknowledged, len(events)))


def _written_until_killed(url: str, first: int, seconds: float) -> dict[int, int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.store_writer", url, str(first)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    lines: list[bytes] = []
    started = threading.Event()

    def collect(stream: object) -> None:
        for line in stream:  # type: ignore[attr-defined]
            lines.append(line)
            started.set()

    reader = threading.Thread(target=collect, args=(process.stdout,))
    reader.start()
    assert started.wait(_STARTED), "nothing was written"
    time.sleep(seconds)
    process.kill()
    process.wait()
    reader.join()
    process.stdout.close()
    pairs = (line.split() for line in lines if line.endswith(b"\n"))
    return {int(number): int(position) for number, position in pairs}


async def _contents(url: str) -> tuple[tuple[StoredEvent, ...], list[int]]:
    store = await open_store(url)
    try:
        events: tuple[StoredEvent, ...] = ()
        while page := await store.read_all(after=len(events), limit=5000):
            events += page
        assert len(events) == await store.position()
        pending = [entry.body["number"] for _, entry in await store.pending("legacy", limit=1_000_000)]
    finally:
        await store.aclose()
    return events, pending


def _check(acknowledged: dict[int, int], events: tuple[StoredEvent, ...], pending: list[int]) -> None:
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    versions: Counter[str] = Counter()
    for event in events:
        versions[event.stream] += 1
        assert event.version == versions[event.stream]
    times = Counter(event.data["number"] for event in events)
    assert set(times.values()) == {2}, "a commit is half there, or there twice"
    last = {event.data["number"]: event.position for event in events}
    assert {number: last.get(number) for number in acknowledged} == acknowledged
    assert sorted(pending) == sorted(times), "events and outbox tell different stories"
    # In the order of their positions, as the relay needs them.
    assert [last[number] for number in pending] == sorted(last.values())


async def _asked_again(url: str, acknowledged: dict[int, int], count: int) -> None:
    store = await open_store(url)
    try:
        for number in random.Random(1).sample(sorted(acknowledged), min(50, len(acknowledged))):
            done = await store.commit(commit_of(number))
            assert done.is_replay
            assert done.answer is not None
            assert int(done.answer.body) == acknowledged[number]
        assert await store.position() == count
    finally:
        await store.aclose()
