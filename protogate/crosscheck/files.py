"""Writes files as one step each: beside the old one, then renamed; all are prepared before the first is replaced."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["replace_files"]


def replace_files(contents: Mapping[str, str], *, expected: Mapping[str, str] | None = None) -> None:
    """Give files a new content; they keep their mode, and links keep pointing to them.

    Args:
        contents: the new text of each file, by path.
        expected: the text that some of them had when they were read.

    Raises:
        UserError: a file cannot be written, or somebody has changed it in between; then none is replaced.
    """
    staged: dict[str, str] = {}
    try:
        for path, text in contents.items():
            before = (expected or {}).get(path)
            if before is not None and _content(path) != before.encode():
                raise UserError(f"{path}: was changed while it was checked; run again")
            target = os.path.realpath(path)
            staged[target] = _stage(path, target, text.encode())
        for target in list(staged):
            os.replace(staged[target], target)
            del staged[target]
    finally:
        for temporary in staged.values():
            os.unlink(temporary)


def _stage(path: str, target: str, content: bytes) -> str:
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
        if os.path.exists(target):
            shutil.copymode(target, temporary)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error
    return temporary


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
