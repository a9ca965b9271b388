"""Runs the tools that a benchmark needs, and measures them as whole process trees."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["NODE", "ROOT", "STATE", "Cost", "ProcessError", "environment", "finish", "measure", "tool"]

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / ".protogate"
NODE = ROOT / "tests" / "node"


class ProcessError(Exception):
    """A tool failed; the message carries its last words."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process and all its children took."""

    wall: float
    cpu: float
    """User and system seconds."""
    peak: int
    """The largest resident set of one process of the tree, in bytes."""


def tool(name: str) -> str:
    """The path of an executable: of this Python environment, of the Node packages of the tests, of the PATH."""
    found = shutil.which(name, path=environment()["PATH"])
    if found is None:
        raise ProcessError(f"{name}: not found beside {sys.executable}, in {NODE} nor on the PATH")
    return found


def environment() -> dict[str, str]:
    """The environment of every tool: the tools of this project come first on the PATH."""
    places = (Path(sys.executable).parent, NODE / "node_modules" / ".bin", os.environ.get("PATH", ""))
    return {**os.environ, "PATH": os.pathsep.join(map(str, places))}


def finish(command: Sequence[str], *, cwd: Path = ROOT, stdin: bytes = b"") -> bytes:
    """The stdout of a tool that must succeed."""
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, env=environment(), check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise ProcessError(f"{' '.join(command[:5])}: exit {done.returncode}: {said[-3000:]}")
    return done.stdout


def measure(
    command: Sequence[str], *, cwd: Path = ROOT, stdin: Path | None = None, env: Mapping[str, str] | None = None
) -> Cost:
    """Run a tool to its end and say what its whole process tree cost."""
    with tempfile.TemporaryFile() as errors, (stdin or Path(os.devnull)).open("rb") as source:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=cwd,
            env={**environment(), **(env or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
            raise ProcessError(f"{' '.join(command[:5])}: exit {process.returncode}: {said[-3000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
