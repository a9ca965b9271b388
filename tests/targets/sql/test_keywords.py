"""Words of SQL as names of tables and columns."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import psycopg
import pytest

from protoc_gen_protogate.targets.sql import keywords
from protoc_gen_protogate.targets.sql.dialects import DIALECTS
from tests.targets.sql.plugin import OPTIONS, ddl_of

if TYPE_CHECKING:
    from tests.support.postgres import PostgresServer
    from tests.targets.sql.databases import Database

WORDS = sorted(keywords.SQLITE | keywords.POSTGRESQL | keywords.MYSQL | keywords.POSTGRESQL_SYSTEM_COLUMNS)


def test_every_keyword_can_name_columns_and_tables(database: Database) -> None:
    fields = "".join(f"string {word} = {i + 2}; " for i, word in enumerate(WORDS))
    tables = (
        f'message Table{i} {{ option (protogate.options.v1.message).sql.table_name = "{word}";'
        f" string id = 1; repeated string {word} = 2; }}\n"
        for i, word in enumerate(WORDS)
    )
    text = f"{OPTIONS} message Columns {{ string id = 1; {fields} }}\n{''.join(tables)}"
    ddl = ddl_of(text, f"dialect={database.dialect}")
    database.load(ddl)
    assert ddl.count("CREATE TABLE") == 2 * len(WORDS) + 1


@pytest.mark.postgres
def test_words_outside_the_list_need_no_quotes_in_postgresql(postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA words")
        connection.execute("SET search_path TO words")
        every = [word for (word,) in connection.execute("SELECT word FROM pg_get_keywords()")]
        plain = [word for word in every if DIALECTS["postgresql"].identifier(word) == word]
        assert len(plain) > 300
        for word in plain:
            statements = f"""
                CREATE TABLE {word} ({word} TEXT NOT NULL PRIMARY KEY, CONSTRAINT {word} CHECK ({word} <> ''));
                CREATE INDEX ON {word} ({word});
                DROP TABLE {word};
            """
            connection.execute(statements.encode())


def test_words_inside_the_list_need_their_quotes_in_sqlite() -> None:
    """Not all of them: the list is SQLite's own, which accepts many of its keywords as names for now."""
    connection = sqlite3.connect(":memory:")
    refused = []
    for word in keywords.SQLITE:
        try:
            connection.execute(f"CREATE TABLE t_{word} ({word} TEXT)")
        except sqlite3.Error:
            refused.append(word)
    connection.close()
    assert len(refused) > 50
