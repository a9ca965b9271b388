"""What the environment says of fixes: the `PFIX_*` variables, and the commit of what was fixed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Pfix", "ask", "commit", "pfix_of"]

_NO = frozenset({"0", "false", "no", "off"})
_YES = frozenset({"1", "true", "yes", "on"})


class Pfix(NamedTuple):
    """How fixes are made."""

    enabled: bool = True
    """`PFIX_ENABLED`: whether any are."""
    auto_apply: bool = True
    """`PFIX_AUTO_APPLY`: whether without asking."""
    git_commit: bool = False
    """`PFIX_GIT_COMMIT`: whether they are committed."""
    git_prefix: str = "pfix: "
    """`PFIX_GIT_PREFIX`: how the message of the commit begins."""


def pfix_of(environment: Mapping[str, str]) -> Pfix:
    """Read the variables.

    >>> pfix_of({"PFIX_AUTO_APPLY": "false"})
    Pfix(enabled=True, auto_apply=False, git_commit=False, git_prefix='pfix: ')
    """
    return Pfix(
        _flag(environment, "PFIX_ENABLED", default=True),
        _flag(environment, "PFIX_AUTO_APPLY", default=True),
        _flag(environment, "PFIX_GIT_COMMIT", default=False),
        environment.get("PFIX_GIT_PREFIX", Pfix().git_prefix),
    )


def ask(question: str) -> bool:
    """Ask on the terminal; no answer is no."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def commit(paths: Sequence[str], message: str) -> None:
    """Commit exactly these files, whatever else is staged.

    Raises:
        UserError: git is not there or says no.
    """
    _git("add", "--", *paths)
    _git("commit", "--quiet", "--only", "-m", message, "--", *paths)


def _flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environment.get(name, "").strip().lower()
    if not text:
        return default
    if text not in _YES | _NO:
        raise UserError(f"{name}={environment[name]!r} is not known; use true or false")
    return text in _YES


def _git(*arguments: str) -> None:
    command: Sequence[str] = ["git", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise UserError("PFIX_GIT_COMMIT: the contracts are fixed, and git is not on PATH; commit by hand") from None
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        reason = said[-1] if said else "failed"
        raise UserError(f"PFIX_GIT_COMMIT: the contracts are fixed, and git {arguments[0]} says: {reason}")
