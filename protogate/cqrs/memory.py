"""A store in the memory of one process: for tests and for a first try. Its laws are those of the others."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from protogate.cqrs.codec import decode, encode
from protogate.cqrs.errors import ConflictError, DataError, KeyReusedError, StoreUnavailableError
from protogate.cqrs.feed import Signal, follow
from protogate.cqrs.ids import uuid7
from protogate.cqrs.messages import (
    Append,
    Commit,
    Committed,
    Expectation,
    StoredEvent,
    check_commit,
    claimed,
    expectation_text,
    meets,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from protogate.cqrs.messages import Answer, Expected, IdempotencyKey, NewEvent, Outgoing, Snapshot

__all__ = ["MemoryStore"]


class MemoryStore:
    """An `EventStore` and `Outbox` that forgets all when the process ends."""

    def __init__(self, now_us: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        """Start empty; `now_us` gives microseconds since 1970."""
        self._now_us = now_us
        self._events: list[StoredEvent] = []
        self._streams: dict[str, list[StoredEvent]] = {}
        self._ids: set[str] = set()
        self._keys: dict[tuple[str, str], tuple[IdempotencyKey, Answer | None]] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._claims: dict[tuple[str, str], str] = {}
        self._outgoing: dict[str, list[tuple[int, int, Outgoing]]] = {}
        self._numbered = 0
        self._signal = Signal()
        self._is_open = True

    async def commit(self, commit: Commit) -> Committed:
        """Write all of a commit, or nothing."""
        self._check_open()
        check_commit(commit)
        if commit.key is not None and self._key(commit.key) is not None:
            return Committed((), len(self._events), await self.known_answer(commit.key), is_replay=True)
        self._check_expectations(commit)
        claims = claimed(self._claims, commit.claims)
        now = self._now_us()
        stored = self._place(commit.appends, now)
        answer = commit.answer(stored) if commit.answer else None
        # Nothing above has changed anything, nothing below can fail.
        for event in stored:
            self._events.append(event)
            self._streams.setdefault(event.stream, []).append(event)
            self._ids.add(event.id)
        if commit.key is not None:
            self._keys[commit.key.scope, commit.key.key] = commit.key, answer
        self._claims = claims
        for outgoing in commit.outgoing:
            self._numbered += 1
            self._outgoing.setdefault(outgoing.destination, []).append((self._numbered, now, outgoing))
        self._signal.give()
        return Committed(stored, len(self._events), answer)

    async def append(self, stream: str, events: Sequence[NewEvent], expected: Expected = Expectation.ANY) -> Committed:
        """Commit events for one stream."""
        return await self.commit(Commit((Append(stream, tuple(events), expected),)))

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[StoredEvent, ...]:
        """Events of one stream with a version greater than `after`, oldest first."""
        self._check_open()
        end = None if limit is None else after + limit
        return tuple(self._streams.get(stream, ())[after:end])

    async def version(self, stream: str) -> int:
        """The version of a stream; 0 when it has no events."""
        self._check_open()
        return len(self._streams.get(stream, ()))

    async def read_all(
        self, *, after: int = 0, limit: int = 1000, category: str | None = None
    ) -> tuple[StoredEvent, ...]:
        """Events of all streams, or of one category, with a position greater than `after`, in order."""
        self._check_open()
        if category is None:
            return tuple(self._events[after : after + limit])
        return tuple(one for one in self._events[after:] if one.category == category)[:limit]

    async def position(self) -> int:
        """The position of the newest event."""
        self._check_open()
        return len(self._events)

    def subscribe(
        self, *, after: int = 0, category: str | None = None
    ) -> AsyncGenerator[tuple[StoredEvent, ...], None]:
        """Give past events after a position and then each new one as it happens."""

        async def read(position: int) -> tuple[StoredEvent, ...]:
            return await self.read_all(after=position)

        return follow(read, self._signal, after=after, category=category)

    async def known_answer(self, key: IdempotencyKey) -> Answer | None:
        """The answer that was kept with a key, if it is known and not expired."""
        kept = self._key(key)
        if kept is None:
            return None
        if kept[0].fingerprint != key.fingerprint:
            raise KeyReusedError(key.scope, key.key)
        return kept[1]

    async def owner(self, space: str, name: str) -> str | None:
        """The stream that has claimed a name."""
        return self._claims.get((space, name))

    async def forget_keys(self, before_us: int) -> int:
        """Forget keys that expired before a time; give how many."""
        expired = [name for name, (key, _) in self._keys.items() if key.expires_us < before_us]
        for name in expired:
            del self._keys[name]
        return len(expired)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of an older one of its stream."""
        self._check_open()
        kept = self._snapshots.get(snapshot.stream)
        if kept is None or kept.schema != snapshot.schema or kept.version < snapshot.version:
            self._snapshots[snapshot.stream] = snapshot._replace(state=_as_kept(snapshot.state, snapshot.stream))

    async def load_snapshot(self, stream: str, schema: str) -> Snapshot | None:
        """The snapshot of a stream, if one of this fold is kept and the stream has come as far."""
        self._check_open()
        kept = self._snapshots.get(stream)
        if kept is None or kept.schema != schema or kept.version > len(self._streams.get(stream, ())):
            return None
        return kept

    async def pending(self, destination: str, *, limit: int = 100) -> tuple[tuple[int, Outgoing], ...]:
        """The oldest entries that were not told yet, each with its number."""
        return tuple((number, entry) for number, _, entry in self._outgoing.get(destination, ())[:limit])

    async def told(self, destination: str, numbers: Sequence[int]) -> None:
        """Mark entries as told."""
        gone = set(numbers)
        self._outgoing[destination] = [one for one in self._outgoing.get(destination, ()) if one[0] not in gone]

    async def backlog(self, destination: str) -> tuple[int, int]:
        """How many entries wait, and since when the oldest does."""
        waiting = self._outgoing.get(destination, ())
        return len(waiting), waiting[0][1] if waiting else 0

    async def aclose(self) -> None:
        """Refuse what comes later."""
        self._is_open = False
        self._signal.give()

    def _check_open(self) -> None:
        if not self._is_open:
            raise StoreUnavailableError("the store is closed")

    def _key(self, key: IdempotencyKey) -> tuple[IdempotencyKey, Answer | None] | None:
        """What is kept of a key, unless it expired."""
        kept = self._keys.get((key.scope, key.key))
        return None if kept is None or kept[0].expires_us < self._now_us() else kept

    def _check_expectations(self, commit: Commit) -> None:
        for append in commit.appends:
            version = len(self._streams.get(append.stream, ()))
            if not meets(append.expected, version):
                raise ConflictError(append.stream, expectation_text(append.expected), version)
            for event in append.events:
                if event.id in self._ids:
                    raise DataError(f"event id {event.id}: is in the store already; leave it empty for a new one")

    def _place(self, appends: Sequence[Append], now: int) -> tuple[StoredEvent, ...]:
        """Give each event its position and version."""
        placed: list[StoredEvent] = []
        for append in appends:
            version = len(self._streams.get(append.stream, ()))
            for number, event in enumerate(append.events, version + 1):
                position = len(self._events) + len(placed) + 1
                data, metadata = _as_kept(event.data, append.stream), _as_kept(event.metadata, append.stream)
                name = event.id or uuid7(now)
                placed.append(StoredEvent(position, append.stream, number, name, event.type, data, metadata, now))
        return tuple(placed)


def _as_kept(value: object, stream: str) -> Any:  # noqa: ANN401 - what the JSON holds
    """To JSON and back: what no database keeps is refused here as well, and nobody shares a dict with the store."""
    return decode(encode(value, f"stream {stream!r}"))
