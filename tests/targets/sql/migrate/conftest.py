"""Databases for whole scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.targets.sql.migrate.live import LivePostgres, LiveSqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.targets.sql.migrate.live import Live


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def live(request: pytest.FixtureRequest) -> Iterator[Live]:
    if request.param == "sqlite":
        opened: LiveSqlite | LivePostgres = LiveSqlite()
    else:
        opened = LivePostgres(request.getfixturevalue("postgres_server").url)
    yield opened
    opened.close()
