"""A bootstrap and a capture that are killed at any moment end in the same state as those that are not."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from gateway.wiring import open_store
from tests.gateway.bridge.test_bootstrap import verified
from tests.gateway.stores.test_postgres import fresh_url
from tests.support.bridge import MAPPING, ROOT, Legacy, users

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 8_000


def command(action: str, legacy: Legacy, data: Path, store: str) -> list[str]:
    base = [sys.executable, "-m", "gateway", "bridge", action, "--source", legacy.url, "--mapping", str(MAPPING)]
    return [*base, "--contracts", str(ROOT / "contracts"), "--data-dir", str(data), "--db", store, "--json"]


def kill_after(words: list[str], seconds: float) -> bool:
    """Run, kill after a while, and tell whether it was still running."""
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    process.communicate()
    return False


def finish(words: list[str]) -> dict[str, Any]:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


async def events_of(store: str) -> Counter[str]:
    opened = await open_store(store)
    counted: Counter[str] = Counter()
    try:
        after = 0
        while events := await opened.read_all(after=after, limit=5000, category="user"):
            counted.update(event.stream for event in events)
            after = events[-1].position
    finally:
        await opened.aclose()
    return counted


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_rows_come_over_exactly_once(
    sqlite_legacy: Legacy, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    sqlite_legacy.insert(users(COUNT))
    store = fresh_url(request.getfixturevalue("postgres_server")) if kind == "postgres" else str(tmp_path / "events.db")
    words = [*command("bootstrap", sqlite_legacy, tmp_path, store), "--batch-size", "100", "--no-verify"]
    chance = random.Random(7)
    began = time.monotonic()
    finish([*words, "--limit", "1"])
    start = time.monotonic() - began
    kills = sum(kill_after(words, start * chance.uniform(0.8, 1.3)) for _ in range(5))
    assert kills >= 2, "killed too late to mean anything"
    document = finish(words[:-1])
    assert document["tables"][0]["verification"]["is_equal"] is True
    counted = asyncio.run(events_of(store))
    assert (len(counted), set(counted.values())) == (COUNT, {1})
    if kind == "sqlite":
        assert verified(sqlite_legacy, tmp_path).is_equal


def test_a_capture_that_is_killed_repeats_nothing(sqlite_legacy: Legacy, tmp_path: Path) -> None:
    count = 1500
    sqlite_legacy.insert(users(count))
    store = str(tmp_path / "events.db")
    finish(command("bootstrap", sqlite_legacy, tmp_path, store))
    words = command("capture", sqlite_legacy, tmp_path, store)
    subprocess.run([*words[:-1], "--install", "triggers"], cwd=ROOT, check=True, capture_output=True)
    sqlite_legacy.run("UPDATE users SET age = age + 1")
    chance = random.Random(3)
    for _ in range(3):
        kill_after(words, chance.uniform(0.9, 1.6))
    finish(words)
    assert verified(sqlite_legacy, tmp_path).is_equal
    assert set(asyncio.run(events_of(store)).values()) == {2}
