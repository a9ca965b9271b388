"""Runs the code of users in a process of its own, so that nothing it does can harm this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Ended", "ask"]

_STANDARD_ERROR = 2
"""Where everything goes that user code prints: standard output is ours."""


class Ended(NamedTuple):
    """How such a process ended."""

    answer: Any
    """The JSON document that it wrote; None when it wrote none."""
    exit_code: int | None
    """None when its time was up."""
    busy: str
    """What it was at when it ended without an answer, as far as it said."""


def ask(worker: str, request: object, *, timeout: float, environment: Mapping[str, str] | None = None) -> Ended:
    """Run `python -m worker REQUEST ANSWER` with the interpreter that runs us.

    Request and answer are files: user code may print, read standard input, leave threads behind or start processes
    without coming between the two. Nothing that it started in its session outlives a time-out.

    Args:
        worker: the dotted name of a module of ours.
        request: what the request file holds, as JSON.
        timeout: seconds.
        environment: variables to set besides those of this process.
    """
    with tempfile.TemporaryDirectory(prefix="protogate-") as directory:
        request_path, answer_path = (os.path.join(directory, name) for name in ("request.json", "answer.json"))
        with open(request_path, "w", encoding="utf-8") as stream:
            json.dump(request, stream)
        # One hash seed: what goes through a set then does so in the same order every time.
        variables = {**os.environ, "PYTHONHASHSEED": "0", **(environment or {})}
        # -P: a folder of the user's that is called like one of our packages is not ours.
        # -B: a check writes nothing, the caches of what user code imports included.
        command = [sys.executable, "-P", "-B", "-m", worker, request_path, answer_path]
        exit_code = _run(command, variables, timeout)
        text = _read(answer_path)
        return Ended(json.loads(text) if text else None, exit_code, _read(f"{answer_path}.busy"))


def _run(command: list[str], environment: Mapping[str, str], timeout: float) -> int | None:
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=_STANDARD_ERROR, start_new_session=True
    ) as process:
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, if it still runs."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return ""
