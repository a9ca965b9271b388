"""Lists the contracts that changed since a git revision."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["changed_contracts", "fork_point", "has_contracts"]


def changed_contracts(root: str, ref: str | None, base: str) -> tuple[str, ...]:
    """Return the `.proto` files that differ from a revision, sorted, deleted ones included.

    Args:
        root: the project.
        ref: the revision; None means where this branch left `base`.
        base: the branch that others start from.
    """
    revision = ref or fork_point(root, base)
    tracked = _git(root, "diff", "--name-only", "--relative", "-z", revision, "--", "*.proto")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", "*.proto")
    return tuple(sorted({path for path in (tracked + untracked).split("\0") if path}))


def has_contracts(root: str, revision: str) -> bool:
    """Tell whether a revision has any `.proto` file below the project; one that does not exist has none.

    Raises:
        UserError: git is not there, or this is no repository.
    """
    _git(root, "rev-parse", "--git-dir")
    try:
        listed = _git(root, "ls-tree", "-r", "--name-only", "-z", revision)
    except UserError:
        return False
    return any(path.endswith(".proto") for path in listed.split("\0"))


def fork_point(root: str, base: str) -> str:
    """Return the revision where this branch left the base; HEAD when there is no such branch."""
    for candidate in (base, f"origin/{base}"):
        try:
            return _git(root, "merge-base", candidate, "HEAD").strip()
        except UserError:
            continue
    return "HEAD"


def _git(root: str, *arguments: str) -> str:
    command: Sequence[str] = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    except FileNotFoundError:
        raise UserError("git: not found on PATH; install git to compare with a revision") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UserError(f"git {arguments[0]}: {said[0] if said else 'failed'}")
    return done.stdout.decode("utf-8", "surrogateescape")
