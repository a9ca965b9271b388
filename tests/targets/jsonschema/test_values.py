"""Which ProtoJSON documents a schema accepts, by kind of field."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.targets.jsonschema.validators import accepts, proto3

DRAFTS = pytest.mark.parametrize("draft", ["draft-07", "2020-12"])

CASES = {
    "int32 a": (
        ["0", "1.0", "1e3", "2147483647", '"-2147483648"', '"01"', '"1.0"', '"1e3"', "null"],
        ["1.5", "2147483648", '"2147483648"', '""', '" 1"', '"0x1"', "true", "[]", '"\\uff11"', '"1\\n"'],
    ),
    "uint64 a": (
        ["0", "18446744073709551615", '"18446744073709551615"', '"-0"'],
        ["-1", "18446744073709551616", '"18446744073709551616"', '"-1"'],
    ),
    "int64 a": (
        ["9223372036854775807", '"-9223372036854775808"'],
        ["9223372036854775808", '"9223372036854775808"'],
    ),
    "float a": (
        ["0.1", "3.4028235e38", '"1e5"', '".5"', '"NaN"', '"Infinity"', '"-Infinity"', "1e-60"],
        ["3.5e38", '"3.5e38"', '"nan"', '"inf"', '"+Infinity"', '""', '"1_0"', '"0x1p3"', "true"],
    ),
    "double a": (['"1.7976931348623157e308"', "1e39", '"10e307"'], ['"1.8e308"', '"1e400"', '"1,5"']),
    "bool a": (["true", "false", "null"], ['"true"', "0", "1", '""']),
    "string a": (['""', '"😀"', "null"], ["0", "{}"]),
    "bytes a": (
        ['""', '"AA=="', '"AA"', '"AAE"', '"-_-_"', '"+/+/"'],
        ['"A"', '"AA=A"', '"AAAAA"', '"!!"', '"ż"', "1"],
    ),
    "repeated int32 a": (["[]", "null", '[1, "2"]'], ["[null]", "1", "{}", "[[1]]"]),
    "map<int32, bool> a": (
        ['{"1": true, "-5": false}', "{}", "null"],
        ['{"a": true}', '{"1": null}', "[]", '{"": true}'],
    ),
    "map<bool, string> a": (['{"true": "x"}'], ['{"True": "x"}', '{"1": "x"}']),
    "map<uint32, string> a": (['{"4294967295": ""}'], ['{"-1": ""}', '{"4294967296": ""}']),
    "E a": (['"ONE"', '"UNO"', "1", "99", "-1.0", "null"], ['"one"', '"1"', "0.5", "2147483648", '""']),
    "google.protobuf.Timestamp a": (
        [
            '"2024-02-29T23:59:59Z"', '"2020-01-02T03:04:05.123456789+02:00"', '"0001-01-01T00:00:00Z"',
            '"9999-12-31T23:59:59+01:00"',
        ],
        [
            '"2023-02-29T00:00:00Z"', '"1900-02-29T00:00:00Z"', '"2020-04-31T00:00:00Z"', '"2020-01-01t00:00:00Z"',
            '"2020-01-01T24:00:00Z"', '"2020-01-01T23:59:60Z"', '"2020-01-01T00:00:00.1234567890Z"', '"2020-01-01"',
            '"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+01:00"', '"9999-12-31T23:59:59-01:00"', "0",
        ],
    ),
    "google.protobuf.Duration a": (
        ['"0s"', '"-1.5s"', '"1.s"', '"315576000000.5s"'],
        ['"1"', '"1.1234567891s"', '"315576000001s"', '"PT1S"', '".5s"', '"1 s"', "1"],
    ),
    "google.protobuf.FieldMask a": (['""', '"a.b,cD"'], ['"a_b"', "[]"]),
    "google.protobuf.Struct a": (['{"a": [null, {"b": 1}]}', "null"], ["[]", '""']),
    "google.protobuf.Value a": (["null", "1", "[{}]"], []),
    "google.protobuf.ListValue a": (["[null, 1]", "null"], ["{}"]),
    "google.protobuf.NullValue a": (["null", '"NULL_VALUE"', "0"], ['"null"', "0.5", "{}"]),
    "google.protobuf.Empty a": (["{}", "null"], ['{"a": 1}', "[]"]),
    "google.protobuf.Int64Value a": (['"5"', "5", "null"], ['{"value": 5}']),
    "google.protobuf.StringValue a": (['""', "null"], ["1"]),
    "google.protobuf.Any a": (
        ["{}", '{"@type": "x/google.protobuf.Duration", "value": "1s"}', '{"@type": "x/t.M", "a": {}}', "null"],
        ['{"a": 1}', '{"@type": ""}', '{"@type": 1}', '{"@type": "x/google.protobuf.Duration", "value": 1}'],
    ),
    "M a": (["{}", '{"a": {"a": null}}', "null"], ["[]", '{"b": 1}', '{"a": {"b": 1}}']),
    "google.protobuf.Method a": (['{"name": "x", "syntax": "SYNTAX_PROTO3"}'], ['{"nam": 1}']),
}  # fmt: skip

ENUM = "enum E { option allow_alias = true; ZERO = 0; ONE = 1; UNO = 1; }"


@DRAFTS
@pytest.mark.parametrize("field", CASES)
def test_values_of_a_field(field: str, draft: str) -> None:
    is_accepted = accepts(proto3(f"message M {{ {field} = 1; }} {ENUM}"), parameter=f"draft={draft}")
    good, bad = CASES[field]
    verdicts = {value: is_accepted(f'{{"a": {value}}}') for value in (*good, *bad)}
    assert verdicts == {**dict.fromkeys(good, True), **dict.fromkeys(bad, False)}


@settings(deadline=None)
@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), st.integers(-1439, 1439))  # noqa: DTZ001 - zone below
def test_every_instant_is_accepted_with_any_offset_that_stays_in_range(moment: datetime, minutes: int) -> None:
    is_accepted = accepts(proto3("message M { google.protobuf.Timestamp a = 1; }"))
    try:
        text = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    except OverflowError:
        return
    assert is_accepted(json.dumps({"a": text}))


@settings(deadline=None)
@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32))
def test_days_are_those_of_the_calendar(year: int, month: int, day: int) -> None:
    is_accepted = accepts(proto3("message M { google.protobuf.Timestamp a = 1; }"))
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        is_real = False
    else:
        is_real = True
    assert is_accepted(f'{{"a": "{year:04d}-{month:02d}-{day:02d}T12:00:00Z"}}') is is_real


@DRAFTS
@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ('{"a": 1}', True),
        ('{"a": 1, "bC": null}', True),
        ('{"a": null, "bC": null}', True),
        ("{}", True),
        ('{"a": 1, "bC": "x"}', False),
        ('{"a": 1, "b_c": "x"}', False),
        ('{"bC": "x", "b_c": "x"}', False),
    ],
)
def test_at_most_one_member_of_a_oneof(document: str, is_valid: bool, draft: str) -> None:  # noqa: FBT001
    text = proto3("message M { oneof o { int32 a = 1; string b_c = 2; } }")
    assert accepts(text, parameter=f"draft={draft}")(document) is is_valid


def test_both_names_are_accepted_but_not_both_of_an_optional_field() -> None:
    is_accepted = accepts(
        proto3("message M { optional int32 some_field = 1; string renamed = 2 [json_name = 'x/~y']; }")
    )
    assert is_accepted('{"someField": 1}')
    assert is_accepted('{"some_field": 1}')
    assert not is_accepted('{"someField": 1, "some_field": 1}')
    assert is_accepted('{"x/~y": "a"}')
    assert is_accepted('{"renamed": "a"}')
    assert not is_accepted('{"renamed": 1}')


def test_a_name_that_is_the_json_name_of_another_field_belongs_to_that() -> None:
    text = """
      syntax = "proto2"; package t;
      message M { optional int32 a = 1 [json_name = "b"]; optional string b = 2 [json_name = "c"]; }
    """
    is_accepted = accepts(text)
    assert is_accepted('{"b": 1, "c": "x"}')
    assert not is_accepted('{"b": "x"}')


PROTO2 = """
syntax = "proto2"; package t;
message M {
  required int32 an_id = 1;
  optional Color color = 2 [default = RED];
  optional group Part = 3 { optional string x = 1; }
  extensions 100 to 200;
}
enum Color { NONE = 0; RED = 3; }
extend M { optional int32 extra = 100; }
"""


@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ('{"anId": 1}', True),
        ('{"an_id": 1}', True),
        ("{}", False),
        ('{"anId": null}', False),
        ('{"anId": 1, "color": "RED"}', True),
        ('{"anId": 1, "color": 3}', True),
        ('{"anId": 1, "color": 2}', False),
        ('{"anId": 1, "part": {"x": ""}}', True),
        ('{"anId": 1, "[t.extra]": 5}', True),
        ('{"anId": 1, "[t.extra]": "x"}', False),
        ('{"anId": 1, "[other.extension]": "x"}', True),
        ('{"anId": 1, "extra": 5}', False),
    ],
)
def test_proto2(document: str, is_valid: bool) -> None:  # noqa: FBT001
    assert accepts(PROTO2)(document) is is_valid


CANONICAL = {
    "int32 a": (["0", "-5"], ['"0"', "null", "1.5"]),
    "int64 a": (['"0"', '"-9223372036854775808"'], ["0", '"00"', '"+1"', '"-0"', '"1e3"']),
    "double a": (["0.1", '"NaN"'], ['"0.1"']),
    "bytes a": (['""', '"AA=="'], ['"AA"', '"-_-_"']),
    "E a": (['"ONE"', "99"], ["1", '"UNO"']),
    "google.protobuf.Timestamp a": (
        ['"2020-01-02T03:04:05.123Z"'],
        ['"2020-01-02T03:04:05+00:00"', '"2020-01-02T03:04:05.1Z"'],
    ),
    "google.protobuf.Duration a": (['"1.500s"', '"-0.000000001s"'], ['"1.5s"', '"01s"']),
    "google.protobuf.NullValue a": (["null"], ['"NULL_VALUE"']),
    "google.protobuf.Value a": (["null"], []),
    "repeated string a": (["[]"], ["null"]),
    "map<int64, string> a": (['{"5": ""}'], ['{"05": ""}']),
}


@pytest.mark.parametrize("field", CANONICAL)
def test_canonical_values_of_a_field(field: str) -> None:
    is_accepted = accepts(proto3(f"message M {{ {field} = 1; }} {ENUM}"), parameter="mode=canonical")
    good, bad = CANONICAL[field]
    verdicts = {value: is_accepted(f'{{"a": {value}}}') for value in (*good, *bad)}
    assert verdicts == {**dict.fromkeys(good, True), **dict.fromkeys(bad, False)}


def test_canonical_names() -> None:
    is_accepted = accepts(proto3("message M { int32 some_field = 1; }"), parameter="mode=canonical")
    assert is_accepted('{"someField": 1}')
    assert not is_accepted('{"some_field": 1}')
