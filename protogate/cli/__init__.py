"""The `protogate` command: finds the command's module, runs it, and answers with an exit code.

Exit codes: 0 ok, 1 findings or failed files, 2 usage or a mistake in the project, 70 a defect of
Protogate, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from protogate import __version__
from protogate.console import guard
from protogate.errors import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

# Command: module and one line of help. Nothing here is imported before it is asked for.
_COMMANDS = {
    "init": ("init", "write what a repository needs to be built by Protogate; show it as a diff"),
    "doctor": ("doctor", "find what is missing on this machine and in this repository, and say how to get it"),
    "config": ("config", "show every setting, its value, and where that came from"),
    "generate": ("generate", "generate what is stale: all, proto, python, zod, json, sql, ..."),
    "watch": ("watch", "generate whenever a contract is saved"),
    "lint": ("lint", "check the contracts against buf's rules and format"),
    "ci": ("ci", "run what a CI server runs: the task `ci` of dodo.py, or lint, generate and checks"),
    "clean": ("clean", "delete every generated file"),
    "vendor": ("vendor", "write the buf/validate and google/api contracts into a directory"),
    "compat": ("compat", "compare two versions of contracts: what breaks, where, and for whom"),
    "registry": ("registry", "keep versions of contracts and let no breaking change in: check, register, serve, ..."),
    "gateway": ("gateway", "answer commands and queries of slices over HTTP, and keep their events"),
    "slice": ("slice", "begin a slice, and move it from phase to phase: slice new, slice phase"),
    "legacy": ("legacy", "bridge the old schema and its data to a slice: legacy register, diff, bootstrap, ..."),
    "discovery": ("discovery", "find what to take out of a legacy repository, and exactly where to cut"),
    "migration-candidates": ("discovery", "rank what could leave a repository, with the parts of each score"),
    "service-boundaries": ("discovery", "propose services: pages, the routes that they ask, how each is delivered"),
    "cqrs-clusters": ("discovery", "tell data grids, reports, managers and configuration apart"),
    "delegation-plan": ("discovery", "plan slices: contract, cuts, tables, effort, parity, rollback"),
    "wave-plan": ("discovery", "order slices in waves: none needs a later one"),
    "shared-ts-candidates": ("discovery", "find TypeScript that several modules of a frontend declare alike"),
    "sql": ("sql", "write the statements between two versions of contracts: sql migrate OLD NEW"),
    "codegen": (
        "codegen",
        "check CQRS contracts against Python code; types out of Python: codegen registry, zod, ts, ...",
    ),
    "generate-pydantic": ("batch", "pydantic models for a directory of contracts"),
    "generate-zod": ("batch", "zod schemas for a directory of contracts"),
    "generate-json-schema": ("batch", "JSON Schemas for a directory of contracts"),
    "generate-sql": ("batch", "table definitions for a directory of contracts"),
}

_EXAMPLES = """\
examples:
  protogate init                             a repository that generates, with hooks and CI
  protogate generate all                     everything that buf.gen.yaml lists
  protogate generate zod --json              one target; a summary that programs read
  protogate compat git:main .                what this branch breaks
  protogate discovery --repo-root ../legacy  what to take out of it next
  protogate generate-pydantic contracts out  no configuration: one directory into another
  protogate COMMAND --help                   more about a command
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; the discovery, called as a program, ends the process itself."""
    if argv is not None:
        return guard(_run, argv)
    code = guard(_run, sys.argv[1:])
    if _COMMANDS.get(sys.argv[1] if sys.argv[1:] else "", ("",))[0] == "discovery":
        # Millions of values would be taken apart one by one for nobody: a tenth of the time of a run.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _run(arguments: list[str]) -> int:
    first = arguments[0] if arguments else "--help"
    if first in {"--help", "-h", "help"}:
        print(_usage())
        return EXIT_OK
    if first == "--version":
        print(f"protogate {__version__}")
        return EXIT_OK
    if first not in _COMMANDS:
        known = ", ".join(_COMMANDS)
        print(f"protogate: {first!r} is not a command; use one of {known}", file=sys.stderr)
        return EXIT_USAGE
    module = import_module(f"protogate.cli.{_COMMANDS[first][0]}")
    code: int = module.run(first, arguments[1:])
    return code


def _usage() -> str:
    width = max(map(len, _COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in _COMMANDS.items())
    return (
        "usage: protogate COMMAND [options]\n\n"
        "One Protobuf contract drives every layer.\n\n"
        f"commands:\n{commands}\n\n"
        "options:\n  --help     this text\n  --version  the version\n\n"
        f"{_EXAMPLES}\n"
        "exit codes: 0 ok, 1 findings or failed files, 2 usage, 70 a defect of protogate"
    )
