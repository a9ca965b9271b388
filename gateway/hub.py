"""One follower of the store for all who listen: each event is read and written out once, whoever hears it.

A listener owns its position. As long as it keeps up it gets what all others get, bytes that exist once; when it falls
behind what the hub still has, it reads the store by itself until it has caught up. Nothing is queued for it, and
nothing is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections import deque
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import orjson

from protogate.cqrs.errors import CqrsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from types import TracebackType

    from protogate.cqrs.messages import StoredEvent
    from protogate.cqrs.ports import EventStore

__all__ = [
    "EVERYTHING",
    "Batch",
    "Heard",
    "Hub",
    "HubClosedError",
    "Listener",
    "Wanted",
    "event_document",
    "read_wanted",
]

_LOG: Final = logging.getLogger(__name__)
_KEPT: Final = 4096
"""Events that the hub still has for those who are a little late."""
_KEPT_BYTES: Final = 16 * 1024 * 1024
_AT_ONCE: Final = 512
"""Events of one write to a listener."""
_LINE_ENDS: Final = tuple((chr(code).encode(), b"\\u%04x" % code) for code in (0x85, 0x2028, 0x2029))
"""Beside those that JSON escapes anyway, with their escapes."""
_RETRY: Final = 0.5
"""Seconds until the hub asks a store again that could not answer."""
_LOOK: Final = 1.0
"""Seconds between two looks at who is silent or stuck."""


class HubClosedError(Exception):
    """The server ends: there is nothing more to hear."""


class Wanted(NamedTuple):
    """Which events somebody wants to hear."""

    category: str = ""
    """Empty means all."""
    aggregate_ids: frozenset[str] = frozenset()
    """Empty means all."""

    @classmethod
    def of(cls, category: str, aggregate_ids: Iterable[str]) -> Wanted:
        """What a caller asks for; what takes everything is `EVERYTHING` itself."""
        wanted = cls(category, frozenset(filter(None, aggregate_ids)))
        return EVERYTHING if wanted == EVERYTHING else wanted

    def takes(self, category: str, aggregate_id: str) -> bool:
        """Whether an event of this aggregate is wanted."""
        if self.category and category != self.category:
            return False
        return not self.aggregate_ids or aggregate_id in self.aggregate_ids


EVERYTHING: Final = Wanted()


class Heard(NamedTuple):
    """An event, written out."""

    position: int
    category: str
    aggregate_id: str
    document: bytes
    """As `GET /events` gives it."""
    frame: bytes
    """As a server-sent event."""
    message: bytes
    """As a message of a WebSocket."""


def event_document(event: StoredEvent) -> bytes:
    """The JSON document of an event, `events.v1.StoredEvent`, the same wherever events are given."""
    document = orjson.dumps(
        {
            "id": event.id,
            "aggregate_id": event.aggregate_id,
            "event_type": event.type,
            "payload": event.data,
            "version": event.version,
            "timestamp": datetime.fromtimestamp(event.timestamp_us // 1_000_000, UTC).replace(
                microsecond=event.timestamp_us % 1_000_000
            ),
            "position": event.position,
            "category": event.category,
            "metadata": event.metadata,
        },
        option=orjson.OPT_UTC_Z,
    )
    return document if document.isascii() else _on_one_line(document)


def _on_one_line(document: bytes) -> bytes:
    """The same document without what some readers of event streams take for the end of a line, as Python does."""
    for character, escape in _LINE_ENDS:
        document = document.replace(character, escape)
    return document


def heard(event: StoredEvent) -> Heard:
    """Write an event out in all forms."""
    document = event_document(event)
    kind = event.type.encode()
    return Heard(
        event.position,
        event.category,
        event.aggregate_id,
        document,
        b"id: %d\nevent: %b\ndata: %b\n\n" % (event.position, kind, document),
        b'{"event":%b,"position":%d,"data":%b}' % (orjson.dumps(event.type), event.position, document),
    )


class Batch:
    """Events that somebody hears at once; joined once, however many hear them."""

    __slots__ = ("_frames", "events")

    def __init__(self, events: Sequence[Heard]) -> None:
        """Hold events in order."""
        self.events = events
        self._frames = b""

    def __bool__(self) -> bool:
        return bool(self.events)

    @property
    def frames(self) -> bytes:
        """All of them as server-sent events."""
        if not self._frames:
            self._frames = b"".join([one.frame for one in self.events])
        return self._frames


_SILENCE: Final = Batch(())


class Listener:
    """Somebody who hears events from a position on."""

    def __init__(self, hub: Hub, wanted: Wanted, after: int) -> None:
        """Start after a position."""
        self.position = after
        self.wanted = wanted
        self.busy_since = 0.0
        """When it began to write what it heard; 0 while it waits."""
        self.heard_at = hub.now()
        self.stuck: Callable[[], object] | None = None
        """Called when it has been busy for too long."""
        self._hub = hub
        self._waiter: asyncio.Future[None] | None = None

    async def next(self, heartbeat: float | None = None) -> Batch:
        """Wait for events that are wanted; none when there were none for some seconds.

        Raises:
            HubClosedError: the server ends.
            StoreUnavailableError: what was missed cannot be read now; try again.
        """
        self.busy_since = 0.0
        while True:
            if self._hub.is_closed:
                raise HubClosedError
            found = self._hub.after(self)
            if found is None:
                found = await self._missed()
            now = self._hub.now()
            if found:
                self.heard_at = self.busy_since = now
                return found
            if self.position < self._hub.position:
                continue
            if heartbeat is not None and now - self.heard_at >= heartbeat:
                self.heard_at = self.busy_since = now
                return _SILENCE
            await self._wait()

    def wake(self) -> None:
        """Let it look again."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    @property
    def is_behind(self) -> bool:
        """Whether the hub has no longer what comes next for it."""
        return self._hub.has_lost(self.position)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def _missed(self) -> Batch:
        events, position = await read_wanted(
            self._hub.store, self.wanted, self._hub.categories, self.position, self._hub.position, _AT_ONCE
        )
        self.position = position
        return Batch([heard(event) for event in events])


