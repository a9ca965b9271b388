"""Legacy databases, each fresh, in SQLite and in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.bridge import Legacy, fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgres"])
def legacy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Legacy]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/legacy.db"
    else:
        url = fresh_database(request.getfixturevalue("postgres_server"))
    made = Legacy(url)
    yield made
    made.close()


@pytest.fixture
def sqlite_legacy(tmp_path: Path) -> Iterator[Legacy]:
    made = Legacy(f"sqlite:///{tmp_path}/legacy.db")
    yield made
    made.close()
