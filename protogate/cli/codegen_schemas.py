"""`protogate codegen json-schema`: the JSON Schemas of a user's pydantic models."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from protogate.codegen.json_schema import INDEX, files_of, listed_files, parse_include, problems
from protogate.codegen.outputs import Changes, apply_changes, changes
from protogate.console import enter_project, finding_line, parser
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError
from protogate.findings import Severity

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from protogate.codegen.json_schema import Model, Wanted

__all__ = ["run"]

_PATIENCE = 120.0
"""Seconds; the slowest imports of real applications take a tenth of it."""


def run(command: str, arguments: Sequence[str]) -> int:
    """Write the schemas; exit 1 when a model has none, no model is found, or `--check` finds a difference."""
    options = _parse(command, arguments)
    enter_project(options.directory)
    modules = _modules(options.module, options.include)
    models = _load(modules, options)
    found = problems(models)
    for finding in found:
        print(finding_line(finding), file=sys.stderr)
    if any(finding.severity is Severity.ERROR for finding in found):
        return EXIT_FINDINGS
    if not models:
        print(f"{', '.join(modules)}: no public pydantic model; name others with --include", file=sys.stderr)
        return EXIT_FINDINGS
    planned = changes(options.output_dir, files_of(models), _earlier(options.output_dir))
    return _check(planned, options) if options.check else _write(planned, options, len(models))


def _parse(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    made = parser(
        command,
        "Write the JSON Schema of every public pydantic model of some modules, and an index of them.\n"
        "The modules are imported in a process of their own. Nothing is written when one cannot be.",
        [
            f"{command} --module acme.users --module acme.orders --output-dir schemas",
            f"{command} --include acme.users=User,Address --output-dir schemas --check",
            f"{command} --include acme.billing=User:BillingUser --output-dir schemas",
        ],
        json=False,
    )
    made.add_argument("--module", action="append", default=[], metavar="M", help="a module; may be repeated")
    made.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="M=A,B",
        help="only these names of a module: models, pydantic dataclasses, TypedDicts, other types;"
        " A:Name gives A another name; may be repeated",
    )
    made.add_argument("--output-dir", required=True, metavar="D", help="where the schemas go")
    made.add_argument("--project-root", default=".", metavar="R", help="where modules are imported from; default: here")
    made.add_argument(
        "--mode",
        choices=("serialization", "validation"),
        default="serialization",
        help="what models write, or what they accept; default: serialization",
    )
    made.add_argument("--timeout", type=float, default=_PATIENCE, metavar="S", help=f"seconds; default: {_PATIENCE:g}")
    made.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not up to date")
    made.add_argument("--quiet", action="store_true", help="say only what is wrong")
    return made.parse_args(arguments)


def _modules(named: Sequence[str], included: Sequence[str]) -> dict[str, tuple[Wanted, ...] | None]:
    modules: dict[str, tuple[Wanted, ...] | None] = dict.fromkeys(named)
    for text in included:
        module, wanted = parse_include(text)
        if not module or not wanted:
            raise UserError(f"--include {text}: is no MODULE=NAME; write for example acme.users=User,Address")
        for name in wanted:
            if not all(part.isidentifier() for part in name.name.split(".")) or not _is_name(name.output_name):
                raise UserError(f"--include {text}: {name.name!r} is no name; write for example acme.users=User:Other")
        modules[module] = (*(modules.get(module) or ()), *wanted)
    if not modules:
        raise UserError("no module is named; give --module or --include")
    for module in modules:
        if not all(part.isidentifier() for part in module.split(".")):
            raise UserError(f"--module {module}: is no name of a module; write for example acme.users")
    return modules


def _is_name(text: str) -> bool:
    return not text or (text.isidentifier() and bool(text.strip("_")))


def _load(modules: dict[str, tuple[Wanted, ...] | None], options: argparse.Namespace) -> tuple[Model, ...]:
    from protogate.codegen.json_schema_process import load_models

    if not os.path.isdir(options.project_root):
        raise UserError(f"{options.project_root}: is no directory; give one with --project-root")
    return load_models(modules, options.project_root, mode=options.mode, timeout=options.timeout)


def _earlier(directory: str) -> tuple[str, ...]:
    """Return the files of an earlier run: its index and what that lists."""
    try:
        with open(os.path.join(directory, INDEX), encoding="utf-8") as stream:
            return (INDEX, *listed_files(stream.read()))
    except (OSError, UnicodeDecodeError):
        return ()


def _check(planned: Changes, options: argparse.Namespace) -> int:
    for path in planned.outdated:
        print(f"{os.path.join(options.output_dir, path)}: is not up to date", file=sys.stderr)
    for path in planned.stale:
        print(f"{os.path.join(options.output_dir, path)}: belongs to no model any more", file=sys.stderr)
    if not planned.are_none:
        print("run the same command without --check", file=sys.stderr)
        return EXIT_FINDINGS
    if not options.quiet:
        print(f"{options.output_dir}: up to date")
    return EXIT_OK


def _write(planned: Changes, options: argparse.Namespace, count: int) -> int:
    apply_changes(planned)
    if not options.quiet:
        for path in planned.outdated:
            print(f"  generated → {os.path.join(options.output_dir, path)}")
        for path in planned.stale:
            print(f"  removed → {os.path.join(options.output_dir, path)}")
        print(f"{options.output_dir}: {count} {'schema' if count == 1 else 'schemas'}")
    return EXIT_OK
