from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from protogate.compat import Carrier, Change, Paired, Rule, check, compare
from protogate.compat.rules import FACTS, SENTENCES
from protogate.descriptors import Schema
from tests.compat.pairs import compile_pairs
from tests.support.compiler import compile_protos, schema_of

if TYPE_CHECKING:
    from collections.abc import Mapping

P2 = 'syntax = "proto2";'
E23 = 'edition = "2023";'
CUSTOM = 'import "google/protobuf/descriptor.proto"; extend google.protobuf.FileOptions { int32 x = 50000; }'
SERVICE = (
    "message A {} message B {} service U {} service S { rpc Z(stream A) returns (A); "
    "rpc X(B) returns (stream B) { option idempotency_level = IDEMPOTENT; } }"
)
IMPLICIT = (
    f"{E23} option features.field_presence = IMPLICIT; "
    "message M { int32 a = 1; int32 b = 2 [features.field_presence = EXPLICIT]; string c = 3; }"
)

# name: old, new, what is found as (rule, element inside the package, old, new)
CASES: Mapping[str, tuple[str, str, set[tuple[str, str, str, str]]]] = {
    "nothing": ("message M { int32 a = 1; }", "message M { int32 a = 1; }", set()),
    "layout_and_comments": (
        "message M { int32 a = 1; string b = 2; } enum E { Z = 0; A = 1; }",
        "// new\nenum E { Z = 0; A = 1; } /* b */ message M {\n  string b = 2;\n  int32 a = 1; }",
        set(),
    ),
    "field_added": ("message M {}", "message M { int32 a = 1; }", {("FIELD_ADDED", "M.a", "", "1")}),
    "field_removed": ("message M { int32 a = 1; }", "message M {}", {("FIELD_REMOVED", "M.a", "1", "")}),
    "field_renamed": (
        "message M { int32 a_b = 1; }",
        "message M { int32 c_d = 1; }",
        {("FIELD_RENAMED", "M.a_b", "a_b", "c_d"), ("FIELD_JSON_NAME_CHANGED", "M.a_b", "aB", "cD")},
    ),
    "json_name": (
        "message M { int32 a = 1; }",
        'message M { int32 a = 1 [json_name = "z"]; }',
        {("FIELD_JSON_NAME_CHANGED", "M.a", "a", "z")},
    ),
    "renumbered": (
        "message M { int32 a = 1; }",
        "message M { int32 a = 2; }",
        {
            ("FIELD_REMOVED", "M.a", "1", ""),
            ("FIELD_ADDED", "M.a", "", "2"),
            ("FIELD_NUMBER_CHANGED", "M.a", "1", "2"),
        },
    ),
    "kind": (
        "message M { int32 a = 1; }",
        "message M { string a = 1; }",
        {("FIELD_TYPE_CHANGED", "M.a", "int32", "string")},
    ),
    "repeated": (
        "message M { int32 a = 1; }",
        "message M { repeated int32 a = 1; }",
        {("FIELD_CARDINALITY_CHANGED", "M.a", "singular", "repeated")},
    ),
    "map_to_list": (
        "message M { map<string, int32> a = 1; }",
        "message M { message AE { string key = 1; int32 value = 2; } repeated AE a = 1; }",
        {
            ("FIELD_CARDINALITY_CHANGED", "M.a", "map", "repeated"),
            ("FIELD_TYPE_NAME_CHANGED", "M.a", "map<string, int32>", "map_to_list.M.AE"),
            ("MESSAGE_ADDED", "M.AE", "", ""),
        },
    ),
    "map_value": (
        "message M { map<string, int32> a = 1; }",
        "message M { map<string, int64> a = 1; }",
        {("FIELD_TYPE_CHANGED", "M.a (value)", "int32", "int64")},
    ),
    "map_key": (
        "message M { map<int32, bool> a = 1; }",
        "message M { map<string, bool> a = 1; }",
        {("FIELD_TYPE_CHANGED", "M.a (key)", "int32", "string")},
    ),
    "presence": (
        "message M { int32 a = 1; }",
        "message M { optional int32 a = 1; }",
        {("FIELD_PRESENCE_CHANGED", "M.a", "implicit", "explicit")},
    ),
    "required": (
        P2 + "message M { optional int32 a = 1; }",
        P2 + "message M { required int32 a = 1; }",
        {("FIELD_REQUIRED_CHANGED", "M.a", "not required", "required")},
    ),
    "legacy_required": (
        E23 + "message M { int32 a = 1; }",
        E23 + "message M { int32 a = 1 [features.field_presence = LEGACY_REQUIRED]; }",
        {("FIELD_REQUIRED_CHANGED", "M.a", "not required", "required")},
    ),
    "packed": (
        "message M { repeated int32 a = 1; }",
        "message M { repeated int32 a = 1 [packed = false]; }",
        {("FIELD_PACKED_CHANGED", "M.a", "packed", "expanded")},
    ),
    "default": (
        P2 + "message M { optional int32 a = 1 [default = 1]; }",
        P2 + "message M { optional int32 a = 1; }",
        {("FIELD_DEFAULT_CHANGED", "M.a", "1", "0")},
    ),
    "default_written_out": (
        P2 + "message M { optional double a = 1 [default = 0]; optional string b = 2; }",
        P2 + 'message M { optional double a = 1; optional string b = 2 [default = ""]; }',
        set(),
    ),
    "default_of_enum": (
        P2 + "enum E { A = 1; B = 2; } message M { optional E a = 1 [default = A]; }",
        P2 + "enum E { A = 1; B = 2; } message M { optional E a = 1 [default = B]; }",
        {("FIELD_DEFAULT_CHANGED", "M.a", "'A'", "'B'")},
    ),
    "default_nan": (
        P2 + "message M { optional float a = 1 [default = nan]; optional float b = 2 [default = 0.1]; }",
        P2 + "message M { optional double a = 1 [default = nan]; optional double b = 2 [default = 0.1]; }",
        {("FIELD_TYPE_CHANGED", "M.a", "float", "double"), ("FIELD_TYPE_CHANGED", "M.b", "float", "double")},
    ),
    "jstype": (
        "message M { int64 a = 1; int32 b = 2; }",
        "message M { int64 a = 1 [jstype = JS_STRING]; int32 b = 2; }",
        {("FIELD_JSTYPE_CHANGED", "M.a", "JS_NORMAL", "JS_STRING")},
    ),
    "ctype": (
        "message M { string a = 1; }",
        "message M { string a = 1 [ctype = CORD]; }",
        {("FIELD_CTYPE_CHANGED", "M.a", "STRING", "CORD")},
    ),
    "utf8": (
        E23 + "message M { string a = 1; int32 b = 2; }",
        E23 + "option features.utf8_validation = NONE; message M { string a = 1; int32 b = 2; }",
        {
            ("FIELD_UTF8_VALIDATION_CHANGED", "M.a", "VERIFY", "NONE"),
            ("FIELD_JAVA_UTF8_VALIDATION_CHANGED", "M.a", "VERIFY", "NONE"),
        },
    ),
    "delimited": (
        E23 + "message M { N a = 1; } message N {}",
        E23 + "message M { N a = 1 [features.message_encoding = DELIMITED]; } message N {}",
        {("FIELD_ENCODING_CHANGED", "M.a", "length-prefixed", "delimited")},
    ),
    "group": (
        P2 + "message M { optional group G = 1 { optional int32 x = 1; } }",
        P2 + "message M { optional G g = 1; message G { optional int32 x = 1; } }",
        {("FIELD_ENCODING_CHANGED", "M.g", "delimited", "length-prefixed")},
    ),
    "enum_to_int": (
        "enum E { Z = 0; } message M { E a = 1; }",
        "enum E { Z = 0; } message M { int32 a = 1; }",
        {("FIELD_TYPE_CHANGED", "M.a", "enum_to_int.E", "int32")},
    ),
    "other_message": (
        "message M { A a = 1; } message A { int32 x = 1; } message B { int32 x = 1; }",
        "message M { B a = 1; } message A { int32 x = 1; } message B { int32 x = 1; }",
        {("FIELD_TYPE_NAME_CHANGED", "M.a", "other_message.A", "other_message.B")},
    ),
    "other_shape": (
        "message M { A a = 1; } message A { int32 x = 1; A next = 2; } message B { string x = 1; B next = 2; }",
        "message M { B a = 1; } message A { int32 x = 1; A next = 2; } message B { string x = 1; B next = 2; }",
        {
            ("FIELD_TYPE_NAME_CHANGED", "M.a", "other_shape.A", "other_shape.B"),
            ("FIELD_TYPE_NAME_CHANGED", "A.next", "other_shape.A", "other_shape.B"),
            ("FIELD_TYPE_CHANGED", "A.x", "int32", "string"),
        },
    ),
    "nested_elsewhere": (
        "message M { N a = 1; } message N { int32 x = 1; }",
        "message M { N a = 1; message N { int32 x = 1; } }",
        {
            ("MESSAGE_REMOVED", "N", "", ""),
            ("MESSAGE_ADDED", "M.N", "", ""),
            ("FIELD_TYPE_NAME_CHANGED", "M.a", "nested_elsewhere.N", "nested_elsewhere.M.N"),
        },
    ),
    "message_options": (
        P2 + "message M { option message_set_wire_format = true; extensions 4 to max; }",
        P2 + "message M { option no_standard_descriptor_accessor = true; extensions 4 to max; }",
        {
            (
                "MESSAGE_OPTION_CHANGED",
                "M",
                "message_set_wire_format = true",
                "message_set_wire_format = false",
            ),
            (
                "MESSAGE_OPTION_CHANGED",
                "M",
                "no_standard_descriptor_accessor = false",
                "no_standard_descriptor_accessor = true",
            ),
            ("MESSAGE_EXTENSION_RANGE_REMOVED", "M", "4-2147483646", "536870912-2147483646"),
        },
    ),
    "json_format": (
        E23 + "message M { int32 a = 1; } enum E { Z = 0; }",
        E23 + "option features.json_format = LEGACY_BEST_EFFORT; message M { int32 a = 1; } enum E { Z = 0; }",
        {
            ("MESSAGE_JSON_FORMAT_CHANGED", "M", "ALLOW", "LEGACY_BEST_EFFORT"),
            ("ENUM_JSON_FORMAT_CHANGED", "E", "ALLOW", "LEGACY_BEST_EFFORT"),
        },
    ),
    "reserved": (
        'message M { reserved 2 to 9, 12; reserved "a", "b"; }',
        'message M { reserved 2 to 4, 5, 7 to 12; reserved "b", "c"; }',
        {
            ("MESSAGE_RESERVED_RANGE_REMOVED", "M", "2-9", "6"),
            ("MESSAGE_RESERVED_RANGE_ADDED", "M", "7-12", "10-11"),
            ("MESSAGE_RESERVED_NAME_REMOVED", "M", "a", ""),
            ("MESSAGE_RESERVED_NAME_ADDED", "M", "", "c"),
        },
    ),
    "oneof_in": (
        "message M { int32 a = 1; int32 b = 2; }",
        "message M { oneof o { int32 a = 1; } int32 b = 2; }",
        {
            ("FIELD_ONEOF_CHANGED", "M.a", "", "o"),
            ("FIELD_PRESENCE_CHANGED", "M.a", "implicit", "explicit"),
            ("ONEOF_ADDED", "M.o", "", "o"),
        },
    ),
    "oneof_renamed": (
        "message M { oneof o { int32 a = 1; int32 b = 2; } }",
        "message M { oneof p { int32 a = 1; int32 b = 2; } }",
        {
            ("FIELD_ONEOF_CHANGED", "M.a", "o", "p"),
            ("FIELD_ONEOF_CHANGED", "M.b", "o", "p"),
            ("ONEOF_REMOVED", "M.o", "o", ""),
            ("ONEOF_ADDED", "M.p", "", "p"),
        },
    ),
    "oneof_order": (
        "message M { oneof o { int32 a = 1; } oneof p { int32 b = 2; } }",
        "message M { oneof p { int32 b = 2; } oneof o { int32 a = 1; } }",
        set(),
    ),
    "enum_values": (
        "enum E { Z = 0; A = 1; B = 2; C = 3; }",
        "enum E { Z = 0; A = 1; BB = 2; D = 4; }",
        {
            ("ENUM_VALUE_RENAMED", "E.B", "B", "BB"),
            ("ENUM_VALUE_REMOVED", "E.C", "3", ""),
            ("ENUM_VALUE_ADDED", "E.D", "", "4"),
        },
    ),
    "enum_renumbered": (
        "enum E { Z = 0; A = 1; }",
        "enum E { Z = 0; A = 2; }",
        {
            ("ENUM_VALUE_REMOVED", "E.A", "1", ""),
            ("ENUM_VALUE_ADDED", "E.A", "", "2"),
            ("ENUM_VALUE_RENUMBERED", "E.A", "1", "2"),
        },
    ),
    "enum_alias": (
        "enum E { option allow_alias = true; Z = 0; A = 1; AA = 1; B = 2; }",
        "enum E { option allow_alias = true; Z = 0; A = 1; B = 2; BB = 2; }",
        {("ENUM_ALIAS_REMOVED", "E.A", "A, AA", "A"), ("ENUM_ALIAS_ADDED", "E.B", "B", "B, BB")},
    ),
    "enum_closed": (
        E23 + "enum E { Z = 0; }",
        E23 + "enum E { option features.enum_type = CLOSED; Z = 0; }",
        {("ENUM_OPENNESS_CHANGED", "E", "open", "closed")},
    ),
    "enum_default": (
        P2 + "enum E { A = 1; B = 2; }",
        P2 + "enum E { B = 2; A = 1; }",
        {("ENUM_DEFAULT_CHANGED", "E", "A", "B")},
    ),
    "enum_reserved": (
        'enum E { Z = 0; reserved -5 to -1; reserved "A"; }',
        "enum E { Z = 0; reserved -5 to -3; }",
        {
            ("ENUM_RESERVED_RANGE_REMOVED", "E", "-5--1", "-2--1"),
            ("ENUM_RESERVED_NAME_REMOVED", "E", "A", ""),
        },
    ),
    "enum_gone": ("enum E { Z = 0; }", "message M {}", {("ENUM_REMOVED", "E", "", ""), ("MESSAGE_ADDED", "M", "", "")}),
    "extensions": (
        P2 + "message M { extensions 10 to 19; } extend M { optional int32 a = 10; optional int32 b = 11; }",
        P2 + "message M { extensions 10 to 14; } extend M { optional string c = 10; optional int32 b = 12; }",
        {
            ("MESSAGE_EXTENSION_RANGE_REMOVED", "M", "10-19", "15-19"),
            ("FIELD_RENAMED", "a", "extensions.a", "extensions.c"),
            ("FIELD_TYPE_CHANGED", "a", "int32", "string"),
            ("EXTENSION_REMOVED", "b", "11", ""),
            ("EXTENSION_ADDED", "b", "", "12"),
        },
    ),
    "syntax": (
        P2 + "message M { optional int32 a = 1; repeated int32 b = 2; } enum E { Z = 0; }",
        "message M { optional int32 a = 1; repeated int32 b = 2; } enum E { Z = 0; }",
        {
            ("FILE_SYNTAX_CHANGED", "syntax.proto", "proto2", "proto3"),
            ("MESSAGE_JSON_FORMAT_CHANGED", "M", "LEGACY_BEST_EFFORT", "ALLOW"),
            ("FIELD_PACKED_CHANGED", "M.b", "expanded", "packed"),
            ("ENUM_OPENNESS_CHANGED", "E", "closed", "open"),
            ("ENUM_JSON_FORMAT_CHANGED", "E", "LEGACY_BEST_EFFORT", "ALLOW"),
        },
    ),
    "proto3_to_editions": (
        "message M { int32 a = 1; optional int32 b = 2; string c = 3; }",
        IMPLICIT,
        {("FILE_SYNTAX_CHANGED", "proto3_to_editions.proto", "proto3", "edition 2023")},
    ),
    "file_options": (
        f'option java_package = "a"; option optimize_for = SPEED; option (x) = 1; {CUSTOM}',
        f'option java_package = "b"; option java_multiple_files = true; option (x) = 2; {CUSTOM}',
        {
            ("FILE_OPTION_CHANGED", "file_options.proto", 'java_package = "a"', 'java_package = "b"'),
            ("FILE_OPTION_CHANGED", "file_options.proto", "java_multiple_files = false", "java_multiple_files = true"),
        },
    ),
    "services": (
        "message A {} message B {} service S { rpc X(A) returns (A); rpc Y(A) returns (A); } service T {}",
        SERVICE,
        {
            ("METHOD_REQUEST_TYPE_CHANGED", "S.X", "services.A", "services.B"),
            ("METHOD_RESPONSE_TYPE_CHANGED", "S.X", "services.A", "services.B"),
            ("METHOD_SERVER_STREAMING_CHANGED", "S.X", "unary", "streaming"),
            ("METHOD_IDEMPOTENCY_CHANGED", "S.X", "IDEMPOTENCY_UNKNOWN", "IDEMPOTENT"),
            ("METHOD_REMOVED", "S.Y", "Y", ""),
            ("METHOD_ADDED", "S.Z", "", "Z"),
            ("SERVICE_REMOVED", "T", "", ""),
            ("SERVICE_ADDED", "U", "", ""),
        },
    ),
    "client_streaming": (
        "message A {} service S { rpc X(stream A) returns (A); }",
        "message A {} service S { rpc X(A) returns (A); }",
        {("METHOD_CLIENT_STREAMING_CHANGED", "S.X", "streaming", "unary")},
    ),
}


