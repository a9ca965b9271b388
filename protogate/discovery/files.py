"""Which files of a repository count, and which are left out, with the reason."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import Problem
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

__all__ = ["IGNORED", "LARGEST", "SUFFIXES", "Source", "find_sources", "read_source"]

LARGEST: Final = 4_000_000
"""Bytes; people do not write a larger file, programs do."""
SUFFIXES: Final = frozenset(
    {".py", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".sql"}
)
IGNORED: Final = frozenset(
    {"node_modules", "bower_components", "__pycache__", "site-packages", "venv", "virtualenv", "dist-packages"}
)
"""Names of directories with code that nobody here wrote; those that begin with a dot are left out too."""


class Source(NamedTuple):
    """A file of code; size and time tell whether it changed."""

    path: str
    """Relative to the root, with `/`."""
    size: int
    modified: int
    """Nanoseconds since 1970."""


def find_sources(root: Path, ignored: Collection[str] = IGNORED) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the files of code below a directory, sorted by path, and what was left out.

    Links are not followed, so a loop of links cannot catch the walk.

    Raises:
        UserError: the root is no directory.
    """
    if not root.is_dir():
        raise UserError(f"{root}: is not a directory; name the repository to look at")
    problems: list[Problem] = []
    sources = sorted(_walk(str(root), "", ignored, problems))
    return tuple(sources), tuple(sorted(problems))


def read_source(root: Path, path: str) -> tuple[bytes, str]:
    """Return the bytes of a file, and why they do not count as code; empty where they do."""
    try:
        data = (root / path).read_bytes()
    except OSError as error:
        return b"", f"cannot be read: {error.strerror}"
    if b"\0" in data:
        return b"", "is binary"
    return data, ""


def _walk(place: str, prefix: str, ignored: Collection[str], problems: list[Problem]) -> Iterator[Source]:
    try:
        with os.scandir(place) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        problems.append(Problem(prefix.rstrip("/") or ".", 0, f"cannot be listed: {error.strerror}"))
        return
    for entry in entries:
        path = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in ignored and not entry.name.startswith("."):
                yield from _walk(entry.path, path + "/", ignored, problems)
        elif _suffix(entry.name) in SUFFIXES and entry.is_file(follow_symlinks=False):
            status = entry.stat(follow_symlinks=False)
            if status.st_size > LARGEST:
                problems.append(Problem(path, 0, f"has {status.st_size:,} bytes, more than {LARGEST:,}; left out"))
            else:
                yield Source(path, status.st_size, status.st_mtime_ns)


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""
