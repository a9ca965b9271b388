"""A process that writes to a store as fast as it can and says what was acknowledged, until somebody kills it.

Usage: python -m tests.support.store_writer URL FIRST. Writes commits with the keys FIRST, FIRST + 1, ... and prints
`KEY POSITION` for each, after the store has acknowledged it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from typing import TYPE_CHECKING

from protogate.cqrs.errors import StoreUnavailableError
from protogate.cqrs.messages import Answer, Append, Commit, IdempotencyKey, NewEvent, Outgoing

if TYPE_CHECKING:
    from protogate.cqrs.messages import StoredEvent
    from protogate.cqrs.testing import StoreUnderTest

__all__ = ["commit_of", "open_store"]

_PRODUCERS = 16


async def open_store(url: str) -> StoreUnderTest:
    """Open the store of a URL; a path is a SQLite file."""
    if url.startswith("postgresql:"):
        from gateway.stores.postgres import PostgresStore  # noqa: PLC0415 - only what is asked for

        return PostgresStore(url)
    if url.startswith("nats:"):
        from gateway.stores.nats import NatsStore  # noqa: PLC0415 - as above

        return await NatsStore.connect(url, patience=20)
    from gateway.stores.sqlite import SqliteStore  # noqa: PLC0415 - as above

    return SqliteStore(url, timeout=20)


def commit_of(number: int) -> Commit:
    """A commit that is only right as a whole: two events, a key with an answer, an entry for others."""

    def answer(events: tuple[StoredEvent, ...]) -> Answer:
        return Answer(201, str(events[-1].position).encode())

    events = tuple(NewEvent(f"Part{part}", {"number": number}) for part in (1, 2))
    return Commit(
        (Append(f"counter/{number % 50}", events),),
        IdempotencyKey("test", str(number), b"body", 2**60),
        answer,
        (Outgoing("legacy", {"number": number}),),
    )


async def main(url: str, first: int) -> None:
    """Write until killed."""
    store = await open_store(url)
    numbers = itertools.count(first)

    async def produce() -> None:
        for number in numbers:
            try:
                done = await store.commit(commit_of(number))
            except StoreUnavailableError:
                continue
            # One system call: a line is there or not.
            os.write(1, f"{number} {done.position}\n".encode())

    await asyncio.gather(*(produce() for _ in range(_PRODUCERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
