"""What is said of a legacy schema and a message that disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protogate.legacy.diff import DiffKind, diff
from protogate.legacy.mapping_file import load_mapping
from protogate.legacy.model import LegacyField, LegacyKind, LegacySchema, SchemaFormat
from protogate.legacy.readiness import readiness
from protogate.legacy.report import text_report
from protogate.legacy.sources import read_schemas
from tests.legacy.bridged import json_schema, message

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.legacy.diff import LegacyDiff

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def kinds(found: LegacyDiff) -> list[tuple[str, str, str]]:
    return [(one.kind.value, one.severity.value, one.field_name) for one in found.entries]


def compared(folder: Path, name: str, properties: dict[str, Any], *required: str) -> LegacyDiff:
    return diff("old", json_schema(folder, properties, *required), message(name))


def test_the_same_on_both_sides_is_ready(tmp_path: Path) -> None:
    found = compared(tmp_path, "Plain", {"name": TEXT, "age": WHOLE}, "name", "age")
    assert [one.kind for one in found.entries] == [DiffKind.OK, DiffKind.OK]
    assert readiness(found) == 1.0


@pytest.mark.parametrize(
    ("name", "properties", "share", "errors"),
    [
        ("Name", {"name": TEXT, "gone": TEXT}, 0.5, ["MISSING_IN_PROTO"]),
        ("Name", {"name": {"type": "object", "properties": {"a": TEXT}}}, 0.0, ["TYPE_MISMATCH"]),
        ("Name", {"name": {"type": "array", "items": TEXT}}, 0.0, ["REPEATED_MISMATCH"]),
        ("Name", {"name": {"type": "array", "items": {"type": "boolean"}}}, 0.0,
         ["REPEATED_MISMATCH", "TYPE_MISMATCH"]),
        ("Plain", {"name": {"type": "array", "items": {"type": "boolean"}}, "age": WHOLE}, 0.0,
         ["REPEATED_MISMATCH", "TYPE_MISMATCH"]),
        ("Name", {}, 1.0, []),
    ],
    ids=["one of two is missing", "type", "list", "list and type", "two errors of two fields", "only in the contract"],
)  # fmt: skip
def test_errors_take_their_share(
    tmp_path: Path, name: str, properties: dict[str, Any], share: float, errors: list[str]
) -> None:
    found = compared(tmp_path, name, properties, *properties)
    assert [one.kind.value for one in found.errors] == errors
    assert readiness(found) == share


@pytest.mark.parametrize(
    ("field", "schema"),
    [
        ("at", {"type": ["string", "null"], "format": "date-time"}),
        ("color", {"type": "string", "enum": ["red", "green"]}),
        ("count", {"type": ["integer", "null"]}),
        ("nick", {"type": ["string", "null"]}),
        ("tags", {"type": "array", "items": TEXT}),
        ("wrapped", {"type": ["integer", "null"]}),
        ("open", {"type": "object"}),
        ("sizes", {"type": "object", "additionalProperties": WHOLE}),
        ("born", {"type": "string", "format": "date"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_types_that_mean_the_same_are_no_error(tmp_path: Path, field: str, schema: dict[str, Any]) -> None:
    assert compared(tmp_path, "Kinds", {field: schema}).errors == ()


def test_spelling_of_names_is_no_difference(tmp_path: Path) -> None:
    found = compared(tmp_path, "Person", {"firstName": TEXT}, "firstName")
    assert kinds(found) == [
        ("OK", "INFO", "firstName"),
        ("MISSING_IN_LEGACY", "INFO", "address"),
        ("MISSING_IN_LEGACY", "INFO", "taken"),
    ]
    assert found.names == {"firstName", "address", "taken"}


def test_exact_name_goes_before_another_spelling(tmp_path: Path) -> None:
    found = compared(tmp_path, "Person", {"firstName": WHOLE, "first_name": TEXT}, "first_name")
    assert kinds(found)[:2] == [("OK", "INFO", "first_name"), ("MISSING_IN_PROTO", "ERROR", "firstName")]


def test_missing_where_required(tmp_path: Path) -> None:
    found = compared(tmp_path, "Rules", {"mail": {"type": "string", "format": "email", "maxLength": 20}})
    assert kinds(found)[0] == ("REQUIRED_MISMATCH", "ERROR", "mail")


def test_required_there_and_optional_here(tmp_path: Path) -> None:
    found = compared(tmp_path, "Kinds", {"nick": TEXT}, "nick")
    assert kinds(found)[0] == ("REQUIRED_MISMATCH", "INFO", "nick")


def test_limits_are_warnings(tmp_path: Path) -> None:
    found = compared(tmp_path, "Rules", {"mail": {"type": "string", "maxLength": 30}}, "mail")
    assert kinds(found)[:2] == [("LENGTH_MISMATCH", "WARNING", "mail"), ("FORMAT_MISMATCH", "WARNING", "mail")]
    assert readiness(found) == 1.0


def test_value_that_the_choice_lacks(tmp_path: Path) -> None:
    found = compared(tmp_path, "Kinds", {"color": {"enum": ["red", "blue"]}}, "color")
    assert kinds(found)[0] == ("ENUM_MISMATCH", "ERROR", "color")
    assert "blue" in found.entries[0].message


def test_any_text_for_a_choice(tmp_path: Path) -> None:
    found = compared(tmp_path, "Kinds", {"color": TEXT}, "color")
    assert kinds(found)[0] == ("ENUM_MISMATCH", "WARNING", "color")


def test_null_becomes_zero(tmp_path: Path) -> None:
    found = compared(tmp_path, "Name", {"name": {"type": ["string", "null"]}})
    assert kinds(found) == [("NULLABILITY_MISMATCH", "WARNING", "name")]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (LegacyField("a", LegacyKind.INTEGER, bits=64, is_required=True), "has 64 bits there and 32 here"),
        (LegacyField("a", LegacyKind.INTEGER, bits=32, is_unsigned=True, is_required=True), "has 32 bits there"),
        (LegacyField("e", LegacyKind.INTEGER, bits=16, is_required=True), "may be negative there"),
        (LegacyField("h", LegacyKind.DECIMAL, precision=10, scale=2, is_required=True), "exact there and binary"),
        (LegacyField("g", LegacyKind.NUMBER, bits=64, is_required=True), "double there and single here"),
    ],
    ids=["64 bits in 32", "unsigned in signed", "signed in unsigned", "decimal in double", "double in single"],
)
def test_lost_precision(column: LegacyField, expected: str) -> None:
    schema = LegacySchema("t", SchemaFormat.DDL, (column._replace(is_nullable=False),), column.place)
    (found,) = [one for one in diff("old", schema, message("Numbers")).entries if one.field_name == column.name]
    assert found.kind is DiffKind.PRECISION_LOSS
    assert expected in found.message


def test_objects_are_compared_inside(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"street": {"type": "array", "items": TEXT}, "zip": TEXT}}
    found = compared(tmp_path, "Person", {"address": inner}, "address")
    assert ("REPEATED_MISMATCH", "ERROR", "address.street") in kinds(found)
    assert ("MISSING_IN_PROTO", "ERROR", "address.zip") in kinds(found)
    assert ("MISSING_IN_LEGACY", "INFO", "address.number") in kinds(found)


def test_objects_that_contain_themselves_end(tmp_path: Path) -> None:
    path = tmp_path / "tree.schema.json"
    path.write_text(
        '{"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": '
        '{"label": {"type": "integer"}, "left": {"$ref": "#/$defs/node"}}}}}'
    )
    (schema,) = read_schemas(str(path))
    found = diff("old", schema, message("Node"))
    assert [one.field_name for one in found.entries if one.kind is DiffKind.OK]


def test_both_places_are_named(tmp_path: Path) -> None:
    (entry, *_) = compared(tmp_path, "Name", {"name": {"type": "array", "items": TEXT}}).entries
    assert entry.legacy_place.file.endswith("old.schema.json")
    assert entry.legacy_place.line > 1
    assert str(entry.proto_place) == "acme.proto:8"
    assert entry.proto_type == "string"


MAPPING = """subject: old
source: old.schema.json
table: old
message: acme.v1.Plain
stream: {category: old, key: [vorname]}
columns:
  vorname: name
  alter: {field: age, convert: integer, default: 0}