@pytest.fixture(scope="module")
def compiled() -> dict[str, tuple[Schema, Schema]]:
    return compile_pairs({name: case[:2] for name, case in CASES.items()})


def _seen(changes: tuple[Change, ...], package: str) -> set[tuple[str, str, str, str]]:
    names = [one.element if "FILE" in one.rule else one.element.removeprefix(f"{package}.") for one in changes]
    return {(one.rule.value, name, one.old, one.new) for one, name in zip(changes, names, strict=True)}


@pytest.mark.parametrize("name", CASES)
def test_finds_exactly_what_changed(name: str, compiled: dict[str, tuple[Schema, Schema]]) -> None:
    assert _seen(compare(*compiled[name]), name) == CASES[name][2]


@pytest.mark.parametrize("name", CASES)
def test_the_way_back_has_the_inverse_rules(name: str, compiled: dict[str, tuple[Schema, Schema]]) -> None:
    old, new = compiled[name]
    there = sorted(_inverse(one.rule) for one in compare(old, new))
    assert sorted(one.rule.value for one in compare(new, old)) == there


def _inverse(rule: Rule) -> str:
    if rule.endswith("_REMOVED"):
        return rule.replace("_REMOVED", "_ADDED")
    return rule.replace("_ADDED", "_REMOVED")


