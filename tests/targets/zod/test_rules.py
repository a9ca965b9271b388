"""Rules of buf.validate in zod schemas; that they agree with protovalidate is for the agreement harness to show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from protoc_gen_protogate.targets.zod import PLUGIN
from tests.support.compiler import run_plugin
from tests.targets.zod.project import Project, write_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.targets.zod.project import Outcome

pytestmark = pytest.mark.node

PROTO = """
syntax = "proto3";
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/timestamp.proto";
enum Color { NONE = 0; RED = 1; BLUE = 2; }
message Text {
  optional string len = 1 [(buf.validate.field).string.len = 2];
  optional string bytes = 2 [(buf.validate.field).string.max_bytes = 4];
  optional string pattern = 3 [(buf.validate.field).string.pattern = "(?i)^a\\\\d+/\\\\z"];
  optional string email = 4 [(buf.validate.field).string.email = true];
  optional string prefix = 5 [(buf.validate.field).string = {prefix: "a.", not_contains: "z"}];
  optional string one = 6 [(buf.validate.field).string = {in: ["a", "b"]}];
  optional string uri = 7 [(buf.validate.field).string.uri = true];
  optional string prefix_length = 8 [(buf.validate.field).string.ipv4_prefix = true];
  optional string header = 9 [(buf.validate.field).string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_NAME];
}
message Number {
  optional int64 long = 1 [(buf.validate.field).int64 = {gt: 9007199254740992}];
  optional int32 inside = 2 [(buf.validate.field).int32 = {gte: 1, lt: 5}];
  optional int32 outside = 3 [(buf.validate.field).int32 = {gt: 5, lte: 1}];
  optional double finite = 4 [(buf.validate.field).double.finite = true];
  optional float float = 5 [(buf.validate.field).float = {in: [0.1, nan]}];
  optional Color color = 6 [(buf.validate.field).enum = {defined_only: true, not_in: [2]}];
}
message Other {
  optional bytes raw = 1 [(buf.validate.field).bytes = {min_len: 2, contains: "\\x01\\x02"}];
  google.protobuf.Timestamp at = 2 [(buf.validate.field).timestamp.gte = {seconds: 1, nanos: 5}];
  google.protobuf.Duration span = 3 [(buf.validate.field).duration = {in: [{seconds: 1, nanos: 500000000}]}];
  google.protobuf.FieldMask mask = 4 [(buf.validate.field).field_mask = {in: ["foo_bar"]}];
  google.protobuf.Any any = 5 [(buf.validate.field).any.in = "x/google.protobuf.Duration"];
  repeated string tags = 6 [(buf.validate.field).repeated = {
    max_items: 2, unique: true, items: {string: {min_len: 2}}
  }];
  map<int32, string> map = 7 [(buf.validate.field).map = {
    max_pairs: 1, keys: {int32: {gt: 0}}, values: {string: {len: 1}}
  }];
}
message Presence {
  string implicit = 1 [(buf.validate.field).string.min_len = 1];
  string lenient = 2 [(buf.validate.field).string.min_len = 2, (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE];
  string never = 3 [(buf.validate.field).string.min_len = 2, (buf.validate.field).ignore = IGNORE_ALWAYS];
}
message Required {
  int64 long = 1 [(buf.validate.field).required = true];
  optional string text = 2 [(buf.validate.field).required = true];
  repeated string list = 3 [(buf.validate.field).required = true];
  Color color = 4 [(buf.validate.field).required = true];
}
message Oneofs {
  option (buf.validate.message).oneof = {fields: ["a", "b"], required: true};
  string a = 1 [(buf.validate.field).string.min_len = 2];
  optional string b = 2;
  oneof pay { option (buf.validate.oneof).required = true; string card = 3; string iban = 4; }
}
message Cel {
  option (buf.validate.message).cel = {id: "order", expression: "this.low <= this.high ? '' : 'low is above high'"};
  int64 low = 1 [(buf.validate.field).cel = {id: "even", message: "must be even", expression: "this % 2 == 0"}];
  uint64 high = 2;
  Color color = 3 [(buf.validate.field).cel_expression = "this != 2"];
  bytes raw = 4 [(buf.validate.field).cel_expression = "this.size() < 3"];
  map<string, Color> colors = 5 [(buf.validate.field).map.values.cel_expression = "this == 1"];
}
"""

KEPT = {
    "code points": ("Text", {"len": "😀é"}),
    "bytes of UTF-8": ("Text", {"bytes": "éé"}),
    "pattern of RE2": ("Text", {"pattern": "A1/"}),
    "email": ("Text", {"email": "a@b"}),
    "prefix": ("Text", {"prefix": "a.b"}),
    "in": ("Text", {"one": "b"}),
    "uri": ("Text", {"uri": "https://[::1%25eth0]/%C3%A9?a#b"}),
    "ip prefix": ("Text", {"prefixLength": "10.0.0.0/8"}),
    "header": ("Text", {"header": ":path"}),
    "exact 64 bits": ("Number", {"long": "9007199254740993"}),
    "inside": ("Number", {"inside": 4}),
    "outside, low": ("Number", {"outside": 1}),
    "outside, high": ("Number", {"outside": 6}),
    "float as 32 bits": ("Number", {"float": 0.1}),
    "bytes": ("Other", {"raw": "AAEC"}),
    "timestamp": ("Other", {"at": "1970-01-01T00:00:01.000000005Z"}),
    "duration": ("Other", {"span": "1.5s"}),
    "mask below a path": ("Other", {"mask": "fooBar,fooBar.baz"}),
    "any": ("Other", {"any": {"@type": "x/google.protobuf.Duration", "value": "1s"}}),
    "zero value ignored": ("Presence", {"implicit": "x", "lenient": "", "never": "x"}),
    "required": ("Required", {"long": 1, "text": "", "list": [""], "color": 1}),
    "one of each oneof": ("Oneofs", {"b": "", "card": ""}),
    "cel": ("Cel", {"low": "2", "high": "18446744073709551615", "color": "RED", "raw": "AAA=", "colors": {"a": 1}}),
}

BROKEN = {
    "code points": ("Text", {"len": "é"}, ["string.len"]),
    "bytes of UTF-8": ("Text", {"bytes": "ééé"}, ["string.max_bytes"]),
    "pattern of RE2": ("Text", {"pattern": "A1/\n"}, ["string.pattern"]),
    "email": ("Text", {"email": "a b@c"}, ["string.email"]),
    "two rules": ("Text", {"prefix": "z"}, ["string.prefix", "string.not_contains"]),
    "in": ("Text", {"one": "c"}, ["string.in"]),
    "uri": ("Text", {"uri": "//host"}, ["string.uri"]),
    "ip prefix": ("Text", {"prefixLength": "10.0.0.1/8"}, ["string.ipv4_prefix"]),
    "header": ("Text", {"header": "a b"}, ["string.well_known_regex.header_name"]),
    "exact 64 bits": ("Number", {"long": "9007199254740992"}, ["int64.gt"]),
    "inside": ("Number", {"inside": 5}, ["int32.gte_lt"]),
    "outside": ("Number", {"outside": 3}, ["int32.gt_lte_exclusive"]),
    "not a number": ("Number", {"finite": "NaN"}, ["double.finite"]),
    "not a number is in no list": ("Number", {"float": "NaN"}, ["float.in"]),
    "undefined enum value": ("Number", {"color": 7}, ["enum.defined_only"]),
    "refused enum value": ("Number", {"color": "BLUE"}, ["enum.not_in"]),
    "bytes": ("Other", {"raw": "AA=="}, ["bytes.min_len", "bytes.contains"]),
    "timestamp": ("Other", {"at": "1970-01-01T00:00:01Z"}, ["timestamp.gte"]),
    "duration": ("Other", {"span": "1.6s"}, ["duration.in"]),
    "mask": ("Other", {"mask": "fooBarBaz"}, ["field_mask.in"]),
    "any": ("Other", {"any": {}}, ["any.in"]),
    "items and list": (
        "Other",
        {"tags": ["aa", "b", "aa"]},
        ["string.min_len", "repeated.max_items", "repeated.unique"],
    ),
    "keys and values": ("Other", {"map": {"0": "aa"}}, ["int32.gt", "string.len"]),
    "map": ("Other", {"map": {"1": "a", "2": "b"}}, ["map.max_pairs"]),
    "unset without presence": ("Presence", {}, ["string.min_len"]),
    "set and lenient": ("Presence", {"implicit": "x", "lenient": "x"}, ["string.min_len"]),
    "required without presence": ("Required", {"text": ""}, ["required", "required", "required"]),
    "no member": ("Oneofs", {"a": "aa"}, ["required"]),
    "both members": ("Oneofs", {"a": "aa", "b": "", "iban": ""}, ["message.oneof"]),
    "set member of a oneof of rules": ("Oneofs", {"a": "a", "iban": ""}, ["string.min_len"]),
    "cel of a message": ("Cel", {"low": 4, "high": 3}, ["order"]),
    "cel of fields": (
        "Cel",
        {"low": 1, "high": 1, "color": "BLUE", "raw": "AAAA"},
        ["even", "this != 2", "this.size() < 3"],
    ),
    "cel of values": ("Cel", {"colors": {"a": 2}}, ["this == 1"]),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return write_project(tmp_path_factory.mktemp("rules"), {"t.proto": PROTO})


@pytest.fixture(scope="module")
def outcomes(project: Project) -> dict[tuple[str, str], Outcome]:
    cases = {("kept", name): (case[0], json.dumps(case[1])) for name, case in KEPT.items()}
    cases |= {("broken", name): (case[0], json.dumps(case[1])) for name, case in BROKEN.items()}
    return dict(zip(cases, project.parse(list(cases.values())), strict=True))


@pytest.mark.parametrize("name", KEPT)
def test_what_keeps_the_rules_is_accepted(name: str, outcomes: dict[tuple[str, str], Outcome]) -> None:
    assert outcomes["kept", name].issues == []


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rules_are_named(name: str, outcomes: dict[tuple[str, str], Outcome]) -> None:
    assert outcomes["broken", name].rules == BROKEN[name][2]


def test_a_missing_required_field_is_said_to_be_required(project: Project) -> None:
    (outcome,) = project.parse([("Required", '{"long": 1, "list": ["a"], "color": 1, "text": null}')])
    assert [(issue["path"], issue["message"]) for issue in outcome.issues] == [(["text"], "Required")]


def test_messages_say_what_was_wanted(project: Project) -> None:
    (number, cel) = project.parse([("Number", '{"inside": 5}'), ("Cel", '{"low": 4, "high": 3}')])
    assert number.issues[0]["message"] == "Must be at least 1 and less than 5"
    assert cel.issues[0]["message"] == "low is above high"


def test_rules_hold_for_bigint_and_uint8array(tmp_path: Path) -> None:
    project = write_project(tmp_path, {"t.proto": PROTO}, parameter="int64=bigint,bytes=uint8array")
    broken = project.parse(
        [
            ("Number", '{"long": "9007199254740992"}'),
            ("Other", '{"raw": "AA=="}'),
            ("Required", '{"text": "", "list": ["a"], "color": 1}'),
            ("Cel", '{"low": 1, "high": 1, "raw": "AAAA"}'),
        ]
    )
    assert [outcome.rules for outcome in broken] == [
        ["int64.gt"],
        ["bytes.min_len", "bytes.contains"],
        ["required"],
        ["even", "this.size() < 3"],
    ]


def test_what_typescript_cannot_say_is_reported() -> None:
    proto = """
    syntax = "proto3";
    import "buf/validate/validate.proto";
    import "google/protobuf/any.proto";
    message M {
      google.protobuf.Any any = 1 [(buf.validate.field).cel = {id: "any.value", expression: "this.value == 1"}];
      string s = 2 [(buf.validate.field).string.pattern = "\\\\C"];
    }
    """
    report = json.loads(run_plugin(PLUGIN, {"t.proto": proto})["t.zod-report.json"])
    assert [(lost["element"], lost["rule"]) for lost in report["not_carried"]] == [
        ("M.any", "cel:any.value"),
        ("M.s", "string.pattern"),
    ]


def test_contracts_without_rules_import_no_rules() -> None:
    outputs = run_plugin(PLUGIN, {"t.proto": 'syntax = "proto3"; message M { string s = 1 [deprecated = true]; }'})
    assert sorted(outputs) == ["protogate/protojson.ts", "t.zod.ts"]
