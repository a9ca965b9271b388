"""Where the harness keeps what it builds, and how it runs the tools that it judges."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ROOT", "STATE", "ToolError", "digest", "locked", "run", "tool"]

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".protogate" / "agreement"


class ToolError(Exception):
    """A tool that the harness needs has failed; the message carries its own words."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a process left behind."""

    out: bytes
    err: bytes


def tool(name: str) -> str:
    """The path of an executable of this Python environment, else of the PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise ToolError(f"{name}: not found beside {sys.executable} nor on the PATH; run 'make' first")
    return found


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Hold a folder for this process alone: several runs of the harness may share one work tree."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(
    command: Sequence[str],
    *,
    stdin: bytes = b"",
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a tool to its end; a non-zero exit is a ToolError with the tool's own words."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(  # noqa: PLW1510 - the exit code is read below, with a better message
        list(command),
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PATH": path, **(env or {})},
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or done.stdout.decode(errors="replace")
        raise ToolError(f"{' '.join(command[:6])}: exit {done.returncode}: {said[-4000:]}")
    return Finished(done.stdout, done.stderr)


def digest(*parts: bytes) -> str:
    """A short content hash of the parts, boundaries included."""
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()[:32]
