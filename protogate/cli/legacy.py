"""`protogate legacy`: legacy schemas, how they become contracts, and the way of their rows into the event store."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from protogate._apps import become_app
from protogate.errors import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LEGACY_COMMANDS", "run"]

LEGACY_COMMANDS = {
    "register": "store legacy schemas as new versions of their subjects",
    "propose": "write a first mapping, or a first contract, for people to review",
    "diff": "compare legacy schemas with their messages, through mappings",
    "report": "the same in Markdown, JSON or HTML, with proto that puts it right",
    "list": "the subjects, their versions and how ready they were last",
    "adapters": "write Python modules that convert rows to documents and back",
    "sync-check": "fail unless every mapping is ready; --data compares the rows as well",
    "bootstrap": "take the rows over into the event store, resumable, and verify them",
    "verify": "compare every row with its events",
    "capture": "follow changes of the legacy database until it is cut over",
    "parity": "one verdict before cut-over: schemas, rows, lag, answers",
}
_IN_GATEWAY = frozenset({"bootstrap", "verify", "capture", "parity"})
"""They need the event store."""
_EXAMPLES = """\
examples:
  protogate legacy register user.legacy legacy/users.sql
  protogate legacy propose user.legacy user.v1.UserCreated --output users.mapping.yaml
  protogate legacy diff                        every mapping of the project
  protogate legacy bootstrap --source sqlite:///legacy.db --dry-run
  protogate legacy COMMAND --help              more about a command"""


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one of the commands, or print them."""
    first = arguments[0] if arguments else "--help"
    if first in {"--help", "-h", "help"}:
        print(_usage(command))
        return EXIT_OK
    if first in _IN_GATEWAY:
        return become_app("gateway", ["bridge", *arguments])
    if first == "sync-check" and "--data" in arguments:
        return become_app("gateway", ["bridge", "compare", *(one for one in arguments[1:] if one != "--data")])
    action = _action(first)
    if action is None:
        known = ", ".join(LEGACY_COMMANDS)
        print(f"protogate {command}: {first!r} is not a command; use one of {known}", file=sys.stderr)
        return EXIT_USAGE
    return action(f"{command} {first}", arguments[1:])


def _action(name: str) -> Callable[[str, Sequence[str]], int] | None:
    """What carries a command out; only its own module is loaded."""
    if name in {"diff", "report", "sync-check"}:
        from protogate.cli import legacy_compare

        return {
            "diff": legacy_compare.compare,
            "report": legacy_compare.report,
            "sync-check": legacy_compare.sync_check,
        }[name]
    if name in LEGACY_COMMANDS:
        from protogate.cli import legacy_schemas

        return {
            "register": legacy_schemas.register,
            "propose": legacy_schemas.propose,
            "list": legacy_schemas.list_subjects,
            "adapters": legacy_schemas.adapters,
        }[name]
    return None


def _usage(command: str) -> str:
    width = max(map(len, LEGACY_COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, text in LEGACY_COMMANDS.items())
    return (
        f"usage: protogate {command} COMMAND [options]\n\n"
        "The bridge from the old schema and its data to the new slice.\n\n"
        f"commands:\n{listed}\n\n"
        f"{_EXAMPLES}"
    )
