# ruff: noqa: RUF001 - digits of other scripts are values to probe with
"""The values that authors of generators may look at while they work."""

from __future__ import annotations

from tests.agreement.text_development import TEXTS
from tests.agreement.values import Pool, Values

__all__ = ["DEVELOPMENT"]

_WRONG_TYPES = ("true", "false", "{}", "[]", '[""]', '{"a": 1}')

_INTEGERS = (
    "0", "1", "-0", "7", "1.0", "1e3", "100e-2", '"0"', '"1"', '"-0"', '"12"', '"1.0"', '"1e3"',
)  # fmt: skip
_NOT_INTEGERS = (
    "1.5", "0.1", '"1.5"', '""', '" 1"', '"1 "', '"0x1"', '"abc"', '"1_000"', '"NaN"', '"Infinity"',
    '"１"', "1e400", '"null"', '"true"', '"1,000"', '"--1"', '"1e-1"', '"\\u0000"', '"+"', '"-"',
)  # fmt: skip
_ODD_INTEGERS = ('"01"', '"+1"', '"1."', '"1e+2"', '"1E2"', '"00"', '"-01"', '".0"')

_FLOATS = (
    "0", "-0", "1", "1.5", "-1.5e-3", "1e10", '"1.5"', '"-2"', '"NaN"', '"Infinity"', '"-Infinity"',
    '"1e5"', "1e-400", "0.1", "1E+2",
)  # fmt: skip
_NOT_FLOATS = (
    '"nan"', '"inf"', '"-inf"', '"+Infinity"', '"infinity"', '"INF"', '""', '" 1"', '"1 "', '"0x1p3"',
    '"abc"', '"1_0"', '"-NaN"', '"1e400"', "1e400", "-1e400", '"1,5"', "NaN", "Infinity", '"1e"', '"."',
)  # fmt: skip
_ODD_FLOATS = ('".5"', '"1."', '"+1"', '"01"', '"-.5"', '"1e+05"')

_TIMESTAMPS = (
    '"1970-01-01T00:00:00Z"', '"2024-02-29T23:59:59Z"', '"0001-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59.999999999Z"', '"2020-01-02T03:04:05.1Z"', '"2020-01-02T03:04:05.123456Z"',
    '"2020-01-02T03:04:05+02:00"', '"2020-01-02T03:04:05.5-08:30"', '"2020-01-02T03:04:05+00:00"',
    '"2000-02-29T00:00:00Z"', '"2020-01-02T03:04:05.123456789Z"', '"2020-01-02T03:04:05-00:00"',
)  # fmt: skip
_NOT_TIMESTAMPS = (
    '"2023-02-29T00:00:00Z"', '"1900-02-29T00:00:00Z"', '"2020-04-31T00:00:00Z"', '"2020-13-01T00:00:00Z"',
    '"2020-00-01T00:00:00Z"', '"2020-01-00T00:00:00Z"', '"2020-01-01t00:00:00Z"', '"2020-01-01T00:00:00z"',
    '"2020-01-01 00:00:00Z"', '"2020-01-01T00:00:00"', '"2020-01-01T24:00:00Z"', '"2020-01-01T23:59:60Z"',
    '"2020-01-01T00:60:00Z"', '"2020-01-01T00:00:00.Z"', '"2020-01-01T00:00:00.1234567891Z"',
    '"2020-01-01"', '"20200101T000000Z"', '"0000-01-01T00:00:00Z"', '"10000-01-01T00:00:00Z"',
    '"0001-01-01T00:00:00+01:00"', '"9999-12-31T23:59:59-01:00"', '"2020-01-01T00:00:00+0200"',
    '"2020-01-01T00:00:00+02"', '"2020-1-1T00:00:00Z"', '""', '"now"', "0", "1577836800",
    '" 2020-01-01T00:00:00Z"', '"2020-01-01T00:00:00Z "', '"2020-01-01T00:00:00Z\\n"',
    '"２020-01-01T00:00:00Z"', '"2020-01-01T00:00:00,5Z"', '"2020-01-01T00:00:00+24:00"',
    '"-001-01-01T00:00:00Z"', '{"seconds": 1}',
)  # fmt: skip

