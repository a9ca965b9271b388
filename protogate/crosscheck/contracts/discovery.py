"""Finds the files of contracts in a directory and reads their bytes; what cannot be read is a finding.

All directories below are searched, but those whose name begins with a dot, `node_modules` and `__pycache__`. Links that
stay inside are not followed, as what they lead to is read where it is; a link that leads out is a finding.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.contracts.documents import MAX_BYTES, too_large
from protogate.crosscheck.contracts.validate import word_of
from protogate.findings import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_contracts", "is_inside", "read_file", "relative_path"]

_PASSED_OVER: Final = frozenset({"node_modules", "__pycache__"})


def find_contracts(directory: str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return the paths of the contracts below a directory, sorted, and what keeps others from being read."""
    search = _Search(directory)
    waiting = [_prefix(directory)]
    while waiting:
        waiting += search.look_into(waiting.pop())
    return tuple(sorted(search.paths)), tuple(search.findings)


def relative_path(path: str, directory: str) -> str:
    """Return the path of a contract from the directory that `find_contracts` was given, with slashes."""
    return path.removeprefix(_prefix(directory)).replace(os.sep, "/")


def is_inside(path: str, root: str) -> bool:
    """Tell whether a real path is a real directory or stands below it."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def read_file(path: str) -> bytes | Finding:
    """Return the content of a contract; what is too large is not read."""
    try:
        # Without O_NONBLOCK a pipe that took the place of the file would be waited for.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return _unreadable(path, "is not a regular file")
            if status.st_size > MAX_BYTES:
                return too_large(path, status.st_size)
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        return _unreadable(path, f"cannot be read: {_reason(error)}")


class _Search:
    def __init__(self, directory: str) -> None:
        self.paths: list[str] = []
        self.findings: list[Finding] = []
        self._root = os.path.realpath(directory)

    def look_into(self, prefix: str) -> list[str]:
        """Take the contracts of one directory; return the directories in it."""
        try:
            with os.scandir(prefix or ".") as entries:
                return [found for entry in entries for found in self._look_at(entry, prefix + entry.name)]
        except OSError as error:
            self.findings.append(_unreadable(prefix.rstrip(os.sep) or ".", f"cannot be read: {_reason(error)}"))
            return []

    def _look_at(self, entry: os.DirEntry[str], path: str) -> Iterator[str]:
        if entry.name.startswith(".") or entry.name in _PASSED_OVER:
            return
        if not entry.name.isascii() and not _is_text(entry.name):
            shown = os.fsencode(path).decode("utf-8", "backslashreplace")
            self.findings.append(_unreadable(shown, "has a name that is not UTF-8"))
        elif entry.is_symlink():
            self._look_at_link(path)
        elif word_of(entry.name):
            if entry.is_file():
                self.paths.append(path)
            else:
                what = "is a directory" if entry.is_dir() else "is not a regular file"
                self.findings.append(_unreadable(path, what, "give it a name that is not that of a contract"))
        elif entry.is_dir():
            yield path + os.sep

    def _look_at_link(self, path: str) -> None:
        is_contract = word_of(path) is not None
        try:
            target = os.path.realpath(path, strict=True)
        except OSError as error:
            if is_contract:
                self.findings.append(_unreadable(path, f"is a link that leads nowhere: {_reason(error)}"))
            elif error.errno == errno.ELOOP:
                self._loop(path)
            return
        if os.path.isdir(target):
            self._look_at_linked_directory(path, target)
        elif is_contract and not is_inside(target, self._root):
            self._outside(path)
        elif is_contract and not word_of(target):
            self.paths.append(path)

    def _look_at_linked_directory(self, path: str, target: str) -> None:
        if is_inside(os.path.realpath(os.path.dirname(path) or "."), target):
            self._loop(path)
        elif not is_inside(target, self._root):
            self._outside(path)

    def _outside(self, path: str) -> None:
        message = "is a link that leads out of the directory of the contracts"
        hint = "move what it leads to, or name that directory"
        self.findings.append(Finding("contract/outside-directory", Place(path), message, hint))

    def _loop(self, path: str) -> None:
        self.findings.append(
            Finding("contract/symlink-loop", Place(path), "is a link that leads to itself", "remove it")
        )


def _prefix(directory: str) -> str:
    """Return what stands before the names of a directory: nothing where it is the current one."""
    return "" if directory in {"", "."} else os.path.join(directory, "")


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(path: str, message: str, hint: str = "") -> Finding:
    return Finding("contract/unreadable", Place(path), message, hint)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
