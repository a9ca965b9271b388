"""`protogate legacy diff`, `report` and `sync-check`: how ready contracts are for legacy rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protogate.cli.legacy_inputs import (
    NotRegisteredError,
    enter,
    load_contract,
    load_mappings,
    message_of,
    open_registry,
    version_of,
    write,
)
from protogate.console import one_line, parser, print_json
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from protogate.config import Config
    from protogate.descriptors import Message, Schema
    from protogate.findings import Finding
    from protogate.legacy.diff import LegacyDiff
    from protogate.legacy.mapping import BridgeMapping
    from protogate.legacy.registry import LegacyRegistry, Version
    from protogate.legacy.report import Report

__all__ = ["compare", "report", "sync_check"]


_SAID_BY_DIFF = frozenset({"legacy/FORGOTTEN_COLUMN", "legacy/NO_CONVERSION"})
"""Findings on mappings that are entries of a diff, where they take their share of readiness."""


class _Subject(NamedTuple):
    """A legacy schema, the message that it becomes, and how."""

    subject: str
    version: Version
    message: Message
    mapping: BridgeMapping | None

    @property
    def versions(self) -> str:
        return f"{self.subject} version {self.version.version} ({self.version.sha256[:12]}), {self.message.full_name}"


def compare(command: str, arguments: Sequence[str]) -> int:
    """Print what keeps rows from coming over."""
    options = _comparing(
        command,
        "Compare registered legacy schemas with messages of contracts: all mappings of the project, or one\n"
        "subject with one message. Exit codes: 0 no errors, 1 errors, 2 usage.",
        [f"{command}", f"{command} user.legacy user.v1.UserCreated", f"{command} --mapping users.mapping.yaml --json"],
    )(arguments)
    from protogate.legacy.report import json_report, text_report

    reports = _reports(options)
    if options.json:
        print_json([json_report(one) for one in reports])
    else:
        for one in reports:
            print(f"{one.versions}\n{text_report(one.diff)}")
    return EXIT_FINDINGS if any(one.diff.errors for one in reports) else EXIT_OK


def report(command: str, arguments: Sequence[str]) -> int:
    """Write the same as a document."""

    def more(made: argparse.ArgumentParser) -> None:
        made.add_argument(
            "--format", choices=("markdown", "json", "html"), default="markdown", help="default: markdown"
        )
        made.add_argument("--output", default="", metavar="FILE", help="default: the terminal")

    options = _comparing(
        command,
        "Write what `legacy diff` finds as a report: Markdown, JSON, or one page of HTML.",
        [f"{command} --output readiness.md", f"{command} --format html --output readiness.html"],
        more,
    )(arguments)
    import json
    from datetime import UTC, datetime

    from protogate.legacy.report import json_report, markdown_report
    from protogate.legacy.report_html import html_report

    today = datetime.now(UTC).date().isoformat()
    reports = [one._replace(generated=today) for one in _reports(options)]
    if options.format == "html":
        text = html_report(reports)
    elif options.format == "json":
        text = json.dumps([json_report(one) for one in reports], indent=2, ensure_ascii=False) + "\n"
    else:
        text = "\n".join(markdown_report(one) for one in reports)
    if options.output:
        write(options.output, text)
        print(f"wrote {options.output}")
    else:
        print(text, end="")
    return EXIT_OK


def sync_check(command: str, arguments: Sequence[str]) -> int:
    """Fail unless every mapping is ready."""
    options = _comparing(
        command,
        "Fail unless every mapping is ready: no error between the registered schema and its message. With --data,\n"
        "compare the rows and their events as well, while both are being written.\n"
        "Exit codes: 0 in sync, 1 out of sync or not registered, 2 usage.",
        [f"{command}", f"{command} --data --source postgresql://app@db/legacy", f"{command} --data --help"],
        lambda made: made.add_argument("--data", action="store_true", help="the rows too; has more options of its own"),
    )(arguments)
    from protogate.legacy.readiness import readiness

    try:
        reports = _reports(options)
    except NotRegisteredError as error:
        print(error)
        return EXIT_FINDINGS
    shares = [readiness(one.diff) for one in reports]
    worst = min(shares, default=1.0)
    errors = [(one.diff.subject, entry) for one in reports for entry in one.diff.errors]
    if options.json:
        listed = [{"subject": one.diff.subject, "readiness": share} for one, share in zip(reports, shares, strict=True)]
        print_json({"in_sync": not errors, "readiness": worst, "subjects": listed})
    elif not errors:
        print("LEGACY SYNC OK")
    else:
        print(f"OUT OF SYNC: {worst:.1%}")
        for subject, entry in errors:
            print(one_line(f"  {subject}: [{entry.kind.value}] {entry.field_name}: {entry.message}"))
    return EXIT_FINDINGS if errors else EXIT_OK


def _comparing(
    command: str,
    description: str,
    examples: Sequence[str],
    more: Callable[[argparse.ArgumentParser], object] = lambda _: None,
) -> Callable[[Sequence[str]], argparse.Namespace]:
    made = parser(command, description, examples)
    made.add_argument("subject", nargs="?", default="", metavar="SUBJECT")
    made.add_argument("message", nargs="?", default="", metavar="MESSAGE", help="full name: user.v1.UserCreated")
    made.add_argument("--mapping", action="append", default=[], metavar="FILE", help="default: those of the project")
    more(made)

    def parse(arguments: Sequence[str]) -> argparse.Namespace:
        options = made.parse_args(arguments)
        if options.subject and not options.message:
            made.error("the following arguments are required: MESSAGE")
        return options

    return parse


def _reports(options: argparse.Namespace) -> list[Report]:
    """Compare what the command line names, and keep what was found."""
    from protogate.legacy.diff import diff
    from protogate.legacy.readiness import readiness
    from protogate.legacy.report import Report, json_report
    from protogate.legacy.suggestion import suggest

    config = enter(options)
    reports = []
    with open_registry(config) as registry:
        contract = load_contract(config)
        for one in _subjects(options, config, registry, contract):
            _check(one, contract)
            found: LegacyDiff = diff(one.subject, one.version.schema, one.message, one.mapping)
            report = Report(found, suggest(found, one.message), one.versions)
            registry.record_diff(one.version, one.message.full_name, readiness(found), json_report(report))
            reports.append(report)
    return reports


def _check(one: _Subject, contract: Schema) -> None:
    """Refuse a mapping that nobody has reviewed to the end, or that names what is not there."""
    if one.mapping is None:
        return
    from protogate.legacy.mapping_check import check_mapping

    found: Sequence[Finding] = check_mapping(one.mapping, one.version.schema, contract)
    broken = [finding for finding in found if finding.rule not in _SAID_BY_DIFF]
    if broken:
        # One that names its line says more than one about the whole file.
        first, *others = sorted(broken, key=lambda finding: not finding.place.line)
        hint = f"; {first.hint}" if first.hint else ""
        more = f" (and {len(others)} more)" if others else ""
        raise UserError(f"{first.place}: {first.message}{hint}{more}")


def _subjects(
    options: argparse.Namespace, config: Config, registry: LegacyRegistry, contract: Schema
) -> list[_Subject]:  # fmt: skip
    if options.subject:
        mapping = next(iter(load_mappings(config, options.mapping)), None) if options.mapping else None
        message = message_of(contract, options.message)
        return [_Subject(options.subject, version_of(registry, options.subject), message, mapping)]
    return [
        _Subject(one.subject, version_of(registry, one.subject), message_of(contract, one.message), one)
        for one in load_mappings(config, options.mapping)
    ]
