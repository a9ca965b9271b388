"""docs/legacy.md, typed in by a machine: its examples, and each row of its table of kinds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from protogate.legacy.conversions import CONVERSIONS
from protogate.legacy.diff import DiffKind, diff
from protogate.legacy.mapping_file import load_mapping
from protogate.legacy.sources import read_schemas
from protogate.legacy.suggestion import advice
from tests.e2e.conftest import ROOT, Shell
from tests.support.compiler import schema_of

if TYPE_CHECKING:
    from pathlib import Path

PATH = ROOT / "docs/legacy.md"
PAGE = PATH.read_text()
_MARKED = re.compile(
    r"<!-- (?P<kind>file|run|output)(?:: (?P<what>\S+))? -->\n```\w+\n(?P<text>.*?)```", re.DOTALL
)  # fmt: skip
_KIND = re.compile(r"^\| `([A-Z_]+)` \| ([A-Z]+) \| (?:`(.*?)` )?\| (?:`(.*?)` )?\|$", re.MULTILINE)
_HEAD = """syntax = "proto3";
package acme;
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
enum State { STATE_UNSPECIFIED = 0; STATE_OPEN = 1; }
"""


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
    assert "## Status: ✅ 100.0% Ready" in (tmp_path / "readiness.md").read_text()


def test_each_row_of_the_table_of_kinds_is_so(tmp_path: Path) -> None:
    rows = _KIND.findall(PAGE)
    assert {kind for kind, *_ in rows} == {kind.value for kind in DiffKind} - {"IGNORED"}
    text = "".join(f"message M{number} {{ {field} }}\n" for number, (*_, field) in enumerate(rows))
    messages = schema_of({"acme.proto": _HEAD + text}).messages
    for number, (kind, severity, column, _) in enumerate(rows):
        script = tmp_path / f"t{number}.sql"
        script.write_text(f"CREATE TABLE t (other_ TEXT{', ' + column if column else ''});\n")
        (schema,) = read_schemas(str(script), dialect="postgres")
        found = diff("t", schema, messages[f"acme.M{number}"])
        entries = [one for one in found.entries if one.field_name != "other_"]
        told = {(one.kind.value, one.severity.value) for one in entries}
        assert told == {(kind, severity)}, (column, told)
        assert all(bool(advice(one)) == (severity != "INFO") for one in entries)


def test_table_of_conversions(update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    rows = ["| conversion | fills | what it takes |", "|---|---|---|"]
    for name, one in CONVERSIONS.items():
        rows.append(f"| `{name}` | {', '.join(sorted(one.targets))} | {one.summary} |")
    start, end = "<!-- conversions -->\n", "\n<!-- end conversions -->"
    before, _, rest = PAGE.partition(start)
    old, _, after = rest.partition(end)
    expected = "\n".join(rows)
    if update_golden:
        PATH.write_text(f"{before}{start}{expected}{end}{after}")
    else:
        assert old == expected, "accept with pytest --update-golden"


def test_table_of_keys_is_that_of_the_reader(tmp_path: Path) -> None:
    (known,) = re.findall(r"## Mappings\n.*?\n\n(\| key .*?)\n\n", PAGE, re.DOTALL)
    keys = re.findall(r"^\| `(\w+)`", known, re.MULTILINE)
    path = tmp_path / "a.mapping.yaml"
    path.write_text("nonsense: 1\n")
    with pytest.raises(Exception, match="nonsense") as caught:
        load_mapping(str(path))
    assert set(keys) == set(re.search(r"use one of ([\w, ]+)", str(caught.value))[1].split(", "))  # type: ignore[index]
