"""`protogate registry`: hands over to the registry, which runs as a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate._apps import REGISTRY_COMMANDS, become_app
from protogate.errors import EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]

_EXAMPLES = """\
examples:
  protogate registry check               what would break; exit 1 when something does
  protogate registry register            store all contracts of this repository
  protogate registry show SUBJECT@2      an old version
  protogate registry COMMAND --help      more about a command"""


def run(command: str, arguments: Sequence[str]) -> int:
    """Print the commands, or become the registry."""
    if not arguments or arguments[0] in {"--help", "-h", "help"}:
        print(_usage(command))
        return EXIT_OK
    return become_app("registry", arguments)


def _usage(command: str) -> str:
    width = max(map(len, REGISTRY_COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, text in REGISTRY_COMMANDS.items())
    return (
        f"usage: protogate {command} COMMAND [options]\n\n"
        "Versions of contracts, and what may become of them.\n\n"
        f"commands:\n{listed}\n\n"
        f"{_EXAMPLES}"
    )
