"""Commands that are decided and answered, and of which nothing comes.

A slice that runs beside the legacy application runs inside `dry_run()`. There its store can be read and not written, so
it cannot leave anything behind whatever its handlers do.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from protogate.cqrs.errors import ConflictError
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
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from protogate.cqrs.messages import Answer, Expected, IdempotencyKey, NewEvent, Snapshot
    from protogate.cqrs.ports import EventStore

__all__ = ["DryRunStore", "dry_run"]

_IS_DRY: Final[ContextVar[bool]] = ContextVar("is_dry", default=False)


@contextmanager
def dry_run() -> Iterator[None]:
    """Let nothing be written, by this task and those that it starts."""
    token = _IS_DRY.set(True)
    try:
        yield
    finally:
        _IS_DRY.reset(token)


class DryRunStore:
    """A store; in a dry run a commit is checked and answered as the store would, and forgotten."""

    def __init__(self, store: EventStore, now_us: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        """Stand before a store."""
        self._store = store
        self._now_us = now_us

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a store can do
        """As the store; nothing in a dry run, as nobody here knows whether it writes."""
        if _IS_DRY.get():
            raise AttributeError(f"{name!r} is beyond the port of stores, and this is a dry run")
        return getattr(self._store, name)

    async def commit(self, commit: Commit) -> Committed:
        """Write a commit, or say what would be written."""
        return await (self._tried(commit) if _IS_DRY.get() else self._store.commit(commit))

    async def _tried(self, commit: Commit) -> Committed:
        check_commit(commit)
        position = await self._store.position()
        events: list[StoredEvent] = []
        for append in commit.appends:
            version = await self._store.version(append.stream)
            if not meets(append.expected, version):
                raise ConflictError(append.stream, expectation_text(append.expected), version)
            for event in append.events:
                events.append(self._stored(append, event, position + len(events) + 1, version := version + 1))
        owners = {}
        for claim in commit.claims:
            owner = await self._store.owner(claim.space, claim.name)
            if owner is not None:
                owners[claim.space, claim.name] = owner
        claimed(owners, commit.claims)
        stored = tuple(events)
        answer = commit.answer(stored) if commit.answer is not None else None
        return Committed(stored, position + len(stored), answer)

    def _stored(self, append: Append, event: NewEvent, position: int, version: int) -> StoredEvent:
        now = self._now_us()
        return StoredEvent(
            position, append.stream, version, event.id or uuid7(now), event.type, event.data, event.metadata, now
        )

    async def append(self, stream: str, events: Sequence[NewEvent], expected: Expected = Expectation.ANY) -> Committed:
        """Commit events for one stream."""
        return await self.commit(Commit((Append(stream, tuple(events), expected),)))

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[StoredEvent, ...]:
        """As the store."""
        return await self._store.read(stream, after=after, limit=limit)

    async def version(self, stream: str) -> int:
        """As the store."""
        return await self._store.version(stream)

    async def read_all(
        self, *, after: int = 0, limit: int = 1000, category: str | None = None
    ) -> tuple[StoredEvent, ...]:
        """As the store."""
        return await self._store.read_all(after=after, limit=limit, category=category)

    async def position(self) -> int:
        """As the store."""
        return await self._store.position()

    def subscribe(
        self, *, after: int = 0, category: str | None = None
    ) -> AsyncGenerator[tuple[StoredEvent, ...], None]:
        """As the store."""
        return self._store.subscribe(after=after, category=category)

    async def known_answer(self, key: IdempotencyKey) -> Answer | None:
        """As the store."""
        return await self._store.known_answer(key)

    async def owner(self, space: str, name: str) -> str | None:
        """As the store."""
        return await self._store.owner(space, name)

    async def forget_keys(self, before_us: int) -> int:
        """As the store; nothing in a dry run."""
        return 0 if _IS_DRY.get() else await self._store.forget_keys(before_us)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """As the store; nothing in a dry run."""
        if not _IS_DRY.get():
            await self._store.save_snapshot(snapshot)

    async def load_snapshot(self, stream: str, schema: str) -> Snapshot | None:
        """As the store."""
        return await self._store.load_snapshot(stream, schema)

    async def aclose(self) -> None:
        """As the store."""
        await self._store.aclose()
