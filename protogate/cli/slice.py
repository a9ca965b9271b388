"""`protogate slice`: begins a slice, and moves one from phase to phase."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from protogate._apps import become_app
from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.scaffold import Plan

__all__ = ["SLICE_COMMANDS", "run"]

SLICE_COMMANDS = {
    "new": "write a working slice with contract, handlers and tests",
    "phase": "show how far a slice has come, or move it: planned, phase-1, phase-2, live",
}

_EXAMPLES = """\
examples:
  protogate slice new order                    contract, handlers and tests of a slice `order`
  protogate slice phase order phase-1          let it run beside the legacy application
  protogate slice phase order phase-2 --percent 5
  protogate slice COMMAND --help               more about a command"""


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one of the commands, or print them."""
    first = arguments[0] if arguments else "--help"
    if first in {"--help", "-h", "help"}:
        print(_usage(command))
        return EXIT_OK
    if first == "new":
        return _new(f"{command} new", arguments[1:])
    if first == "phase":
        # Phases are events, and only the gateway knows its stores.
        return become_app("gateway", arguments)
    print(f"protogate {command}: {first!r} is not a command; use one of {', '.join(SLICE_COMMANDS)}", file=sys.stderr)
    return EXIT_USAGE


def _new(command: str, arguments: Sequence[str]) -> int:
    from pathlib import Path

    from protogate.scaffold import plan_slice, write_plan

    made = parser(
        command,
        "Write a slice that works: a contract with a command, a query and an event, handlers, a fold, and\n"
        "tests; and register it in pyproject.toml, buf.gen.yaml and buf.yaml, which are made where they\n"
        "are missing. No file that is there is overwritten; when something is in the way, nothing is written.",
        [f"{command} order", f"{command} spare_part --dir src/acme/slices"],
    )
    made.add_argument("name", help="in lower case, one thing of it: order, spare_part")
    made.add_argument("--dir", default="slices", metavar="DIR", help="a Python package for slices; default: slices")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    plan = plan_slice(Path(), options.name, options.dir)
    write_plan(Path(), plan)
    if options.json:
        print_json({
            "created": sorted(plan.created),
            "edited": sorted(plan.edited),
            "registered": plan.entry,
            "next": _steps(plan),
        })  # fmt: skip
    else:
        for path in sorted(plan.created):
            print(f"new     {path}")
        for path in sorted(plan.edited):
            print(f"edited  {path}")
        print("\nnext:")
        for step in _steps(plan):
            print(f"  {step}")
    return EXIT_OK


def _steps(plan: Plan) -> list[str]:
    return [
        "protogate generate",
        f"python -m pytest {plan.test}    # needs pytest and httpx",
        "protogate gateway",
    ]


def _usage(command: str) -> str:
    width = max(map(len, SLICE_COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, text in SLICE_COMMANDS.items())
    return (
        f"usage: protogate {command} COMMAND [options]\n\n"
        "Parts that are taken out of a legacy application, one after the other.\n\n"
        f"commands:\n{listed}\n\n"
        f"{_EXAMPLES}"
    )
