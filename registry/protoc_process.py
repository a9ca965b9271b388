"""protoc in processes of their own: a server goes on answering while they compile, and outlives them."""

from __future__ import annotations

import marshal
import os
import select
import signal
import struct
import subprocess
import sys
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Final

from registry.protoc import ProtocError, compile_descriptor, compile_text

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ProtocProcesses"]

_PATIENCE: Final = 30.0
"""Seconds for one schema; one of a thousand messages takes a tenth of a second."""
_LENGTH: Final = struct.Struct("<Q")
_PIECE: Final = 1 << 16
"""Bytes that a pipe of Linux holds."""
_Job = tuple[str, str, bytes, list[bytes]]
"""What to do, the name of the file, its text or descriptor, and what it imports."""
_Answer = tuple[bool, bytes | list[str]]
"""Whether it compiled, and the image or what protoc says."""


class ProtocProcesses:
    """As many compilers as there are processes; threads share them, and each waits for one that is free."""

    def __init__(self, processes: int = 1) -> None:
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        self._all = [_Process() for _ in range(processes)]
        for process in self._all:
            self._idle.put(process)

    def compile_text(self, name: str, text: str, imports: Iterable[bytes]) -> bytes:
        """As `registry.protoc.compile_text`."""
        return self._compile(("text", name, text.encode(), list(imports)))

    def compile_descriptor(self, name: str, descriptor: bytes, imports: Iterable[bytes]) -> bytes:
        """As `registry.protoc.compile_descriptor`."""
        return self._compile(("descriptor", name, descriptor, list(imports)))

    @property
    def pids(self) -> tuple[int, ...]:
        """The numbers of the processes."""
        return tuple(process.pid for process in self._all)

    def close(self) -> None:
        """End the processes."""
        for process in self._all:
            process.stop()

    def _compile(self, job: _Job) -> bytes:
        process = self._idle.get()
        try:
            compiled, found = process.ask(job)
        finally:
            self._idle.put(process)
        if isinstance(found, bytes) and compiled:
            return found
        raise ProtocError(found if isinstance(found, list) else [f"{job[1]}: does not compile"])


class _Process:
    """A compiler that is started when it is needed, and again when it has died."""

    def __init__(self) -> None:
        self._process = self._start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def ask(self, job: _Job) -> _Answer:
        """Have something compiled; a schema that kills the compiler does not compile."""
        try:
            return self._ask(job)
        except (OSError, EOFError, ValueError):
            self.stop()
            self._process = self._start()
            return False, [f"{job[1]}: the compiler gave up on this schema; make it smaller or simpler"]

    def stop(self) -> None:
        """End the process at once: it keeps nothing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, job: _Job) -> _Answer:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise EOFError
        _write(process.stdin, job)
        if not select.select([process.stdout], [], [], _PATIENCE)[0]:
            raise TimeoutError
        answer: _Answer = marshal.loads(_read(process.stdout))  # noqa: S302 - from a process of our own
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        # The package need not be where this interpreter looks by itself.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment,
        )


def _write(pipe: IO[bytes], value: _Job | _Answer) -> None:
    data = marshal.dumps(value)
    rest = memoryview(_LENGTH.pack(len(data)) + data)
    while rest:
        rest = rest[os.write(pipe.fileno(), rest) :]


def _read(pipe: IO[bytes]) -> memoryview:
    """One value: nothing stands behind it before it was answered, so that most come in one piece."""
    data = bytearray()
    end = _LENGTH.size
    while len(data) < end:
        part = os.read(pipe.fileno(), _PIECE)
        if not part:
            raise EOFError
        data += part
        if end == _LENGTH.size <= len(data):
            end += _LENGTH.unpack_from(data)[0]
    return memoryview(data)[_LENGTH.size :]


def _answer(job: _Job) -> _Answer:
    kind, name, content, imports = job
    try:
        if kind == "text":
            return True, compile_text(name, content.decode(), imports)
        return True, compile_descriptor(name, content, imports)
    except ProtocError as error:
        return False, list(error.lines)


def _work() -> None:
    """Compile what comes until nobody asks any more."""
    # Signals may reach the whole group, and the server still answers what it was asked; it closes the pipe in the end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    asked, answered = sys.stdin.buffer, sys.stdout.buffer
    # The first compilation loads the compiler: better now than while somebody waits.
    compile_text("warm.proto", 'syntax = "proto3";', ())
    while True:
        try:
            job: _Job = marshal.loads(_read(asked))  # noqa: S302 - from the server
            _write(answered, _answer(job))
        except (EOFError, BrokenPipeError):
            return


if __name__ == "__main__":
    _work()
