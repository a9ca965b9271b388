"""Asks a process of its own for the schemas of a user's models: what that code does cannot harm this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from protogate.codegen.json_schema import Model
from protogate.codegen.user_process import ask
from protogate.errors import InternalError, UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.codegen.json_schema import Wanted

__all__ = ["load_models"]

_WORKER = "protogate.codegen.json_schema_worker"


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
    answer = _ask(request, timeout)
    if answer["failures"]:
        raise UserError("\n".join(f"{one['module']}: {one['problem']}" for one in answer["failures"]))
    return tuple(Model(**one) for one in answer["models"])


def _ask(request: Mapping[str, object], timeout: float) -> Any:  # noqa: ANN401 - JSON of our worker
    ended = ask(_WORKER, request, timeout=timeout)
    if ended.exit_code is None:
        raise UserError(f"{ended.busy}: still running after {timeout:g} s; what does it wait for when it is imported?")
    if ended.answer is None and not ended.busy:
        raise InternalError(f"{_WORKER} ended with exit code {ended.exit_code}")
    if ended.answer is None:
        raise UserError(f"{ended.busy}: ended the process with exit code {ended.exit_code} when it was imported")
    return ended.answer
