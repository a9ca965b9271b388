"""`protogate generate`: bring the outputs of buf.gen.yaml up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.build import build
from protogate.build.summary import Progress, result_json, summary_lines
from protogate.config import load_config
from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]

_WHAT = {
    "all": None,
    "proto": frozenset({"grpc"}),
    "python": frozenset({"pydantic"}),
    "zod": frozenset({"zod"}),
    "json": frozenset({"jsonschema"}),
    "sql": frozenset({"sql"}),
    "incremental": None,
}


def run(command: str, arguments: Sequence[str]) -> int:
    """Generate what is stale."""
    made = parser(
        command,
        "Generate what is stale; a failed run leaves the last good outputs in place.",
        ["generate all", "generate zod", "generate incremental --json", "generate all -C ../shop"],
    )
    made.add_argument(
        "what",
        nargs="?",
        default="all",
        choices=_WHAT,
        help="the target; `incremental` is `all` and names each contract that is stale",
    )
    options = made.parse_args(arguments)
    enter_project(options.directory)
    progress = Progress()
    try:
        result = build(
            template=load_config(".").template,
            select=_WHAT[options.what],
            listener=progress,
        )
    finally:
        progress.clear()
    if options.json:
        print_json(result_json(result))
        return EXIT_OK
    if options.what == "incremental":
        for name in result.rebuilt:
            print(f"stale: {name}")
    print("\n".join(summary_lines(result)))
    return EXIT_OK