@pytest.mark.parametrize("name", CASES)
def test_facts_are_the_listed_ones(name: str, compiled: dict[str, tuple[Schema, Schema]]) -> None:
    for change in compare(*compiled[name]):
        assert set(change.facts) == set(FACTS.get(change.rule, ())), change


def test_every_rule_has_a_sentence_and_only_rules_do() -> None:
    assert set(SENTENCES) == set(Rule)
    assert set(FACTS) <= set(Rule)


def test_changes_are_sorted_and_stand_where_people_look(compiled: dict[str, tuple[Schema, Schema]]) -> None:
    changes = compare(*compiled["services"])
    assert list(changes) == sorted(changes, key=lambda one: (one.element, one.rule, one.old, one.new))
    places = {one.element: str(one.spot.place) for one in changes}
    assert places["services.S.Z"].startswith("services.proto:2:")
    assert places["services.T"] == "services.proto"
    (value,) = compare(*compiled["map_value"])
    assert value.spot.place.column == len("message M { ") + 1


def _facts(rule: Rule, element: str, changes: tuple[Change, ...]) -> dict[str, object]:
    return dict(next(one.facts for one in changes if one.rule is rule and one.element == element))


FACT_CASES: Mapping[str, tuple[str, str, Rule, str, dict[str, object]]] = {
    "reserved_now": (
        "message M { int32 a = 5; }",
        'message M { reserved 4 to 6; reserved "a"; }',
        Rule.FIELD_REMOVED,
        "M.a",
        {"number_reserved": True, "name_reserved": True, "name_kept": False, "key_kept": False, "oneof_kept": False},
    ),
    "reserved_reused": (
        "message M { reserved 5; oneof o { int32 b = 1; } }",
        "message M { oneof o { int32 b = 1; int32 a = 5; } }",
        Rule.FIELD_ADDED,
        "M.a",
        {"number_reserved": True, "name_reserved": False, "name_kept": False, "key_kept": False, "oneof_kept": True},
    ),
    "swapped": (
        "message M { int32 a = 1; int32 b = 2; }",
        "message M { int32 b = 1; int32 a = 2; }",
        Rule.FIELD_RENAMED,
        "M.a",
        {"swapped": True},
    ),
    "taken_over": (
        "message M { int32 a = 1; }",
        "message M { int32 b = 1; int32 a = 2; }",
        Rule.FIELD_RENAMED,
        "M.a",
        {"swapped": True},
    ),
    "plain_rename": (
        "message M { int32 a = 1; }",
        "message M { int32 b = 1; }",
        Rule.FIELD_RENAMED,
        "M.a",
        {"swapped": False},
    ),
    "key_of_the_name": (
        'message M { int32 foo_bar = 1 [json_name = "foo_bar"]; }',
        "message M { int32 foo_bar = 1; }",
        Rule.FIELD_JSON_NAME_CHANGED,
        "M.foo_bar",
        {"key_backward": True, "key_forward": False},
    ),
    "superset": (
        "message M { A.E a = 1; } message A { enum E { Z = 0; } } message B { enum E { Z = 0; Y = 1; } }",
        "message M { B.E a = 1; } message A { enum E { Z = 0; } } message B { enum E { Z = 0; Y = 1; } }",
        Rule.FIELD_TYPE_NAME_CHANGED,
        "M.a",
        {"part": "", "same_local_name": False, "old_subset": True, "new_subset": False},
    ),
    "two_into_oneof": (
        "message M { int32 a = 1; int32 b = 2; }",
        "message M { oneof o { int32 a = 1; int32 b = 2; } }",
        Rule.FIELD_ONEOF_CHANGED,
        "M.a",
        {
            "conflict_backward": True,
            "conflict_forward": False,
            "moved": 2,
            "existing": 0,
            "moved_out": 0,
            "existing_out": 0,
            "old_kept": False,
            "new_existed": False,
        },
    ),
    "out_of_oneof": (
        "message M { oneof o { int32 a = 1; int32 b = 2; } }",
        "message M { oneof o { int32 b = 2; } int32 a = 1; }",
        Rule.FIELD_ONEOF_CHANGED,
        "M.a",
        {
            "conflict_backward": False,
            "conflict_forward": True,
            "moved": 0,
            "existing": 0,
            "moved_out": 1,
            "existing_out": 1,
            "old_kept": True,
            "new_existed": False,
        },
    ),
    "value_reserved": (
        "enum E { option allow_alias = true; Z = 0; A = 1; AA = 1; }",
        'enum E { Z = 0; reserved 1; reserved "AA"; }',
        Rule.ENUM_VALUE_REMOVED,
        "E.A",
        {
            "number": 1,
            "names": ("A", "AA"),
            "number_reserved": True,
            "names_reserved": ("AA",),
            "name_kept": False,
        },
    ),
    "values_swapped": (
        "enum E { Z = 0; A = 1; B = 2; }",
        "enum E { Z = 0; B = 1; A = 2; }",
        Rule.ENUM_VALUE_RENAMED,
        "E.A",
        {
            "number": 1,
            "old_names": ("A",),
            "new_names": ("B",),
            "swapped": True,
            "key_backward": True,
            "key_forward": True,
        },
    ),
    "moved_to": (
        "message M {} message Outer {}",
        "message Outer { message M {} }",
        Rule.MESSAGE_REMOVED,
        "M",
        {"moved_to": "moved_to.Outer.M", "package_kept": True},
    ),
    "oneof_dissolved": (
        "message M { oneof o { int32 a = 1; int32 b = 2; } }",
        "message M { int32 a = 1; }",
        Rule.ONEOF_REMOVED,
        "M.o",
        {"fields_kept": 1},
    ),
}


