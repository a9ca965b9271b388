"""Asks a user's script for its TypeScript."""

from __future__ import annotations

import os

from protogate.codegen.typescript import PROFILE_VARIABLE
from protogate.codegen.user_process import ask
from protogate.errors import UserError

__all__ = ["run_script"]

_WORKER = "protogate.codegen.typescript_worker"


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
    request = {"script": script, "root": root, "profile": profile}
    ended = ask(_WORKER, request, timeout=timeout, environment={PROFILE_VARIABLE: profile})
    if ended.exit_code is None:
        raise UserError(f"{script}: still running after {timeout:g} s; what does it wait for?")
    if ended.answer is None:
        raise UserError(f"{script}: ended the process with exit code {ended.exit_code}; return a text instead")
    if "problem" in ended.answer:
        raise UserError(ended.answer["problem"])
    output: str = ended.answer["output"]
    return output
