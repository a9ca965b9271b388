"""Opens the search index that belongs to an event store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.slices.search.ports import SearchIndex

__all__ = ["open_search_index"]


def open_search_index(database: str, data_directory: Path) -> SearchIndex:
    """Open the index in the PostgreSQL database of the event store, or in a file of the data directory.

    Raises:
        UserError: it cannot be opened.
    """
    if database.startswith(("postgresql://", "postgres://")):
        from gateway.stores.search_postgres import PostgresSearchIndex  # noqa: PLC0415 - psycopg is an extra

        return PostgresSearchIndex(database)
    from gateway.stores.search_sqlite import SqliteSearchIndex  # noqa: PLC0415 - as above

    return SqliteSearchIndex(data_directory / "search.db")
