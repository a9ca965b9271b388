"""Scripts of SQL become tables, and say the same as the database that runs them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from protogate.errors import UserError
from protogate.legacy.model import NO_DEFAULT, LegacyField, LegacyKind, LegacySchema
from protogate.legacy.sources import read_schemas
from protogate.legacy.sources.sql_types import sql_type
from tests.support.bridge import fresh_database
from tests.support.samples import CHINOOK, NORTHWIND

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.postgres import PostgresServer

K = LegacyKind
POSTGRES = """\
-- the users; of a shop
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE teams (id integer PRIMARY KEY);
CREATE TABLE users (
  id SERIAL PRIMARY KEY,
  email VARCHAR(254) NOT NULL UNIQUE,
  state text CHECK (state IN ('a;b', 'c')) DEFAULT 'c',
  feeling mood,
  price NUMERIC(10,2) NOT NULL DEFAULT 0,
  tags text[],
  created TIMESTAMP WITH TIME ZONE NOT NULL,
  team_id bigint REFERENCES teams(id)
);
CREATE TABLE line (a int, b int, c int, PRIMARY KEY (a, b));
ALTER TABLE line ADD CONSTRAINT fk FOREIGN KEY (c) REFERENCES users (id);
COMMENT ON COLUMN line.c IS 'whose';
"""


def read(path: Path, text: str, dialect: str = "") -> dict[str, LegacySchema]:
    (path / "a.sql").write_text(text)
    return {one.name: one for one in read_schemas(str(path / "a.sql"), dialect=dialect)}


def facts(field: LegacyField) -> tuple[object, ...]:
    """What a script and a database both know."""
    return (
        *(field.name, field.kind, field.is_nullable, field.is_key, field.is_repeated, field.values),
        *(field.length, field.precision, field.scale, field.references, field.is_unsigned),
    )


def test_a_script_says_what_postgresql_says(tmp_path: Path, postgres_server: PostgresServer) -> None:
    written = read(tmp_path, POSTGRES)
    url = fresh_database(postgres_server)
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql(POSTGRES)
    engine.dispose()
    reflected = {one.name: one for one in read_schemas(url)}
    assert reflected.keys() == written.keys()
    # A check is no type, so a database does not say it is one.
    state = written["users"].field("state")
    assert state is not None
    assert (state.kind, state.values, state.default) == (K.ENUM, ("a;b", "c"), "c")
    for name, schema in written.items():
        there = [facts(field) for field in reflected[name].fields if field.name != "state"]
        assert [facts(field) for field in schema.fields if field.name != "state"] == there


@pytest.mark.parametrize("tables", [CHINOOK, NORTHWIND], ids=["chinook", "northwind"])
def test_a_script_says_what_sqlite_says(tmp_path: Path, tables: sa.MetaData) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    engine = sa.create_engine(url)
    tables.create_all(engine)
    engine.dispose()
    with sqlite3.connect(tmp_path / "a.db") as connection:
        statements = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    connection.close()
    written = read(tmp_path, ";\n".join(statements), "sqlite")
    reflected = {one.name: one for one in read_schemas(url)}
    assert reflected.keys() == written.keys() == tables.tables.keys()
    for name, schema in written.items():
        assert [facts(field) for field in schema.fields] == [facts(field) for field in reflected[name].fields]


def test_the_words_of_mysql(tmp_path: Path) -> None:
    users = read(
        tmp_path,
        "CREATE TABLE `users` (`id` int unsigned NOT NULL AUTO_INCREMENT, `kind` enum('a','b') NOT NULL,"
        " `ok` tinyint(1), `note` longtext COMMENT 'said', `at` datetime(6), PRIMARY KEY (`id`)) ENGINE=InnoDB;",
        "mysql",
    )["users"]
    assert [(one.name, one.kind) for one in users.fields] == [
        ("id", K.INTEGER), ("kind", K.ENUM), ("ok", K.BOOLEAN), ("note", K.STRING), ("at", K.TIMESTAMP),
    ]  # fmt: skip
    assert (users.fields[0].is_unsigned, users.fields[0].is_key, users.fields[0].is_generated) == (True, True, True)
    assert (users.fields[1].values, users.fields[3].description) == (("a", "b"), "said")


def test_lines_lead_to_columns(tmp_path: Path) -> None:
    users = read(tmp_path, POSTGRES)["users"]
    assert users.place.line == 4
    assert {field.name: field.place.line for field in users.fields}["price"] == 9


def test_a_statement_that_cannot_be_read_holds_nobody_up(tmp_path: Path) -> None:
    found = read(tmp_path, "CREATE TABLE a (x int);\nCREATE TABLE broken (;\nCREATE TABLE b (y text);", "postgres")
    assert set(found) == {"a", "b"}
    assert [(note.place.line, "cannot be read as postgres" in note.message) for note in found["a"].notes] == [(2, True)]


def test_a_dialect_is_found_out_and_said(tmp_path: Path) -> None:
    (note,) = read(tmp_path, "CREATE TABLE a (x int);")["a"].notes
    assert note.message.startswith("read as ")


@pytest.mark.parametrize(
    ("source", "more", "said"),
    [
        ("gone.sql", {}, "gone.sql: no such file"),
        ("a.sql", {"dialect": "klingon"}, "--dialect klingon: is not known; use one of "),
        ("a.sql", {"names": ["ussers"]}, "a.sql: has no 'ussers'; did you mean 'users'?"),
        ("a.txt", {}, "a.txt: is no source; use a .json, .sql or .py file"),
        ("a.db", {}, "a.db: is a database; write sqlite:///a.db"),
        ("sqlite:///gone.db", {}, "gone.db: there is no such database; nothing was created"),
    ],
)
def test_mistakes_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, more: dict[str, object], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.sql").write_text("CREATE TABLE users (id int)")
    with pytest.raises(UserError) as caught:
        read_schemas(source, **more)  # type: ignore[arg-type]
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "gone.db").exists()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("DOUBLE PRECISION", K.NUMBER), ("character varying(3)", K.STRING), ("DATE", K.DATE),
        ("timestamp(6) with time zone", K.TIMESTAMP),
        ("bit(9)", K.BYTES), ("bit", K.BOOLEAN), ("VARYING", K.ANY), ("FLOATING POINT", K.NUMBER),
        ("uuid", K.STRING), ("jsonb", K.OBJECT), ("interval", K.DURATION), ("", K.ANY), ("?!", K.ANY),
    ],
)  # fmt: skip
def test_types_of_all_databases(text: str, kind: LegacyKind) -> None:
    assert sql_type(text).kind is kind


def test_a_default_that_is_not_there_is_not_null(tmp_path: Path) -> None:
    (field,) = read(tmp_path, "CREATE TABLE a (x int DEFAULT NULL)")["a"].fields
    assert field.default is NO_DEFAULT
