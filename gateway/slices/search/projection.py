"""Keeps the search index in step with the events."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from gateway.slices.search.ports import SCHEMA, Entry
from protogate.cqrs.errors import CqrsError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from gateway.slices.search.ports import Build, SearchIndex
    from protogate.cqrs.messages import StoredEvent
    from protogate.cqrs.ports import EventStore

__all__ = ["CATEGORY", "SearchProjection"]

CATEGORY: Final = "search"
"""Of the streams of entries."""
_LOG: Final = logging.getLogger(__name__)
_PAGE: Final = 500
"""Events that share a transaction."""
_KEEP_EVERY: Final = 10_000
"""Positions without an entry after which the place is kept all the same: a restart has less to look through then."""
_LONGEST_PAUSE: Final = 10.0
"""Seconds between two tries while the index or the store cannot be reached."""


class SearchProjection:
    """A read model of the events of the search slice.

    The position is kept in the transaction that changes the index, and moves only from where it was: so any number of
    processes may share an index, and whoever is killed leaves nothing half done. An index of another schema, or none,
    is built beside the one that answers and takes its place once it has come as far.

    A query first lets the index catch up with what was committed before it was asked, whichever process committed it:
    so what a command has answered can be found at once.
    """

    name = "search.db"

    def __init__(self, store: EventStore, index: SearchIndex, *, pause: float = 0.2, patience: float = 5) -> None:
        """Follow a store.

        Args:
            store: where events are.
            index: what is kept in step; closed at the end.
            pause: seconds between two looks while nobody asks.
            patience: seconds that a query waits for the index.
        """
        self.index = index
        self._store = store
        self._pause = pause
        self._patience = patience
        self._live: Build | None = None
        self._seen = 0
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to follow."""
        self._following = asyncio.create_task(self._follow(), name="search-projection")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, and close the index."""
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
            self._following = None
        await self.index.aclose()

    async def exists(self) -> bool:
        """Whether there is an index that answers."""
        return await self.index.live() is not None

    async def position(self) -> int:
        """Of the last event that the index knows of."""
        # Whoever asks may be waiting for it.
        self._wake.set()
        if self._seen:
            return self._seen
        live = await self.index.live()
        return 0 if live is None else live.position

    async def catch_up(self) -> None:
        """Take in all events that the store has now.

        Raises:
            StoreUnavailableError: that takes too long, or the index or the store cannot be reached.
        """
        target = await self._store.position()
        if target <= self._seen:
            return
        try:
            async with asyncio.timeout(self._patience):
                async with self._lock:
                    await self._advance(target)
        except TimeoutError:
            raise StoreUnavailableError("the search index is behind the events; ask again") from None

    async def rebuild(self) -> int:
        """Build the index anew from the first event, beside the one that answers; give the position it came to."""
        return await self._build(is_fresh=True)

    async def _follow(self) -> None:
        pause = self._pause
        while True:
            try:
                live = await self.index.live()
                if live is None or live.schema != SCHEMA:
                    await self._build(is_fresh=False)
                elif live.position > await self._store.position():
                    # The store was put back to an older state: what is indexed may never have happened.
                    _LOG.warning("search index: is ahead of the events, which were restored; building it anew")
                    await self._build(is_fresh=True, goes_back=True)
                async with self._lock:
                    position = await self._store.position()
                    if position < self._seen:
                        # As above, and another process has built it anew.
                        self._live, self._seen = None, 0
                    await self._advance(position)
                pause = self._pause
            except CqrsError as error:
                pause = min(2 * pause, _LONGEST_PAUSE)
                _LOG.warning("search index: %s; trying again in %.1f s", error, pause)
            except Exception:  # noqa: BLE001 - logged; who follows for months must not stop at one mistake
                pause = min(2 * pause, _LONGEST_PAUSE)
                _LOG.exception("search index: cannot follow the events; trying again in %.1f s", pause)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()

    async def _advance(self, target: int) -> None:
        """Bring the index that answers to a position."""
        while self._seen < target:
            if self._live is None:
                self._live = await self.index.live()
                if self._live is None:
                    # The first build is under way; it is not ours to wait for while we hold the lock.
                    raise StoreUnavailableError("the search index is being built; ask again")
                self._seen = max(self._seen, self._live.position)
                continue
            live, place = await self._fill(self._live, self._seen, target)
            self._live = live
            if live is not None:
                self._seen = max(self._seen, place)

    async def _build(self, *, is_fresh: bool, goes_back: bool = False) -> int:
        """Fill a build until it may answer, together with whoever else is at it."""
        build = await self.index.begin(is_fresh=is_fresh)
        while True:
            filled: Build | None = build
            place = build.position
            target = await self._store.position()
            while filled is not None and place < target:
                filled, place = await self._fill(filled, place, target, keep=True)
            if filled is not None and await self.index.switch(filled, goes_back=goes_back):
                break
            live = await self.index.live()
            if live is not None and live.number >= build.number:
                # Another process has finished it.
                break
            build = await self.index.begin()
        async with self._lock:
            self._live = None
            self._seen = place if goes_back else self._seen
        return place

    async def _fill(self, build: Build, after: int, target: int, *, keep: bool = False) -> tuple[Build | None, int]:
        """Take in a page of events: the build as it is then, None if it has to be looked up, and what it has seen."""
        events = await self._store.read_all(after=after, limit=_PAGE, category=CATEGORY)
        place = events[-1].position if len(events) == _PAGE else max(target, events[-1].position if events else 0)
        entries = tuple(_entries(events))
        if not entries and not keep and place - build.position < _KEEP_EVERY:
            return build, place
        if await self.index.apply(build, entries, place):
            return build._replace(position=place), place
        return None, after


def _entries(events: Iterable[StoredEvent]) -> Iterable[Entry]:
    for event in events:
        # Others may come from a newer version of this slice.
        if event.type == "EntryIndexed":
            data = event.data
            yield Entry(
                str(data.get("id", event.aggregate_id)),
                str(data.get("title", "")),
                str(data.get("category", "")),
                str(data.get("content", "")),
                {str(name): str(value) for name, value in (data.get("metadata") or {}).items()},
            )