_DURATIONS = (
    '"0s"', '"1s"', '"-1s"', '"1.5s"', '"-0.5s"', '"0.000000001s"', '"1.123456789s"', '"315576000000s"',
    '"-315576000000s"', '"1.000s"', '"-0s"', '"3600s"', '"0.1s"',
    '"315576000000.5s"', '"-315576000000.25s"',
)  # fmt: skip
_NOT_DURATIONS = (
    '"1"', '"s"', '""', '"1 s"', '"1S"', '"1m"', '"1h"', '"1.1234567891s"', '"315576000001s"',
    '"-315576000001s"', '"1e3s"', '"PT1S"', '"--1s"', '"1ss"', '"abc"', '".s"', '"-s"', "1", "1.5",
    '" 1s"', '"1s\\n"', '"1,5s"', '"１s"', '"0x1s"', '{"seconds": 1}', '"99999999999999999999s"',
)  # fmt: skip
_ODD_DURATIONS = ('"1.s"', '".5s"', '"+1s"', '"01s"', '"1.0000000000s"', '"-.5s"')

_MASKS = ('""', '"a"', '"fooBar"', '"foo.barBaz"', '"a,b"', '"a.b.c,dEf"', '"a1,b2"')
_NOT_MASKS = (
    '"foo_bar"', '"a_b.c"', "1", '["a"]', '{"paths": ["a"]}', '"a,b_c"', '"_a"', '"a_"',
)  # fmt: skip
_ODD_MASKS = ('"a..b"', '"a,"', '"1a"', '",a"', '" a"', '"a b"', '"Foo"', '"a, b"', '"."')

_STRUCTS = (
    "{}", '{"a": 1}', '{"a": null}', '{"a": {"b": [1, "x", true, null, {}]}}', '{"": ""}', '{"a": -1.5e10}',
    '{"toString": 1}', '{"nested": {"deep": {"deeper": {}}}}',
)  # fmt: skip
_LISTS = ("[]", "[1]", "[null]", '["a", 1, true, null, {}, []]', "[[[]]]")
_ANYS = (
    "{}",
    '{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}',
    '{"@type": "type.googleapis.com/google.protobuf.Timestamp", "value": "2020-01-01T00:00:00Z"}',
    '{"@type": "type.googleapis.com/google.protobuf.Int32Value", "value": 5}',
    '{"@type": "type.googleapis.com/google.protobuf.Struct", "value": {"a": 1}}',
    '{"value": "1s", "@type": "type.googleapis.com/google.protobuf.Duration"}',
    '{"@type": "example.com/google.protobuf.StringValue", "value": "x"}',
)
_NOT_ANYS = (
    '""', "[]", '{"@type": ""}', '{"@type": 1}', '{"a": 1}', '{"@type": "type.googleapis.com/no.such.Type"}',
    '{"@type": "type.googleapis.com/google.protobuf.Duration", "value": 1}',
    '{"@type": "type.googleapis.com/google.protobuf.Int32Value", "value": "x"}',
    '{"@type": "type.googleapis.com/google.protobuf.Duration"}',
    '{"typeUrl": "type.googleapis.com/google.protobuf.Duration", "value": "CAE="}',
)  # fmt: skip

