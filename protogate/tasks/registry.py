"""The tasks on the schema registry: each one runs `protogate registry ...` in a process of its own."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from protogate import __version__
from protogate.tasks.contracts import digest_of_contracts
from protogate.tasks.pipeline import command_task

if TYPE_CHECKING:
    from protogate.tasks.pipeline import TaskDict

__all__ = ["task_registry_check", "task_registry_list", "task_registry_register"]

_REGISTRY = [sys.executable, "-m", "protogate", "registry"]


def task_registry_check() -> TaskDict:
    """Contracts against their registered versions."""
    doc = "contracts against their registered versions; fails when a change breaks somebody"
    return command_task(doc, [*_REGISTRY, "check"], uptodate=[_nothing_changed])


def task_registry_register() -> TaskDict:
    """New versions of contracts."""
    return command_task("store contracts that changed as new versions", [*_REGISTRY, "register"], after=["generate"])


def task_registry_list() -> TaskDict:
    """Registered subjects."""
    return command_task("the registered subjects", [*_REGISTRY, "list"])


def _nothing_changed(task: Any, values: dict[str, object]) -> bool:  # noqa: ANN401 - doit's Task has no types
    """Compare contracts and database with those of the last good run, as doit's `uptodate` wants it."""
    task.value_savers.append(lambda: {"checked": _state()})
    state = _state()
    return state is not None and values.get("checked") == state


def _state() -> str | None:
    """Return what a check depends on; None for what must be asked each time."""
    from protogate.config import load_config
    from protogate.errors import UserError

    try:
        database = load_config(".").registry
    except UserError:
        return None
    path = database.removeprefix("sqlite:///")
    contracts = digest_of_contracts()
    if "://" in path or contracts is None:
        return None
    # What SQLite commits is in one of the two.
    return f"{__version__} {contracts} {_stamp(path)} {_stamp(f'{path}-wal')}"


def _stamp(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return "absent"
    return f"{status.st_size} {status.st_mtime_ns}"
