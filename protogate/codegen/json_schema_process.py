"""Asks a process of its own for the schemas of a user's models: what that code does cannot harm this process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from protogate.codegen.json_schema import Model
from protogate.errors import InternalError, UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.codegen.json_schema import Wanted

__all__ = ["load_models"]

_WORKER = "protogate.codegen.json_schema_worker"
_STANDARD_ERROR = 2
"""Where everything goes that user code prints: standard output is ours."""


def load_models(
    modules: Mapping[str, Sequence[Wanted] | None], root: str, *, mode: str, timeout: float
) -> tuple[Model, ...]:
    """Import modules with the interpreter that runs us and return their models.

    Args:
        modules: dotted name to the names that are wanted; None for all public models.
        root: the directory that modules are imported from.
        mode: `serialization` or `validation`.
        timeout: seconds after which user code is taken to hang.

    Raises:
        UserError: a module cannot be imported or does not have what is wanted; one line for each.
    """
    request = {
        "root": os.path.abspath(root),
        "mode": mode,
        "modules": [[name, wanted if wanted is None else [*map(list, wanted)]] for name, wanted in modules.items()],
    }
    with tempfile.TemporaryDirectory(prefix="protogate-") as directory:
        answer = _ask(request, directory, timeout)
    if answer["failures"]:
        raise UserError("\n".join(f"{one['module']}: {one['problem']}" for one in answer["failures"]))
    return tuple(Model(**one) for one in answer["models"])


def _ask(request: Mapping[str, object], directory: str, timeout: float) -> Any:  # noqa: ANN401 - JSON of our worker
    request_path, answer_path = (os.path.join(directory, name) for name in ("request.json", "answer.json"))
    with open(request_path, "w", encoding="utf-8") as stream:
        json.dump(request, stream)
    # One hash seed: the order of a set among the defaults of a model is then the same in every run.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-P", "-m", _WORKER, request_path, answer_path]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=_STANDARD_ERROR, start_new_session=True
    ) as process:
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            name = _read(f"{answer_path}.busy")
            raise UserError(
                f"{name}: still running after {timeout:g} s; what does it wait for when it is imported?"
            ) from None
        finally:
            _end(process)
    text = _read(answer_path)
    if not text:
        name = _read(f"{answer_path}.busy")
        if not name:
            raise InternalError(f"{_WORKER} ended with exit code {code}")
        raise UserError(f"{name}: ended the process with exit code {code} when it was imported")
    return json.loads(text)


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