@pytest.fixture(scope="module")
def fact_pairs() -> dict[str, tuple[Schema, Schema]]:
    return compile_pairs({name: case[:2] for name, case in FACT_CASES.items()})


@pytest.mark.parametrize("name", FACT_CASES)
def test_facts_tell_what_profiles_need(name: str, fact_pairs: dict[str, tuple[Schema, Schema]]) -> None:
    _, _, rule, element, facts = FACT_CASES[name]
    assert _facts(rule, f"{name}.{element}", compare(*fact_pairs[name])) == facts


def test_numbers_and_keys_pair_fields_apart() -> None:
    old = schema_of({"a.proto": 'syntax = "proto3"; message M { int32 a = 1; string b = 2; }'})
    new = schema_of({"a.proto": 'syntax = "proto3"; message M { string b = 1; bytes a = 2; }'})
    types = {
        (one.element, one.old, one.new, one.carrier) for one in compare(old, new) if one.rule is Rule.FIELD_TYPE_CHANGED
    }
    assert types == {
        ("M.a", "int32", "string", Carrier.WIRE),
        ("M.b", "string", "bytes", Carrier.WIRE),
        ("M.a", "int32", "bytes", Carrier.JSON),
    }


def test_a_changed_package_pairs_types_by_their_name_inside_it() -> None:
    text = 'syntax = "proto3"; package {}; message M {{ N n = 1; {} a = 2; }} message N {{}} service S {{}}'
    old = schema_of({"a.proto": text.format("x.v1", "int32")})
    new = schema_of({"a.proto": text.format("x.v2", "string")})
    changes = {(one.rule, one.element, one.paired) for one in compare(old, new)}
    assert changes == {
        (Rule.FILE_PACKAGE_CHANGED, "a.proto", Paired.NAME),
        (Rule.PACKAGE_REMOVED, "x.v1", Paired.NAME),
        (Rule.PACKAGE_ADDED, "x.v2", Paired.NAME),
        (Rule.FIELD_TYPE_NAME_CHANGED, "x.v1.M.n", Paired.PACKAGE),
        (Rule.FIELD_TYPE_CHANGED, "x.v1.M.a", Paired.PACKAGE),
    }


