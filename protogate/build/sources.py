"""Knows the contracts on disk: what changed since last time, who imports whom, and their digests."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from protogate.build.lexer import read_header
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.build.project import Module, Project

__all__ = ["SourceFile", "Sources", "digest_files", "scan_sources"]

_RACY_NS = 50_000_000
"""A file changed this short before we read it may change again within one clock tick (4 ms here)."""


class SourceFile(NamedTuple):
    """What is remembered of one `.proto` file."""

    size: int
    mtime_ns: int
    sha256: str
    imports: tuple[str, ...]
    package: str


@dataclass(frozen=True, slots=True)
class Sources:
    """All contracts of a project, by path and by import name."""

    files: dict[str, SourceFile]
    """By path relative to the project."""
    paths: dict[str, str]
    """Import name to path."""
    contracts: frozenset[str]
    """Import names of the files to generate."""
    digests: dict[str, str] = field(repr=False)
    """Import name to digest over the file and all that it imports."""

    def package(self, name: str) -> str:
        """Return the proto package of a contract."""
        return self.files[self.paths[name]].package

    def closure(self) -> frozenset[str]:
        """Return every contract and everything that they import, unresolved names included."""
        seen: set[str] = set(self.contracts)
        todo = list(self.contracts)
        while todo:
            path = self.paths.get(todo.pop())
            if path is None:
                continue
            fresh = [name for name in self.files[path].imports if name not in seen]
            seen.update(fresh)
            todo.extend(fresh)
        return frozenset(seen)


def scan_sources(root: str, project: Project, known: Mapping[str, SourceFile]) -> Sources:
    """Look at every contract; only files whose size or time differ from `known` are read."""
    started = time.time_ns()
    files: dict[str, SourceFile] = {}
    paths: dict[str, str] = {}
    contracts: set[str] = set()
    for module in project.modules:
        prefix = "" if module.path == "." else module.path + "/"
        for path, size, mtime_ns in _proto_files(root, module):
            if path not in files:
                old = known.get(path)
                if old is not None and old.size == size and old.mtime_ns == mtime_ns:
                    files[path] = old
                else:
                    racy = mtime_ns > started - _RACY_NS
                    files[path] = _read(root, path, size, 0 if racy else mtime_ns)
            name = path[len(prefix) :]
            paths.setdefault(name, path)
            if any(one.holds(path) for one in project.inputs):
                contracts.add(name)
    return Sources(files, paths, frozenset(contracts), digest_files(files, paths))


def _proto_files(root: str, module: Module) -> Iterable[tuple[str, int, int]]:
    """Walk a module as buf does: hidden directories too, linked ones not; yield path, size, mtime."""
    todo = [module.path]
    while todo:
        directory = todo.pop()
        prefix = "" if directory == "." else directory + "/"
        for entry in _entries(root, directory):
            path = prefix + entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    if path not in module.excludes:
                        todo.append(path)
                elif entry.name.endswith(".proto") and path not in module.excludes:
                    status = entry.stat()
                    yield path, status.st_size, status.st_mtime_ns
            except OSError as error:
                raise _unreadable(path, error) from error


def _entries(root: str, directory: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(os.path.join(root, directory)) as entries:
            return list(entries)
    except FileNotFoundError:
        raise UserError(f"{directory}: no such directory; it is named in buf.yaml or buf.gen.yaml") from None
    except OSError as error:
        raise _unreadable(directory, error) from error


def _read(root: str, path: str, size: int, mtime_ns: int) -> SourceFile:
    try:
        with open(os.path.join(root, path), "rb") as file:
            content = file.read()
    except OSError as error:
        raise _unreadable(path, error) from error
    header = read_header(content.decode("utf-8", "replace"))
    return SourceFile(size, mtime_ns, hashlib.sha256(content).hexdigest()[:32], header.imports, header.package)


def _unreadable(path: str, error: OSError) -> UserError:
    return UserError(f"{path}: cannot be read: {error.strerror}; correct its permissions or remove it")


def digest_files(files: Mapping[str, SourceFile], paths: Mapping[str, str]) -> dict[str, str]:
    """Digest each file with the digests of its imports: linear in the number of import lines.

    A cycle is an error that the compiler reports best; here it only must not hang.
    """
    digests: dict[str, str] = {}
    entered: set[str] = set()
    for start in paths:
        todo = [start]
        while todo:
            name = todo[-1]
            source = files[paths[name]]
            if name not in entered:
                entered.add(name)
                waiting = [one for one in source.imports if one in paths and one not in entered]
                if waiting:
                    todo.extend(waiting)
                    continue
            todo.pop()
            if name not in digests:
                digests[name] = _digest(source, digests)
    return digests


def _digest(source: SourceFile, digests: Mapping[str, str]) -> str:
    text = [source.sha256]
    for name in source.imports:
        text.append(name)
        text.append(digests.get(name, ""))
    return hashlib.sha256("\0".join(text).encode("utf-8", "replace")).hexdigest()[:32]
