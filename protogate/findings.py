"""What checks find, as values: a stable rule id, a place, a message and a hint.

A finding is not an error. A check returns findings, sorted; the edge renders them as text, JSON or
SARIF and exits 1 when there are any.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Finding",
    "Place",
    "Severity",
    "findings_json",
    "findings_sarif",
    "render_finding",
    "sort_findings",
]


class Severity(enum.IntEnum):
    """How much a finding matters; higher is worse."""

    NOTE = 0
    """Worth knowing."""
    WARNING = 1
    """Should be put right; does not fail a check by itself."""
    ERROR = 2
    """Fails a check."""


class Place(NamedTuple):
    """Where something was found; line and column count from 1, 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return `file:line:column` as editors understand it."""
        parts = [self.file, *(str(part) for part in (self.line, self.column) if part)]
        return ":".join(parts)


class Finding(NamedTuple):
    """One thing that a check found; a named tuple, because checks of large contracts make thousands of them."""

    rule: str
    """Stable id, such as `lint/PACKAGE_DIRECTORY_MATCH`."""
    place: Place
    message: str
    hint: str = ""
    """What would put it right."""
    severity: Severity = Severity.ERROR
    path: str = ""
    """Full name of the element of a contract that it is about, where there is one."""


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return each finding once, by file, line, rule."""
    return tuple(sorted(set(findings), key=lambda one: (one.place, one.rule, one.message)))


def render_finding(finding: Finding) -> str:
    """Return one line for people.

    >>> render_finding(Finding("lint/X", Place("a.proto", 3), "no comment", "write one"))
    'a.proto:3: no comment; write one (lint/X)'
    """
    hint = f"; {finding.hint}" if finding.hint else ""
    return f"{finding.place}: {finding.message}{hint} ({finding.rule})"


def findings_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return plain values for `--json`; the keys are stable."""
    return [
        {
            "rule": one.rule,
            "severity": one.severity.name.lower(),
            "path": one.path,
            "file": one.place.file,
            "line": one.place.line,
            "column": one.place.column,
            "message": one.message,
            "hint": one.hint,
        }
        for one in findings
    ]


def findings_sarif(findings: Iterable[Finding], version: str) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log, which code hosts show beside the changed lines."""
    listed = tuple(findings)
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "protogate",
                        "version": version,
                        "rules": [{"id": rule} for rule in sorted({one.rule for one in listed})],
                    }
                },
                "results": [_sarif_result(one) for one in listed],
            }
        ],
    }


def _sarif_result(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": finding.place.file}}
    if finding.place.line:
        location["region"] = {"startLine": finding.place.line}
        if finding.place.column:
            location["region"]["startColumn"] = finding.place.column
    return {
        "ruleId": finding.rule,
        "level": finding.severity.name.lower(),
        "message": {"text": f"{finding.message}; {finding.hint}".removesuffix("; ")},
        "locations": [{"physicalLocation": location}],
    }
