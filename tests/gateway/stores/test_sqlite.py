from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.stores import sqlite
from gateway.stores.sqlite import SqliteStore
from protogate.cqrs.errors import StoreUnavailableError
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


def test_a_file_that_can_only_be_read_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "events.db")
        await store.append("user/1", [NewEvent("Told", {})])
        await store.aclose()
        # Who is root may write whatever the file's mode says, so its connections are what cannot.
        opened = sqlite.connect
        reopened = SqliteStore(tmp_path / "events.db")
        monkeypatch.setattr(sqlite, "connect", lambda path, timeout, **_: opened(path, timeout, mode="ro"))
        with pytest.raises(StoreUnavailableError, match=r"events\.db: the database is read-only; nothing was written"):
            await reopened.append("user/1", [NewEvent("Told", {})])
        assert len(await reopened.read("user/1")) == 1
        await reopened.aclose()

    asyncio.run(work())
