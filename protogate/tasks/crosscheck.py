"""The tasks on CQRS contracts: each one runs `protogate codegen registry` in a process of its own.

It remembers by itself what it has read, so doit need not: with nothing changed it ends in a fifth of a second.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from protogate.tasks.pipeline import command_task

if TYPE_CHECKING:
    from protogate.tasks.pipeline import TaskDict

__all__ = ["task_contracts", "task_cross_check"]

_REGISTRY = [sys.executable, "-m", "protogate", "codegen", "registry"]


def task_contracts() -> TaskDict:
    """CQRS contracts, listed."""
    return command_task("registry.json and REGISTRY.md of the CQRS contracts", _REGISTRY, after=["generate"])


def task_cross_check() -> TaskDict:
    """CQRS contracts against the Python behind them."""
    doc = "CQRS contracts against the Python behind them, and whether their listings are current"
    command = [*_REGISTRY, "--check", "--cross-check-pydantic"]
    return command_task(doc, command, after=["generate", "registry_check"])
