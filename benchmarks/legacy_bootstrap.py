"""`docs/legacy-benchmarks.md`: a million rows of a legacy table, killed twice, beside the store's own batch append."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from benchmarks.process import ROOT, ProcessError, environment, measure
from benchmarks.speed_report import machine
from gateway.wiring import open_store
from protogate.cqrs.messages import Append, Commit, Expectation, NewEvent

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["measure_legacy"]

_MAPPING: Final = ROOT / "contracts/legacy_bridge/user/user.mapping.yaml"
_BATCH: Final = 2000
_RATE: Final = 40_000
_SHARE: Final = 0.5
_MEMORY: Final = 250
_MEBIBYTE: Final = 1 << 20


class _Run(NamedTuple):
    rate: float
    """Rows a second, the start of the process not counted."""
    wall: float
    peak: float
    """MiB."""


def measure_legacy(rows: int, rounds: int, say: Callable[[str], None]) -> tuple[str, bool]:
    """Measure; give the page and whether every goal is met."""
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        folder = Path(name)
        say(f"making {rows:,} rows")
        _make(folder / "legacy.db", rows)
        runs, own = [], []
        for number in range(rounds):
            say(f"bootstrap, round {number + 1}")
            runs.append(_bootstrap(folder, f"run{number}", rows))
            say(f"the store's own batch append, round {number + 1}")
            own.append(_own(folder / f"own{number}.db", rows))
        say("killed twice")
        killed = _killed(folder, rows)
    rate, peer = (statistics.median(values) for values in ([one.rate for one in runs], own))
    share = statistics.median(one.rate / other for one, other in zip(runs, own, strict=True))
    peak = max(one.peak for one in runs)
    verification = killed["verification"]
    once = verification["is_equal"] and verification["equal"] == verification["streams"] == rows
    goals = [
        (
            "rows a second",
            f">= {_RATE:,}, or >= {_SHARE} of the store's own batch append",
            f"{rate:,.0f}, which is {share:.2f} of {peer:,.0f}",
            rate >= _RATE or share >= _SHARE,
        ),
        ("peak memory", f"<= {_MEMORY} MiB", f"{peak:,.0f} MiB", peak <= _MEMORY),
        ("killed twice, then finished", "each row once, digests equal", _told(killed), once),
    ]
    lines = [
        "# Benchmarks of the legacy bridge",
        "",
        f"Written by `python -m benchmarks legacy` on {datetime.now(UTC):%Y-%m-%d}; {machine()}.",
        "",
        f"A table of {rows:,} users in SQLite is taken over into the event store in SQLite, with the conversions and",
        "the `buf.validate` rules of this repository's own mapping and the names that users claim. The peer is the",
        f"store alone: the same events, {_BATCH:,} in a commit, nothing read, converted or checked, and no claims.",
        f"Medians of {rounds} rounds, in which both take turns. A run that is killed is ended with SIGKILL, twice, and",
        "started again.",
        "",
        "| what | goal | measured | met |",
        "|---|---|---|---|",
        *(f"| {what} | {goal} | {found} | {'yes' if met else 'no'} |" for what, goal, found, met in goals),
        "",
    ]
    return "\n".join(lines), all(met for *_, met in goals)


def _told(killed: dict[str, Any]) -> str:
    found = killed["verification"]
    return f"{found['equal']:,} equal, {found['different'] + found['missing'] + found['vanished']:,} not"


def _make(path: Path, rows: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE users(id TEXT PRIMARY KEY, email TEXT, first_name TEXT, last_name TEXT, age INTEGER,"
        " is_active BOOLEAN)"
    )
    connection.executemany("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)", map(_row, range(rows)))
    connection.commit()
    connection.close()


def _row(number: int) -> tuple[str, str, str, str, int, bool]:
    return f"u-{number:08d}", f"user{number}@example.com", "Ann", f"Bee {number}", 18 + number % 60, number % 7 != 0


def _command(folder: Path, name: str, *more: str) -> list[str]:
    words = [sys.executable, "-m", "gateway", "bridge", "bootstrap", "--json", "--mapping", str(_MAPPING)]
    words += ["--source", f"sqlite:///{folder}/legacy.db", "--contracts", str(ROOT / "contracts")]
    return [*words, "--data-dir", str(folder / name), *more]


def _bootstrap(folder: Path, name: str, rows: int) -> _Run:
    start = measure(_command(folder, f"{name}-start", "--no-verify", "--limit", "1"))
    cost = measure(_command(folder, name, "--no-verify"))
    return _Run(rows / (cost.wall - start.wall), cost.wall, cost.peak / _MEBIBYTE)


def _own(path: Path, rows: int) -> float:
    """Events a second of the store alone."""
    documents = [
        {"userId": one[0], "email": one[1], "firstName": one[2], "lastName": one[3], "age": one[4], "isActive": one[5]}
        for one in map(_row, range(_BATCH))
    ]
    metadata = {"in_legacy": True, "legacy_subject": "user.legacy"}

    async def work() -> float:
        store = await open_store(str(path))
        began = time.perf_counter()
        for start in range(0, rows, _BATCH):
            appends = tuple(
                Append(
                    f"user/u-{start + place:08d}",
                    (NewEvent("UserCreated", documents[place], metadata),),
                    Expectation.ABSENT,
                )
                for place in range(min(_BATCH, rows - start))
            )
            await store.commit(Commit(appends))
        seconds = time.perf_counter() - began
        await store.aclose()
        return rows / seconds

    return asyncio.run(work())


def _killed(folder: Path, rows: int) -> dict[str, Any]:
    """Kill a run twice in the middle, finish it, and give what it says of itself."""
    data = folder / "killed"
    note = data / "bridge/user.legacy.checkpoint.json"
    for share in (0.3, 0.6):
        process = subprocess.Popen(
            _command(folder, "killed", "--no-verify"), cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL
        )
        while _read(note) < rows * share:
            if process.poll() is not None:
                raise ProcessError("a run ended before it could be killed; take more rows")
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(
        _command(folder, "killed"), cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProcessError(f"the last run failed: {done.stdout}{done.stderr}")
    table: dict[str, Any] = json.loads(done.stdout)["tables"][0]
    return table


def _read(note: Path) -> int:
    try:
        return int(json.loads(note.read_text())["counts"]["read"])
    except FileNotFoundError:
        return 0