def test_a_changed_package_pairs_extensions_too() -> None:
    text = 'syntax = "proto2"; package {}; message M {{ extensions 1; }} extend M {{ optional {} a = 1; }}'
    old = schema_of({"a.proto": text.format("x.v1", "int32")})
    new = schema_of({"a.proto": text.format("x.v2", "string")})
    changes = {(one.rule, one.element) for one in compare(old, new) if one.paired is Paired.PACKAGE}
    assert changes == {(Rule.FIELD_RENAMED, "x.v1.a"), (Rule.FIELD_TYPE_CHANGED, "x.v1.a")}
    assert {one.rule for one in check(old, new, profiles=["source"])} == {
        "source/FILE_PACKAGE_CHANGED",
        "source/PACKAGE_REMOVED",
        "source/FIELD_TYPE_CHANGED",
    }


def test_types_that_a_field_exchanged_are_marked() -> None:
    old = schema_of({"a.proto": 'syntax = "proto3"; message M { A a = 1; } message A { int32 x = 1; } message B {}'})
    new = schema_of({"a.proto": 'syntax = "proto3"; message M { B a = 1; } message A { int32 x = 1; } message B {}'})
    assert [(one.rule, one.paired) for one in compare(old, new)] == [
        (Rule.FIELD_REMOVED, Paired.FIELD),
        (Rule.FIELD_TYPE_NAME_CHANGED, Paired.NAME),
    ]


