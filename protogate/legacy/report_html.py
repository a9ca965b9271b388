"""Readiness on one page of HTML that needs nothing else: no network, no script of others."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Final

from protogate.legacy.diff import DiffKind
from protogate.legacy.readiness import readiness, weighted_readiness
from protogate.legacy.report import json_report
from protogate.legacy.suggestion import advice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.findings import Place
    from protogate.legacy.diff import DiffEntry
    from protogate.legacy.report import Report

__all__ = ["html_report"]

_READY: Final = 1.0
_HALF: Final = 0.5


def html_report(reports: Sequence[Report]) -> str:
    """One page for any number of subjects that needs nothing else: no network, no script of others."""
    sections = "\n".join(_section(report) for report in reports)
    data = json.dumps([json_report(one) for one in reports], ensure_ascii=False).replace("</", "<\\/")
    return _PAGE.replace("{{sections}}", sections).replace("{{data}}", data)


def _section(report: Report) -> str:
    diff = report.diff
    share = readiness(diff)
    rows = "\n".join(_row(one) for one in diff.entries)
    escaped = html.escape
    state = "good" if share >= _READY else "fair" if share >= _HALF else "poor"
    suggestion = ""
    if report.suggestion.lines:
        code = escaped(report.suggestion.text())
        suggestion = f"<h3>Recommended action</h3><p>Add to <code>{escaped(diff.message)}</code>:</p><pre>{code}</pre>"
    generated = f"<p>Generated: {escaped(report.generated)}</p>" if report.generated else ""
    return (
        f'<section aria-label="{escaped(diff.subject)}"><h2>{escaped(diff.subject)}</h2>{generated}'
        f'<p class="{state}"><meter min="0" max="1" value="{share:.4f}" aria-label="readiness"></meter> '
        f"<strong>{share:.1%} ready</strong>, weighted {weighted_readiness(diff).value:.1%};"
        f" {escaped(report.versions)}</p><table><thead><tr><th>Field</th><th>Kind</th><th>Severity</th>"
        f"<th>Legacy</th><th>Contract</th><th>Message</th></tr></thead><tbody>\n{rows}\n</tbody></table>{suggestion}</section>"
    )


def _row(one: DiffEntry) -> str:
    cells = (
        f"<code>{html.escape(one.field_name)}</code>",
        one.kind.value,
        one.severity.value,
        _typed(one.legacy_type, one.legacy_place),
        _typed(one.proto_type, one.proto_place),
        _told(one),
    )
    kind = "OK" if one.kind in {DiffKind.OK, DiffKind.IGNORED} else one.severity.value
    return f'<tr data-severity="{kind}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _told(one: DiffEntry) -> str:
    hint = advice(one)
    return html.escape(one.message) + (f"<br><small>{html.escape(hint)}</small>" if hint else "")


def _typed(text: str, place: Place) -> str:
    shown = f"<br><small>{html.escape(str(place))}</small>" if place.file else ""
    return f"<code>{html.escape(text)}</code>{shown}" if text else shown


_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Migration readiness</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top; }
tr[data-severity="ERROR"] td:nth-child(3) { color: light-dark(#a40000, #ff9c9c); font-weight: bold; }
tr[data-severity="WARNING"] td:nth-child(3) { color: light-dark(#7a4b00, #ffd18a); font-weight: bold; }
pre { background: #8882; padding: .8rem; overflow: auto; }
fieldset { border: 1px solid #8886; }
label { margin-right: 1rem; }
meter { width: 12rem; }
[hidden] { display: none; }
</style>
</head>
<body>
<main>
<h1>Migration readiness</h1>
<fieldset><legend>Show</legend>
<label><input type="checkbox" name="ERROR" checked> errors</label>
<label><input type="checkbox" name="WARNING" checked> warnings</label>
<label><input type="checkbox" name="INFO" checked> information</label>
<label><input type="checkbox" name="OK"> what agrees</label>
</fieldset>
{{sections}}
</main>
<script type="application/json" id="data">{{data}}</script>
<script>
const boxes = document.querySelectorAll("fieldset input");
function show() {
  const wanted = new Set([...boxes].filter(box => box.checked).map(box => box.name));
  for (const row of document.querySelectorAll("tr[data-severity]")) row.hidden = !wanted.has(row.dataset.severity);
}
for (const box of boxes) box.addEventListener("change", show);
show();
</script>
</body>
</html>
"""
