"""What is not about contracts: doit's settings, tasks that run commands, and their sequence."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ci_task", "command_task", "doit_config", "task_ci"]

TaskDict = dict[str, Any]
"""What doit takes from a task function; Any because values are strings, lists or callables."""


def doit_config(*default_tasks: str) -> TaskDict:
    """Return settings for `DOIT_CONFIG`; doit's memory is kept in `.protogate/` too."""
    from protogate.tasks.reporting import CiReporter

    os.makedirs(".protogate", exist_ok=True)  # doit opens its file before any task runs
    return {
        "default_tasks": list(default_tasks) or ["generate"],
        "backend": "json",
        "dep_file": ".protogate/doit.json",
        "verbosity": 2,
        "reporter": CiReporter,
    }


def command_task(doc: str, *commands: Sequence[str], after: Sequence[str] = (), **more: object) -> TaskDict:
    """Return a task that runs commands one after the other, each a list of words."""
    return {
        "doc": doc,
        "actions": [list(command) for command in commands],
        "task_dep": list(after),
        **more,
    }


def ci_task(*stages: str) -> TaskDict:
    """Return a task that runs other tasks in this order and stops at the first that fails."""
    return {
        "doc": f"all that a CI server runs: {', '.join(stages)}",
        "actions": None,
        "task_dep": list(stages),
    }


def task_ci() -> TaskDict:
    """Lint the contracts, generate from them, compare them with their registered versions and with code, run slices."""
    # Without `contracts`, which would write the listings that `cross_check` is to find stale.
    return ci_task("lint", "generate", "registry_check", "cross_check", *(["gateway"] if _has_slices() else []))


def _has_slices() -> bool:
    """Whether the project has slices of its own: without any there is nothing of its to be asked."""
    from protogate.config import load_config
    from protogate.errors import UserError

    try:
        return bool(load_config(".").slices)
    except UserError:
        return False  # the other stages meet it again, and tell
