"""The schema of a server's database as numbered steps, one file each; a step that was released never changes."""

from __future__ import annotations

import sqlite3
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["load_steps"]

_COMMENT: Final = "--"


@cache
def load_steps(package: str, dialect: str) -> tuple[tuple[str, ...], ...]:
    """Give the statements of every step of a package's folder for a dialect, in order: `0001_*.sql` first."""
    folder = files(package) / dialect
    steps = sorted(each.name for each in folder.iterdir() if each.name.endswith(".sql"))
    return tuple(_statements((folder / name).read_text(encoding="utf-8")) for name in steps)


def _statements(text: str) -> tuple[str, ...]:
    """Cut where SQLite says that a statement is complete: a trigger has semicolons inside."""
    lines = (line for line in text.splitlines() if not line.startswith(_COMMENT))
    found: list[str] = []
    statement = ""
    for part in "\n".join(lines).split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            found.append(statement.strip().removesuffix(";"))
            statement = ""
    return tuple(one for one in found if one.strip())
