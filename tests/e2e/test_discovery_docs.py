"""docs/discovery.md, typed in by a machine: its example, its tables, its settings."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from protogate.discovery.cuts import Remedy
from protogate.discovery.reports import ALL
from protogate.discovery.scores import library_score, plugin_score, service_score
from protogate.discovery.settings import DEFAULTS, MEANINGS
from protogate.discovery.units import Measures
from tests.e2e.conftest import ROOT, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = ROOT / "docs/discovery.md"
PAGE = PATH.read_text()
_MARKED = re.compile(
    r"<!-- (?P<kind>file|run|output)(?:: (?P<what>\S+))? -->\n```\w+\n(?P<text>.*?)```", re.DOTALL
)  # fmt: skip


def test_the_example_of_the_page_works(tmp_path: Path, installed: Path) -> None:
    shell = Shell(tmp_path, installed)
    said = ""
    kinds = []
    for block in _MARKED.finditer(PAGE):
        kinds.append(block["kind"])
        if block["kind"] == "file":
            target = tmp_path / block["what"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block["text"])
        elif block["kind"] == "run":
            said = shell.run(block["text"], code=int(block["what"] or 0))
        else:
            for line in block["text"].splitlines():
                assert line in said
    assert set(kinds) == {"file", "run", "output"}
    assert (tmp_path / "old/reports/migration-discovery/migration-discovery.html").exists()


def test_every_document_and_remedy_is_told() -> None:
    for name in ALL:
        assert f"`{name}`" in PAGE
    for remedy in Remedy:
        assert f"| `{remedy.value}` |" in PAGE


def test_parts_of_scores_are_those_of_the_code() -> None:
    nothing = Measures._make([1, *[0] * 10, (), (), (), *[0] * 8, "", 0])
    for score in (service_score(nothing), library_score(nothing), plugin_score(nothing)):
        for part in score.parts:
            assert f"| {part.name} | {part.most} |" in PAGE or f"{part.name} {part.most}" in PAGE


def _settings(table: dict[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and f"{place}{key}" not in MEANINGS:
            yield from _settings(value, f"{place}{key}.")
        else:
            yield f"{place}{key}", value


def test_settings_are_told_with_their_defaults(update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    rows = ["| key | default | what |", "|---|---|---|"]
    rows += [f"| `{key}` | `{json.dumps(value)}` | {MEANINGS[key]} |" for key, value in _settings(dict(DEFAULTS))]
    wanted = "\n".join(rows)
    before, _, rest = PAGE.partition("<!-- settings -->\n")
    old, _, after = rest.partition("\n<!-- end settings -->")
    if update_golden:
        PATH.write_text(f"{before}<!-- settings -->\n{wanted}\n<!-- end settings -->{after}")
    else:
        assert old == wanted, "docs/discovery.md: settings are outdated; accept with pytest --update-golden"
