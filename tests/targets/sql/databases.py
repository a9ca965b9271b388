"""Real databases for the DDL and the rows of one message at a time."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

import psycopg
from psycopg import sql

from protoc_gen_protogate.targets.sql.dialects import DIALECTS
from protoc_gen_protogate.targets.sql.rows import insert_statement, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protoc_gen_protogate.targets.sql.rows import Row
    from protoc_gen_protogate.targets.sql.tables import Table

__all__ = ["Database", "Postgres", "Sqlite", "insert_document"]


class Database(Protocol):
    """Takes DDL, and rows that are taken back at once."""

    dialect: str

    def load(self, ddl: str) -> None:
        """Start anew with the tables of `ddl`."""
        ...

    def refusal(self, rows: list[Row]) -> str:
        """What the database says against the rows, empty when it takes them; leaves no row behind."""
        ...


class Sqlite:
    """SQLite in memory."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)

    def load(self, ddl: str) -> None:
        self._connection.close()
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(ddl)

    def refusal(self, rows: list[Row]) -> str:
        self._connection.execute("BEGIN")
        try:
            for row in rows:
                values = [str(value) if type(value).__name__ == "Decimal" else value for value in row.values]
                self._connection.execute(_insert(row.table, "?", "sqlite"), values)
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            self._connection.execute("ROLLBACK")
        return ""

    def close(self) -> None:
        self._connection.close()


_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"


class Postgres:
    """A database of its own on a real server."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(url, autocommit=True)

    def load(self, ddl: str) -> None:
        for (name,) in self._connection.execute(_SCHEMAS).fetchall():
            self._connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
        self._connection.execute("CREATE SCHEMA public")
        self._connection.execute(ddl.encode())

    def refusal(self, rows: list[Row]) -> str:
        try:
            with self._connection.transaction(force_rollback=True):
                for row in rows:
                    self._connection.execute(_insert(row.table, "%s", "postgresql").encode(), row.values)
        except (psycopg.Error, UnicodeEncodeError) as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def close(self) -> None:
        self._connection.close()


def insert_document(database: Database, table: Table, document: Mapping[str, Any]) -> str:
    """What the database says against a document, empty when it takes it."""
    return database.refusal(list(rows_of(table, document, database.dialect, key=1)))


def _insert(table: Table, placeholder: str, dialect: str) -> str:
    quoted = {column.name: DIALECTS[dialect].identifier(column.name) for column in table.columns}
    return insert_statement(table, placeholder, quoted)
