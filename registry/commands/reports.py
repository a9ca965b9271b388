"""What `check` and `register` found out about each contract, and how they say it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from protogate import __version__
from protogate.console import annotate, finding_fields, finding_line, print_json, red
from protogate.findings import findings_sarif, sort_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.findings import Finding

__all__ = ["Report", "Status", "print_reports", "short"]

_LISTED = 20
"""Up to so many contracts one reads about each; beyond that the unchanged ones are only counted."""
_SHORT = 12
"""Digits of a digest that people compare."""


class Status(StrEnum):
    """What became of a contract."""

    REGISTERED = "registered"
    UNCHANGED = "unchanged"
    NEW = "new"
    """A check met no version of the subject."""
    COMPATIBLE = "compatible"
    INCOMPATIBLE = "incompatible"
    SKIPPED = "skipped"
    """It imports an incompatible one, or another one was incompatible: nothing is registered then."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one contract."""

    subject: str
    status: Status
    version: int
    """The version it is, or was compared with; 0 without one."""
    digest: str
    path: str = ""
    """Where the contract lies."""
    level: str = ""
    compared: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


def short(content_id: str) -> str:
    """Return as much of a digest as people read."""
    return content_id[:_SHORT]


def print_reports(reports: Sequence[Report], form: str) -> None:
    """Print reports as text, JSON or SARIF."""
    paths = {report.path for report in reports}
    told = {report.subject: _to_tell(report, paths) for report in reports}
    if form == "text":
        for line in _lines(reports, told):
            print(line)
        annotate(sort_findings(finding for found in told.values() for finding in found))
        return
    findings = sort_findings(finding for found in told.values() for finding in found)
    if form == "sarif":
        print_json(findings_sarif(findings, __version__))
        return
    print_json(
        {
            "compatible": all(report.status is not Status.INCOMPATIBLE for report in reports),
            "findings": [finding_fields(one) for one in findings],
            "subjects": [_fields(report) for report in reports],
        }
    )


def _fields(report: Report) -> dict[str, object]:
    return {
        "subject": report.subject,
        "status": report.status.value,
        "version": report.version or None,
        "sha256": report.digest,
        "level": report.level or None,
        "compared": list(report.compared),
    }


def _to_tell(report: Report, paths: set[str]) -> tuple[Finding, ...]:
    """Leave out what stands in another contract that has a report: there it is told once, not for each importer."""
    return tuple(one for one in report.findings if one.place.file == report.path or one.place.file not in paths)


def _lines(reports: Sequence[Report], told: Mapping[str, Sequence[Finding]]) -> Iterable[str]:
    quiet = len(reports) > _LISTED
    for report in reports:
        if quiet and report.status in {Status.UNCHANGED, Status.SKIPPED}:
            continue
        yield _headline(report)
        for finding in told[report.subject]:
            yield f"  {finding_line(finding)}"
        elsewhere = {one.place.file for one in report.findings} - {one.place.file for one in told[report.subject]}
        for path in sorted(elsewhere - {report.path}):
            yield f"  {path}: as reported there"
    yield _summary(reports)


def _headline(report: Report) -> str:
    subject, version, digest = report.subject, report.version, f"(sha256={report.digest}…)"
    match report.status:
        case Status.REGISTERED:
            return f"Registered {subject} version {version} {digest}"
        case Status.UNCHANGED:
            return f"Unchanged {subject} version {version} {digest}"
        case Status.NEW:
            return f"No existing schema for {subject!r}; nothing to check against"
        case Status.COMPATIBLE:
            return f"Compatible with {subject} {_versions(report)} ({report.level})"
        case Status.INCOMPATIBLE:
            return red(f"INCOMPATIBLE with {subject} {_versions(report)} ({report.level}):")
        case Status.SKIPPED:
            return f"Not registered {subject}"


def _versions(report: Report) -> str:
    compared = report.compared or (report.version,)
    if len(compared) == 1:
        return f"version {compared[0]}"
    return f"versions {compared[0]} to {compared[-1]}"


def _summary(reports: Sequence[Report]) -> str:
    counts = Counter(report.status for report in reports)
    parts = [f"{counts[status]:,} {status}" for status in Status if counts[status]]
    total = len(reports)
    return f"{total:,} {'contract' if total == 1 else 'contracts'}: {', '.join(parts)}"
