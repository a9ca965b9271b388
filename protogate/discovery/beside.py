"""Work in a copy of this process, on another processor, while this one goes on.

A copy has everything that was found already without anybody sending it, so it suits what is written from much: the
memory for the next run, the pages. Only on Linux, where a copy is made in milliseconds; elsewhere the work is done when
its result is asked for.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Beside"]

Value = TypeVar("Value")
"""Something that marshal writes: texts, numbers, lists of them."""


class Beside(Generic[Value]):
    """One piece of work; whoever begins one asks for its result."""

    def __init__(self, work: Callable[[], Value]) -> None:
        """Begin."""
        self._work = work
        self._child = 0
        if sys.platform == "linux":
            self._begin()

    def _begin(self) -> None:
        reader, writer = os.pipe()
        child = os.fork()
        if child:
            os.close(writer)
            self._child, self._answer = child, reader
            return
        code = 1
        # Whatever goes wrong here goes wrong again in `result`, where somebody hears of it.
        with suppress(BaseException):
            os.close(reader)
            with open(writer, "wb") as pipe:
                pipe.write(marshal.dumps(cast("Any", self._work())))
            code = 0
        os._exit(code)

    def result(self) -> Value:
        """Wait, and return what the work returned; what failed in the copy is tried here, and raises here."""
        if not self._child:
            return self._work()
        with open(self._answer, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(self._child, 0)
        self._child = 0
        if status:
            return self._work()
        return cast("Value", marshal.loads(said))  # noqa: S302 - of our own copy
