"""How much memory the processes of a command hold: the largest, and all together."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.process import ROOT, ProcessError, environment

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Peaks", "peaks"]

_PAUSE: Final = 0.01
"""Seconds between two looks: little beside the time in which a process grows."""


class Peaks(NamedTuple):
    """Bytes."""

    largest: int
    """The largest resident set that one process ever had."""
    together: int
    """The most that all processes held at a time; of pages that several share, each counts its part."""


def peaks(command: Sequence[str], *, cwd: Path = ROOT) -> Peaks:
    """Run a command to its end and return what its processes held.

    The kernel tells a resident set at the end too, but takes a process for at least as large as the one that started
    it. So it is asked again and again for that of the program itself.

    Raises:
        ProcessError: it failed.
    """
    largest = together = 0
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, cwd=cwd, env=environment())
        while process.poll() is None:
            family = _family(process.pid)
            largest = max(largest, *(_told(pid, "status", "VmHWM:") for pid in family))
            together = max(together, sum(_told(pid, "smaps_rollup", "Pss:") for pid in family))
            time.sleep(_PAUSE)
        if process.returncode:
            errors.seek(0)
            raise ProcessError(f"{command[0]}: exit {process.returncode}: {errors.read().decode(errors='replace')}")
    return Peaks(largest, together)


def _family(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for parent in found:
        try:
            tasks = list(Path(f"/proc/{parent}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text("ascii").split()]
        except OSError:
            # It ended meanwhile.
            continue
    return found


def _told(pid: int, file: str, field: str) -> int:
    """Return the bytes that the kernel tells of a process; 0 when it ended."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)
