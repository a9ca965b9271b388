"""One thread that writes, so that all that waits shares one transaction and one wait for the disk."""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeAlias, TypeVar

from protogate.cqrs.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

__all__ = ["GroupWriter"]

Job = TypeVar("Job")
Result = TypeVar("Result")

_MOST: Final = 512
"""Jobs that share a transaction: beyond that they gain nothing and wait longer."""
_AT_ONCE: Final = 64
"""Tasks that go on in one round of the event loop."""

Outcome: TypeAlias = "Result | Exception"
Waiting: TypeAlias = "tuple[Job, asyncio.Future[Result]]"


class GroupWriter(Generic[Job, Result]):
    """Runs jobs of many tasks in batches, one batch after the other, on a thread of its own."""

    def __init__(
        self,
        run_batch: Callable[[Sequence[Job]], Sequence[Outcome[Result]]],
        *,
        name: str,
        finish: Callable[[], None] = lambda: None,
        written: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the thread.

        Args:
            run_batch: gives each job's result or failure; what it raises is the failure of all.
            name: of the thread.
            finish: called on the thread when it ends.
            written: called in the event loop after each batch, before its tasks go on.
        """
        self._run_batch = run_batch
        self._finish = finish
        self._written = written
        self._collected: dict[asyncio.AbstractEventLoop, list[Waiting[Job, Result]]] = {}
        self._queue: queue.SimpleQueue[_Handed[Job, Result] | None] = queue.SimpleQueue()
        self._is_open = True
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, job: Job) -> Result:
        """Hand in a job and wait until its batch is on disk.

        A caller that is cancelled stops waiting; its job is done all the same.

        Raises:
            StoreUnavailableError: the writer was closed.
        """
        if not self._is_open:
            raise StoreUnavailableError("the store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        collected = self._collected.get(loop)
        if collected is None:
            # What comes in one round of the loop goes over together: the thread, once awake, wants the interpreter.
            collected = self._collected[loop] = []
            loop.call_soon(self._hand_over, loop)
        collected.append((job, future))
        return await future

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        collected = self._collected.pop(loop, [])
        for start in range(0, len(collected), _MOST):
            self._queue.put(_Handed(loop, collected[start : start + _MOST]))

    async def aclose(self) -> None:
        """Do what was handed in, refuse what comes later, and end the thread."""
        if self._is_open:
            self._is_open = False
            for loop in tuple(self._collected):
                self._hand_over(loop)
            self._queue.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    @property
    def is_alive(self) -> bool:
        """Whether the thread still works."""
        return self._thread.is_alive()

    def _work(self) -> None:
        try:
            while batch := self._next_batch():
                self._deliver(batch, self._outcomes([job for handed in batch for job, _ in handed.jobs]))
        finally:
            self._finish()

    def _next_batch(self) -> list[_Handed[Job, Result]]:
        """Wait for jobs and take all that wait with them; none at the end."""
        first = self._queue.get()
        batch: list[_Handed[Job, Result]] = []
        count = 0
        while first is not None:
            batch.append(first)
            count += len(first.jobs)
            if count >= _MOST:
                return batch
            try:
                first = self._queue.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            # The end was handed in behind these: keep it for the next round.
            self._queue.put(None)
        return batch

    def _outcomes(self, jobs: Sequence[Job]) -> Sequence[Outcome[Result]]:
        try:
            return self._run_batch(jobs)
        except Exception as error:  # noqa: BLE001 - every task must hear what became of its job
            return [error] * len(jobs)

    def _deliver(self, batch: Sequence[_Handed[Job, Result]], outcomes: Sequence[Outcome[Result]]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Result], Outcome[Result]]]] = {}
        waiting = iter(outcomes)
        for loop, jobs in batch:
            told = by_loop.setdefault(loop, [])
            told += [(future, next(waiting)) for _, future in jobs]
        for loop, told in by_loop.items():
            # A loop that is closed has nobody left to tell.
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._tell, loop, told)

    def _tell(
        self,
        loop: asyncio.AbstractEventLoop,
        told: Sequence[tuple[asyncio.Future[Result], Outcome[Result]]],
        start: int = 0,
    ) -> None:
        """Let tasks go on, a few in one round of the loop, so that others need not wait until all have gone on."""
        if not start:
            self._written()
        for future, outcome in told[start : start + _AT_ONCE]:
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        if start + _AT_ONCE < len(told):
            loop.call_soon(self._tell, loop, told, start + _AT_ONCE)


class _Handed(NamedTuple, Generic[Job, Result]):
    """What came in one round of an event loop."""

    loop: asyncio.AbstractEventLoop
    jobs: list[Waiting[Job, Result]]


class TaskWriter(Generic[Job, Result]):
    """The same on a task of the event loop, for stores whose clients are made for it."""

    def __init__(
        self,
        run_batch: Callable[[Sequence[Job]], Awaitable[Sequence[Outcome[Result]]]],
        *,
        most: int = _MOST,
        written: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the task; `run_batch` and `written` are those of `GroupWriter`, `most` bounds a batch."""
        self._run_batch = run_batch
        self._most = most
        self._written = written
        self._queue: asyncio.Queue[tuple[Job, asyncio.Future[Result]] | None] = asyncio.Queue()
        self._is_open = True
        self._task = asyncio.create_task(self._work(), name="events-writer")

    async def run(self, job: Job) -> Result:
        """Hand in a job and wait until its batch is written.

        Raises:
            StoreUnavailableError: the writer was closed.
        """
        if not self._is_open:
            raise StoreUnavailableError("the store is closed")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((job, future))
        return await future

    async def aclose(self) -> None:
        """Do what was handed in, refuse what comes later, and end the task."""
        if self._is_open:
            self._is_open = False
            self._queue.put_nowait(None)
        await asyncio.wait([self._task])

    @property
    def is_alive(self) -> bool:
        """Whether the task still works."""
        return not self._task.done()

    async def _work(self) -> None:
        ended = False
        while not ended:
            batch: list[tuple[Job, asyncio.Future[Result]]] = []
            first = await self._queue.get()
            while first is not None:
                batch.append(first)
                if len(batch) >= self._most or self._queue.empty():
                    break
                first = self._queue.get_nowait()
            ended = first is None
            if batch:
                self._tell(batch, await self._outcomes(batch))

    async def _outcomes(self, batch: Sequence[tuple[Job, asyncio.Future[Result]]]) -> Sequence[Outcome[Result]]:
        try:
            return await self._run_batch([job for job, _ in batch])
        except Exception as error:  # noqa: BLE001 - every task must hear what became of its job
            return [error] * len(batch)

    def _tell(self, batch: Sequence[tuple[Job, asyncio.Future[Result]]], outcomes: Sequence[Outcome[Result]]) -> None:
        self._written()
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
