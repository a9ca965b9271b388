"""Reads and parses one file of Python code; whatever is wrong with it becomes a finding."""

from __future__ import annotations

import ast
import os
import platform
import stat
import warnings
from typing import TYPE_CHECKING, Final

from protogate.crosscheck.python.newer_syntax import lower_newer_syntax, restore_newer_syntax
from protogate.findings import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LARGEST", "SYNTAX", "UNREADABLE", "parse_source", "read_source"]

SYNTAX: Final = "crosscheck/python-syntax"
UNREADABLE: Final = "crosscheck/python-unreadable"
LARGEST: Final = 8 * 1024 * 1024
"""Bytes of a file that is still read: the largest generated modules have 2 MiB, and a parser takes 100 times that."""


def read_source(path: str, shown: str) -> bytes | Finding:
    """Return the bytes of a file.

    Args:
        path: the file.
        shown: what findings call it.
    """
    try:
        # A pipe would block when it is opened, a device may never end.
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            return _unreadable(shown, "not a regular file", "name a file of Python code")
        if found.st_size > LARGEST:
            return _unreadable(shown, f"{found.st_size:,} bytes; at most {LARGEST:,} are read", "split the module")
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return _unreadable(shown, f"cannot be read: {reason.lower()}", "check the path and its permissions")


def parse_source(shown: str, data: bytes) -> ast.Module | Finding:
    """Return the tree of a module.

    Syntax that is newer than this interpreter is read too, where another spelling says the same: see `newer_syntax`.

    Args:
        shown: what findings call the file.
        data: its bytes, in the encoding that it declares.
    """
    try:
        return _parse(data)
    except SyntaxError as error:
        return _parse_newer(shown, data, error)
    except ValueError as error:
        return _unreadable(shown, str(error), "save it as UTF-8 text")
    except (RecursionError, MemoryError):
        return _too_deep(shown)


def _parse(code: bytes | str) -> ast.Module:
    with warnings.catch_warnings():
        # Invalid escapes are the business of whoever owns the code.
        warnings.simplefilter("ignore")
        return ast.parse(code)


def _parse_newer(shown: str, data: bytes, error: SyntaxError) -> ast.Module | Finding:
    """The tree of code in newer syntax, or what is wrong with it: `error` where nothing in it is newer."""
    try:
        lowered = lower_newer_syntax(data)
        if lowered is None:
            return _syntax(shown, error)
        return restore_newer_syntax(_parse(lowered.text), lowered)
    except SyntaxError as other:
        # Lines and columns are those of the file; an encoding that is not known has none.
        return _syntax(shown, other if other.lineno else error)
    except ValueError:
        return _syntax(shown, error)
    except (RecursionError, MemoryError):
        return _too_deep(shown)


def _syntax(shown: str, error: SyntaxError) -> Finding:
    place = Place(shown, error.lineno or 0, error.offset or 0)
    version = platform.python_version()
    return Finding(SYNTAX, place, f"python {version} cannot parse it: {error.msg}", "correct it, or run a newer python")


def _too_deep(shown: str) -> Finding:
    return Finding(SYNTAX, Place(shown), "nested too deeply to be parsed", "split the expression")


def _unreadable(shown: str, message: str, hint: str) -> Finding:
    return Finding(UNREADABLE, Place(shown), message, hint)


def character_column(lines: Sequence[bytes], line: int, offset: int) -> int:
    """Return the column, from 1 and in characters, of what the parser places by bytes of UTF-8."""
    if not 0 < line <= len(lines):
        return offset + 1
    return len(lines[line - 1][:offset].decode("utf-8", "replace")) + 1
