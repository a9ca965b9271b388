"""What a new text changes in the files it is meant for, as rows, a diff, and reports for programs and people."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Report", "Row", "compare", "diff", "render_json", "render_markdown"]

_SHOWN_LINES = 400
"""A longer diff is no longer read in a terminal."""
_COMPARED_LINES = 5_000
"""difflib takes half a second for as many lines in its worst case, and four times that for twice as many."""


class Row(NamedTuple):
    """One output file: how the new text differs from what it has."""

    path: str
    status: Literal["added", "changed", "unchanged"]
    line_additions: int
    line_removals: int


class Report(NamedTuple):
    """One run."""

    script: str
    profile: str
    check_mode: bool
    rows: Sequence[Row]

    @property
    def totals(self) -> dict[str, int]:
        """How many files there are, and how many of each status."""
        statuses = [row.status for row in self.rows]
        return {
            "targets": len(statuses),
            "changed": statuses.count("changed"),
            "added": statuses.count("added"),
            "unchanged": statuses.count("unchanged"),
        }

    @property
    def in_sync(self) -> bool:
        """Whether every file has the text already."""
        return all(row.status == "unchanged" for row in self.rows)


def compare(path: str, old: bytes | None, new: bytes) -> Row:
    """Return the row of a file; `old` is None when there is no file."""
    if old == new:
        return Row(path, "unchanged", 0, 0)
    added, removed = _counts(_lines(old or b""), _lines(new))
    return Row(path, "added" if old is None else "changed", added, removed)


def diff(path: str, old: bytes | None, new: bytes) -> str:
    """Return a unified diff, cut after some hundred lines; empty when nothing changes."""
    before, after = _lines(old or b""), _lines(new)
    end = _common(before, after) + _COMPARED_LINES
    name = "/dev/null" if old is None else path
    found = difflib.unified_diff(before[:end], after[:end], name, path, lineterm="")
    shown = list(islice(found, _SHOWN_LINES))
    left = sum(1 for _ in found)
    if max(len(before), len(after)) > end:
        shown.append("... and more")
    elif left:
        shown.append(f"... and {left} more lines")
    return "".join(f"{line}\n" for line in shown)


def render_json(report: Report) -> str:
    """Return the report that programs read; the keys are stable."""
    document = {
        "script": report.script,
        "profile": report.profile,
        "check_mode": report.check_mode,
        "totals": report.totals,
        "rows": [row._asdict() for row in report.rows],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_markdown(report: Report) -> str:
    """Return the report that people read."""
    totals = report.totals
    counts = ", ".join(f"{totals[name]} {name}" for name in ("changed", "added", "unchanged"))
    rows = "".join(
        f"| {_cell(row.path)} | {row.status} | {row.line_additions} | {row.line_removals} |\n" for row in report.rows
    )
    return (
        "# TypeScript codegen report\n\n"
        f"- Script: `{report.script}`\n"
        f"- Profile: `{report.profile}`\n"
        f"- Check mode: {'yes' if report.check_mode else 'no'}\n"
        f"- Targets: {totals['targets']} ({counts})\n\n"
        "| Path | Status | Lines added | Lines removed |\n|---|---|---:|---:|\n"
        f"{rows}"
    )


def _counts(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many lines are new, and how many are gone."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    if max(len(old), len(new)) - start - end > _COMPARED_LINES:
        # Of so many lines those count that the other side does not have anywhere.
        return (Counter(new) - Counter(old)).total(), (Counter(old) - Counter(new)).total()
    lines = [line[0] for line in islice(difflib.unified_diff(old, new, n=0, lineterm=""), 2, None)]
    return lines.count("+"), lines.count("-")


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both start with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _lines(content: bytes) -> list[str]:
    # Not `splitlines`: a file that differs in line ends has changed.
    *lines, last = content.decode("utf-8", "replace").split("\n")
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
