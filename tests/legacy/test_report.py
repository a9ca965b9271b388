"""Whole reports as they were accepted; `pytest --update-golden` accepts those of today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

import protogate.legacy
from protogate.legacy.diff import DiffKind, DiffSeverity, diff
from protogate.legacy.report import Report, json_report, markdown_report, text_report
from protogate.legacy.report_html import html_report
from protogate.legacy.suggestion import suggest
from tests.legacy.bridged import json_schema, message
from tests.support.browser import browser, started_browser  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from tests.support.browser import Browser

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = Path(protogate.legacy.__file__).parent / "schemas" / "report.schema.json"
PROPERTIES: dict[str, Any] = {
    "firstName": {"type": ["string", "null"]},
    "address": {"type": "object", "properties": {"street": {"type": "boolean"}, "number": {"type": "integer"}}},
    "flags": {"type": "array", "items": {"type": "boolean"}},
    "state|<b>": {"enum": ["new", "</script>"]},
}


@pytest.fixture
def report(tmp_path: Path) -> Report:
    schema = json_schema(tmp_path, PROPERTIES, "address")
    found = diff("old.people", schema, message("Person"))
    # The directory of a test has another name each time.
    entries = tuple(
        one._replace(legacy_place=one.legacy_place._replace(file=Path(one.legacy_place.file).name))
        for one in found.entries
    )
    found = found._replace(entries=entries)
    return Report(found, suggest(found, message("Person")), "old.people version 3, acme.v1.Person", "2026-03-01")


@pytest.fixture
def ready(tmp_path: Path) -> Report:
    found = diff("old.names", json_schema(tmp_path, {"name": {"type": "string"}}, "name"), message("Name"))
    return Report(found, suggest(found, message("Name")), "old.names version 1, acme.v1.Name")


def check(name: str, text: str, *, accept: bool) -> None:
    path = GOLDEN / name
    if accept:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_text(report: Report, update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    check("report.txt", text_report(report.diff), accept=update_golden)


def test_markdown(report: Report, update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    check("report.md", markdown_report(report), accept=update_golden)


def test_json(report: Report, update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    check("report.json", json.dumps([json_report(report)], indent=2, ensure_ascii=False) + "\n", accept=update_golden)


def test_html(report: Report, update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    check("report.html", html_report([report]), accept=update_golden)


def test_markdown_of_what_is_ready(ready: Report) -> None:
    text = markdown_report(ready)
    assert "## Status: ✅ 100.0% Ready" in text
    assert "No discrepancies" in text
    assert "Generated" not in text


@pytest.mark.parametrize(("errors", "status"), [(0, "✅ 100.0%"), (1, "⚠️ 50.0%"), (2, "❌ 0.0%")])
def test_status_of_a_share(report: Report, errors: int, status: str) -> None:
    chosen = tuple(one for one in report.diff.entries if one.severity is DiffSeverity.ERROR)[:errors]
    found = report.diff._replace(entries=chosen, names=frozenset({"a", "b"}))
    assert f"## Status: {status} Ready" in markdown_report(report._replace(diff=found))


def test_json_is_as_its_schema_says(report: Report, ready: Report) -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    document = [json_report(report), json_report(ready)]
    validator.validate(document)
    document[0]["readiness"] = 1.5
    assert not validator.is_valid(document)


def test_schema_knows_every_kind() -> None:
    schema = json.loads(SCHEMA.read_text())
    assert schema["$defs"]["entry"]["properties"]["kind"]["enum"] == [kind.value for kind in DiffKind]


def test_page_holds_the_same_as_the_json(report: Report) -> None:
    page = html_report([report])
    data = page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    assert json.loads(data) == [json_report(report)]


def test_page_in_a_browser(report: Report, ready: Report, tmp_path: Path, browser: Browser) -> None:  # noqa: F811 - a fixture
    path = tmp_path / "report.html"
    path.write_text(html_report([report, ready]), encoding="utf-8")
    browser.driver.get(path.as_uri())
    assert browser.texts("h2") == ["old.people", "old.names"]

    def shown() -> list[str]:
        rows = browser.run(
            "return [...document.querySelectorAll('tr[data-severity]')].filter(row => !row.hidden)"
            ".map(row => row.querySelector('td').textContent)"
        )
        return [str(row) for row in rows]

    errors = [one.field_name for one in report.diff.errors]
    assert "name" not in shown()
    assert "state|<b>" in shown()
    browser.one("input[name=WARNING]").click()
    browser.one("input[name=INFO]").click()
    assert shown() == errors
    browser.one("input[name=OK]").click()
    assert "name" in shown()
    assert browser.run("return document.querySelectorAll('b').length") == 0
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
