"""`protogate slice`: begins a slice, and moves one from phase to phase."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from protogate._apps import become_app
from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from protogate.legacy.planned_slice import PlannedSlice
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
        [
            f"{command} order",
            f"{command} spare_part --dir src/acme/slices",
            f"{command} --from-plan delegation-plan.generated.json --module shop.orders --repo-root ../legacy",
        ],
    )
    made.add_argument("name", nargs="?", default="", help="in lower case, one thing of it: order, spare_part")
    made.add_argument("--dir", default="slices", metavar="DIR", help="a Python package for slices; default: slices")
    made.add_argument(
        "--from-plan", metavar="FILE", help="a plan of `protogate discovery`: infer the slice from its code"
    )
    made.add_argument("--module", metavar="M", help="of the plan: a module, or the name of a slice")
    made.add_argument("--repo-root", default=".", metavar="DIR", help="the repository of the plan; default: this one")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    if options.from_plan:
        if not options.module:
            made.error("--from-plan needs --module")
        return _from_plan(options)
    if not options.name:
        made.error("give a name, or --from-plan with --module")
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


def _from_plan(options: argparse.Namespace) -> int:
    """Write the slice of a row of a delegation plan, and the mapping of its table."""
    from pathlib import Path

    from protogate.discovery.writing import read_document
    from protogate.legacy.planned_slice import find_row, plan_from_row
    from protogate.scaffold import write_plan

    row = find_row(read_document(Path(options.from_plan)), options.module, options.from_plan)
    found = plan_from_row(Path(), row, Path(options.repo_root), options.dir, options.name)
    write_plan(Path(), found.plan)
    created = sorted(found.plan.created)
    notes = list(found.notes)
    notes += _write_mapping(found)
    created += [found.mapping] if found.table is not None else []
    steps = _steps(found.plan)
    if found.table is not None:
        place = found.table.place.file
        steps.append(f"protogate legacy register {found.table.name} {place} --table {found.table.name}")
        steps.append(f"protogate legacy diff --mapping {found.mapping}")
    if options.json:
        print_json({
            "created": created,
            "edited": sorted(found.plan.edited),
            "registered": found.plan.entry,
            "next": steps,
            "review": notes,
        })  # fmt: skip
        return EXIT_OK
    for path in created:
        print(f"new     {path}")
    for path in sorted(found.plan.edited):
        print(f"edited  {path}")
    for note in notes:
        print(f"review  {note}")
    print("\nnext:")
    for step in steps:
        print(f"  {step}")
    return EXIT_OK


def _write_mapping(found: PlannedSlice) -> list[str]:
    """Write a first mapping of the table to the event that carries its rows; return what is to be decided in it."""
    from pathlib import Path

    from protogate.cli.legacy_inputs import load_contract, message_of
    from protogate.config import load_config
    from protogate.legacy.proposal import propose_mapping
    from protogate.scaffold.plan import write_files

    if found.table is None:
        return []
    contract = load_contract(load_config("."))
    message = message_of(contract, found.event)
    proposal = propose_mapping(found.table, contract, message=message, subject=found.table.name)
    # Rows become events of the streams that the slice itself reads.
    proposal = proposal._replace(mapping=proposal.mapping._replace(category=found.category))
    write_files(Path(), {found.mapping: proposal.text()})
    return [f"{found.mapping}: the column {name} has no field" for name in proposal.unmatched]


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
