"""Where a registry is kept, and how it is opened: the one place that knows both stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from registry.errors import StoreError

if TYPE_CHECKING:
    from registry.ports import Store

__all__ = ["open_store"]

_POSTGRES: Final = ("postgresql://", "postgres://")
_SQLITE: Final = "sqlite:///"


def open_store(database: str, *, timeout: float = 10.0, read_only: bool = False) -> Store:
    """Open a SQLite file by its path or `sqlite:///path`, or PostgreSQL by `postgresql://...`.

    Raises:
        StoreError: it is not a registry, cannot be reached, or its driver is not installed.
    """
    # Either driver is loaded only where it is used.
    if database.startswith(_POSTGRES):
        from registry.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(database, timeout=timeout, read_only=read_only)
    path = database.removeprefix(_SQLITE)
    if "://" in path or "\0" in path or not path:
        raise StoreError(
            f"database {database!r}: is neither a path nor sqlite:///path nor postgresql://user@host/database"
        )
    from registry.sqlite import SqliteStore  # noqa: PLC0415

    return SqliteStore(path, timeout=timeout, read_only=read_only)
