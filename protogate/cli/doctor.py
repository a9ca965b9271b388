"""`protogate doctor`: what is missing here, and how to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.console import enter_project, one_line, parser, print_json, red, waiting
from protogate.errors import EXIT_FINDINGS, EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.cli.checkup import Check

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Print each check; exit with 1 when something that is needed is missing."""
    from protogate.cli.checkup import check_up

    made = parser(
        command,
        "Look at this machine and this repository: Python, buf, git, the settings, the files that a build\n"
        "reads, plugins, packages, whether the contracts compile, hooks. Nothing is changed.\n"
        "Exit codes: 0 all that is needed is there, 1 something is missing.",
        ["doctor", "doctor --json", "doctor -C ../shop"],
    )
    options = made.parse_args(arguments)
    enter_project(options.directory)
    with waiting("looking"):
        checks = check_up()
    is_well = all(one.state != "missing" for one in checks)
    if options.json:
        print_json({"is_well": is_well, "checks": [one._asdict() for one in checks]})
    else:
        _print(checks)
    return EXIT_OK if is_well else EXIT_FINDINGS


def _print(checks: Sequence[Check]) -> None:
    width = max(len(one.name) for one in checks)
    for one in checks:
        state = red(f"{one.state:<7}") if one.state == "missing" else f"{one.state:<7}"
        print(one_line(f"{one.name:<{width}}").join((f"{state}  ", f"  {one_line(one.detail)}")))
        if one.hint:
            print(f"{'':<{width + 11}}{one.hint}")
    missing = sum(one.state == "missing" for one in checks)
    print("all that is needed is there" if not missing else f"{missing} missing")
