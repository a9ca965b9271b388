"""The command line of the registry: one module a command, imported when it is asked for."""

from __future__ import annotations

import sys
from importlib import import_module

from protogate._apps import REGISTRY_COMMANDS
from protogate.errors import EXIT_USAGE

__all__ = ["run"]

_MODULES = {
    "register": "register",
    "check": "check",
    "list": "listing",
    "show": "show",
    "diff": "diff",
    "mode": "mode",
    "delete": "delete",
    "export": "exporting",
    "import": "importing",
    "serve": "serve",
}


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    first = arguments[0] if arguments else ""
    if first not in _MODULES:
        known = ", ".join(REGISTRY_COMMANDS)
        print(f"protogate registry: {first!r} is not a command; use one of {known}", file=sys.stderr)
        return EXIT_USAGE
    module = import_module(f"registry.commands.{_MODULES[first]}")
    code: int = module.run(f"registry {first}", arguments[1:])
    return code
