"""Tells the legacy database what the outbox holds.

Entries are told in their order, once at least; the writer sees to it that each has its effect once. While the legacy
database is away nothing is lost: entries wait in the store, and the relay tries again, more and more seldom. A row that
the database refuses for what it is does not hold up the others: after some tries it becomes a dead letter, which is
kept, counted, and tried again on request.

Any number of processes may run a relay; whoever has the lease works. A process that is killed loses it by time, and one
that was only asleep does no harm when it goes on: what it writes late is older than what is there.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.legacy.database import LegacyUnavailableError, RowRefusedError, in_thread
from gateway.legacy.rows import DESTINATION, LegacyRow, row_of
from protogate.cqrs.errors import CqrsError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from gateway.legacy.state import RelayState
    from gateway.legacy.writer import LegacyWriter
    from protogate.cqrs.messages import Outgoing
    from protogate.cqrs.ports import Outbox

__all__ = ["LEASE", "Pace", "Relay", "RelayStatus"]

LEASE: Final = "relay:legacy"
_LOG: Final = logging.getLogger(__name__)
_BATCH: Final = 100
"""Rows that share a transaction."""


class Pace(NamedTuple):
    """How often the relay looks, and how patient it is; in seconds."""

    poll: float = 0.2
    """Between two looks at an empty outbox."""
    first: float = 0.1
    """After the first failure; doubled by each further one."""
    most: float = 5.0
    """Between two tries at most, so that this is how long a database that is back may wait."""
    lease: float = 15.0
    """After which another process takes over from one that was killed."""
    tries: int = 3
    """Of a row that the database refuses, before it becomes a dead letter."""


_PACE: Final = Pace()


class RelayStatus(NamedTuple):
    """How far the legacy database is behind, and why."""

    waiting: int
    """Entries that were not told yet."""
    lag_seconds: float
    """Since when the oldest of them waits."""
    dead: int
    """Dead letters."""
    holder: str | None
    """Which process relays."""
    is_ours: bool
    told: int
    """Entries that this process has told since it started."""
    failures: int
    """Tries of this process in a row that failed."""
    last_error: str


class _RetryLaterError(CqrsError):
    """A row was refused, but not often enough yet."""


class Relay:
    """Runs from `start` to `stop`, or as long as its context is open."""

    def __init__(
        self,
        outbox: Outbox,
        writer: LegacyWriter,
        state: RelayState,
        *,
        pace: Pace = _PACE,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        """Relay from an outbox; writer and state are closed at the end.

        Args:
            outbox: the event store.
            writer: writes into the legacy database.
            state: leases and dead letters.
            pace: how often and how patiently.
            now_us: gives microseconds since 1970, by the clock that the outbox has.
        """
        self.owner = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self.writer = writer
        self.state = state
        self._outbox = outbox
        self._pace = pace
        self._now_us = now_us
        self._refused: dict[int, int] = {}
        self._held_until = self._look_again = 0.0
        self._task: asyncio.Task[None] | None = None
        self._told = 0
        self._failures = 0
        self._last_error = ""

    async def __aenter__(self) -> Self:
        """Start."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    def start(self) -> None:
        """Begin to relay."""
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="relay")

    async def stop(self) -> None:
        """Stop at once: what was begun and not noted is told again by the next one, without effect."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        with suppress(CqrsError, TimeoutError):
            async with asyncio.timeout(1):
                await self.state.let_go(LEASE, self.owner)
        self.writer.close()
        await self.state.aclose()

    async def status(self) -> RelayStatus:
        """How things stand."""
        waiting, since_us = await self._outbox.backlog(DESTINATION)
        holder = await self.state.holder(LEASE)
        return RelayStatus(
            waiting,
            max(0.0, (self._now_us() - since_us) / 1_000_000) if waiting else 0.0,
            await self.state.count_dead(DESTINATION),
            holder,
            holder == self.owner,
            self._told,
            self._failures,
            self._last_error,
        )

    async def relay_once(self) -> int:
        """Tell what waits now, one batch at most; give how many entries were dealt with.

        Raises:
            CqrsError: some could not be told; they wait.
        """
        entries = await self._outbox.pending(DESTINATION, limit=_BATCH)
        if not entries:
            return await self._try_dead_again()
        rows: list[tuple[int, LegacyRow]] = []
        for number, entry in entries:
            try:
                rows.append((number, row_of(entry.body)))
            except DataError as error:
                # Those before it first: what is done is done in order.
                await self._tell(rows)
                await self._bury(number, entry, str(error))
                rows = []
        await self._tell(rows)
        return len(entries)

    async def _work(self) -> None:
        pace = self._pace
        while True:
            pause = pace.poll
            try:
                if not await self._leads():
                    pause = pace.lease / 3
                elif await self.relay_once():
                    pause = 0.0
                self._failures, self._last_error = 0, ""
            except CqrsError as error:
                pause = self._after(str(error))
                # More and more seldom: who is away for a night must not fill a disk with that.
                if self._failures.bit_count() == 1:
                    _LOG.warning("legacy: %s; failure %d, trying again in %.1f s", error, self._failures, pause)
            except Exception as error:  # noqa: BLE001 - logged; the queue must not stand still for one mistake
                pause = self._after(f"{type(error).__name__}: {error}")
                _LOG.exception("legacy: the relay failed; trying again in %.1f s", pause)
            await asyncio.sleep(pause)

    def _after(self, reason: str) -> float:
        """Count a failure; give how long to wait, by chance, so that processes do not all come back together."""
        self._failures += 1
        self._last_error = reason
        longest = min(self._pace.most, self._pace.first * 2.0 ** min(self._failures - 1, 20))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret

    async def _leads(self) -> bool:
        """Whether it is ours to relay; the lease is renewed long before it ends."""
        now = time.monotonic()
        if now < self._held_until - self._pace.lease * 2 / 3:
            return True
        self._held_until = 0.0
        if not await self.state.hold(LEASE, self.owner, self._pace.lease):
            return False
        self._held_until = now + self._pace.lease
        return True

    async def _tell(self, rows: Sequence[tuple[int, LegacyRow]]) -> None:
        """Write rows together; one after the other when one of them is refused."""
        if not rows:
            return
        try:
            await self._write([row for _, row in rows])
        except RowRefusedError:
            for number, row in rows:
                await self._tell_one(number, row)
        else:
            await self._note([number for number, _ in rows])

    async def _tell_one(self, number: int, row: LegacyRow) -> None:
        try:
            await self._write([row])
        except RowRefusedError as error:
            self._refused[number] = self._refused.get(number, 0) + 1
            if self._refused[number] < self._pace.tries:
                raise _RetryLaterError(str(error)) from error
            _LOG.error("legacy: %s; kept as dead letter %d", error, number)
            await self.state.bury(DESTINATION, number, str(error), row._asdict())
        await self._note([number])

    async def _bury(self, number: int, entry: Outgoing, reason: str) -> None:
        _LOG.error("legacy: outbox entry %d: %s; kept as dead letter", number, reason)
        await self.state.bury(DESTINATION, number, reason, entry.body)
        await self._note([number])

    async def _note(self, numbers: Sequence[int]) -> None:
        """Take entries out of the outbox; only now are they told."""
        await self._outbox.told(DESTINATION, numbers)
        self._told += len(numbers)
        for number in numbers:
            self._refused.pop(number, None)

    async def _try_dead_again(self) -> int:
        """Try the dead letters for which somebody asked; looked for more seldom, as nobody waits by the second."""
        now = time.monotonic()
        if now < self._look_again:
            return 0
        self._look_again = now + 5 * self._pace.poll
        letters = await self.state.dead(DESTINATION, limit=_BATCH, is_waiting=True)
        for letter in letters:
            try:
                await self._write([row_of(letter.body)])
            except (RowRefusedError, DataError) as error:
                await self.state.bury(DESTINATION, letter.number, str(error), letter.body)
            else:
                await self.state.forget(DESTINATION, [letter.number])
        return len(letters)

    async def _write(self, rows: Sequence[LegacyRow]) -> None:
        try:
            await in_thread(lambda: self.writer.write(rows))
        except LegacyUnavailableError:
            # A lease that lapsed meanwhile is asked for again.
            self._held_until = 0.0
            raise
