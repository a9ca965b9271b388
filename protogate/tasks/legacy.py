"""The tasks on the legacy bridge: each one runs `protogate legacy ...` in a process of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from protogate.tasks.pipeline import command_task

if TYPE_CHECKING:
    from protogate.tasks.pipeline import TaskDict

__all__ = [
    "task_bootstrap_legacy",
    "task_diff_legacy",
    "task_legacy_list",
    "task_legacy_register",
    "task_legacy_report",
    "task_sync_check",
]

_LEGACY = [sys.executable, "-m", "protogate", "legacy"]


def task_legacy_register() -> TaskDict:
    """New versions of legacy schemas."""
    return command_task("store legacy schemas that changed as new versions", [*_LEGACY, "register"])


def task_diff_legacy() -> TaskDict:
    """Legacy schemas against their messages."""
    return command_task(
        "legacy schemas against their messages; fails when a row would not come over", [*_LEGACY, "diff"]
    )


def task_legacy_report() -> TaskDict:
    """The same as Markdown."""
    return command_task("how ready the contracts are for legacy rows, in Markdown", [*_LEGACY, "report"])


def task_legacy_list() -> TaskDict:
    """Registered legacy schemas."""
    return command_task("the registered legacy schemas", [*_LEGACY, "list"])


def task_sync_check() -> TaskDict:
    """Readiness of 100 %."""
    return command_task("fails unless every mapping of a legacy table is ready", [*_LEGACY, "sync-check"])


def task_bootstrap_legacy() -> TaskDict:
    """Legacy rows into the event store."""
    return command_task(
        "take legacy rows over into the event store, resumable, and verify them", [*_LEGACY, "bootstrap"]
    )
