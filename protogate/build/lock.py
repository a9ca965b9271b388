"""One build at a time in a project."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from protogate.build.state import state_directory
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["build_lock", "try_build_lock"]


@contextmanager
def build_lock(root: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the project; wait, and say so, while another build has it."""
    handle = _open(root)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another build of this project to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def try_build_lock(root: str) -> Iterator[bool]:
    """Hold the project if nobody else does; tell whether that worked."""
    handle = _open(root)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _open(root: str) -> int:
    path = os.path.join(state_directory(root), "lock")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # The kernel drops the lock with the process, so a killed build leaves nothing to clear.
        # Plugins must not inherit it: they may outlive a killed build.
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise UserError(f"{path}: cannot be opened: {error.strerror}") from error