def test_types_that_only_keys_exchange_matter_to_keys_alone() -> None:
    rest = "message A { int32 x = 1; } message B { string x = 1; A a = 2; }"
    old = schema_of({"a.proto": 'syntax = "proto3"; message M { A a = 1; }' + rest})
    new = schema_of({"a.proto": 'syntax = "proto3"; message M { B a = 2; }' + rest})
    found = {(one.rule, one.element, one.carrier) for one in compare(old, new) if one.paired is Paired.FIELD}
    assert found == {(Rule.FIELD_TYPE_CHANGED, "A.x", Carrier.JSON), (Rule.FIELD_ADDED, "B.a", Carrier.JSON)}


def test_a_type_may_move_to_another_file() -> None:
    old = schema_of({"a.proto": 'syntax = "proto3"; message M {} enum E { Z = 0; } service S {}', "b.proto": ""})
    new = schema_of({"b.proto": 'syntax = "proto3"; message M {} enum E { Z = 0; } service S {}', "a.proto": ""})
    changes = {(one.rule.value, one.element, one.old, one.new) for one in compare(old, new)}
    assert {change for change in changes if not change[0].startswith("FILE")} == {
        ("MESSAGE_MOVED", "M", "a.proto", "b.proto"),
        ("ENUM_MOVED", "E", "a.proto", "b.proto"),
        ("SERVICE_MOVED", "S", "a.proto", "b.proto"),
    }


