"""What people and programs read of a difference: text, Markdown and JSON; `report_html` makes a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.legacy.diff import DiffKind, DiffSeverity
from protogate.legacy.readiness import readiness, weighted_readiness
from protogate.legacy.suggestion import advice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.findings import Place
    from protogate.legacy.diff import DiffEntry, LegacyDiff
    from protogate.legacy.suggestion import Suggestion

__all__ = ["Report", "json_report", "markdown_report", "text_report"]

_READY: Final = 1.0
_HALF: Final = 0.5


class Report(NamedTuple):
    """All that a report says."""

    diff: LegacyDiff
    suggestion: Suggestion
    versions: str
    """What was compared: `user.legacy version 2, user.v1.UserCreated`."""
    generated: str = ""
    """A date for people; left out when it is empty."""


def text_report(diff: LegacyDiff) -> str:
    """A few lines for a terminal."""
    lines = [
        f"Migration Readiness: {readiness(diff):.1%}",
        f"Total Issues: {len(diff.issues)}",
        f"Critical Errors: {len(diff.errors)}",
    ]
    if diff.errors:
        lines += [f"  - [{one.kind.value}] {one.field_name}: {one.message}{_placed(one)}" for one in diff.errors]
    else:
        lines.append("No critical errors detected. Ready for migration!")
    warnings = [one for one in diff.issues if one.severity is DiffSeverity.WARNING]
    if warnings:
        lines.append(f"Warnings: {len(warnings)}")
        lines += [f"  - [{one.kind.value}] {one.field_name}: {one.message}{_placed(one)}" for one in warnings]
    return "".join(f"{line}\n" for line in lines)


def markdown_report(report: Report) -> str:
    """The report as people keep it beside a contract."""
    diff = report.diff
    share = readiness(diff)
    lines = [f"# Migration Readiness Report: {diff.subject}", ""]
    if report.generated:
        lines += [f"Generated: {report.generated}", ""]
    lines += [
        f"## Status: {_sign(share)} {share:.1%} Ready",
        "",
        "### Versions Compared",
        "",
        f"- {report.versions}",
        "",
        *_weighted_lines(diff),
        "### Discrepancy Summary",
        "",
    ]
    if not diff.issues:
        lines += ["No discrepancies.", ""]
    else:
        lines += ["| Field | Kind | Severity | Message |", "|---|---|---|---|"]
        lines += [f"| {_cells(one)} |" for one in diff.issues]
        lines.append("")
    lines += _ignored_lines(diff)
    if report.suggestion.lines:
        lines += ["### Recommended Action", "", f"Add to `{diff.message}`:", "", "```proto"]
        lines += [*report.suggestion.lines, "```", ""]
        lines += [f'It needs `import "{name}";`.' for name in report.suggestion.imports]
        lines += [""] if report.suggestion.imports else []
    return "\n".join(lines).rstrip("\n") + "\n"


def json_report(report: Report) -> dict[str, Any]:
    """The report as programs read it; `protogate/legacy/schemas/report.schema.json` describes it."""
    diff = report.diff
    weighted = weighted_readiness(diff)
    return {
        "subject": diff.subject,
        "message": diff.message,
        "versions": report.versions,
        "generated": report.generated or None,
        "readiness": round(readiness(diff), 6),
        "weighted_readiness": {
            "value": round(weighted.value, 6),
            "total_weight": weighted.total,
            "lost": [one._asdict() for one in weighted.lost],
        },
        "fields": len(diff.names),
        "issues": len(diff.issues),
        "errors": len(diff.errors),
        "entries": [_entry_fields(one) for one in diff.entries],
        "suggestion": {"lines": list(report.suggestion.lines), "imports": list(report.suggestion.imports)},
    }


def _entry_fields(one: DiffEntry) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "field": one.field_name,
        "severity": one.severity.value,
        "message": one.message,
        "legacy_type": one.legacy_type or None,
        "proto_type": one.proto_type or None,
        "legacy_place": _place(one.legacy_place),
        "proto_place": _place(one.proto_place),
        "suggestion": advice(one) or None,
    }


def _place(place: Place) -> str | None:
    return str(place) if place.file else None


def _placed(one: DiffEntry) -> str:
    places = [text for text in (_place(one.legacy_place), _place(one.proto_place)) if text]
    return f" ({', '.join(places)})" if places else ""


def _sign(share: float) -> str:
    return "✅" if share >= _READY else "⚠️" if share >= _HALF else "❌"


def _cells(one: DiffEntry) -> str:
    types = " → ".join(part for part in (one.legacy_type, one.proto_type) if part)
    message = f"{one.message} ({types})" if types else one.message
    cells = (f"`{one.field_name}`", one.kind.value, one.severity.value, message)
    return " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells)


def _weighted_lines(diff: LegacyDiff) -> Iterator[str]:
    weighted = weighted_readiness(diff)
    yield f"Weighted by what a column means to a row: {weighted.value:.1%}."
    yield ""
    if weighted.lost:
        yield "| Field | Weight | Lost | Why |"
        yield "|---|---|---|---|"
        for one in weighted.lost:
            yield f"| `{one.field}` | {one.weight:g} | {one.share:.0%} | {one.reason.replace('|', chr(92) + '|')} |"
        yield ""


def _ignored_lines(diff: LegacyDiff) -> Iterator[str]:
    ignored = [one for one in diff.entries if one.kind is DiffKind.IGNORED]
    if ignored:
        yield "### Not taken over"
        yield ""
        yield from (f"- `{one.field_name}`: {one.message}" for one in ignored)
        yield ""
