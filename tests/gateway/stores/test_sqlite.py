from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.messages import NewEvent
from protogate.cqrs.testing import EventStoreContract

if TYPE_CHECKING:
    from pathlib import Path


class TestSqliteStore(EventStoreContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self._path = tmp_path / "data" / "events.db"

    async def open(self) -> SqliteStore:
        return SqliteStore(self._path)


def test_a_store_that_is_closed_is_one_file(tmp_path: Path) -> None:
    """Whoever copies the file has all of it."""

    async def work() -> None:
        store = SqliteStore(tmp_path / "events.db")
        await store.append("user/1", [NewEvent("Told", {})] * 300)
        await store.read("user/1")
        await store.aclose()

    asyncio.run(work())
    assert [path.name for path in tmp_path.iterdir()] == ["events.db"]
