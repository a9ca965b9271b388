"""`python -m tests.registry.registering DATABASE JOBS`: register in many processes at the same moment.

A process of its own forks them: what it has imported is not imported forty times, and nothing of pytest comes along.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from contextlib import closing
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

import registry.postgres
import registry.sqlite  # noqa: F401 - before the processes fork
from registry.service import Registry
from registry.settings import open_store
from tests.registry.samples import user_text

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue
    from multiprocessing.synchronize import Barrier

__all__ = ["Result"]

Result = tuple[str, int, int, int, bool]
"""Subject, number of the content, version, id and whether it is new."""

_PATIENCE = 120
"""Seconds."""


def _register_one(database: str, subject: str, number: int, start: Barrier, ends: SimpleQueue[Result]) -> None:
    with closing(open_store(database, timeout=_PATIENCE)) as store:
        registry = Registry(store)
        compiled = registry.compile(user_text(number))
        start.wait(_PATIENCE)
        done = registry.register(subject, compiled)
        ends.put((subject, number, done.stored.version, done.stored.schema_id, done.new))


def _main(database: str, jobs: str) -> None:
    context = multiprocessing.get_context("fork")
    listed: list[tuple[str, int]] = json.loads(jobs)
    start: Barrier = context.Barrier(len(listed))
    ends: SimpleQueue[Result] = context.SimpleQueue()
    processes = [context.Process(target=_register_one, args=(database, *job, start, ends)) for job in listed]
    for process in processes:
        process.start()
    # All results fit into the pipe; a process that died has put none, so ask for the exit codes first.
    while running := [process.sentinel for process in processes if process.exitcode is None]:
        wait(running, _PATIENCE)
        if any(process.exitcode for process in processes):
            start.abort()
    if any(process.exitcode for process in processes):
        sys.exit(1)
    print(json.dumps([ends.get() for _ in processes]))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    _main(*sys.argv[1:])
