"""Entries are added to files that people keep, and nothing else in them changes."""

from __future__ import annotations

import difflib
import tomllib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from protogate.errors import UserError
from protogate.scaffold.edits import with_slice, with_yaml_items

ENTRY = "slices.order.slice:SLICE"
ITEM = ({"local": "new", "out": "gen"}, "- local: new\n  out: gen")
PROJECTS = {
    "nothing": "",
    "no-newline": '[project]\nname = "a"',
    "other-tables": '[project]\nname = "a"\n\n[tool.ruff]\nline-length = 100\n',
    "table": '[tool.protogate]\nbase = "develop"\n\n[tool.ruff]\nslices = ["not ours"]\n',
    "empty-table": "[tool.protogate]",
    "empty-list": "[tool.protogate]\nslices = []\n",
    "one-line": '[tool.protogate]\nslices = ["a:B"] # mine\nbase = "x"\n',
    "lines": '[tool.protogate]\nslices = [\n    "a:B", # first\n    "c:D",\n]\n',
    "empty-lines": "[tool.protogate]\nslices = [\n]\n",
    "spaces": '[ tool . protogate ] # here\n  slices=[ "a:B" ]\n',
    "windows": '[tool.protogate]\r\nslices = [\r\n  "a:B",\r\n]\r\n',
    "comment": "# [tool.protogate]\n",
    "sub-table-first": "[tool.protogate.x]\ny = 1\n",
}


@pytest.mark.parametrize("text", PROJECTS.values(), ids=PROJECTS)
def test_a_slice_is_registered_and_nothing_else_changes(text: str) -> None:
    made = with_slice(text, ENTRY)
    before, after = tomllib.loads(text), tomllib.loads(made)
    listed = after["tool"]["protogate"].pop("slices")
    assert sorted(listed) == sorted([*before.get("tool", {}).get("protogate", {}).pop("slices", []), ENTRY])
    before.setdefault("tool", {}).setdefault("protogate", {}).pop("slices", None)
    assert after == before
    removed = [line for line in difflib.ndiff(text.splitlines(), made.splitlines()) if line.startswith("- ")]
    assert len(removed) <= 1, "at most the line of the list itself"
    assert with_slice(made, ENTRY) == made


@given(st.lists(st.sampled_from(list(PROJECTS.values())), min_size=2, max_size=3), st.sampled_from(["\n", "\n\n"]))
def test_whatever_is_not_understood_stays_untouched(parts: list[str], gap: str) -> None:
    text = gap.join(parts)
    try:
        made = with_slice(text, ENTRY)
    except UserError:
        return
    assert ENTRY in tomllib.loads(made)["tool"]["protogate"]["slices"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool", "cannot be read as TOML"),
        ('tool = {protogate = {slices = ["a:B"]}}\n', "write .* yourself"),
        ('[tool]\nprotogate.slices = ["a:B"]\n', "write .* yourself"),
    ],
    ids=["broken", "inline", "dotted"],
)
def test_what_cannot_be_added_to_is_told_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        with_slice(text, ENTRY)
    assert "\n" not in str(caught.value)


TEMPLATES = {
    "minimal": "version: v2\nplugins:\n",
    "no-list": "version: v2\n",
    "indented": (
        "version: v2\nplugins:\n  - local: a # one\n    out: b\n    opt:\n      - x=y\n\n"
        "  # two\n  - local: c\n    out: d\n"
    ),
    "flush": "version: v2\nplugins:\n- local: a\n  out: b\ninputs:\n- directory: contracts\n",
    "in-the-middle": (
        "plugins: # here\n    - local: a\n      out: b\n# about inputs\ninputs:\n    - directory: contracts\n"
    ),
    "no-newline": "plugins:\n  - local: a",
}


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES)
def test_an_item_is_added_and_every_line_stays(text: str) -> None:
    made = with_yaml_items(text, "buf.gen.yaml", "plugins", [ITEM])
    before = yaml.safe_load(text)
    assert yaml.safe_load(made) == {**before, "plugins": [*(before.get("plugins") or []), ITEM[0]]}
    rest = iter(made.splitlines())
    assert all(line in rest for line in text.splitlines()), "lines stay, in their order"
    assert with_yaml_items(made, "buf.gen.yaml", "plugins", [ITEM]) == made


@pytest.mark.parametrize(
    "text", ["plugins: [{local: a}]\n", "plugins: text\n", "- a\n", "a: [\n"], ids=["flow", "text", "list", "broken"]
)
def test_what_is_no_block_list_is_told_in_one_line(text: str) -> None:
    with pytest.raises(UserError, match=r"buf\.gen\.yaml: ") as caught:
        with_yaml_items(text, "buf.gen.yaml", "plugins", [ITEM])
    assert "\n" not in str(caught.value)
