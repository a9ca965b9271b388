"""The tasks of the shop: those of Protogate, and one of its own in the sequence of `doit ci`."""

import sys

from protogate.tasks import *  # noqa: F403
from protogate.tasks import ci_task, command_task


def task_smoke():
    """Read a document with the generated models."""
    return command_task("read a document with the generated models", [sys.executable, "smoke.py"], after=["generate"])


def task_ci():
    """All that a CI server runs."""
    return ci_task("lint", "generate", "registry_check", "smoke")
