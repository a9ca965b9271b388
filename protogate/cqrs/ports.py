"""What commands and readers ask of an event store. Every store passes `protogate.cqrs.testing.EventStoreContract`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from protogate.cqrs.messages import Expectation

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from protogate.cqrs.messages import (
        Answer,
        Commit,
        Committed,
        Expected,
        IdempotencyKey,
        NewEvent,
        Outgoing,
        Snapshot,
        StoredEvent,
    )

__all__ = ["EventStore", "Outbox"]


class EventStore(Protocol):
    """Streams of events that many tasks, and with some stores many processes, share.

    What is acknowledged is on disk. What is not acknowledged is either whole or absent, never half. Readers see events
    in the order of their positions, without gaps: an event that they have not seen is never followed by one that they
    have.
    """

    async def commit(self, commit: Commit) -> Committed:
        """Write all of a commit, or nothing.

        A key that is known wins over everything else: then nothing is checked and nothing is written.

        Raises:
            ConflictError: a stream is not as expected.
            KeyReusedError: the key is known with another fingerprint.
            ClaimedError: a name that the commit claims belongs to another.
            DataError: a stream, an event or an id that cannot be kept.
            StoreUnavailableError: nothing was written; or the connection broke, and a retry with the same key tells.
        """
        ...

    async def append(self, stream: str, events: Sequence[NewEvent], expected: Expected = Expectation.ANY) -> Committed:
        """Commit events for one stream."""
        ...

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[StoredEvent, ...]:
        """Events of one stream with a version greater than `after`, oldest first; none for an unknown stream."""
        ...

    async def version(self, stream: str) -> int:
        """The version of a stream; 0 when it has no events."""
        ...

    async def read_all(
        self, *, after: int = 0, limit: int = 1000, category: str | None = None
    ) -> tuple[StoredEvent, ...]:
        """Events of all streams, or of one category, with a position greater than `after`, in order."""
        ...

    async def position(self) -> int:
        """The position of the newest event that readers can see; 0 when there is none."""
        ...

    def subscribe(
        self, *, after: int = 0, category: str | None = None
    ) -> AsyncGenerator[tuple[StoredEvent, ...], None]:
        """Give past events after a position and then each new one as it happens, in batches, until closed.

        No event is left out and none comes twice, whatever the moment at which past becomes present. A reader that is
        slow reads from the store again: nothing is queued without bound and nothing is dropped.
        """
        ...

    async def known_answer(self, key: IdempotencyKey) -> Answer | None:
        """The answer that was kept with a key, if it is known and not expired.

        Raises:
            KeyReusedError: it is known with another fingerprint.
        """
        ...

    async def owner(self, space: str, name: str) -> str | None:
        """The stream that has claimed a name."""
        ...

    async def forget_keys(self, before_us: int) -> int:
        """Forget keys that expired before a time; give how many."""
        ...

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of an older one of its stream; one of a lower version is not kept."""
        ...

    async def load_snapshot(self, stream: str, schema: str) -> Snapshot | None:
        """The snapshot of a stream, if one of this fold is kept and the stream has come as far."""
        ...

    async def aclose(self) -> None:
        """Finish what was begun, refuse what comes later, let go of the database."""
        ...


class Outbox(Protocol):
    """What commits left to be told to other systems, in the order of positions."""

    async def pending(self, destination: str, *, limit: int = 100) -> tuple[tuple[int, Outgoing], ...]:
        """The oldest entries that were not told yet, each with its number."""
        ...

    async def told(self, destination: str, numbers: Sequence[int]) -> None:
        """Mark entries as told."""
        ...

    async def backlog(self, destination: str) -> tuple[int, int]:
        """How many entries wait, and since when the oldest does, microseconds since 1970; 0 when none waits."""
        ...
