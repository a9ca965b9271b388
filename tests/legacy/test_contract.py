"""A message in the words of legacy schemas."""

from __future__ import annotations

import pytest

from protogate.legacy.contract import contract_schema
from protogate.legacy.model import LegacyField, LegacyKind, SchemaFormat
from tests.legacy.bridged import CONTRACT, message


def fields(name: str) -> dict[str, LegacyField]:
    return {field.name: field for field in contract_schema(message(name)).fields}


@pytest.mark.parametrize(
    ("name", "kind", "bits", "is_unsigned"),
    [
        ("a", LegacyKind.INTEGER, 32, False),
        ("b", LegacyKind.INTEGER, 64, False),
        ("c", LegacyKind.INTEGER, 32, True),
        ("d", LegacyKind.INTEGER, 64, False),
        ("e", LegacyKind.INTEGER, 32, True),
        ("f", LegacyKind.INTEGER, 64, True),
        ("g", LegacyKind.NUMBER, 32, False),
        ("h", LegacyKind.NUMBER, 64, False),
    ],
    ids=["int32", "sint64", "fixed32", "sfixed64", "uint32", "uint64", "float", "double"],
)
def test_numbers(name: str, kind: LegacyKind, bits: int, is_unsigned: bool) -> None:  # noqa: FBT001 - a case
    field = fields("Numbers")[name]
    assert (field.kind, field.bits, field.is_unsigned) == (kind, bits, is_unsigned)


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("at", LegacyKind.TIMESTAMP, "google.protobuf.Timestamp"),
        ("color", LegacyKind.ENUM, "acme.v1.Color"),
        ("nick", LegacyKind.STRING, "string"),
        ("tags", LegacyKind.STRING, "repeated string"),
        ("span", LegacyKind.DURATION, "google.protobuf.Duration"),
        ("wrapped", LegacyKind.INTEGER, "google.protobuf.Int64Value"),
        ("open", LegacyKind.OBJECT, "google.protobuf.Struct"),
        ("sizes", LegacyKind.MAP, "map<string, int32>"),
        ("born", LegacyKind.DATE, "acme.v1.Date"),
        ("raw", LegacyKind.BYTES, "bytes"),
        ("whatever", LegacyKind.ANY, "google.protobuf.Value"),
    ],
)
def test_kinds(name: str, kind: LegacyKind, text: str) -> None:
    field = fields("Kinds")[name]
    assert (field.kind, field.type_text) == (kind, text)


def test_values_of_an_enum() -> None:
    assert fields("Kinds")["color"].values == ("COLOR_UNSPECIFIED", "COLOR_RED", "COLOR_GREEN")


@pytest.mark.parametrize(
    ("name", "is_nullable", "is_repeated"),
    [("nick", True, False), ("count", False, False), ("tags", False, True), ("at", True, False)],
)
def test_presence(name: str, is_nullable: bool, is_repeated: bool) -> None:  # noqa: FBT001 - a case
    field = fields("Kinds")[name]
    assert (field.is_nullable, field.is_repeated) == (is_nullable, is_repeated)


def test_values_of_a_map_are_its_one_field() -> None:
    (value,) = fields("Kinds")["sizes"].fields
    assert (value.name, value.kind) == ("value", LegacyKind.INTEGER)


def test_rules() -> None:
    found = fields("Rules")
    mail = found["mail"]
    assert (mail.is_required, mail.is_nullable, mail.format, mail.length) == (True, False, "email", 20)
    assert (found["age"].minimum, found["age"].maximum) == (0, 150)
    assert found["code"].pattern == "^[A-Z]+$"
    assert found["tags"].length == 5


def test_nested_message() -> None:
    inner = fields("Person")["address"].fields
    assert [(one.name, one.kind) for one in inner] == [("street", LegacyKind.STRING), ("number", LegacyKind.INTEGER)]


def test_message_that_contains_itself_is_told_by_its_name() -> None:
    schema = contract_schema(message("Node"))
    found = {field.name: field for field in schema.fields}
    assert found["left"].reference == found["others"].reference == "acme.v1.Node"
    assert schema.definitions == {"acme.v1.Node": schema.fields}


def test_places_are_lines_of_the_contract() -> None:
    schema = contract_schema(message("Name"))
    assert schema.format is SchemaFormat.PROTO
    lines = CONTRACT.splitlines()
    assert lines[schema.place.line - 1].startswith("message Name {")
    field = fields("Person")["address"]
    assert lines[field.place.line - 1].strip() == "Address address = 2;"
