from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protogate.compat import Effect, Mode, check
from tests.compat.kinds import KINDS, effects_of_kinds
from tests.compat.pairs import compile_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import Schema
    from protogate.descriptors.model import Kind

P2 = 'syntax = "proto2";'
E, W = "error", "warning"
WKT = 'import "google/protobuf/timestamp.proto"; message Mine { int64 seconds = 1; int32 nanos = 2; }'

# name: old, new, backward, forward as rule and severity
CASES: Mapping[str, tuple[str, str, set[tuple[str, str]], set[tuple[str, str]]]] = {
    "field_added": ("message M {}", "message M { int32 a = 1; }", set(), {("FIELD_ADDED", W)}),
    "required_added": (P2 + "message M {}", P2 + "message M { required int32 a = 1; }", set(), {("FIELD_ADDED", W)}),
    "renamed": (
        "message M { int32 a = 1; }",
        "message M { int32 b = 1; }",
        {("FIELD_JSON_NAME_CHANGED", E)},
        {("FIELD_JSON_NAME_CHANGED", E)},
    ),
    "renamed_under_its_key": (
        "message M { int32 a = 1; }",
        'message M { int32 b = 1 [json_name = "a"]; }',
        set(),
        set(),
    ),
    "readers_take_the_name_too": (
        'message M { int32 a_b = 1 [json_name = "a_b"]; }',
        "message M { int32 a_b = 1; }",
        set(),
        {("FIELD_JSON_NAME_CHANGED", E)},
    ),
    "renumbered": ("message M { int32 a = 1; }", "message M { int32 a = 2; }", set(), set()),
    "renumbered_to_another_kind": (
        "message M { int32 a = 1; }",
        "message M { string a = 2; }",
        {("FIELD_TYPE_CHANGED", E)},
        {("FIELD_TYPE_CHANGED", E)},
    ),
    "numbers_swapped": (
        "message M { int32 a = 1; string b = 2; }",
        "message M { string b = 1; int32 a = 2; }",
        set(),
        set(),
    ),
    "keys_swapped": (
        'message M { int32 a = 1 [json_name = "x"]; int32 b = 2 [json_name = "y"]; }',
        'message M { int32 a = 1 [json_name = "y"]; int32 b = 2 [json_name = "x"]; }',
        {("FIELD_RENAMED", E)},
        {("FIELD_RENAMED", E)},
    ),
    "map_key_to_string": (
        "message M { map<int32, bool> a = 1; }",
        "message M { map<string, bool> a = 1; }",
        set(),
        {("FIELD_TYPE_CHANGED", E)},
    ),
    "list_of_one": (
        "message M { int32 a = 1; }",
        "message M { repeated int32 a = 1; }",
        {("FIELD_CARDINALITY_CHANGED", E)},
        {("FIELD_CARDINALITY_CHANGED", E)},
    ),
    "two_into_a_oneof": (
        "message M { int32 a = 1; int32 b = 2; }",
        "message M { oneof o { int32 a = 1; int32 b = 2; } }",
        {("FIELD_ONEOF_CHANGED", E)},
        set(),
    ),
    "well_known_form": (
        WKT + "message M { Mine a = 1; }",
        WKT + "message M { google.protobuf.Timestamp a = 1; }",
        {("FIELD_TYPE_NAME_CHANGED", E)},
        {("FIELD_TYPE_NAME_CHANGED", E)},
    ),
    "value_removed": ("enum E { Z = 0; A = 1; }", "enum E { Z = 0; }", {("ENUM_VALUE_REMOVED", W)}, set()),
    "value_renamed": (
        "enum E { Z = 0; A = 1; }",
        "enum E { Z = 0; B = 1; }",
        {("ENUM_VALUE_RENAMED", E)},
        {("ENUM_VALUE_RENAMED", E)},
    ),
    "value_renumbered": ("enum E { Z = 0; A = 1; }", "enum E { Z = 0; A = 2; }", set(), set()),
    "alias_behind": (
        "enum E { option allow_alias = true; Z = 0; ZZ = 0; A = 1; }",
        "enum E { option allow_alias = true; Z = 0; ZZ = 0; A = 1; B = 1; }",
        set(),
        set(),
    ),
    "alias_before": (
        "enum E { option allow_alias = true; Z = 0; ZZ = 0; A = 1; }",
        "enum E { option allow_alias = true; Z = 0; ZZ = 0; B = 1; A = 1; }",
        set(),
        {("ENUM_ALIAS_ADDED", E)},
    ),
    "groups_are_messages": (
        P2 + "message M { optional group G = 1 { optional int32 x = 1; } }",
        P2 + "message M { optional G g = 1; message G { optional int32 x = 1; } }",
        set(),
        set(),
    ),
    "extension_renamed": (
        P2 + "message M { extensions 10; } extend M { optional int32 a = 10; }",
        P2 + "message M { extensions 10; } extend M { optional int32 b = 10; }",
        {("FIELD_RENAMED", E)},
        {("FIELD_RENAMED", E)},
    ),
}


@pytest.fixture(scope="module")
def compiled() -> dict[str, tuple[Schema, Schema]]:
    return compile_pairs({name: case[:2] for name, case in CASES.items()})


@pytest.mark.parametrize("name", CASES)
def test_documents_fare_as_said(name: str, compiled: dict[str, tuple[Schema, Schema]]) -> None:
    old, new = compiled[name]
    for mode, expected in zip((Mode.BACKWARD, Mode.FORWARD), CASES[name][2:], strict=True):
        found = check(old, new, profiles=["wire_json"], mode=mode)
        assert {(one.rule.removeprefix("wire_json/"), one.severity.name.lower()) for one in found} == expected


MILD = {Effect.OK, Effect.UNKNOWN}
LENIENT = {("BOOL", "ENUM"), ("BOOL", "FLOAT"), ("BOOL", "DOUBLE")}
"""Python takes true for 1, other parsers refuse it."""


@pytest.mark.parametrize("writer", KINDS, ids=lambda kind: kind.name.lower())
def test_every_kind_reads_every_other_as_the_runtime_does(writer: Kind) -> None:
    for reader in KINDS:
        if reader is not writer and (writer.name, reader.name) not in LENIENT:
            said, seen = effects_of_kinds(writer, reader, "json")
            assert (said in MILD) is (seen in MILD), f"{writer.name} to {reader.name}: said {said}, seen {seen}"
