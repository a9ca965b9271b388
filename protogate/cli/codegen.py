"""`protogate codegen`: what is generated from CQRS contracts and from Python models rather than from `.proto` files."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from protogate.errors import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CODEGEN_COMMANDS", "run"]

# Command: module and one line of help; imported when it is asked for.
_COMMANDS = {
    "registry": ("codegen_registry", "check and list CQRS contracts; compare them with the Python behind them"),
    "json-schema": ("codegen_schemas", "JSON Schemas of pydantic models"),
    "zod": ("codegen_zod", "zod schemas from JSON Schemas"),
    "ts": ("codegen_typescript", "TypeScript types of Python models"),
    "ts-from-python": ("codegen_typescript", "the same"),
}

CODEGEN_COMMANDS = tuple(_COMMANDS)

_EXAMPLES = """\
examples:
  protogate codegen registry contracts                          check, and write registry.json and REGISTRY.md
  protogate codegen registry contracts --check --cross-check-pydantic
  protogate codegen COMMAND --help                              more about a command"""


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one of the commands, or print them."""
    first = arguments[0] if arguments else "--help"
    if first in {"--help", "-h", "help"}:
        print(_usage(command))
        return EXIT_OK
    if first not in _COMMANDS:
        known = ", ".join(_COMMANDS)
        print(f"protogate {command}: {first!r} is not a command; use one of {known}", file=sys.stderr)
        return EXIT_USAGE
    module = import_module(f"protogate.cli.{_COMMANDS[first][0]}")
    code: int = module.run(f"{command} {first}", arguments[1:])
    return code


def _usage(command: str) -> str:
    width = max(map(len, _COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in _COMMANDS.items())
    return (
        f"usage: protogate {command} COMMAND [options]\n\n"
        "Contracts in JSON, and types out of Python.\n\n"
        f"commands:\n{listed}\n\n"
        f"{_EXAMPLES}"
    )
