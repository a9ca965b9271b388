"""`protogate lint`: what buf's rules and format say of the contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate import __version__
from protogate.build.lint import lint
from protogate.config import load_config
from protogate.console import annotate, enter_project, parser, print_json
from protogate.errors import EXIT_FINDINGS, EXIT_OK
from protogate.findings import findings_json, findings_sarif, render_finding

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Print findings; exit 1 when there are any."""
    made = parser(
        command,
        "Check the contracts against buf's lint rules and format.",
        ["lint", "lint --json", "lint --sarif > findings.sarif"],
    )
    made.add_argument("--sarif", action="store_true", help="print a SARIF 2.1.0 log")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    findings = lint(".", load_config(".").template)
    if options.sarif:
        print_json(findings_sarif(findings, __version__))
    elif options.json:
        print_json(findings_json(findings))
    else:
        for finding in findings:
            print(render_finding(finding))
        annotate(findings)
    return EXIT_FINDINGS if findings else EXIT_OK
