"""A process of its own that runs a user's script and writes down the TypeScript that its `build_output` returns.

Run as `python -P -B -m protogate.codegen.typescript_worker REQUEST ANSWER`. Both are files: user code may print, leave
threads behind or start processes without coming between this process and ours.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["main"]

_MODULE = "protogate_typescript_script"
"""What the script's module is called: not `__main__`, so that its command line stays asleep."""
_OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")


def main(request_path: str, answer_path: str) -> None:
    """Answer `{"script", "root", "profile"}` with `{"output"}` or `{"problem"}`."""
    with open(request_path, encoding="utf-8") as stream:
        request = json.load(stream)
    script = os.path.abspath(request["script"])
    sys.path[:0] = [os.path.dirname(script), os.path.abspath(request["root"])]
    sys.argv = [request["script"]]
    try:
        answer = _answer(script, request)
    except BaseException as error:  # noqa: BLE001 - whatever user code raises, SystemExit among it
        answer = {"problem": _problem(error, script, request["script"])}
    with open(f"{answer_path}.tmp", "w", encoding="utf-8") as stream:
        json.dump(answer, stream)
    os.replace(f"{answer_path}.tmp", answer_path)


def _answer(script: str, request: dict[str, str]) -> dict[str, str]:
    build = getattr(_loaded(script), "build_output", None)
    if not callable(build):
        return {"problem": f"{request['script']}: has no function build_output; define `def build_output() -> str`"}
    output = _built(build, request["profile"])
    if not isinstance(output, str):
        place = f"{request['script']}:{_line_of(build, script)}"
        return {"problem": f"{place}: build_output returned {type(output).__name__}; return the text as a str"}
    return {"output": output}


def _loaded(script: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(_MODULE, script)
    if spec is None or spec.loader is None:
        raise ImportError("is no Python script; its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look for the module of a class here.
    sys.modules[_MODULE] = module
    spec.loader.exec_module(module)
    return module


def _built(build: Callable[..., object], profile: str) -> object:
    """Call it with the profile when it takes one."""
    parameters = inspect.signature(build).parameters
    takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
    named = parameters.get("profile")
    if takes_any or (named is not None and named.kind is not inspect.Parameter.POSITIONAL_ONLY):
        return build(profile=profile)
    required = [one for one in parameters.values() if one.default is one.empty and one.kind is not one.VAR_POSITIONAL]
    return build(profile) if named is not None or len(required) == 1 else build()


def _line_of(build: object, script: str) -> int:
    code: Any = getattr(inspect.unwrap(build) if callable(build) else build, "__code__", None)
    return code.co_firstlineno if code is not None and code.co_filename == script else 1


def _problem(error: BaseException, script: str, shown: str) -> str:
    """Say in one line what went wrong and where."""
    if isinstance(error, SyntaxError) and error.filename:
        name = shown if error.filename == script else os.path.relpath(error.filename)
        return f"{name}:{error.lineno}: {type(error).__name__}: {error.msg}"
    frames = [one for one in traceback.extract_tb(error.__traceback__) if not one.filename.startswith("<")]
    own = [one for one in frames if one.filename == script]
    place = f"{shown}:{own[-1].lineno}" if own else shown
    last = frames[-1] if frames else None
    elsewhere = last is not None and last.filename != script and not last.filename.startswith(_OURS)
    raised = f" (raised at {_nearest(last.filename)}:{last.lineno})" if elsewhere and last and own else ""
    return f"{place}: {_described(error)}{raised}"


def _described(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"calls sys.exit({error.code!r})"
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - an exception of the user that cannot even say what it is
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _nearest(path: str) -> str:
    """A path as short as it can be said from here."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that a script started would keep the process alive for ever.
    os._exit(0)
