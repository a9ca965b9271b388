from __future__ import annotations

import math
import sqlite3
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from protogate.cel import NotCarried, compile_rule, sql
from protogate.cel.sql import Column, Dialect
from tests.cel.contract import ENV, Declared, declared, random_main, verdict
from tests.cel.expressions import EXPRESSIONS
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

SEEDS = range(150)

_SCALARS = {"int64", "int32", "uint64", "double", "string", "bytes", "bool", "Color"}
_WRAPPERS = {"Int64Value", "StringValue"}
_INSTANTS = {"Timestamp", "Duration"}

_TYPES = {
    "int64": "bigint",
    "int32": "integer",
    "uint64": "numeric(20)",
    "double": "double precision",
    "string": "text",
    "bytes": "bytea",
    "bool": "boolean",
    "Color": "integer",
    "Int64Value": "bigint",
    "StringValue": "text",
    "Timestamp": "numeric(30)",
    "Duration": "numeric(30)",
}


class Names:
    """A row as the sql target might lay it out: the fields of `sub` stand beside those of the message."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def column(self, path: tuple[str, ...]) -> Column:
        if path not in COLUMNS:
            raise NotCarried(f"no column for {'.'.join(path)}")
        field = COLUMNS[path]
        return Column(column_name(path), nullable=field.presence or len(path) > 1)

    def presence(self, path: tuple[str, ...]) -> str:
        name = "_".join(path)
        return f'("{name}_set")' if path == ("sub",) else f"({self.column(path).code} IS NOT NULL)"

    def instant(self, path: tuple[str, ...], nanoseconds: int) -> str:
        self.column(path)
        return f"({nanoseconds})"


def column_name(path: tuple[str, ...]) -> str:
    return f'"{"_".join(path)}"'


COLUMNS: dict[tuple[str, ...], Declared] = {
    **{(f.name,): f for f in declared("t.Main") if not f.label or f.label == "optional" if f.kind != "Sub"},
    **{("sub", f.name): f for f in declared("t.Sub") if f.label in {"", "optional"} and f.kind != "Sub"},
}


def row(message: Message) -> dict[str, Any]:
    values: dict[str, Any] = {"sub_set": message.HasField("sub")}
    for path, field in COLUMNS.items():
        owner: Any = message
        for name in path[:-1]:
            owner = getattr(owner, name) if owner.HasField(name) else None
        values["_".join(path)] = None if owner is None else _value(owner, field)
    return values


def _value(owner: Any, field: Any) -> Any:
    if field.presence and not owner.HasField(field.name):
        return None
    value = getattr(owner, field.name)
    if field.kind in _INSTANTS:
        return value.seconds * 10**9 + value.nanos
    return value.value if field.kind in _WRAPPERS else value


def translated(dialect: Dialect, expression: str) -> str:
    return sql.condition(compile_rule(expression, ENV), Names(dialect))


def carried(dialect: Dialect) -> list[str]:
    return [expression for expression in EXPRESSIONS if is_carried(dialect, expression)]


def is_carried(dialect: Dialect, expression: str) -> bool:
    try:
        translated(dialect, expression)
    except NotCarried:
        return False
    return True


def rows() -> Iterator[tuple[Message, dict[str, Any]]]:
    for seed in SEEDS:
        message = random_main(seed)
        yield message, row(message)


def sqlite_holds(value: Any) -> bool:
    """Whether SQLite stores the value unchanged: it has no NaN, and no integers beyond 63 bits."""
    if isinstance(value, float):
        return not math.isnan(value)
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@pytest.mark.parametrize("expression", carried(Dialect.SQLITE))
def test_sqlite_agrees_with_protovalidate(expression: str) -> None:
    condition = translated(Dialect.SQLITE, expression)
    names = ", ".join(f'"{name}"' for name in row(random_main(0)))
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE t ({names}, CHECK ({condition}))")
    for message, values in rows():
        if not all(map(sqlite_holds, values.values())):
            continue
        marks = ", ".join("?" * len(values))
        try:
            connection.execute(f"INSERT INTO t VALUES ({marks})", tuple(values.values()))  # noqa: S608 - our own names
            accepted = True
        except sqlite3.IntegrityError:
            accepted = False
        judged = verdict(expression, message.SerializeToString())
        assert accepted is (judged == "ok"), (condition, judged, values)
    connection.close()


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    with PostgresServer.running() as server, psycopg.connect(server.url) as connection:
        types = {"_".join(path): _TYPES[field.kind] for path, field in COLUMNS.items()}
        columns = ", ".join(f'"{name}" {of}' for name, of in {"sub_set": "boolean", **types}.items())
        connection.execute(f"CREATE TABLE t (seed int, {columns})".encode())
        for seed, (_, values) in enumerate(rows()):
            marks = ", ".join(["%s"] * (len(values) + 1))
            insert = f"INSERT INTO t VALUES ({marks})"  # noqa: S608 - marks only
            connection.execute(insert.encode(), (seed, *values.values()))
        yield connection


def accepted_by(postgres: psycopg.Connection[Any], condition: str, seeds: range) -> dict[int, bool | None]:
    """Whether the rows of the seeds keep the condition; None where a double leaves its range."""
    query = f"SELECT seed, ({condition}) FROM t WHERE seed BETWEEN %s AND %s"  # noqa: S608 - the code under test
    try:
        with postgres.transaction():
            return dict(postgres.execute(query.encode(), (seeds.start, seeds.stop - 1)).fetchall())
    except psycopg.errors.NumericValueOutOfRange:
        if len(seeds) == 1:
            return {seeds.start: None}
    found: dict[int, bool | None] = {}
    for seed in seeds:
        found |= accepted_by(postgres, condition, range(seed, seed + 1))
    return found


@pytest.mark.postgres
@pytest.mark.parametrize("expression", carried(Dialect.POSTGRESQL))
def test_postgresql_agrees_with_protovalidate(expression: str, postgres: psycopg.Connection[Any]) -> None:
    condition = translated(Dialect.POSTGRESQL, expression)
    accepted = accepted_by(postgres, condition, SEEDS)
    for seed, (message, values) in zip(SEEDS, rows(), strict=True):
        judged = verdict(expression, message.SerializeToString())
        if accepted[seed] is None:
            # The documented departure: PostgreSQL refuses what leaves the range of a double.
            assert " * " in condition or " + " in condition or " - " in condition
        else:
            assert accepted[seed] is (judged == "ok"), (condition, judged, values)


@pytest.mark.parametrize(
    ("expression", "mysql"),
    [
        (
            "this.i + this.j > 3",
            (
                'COALESCE((CASE WHEN (CAST("i" AS DECIMAL(65, 0)) + CAST("j" AS DECIMAL(65, 0)))'
                " BETWEEN -9223372036854775808 AND 9223372036854775807"
                ' THEN (CAST("i" AS DECIMAL(65, 0)) + CAST("j" AS DECIMAL(65, 0))) END > 3), FALSE)'
            ),
        ),
        ("this.s == 'it\\'s'", "((\"s\" COLLATE utf8mb4_0900_bin) = 'it''s')"),
        ("this.s == 'a\\\\b'", "((\"s\" COLLATE utf8mb4_0900_bin) = 'a\\\\b')"),
        ("this.os == ''", "((COALESCE(\"os\", '') COLLATE utf8mb4_0900_bin) = '')"),
        ("this.s.matches('^a\\\\d')", "REGEXP_LIKE((\"s\" COLLATE utf8mb4_0900_bin), '\\\\Aa[0-9]', 'c')"),
        ("this.d < 1.5", '("d" < 1.5e0)'),
        ("this.b == b'\\x00'", "(\"b\" = X'00')"),
    ],
    ids=["overflow", "quote", "backslash", "unset", "pattern", "double", "bytes"],
)
def test_mysql_writes(expression: str, mysql: str) -> None:
    assert translated(Dialect.MYSQL, expression) == mysql


@pytest.mark.parametrize(
    ("expression", "dialect", "reason"),
    [
        ("this.s.matches('a')", Dialect.SQLITE, "sqlite has no regular expressions"),
        ("this.li.all(n, n > 0)", Dialect.POSTGRESQL, "lists, maps and messages are not kept in columns"),
        ("this.ts < now", Dialect.POSTGRESQL, "arithmetic with timestamps and durations"),
        ("this.d == this.i", Dialect.POSTGRESQL, "a double and an integer are compared, which SQL rounds"),
        ("this.s.isUri()", Dialect.POSTGRESQL, "isUri() has no counterpart in postgresql"),
        ("this.sub.sub.a > 0", Dialect.MYSQL, "no column for sub.sub.a"),
        ("this.s == '\\x00'", Dialect.POSTGRESQL, "SQL texts hold no NUL"),
    ],
    ids=["regex", "list", "now", "double and int", "format", "no column", "nul"],
)
def test_what_sql_cannot_say_is_not_carried(expression: str, dialect: Dialect, reason: str) -> None:
    with pytest.raises(NotCarried) as caught:
        translated(dialect, expression)
    assert caught.value.reason == reason
