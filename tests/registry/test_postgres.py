from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from registry.errors import StoreError, StoreTimeoutError
from registry.postgres import PostgresStore
from tests.registry.samples import accept_all, new_version
from tests.registry.store_contract import StoreContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    """Of a database schema of our own: a test starts with no tables."""
    name = f"registry_{uuid4().hex}"
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{postgres_server.url}&options=-csearch_path%3D{name}"


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def open_store(self, url: str) -> Iterator[Callable[[], PostgresStore]]:
        with ExitStack() as stack:
            yield lambda: stack.enter_context(closing(PostgresStore(url)))


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_a_newer_database_is_refused(url: str) -> None:
    PostgresStore(url).close()
    run(url, "INSERT INTO schema_version VALUES (99, now())")
    with pytest.raises(StoreError, match=r"has schema version 99, this protogate knows \d+; use the newer protogate"):
        PostgresStore(url)


def test_tables_of_another_program_are_refused_and_left_alone(url: str) -> None:
    run(url, "CREATE TABLE subjects (id INTEGER)")
    with pytest.raises(StoreError, match="has a table subjects of another program"):
        PostgresStore(url)
    with pytest.raises(psycopg.errors.UndefinedTable):
        run(url, "SELECT 1 FROM versions")


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(StoreError) as caught:
        PostgresStore("postgresql://user:secret@127.0.0.1:1/registry")
    assert "postgresql://127.0.0.1:1/registry: " in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_writer_waits_no_longer_than_it_was_told(url: str) -> None:
    with closing(PostgresStore(url, timeout=0.2)) as store, psycopg.connect(url) as other:
        other.execute("SELECT one FROM write_lock FOR UPDATE")
        with pytest.raises(StoreTimeoutError, match=r"has kept the database locked for 0\.2 s"):
            store.add("a", new_version(), accept_all)
        other.rollback()
        assert store.add("a", new_version(), accept_all)[1]


def test_a_lost_connection_fails_the_call_and_not_the_next_one(url: str) -> None:
    with closing(PostgresStore(url)) as store:
        store.add("a", new_version(), accept_all)

        def lose_the_connection() -> None:
            run(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

        with pytest.raises(StoreError):
            store.add("a", new_version("Next"), lose_the_connection)
        assert [head.version for head in store.heads("a")] == [1]
        assert store.add("a", new_version("Next"), accept_all)[0].version == 2


def test_a_store_for_reading_refuses_to_write(url: str) -> None:
    PostgresStore(url).close()
    with closing(PostgresStore(url, read_only=True)) as store:
        assert store.subjects() == ()
        with pytest.raises(StoreError, match="read-only transaction"):
            store.add("a", new_version(), accept_all)
