"""The command line of the gateway: one module a command, imported when it is asked for."""

from __future__ import annotations

import sys
from importlib import import_module

from protogate._apps import GATEWAY_COMMANDS
from protogate.errors import EXIT_USAGE

__all__ = ["run"]

_MODULES = {
    "serve": "serve",
    "phase": "phase",
    "legacy": "legacy",
    "search": "search",
    "smoke": "smoke",
    # Behind `protogate legacy`.
    "bridge": "bridge",
    # `protogate config`.
    "config": "config",
}


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; options alone are those of `serve`."""
    if not arguments or arguments[0].startswith("-"):
        arguments = ["serve", *arguments]
    first = arguments[0]
    if first not in _MODULES:
        known = ", ".join(GATEWAY_COMMANDS)
        print(f"protogate gateway: {first!r} is not a command; use one of {known}", file=sys.stderr)
        return EXIT_USAGE
    module = import_module(f"gateway.commands.{_MODULES[first]}")
    # `serve` is what the gateway does, so its name may be left out, as its help shows.
    code: int = module.run("gateway" if first == "serve" else f"gateway {first}", arguments[1:])
    return code
