"""Processes that make a SQLite file at the same moment all get it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from protogate.write_ahead import write_ahead

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_it_stays_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    for _ in range(2):
        write_ahead(path, 1)
        assert mode(path) == "wal"


def test_a_connection_that_looked_before_somebody_else_switched_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as early, closing(sqlite3.connect(path)) as first:
        early.execute("PRAGMA application_id").fetchone()
        write_ahead(path, 1)
        # It keeps the file open, as a server does.
        first.execute("CREATE TABLE t (a)")
        first.commit()
        before = time.monotonic()
        write_ahead(path, 5)
        assert time.monotonic() - before < 2
        early.execute("INSERT INTO t VALUES (1)")
        assert first.execute("SELECT a FROM t").fetchone() == (1,)


def test_whoever_keeps_the_file_locked_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as owner:
        owner.execute("CREATE TABLE t (a)")
        owner.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_ahead(path, 0.5)
        owner.execute("COMMIT")
        write_ahead(path, 5)
    assert mode(path) == "wal"


def test_many_processes_agree(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    script = (
        "import sqlite3, sys, time\nfrom pathlib import Path\nfrom protogate.write_ahead import write_ahead\n"
        f"path = Path({str(path)!r})\nearly = sqlite3.connect(path, isolation_level=None)\n"
        "early.execute('PRAGMA application_id').fetchone()\nwrite_ahead(path, 30)\n"
        "early.execute('CREATE TABLE IF NOT EXISTS t (a)')\nsys.stdin.read()\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(12)
    ]
    assert [one.communicate()[1] for one in processes] == [b""] * 12
    assert mode(path) == "wal"
