from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from registry.errors import StoreError
from registry.migrations import load_migrations
from registry.service import Registry
from registry.sqlite import SqliteStore
from registry.values import Reference, guid_of
from tests.registry.samples import accept_all, message_text, new_version
from tests.registry.store_contract import StoreContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Iterator[Callable[[], SqliteStore]]:
        with ExitStack() as stack:
            yield lambda: stack.enter_context(closing(SqliteStore(tmp_path / "deep" / "registry.db")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


def run(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


def test_a_new_file_has_the_newest_schema_and_write_ahead_logging(path: Path) -> None:
    SqliteStore(path).close()
    assert run(path, "SELECT version FROM schema_version") == [
        (number,) for number in range(1, len(load_migrations("sqlite")) + 1)
    ]
    assert run(path, "PRAGMA journal_mode") == [("wal",)]


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        assert store._rows("PRAGMA synchronous") == [(2,)]  # noqa: SLF001 - nothing else shows it


def test_opening_again_keeps_what_is_there(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.add("a", new_version(), accept_all)
    with closing(SqliteStore(path)) as store:
        assert store.subjects() == ("a",)


def test_a_newer_database_is_refused_and_left_alone(path: Path) -> None:
    SqliteStore(path).close()
    run(path, "INSERT INTO schema_version VALUES (99, 'tomorrow')")
    with pytest.raises(StoreError, match=r"has schema version 99, this protogate knows \d+; use the newer protogate"):
        SqliteStore(path)


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    run(path, "CREATE TABLE schemas (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is a database of another program; name another file"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("syntax = 'proto3';\n" * 100, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is not a SQLite database"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path)


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot make the folder"):
        SqliteStore(tmp_path / "file" / "registry.db")


def test_a_store_for_reading_creates_nothing(path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(path, read_only=True)
    assert not path.exists()


def test_a_store_for_reading_refuses_to_write(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.add("a", new_version(), accept_all)
    with closing(SqliteStore(path, read_only=True)) as store:
        assert store.subjects() == ("a",)
        with pytest.raises(StoreError, match="the database is read-only; nothing was written"):
            store.add("b", new_version("Other"), accept_all)


def test_look_ups_go_by_an_index_however_many_versions_there_are(path: Path) -> None:
    statements: list[str] = []
    with closing(SqliteStore(path)) as store:
        store.add("common", new_version("Common"), accept_all)
        store.add("a", new_version("User", references=(Reference("c.proto", "common", 1),)), accept_all)
        store._connection().set_trace_callback(statements.append)  # noqa: SLF001 - nothing else shows them
        content_id = new_version("User").content_id
        assert store.version("a", 1) == store.latest("a") == store.by_content("a", content_id) == store.by_id(2)
        assert store.by_guid(guid_of(content_id)) == store.latest("a")
        assert store.heads("a", last=1)
        assert store.versions("a")
        assert store.uses_of(2) == (("a", 1),)
        assert store.ids_of(content_id) == (("", 2),)
        assert store.referenced_by("common", 1)
        assert store.settings((None, "a")) == ()
        store.add("a", new_version("Next"), accept_all)
        store.delete("a", 1, permanent=False)
        store.delete("a", 1, permanent=True)
    for statement in statements:
        if statement.startswith(("BEGIN", "COMMIT", "INSERT")):
            continue
        for *_, step in run(path, f"EXPLAIN QUERY PLAN {statement}"):
            assert "SCAN" not in str(step), (statement, step)


def test_a_version_takes_less_than_1600_bytes(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        registry = Registry(store)
        registry.set_level(None, "NONE")
        # A file of 500 characters, as small contracts are.
        fields = tuple(f"string some_longer_field_{number} = {number};" for number in range(1, 11))
        versions = 300
        for number in range(versions):
            text = message_text(*fields, f"string own_{number} = 99;")
            registry.register("user", registry.compile(text))
    run(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_size / versions <= 1_600
