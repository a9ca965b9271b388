"""What git says that a release depends on."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from typing import IO, TYPE_CHECKING, Final

from protogate.errors import UserError
from releases.number import Commit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "commit",
    "commits_since",
    "is_clean",
    "is_head",
    "is_tagged",
    "last_release",
    "seconds_of_head",
    "tag",
    "unpack_head",
]

_RECORD: Final = "\x1e"
_FIELD: Final = "\x1f"


def last_release(root: Path, version: str) -> str:
    """Return where a version was released: its tag, else the commit that wrote it into VERSION.

    Raises:
        UserError: there is neither.
    """
    name = f"v{version}"
    if is_tagged(root, version):
        return name
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        # Where history is cut off, every file looks written.
        raise UserError(f"git: no tag {name}, and a part of the history is missing here; git fetch --tags --unshallow")
    found = _git(root, "log", "-1", "--format=%H", "-S", version, "--", "VERSION").strip()
    if not found:
        raise UserError(f"git: no tag {name}, and no commit wrote {version} into VERSION; git fetch --tags")
    return found


def commits_since(root: Path, place: str) -> list[Commit]:
    """Return the commits after a place, newest first."""
    told = _git(root, "log", f"--format=%h{_FIELD}%s{_FIELD}%b{_RECORD}", f"{place}..HEAD")
    rows = (row.strip("\n").split(_FIELD) for row in told.split(_RECORD))
    return [Commit(*row) for row in rows if len(row) == len(Commit._fields)]


def is_tagged(root: Path, version: str) -> bool:
    """Tell whether a version has its tag."""
    return bool(_git(root, "tag", "--list", f"v{version}").strip())


def is_head(root: Path, place: str) -> bool:
    """Tell whether a tag or a commit is what is checked out."""
    return _git(root, "rev-parse", f"{place}^{{commit}}") == _git(root, "rev-parse", "HEAD")


def is_clean(root: Path) -> bool:
    """Tell whether the working tree is what HEAD has."""
    return not _git(root, "status", "--porcelain").strip()


def seconds_of_head(root: Path) -> int:
    """Return when HEAD was committed, in seconds since 1970: the clock of a build that can be repeated."""
    return int(_git(root, "log", "-1", "--format=%ct"))


def unpack_head(root: Path, place: Path) -> None:
    """Write what HEAD holds into a directory: no ignored file, no change that was not committed."""
    with tempfile.TemporaryFile() as file:
        _git(root, "archive", "--format=tar", "HEAD", to=file)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            archive.extractall(place, filter="data")


def commit(root: Path, message: str) -> None:
    """Commit what is changed."""
    _git(root, "commit", "--quiet", "--all", "--message", message)


def tag(root: Path, version: str) -> None:
    """Mark HEAD as a version."""
    _git(root, "tag", "--annotate", f"v{version}", "--message", f"Protogate {version}")


def _git(root: Path, *words: str, to: IO[bytes] | int = subprocess.PIPE) -> str:
    command = ["git", *words]
    try:
        done = subprocess.run(command, cwd=root, stdout=to, stderr=subprocess.PIPE, check=False)
    except OSError as error:
        raise UserError(f"git {words[0]} in {root}: {error.strerror}; git and a checkout are needed") from error
    if done.returncode:
        # A subject may be in any encoding; that a character of it is lost here decides nothing.
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UserError(f"git {words[0]} in {root}: {said[-1] if said else f'exit {done.returncode}'}")
    return (done.stdout or b"").decode("utf-8", "replace")
