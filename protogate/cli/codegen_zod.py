"""`protogate codegen zod`: zod validators for a directory of JSON Schemas."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from protogate.codegen.outputs import Changes, apply_changes, changes
from protogate.codegen.zod_directory import earlier_outputs, read_documents
from protogate.codegen.zod_modules import generate_zod
from protogate.console import enter_project, finding_line, parser
from protogate.errors import EXIT_FINDINGS, EXIT_OK
from protogate.findings import Severity, sort_findings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from protogate.findings import Finding

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Write the validators; exit 1 when a schema has an error or `--check` finds a difference."""
    options = _parse(command, arguments)
    enter_project(options.directory)
    documents, unreadable = read_documents(options.input)
    made = generate_zod(documents)
    found = sort_findings(_located(finding, options.input) for finding in (*unreadable, *made.findings))
    for finding in found:
        print(finding_line(finding), file=sys.stderr)
    if any(finding.severity is Severity.ERROR for finding in found):
        return EXIT_FINDINGS
    if not documents:
        print(f"{options.input}: no *.schema.json in it", file=sys.stderr)
        return EXIT_FINDINGS
    planned = changes(options.output, made.files, earlier_outputs(options.output))
    return _check(planned, options) if options.check else _write(planned, options, len(documents))


def _parse(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    made = parser(
        command,
        "Write a zod 4 validator for every *.schema.json below a directory, and an index.ts that exports all.\n"
        "Reads draft-07 and 2020-12. Nothing is written when a schema has an error; what a validator does not\n"
        "check is told on standard error and at the head of its file.",
        [f"{command} schemas web/src/schemas", f"{command} schemas web/src/schemas --check"],
        json=False,
    )
    made.add_argument("input", metavar="IN", help="the directory of the schemas")
    made.add_argument("output", metavar="OUT", help="where the TypeScript goes")
    made.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not up to date")
    made.add_argument("--quiet", action="store_true", help="say only what is wrong")
    return made.parse_args(arguments)


def _located(finding: Finding, directory: str) -> Finding:
    return finding._replace(place=finding.place._replace(file=os.path.join(directory, finding.place.file)))


def _check(planned: Changes, options: argparse.Namespace) -> int:
    for path in planned.outdated:
        print(f"{os.path.join(options.output, path)}: is not up to date", file=sys.stderr)
    for path in planned.stale:
        print(f"{os.path.join(options.output, path)}: belongs to no schema any more", file=sys.stderr)
    if not planned.are_none:
        print("run the same command without --check", file=sys.stderr)
        return EXIT_FINDINGS
    if not options.quiet:
        print(f"{options.output}: up to date")
    return EXIT_OK


def _write(planned: Changes, options: argparse.Namespace, count: int) -> int:
    apply_changes(planned)
    if not options.quiet:
        for path in planned.outdated:
            print(f"  generated → {os.path.join(options.output, path)}")
        for path in planned.stale:
            print(f"  removed → {os.path.join(options.output, path)}")
        print(f"{options.output}: {count} {'schema' if count == 1 else 'schemas'}")
    return EXIT_OK
