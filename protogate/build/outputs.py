"""Handles generated files: who owns them, were they touched, how they get from staging to place."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING

from protogate.build.plan import Staged
from protogate.build.state import Output
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from protogate.build.state import RawOutput, TargetState

__all__ = ["Owners", "place_outputs", "read_staged", "remove_outputs", "touched_outputs"]

_MARKER = re.compile(
    rb"""\bsources?"?\s*:\s*"?((?:[^",;*\s][^",;*\r\n]*?\.proto)"""
    rb"""(?:\s*,\s*[^",;*\s][^",;*\r\n]*?\.proto)*)\b"""
)
_HEAD = 1024
_PROTOC_PYTHON = re.compile(r"_pb2(?:_grpc)?\.pyi?\Z")
_REPORT = "-report.json"


class Owners:
    """Finds the contracts that a generated file was made from."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._modules = {_protoc_module(name): name for name in self._names}

    def of(self, path: str, content: bytes) -> tuple[str, ...]:
        """Return the import names that the file gives as its sources; empty when it gives none."""
        match = _MARKER.search(content, 0, _HEAD)
        if match:
            # A package of many files may list them beyond the head.
            match = _MARKER.match(content, match.start()) or match
            listed = match[1].decode("utf-8", "replace").split(",")
            # Interned: the state then holds each name once, however many outputs it owns.
            stripped = (sys.intern(name.strip()) for name in listed)
            names = tuple(name for name in stripped if name in self._names)
            if names:
                return names
        # protoc's .pyi and grpc files say nothing, but their names follow one rule.
        stem = _PROTOC_PYTHON.sub("", path)
        owner = self._modules.get(stem) if stem != path else None
        return (sys.intern(owner),) if owner else ()


def touched_outputs(root: str, out: str, target: TargetState) -> list[str]:
    """Return the outputs that are missing or no longer what the build wrote."""
    touched: list[str] = []
    for directory, entries in target.outputs.items():
        prefix = directory + "/" if directory else ""
        touched += [prefix + name for name in _touched_in(os.path.join(root, out, directory), entries)]
    return touched


def read_staged(staging: str, owners: Owners) -> dict[str, Staged]:
    """Return every file that the plugins wrote, by path relative to the output directory."""
    return {path: _staged(staging, path, owners) for path in _walk(staging)}


def place_outputs(
    root: str, out: str, staging: str, staged: Mapping[str, Staged], old: TargetState | None
) -> tuple[dict[str, Output], list[str]]:
    """Move new and changed files into place; an unchanged one keeps its file and its time.

    Returns:
        What to remember of each file, and the paths that were written.
    """
    placed: dict[str, Output] = {}
    written: list[str] = []
    made: set[str] = set()
    for path, new in staged.items():
        target = os.path.join(root, out, path)
        status = _unchanged(target, new, old.get(path) if old else None)
        if status is None:
            _make_parent(target, made)
            _move(os.path.join(staging, path), target)
            status = os.stat(target)
            written.append(path)
        placed[path] = Output(status.st_size, status.st_mtime_ns, new.digest, new.owners, new.not_carried)
    return placed, written


def remove_outputs(root: str, out: str, paths: Iterable[str]) -> list[str]:
    """Delete outputs and the directories that become empty; return what was there."""
    removed: list[str] = []
    base = os.path.join(root, out)
    for path in paths:
        target = os.path.join(base, path)
        try:
            os.unlink(target)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
        except OSError as error:
            raise UserError(f"{target}: cannot be removed: {error.strerror}") from error
        removed.append(path)
        _remove_empty_parents(base, path)
    return removed


def _protoc_module(name: str) -> str:
    return name.removesuffix(".proto").replace("-", "_").replace(".", "/")


def _touched_in(directory: str, entries: Mapping[str, RawOutput]) -> Iterator[str]:
    # The hot loop of a build with nothing to do: 5 us a file, 20,000 files.
    seen = 0
    try:
        with os.scandir(directory) as found:
            for entry in found:
                remembered = entries.get(entry.name)
                if remembered is not None:
                    seen += 1
                    status = entry.stat()
                    if (status.st_mtime_ns != remembered[1] or status.st_size != remembered[0]) and not _has_content(
                        entry.path, remembered
                    ):
                        yield entry.name
    except OSError:
        yield from entries
        return
    if seen != len(entries):
        yield from (name for name in entries if not os.path.lexists(os.path.join(directory, name)))


def _has_content(path: str, remembered: RawOutput) -> bool:
    """Tell whether only the time differs, as after a checkout or from a restored cache."""
    size, _, digest, *_ = remembered
    return os.path.isfile(path) and os.path.getsize(path) == size and _file_digest(path) == digest


def _walk(directory: str, prefix: str = "") -> Iterator[str]:
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name


def _staged(staging: str, path: str, owners: Owners) -> Staged:
    with open(os.path.join(staging, path), "rb") as file:
        content = file.read()
    lost = _count_not_carried(content) if path.endswith(_REPORT) else 0
    return Staged(len(content), _digest(content), owners.of(path, content), lost)


def _count_not_carried(content: bytes) -> int:
    try:
        listed = json.loads(content).get("not_carried", ())
    except (ValueError, AttributeError):
        return 0  # another plugin's file that only looks like a report
    return len(listed) if isinstance(listed, list) else 0


def _unchanged(path: str, new: Staged, old: Output | None) -> os.stat_result | None:
    """Return the status of the file in place when it already has the new content."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    if status.st_size != new.size:
        return None
    if old is not None and status.st_mtime_ns == old.mtime_ns and status.st_size == old.size:
        return status if old.digest == new.digest else None
    return status if _file_digest(path) == new.digest else None


def _make_parent(path: str, made: set[str]) -> None:
    parent = os.path.dirname(path)
    if parent in made:
        return
    try:
        os.makedirs(parent, exist_ok=True)
    except OSError as error:
        raise UserError(f"{parent}: cannot be made: {error.strerror}") from error
    made.add(parent)


def _move(source: str, target: str) -> None:
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise UserError(f"{target}: cannot be written: {error.strerror}") from error
        _copy_then_replace(source, target)


def _copy_then_replace(source: str, target: str) -> None:
    """Move between file systems, still in one step for whoever reads the target."""
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        shutil.copyfile(source, temporary)
        os.replace(temporary, target)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise UserError(f"{target}: cannot be written: {error.strerror}") from error


def _remove_empty_parents(base: str, path: str) -> None:
    directory = os.path.dirname(path)
    while directory:
        try:
            os.rmdir(os.path.join(base, directory))
        except OSError:
            return
        directory = os.path.dirname(directory)


def _file_digest(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return _digest(file.read())
    except OSError:
        return ""


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
