"""The number of the next release, from what the commits since the last one say of themselves; pure.

Commits are conventional (https://www.conventionalcommits.org), of the scope `protogate`. Versions are those of
https://semver.org; below 1.0.0, where anything may change, a breaking change asks for a new minor version.

The rule is ours: git-cliff and commitizen know the last release by its tag alone, and write notes out of subjects,
where ours are written for those who read them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Commit", "Next", "next_version"]

_SUBJECT: Final = re.compile(r"(?P<kind>[a-z]+)\((?P<scope>[\w-]+)\)(?P<mark>!?): (?P<what>.+)")
_BREAKING: Final = re.compile(r"^BREAKING[ -]CHANGE: ", re.MULTILINE)
_SCOPE: Final = "protogate"
_MINOR: Final = frozenset({"feat"})
_PATCH: Final = frozenset({"fix", "perf", "refactor", "revert", "build"})
"""What changes the wheel and adds nothing; `docs`, `test`, `ci` and `chore` alone make no release."""
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class Commit(NamedTuple):
    """One commit."""

    id: str
    subject: str
    body: str = ""


class Next(NamedTuple):
    """The next version, and why."""

    version: str
    """Empty where nothing is to be released."""
    part: str
    """`major`, `minor`, `patch`, or empty."""
    because: tuple[Commit, ...]
    """The commits that ask for this part."""


def next_version(current: str, commits: Iterable[Commit]) -> Next:
    """Return the version that follows.

    Args:
        current: the last one that was released.
        commits: since then.

    Raises:
        UserError: the last version is none.
    """
    found = _VERSION.fullmatch(current)
    if found is None:
        raise UserError(f"VERSION: {current!r} is no version; three numbers such as 1.4.0 are wanted")
    major, minor, patch = map(int, found.groups())
    asking: dict[str, list[Commit]] = {"major": [], "minor": [], "patch": []}
    for one in commits:
        part = _part(one)
        if part:
            asking["minor" if part == "major" and not major else part].append(one)
    part = next((name for name, those in asking.items() if those), "")
    versions = {
        "major": f"{major + 1}.0.0",
        "minor": f"{major}.{minor + 1}.0",
        "patch": f"{major}.{minor}.{patch + 1}",
        "": "",
    }
    return Next(versions[part], part, tuple(asking.get(part, ())))


def _part(commit: Commit) -> str:
    """Return the part of the version that a commit asks to count up; empty for one of another scope."""
    found = _SUBJECT.fullmatch(commit.subject)
    if found is None or found["scope"] != _SCOPE:
        return ""
    if found["mark"] or _BREAKING.search(commit.body):
        return "major"
    return "minor" if found["kind"] in _MINOR else "patch" if found["kind"] in _PATCH else ""
