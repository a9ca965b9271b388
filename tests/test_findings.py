from __future__ import annotations

from protogate.findings import Finding, Place, Severity, findings_json, findings_sarif, render_finding, sort_findings

FIRST = Finding("lint/A", Place("a.proto", 2, 5), "first", "do this")
LATER = Finding("lint/B", Place("a.proto", 10), "later", severity=Severity.WARNING)
OTHER = Finding("lint/A", Place("b.proto"), "other")


def test_findings_are_sorted_by_place_and_told_once() -> None:
    assert sort_findings([OTHER, LATER, FIRST, LATER]) == (FIRST, LATER, OTHER)


def test_finding_is_one_line_that_editors_understand() -> None:
    assert render_finding(FIRST) == "a.proto:2:5: first; do this (lint/A)"
    assert render_finding(LATER) == "a.proto:10: later (lint/B)"
    assert render_finding(OTHER) == "b.proto: other (lint/A)"


def test_json_has_stable_keys() -> None:
    assert findings_json([LATER]) == [
        {
            "rule": "lint/B",
            "severity": "warning",
            "path": "",
            "file": "a.proto",
            "line": 10,
            "column": 0,
            "message": "later",
            "hint": "",
        }
    ]


def test_sarif_has_rules_once_and_places() -> None:
    run = findings_sarif([FIRST, LATER, OTHER], "1.2.3")["runs"][0]
    assert run["tool"]["driver"] == {
        "name": "protogate",
        "version": "1.2.3",
        "rules": [{"id": "lint/A"}, {"id": "lint/B"}],
    }
    assert [one["level"] for one in run["results"]] == ["error", "warning", "error"]
    assert run["results"][0]["message"] == {"text": "first; do this"}
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 5}
    assert "region" not in run["results"][2]["locations"][0]["physicalLocation"]
