"""The threads that touch the store: one that writes and a few that read; the loop never waits for a database."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Crew"]

Job = TypeVar("Job")
Result = TypeVar("Result")

_MOMENT = 0.003
"""Seconds: less than a commit takes on most disks."""
_GLANCE = 0.0002


class Crew(Generic[Job, Result]):
    """Threads that take jobs from one queue.

    A thread takes all jobs that wait, hands them to `run`, which never raises, and wakes the loop once for all of
    them: waking it costs more than most reads. At most `batch` jobs are taken at once: the first of them waits for
    the last. While `expects_more` says that others are on their way, it waits a moment for them.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[Job]], Sequence[Result]],
        *,
        threads: int,
        batch: int,
        expects_more: Callable[[], bool] = lambda: False,
    ) -> None:
        self._jobs: SimpleQueue[tuple[Job, asyncio.Future[Result]] | None] = SimpleQueue()
        self._run = run
        self._longest = batch
        self._expects_more = expects_more
        self._loop = asyncio.get_running_loop()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> asyncio.Future[Result]:
        """Queue a job; its result arrives in the future."""
        future: asyncio.Future[Result] = self._loop.create_future()
        self._jobs.put((job, future))
        return future

    def stop(self) -> None:
        """Let the threads finish what waits, and take no more."""
        for _ in self._threads:
            self._jobs.put(None)

    def has_ended(self, deadline: float) -> bool:
        """Wait for the threads until the monotonic clock shows `deadline`; tell whether all of them are done."""
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while True:
            batch = self._take()
            jobs = [one for one in batch if one is not None]
            if jobs:
                results = self._run([job for job, _ in jobs])
                futures = [future for _, future in jobs]
                with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                    self._loop.call_soon_threadsafe(_deliver, futures, results)
            if len(jobs) < len(batch):
                return

    def _take(self) -> list[tuple[Job, asyncio.Future[Result]] | None]:
        """The next job and those that wait behind it, up to a sign to stop."""
        batch = [self._jobs.get()]
        deadline = time.monotonic() + _MOMENT
        while batch[-1] is not None and len(batch) < self._longest:
            try:
                batch.append(self._jobs.get_nowait())
            except Empty:
                if not self._expects_more() or time.monotonic() > deadline:
                    break
                time.sleep(_GLANCE)
        return batch


def _deliver(futures: Sequence[asyncio.Future[Result]], results: Sequence[Result]) -> None:
    for future, result in zip(futures, results, strict=True):
        # A client that went away has cancelled its future.
        if not future.done():
            future.set_result(result)
