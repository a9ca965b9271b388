"""Loads generated DDL into real databases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg

from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["load_each_into_sqlite", "load_into_postgres", "load_into_sqlite"]


def load_each_into_sqlite(out: Path) -> tuple[int, list[str]]:
    """Load every script below a folder into an SQLite database of its own; a line for each that fails."""
    scripts = sorted(out.rglob("*.sql"))
    failures = []
    for path in scripts:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            try:
                connection.executescript(path.read_text())
            except sqlite3.Error as error:
                failures.append(f"{path.relative_to(out)}: {error}")
    return len(scripts), failures


def load_into_sqlite(out: Path) -> tuple[int, list[str]]:
    """Load every script below a folder into one SQLite database; a line for each that it refuses."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        return _load(out, connection.executescript)


def load_into_postgres(out: Path) -> tuple[int, list[str]]:
    """Load every script below a folder into one PostgreSQL database; a line for each that it refuses."""
    with PostgresServer.running() as server, psycopg.connect(server.url, autocommit=True) as connection:
        return _load(out, lambda script: connection.execute(script.encode()))


def _load(out: Path, execute: Callable[[str], object]) -> tuple[int, list[str]]:
    """Tables may refer to tables of other files, so scripts are tried again while that helps."""
    waiting = {path: path.read_text() for path in sorted(out.rglob("*.sql"))}
    files = len(waiting)
    errors: dict[Path, str] = {}
    progress = True
    while waiting and progress:
        progress = False
        for path, script in list(waiting.items()):
            try:
                execute(script)
            except (sqlite3.Error, psycopg.Error) as error:
                errors[path] = f"{path.relative_to(out)}: {str(error).splitlines()[0]}"
            else:
                del waiting[path]
                progress = True
    return files, [errors[path] for path in waiting]
