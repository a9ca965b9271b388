"""Both sides are compared while both are being written: no false alarm, and no difference that is overlooked."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from typing import TYPE_CHECKING, Any

from gateway.bridge.capture import Capture, ChangeLog
from gateway.bridge.compare import Comparison, Patience, compare
from gateway.bridge.triggers import install
from gateway.legacy.rows import DESTINATION, row_of
from gateway.legacy.writer import LegacyWriter
from gateway.slices.user.legacy import legacy_row
from gateway.slices.user.state import USER
from protogate.cqrs.errors import ConflictError
from protogate.cqrs.messages import Append, Commit, NewEvent
from protogate.cqrs.replay import load
from tests.gateway.bridge.test_bootstrap import opened, run
from tests.support.bridge import Legacy, users

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.cqrs.ports import EventStore, Outbox

COUNT = 60
QUICK = Patience(0.1, 20.0)


async def write_here(store: EventStore, ended: asyncio.Event) -> int:
    """Change addresses as commands do, with an entry for the legacy side in the same commit."""
    chance = random.Random(1)
    written = 0
    while not ended.is_set():
        name = f"u-{chance.randrange(COUNT):06d}"
        loaded = await load(store, f"user/{name}", USER)
        email = f"here{written}@example.com"
        event = NewEvent("EmailChanged", {"userId": name, "email": email})
        row = legacy_row(name, loaded.state._replace(email=email), version=loaded.version + 1)
        with contextlib.suppress(ConflictError):
            await store.commit(Commit((Append(f"user/{name}", (event,), loaded.version),), outgoing=(row,)))
            written += 1
        await asyncio.sleep(0.003)
    return written


def write_there(legacy: Legacy, ended: threading.Event, counted: list[int]) -> None:
    """Change ages as the legacy application does."""
    chance = random.Random(2)
    while not ended.is_set():
        legacy.run(
            "UPDATE users SET age = :age WHERE id = :id",
            age=chance.randrange(18, 90),
            id=f"u-{chance.randrange(COUNT):06d}",
        )
        counted[0] += 1
        ended.wait(0.004)


async def tell(store: Any, writer: LegacyWriter) -> int:
    """What the relay does: tell the oldest entries, in order."""
    outbox: Outbox = store
    entries = await outbox.pending(DESTINATION, limit=50)
    if entries:
        await asyncio.to_thread(writer.write, [row_of(entry.body) for _, entry in entries])
        await outbox.told(DESTINATION, [number for number, _ in entries])
    return len(entries)


async def both_written(legacy: Legacy, path: Path, looks: int) -> tuple[list[Comparison], int, int]:
    """Let both sides write and be kept in step, and compare meanwhile and afterwards."""
    ended, ended_there = asyncio.Event(), threading.Event()
    counted = [0]
    there = threading.Thread(target=write_there, args=(legacy, ended_there, counted))
    async with opened(path) as store:
        log = ChangeLog(legacy.url, "users")
        writer = LegacyWriter(legacy.url)
        capture = Capture(legacy.bridge(), store, log)

        async def keep_in_step() -> None:
            while not ended.is_set() or await tell(store, writer) or (await capture.once()).changes:
                await tell(store, writer)
                await capture.once()
                await asyncio.sleep(0.005)

        there.start()
        here = asyncio.create_task(write_here(store, ended))
        step = asyncio.create_task(keep_in_step())
        bridge = legacy.bridge()
        found = [
            await compare(bridge, store, legacy.schema, patience=QUICK, waits=lambda name: log.has((name,)))
            for _ in range(looks)
        ]
        ended.set()
        ended_there.set()
        await asyncio.to_thread(there.join)
        written = await here
        await step
        found.append(await compare(bridge, store, legacy.schema, patience=QUICK))
        log.close()
        writer.close()
    return found, written, counted[0]


def test_no_false_alarm_while_both_sides_write(legacy: Legacy, tmp_path: Path) -> None:
    legacy.insert(users(COUNT))
    run(legacy, tmp_path)
    install(legacy.url, "users", ["id"])
    found, here, there = asyncio.run(both_written(legacy, tmp_path, 3))
    assert min(here, there) > 20, "both sides must have been written"
    assert [one.differences for one in found] == [()] * 4
    assert found[-1].in_sync == 1.0
    assert found[-1].first_look == 0, "nothing is on its way when nobody writes"


def test_a_difference_that_stays_is_told(legacy: Legacy, tmp_path: Path) -> None:
    legacy.insert(users(COUNT))
    run(legacy, tmp_path)
    legacy.run("UPDATE users SET last_name = 'planted' WHERE id = 'u-000004'")
    legacy.run("DELETE FROM users WHERE id = 'u-000005'")

    async def work() -> Comparison:
        async with opened(tmp_path) as store:
            return await compare(legacy.bridge(), store, legacy.schema, patience=QUICK)

    found = asyncio.run(work())
    assert [(one.id, one.kind, one.columns) for one in found.differences] == [
        ("u-000004", "different", ("last_name",)),
        ("u-000005", "vanished", ()),
    ]
    assert 0.96 < found.in_sync < 0.97