def test_files_are_removed_and_added() -> None:
    old = schema_of({"a.proto": 'syntax = "proto3"; package a;', "b.proto": 'syntax = "proto3"; package b;'})
    new = schema_of({"a.proto": 'syntax = "proto3"; package a;', "c.proto": 'syntax = "proto3"; package a;'})
    assert {(one.rule, one.element, one.facts.get("package_kept")) for one in compare(old, new)} == {
        (Rule.FILE_REMOVED, "b.proto", False),
        (Rule.FILE_ADDED, "c.proto", True),
        (Rule.PACKAGE_REMOVED, "b", None),
    }


def test_files_that_are_alone_pair_whatever_they_are_called() -> None:
    old = schema_of({"user_v1.proto": 'syntax = "proto3"; message M { int32 a = 1; }'})
    new = schema_of({"user_v2.proto": 'syntax = "proto3"; message M { int64 a = 1; }'})
    assert {(one.rule, one.old, one.new) for one in compare(old, new)} == {
        (Rule.FILE_RENAMED, "user_v1.proto", "user_v2.proto"),
        (Rule.FIELD_TYPE_CHANGED, "int32", "int64"),
    }


def test_imported_types_count_where_a_field_reaches_them() -> None:
    main = 'syntax = "proto3"; import "dep.proto"; message M { dep.Used a = 1; }'
    dep = (
        'syntax = "proto3"; package dep; message Used {{ Deep b = 1; map<string, E> e = 2; }}'
        "message Deep {{ {0} x = 1; }} message Unused {{ {0} x = 1; }} enum E {{ Z = 0; {1} = 1; }}"
    )
    old = _with_import(main, dep.format("int32", "A"))
    new = _with_import(main, dep.format("string", "B"))
    assert {(one.rule, one.element) for one in compare(old, new)} == {
        (Rule.FIELD_TYPE_CHANGED, "dep.Deep.x"),
        (Rule.ENUM_VALUE_RENAMED, "dep.E.A"),
    }
    assert compare(old, _with_import(main, dep.format("int32", "A"))) == ()


