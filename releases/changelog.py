"""The changelog at a release: what is unreleased becomes a version with its day; pure."""

from __future__ import annotations

import re
from typing import Final

from protogate.errors import UserError

__all__ = ["notes_of", "with_release"]

_HEAD: Final = "## [Unreleased]"
_NEXT: Final = re.compile(r"^## \[", re.MULTILINE)


def notes_of(changelog: str, version: str = "Unreleased") -> str:
    """Return what the changelog says of a version, without its headline.

    Raises:
        UserError: it has no such version, or nothing to say of it.
    """
    found = re.search(rf"^## \[{re.escape(version)}\].*\n", changelog, re.MULTILINE)
    if found is None:
        raise UserError(f"CHANGELOG.md: has no section [{version}]; add one at its top")
    rest = changelog[found.end() :]
    following = _NEXT.search(rest)
    notes = rest[: following.start()] if following else rest
    if not notes.strip():
        raise UserError(f"CHANGELOG.md: says nothing under [{version}]; write what users will notice")
    return notes.strip() + "\n"


def with_release(changelog: str, version: str, day: str) -> str:
    """Return the changelog in which what was unreleased is a version.

    Args:
        changelog: the text of the file.
        version: three numbers.
        day: of the release, as ISO 8601.

    Raises:
        UserError: nothing is unreleased, or the version is there already.
    """
    notes_of(changelog)
    if re.search(rf"^## \[{re.escape(version)}\]", changelog, re.MULTILINE):
        raise UserError(f"CHANGELOG.md: has a section [{version}] already")
    return changelog.replace(f"{_HEAD}\n", f"{_HEAD}\n\n## [{version}] - {day}\n", 1)
