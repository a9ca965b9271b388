from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from gateway.stores.nats import NatsStore
from protogate.cqrs.errors import StoreUnavailableError
from protogate.cqrs.messages import Append, Commit, IdempotencyKey, NewEvent
from protogate.cqrs.testing import EventStoreContract
from protogate.errors import UserError
from tests.support.nats import nats_cluster

if TYPE_CHECKING:
    from protogate.cqrs.messages import StoredEvent
    from tests.support.nats import NatsServer

_NAMES = itertools.count(1)


class TestNatsStore(EventStoreContract):
    @pytest.fixture(autouse=True)
    def _stream(self, nats_server: NatsServer) -> None:
        self._url = f"{nats_server.url}/S{next(_NAMES)}"

    async def open(self) -> NatsStore:
        return await NatsStore.connect(self._url)


def test_a_cluster_that_loses_a_node_loses_no_event_and_writes_none_twice() -> None:
    with nats_cluster(3) as servers:
        acknowledged = asyncio.run(_under_load(servers))
        events = asyncio.run(_all_events(servers[1:]))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    by_key = Counter(str(event.data["key"]) for event in events)
    assert set(by_key.values()) == {1}
    # An answer that was lost on the way may stand for an event; an acknowledged one always does.
    assert acknowledged <= set(by_key)
    assert len(acknowledged) >= 200


async def _under_load(servers: list[NatsServer]) -> set[str]:
    """Write from four stores, end a server in between, and go on until enough was acknowledged."""
    url = ",".join(server.url.removeprefix("nats://") for server in servers)
    stores = [await NatsStore.connect(f"nats://{url}/CLUSTER", replicas=3, patience=20) for _ in range(4)]
    acknowledged: set[str] = set()
    enough = asyncio.Event()

    async def write(store: NatsStore, writer: int) -> None:
        for number in range(60):
            name = f"{writer}-{number}"
            append = Append(f"user/{writer % 2}", (NewEvent("Written", {"key": name}),))
            key = IdempotencyKey("test", name, b"body", 2**60)
            for _ in range(5):
                try:
                    await store.commit(Commit((append,), key))
                except StoreUnavailableError:
                    continue
                acknowledged.add(name)
                if len(acknowledged) == 40:
                    enough.set()
                break

    async def end_one() -> None:
        await enough.wait()
        servers[0].kill()

    try:
        await asyncio.gather(end_one(), *(write(store, writer) for writer, store in enumerate(stores)))
    finally:
        for store in stores:
            await store.aclose()
    return acknowledged


async def _all_events(servers: list[NatsServer]) -> tuple[StoredEvent, ...]:
    url = ",".join(server.url.removeprefix("nats://") for server in servers)
    store = await NatsStore.connect(f"nats://{url}/CLUSTER", patience=20)
    try:
        position = await store.position()
        while True:
            events = await store.read_all(limit=10_000)
            if len(events) >= position:
                return events
    finally:
        await store.aclose()


def test_a_server_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(UserError, match=r"nats://127\.0\.0\.1:1: cannot connect"):
        asyncio.run(NatsStore.connect("nats://127.0.0.1:1", patience=0.5))
