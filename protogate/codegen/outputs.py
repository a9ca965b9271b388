"""Puts generated files into a directory: only what changed is written, and no reader ever sees half a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Changes", "apply_changes", "changes"]


class Changes(NamedTuple):
    """What is to be done so that a directory holds what it should; paths are relative to it, with `/`."""

    directory: str
    files: Mapping[str, str]
    """Everything that should be there: path to text."""
    outdated: tuple[str, ...]
    """Files that are missing or have another content."""
    stale: tuple[str, ...]
    """Files of earlier runs that nothing asks for any more."""

    foreign: tuple[str, ...] = ()
    """Those of `outdated` that no earlier run has written."""

    @property
    def are_none(self) -> bool:
        """Whether the directory is as it should be."""
        return not (self.outdated or self.stale)


def changes(directory: str, files: Mapping[str, str], earlier: Iterable[str] = ()) -> Changes:
    """Compare a directory with what it should hold.

    Args:
        directory: where the files live.
        files: path to text.
        earlier: what an earlier run wrote; those that are still there and are not in `files` are stale.
    """
    known = frozenset(earlier)
    outdated = tuple(path for path in sorted(files) if _content(directory, path) != files[path].encode())
    foreign = tuple(path for path in outdated if path not in known and os.path.lexists(os.path.join(directory, path)))
    stale = tuple(path for path in sorted(known - files.keys()) if os.path.isfile(os.path.join(directory, path)))
    return Changes(directory, files, outdated, stale, foreign)


def apply_changes(found: Changes) -> None:
    """Write what is outdated, then remove what is stale.

    All new files are written beside the old ones before the first of them takes its place, so that a full disk leaves
    everything as it was.

    Raises:
        UserError: a file cannot be written, or somebody else's is in the way.
    """
    for path in found.foreign:
        raise UserError(
            f"{os.path.join(found.directory, path)}: somebody else wrote it; move it or give another directory"
        )
    beside: dict[str, str] = {}
    try:
        for path in found.outdated:
            target = os.path.join(found.directory, path)
            beside[target] = _write_beside(target, found.files[path])
        for target, temporary in beside.items():
            _replace(temporary, target)
    finally:
        for temporary in beside.values():
            if os.path.lexists(temporary):
                os.unlink(temporary)
    for path in found.stale:
        _remove(os.path.join(found.directory, path))


def _content(directory: str, path: str) -> bytes | None:
    try:
        with open(os.path.join(directory, path), "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _write_beside(target: str, text: str) -> str:
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        with open(temporary, "wb") as stream:
            stream.write(text.encode())
    except OSError as error:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise UserError(f"{target}: cannot be written: {error.strerror}; give another directory") from None
    return temporary


def _replace(temporary: str, target: str) -> None:
    try:
        os.replace(temporary, target)
    except OSError as error:
        raise UserError(f"{target}: cannot be written: {error.strerror}; give another directory") from None


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be removed: {error.strerror}") from None
