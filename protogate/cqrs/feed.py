"""What the subscriptions of all stores share: read until there is no more, wait for a sign, read again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from protogate.cqrs.messages import StoredEvent

__all__ = ["Signal", "follow"]


class Signal:
    """Tells tasks of one event loop that there may be something new. Never lost, never queued."""

    def __init__(self) -> None:
        """Start without a sign."""
        self._next = asyncio.Event()

    def give(self) -> None:
        """Wake all that wait; call it in the event loop."""
        self._next.set()
        self._next = asyncio.Event()

    def watch(self) -> Callable[[float | None], Awaitable[None]]:
        """Begin to watch now; what is returned waits for the first sign since, or for some seconds."""
        event = self._next

        async def wait(seconds: float | None) -> None:
            try:
                async with asyncio.timeout(seconds):
                    await event.wait()
            except TimeoutError:
                return

        return wait


async def follow(
    read: Callable[[int], Awaitable[tuple[StoredEvent, ...]]],
    signal: Signal,
    *,
    after: int = 0,
    category: str | None = None,
    poll: float | None = None,
) -> AsyncGenerator[tuple[StoredEvent, ...], None]:
    """Give past events and then new ones in batches, until closed.

    The reader's own position is all that is kept for it: what it has not read yet stays in the store.

    Args:
        read: gives the events after a position in order, not all at once; none when there is no more.
        signal: given by whoever makes events visible.
        after: the first event has a greater position.
        category: leaves out events of other categories.
        poll: seconds after which to look even without a sign, where other processes write; None waits for signs only.
    """
    while True:
        # Watch before reading: what comes in between gives its sign to this watch.
        wait = signal.watch()
        events = await read(after)
        if not events:
            await wait(poll)
            continue
        after = events[-1].position
        wanted = events if category is None else tuple(one for one in events if one.category == category)
        if wanted:
            yield wanted
