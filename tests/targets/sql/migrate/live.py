"""Real databases that take whole scripts, and say in plain values which tables they hold."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

import psycopg
from psycopg import sql

from protoc_gen_protogate.targets.sql.dialects import DIALECTS
from protoc_gen_protogate.targets.sql.rows import insert_statement, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protoc_gen_protogate.targets.sql.tables import Table

__all__ = ["Live", "LivePostgres", "LiveSqlite", "Refused", "fill"]

Found = dict[str, dict[str, Any]]
"""What a database says of its tables: by table and by what is said."""


class Refused(Exception):  # noqa: N818 - what the database does
    """The database refused a script."""


class Live(Protocol):
    """A database of one test."""

    dialect: str

    def reset(self) -> None:
        """Drop everything."""
        ...

    def run(self, script: str) -> None:
        """Run a script as its clients would; raises `Refused`."""
        ...

    def insert(self, table: Table, values: tuple[Any, ...]) -> None: ...

    def rows(self, query: str) -> list[dict[str, Any]]: ...

    def structure(self) -> Found: ...


def fill(live: Live, tables: Iterable[Table], documents: Iterable[Mapping[str, Any]]) -> None:
    """Insert documents into the first of the tables."""
    root = next(iter(tables))
    for number, document in enumerate(documents, 1):
        for row in rows_of(root, document, live.dialect, key=number):
            live.insert(row.table, row.values)


def _statement(table: Table, placeholder: str, dialect: str) -> str:
    quoted = {column.name: DIALECTS[dialect].identifier(column.name) for column in table.columns}
    return insert_statement(table, placeholder, quoted)


class LiveSqlite:
    """SQLite in memory."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)

    def reset(self) -> None:
        self._connection.close()
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys = ON")

    def run(self, script: str) -> None:
        try:
            self._connection.executescript(script)
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise Refused(str(error)) from error

    def insert(self, table: Table, values: tuple[Any, ...]) -> None:
        plain = [str(value) if type(value).__name__ == "Decimal" else value for value in values]
        self._connection.execute(_statement(table, "?", "sqlite"), plain)

    def rows(self, query: str) -> list[dict[str, Any]]:
        cursor = self._connection.execute(query)
        names = [one[0] for one in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def close(self) -> None:
        self._connection.close()

    def structure(self) -> Found:
        found = {}
        for table in self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            name = table["name"]
            found[name] = {
                "columns": self._columns(name),
                "strict": self.rows(f"SELECT strict FROM pragma_table_list('{name}')")[0]["strict"],
                "keys": self._foreign_keys(name),
                "indexes": self._indexes(name),
                "checks": sorted(_checks(table["sql"])),
            }
        return found

    def _columns(self, table: str) -> dict[str, tuple[Any, ...]]:
        rows = self.rows(f"SELECT * FROM pragma_table_info('{table}')")
        return {row["name"]: (row["type"], row["notnull"], row["dflt_value"], row["pk"]) for row in rows}

    def _foreign_keys(self, table: str) -> list[tuple[Any, ...]]:
        rows = self.rows(f"SELECT * FROM pragma_foreign_key_list('{table}')")
        by_id: dict[int, list[tuple[Any, ...]]] = {}
        for row in sorted(rows, key=lambda row: row["seq"]):
            by_id.setdefault(row["id"], []).append((row["table"], row["from"], row["to"], row["on_delete"]))
        return sorted(map(tuple, by_id.values()))

    def _indexes(self, table: str) -> list[tuple[Any, ...]]:
        found = []
        for row in self.rows(f"SELECT * FROM pragma_index_list('{table}')"):
            columns = tuple(c["name"] for c in self.rows(f"SELECT name FROM pragma_index_info('{row['name']}')"))
            # The names of automatic indexes say only in which order they were made.
            found.append((row["name"] if row["origin"] == "c" else "", row["origin"], row["unique"], columns))
        return sorted(found)


_TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[()]|[^\s()'\"]+|\s+")


def _checks(ddl: str) -> list[str]:
    """The conditions of all CHECKs, alike whatever the layout and needless quotes."""
    tokens = [one for one in _TOKEN.findall(ddl) if not one.startswith("--") and one.strip()]
    found = []
    for start, token in enumerate(tokens):
        if token.upper() != "CHECK":
            continue
        depth, end = 0, start + 1
        while True:
            depth += {"(": 1, ")": -1}.get(tokens[end], 0)
            if depth == 0:
                break
            end += 1
        found.append(" ".join(_plain(one) for one in tokens[start + 1 : end + 1]))
    return found


def _plain(token: str) -> str:
    if token.startswith('"'):
        return token[1:-1].replace('""', '"')
    return token if token.startswith("'") else re.sub(r"\s+", " ", token)


_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
_COLUMNS = """
SELECT c.oid::regclass::text AS table, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
  pg_get_expr(d.adbin, d.adrelid), a.attidentity, col_description(c.oid, a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text !~ '^pg_|^information_schema$'
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid), convalidated
FROM pg_constraint WHERE contype <> 'n' AND connamespace::regnamespace::text !~ '^pg_|^information_schema$'
"""
_INDEXES = """
SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), obj_description(indrelid)
FROM pg_index i JOIN pg_class c ON c.oid = indrelid
WHERE c.relnamespace::regnamespace::text !~ '^pg_|^information_schema$'
"""


class LivePostgres:
    """One database on a real server."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        # Prepared statements would not outlive the tables that the tests change.
        self._connection: psycopg.Connection[Any] = psycopg.connect(url, autocommit=True, prepare_threshold=None)
        # Nothing here has to outlive a crash, and the disk is what these tests would wait for.
        self._connection.execute("SET synchronous_commit = off")
        self._connection.execute("SET client_min_messages = error")

    def reset(self) -> None:
        for (name,) in self._connection.execute(_SCHEMAS).fetchall():
            self._connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
        self._connection.execute("CREATE SCHEMA public")

    def run(self, script: str) -> None:
        try:
            self._connection.execute(script.encode())
        except psycopg.Error as error:
            self._connection.execute("ROLLBACK")
            raise Refused(str(error)) from error

    def insert(self, table: Table, values: tuple[Any, ...]) -> None:
        self._connection.execute(_statement(table, "%s", "postgresql").encode(), values)

    def rows(self, query: str) -> list[dict[str, Any]]:
        cursor = self._connection.execute(query.encode())
        names = [one.name for one in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def close(self) -> None:
        self._connection.close()

    def structure(self) -> Found:
        found: Found = {}
        for table, name, *facts in self._connection.execute(_COLUMNS).fetchall():
            known = found.setdefault(table, {"columns": {}, "constraints": {}, "indexes": {}})
            known["columns"][name] = tuple(facts)
        for table, name, *facts in self._connection.execute(_CONSTRAINTS).fetchall():
            found[table]["constraints"][name] = tuple(facts)
        for table, name, *facts in self._connection.execute(_INDEXES).fetchall():
            found[table]["indexes"][name] = tuple(facts)
        return found
