"""Which files of a repository count, and which are left out, with the reason."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import Problem
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

__all__ = [
    "IGNORED",
    "LARGEST",
    "SUFFIXES",
    "WORKFLOWS",
    "Directory",
    "Source",
    "find_sources",
    "read_source",
    "sources_of",
    "walked",
]

LARGEST: Final = 4_000_000
"""Bytes; people do not write a larger file, programs do."""
SUFFIXES: Final = frozenset(
    {".py", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".sql"}
)
IGNORED: Final = frozenset(
    {"node_modules", "bower_components", "__pycache__", "site-packages", "venv", "virtualenv", "dist-packages"}
)
"""Names of directories with code that nobody here wrote; those that begin with a dot are left out too."""

WORKFLOWS: Final = ".github/workflows/"


class Source(NamedTuple):
    """A file of code; size and time tell whether it changed."""

    path: str
    """Relative to the root, with `/`."""
    size: int
    modified: int
    """Nanoseconds since 1970."""


class Directory(NamedTuple):
    """What lies in one directory."""

    prefix: str
    """Its path relative to the root with `/` at its end; empty for the root."""
    files: tuple[os.DirEntry[str], ...]
    """What is no directory, links too."""


def walked(root: Path, ignored: Collection[str] = IGNORED) -> tuple[tuple[Directory, ...], tuple[Problem, ...]]:
    """Return the directories of a repository, and those that cannot be listed.

    Links are not followed, so a loop of links cannot catch the walk. Of directories that begin with a dot only the
    workflows of GitHub are looked into.

    Raises:
        UserError: the root is no directory.
    """
    if not root.is_dir():
        raise UserError(f"{root}: is not a directory; name the repository to look at")
    problems: list[Problem] = []
    found = []
    waiting = [(str(root), "")]
    while waiting:
        place, prefix = waiting.pop()
        try:
            with os.scandir(place) as listed:
                entries = list(listed)
        except OSError as error:
            problems.append(Problem(prefix.rstrip("/") or ".", 0, f"cannot be listed: {error.strerror}"))
            continue
        files = []
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                files.append(entry)
            elif (entry.name not in ignored and entry.name[0] != ".") or WORKFLOWS.startswith(f"{prefix}{entry.name}/"):
                waiting.append((entry.path, f"{prefix}{entry.name}/"))
        found.append(Directory(prefix, tuple(files)))
    return tuple(found), tuple(problems)


def sources_of(directories: Iterable[Directory]) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the files of code in directories, sorted by path, and what was left out."""
    problems: list[Problem] = []
    found = []
    for prefix, files in directories:
        if prefix.startswith("."):
            continue
        for entry in files:
            if _suffix(entry.name) not in SUFFIXES or not entry.is_file(follow_symlinks=False):
                continue
            status = entry.stat(follow_symlinks=False)
            path = prefix + entry.name
            if status.st_size > LARGEST:
                problems.append(Problem(path, 0, f"has {status.st_size:,} bytes, more than {LARGEST:,}; left out"))
            else:
                found.append(Source(path, status.st_size, status.st_mtime_ns))
    return tuple(sorted(found)), tuple(sorted(problems))


def find_sources(root: Path, ignored: Collection[str] = IGNORED) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the files of code below a directory, sorted by path, and what was left out.

    Raises:
        UserError: the root is no directory.
    """
    directories, problems = walked(root, ignored)
    sources, left_out = sources_of(directories)
    return sources, tuple(sorted([*problems, *left_out]))


def read_source(root: Path, path: str) -> tuple[bytes, str]:
    """Return the bytes of a file, and why they do not count as code; empty where they do."""
    try:
        data = (root / path).read_bytes()
    except OSError as error:
        return b"", f"cannot be read: {error.strerror}"
    if b"\0" in data:
        return b"", "is binary"
    return data, ""


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""
