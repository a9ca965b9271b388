"""Forty processes at once: none lost, none crashed, versions without gaps."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from registry.settings import open_store

if TYPE_CHECKING:
    from tests.registry.registering import Result
    from tests.support.postgres import PostgresServer

PROCESSES = 40
SAME = 1000
"""The number of the content that many processes register."""
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "registry.db")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"concurrency_{uuid4().hex}"
    with closing(open_store(server.url)) as store:
        store._rows(f"CREATE SCHEMA {name}")  # type: ignore[attr-defined]  # noqa: SLF001 - a schema of our own
    return f"{server.url}&options=-csearch_path%3D{name}"


def register_all(database: str, jobs: list[tuple[str, int]]) -> list[Result]:
    """Register (subject, number of the content) in a process each, all at the same moment."""
    command = [sys.executable, "-m", "tests.registry.registering", database, json.dumps(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    results: list[Result] = json.loads(done.stdout)
    return results


def test_parallel_registers_lose_nothing(database: str) -> None:
    # A third each: other content to one subject, the same content to one subject, the same content to other subjects.
    jobs = [
        ("shared", number) if number % 3 == 0 else ("same", SAME) if number % 3 == 1 else (f"own{number}", SAME)
        for number in range(PROCESSES)
    ]
    results = register_all(database, jobs)

    shared = sorted((version, new) for subject, _, version, _, new in results if subject == "shared")
    assert shared == [(version, True) for version in range(1, len(shared) + 1)]
    same = [(version, new) for subject, _, version, _, new in results if subject == "same"]
    assert {version for version, _ in same} == {1}
    assert sum(new for _, new in same) == 1
    assert len({schema_id for _, number, _, schema_id, _ in results if number == SAME}) == 1
    assert {schema_id for _, _, _, schema_id, _ in results} == set(range(1, len(shared) + 2))

    with closing(open_store(database)) as store:
        assert len(store.heads("shared")) == len(shared)
        assert len(store.heads("same")) == 1
        assert set(store.subjects()) == {subject for subject, _ in jobs}


def test_processes_that_create_the_database_together_agree(tmp_path: Path) -> None:
    database = str(tmp_path / "deep" / "registry.db")
    script = f"from registry.settings import open_store; open_store({database!r}, timeout=60).close()"
    processes = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(8)
    ]
    assert [process.communicate()[1] for process in processes] == [""] * 8
    with closing(open_store(database)) as store:
        assert store.is_alive()
