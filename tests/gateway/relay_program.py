"""A relay that kills its process at a named moment; test_relay.py starts it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.legacy.rows import DESTINATION
from gateway.legacy.state import RelayState
from gateway.legacy.writer import LegacyWriter
from gateway.relay import Pace, Relay
from gateway.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.legacy.rows import LegacyRow


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingWriter(LegacyWriter):
    where = "never"

    def write(self, rows: Sequence[LegacyRow], *, again: bool = False) -> int:
        if self.where == "before-write":
            die()
        count = super().write(rows, again=again)
        if self.where == "after-write":
            die()
        return count


class DyingStore(SqliteStore):
    where = "never"

    async def told(self, destination: str, numbers: Sequence[int]) -> None:
        await super().told(destination, numbers)
        if self.where == "after-told":
            die()


async def main(folder: Path, url: str, where: str) -> None:
    DyingWriter.where = DyingStore.where = where
    store = DyingStore(folder / "events.db")
    state = RelayState(f"sqlite:///{folder / 'relay.db'}")
    async with Relay(store, DyingWriter(url), state, pace=Pace(poll=0.01, lease=1.0)):
        while (await store.backlog(DESTINATION))[0]:  # noqa: ASYNC110 - what is waited for happens in a database
            await asyncio.sleep(0.02)
    await store.aclose()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