def _with_import(main: str, dep: str) -> Schema:
    return Schema(compile_protos({"main.proto": main, "dep.proto": dep}).file, ["main.proto"])


def test_chains_and_cycles_of_any_length_are_compared() -> None:
    count = 3000
    body = "\n".join(f"message {{0}}{i} {{{{ {{0}}{(i + 1) % count} next = 1; {{1}} x = 2; }}}}" for i in range(count))
    head = 'syntax = "proto3"; message M {{ {0}0 first = 1; }}\n'
    old = schema_of({"a.proto": (head + body).format("A", "int32")})
    new = schema_of({"a.proto": (head + body).format("B", "int64")})
    changes = compare(old, new)
    assert sum(one.rule is Rule.FIELD_TYPE_CHANGED for one in changes) == count


def test_a_oneof_of_thousands_is_compared_in_linear_time() -> None:
    fields = " ".join(f"int32 f{i} = {i};" for i in range(1, 4000))
    old = schema_of({"a.proto": f'syntax = "proto3"; message M {{ oneof a {{ {fields} }} }}'})
    new = schema_of({"a.proto": f'syntax = "proto3"; message M {{ oneof b {{ {fields} }} }}'})
    start = time.process_time()
    changes = compare(old, new)
    assert time.process_time() - start < 2
    moved = [one for one in changes if one.rule is Rule.FIELD_ONEOF_CHANGED]
    assert len(moved) == 3999
    assert not any(one.facts["conflict_backward"] or one.facts["conflict_forward"] for one in moved)


def test_source_info_is_walked_once_for_many_lines() -> None:
    count = 500
    old = schema_of(
        {"a.proto": 'syntax = "proto3";\n' + "\n".join(f"message M{i} {{ int32 a = 1; }}" for i in range(count))}
    )
    new = schema_of(
        {"a.proto": 'syntax = "proto3";\n' + "\n".join(f"message M{i} {{ int64 a = 1; }}" for i in range(count))}
    )
    lines = {one.element: one.spot.place.line for one in compare(old, new)}
    assert lines == {f"M{i}.a": i + 2 for i in range(count)}
