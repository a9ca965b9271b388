"""Live databases are read by reflection: SQLite, PostgreSQL, and MariaDB as MySQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from protogate.legacy.model import LegacyKind, LegacySchema
from protogate.legacy.sources import read_schemas
from tests.support.bridge import fresh_database
from tests.support.mariadb import mariadb_url  # noqa: F401 - a fixture
from tests.support.samples import NORTHWIND, fill, northwind_rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.postgres import PostgresServer

K = LegacyKind


def kinds(schema: LegacySchema) -> dict[str, tuple[object, ...]]:
    return {
        field.name: (field.kind, field.is_nullable, field.is_key, field.length, field.precision, field.references)
        for field in schema.fields
    }


def test_a_database_says_the_same_everywhere(
    tmp_path: Path,
    postgres_server: PostgresServer,
    mariadb_url: str,  # noqa: F811 - the fixture
) -> None:
    rows = northwind_rows()
    urls = [f"sqlite:///{tmp_path}/a.db", fresh_database(postgres_server), mariadb_url]
    said = []
    for url in urls:
        fill(url.replace("postgresql://", "postgresql+psycopg://"), NORTHWIND, rows)
        said.append({schema.name.lower(): kinds(schema) for schema in read_schemas(url)})
    sqlite, postgres, mariadb = said
    assert set(sqlite) == {name.lower() for name in rows}
    assert postgres == sqlite
    for name, columns in sqlite.items():
        for column, facts in columns.items():
            other = mariadb[name][column]
            assert other[:3] == facts[:3]
            assert other[4] == facts[4]


def test_the_types_of_mysql(mariadb_url: str) -> None:  # noqa: F811 - the fixture
    engine = sa.create_engine(mariadb_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE kinds (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, kind enum('a','b') NOT NULL,"
            " ok tinyint(1), big bigint, note longtext COMMENT 'said', at datetime(6), price decimal(10,2),"
            " raw varbinary(16), day date, spent time)"
        )
    engine.dispose()
    (schema,) = read_schemas(mariadb_url, names=["kinds"])
    assert {field.name: field.kind for field in schema.fields} == {
        "id": K.INTEGER, "kind": K.ENUM, "ok": K.BOOLEAN, "big": K.INTEGER, "note": K.STRING, "at": K.TIMESTAMP,
        "price": K.DECIMAL, "raw": K.BYTES, "day": K.DATE, "spent": K.TIME,
    }  # fmt: skip
    assert schema.fields[0].is_unsigned
    assert (schema.fields[1].values, schema.fields[4].description) == (("a", "b"), "said")


def test_types_of_postgresql_have_their_kinds(postgres_server: PostgresServer) -> None:
    url = fresh_database(postgres_server)
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA sales")
        connection.exec_driver_sql(
            "CREATE TABLE sales.kinds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, day date,"
            " spent interval, who uuid, doc jsonb, tags text[], where_ inet, raw bytea, exact numeric, real_ real)"
        )
    engine.dispose()
    (schema,) = read_schemas(url, names=["sales.kinds"])
    assert schema.name == "sales.kinds"
    assert [(field.name, field.kind) for field in schema.fields] == [
        ("id", K.INTEGER), ("at", K.TIMESTAMP), ("day", K.DATE), ("spent", K.DURATION), ("who", K.STRING),
        ("doc", K.OBJECT), ("tags", K.STRING), ("where_", K.STRING), ("raw", K.BYTES), ("exact", K.DECIMAL),
        ("real_", K.NUMBER),
    ]  # fmt: skip
    assert (schema.fields[0].is_generated, schema.fields[4].format, schema.fields[6].is_repeated) == (
        True,
        "uuid",
        True,
    )


def test_a_database_that_is_away_is_one_line() -> None:
    with pytest.raises(Exception, match="connection") as caught:
        read_schemas("postgresql://nobody:secret@127.0.0.1:1/gone")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
