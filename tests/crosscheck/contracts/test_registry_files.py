"""`registry.json` and `REGISTRY.md`: what they say, and that nothing but the contracts decides it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.crosscheck.contracts import read_contracts
from protogate.crosscheck.contracts.listing import registry_json
from protogate.crosscheck.contracts.markdown import escaped, registry_markdown
from protogate.crosscheck.contracts.registry_files import check_registry, registry_files, write_registry
from protogate.errors import UserError
from tests.crosscheck.contracts.samples import COMMAND, EVENT, contract, write, write_tree

GOLDEN = Path(__file__).parent / "expected"


def files_of(directory: str) -> dict[str, str]:
    return registry_files(read_contracts(directory).contracts, directory)


@pytest.mark.parametrize("name", ["registry.json", "REGISTRY.md"])
def test_the_files_are_those_that_were_accepted(tmp_path: Path, name: str, update_golden: bool) -> None:  # noqa: FBT001
    text = files_of(write_tree(tmp_path))[name]
    if update_golden:
        write(GOLDEN / name, text)
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def test_neither_the_place_nor_the_order_of_files_matters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = files_of(write_tree(tmp_path / "one"))
    other = Path(write_tree(tmp_path / "another/place"))
    event = other / "DeviceCreated.event.json"
    text = event.read_text()
    event.unlink()
    write(event, text)
    assert files_of(str(other)) == expected
    monkeypatch.chdir(other)
    assert files_of(".") == expected


def test_the_total_counts_what_is_listed() -> None:
    twice = [contract(COMMAND, "contracts/a.command.json"), contract(COMMAND, "contracts/b.command.json")]
    listed = json.loads(registry_json(twice, "contracts"))
    assert listed["_total"] == len(listed["commands"]) == 1
    assert listed["commands"]["CreateDevice"]["file"] == "a.command.json"
    assert registry_markdown(twice, "contracts").count("### CreateDevice") == 1


def test_names_are_sorted_and_missing_parts_have_a_dash() -> None:
    bare = {"event": "B", "kind": "INTEGRATION_EVENT", "version": "1", "payload": {}, "producers": {}}
    made = [contract({**bare, "event": name}, f"{name}.event.json") for name in ("B", "a", "A")]
    listed = json.loads(registry_json(made, "."))
    assert list(listed["events"]) == ["A", "B", "a"]
    assert listed["events"]["B"] == {
        "file": "B.event.json",
        "kind": "INTEGRATION_EVENT",
        "version": "1",
        "module": "—",
        "description": "",
        "producers": {},
        "consumers": [],
        "transport": {"http": "—", "ws": "—"},
    }
    assert "| `B` | INTEGRATION_EVENT | — | — | — |" in registry_markdown(made, ".")


def test_nothing_is_listed_of_nothing() -> None:
    assert json.loads(registry_json([], ".")) == {"_total": 0, "commands": {}, "queries": {}, "events": {}}
    assert registry_markdown([], ".").count("None.") == 3


def test_inner_fields_have_rows_of_their_own() -> None:
    output = {
        "rows": {
            "type": "array",
            "items": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        },
        "state": {"oneOf": [{"type": "integer"}, {"type": "null"}], "description": "The state"},
        "tags": {"items": {"type": "string", "enum": ["new", "old"]}},
        "tree": {"$ref": "#/$defs/Tree"},
        "when": {"type": ["string", "null"], "format": "date-time"},
        "fixed": {"const": 1},
        "any": {},
        "maybe": {"type": "string", "nullable": True},
    }
    page = registry_markdown([contract({**COMMAND, "input": output, "output": {}})], ".")
    assert [
        line for line in page.splitlines() if re.match(r"\| `(rows|state|tags|tree|when|fixed|any|maybe)", line)
    ] == [
        "| `rows` | `array of object` | — | — |",
        "| `rows[].id` | `string` | ✅ | — |",
        "| `state` | `integer or null` | — | The state |",
        "| `tags` | `array of string` | — | one of `new`, `old` |",
        "| `tree` | `Tree` | — | — |",
        "| `when` | `string or null (date-time)` | — | — |",
        "| `fixed` | `value` | — | one of `1` |",
        "| `any` | `any` | — | — |",
        "| `maybe` | `string or null` | — | — |",
    ]


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def cells(line: str) -> int:
    """Count the cells of a row as GitHub does: a bar ends one unless an odd number of backslashes stands before it."""
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) - 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b, C#, 2 < 3 & 4, x-y", "a_b, C#, 2 &lt; 3 & 4, x-y"),
        ("# title", "\\# title"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("a|b\\|c", "a\\|b\\\\\\|c"),
        ("*a* _b_ ~~c~~ [d](e) `f`", "\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\[d](e) \\`f\\`"),
        ("&lt; &#60; & <br>", "&amp;lt; &amp;#60; & &lt;br>"),
        (" a\r\nb\rc\nd ", "a<br>b<br>c<br>d"),
    ],
)
def test_text_is_not_taken_for_markup(text: str, expected: str) -> None:
    assert escaped(text) == expected


hostile = st.text(st.sampled_from('a|\\`\n\r*_<>&[]# -"😀'), min_size=1, max_size=8)


@given(hostile, hostile, hostile)
def test_no_text_breaks_the_page(name: str, description: str, other: str) -> None:
    fields = {name: {"type": "string", "description": description, "enum": [other, None, 1], "required": True}}
    command: dict[str, Any] = {
        **COMMAND,
        "command": name,
        "module": other,
        "description": description,
        "input": fields,
        "output": fields,
        "transport": {"http": {"method": other, "endpoint": description}, "ws": {"channel": name}},
        "layers": {"python": other},
        "storage": {name: description, other: {name: 1}},
        "events": {"success": [name, other]},
    }
    event = {**EVENT, "event": name, "consumers": [description, other], "payload": fields}
    page = registry_markdown([contract(command), contract(event, "x.event.json")], ".")
    for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        assert len({cells(line) for line in table.splitlines()}) == 1, table
    headings = [line for line in page.split("\n") if line.startswith("## ")]
    assert headings == [f"## {kind} {what}" for what in ("Map", "Details") for kind in ("Command", "Query", "Event")]
    assert "\r" not in page
    assert sum(line.startswith("### ") for line in page.split("\n")) == 2
    assert "<" not in re.sub(r"(?<!\\)`[^`\\\n]*`", "", page.replace("<br>", ""))


def test_what_was_written_is_current(tmp_path: Path) -> None:
    directory = write_tree(tmp_path)
    files = files_of(directory)
    out = str(tmp_path / "new/out")
    assert [one.rule for one in check_registry(out, files)] == ["contract/stale", "contract/stale"]
    assert write_registry(out, files) == (f"{out}/registry.json", f"{out}/REGISTRY.md")
    assert check_registry(out, files) == ()
    assert names_in(Path(out)) == ["REGISTRY.md", "registry.json"]
    assert write_registry(out, files) == ()


def test_a_stale_file_is_found_at_the_first_line_that_differs(tmp_path: Path) -> None:
    directory = write_tree(tmp_path)
    write_registry(directory, files_of(directory))
    write(Path(directory) / "CreateDevice.command.json", json.dumps({**COMMAND, "version": "2.0.0"}))
    found = check_registry(directory, files_of(directory))
    assert [str(one.place) for one in found] == [f"{directory}/registry.json:7", f"{directory}/REGISTRY.md:31"]


@pytest.mark.parametrize("text", ["", "{}", "{}\n\n", "[]\n"], ids=repr)
def test_a_file_that_is_cut_or_longer_is_stale(tmp_path: Path, text: str) -> None:
    write(tmp_path / "registry.json", text)
    (found,) = check_registry(str(tmp_path), {"registry.json": "{}\n"})
    assert found.rule == "contract/stale"


def test_ends_of_lines_as_windows_has_them_are_current(tmp_path: Path) -> None:
    (tmp_path / "registry.json").write_bytes(b"{\r\n}\r\n")
    assert check_registry(str(tmp_path), {"registry.json": "{\n}\n"}) == ()


def test_nothing_is_written_where_not_all_can_be(tmp_path: Path) -> None:
    (tmp_path / "REGISTRY.md").mkdir()
    with pytest.raises(UserError, match=r"REGISTRY\.md"):
        write_registry(str(tmp_path), {"registry.json": "{}\n", "REGISTRY.md": "x"})
    assert names_in(tmp_path) == ["REGISTRY.md"]


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    write(tmp_path / "file", "")
    with pytest.raises(UserError, match="file/out"):
        write_registry(str(tmp_path / "file/out"), {"registry.json": "{}\n"})
