"""What git says that a release depends on."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

from protogate.errors import UserError
from releases.number import Commit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["commits_since", "is_clean", "last_release", "seconds_of_head", "tag"]

_RECORD: Final = "\x1e"
_FIELD: Final = "\x1f"


def last_release(root: Path, version: str) -> str:
    """Return where a version was released: its tag, else the commit that wrote it into VERSION.

    Raises:
        UserError: there is neither.
    """
    name = f"v{version}"
    if _git(root, "tag", "--list", name).strip():
        return name
    found = _git(root, "log", "-1", "--format=%H", "-S", version, "--", "VERSION").strip()
    if not found:
        raise UserError(f"git: no tag {name}, and no commit wrote {version} into VERSION; git fetch --tags --unshallow")
    return found


def commits_since(root: Path, place: str) -> list[Commit]:
    """Return the commits after a place, newest first."""
    told = _git(root, "log", f"--format=%h{_FIELD}%s{_FIELD}%b{_RECORD}", f"{place}..HEAD")
    rows = (row.strip("\n").split(_FIELD) for row in told.split(_RECORD))
    return [Commit(*row) for row in rows if len(row) == len(Commit._fields)]


def is_clean(root: Path) -> bool:
    """Tell whether the working tree is what HEAD has."""
    return not _git(root, "status", "--porcelain").strip()


def seconds_of_head(root: Path) -> int:
    """Return when HEAD was committed, in seconds since 1970: the clock of a build that can be repeated."""
    return int(_git(root, "log", "-1", "--format=%ct"))


def tag(root: Path, version: str) -> None:
    """Mark HEAD as a version."""
    _git(root, "tag", "--annotate", f"v{version}", "--message", f"Protogate {version}")


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)  # noqa: S607 - of the path
    if done.returncode:
        raise UserError(f"git {words[0]}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
    return done.stdout
