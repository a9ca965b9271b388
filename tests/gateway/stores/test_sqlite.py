from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.testing import EventStoreContract

if TYPE_CHECKING:
    from pathlib import Path


class TestSqliteStore(EventStoreContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self._path = tmp_path / "data" / "events.db"

    async def open(self) -> SqliteStore:
        return SqliteStore(self._path)
