"""protoc in this process: no start-up to pay, and not a word of it on our stderr."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from protogate.descriptors.wire import write_varint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["ProtocError", "compile_descriptor", "compile_folders", "compile_text"]

_STDERR: Final = 2
_LOCK: Final = threading.Lock()
"""Held while file descriptor 2 is not where it belongs."""


class ProtocError(Exception):
    """The input does not compile."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[0])
        self.lines = tuple(lines)
        """What protoc says, `file:line:column: words`, without warnings."""


def compile_text(name: str, text: str, imports: Iterable[bytes]) -> bytes:
    """Compile text to a FileDescriptorSet of one file with source info.

    Args:
        name: the path under which others import it; letters, digits and `_-./` only.
        text: Protobuf source.
        imports: serialized FileDescriptorProtos of everything that it imports, transitively.

    Raises:
        ProtocError: it does not compile.
    """
    with _workspace() as place:
        (place / "main").write_text(text, encoding="utf-8", newline="")
        return _compile(place, imports, f"-I{name}={place}/main", f"{place}/main", shown=name)


def compile_descriptor(name: str, descriptor: bytes, imports: Iterable[bytes]) -> bytes:
    """Check a serialized FileDescriptorProto that is named `name`; give the FileDescriptorSet as protoc writes it.

    Raises:
        ProtocError: it is not what a compiler could have made.
    """
    with _workspace() as place:
        return _compile(place, (*imports, descriptor), name, shown=name)


def compile_folders(folders: Iterable[Path], name: str) -> bytes:
    """Compile a file of ours to a FileDescriptorSet with all its imports.

    Raises:
        ProtocError: it does not compile.
    """
    with _workspace() as place:
        return _compile(place, (), *(f"-I{folder}" for folder in folders), "--include_imports", name, shown=name)


def _compile(place: Path, imports: Iterable[bytes], *arguments: str, shown: str) -> bytes:
    image = place / "image"
    listed = b"".join(b"\x0a" + write_varint(len(each)) + each for each in imports)
    command = ["protoc", f"--descriptor_set_out={image}", "--include_source_info", "--experimental_editions"]
    if listed:
        (place / "imports").write_bytes(listed)
        command.append(f"--descriptor_set_in={place}/imports")
    status, said = _run([*command, *arguments])
    if status:
        _refuse(said, place, shown)
    return image.read_bytes()


def _refuse(said: str, place: Path, shown: str) -> NoReturn:
    lines = [line.replace(f"{place}/main", shown) for line in said.splitlines()]
    raise ProtocError([line for line in lines if line and ": warning:" not in line] or [f"{shown}: does not compile"])


def _run(command: Sequence[str]) -> tuple[int, str]:
    from grpc_tools import _protoc_compiler  # noqa: PLC0415 - loads a compiler of 5 MB

    arguments = [os.fsencode(each) for each in command]
    # protoc writes to the file descriptor. The call holds the interpreter's lock, so no other thread writes meanwhile.
    with _LOCK, tempfile.TemporaryFile() as said:
        sys.stderr.flush()
        kept = os.dup(_STDERR)
        try:
            os.dup2(said.fileno(), _STDERR)
            status = _protoc_compiler.run_main(arguments)
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
        said.seek(0)
        return status, said.read().decode(errors="replace") if status else ""


@contextmanager
def _workspace() -> Iterator[Path]:
    """A folder that no other thread or process writes to."""
    place = _folder(os.getpid(), threading.get_ident())
    try:
        yield place
    finally:
        for name in ("main", "imports", "image"):
            with suppress(FileNotFoundError):
                (place / name).unlink()


@cache
def _root(process: int) -> tempfile.TemporaryDirectory[str]:
    """One for each process: a child of a fork must not write into the folder of its parent."""
    return tempfile.TemporaryDirectory(prefix=f"protogate-registry-{process}-")


@cache
def _folder(process: int, thread: int) -> Path:
    place = Path(_root(process).name) / str(thread)
    place.mkdir(exist_ok=True)
    return place
