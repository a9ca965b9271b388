"""Suggested proto is pasted into the message and given to protoc, and then nothing is missing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.findings import Place
from protogate.legacy.diff import diff
from protogate.legacy.model import LegacyField, LegacyKind, LegacySchema, SchemaFormat
from protogate.legacy.suggestion import Suggestion, advice, suggest
from tests.legacy.bridged import CONTRACT, json_schema, message
from tests.support.compiler import schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.descriptors import Message

NAMES = ["first_name", "old", "class", "Überschrift", "a-b", "2nd", "message", "a_b", "string", "order by", "x"]


def pasted(suggestion: Suggestion, name: str = "Person") -> Message:
    """The message after a person has followed the suggestion."""
    text = CONTRACT.replace(f"message {name} {{\n", f"message {name} {{\n{suggestion.text()}\n")
    missing = [one for one in suggestion.imports if f'import "{one}"' not in text]
    text = text.replace("package acme.v1;\n", "package acme.v1;\n" + "".join(f'import "{one}";\n' for one in missing))
    return schema_of({"acme.proto": text}).messages[f"acme.v1.{name}"]


def suggested(schema: LegacySchema) -> Suggestion:
    return suggest(diff("old", schema, message("Person")), message("Person"))


EVERYTHING: dict[str, Any] = {
    "flags": {"type": "array", "items": {"type": "boolean"}},
    "state": {"enum": ["new", "in use", "gone"]},
    "born": {"type": "string", "format": "date"},
    "seen": {"type": "string", "format": "date-time"},
    "parts": {
        "type": "array",
        "items": {"type": "object", "properties": {"id": {"type": "integer"}, "box": {"type": "object", "properties": {
            "wide": {"type": "number"}}}}},
    },
    "mail": {"type": ["string", "null"], "format": "email", "maxLength": 80},
    "sizes": {"type": "object", "additionalProperties": {"type": "integer"}},
    "open": {"type": "object"},
    "any": {},
}  # fmt: skip


def test_everything_that_is_missing_compiles_and_is_there_then(tmp_path: Path) -> None:
    schema = json_schema(tmp_path, EVERYTHING)
    after = pasted(suggested(schema))
    found = diff("old", schema, after)
    assert found.errors == ()
    assert [one.is_repeated for one in after.fields if one.name == "flags"] == [True]


def test_numbers_stay_clear_of_fields_and_reserved_ranges(tmp_path: Path) -> None:
    suggestion = suggested(json_schema(tmp_path, {name: {"type": "string"} for name in "abc"}))
    # 100 and 102 to 104 are reserved, 101 is taken.
    assert suggestion.lines == ("string a = 105;", "string b = 106;", "string c = 107;")


def test_reserved_names_are_left_alone(tmp_path: Path) -> None:
    assert suggested(json_schema(tmp_path, {"old": {"type": "string"}})).lines == ("string old_x = 105;",)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"x": {"type": "array", "items": {"type": "boolean"}}}, "declare `repeated bool x`, or"),
        ({"first_name": {"type": "array", "items": {"type": "string"}}}, "declare `repeated string first_name`, or"),
        ({"first_name": {"type": "boolean"}}, "conversion in the mapping, or declare `bool first_name`"),
        ({"first_name": {"type": ["string", "null"]}}, "declare it `optional`"),
        ({"first_name": {"type": "string"}}, ""),
    ],
    ids=["missing", "list", "type", "null", "fine"],
)
def test_advice_on_one_entry(tmp_path: Path, properties: dict[str, Any], expected: str) -> None:
    (entry,) = [
        one for one in diff("old", json_schema(tmp_path, properties), message("Person")).entries if one.legacy
    ]  # fmt: skip
    assert expected in advice(entry)
    assert bool(expected) == bool(advice(entry))


def test_names_that_become_the_same_are_told_apart(tmp_path: Path) -> None:
    box = {"type": "object", "properties": {"wide": {"type": "integer"}}}
    both = {"type": "object", "properties": {"a-b": box, "a_b": box}}
    lines = suggested(schema := json_schema(tmp_path, {"box": both, "a-b": box, "a_b": box})).lines
    assert diff("old", schema, pasted(Suggestion(lines, ()))).names >= {"box", "a-b", "a_b"}


def test_nothing_missing_needs_nothing(tmp_path: Path) -> None:
    assert suggested(json_schema(tmp_path, {"first_name": {"type": "string"}})) == Suggestion((), ())


def test_objects_that_contain_themselves_compile() -> None:
    node = LegacyField("tree", LegacyKind.OBJECT, reference="node")
    schema = LegacySchema("t", SchemaFormat.JSON_SCHEMA, (node,), node.place, {"node": (node,)})
    assert "tree" in [one.name for one in pasted(suggested(schema)).fields]


KINDS = [kind for kind in LegacyKind if kind not in {LegacyKind.OBJECT, LegacyKind.MAP}]


@st.composite
def leaves(draw: st.DrawFn) -> LegacyField:
    """A column of any type."""
    return LegacyField(
        draw(st.sampled_from(NAMES)),
        draw(st.sampled_from(KINDS)),
        is_repeated=draw(st.booleans()),
        is_nullable=draw(st.booleans()),
        is_required=draw(st.booleans()),
        values=draw(st.sampled_from([(), ("a", "b"), (0, 1), ("A", "a"), ("x y", ""), ("ń", "message")])),
        length=draw(st.sampled_from([None, 0, 12])),
        bits=draw(st.sampled_from([None, 16, 64])),
        scale=draw(st.sampled_from([None, 2])),
        format=draw(st.sampled_from(["", "email", "uuid"])),
    )


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[LegacyField]) -> LegacyField:
    """An object, or a list of objects."""
    fields = unlike(draw(st.lists(inner, min_size=1, max_size=3)))
    return LegacyField(
        draw(st.sampled_from(NAMES)), LegacyKind.OBJECT, fields=fields, is_repeated=draw(st.booleans())
    )  # fmt: skip


def unlike(fields: list[LegacyField]) -> tuple[LegacyField, ...]:
    """The last of each name."""
    return tuple({one.name: one for one in fields}.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.recursive(leaves(), objects, max_leaves=6), max_size=6))
def test_generated_suggestions_compile(fields: list[LegacyField]) -> None:
    schema = LegacySchema("t", SchemaFormat.JSON_SCHEMA, unlike(fields), Place("old.json"))
    suggestion = suggested(schema)
    before = {one.name for one in message("Person").fields}
    added = {one.name for one in pasted(suggestion).fields} - before
    assert len(added) == len([one for one in schema.fields if one.name != "first_name"])
