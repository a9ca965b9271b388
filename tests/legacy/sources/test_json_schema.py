"""JSON Schemas of every draft become fields; what is not understood is a note with its line, and never a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.errors import UserError
from protogate.legacy.model import LegacyField, LegacyKind, LegacySchema
from protogate.legacy.sources import read_schemas
from tests.support.node import node_modules

if TYPE_CHECKING:
    from pathlib import Path

K = LegacyKind


def read(path: Path, document: Any, name: str = "a.schema.json") -> LegacySchema:
    (path / name).write_text(json.dumps(document, indent=1) if not isinstance(document, str) else document)
    return read_schemas(str(path / name))[0]


def prop(path: Path, schema: Any, **more: Any) -> LegacyField:
    found = read(path, {"type": "object", "properties": {"x": schema}, **more})
    return found.fields[0]


@pytest.mark.parametrize(
    ("schema", "kind", "facts"),
    [
        ({"type": "string"}, K.STRING, {"is_nullable": False}),
        ({"type": ["string", "null"]}, K.STRING, {"is_nullable": True}),
        ({"type": "string", "nullable": True}, K.STRING, {"is_nullable": True}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, K.INTEGER, {"is_nullable": True}),
        ({"oneOf": [{"type": "null"}, {"$ref": "#/$defs/day"}]}, K.DATE, {"is_nullable": True}),
        ({"type": "string", "format": "date-time"}, K.TIMESTAMP, {"type_text": "string/date-time"}),
        ({"type": "string", "format": "date"}, K.DATE, {}),
        ({"type": "string", "format": "email"}, K.STRING, {"format": "email"}),
        ({"type": "string", "format": "uuid"}, K.STRING, {"format": "uuid"}),
        ({"type": "string", "contentEncoding": "base64"}, K.BYTES, {}),
        ({"type": "string", "maxLength": 40, "pattern": "^a"}, K.STRING, {"length": 40, "pattern": "^a"}),
        ({"type": "integer", "format": "int32"}, K.INTEGER, {"bits": 32}),
        ({"type": "number", "minimum": 1, "exclusiveMaximum": 9}, K.NUMBER, {"minimum": 1, "maximum": 9}),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": True}, K.NUMBER, {"minimum": 1}),
        ({"type": "boolean", "default": True}, K.BOOLEAN, {"default": True}),
        ({"enum": ["a", "b"]}, K.ENUM, {"values": ("a", "b")}),
        ({"enum": ["a", None]}, K.ENUM, {"values": ("a",), "is_nullable": True}),
        ({"const": 3}, K.ENUM, {"values": (3,)}),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, K.ENUM, {"values": ("a", "b")}),
        ({"type": "array", "items": {"type": "integer"}}, K.INTEGER, {"is_repeated": True}),
        ({"type": "object", "additionalProperties": {"type": "number"}}, K.MAP, {}),
        ({"patternProperties": {"^x": {"type": "string"}}, "type": "object"}, K.MAP, {}),
        ({"allOf": [{"type": "string"}, {"maxLength": 3}]}, K.STRING, {"length": 3}),
        ({"$ref": "#/$defs/day"}, K.DATE, {}),
        ({"$ref": "#day"}, K.STRING, {"length": 9}),
        (True, K.ANY, {}),
        ({}, K.ANY, {}),
    ],
    ids=lambda one: json.dumps(one) if isinstance(one, dict | bool) else "",
)
def test_each_form_of_a_property(tmp_path: Path, schema: Any, kind: LegacyKind, facts: dict[str, Any]) -> None:
    definitions = {
        "day": {"type": "string", "format": "date"},
        "named": {"$anchor": "day", "type": "string", "maxLength": 9},
    }
    field = prop(tmp_path, schema, **{"$defs": definitions})
    assert field.kind is kind
    assert {name: getattr(field, name) for name in facts} == facts


def test_what_is_inside_of_an_object_is_read_as_well(tmp_path: Path) -> None:
    field = prop(tmp_path, {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {}}})
    assert [(one.name, one.kind, one.is_required) for one in field.fields] == [
        ("a", K.STRING, True),
        ("b", K.ANY, False),
    ]


def test_an_object_that_contains_itself_is_told_by_its_name(tmp_path: Path) -> None:
    node = {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#/definitions/node"}}}
    found = read(tmp_path, {"properties": {"first": {"$ref": "#/definitions/node"}}, "definitions": {"node": node}})
    (first,) = found.fields
    assert [one.name for one in first.fields] == ["name", "next"]
    assert first.fields[1].reference == "node"
    assert [one.name for one in found.definitions["node"]] == ["name", "next"]


def test_a_schema_that_is_its_own_root_ends(tmp_path: Path) -> None:
    found = read(tmp_path, {"type": "object", "properties": {"child": {"$ref": "#"}}})
    assert found.fields[0].reference == "a"


def test_references_lead_into_other_files(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps({"$defs": {"m": {"type": "string", "format": "date-time"}}}))
    assert prop(tmp_path, {"$ref": "b.json#/$defs/m"}).kind is K.TIMESTAMP


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string", "format": "shoe-size"}, "format 'shoe-size' is not known"),
        ({"type": ["string", "integer"]}, "is one of several types (string, integer)"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "is one of several types (oneOf)"),
        ({"type": "string", "not": {"const": "x"}}, "'not' is not understood"),
        ({"type": "array", "prefixItems": [{"type": "string"}]}, "is a tuple"),
        ({"type": "array", "items": {"type": "array"}}, "is a list of lists"),
        ({"enum": ["a", 1]}, "is a choice of values of several types"),
    ],
)
def test_what_is_not_understood_is_a_note_with_its_line(tmp_path: Path, schema: Any, said: str) -> None:
    found = read(tmp_path, {"type": "object", "properties": {"x": schema}})
    (note,) = found.notes
    assert said in note.message
    assert (note.place.line, note.path.endswith("x") or note.path.endswith("x[]")) == (4, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "a.schema.json:1: is no JSON"),
        ("[]", "is no JSON Schema"),
        ('{"properties": {"x": {"$ref": "#/nowhere"}}}', "a.schema.json:1: #/nowhere leads nowhere"),
        ('{"properties": {"x": {"$ref": "gone.json"}}}', "there is no gone.json beside it"),
    ],
    ids=["broken", "list", "pointer", "file"],
)
def test_mistakes_are_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def one_line_or_schema(path: Path) -> None:
    said = ""
    try:
        read_schemas(str(path))
    except UserError as error:
        said = str(error)
    assert "\n" not in said


PUBLIC = sorted(
    path for pattern in ("ajv/**/refs/**/*.json", "**/*.schema.json") for path in node_modules().glob(pattern)
)


def test_real_schemas_of_others_are_read_without_a_traceback() -> None:
    """What people publish with their packages, metaschemas of all drafts among it."""
    assert len(PUBLIC) > 10
    for path in PUBLIC:
        one_line_or_schema(path)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["string", "object", "null", "#", "#/properties/x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "$ref",
                    "allOf",
                    "anyOf",
                    "enum",
                    "const",
                    "required",
                    "x",
                    "format",
                    "$defs",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["type", "properties", "allOf", "anyOf", "$ref", "$defs", "items"]), JSON))
def test_whatever_a_document_says_the_answer_is_a_schema_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("schemas", numbered=True)
    (path / "a.schema.json").write_text(json.dumps(document))
    one_line_or_schema(path / "a.schema.json")
