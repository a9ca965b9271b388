"""`protogate codegen ts`: TypeScript that a user's script builds from Python types."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from protogate.codegen.outputs import Changes, apply_changes
from protogate.codegen.typescript_report import Report, compare, diff, render_json, render_markdown
from protogate.console import enter_project, parser
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

__all__ = ["run"]

_PATIENCE = 120.0
"""Seconds; the slowest imports of real applications take a tenth of it."""


def run(command: str, arguments: Sequence[str]) -> int:
    """Write what the script builds; with `--check` exit 1 when a file is missing or has another text."""
    options = _parse(command, arguments)
    enter_project(options.directory)
    outputs = _outputs(options)
    old = {path: _content(path) for path in outputs}
    text = _built(options)
    new = text.encode()
    report = Report(
        options.script, options.profile, options.check, [compare(path, content, new) for path, content in old.items()]
    )
    if options.show_diff:
        print("".join(diff(path, content, new) for path, content in old.items()), end="")
    _write(report, text, options)
    return _check(report, options) if options.check else _tell(report, options)


def _parse(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    made = parser(
        command,
        "Write the TypeScript that a Python script builds: the text that its function build_output returns.\n"
        "The script runs in a process of its own; protogate.codegen.typescript helps it to write types.\n"
        "Exit codes: 0 in sync or written, 1 --check found a difference, 2 usage or a mistake in the script.",
        [
            f"{command} --script scripts/shop_types.py --output frontend/src/types.ts",
            f"{command} --script scripts/shop_types.py --output web/types.ts --output app/types.ts --profile strict",
            f"{command} --script scripts/shop_types.py --output frontend/src/types.ts --check --show-diff",
        ],
        json=False,
    )
    made.add_argument("--script", required=True, metavar="S", help="a Python file with build_output([profile]) -> str")
    made.add_argument("--output", action="append", required=True, metavar="O", help="a file to write; may be repeated")
    made.add_argument("--check", action="store_true", help="write no output; exit 1 when one is not up to date")
    made.add_argument(
        "--profile",
        choices=("strict", "compat"),
        default="compat",
        help="what the script is asked for, by argument and PROTOGATE_TS_PROFILE; default: compat",
    )
    made.add_argument("--show-diff", action="store_true", help="print how the text differs from the files")
    made.add_argument("--write-report", metavar="P", help="write what changes to P.json and P.md")
    made.add_argument(
        "--project-root", default=".", metavar="R", help="where the script may import from, besides its own directory"
    )
    made.add_argument("--timeout", type=float, default=_PATIENCE, metavar="S", help=f"seconds; default: {_PATIENCE:g}")
    made.add_argument("--quiet", action="store_true", help="say only what is wrong")
    return made.parse_args(arguments)


def _outputs(options: argparse.Namespace) -> tuple[str, ...]:
    """The files to write, each once."""
    script = os.path.realpath(options.script)
    found: dict[str, str] = {}
    for path in options.output:
        place = os.path.realpath(path)
        if place == script:
            raise UserError(f"--output {path}: is the script; give the file that it builds")
        found.setdefault(place, path)
    return tuple(found.values())


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"--output {path}: cannot be read: {error.strerror}; give a file") from None


def _built(options: argparse.Namespace) -> str:
    from protogate.codegen.typescript_process import run_script

    if not os.path.isdir(options.project_root):
        raise UserError(f"{options.project_root}: is no directory; give one with --project-root")
    text = run_script(options.script, options.project_root, profile=options.profile, timeout=options.timeout)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise UserError(
            f"{options.script}: line {line} of its output has {text[error.start]!r}, which is half a character"
        ) from None
    return text


def _write(report: Report, text: str, options: argparse.Namespace) -> None:
    """Put everything in place that is to change; the reports always."""
    outdated = [] if options.check else [row.path for row in report.rows if row.status != "unchanged"]
    # A symbolic link stays one: what it leads to is replaced.
    files: dict[str, str] = {os.path.realpath(path): text for path in outdated}
    files |= _reports(report, options.write_report)
    apply_changes(Changes("", files, tuple(files), ()))


def _reports(report: Report, base: str | None) -> Mapping[str, str]:
    if not base:
        return {}
    stem = base.removesuffix(".json").removesuffix(".md")
    return {f"{stem}.json": render_json(report), f"{stem}.md": render_markdown(report)}


def _check(report: Report, options: argparse.Namespace) -> int:
    for row in report.rows:
        if row.status == "added":
            print(f"{row.path}: is missing", file=sys.stderr)
        elif row.status == "changed":
            print(f"{row.path}: is not up to date: +{row.line_additions} -{row.line_removals} lines", file=sys.stderr)
        elif not options.quiet:
            print(f"{row.path}: up to date")
    if report.in_sync:
        return EXIT_OK
    print("run the same command without --check", file=sys.stderr)
    return EXIT_FINDINGS


def _tell(report: Report, options: argparse.Namespace) -> int:
    if not options.quiet:
        for row in report.rows:
            if row.status == "unchanged":
                print(f"{row.path}: up to date")
            else:
                print(f"  generated → {row.path} (+{row.line_additions} -{row.line_removals})")
    return EXIT_OK