_KINDS = {
    "int32": Values(
        (*_INTEGERS, "2147483647", "-2147483648", '"2147483647"', '"-2147483648"', "2147483647.0"),
        (
            *_NOT_INTEGERS, *_ODD_INTEGERS, "2147483648", "-2147483649", '"2147483648"',
            '"-2147483649"', "1e10", '"99999999999999999999"',
        ),
    ),
    "uint32": Values(
        (*_INTEGERS, "4294967295", '"4294967295"', "4294967295.0", "2147483648"),
        (*_NOT_INTEGERS, *_ODD_INTEGERS, "-1", '"-1"', "4294967296", '"4294967296"', "1e10"),
    ),
    "int64": Values(
        (
            *_INTEGERS, '"9223372036854775807"', '"-9223372036854775808"', "9007199254740991",
            "9007199254740993", '"9007199254740993"', "-9007199254740993", "1e15",
        ),
        (
            *_NOT_INTEGERS, *_ODD_INTEGERS, '"9223372036854775808"', '"-9223372036854775809"',
            "9223372036854775808", "1e19", "-1e19", '"99999999999999999999"',
        ),
    ),
    "uint64": Values(
        (
            *_INTEGERS, '"18446744073709551615"', '"9223372036854775808"', "9007199254740991",
            '"9007199254740993"',
        ),
        (
            *_NOT_INTEGERS, *_ODD_INTEGERS, "-1", '"-1"', '"18446744073709551616"',
            "18446744073709551616", "1e20", '"99999999999999999999"',
        ),
    ),
    "float": Values(
        (*_FLOATS, "3.4028234e38", "-3.4028234e38", '"3.4028234e38"', "1e-46", "3e-310"),
        (
            *_NOT_FLOATS, *_ODD_FLOATS, "3.5e38", '"3.5e38"', "-3.5e38", "1e39", "1e300",
            "3.4028235e38",
        ),
    ),
    "double": Values(
        (*_FLOATS, "1.7976931348623157e308", '"1.7976931348623157e308"', "5e-324", "1e39"),
        (*_NOT_FLOATS, *_ODD_FLOATS, "1.8e308", '"1.8e308"', "-1.8e308"),
    ),
    "bool": Values(
        ("true", "false"),
        ('"true"', '"false"', "0", "1", '""', '"True"', '"yes"', "1.0", '"1"', '"0"'),
    ),
    "string": Values(
        (
            '""', '"a"', '"żółw"', '"\\ud83d\\ude00"', '"😀"', '"\\u0000"', '"line\\nbreak"',
            '"__proto__"', '"\\u2028"', '"\\/"', '"  "', '"null"', '"{}"', '"\\ufeffbom"',
        ),
        ("0", "1.5", '"\\ud83d"', '"\\ude00\\ud83d"', '"a\\ud800b"', '"\\x41"', "'a'", '"tab\tinside"'),
    ),
    "bytes": Values(
        (
            '""', '"AA=="', '"AAE="', '"AAEC"', '"AA"', '"AAE"', '"-_-_"', '"+/+/"', '"/w=="',
            '"_w"', '"aGVsbG8gd29ybGQ="', '"_w=="',
        ),
        (
            '"!!"', '"A"', '"AA=A"', '"AAAAA"', '"===="', '"ż"', "1", '"A==="', '"=AA="', '"AA\\u0000"',
            '"AA==AA=="', '"+_-/"', '"AA="', '"AA==="', '" AA=="', '"AA==\\n"', '"AA A"',
            '"AB=="', '"AAF="', '"a*b="',
        ),
    ),
    "timestamp": Values(_TIMESTAMPS, _NOT_TIMESTAMPS),
    "duration": Values(_DURATIONS, (*_NOT_DURATIONS, *_ODD_DURATIONS)),
    "fieldmask": Values(_MASKS, (*_NOT_MASKS, *_ODD_MASKS)),
    "struct": Values(_STRUCTS, ("[]", '""', "1", "true", '{"a": NaN}', '{"a": 1e400}', '{"a": "\\ud800"}')),
    "value": Values(
        ("null", "1", "-1.5", '"a"', "true", *_STRUCTS, *_LISTS),
        ("NaN", "1e400", '"\\ud800"', '{"a": 1e400}'),
    ),
    "listvalue": Values(_LISTS, ("{}", '""', "1", "[NaN]", "[1e400]")),
    "any": Values(_ANYS, _NOT_ANYS),
    "empty": Values(("{}",), ("[]", '""', '{"a": 1}', "1", "true")),
    "nullvalue": Values(("null", '"NULL_VALUE"', "0"), ('"null"', '""', "1.5", '"NULL"', '"null_value"')),
}  # fmt: skip

_INTEGER_KEYS = ("0", "1", "-0", "12")
_NOT_INTEGER_KEYS = (
    "", " 1", "1 ", "1.5", "abc", "0x1", "true", "NaN", "1e400", "--1", "+", "1_0", "１",
    "01", "+1", "1.0", "1e3", "1.",
)  # fmt: skip

_KEYS = {
    "string": Values(("", "a", "ż", "__proto__", "constructor", "a b", "😀", "1"), ("\\ud800",)),
    "bool": Values(("true", "false"), ("True", "", "1", "0", "yes", " true")),
    "int32": Values(
        (*_INTEGER_KEYS, "-1", "2147483647", "-2147483648"),
        (*_NOT_INTEGER_KEYS, "2147483648", "-2147483649"),
    ),
    "uint32": Values((*_INTEGER_KEYS, "4294967295"), (*_NOT_INTEGER_KEYS, "-1", "4294967296")),
    "int64": Values(
        (*_INTEGER_KEYS, "-1", "9223372036854775807", "-9223372036854775808"),
        (*_NOT_INTEGER_KEYS, "9223372036854775808", "-9223372036854775809"),
    ),
    "uint64": Values((*_INTEGER_KEYS, "18446744073709551615"), (*_NOT_INTEGER_KEYS, "-1", "18446744073709551616")),
}

DEVELOPMENT = Pool(
    name="development",
    kinds=_KINDS,
    keys=_KEYS,
    enum_bad=(
        '"NO_SUCH_VALUE"', '""', '"0"', '"1"', "0.5", "2147483648", "-2147483649", '" "', "1e400",
    ),
    texts=TEXTS,
    any_wrong=_WRONG_TYPES,
)  # fmt: skip
