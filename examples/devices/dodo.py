"""The tasks of the service. Its contracts are JSON only, so nothing is generated from Protobuf before."""

import sys

from protogate.tasks import command_task, doit_config

DOIT_CONFIG = doit_config("contracts", "cross_check")
REGISTRY = [sys.executable, "-m", "protogate", "codegen", "registry"]
CROSS_CHECK = [*REGISTRY, "--check", "--cross-check-pydantic", "--drift"]


def task_contracts():
    """The listings of the contracts."""
    return command_task("contracts/registry.json and REGISTRY.md", REGISTRY)


def task_cross_check():
    """The contracts against the code in backend/."""
    return command_task("compare the contracts with backend/", CROSS_CHECK, after=["contracts"])


def task_ci():
    """All that a CI server runs; it finds listings stale rather than writing them."""
    return command_task("what a CI server runs", CROSS_CHECK)
