"""The tasks of the shop: those of Protogate, and its own in the sequence of `doit ci`."""

import sys

from protogate.tasks import *  # noqa: F403
from protogate.tasks import ci_task, command_task

OLD = "sqlite:///legacy/old_shop.db"


def task_smoke():
    """Read a document with the generated models."""
    return command_task("read a document with the generated models", [sys.executable, "smoke.py"], after=["generate"])


def task_bridge():
    """Take the orders of the old shop over, and verify that each one is there."""
    protogate = [sys.executable, "-m", "protogate"]
    return command_task(
        "take the orders of the old shop over, and verify that each one is there",
        [sys.executable, "legacy/old_shop.py"],
        [*protogate, "legacy", "register", "order", OLD, "--table", "orders"],
        [*protogate, "legacy", "diff"],
        [*protogate, "legacy", "sync-check"],
        [*protogate, "legacy", "bootstrap", "--source", OLD],
        [*protogate, "legacy", "verify", "--source", OLD],
        after=["generate"],
    )


def task_web():
    """Compile the page; wants Node.js with npm."""
    return command_task(
        "compile the page; wants Node.js with npm", ["npm", "--prefix", "web", "run", "build"], after=["generate"]
    )


def task_ci():
    """All that a CI server runs."""
    # The CQRS contracts are generated, and so are their listings: none of them is in git.
    return ci_task("lint", "generate", "registry_check", "contracts", "cross_check", "gateway", "smoke", "bridge")
