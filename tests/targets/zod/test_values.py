"""What parsed documents look like: one canonical value whatever the spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.targets.zod.project import Project, write_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.targets.zod.project import Outcome

pytestmark = pytest.mark.node

PROTO = """
syntax = "proto3";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum Color { option allow_alias = true; NONE = 0; RED = 1; ROT = 1; MINUS = -1; }
message Scalars {
  int32 i = 1; uint32 u = 2; int64 l = 3; uint64 ul = 4; float f = 5; double d = 6; bool b = 7; string s = 8;
  bytes raw = 9; Color color = 10;
}
message Known {
  google.protobuf.Timestamp at = 1; google.protobuf.Duration span = 2; google.protobuf.FieldMask mask = 3;
  google.protobuf.Struct struct = 4; google.protobuf.Value value = 5; google.protobuf.Any any = 6;
  google.protobuf.Int64Value wrapped = 7; google.protobuf.NullValue null = 8;
}
message Shape {
  optional string maybe = 1; repeated int64 many = 2; map<int32, Color> numbered = 3; map<string, string> named = 4;
  map<bool, Shape> switched = 5; Shape child = 6; repeated google.protobuf.Value values = 7;
  oneof choice { string first_choice = 8; Color second = 9; }
}
message Odd { string __proto__ = 1 [json_name = "__proto__"]; string constructor = 2; }
"""

CANONICAL: dict[str, tuple[str, str, str, Any]] = {
    "int from exponent": ("Scalars", '{"i": 1e3}', "i", 1000),
    "int from text": ("Scalars", '{"i": "-0012"}', "i", -12),
    "int from a fraction of zeros": ("Scalars", '{"u": "4294967295.000"}', "u", 4294967295),
    "negative zero of an int": ("Scalars", '{"i": -0}', "i", 0),
    "long from number": ("Scalars", '{"l": 9007199254740991}', "l", "9007199254740991"),
    "long from text": ("Scalars", '{"l": "-9223372036854775808"}', "l", "-9223372036854775808"),
    "unsigned long from exponent": ("Scalars", '{"ul": "1844674407370955161.5e1"}', "ul", "18446744073709551615"),
    "double from text": ("Scalars", '{"d": "1.5e-3"}', "d", 0.0015),
    "infinity": ("Scalars", '{"d": "-Infinity"}', "d", "-Infinity"),
    "not a number": ("Scalars", '{"f": "NaN"}', "f", "NaN"),
    "bytes of the url alphabet": ("Scalars", '{"raw": "-_8"}', "raw", "+/8="),
    "bytes with spare bits": ("Scalars", '{"raw": "AB=="}', "raw", "AA=="),
    "enum by number": ("Scalars", '{"color": 1}', "color", "RED"),
    "enum by alias": ("Scalars", '{"color": "ROT"}', "color", "RED"),
    "enum by unknown number": ("Scalars", '{"color": 99}', "color", 99),
    "negative enum": ("Scalars", '{"color": -1.0}', "color", "MINUS"),
    "timestamp with offset": ("Known", '{"at": "2020-03-01T00:30:00+01:00"}', "at", "2020-02-29T23:30:00Z"),
    "timestamp to the nanosecond": (
        "Known",
        '{"at": "1999-12-31T23:59:59.123456789Z"}',
        "at",
        "1999-12-31T23:59:59.123456789Z",
    ),
    "fraction of a timestamp": ("Known", '{"at": "0001-01-01T00:00:00.1Z"}', "at", "0001-01-01T00:00:00.100Z"),
    "duration": ("Known", '{"span": "-0.50s"}', "span", "-0.500s"),
    "negative zero duration": ("Known", '{"span": "-0s"}', "span", "0s"),
    "field mask": ("Known", '{"mask": "a.bC,d"}', "mask", "a.bC,d"),
    "null is a value of Value": ("Known", '{"value": null}', "value", None),
    "null value by name": ("Known", '{"null": "NULL_VALUE"}', "null", None),
    "wrapper": ("Known", '{"wrapped": 5}', "wrapped", "5"),
    "struct with a key of JavaScript": (
        "Known",
        '{"struct": {"__proto__": {"toString": null}}}',
        "struct",
        {"__proto__": {"toString": None}},
    ),
    "any of a well-known type": (
        "Known",
        '{"any": {"@type": "x/google.protobuf.Duration", "value": "1.50s"}}',
        "any",
        {"@type": "x/google.protobuf.Duration", "value": "1.500s"},
    ),
    "any of a message": (
        "Known",
        '{"any": {"i": "7", "@type": "x/Scalars"}}',
        "any",
        {
            "@type": "x/Scalars",
            "i": 7,
            "u": 0,
            "l": "0",
            "ul": "0",
            "f": 0,
            "d": 0,
            "b": False,
            "s": "",
            "raw": "",
            "color": "NONE",
        },
    ),
    "any of a type that nobody loaded": (
        "Known",
        '{"any": {"@type": "x/acme.Unheard", "a": [1]}}',
        "any",
        {"@type": "x/acme.Unheard", "a": [1]},
    ),
    "keys of numbered maps": ("Shape", '{"numbered": {"+1": "RED", "-0": 0}}', "numbered", {"1": "RED", "0": "NONE"}),
    "map with a key of JavaScript": ("Shape", '{"named": {"__proto__": "x"}}', "named", {"__proto__": "x"}),
    "field with a name of JavaScript": ("Odd", '{"__proto__": "x"}', "__proto__", "x"),
    "unset field with a name of JavaScript": ("Odd", "{}", "__proto__", ""),
    "another one": ("Odd", "{}", "constructor", ""),
    "proto name": ("Shape", '{"first_choice": "x"}', "firstChoice", "x"),
    "nulls among values": ("Shape", '{"values": [null, 1]}', "values", [None, 1]),
}

REFUSED = {
    "int beyond its range": ("Scalars", '{"i": 2147483648}'),
    "int with a fraction": ("Scalars", '{"i": "1.00000000000000000001"}'),
    "unsigned below zero": ("Scalars", '{"u": -1}'),
    "long beyond its range": ("Scalars", '{"l": "9223372036854775808"}'),
    "hexadecimal": ("Scalars", '{"l": "0x10"}'),
    "blank before a number": ("Scalars", '{"i": " 1"}'),
    "float beyond its range": ("Scalars", '{"f": 3.5e38}'),
    "double beyond its range": ("Scalars", '{"d": 1e400}'),
    "other spelling of NaN": ("Scalars", '{"d": "nan"}'),
    "bool as text": ("Scalars", '{"b": "true"}'),
    "half a surrogate pair": ("Scalars", '{"s": "\\ud83d"}'),
    "no base64": ("Scalars", '{"raw": "A"}'),
    "both base64 alphabets": ("Scalars", '{"raw": "+_aa"}'),
    "enum by unknown name": ("Scalars", '{"color": "red"}'),
    "enum beyond int32": ("Scalars", '{"color": 2147483648}'),
    "no such day": ("Known", '{"at": "2023-02-29T00:00:00Z"}'),
    "leap second": ("Known", '{"at": "2016-12-31T23:59:60Z"}'),
    "year after the last": ("Known", '{"at": "9999-12-31T23:59:59-01:00"}'),
    "too long a duration": ("Known", '{"span": "315576000001s"}'),
    "snake case in a mask": ("Known", '{"mask": "a_b"}'),
    "any without a type": ("Known", '{"any": {"a": 1}}'),
    "any with wrong content": ("Known", '{"any": {"@type": "x/Scalars", "i": "x"}}'),
    "any of a well-known type without a value": ("Known", '{"any": {"@type": "x/google.protobuf.Duration"}}'),
    "unknown field": ("Shape", '{"unheard": null}'),
    "unknown field of JavaScript": ("Shape", '{"__proto__": {}}'),
    "wrong value for a field with a name of JavaScript": ("Odd", '{"__proto__": {}}'),
    "proto name of another case": ("Shape", '{"First_choice": "x"}'),
    "both names": ("Shape", '{"first_choice": "x", "firstChoice": "x"}'),
    "two members of a oneof": ("Shape", '{"firstChoice": "x", "second": 1}'),
    "null in a list": ("Shape", '{"many": [null]}'),
    "null in a map": ("Shape", '{"named": {"a": null}}'),
    "list for a message": ("Shape", '{"child": []}'),
    "key that is no number": ("Shape", '{"numbered": {"one": 1}}'),
    "key beyond its range": ("Shape", '{"numbered": {"2147483648": 1}}'),
    "key that is no bool": ("Shape", '{"switched": {"yes": {}}}'),
    "too deep": ("Shape", '{"child": ' * 200 + "{}" + "}" * 200),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return write_project(tmp_path_factory.mktemp("values"), {"t.proto": PROTO})


@pytest.fixture(scope="module")
def outcomes(project: Project) -> dict[str, Outcome]:
    cases = {name: (case[0], case[1]) for name, case in CANONICAL.items()} | REFUSED
    return dict(zip(cases, project.parse(list(cases.values())), strict=True))


@pytest.mark.parametrize("name", CANONICAL)
def test_every_spelling_becomes_the_canonical_value(name: str, outcomes: dict[str, Outcome]) -> None:
    _, _, field, expected = CANONICAL[name]
    assert outcomes[name].value[field] == expected


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_protojson_is_refused(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name].text is None
    assert outcomes[name].issues


def test_a_parsed_document_parses_to_itself(project: Project, outcomes: dict[str, Outcome]) -> None:
    once = [(CANONICAL[name][0], outcomes[name].text or "") for name in CANONICAL]
    again = project.parse(once)
    assert [outcome.text for outcome in again] == [text for _, text in once]


def test_fields_without_presence_are_filled_and_others_left_out(project: Project) -> None:
    (scalars, shape) = project.parse([("Scalars", "{}"), ("Shape", '{"maybe": null, "many": null, "child": null}')])
    assert scalars.value == {
        "i": 0,
        "u": 0,
        "l": "0",
        "ul": "0",
        "f": 0,
        "d": 0,
        "b": False,
        "s": "",
        "raw": "",
        "color": "NONE",
    }
    assert shape.value == {"many": [], "numbered": {}, "named": {}, "switched": {}, "values": []}


def test_issues_lead_to_their_place(project: Project) -> None:
    (outcome,) = project.parse([("Shape", '{"child": {"many": ["1", "x"], "named": {"k": 1}}, "unheard": 1}')])
    assert [issue["path"] for issue in outcome.issues] == [["child", "many", 1], ["child", "named", "k"], []]
    assert outcome.issues[0]["message"].startswith("Invalid int64: expected an integer")


def test_options_change_what_a_value_is(tmp_path: Path) -> None:
    proto = """
    syntax = "proto3";
    message M { int64 l = 1; repeated uint64 many = 2; bytes raw = 3; map<int64, bytes> m = 4; }
    """
    project = write_project(tmp_path, {"t.proto": proto}, parameter="int64=bigint,bytes=uint8array")
    script = """
    import { MSchema } from "./t.zod.js";
    const parsed = MSchema.parse({ l: "5", many: [1], raw: "-_8", m: { 7: "AA==" } });
    console.log(parsed.l === 5n, parsed.many[0] === 1n, Array.from(parsed.raw), Array.from(parsed.m["7"]));
    console.log(MSchema.parse({}).l === 0n, MSchema.parse({}).raw.length);
    console.log(JSON.stringify(MSchema.encode(parsed)));
    """
    assert project.run(script).splitlines() == [
        "true true [ 251, 255 ] [ 0 ]",
        "true 0",
        '{"l":"5","many":["1"],"raw":"+/8=","m":{"7":"AA=="}}',
    ]
