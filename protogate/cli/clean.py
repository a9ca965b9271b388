"""`protogate clean`: delete every generated file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.build import clean
from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Delete what builds made and nothing else."""
    made = parser(
        command,
        "Delete the generated files that builds remember, and nothing else.",
        ["clean", "clean -C ../shop"],
    )
    options = made.parse_args(arguments)
    enter_project(options.directory)
    count = clean()
    if options.json:
        print_json({"removed": count})
    else:
        print(f"{count:,} generated files removed")
    return EXIT_OK
