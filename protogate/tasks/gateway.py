"""The task on slices: starts the gateway with data of its own, asks what the slices promise to answer, stops it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from protogate.tasks.pipeline import command_task

if TYPE_CHECKING:
    from protogate.tasks.pipeline import TaskDict

__all__ = ["task_gateway", "task_testql"]

_SMOKE = [sys.executable, "-m", "protogate", "gateway", "smoke"]


def task_gateway() -> TaskDict:
    """Slices, asked over HTTP."""
    doc = "start the gateway and run the smoke checks of all slices"
    return command_task(doc, _SMOKE, after=["registry_check", "cross_check"])


def task_testql() -> TaskDict:
    """The smoke checks, run by TestQL."""
    words = [*_SMOKE, "--testql", "testql-scenarios/generated-api-smoke.testql.toon.yaml", "--run-testql", "testql"]
    return command_task("write the smoke checks as a scenario, and let TestQL run it against a gateway", words)