ignored:
  hash: users set a new one
"""


def test_a_mapping_renames_converts_and_leaves_out(tmp_path: Path) -> None:
    schema = json_schema(tmp_path, {"vorname": TEXT, "alter": TEXT, "hash": TEXT, "neu": TEXT}, "vorname")
    path = tmp_path / "old.mapping.yaml"
    path.write_text(MAPPING)
    found = diff("old", schema, message("Plain"), load_mapping(str(path)))
    assert kinds(found) == [
        ("OK", "INFO", "vorname"),
        ("OK", "INFO", "alter"),
        ("IGNORED", "INFO", "hash"),
        ("MISSING_IN_PROTO", "ERROR", "neu"),
    ]
    assert found.entries[2].message == "users set a new one"
    assert found.names == {"vorname", "alter", "neu"}


def test_a_mapping_of_a_column_that_is_gone_and_of_a_field_that_is_not_there(tmp_path: Path) -> None:
    schema = json_schema(tmp_path, {"vorname": TEXT, "hash": TEXT}, "vorname")
    path = tmp_path / "old.mapping.yaml"
    path.write_text(MAPPING.replace("vorname: name", "vorname: nam"))
    found = diff("old", schema, message("Plain"), load_mapping(str(path)))
    assert kinds(found) == [
        ("IGNORED", "INFO", "hash"),
        ("MISSING_IN_PROTO", "ERROR", "vorname"),
        ("MISSING_IN_LEGACY", "INFO", "name"),
        ("MISSING_IN_LEGACY", "INFO", "age"),
    ]


def test_text_report_in_the_words_of_before(tmp_path: Path) -> None:
    found = compared(tmp_path, "Plain", {"name": {"type": "array", "items": {"type": "boolean"}}, "neu": TEXT}, "name")
    lines = text_report(found).splitlines()
    assert lines[0] == "Migration Readiness: 0.0%"
    assert lines[2] == "Critical Errors: 3"
    assert lines[3].startswith("  - [REPEATED_MISMATCH] name: ")
    ready = compared(tmp_path, "Name", {"name": TEXT}, "name")
    assert text_report(ready) == (
        "Migration Readiness: 100.0%\nTotal Issues: 0\nCritical Errors: 0\n"
        "No critical errors detected. Ready for migration!\n"
    )
