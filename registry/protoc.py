"""protoc in this process: no start-up to pay, and not a word of it on our stderr."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
import weakref
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, NoReturn, Protocol

from protogate.descriptors.wire import write_varint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

__all__ = ["Protoc", "ProtocError", "compile_descriptor", "compile_folders", "compile_text"]

_STDERR: Final = 2
_TALK: Final = re.compile(r": warning:|^WARNING: All log messages|^[IWEF]\d{4} \d\d:")
"""What is no error: warnings, and lines of the log of its libraries."""
_LOCK: Final = threading.Lock()
"""Held while file descriptor 2 is not where it belongs."""


class ProtocError(Exception):
    """The input does not compile."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[0])
        self.lines = tuple(lines)
        """What protoc says, `file:line:column: words`, without warnings."""


class Protoc(Protocol):
    """Where protoc runs: this module itself, or `registry.protoc_process`."""

    def compile_text(self, name: str, text: str, imports: Iterable[bytes]) -> bytes:
        """See the function of this module."""
        ...

    def compile_descriptor(self, name: str, descriptor: bytes, imports: Iterable[bytes]) -> bytes:
        """See the function of this module."""
        ...


def compile_text(name: str, text: str, imports: Iterable[bytes]) -> bytes:
    """Compile text to a FileDescriptorSet of one file with source info.

    Args:
        name: the path under which others import it; letters, digits and `_-./` only.
        text: Protobuf source.
        imports: serialized FileDescriptorProtos of everything that it imports, transitively.

    Raises:
        ProtocError: it does not compile.
    """
    main = _desk().main
    main.write(text.encode())
    return _compile(imports, f"-I{name}={main.path}", main.path, shown=name)


def compile_descriptor(name: str, descriptor: bytes, imports: Iterable[bytes]) -> bytes:
    """Check a serialized FileDescriptorProto that is named `name`; give the FileDescriptorSet as protoc writes it.

    Raises:
        ProtocError: it is not what a compiler could have made.
    """
    return _compile((*imports, descriptor), name, shown=name)


def compile_folders(folders: Iterable[Path], name: str) -> bytes:
    """Compile a file of ours to a FileDescriptorSet with all its imports.

    Raises:
        ProtocError: it does not compile.
    """
    return _compile((), *(f"-I{folder}" for folder in folders), "--include_imports", name, shown=name)


class _Scratch:
    """A file of one thread that is written again and again: opening one costs a fifth of a small compilation."""

    def __init__(self) -> None:
        if sys.platform == "linux":
            self.number = os.memfd_create("protogate")
            self.path = f"/proc/self/fd/{self.number}"
        else:
            self.number, self.path = tempfile.mkstemp(prefix="protogate-")
            weakref.finalize(self, os.unlink, self.path)
        # Lives as long as its thread.
        weakref.finalize(self, os.close, self.number)

    def write(self, content: bytes) -> None:
        os.ftruncate(self.number, 0)
        written = 0
        while written < len(content):
            written += os.pwrite(self.number, content[written:], written)

    def read(self) -> bytes:
        return os.pread(self.number, os.fstat(self.number).st_size, 0)


class _Desk:
    """The files of one thread of one process."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.main = _Scratch()
        self.imports = _Scratch()
        self.image = _Scratch()
        self.said = _Scratch()


_LOCAL: Final = threading.local()


def _desk() -> _Desk:
    desk: _Desk | None = getattr(_LOCAL, "desk", None)
    # A child of a fork must not write into the files of its parent.
    if desk is None or desk.process != os.getpid():
        desk = _LOCAL.desk = _Desk()
    return desk


def _compile(imports: Iterable[bytes], *arguments: str, shown: str) -> bytes:
    desk = _desk()
    listed = b"".join(b"\x0a" + write_varint(len(each)) + each for each in imports)
    command = ["protoc", f"--descriptor_set_out={desk.image.path}", "--include_source_info", "--experimental_editions"]
    if listed:
        desk.imports.write(listed)
        command.append(f"--descriptor_set_in={desk.imports.path}")
    if _run([*command, *arguments], desk.said):
        _refuse(desk.said.read().decode(errors="replace"), desk.main.path, shown)
    return desk.image.read()


def _refuse(said: str, path: str, shown: str) -> NoReturn:
    lines = [line.replace(path, shown) for line in said.splitlines()]
    errors = [line for line in lines if line and not _TALK.search(line)]
    raise ProtocError(errors or [f"{shown}: does not compile"])


@cache
def _compiler() -> Callable[[list[bytes]], int]:
    # Not before something is compiled: it weighs 5 MB. It has no types, and no public name for a call in process.
    run: Callable[[list[bytes]], int] = import_module("grpc_tools._protoc_compiler").run_main
    return run


def _run(command: Sequence[str], said: _Scratch) -> int:
    """Run protoc and give its exit code; what it says goes to a file of ours."""
    run = _compiler()
    arguments = [os.fsencode(each) for each in command]
    said.write(b"")
    # protoc writes to the file descriptor. The call holds the interpreter's lock, so no other thread writes meanwhile.
    with _LOCK:
        kept = os.dup(_STDERR)
        os.lseek(said.number, 0, os.SEEK_SET)
        try:
            os.dup2(said.number, _STDERR)
            status = run(arguments)
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
        return status
