"""`protogate ci`: what a CI server runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from protogate.console import enter_project, parser
from protogate.errors import EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Run the task `ci`: that of the project's dodo.py, or else that of `protogate.tasks`."""
    made = parser(
        command,
        "Run the doit task `ci`: that of dodo.py, or without one lint, generate, registry_check, cross_check,\n"
        "and gateway where the project names slices in [tool.protogate].",
        ["ci", "ci -C ../shop"],
    )
    options = made.parse_args(arguments)
    enter_project(options.directory)
    reporter = ["--reporter", "json"] if options.json else []
    return _doit(["run", *reporter, "ci"])


def _doit(arguments: list[str]) -> int:
    from doit.cmd_base import ModuleTaskLoader
    from doit.doit_cmd import DoitMain

    if os.path.exists("dodo.py"):
        code = DoitMain().run(arguments)
    else:
        from protogate import tasks

        code = DoitMain(ModuleTaskLoader(tasks)).run(arguments)
    return EXIT_OK if code is None else int(code)
