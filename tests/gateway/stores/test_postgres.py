from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import psycopg
import pytest

from gateway.stores.postgres import PostgresStore
from protogate.cqrs.testing import EventStoreContract

if TYPE_CHECKING:
    from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.postgres

_SCHEMAS = itertools.count(1)


def fresh_url(server: PostgresServer) -> str:
    """A schema of its own for each test."""
    name = f"events_{next(_SCHEMAS)}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{server.url}&options=-csearch_path%3D{name}"


class TestPostgresStore(EventStoreContract):
    @pytest.fixture(autouse=True)
    def _schema(self, postgres_server: PostgresServer) -> None:
        self._url = fresh_url(postgres_server)

    async def open(self) -> PostgresStore:
        return PostgresStore(self._url)
