"""How a SQLite file comes to write ahead (WAL) when several processes make it at the same moment."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_ahead"]

_TRY: Final = 0.2
"""Seconds that one connection waits for the file."""
_PRIMARY_CODE: Final = 0xFF
_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def write_ahead(path: Path, timeout: float) -> None:
    """Have a file write ahead from now on, whoever else does the same.

    The switch wants the file for itself. A connection that looked at the file before somebody else switched waits in
    vain as long as that one keeps it open, so each try is a connection of its own, and a short one.

    Args:
        path: of the database; it is made where it is not there.
        timeout: seconds to go on trying.

    Raises:
        sqlite3.Error: it stayed locked, or is no database.
    """
    ends = time.monotonic() + timeout
    while True:
        with closing(sqlite3.connect(path, timeout=min(_TRY, timeout), isolation_level=None)) as connection:
            try:
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                is_locked = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _LOCKED
                if not is_locked or time.monotonic() > ends:
                    raise
            else:
                return
