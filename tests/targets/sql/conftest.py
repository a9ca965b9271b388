"""Databases for the tests of the sql target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.postgres import PostgresServer
from tests.targets.sql.databases import Postgres, Sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.targets.sql.databases import Database


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer.running() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "sqlite":
        opened: Sqlite | Postgres = Sqlite()
    else:
        opened = Postgres(request.getfixturevalue("postgres_server").url)
    yield opened
    opened.close()
