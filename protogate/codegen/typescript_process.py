"""Runs a user's script in a process of its own, so that nothing it does can harm this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from protogate.codegen.typescript import PROFILE_VARIABLE
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["run_script"]

_WORKER = "protogate.codegen.typescript_worker"
_STANDARD_ERROR = 2
"""Where everything goes that a script prints: standard output is ours."""


def run_script(script: str, root: str, *, profile: str, timeout: float) -> str:
    """Return what `build_output` of a script returns.

    Args:
        script: the path of the script.
        root: a directory that it may import from, besides its own.
        profile: `strict` or `compat`; also in the environment.
        timeout: seconds after which the script is taken to hang.

    Raises:
        UserError: the script is missing, has no `build_output`, raises, hangs, or returns no text.
    """
    if not os.path.isfile(script):
        raise UserError(f"{script}: no such script; give the path of a Python file that defines build_output")
    with tempfile.TemporaryDirectory(prefix="protogate-") as directory:
        answer = _ask({"script": script, "root": root, "profile": profile}, directory, timeout)
    if "problem" in answer:
        raise UserError(answer["problem"])
    return answer["output"]


def _ask(request: Mapping[str, str], directory: str, timeout: float) -> dict[str, str]:
    request_path, answer_path = (os.path.join(directory, name) for name in ("request.json", "answer.json"))
    with open(request_path, "w", encoding="utf-8") as stream:
        json.dump(request, stream)
    # One hash seed: a script that goes through a set then does so in the same order every time.
    environment = {**os.environ, "PYTHONHASHSEED": "0", PROFILE_VARIABLE: request["profile"]}
    # -B: a check writes nothing, the caches of what the script imports included.
    command = [sys.executable, "-P", "-B", "-m", _WORKER, request_path, answer_path]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=_STANDARD_ERROR, start_new_session=True
    ) as process:
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise UserError(f"{request['script']}: still running after {timeout:g} s; what does it wait for?") from None
        finally:
            _end(process)
    try:
        with open(answer_path, encoding="utf-8") as stream:
            answer: dict[str, str] = json.load(stream)
    except OSError:
        raise UserError(
            f"{request['script']}: ended the process with exit code {code}; return a text instead"
        ) from None
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, if it still runs."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