class Hub:
    """Follows the store for all listeners of a process."""

    def __init__(
        self,
        store: EventStore,
        categories: Iterable[str],
        *,
        stall: float = 30.0,
        heartbeat: float = 15.0,
        kept: int = _KEPT,
    ) -> None:
        """Follow a store once entered.

        Args:
            store: where events are.
            categories: in which an aggregate may be, as its id alone does not say.
            stall: seconds after which a listener that is still busy is stuck.
            heartbeat: seconds after which silent listeners look up.
            kept: events that are still here for listeners who are a little late.
        """
        self.store = store
        self.categories = tuple(categories)
        self.position = 0
        """Of the last event that everybody was told of."""
        self.is_closed = False
        self.told = 0
        """Events that were followed since the start."""
        self._stall = stall
        self._heartbeat = heartbeat
        self._most = kept
        self._kept: deque[Heard] = deque()
        self._kept_bytes = 0
        self._begin = 0
        """Everything after this position is kept."""
        self._next: tuple[int, Batch] = (-1, _SILENCE)
        self._listeners: set[Listener] = set()
        self._is_needed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.now: Callable[[], float] = lambda: 0.0

    async def __aenter__(self) -> Self:
        """Begin to follow."""
        self.now = asyncio.get_running_loop().time
        self.position = self._begin = await self.store.position()
        self._tasks = [
            asyncio.create_task(self._follow(), name="hub-follow"),
            asyncio.create_task(self._look_after(), name="hub-look"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop following."""
        self.close()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def close(self) -> None:
        """Tell all listeners that the server ends."""
        self.is_closed = True
        for listener in self._listeners:
            listener.wake()

    def listen(self, wanted: Wanted, after: int) -> Listener:
        """Begin to listen after a position. Give the listener to `leave` in the end."""
        listener = Listener(self, wanted, after)
        self._listeners.add(listener)
        self._is_needed.set()
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        self._listeners.discard(listener)
        if not self._listeners:
            self._is_needed.clear()

    def has_lost(self, position: int) -> bool:
        """Whether something after a position is no longer kept."""
        return position < self._begin

    def after(self, listener: Listener) -> Batch | None:
        """What a listener did not hear yet and wants, moving it on; None when that is no longer kept."""
        start = listener.position
        if start >= self.position:
            return _SILENCE
        if start < self._begin:
            return None
        found = self._since(start)
        listener.position = found.events[-1].position
        wanted = listener.wanted
        if wanted is EVERYTHING:
            return found
        return Batch([one for one in found.events if wanted.takes(one.category, one.aggregate_id)])

    def _since(self, start: int) -> Batch:
        """The next ones after a position; most listeners ask for the same, so the last answer is kept."""
        if self._next[0] != start:
            kept = self._kept
            first = bisect_right(kept, start, key=lambda one: one.position)
            self._next = start, Batch([kept[place] for place in range(first, min(first + _AT_ONCE, len(kept)))])
        return self._next[1]

    async def _follow(self) -> None:
        while not self.is_closed:
            # Without listeners events are not even read: that would cost a busy gateway a tenth of its commands.
            await self._is_needed.wait()
            try:
                self._begin_at(await self.store.position())
                await self._follow_while_needed()
            except Exception as error:  # noqa: BLE001 - a follower that ends would silence everybody
                _LOG.warning("events cannot be followed now: %s", error, exc_info=not isinstance(error, CqrsError))
                await asyncio.sleep(_RETRY)

    async def _follow_while_needed(self) -> None:
        async with aclosing(self.store.subscribe(after=self.position)) as batches:
            async for batch in batches:
                self._tell(batch)
                if not self._is_needed.is_set():
                    return

    def _begin_at(self, position: int) -> None:
        """Forget what is older: between then and now nobody has followed."""
        self._kept.clear()
        self._kept_bytes = 0
        self._next = -1, _SILENCE
        self.position = self._begin = position
        for listener in self._listeners:
            listener.wake()

    def _tell(self, batch: Sequence[StoredEvent]) -> None:
        for event in batch:
            one = heard(event)
            self._kept.append(one)
            self._kept_bytes += len(one.frame)
        self.told += len(batch)
        before, self.position = self.position, batch[-1].position
        while len(self._kept) > self._most or self._kept_bytes > _KEPT_BYTES:
            gone = self._kept.popleft()
            self._kept_bytes -= len(gone.frame)
            self._begin = gone.position
        self._next = -1, _SILENCE
        self._wake_for(batch, before)

    def _wake_for(self, batch: Sequence[StoredEvent], before: int) -> None:
        """Wake those for whom there is something; the others, if they wait, have seen it without waking."""
        wanted_by_somebody: dict[Wanted, bool] = {EVERYTHING: True}
        for listener in self._listeners:
            wanted = listener.wanted
            is_wanted = wanted_by_somebody.get(wanted)
            if is_wanted is None:
                is_wanted = any(wanted.takes(one.category, one.aggregate_id) for one in batch)
                wanted_by_somebody[wanted] = is_wanted
            if is_wanted or listener.position != before:
                listener.wake()
            else:
                listener.position = self.position

    async def _look_after(self) -> None:
        """Wake those who were silent for long, and give up those who do not take what they hear."""
        while True:
            await asyncio.sleep(_LOOK)
            now = self.now()
            for listener in tuple(self._listeners):
                if listener.busy_since and now - listener.busy_since > self._stall:
                    if listener.stuck is not None:
                        listener.stuck()
                elif now - listener.heard_at >= self._heartbeat:
                    listener.wake()


async def read_wanted(  # noqa: PLR0913, PLR0917 - where, what, from where to where, and how much
    store: EventStore, wanted: Wanted, categories: Sequence[str], after: int, until: int, limit: int
) -> tuple[list[StoredEvent], int]:
    """Read events that are wanted from the store.

    Args:
        store: where events are.
        wanted: which ones.
        categories: in which an aggregate may be.
        after: the first event has a greater position.
        until: a position up to which the store can be read.
        limit: how many at most.

    Returns:
        The events, and the position up to which none is left out.
    """
    if wanted.aggregate_ids:
        found = [
            event
            for category in ([wanted.category] if wanted.category else categories)
            for aggregate_id in wanted.aggregate_ids
            async for event in _stream(store, f"{category}/{aggregate_id}")
            if event.position > after
        ]
        found.sort(key=lambda event: event.position)
    else:
        found = list(await store.read_all(after=after, limit=limit, category=wanted.category or None))
    if len(found) >= limit:
        return found[:limit], found[limit - 1].position
    return found, max(until, after, found[-1].position if found else 0)


async def _stream(store: EventStore, stream: str) -> AsyncIterator[StoredEvent]:
    version = 0
    while True:
        events = await store.read(stream, after=version, limit=1000)
        for event in events:
            yield event
        if len(events) < 1000:  # noqa: PLR2004 - the page
            return
        version += len(events)
