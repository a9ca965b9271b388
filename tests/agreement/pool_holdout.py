# ruff: noqa: RUF001 - digits of other scripts are values to probe with
"""Values for the final score only: nobody tunes a generator on what this pool shows.

Written apart from the development pool, from the ProtoJSON specification and RFC 3339, so that
the score on it says how a generator does on values that its author has not seen. A value that
shows a defect which must be fixed moves to the development pool, and another takes its place.
"""

from __future__ import annotations

from tests.agreement.text_holdout import TEXTS
from tests.agreement.values import Pool, Values

__all__ = ["HOLDOUT"]

_INTEGERS = (
    "3", "42", "0.0", "-0.0", "5e0", "120E-1", "2.50e2", '"3"', '"42"', '"7.0"', '"25e1"', '"0.0"',
    '"10e-1"', "1E1",
)  # fmt: skip
_NOT_INTEGERS = (
    "3.25", "1e-2", "-0.5", '"3.25"', '"  "', '"\\t3"', '"3\\n"', '"0b11"', '"0o7"', '"three"', '"1\'000"',
    '"-Infinity"', '"٣"', "9e999", '"false"', '"3;"', '"-+3"', '"5e-1"', '"3\\u0000"', '"e3"', '"3e"',
    '"3f"', '"3n"', '"½"', '"- 3"',
)  # fmt: skip

_FLOATS = (
    "3", "-2.75", "6.02e23", "1E-7", '"2.25"', '"-3E2"', "123456789.125", "-0.0", '"0"', '"-0"',
    "2e-300", '"9.5e-3"',
)  # fmt: skip
_NOT_FLOATS = (
    '"Nan"', '"NAN"', '"-infinity"', '"Inf"', '"+NaN"', '"3..5"', '"3.5.1"', '"3e5e5"', '"3.5f"',
    '"0x10"', '"\\n3"', '"3.5 "', '"π"', '"1e999"', "9e999", "-9e999", '"three"', '"1 000"', '"e5"',
    '"--3.5"', '"∞"', '"NaN "', "-Infinity", '"3.5d"', '"٣.٥"',
)  # fmt: skip

_TIMESTAMPS = (
    '"1999-12-31T23:59:59Z"', '"2016-02-29T12:30:45.25Z"', '"0001-01-01T00:00:00.000000001Z"',
    '"9999-12-31T00:00:00Z"', '"2031-07-04T18:00:00-07:00"', '"1969-07-20T20:17:40Z"',
    '"2400-02-29T00:00:00Z"', '"2020-06-30T23:59:59.000Z"', '"2020-01-01T00:30:00+01:00"',
    '"2021-11-30T06:07:08.00100200Z"', '"0004-02-29T00:00:00Z"', '"2022-12-31T23:59:59+14:00"',
)  # fmt: skip
_NOT_TIMESTAMPS = (
    '"2100-02-29T00:00:00Z"', '"2021-02-30T00:00:00Z"', '"2021-06-31T10:00:00Z"', '"2021-09-31T10:00:00Z"',
    '"2021-12-32T10:00:00Z"', '"2021-20-10T10:00:00Z"', '"2021-12-10T25:00:00Z"', '"2021-12-10T10:61:00Z"',
    '"2021-12-10T10:00:61Z"', '"2021-12-10T10:00Z"', '"2021-12-10T10Z"', '"21-12-10T10:00:00Z"',
    '"2021/12/10T10:00:00Z"', '"2021-12-10_10:00:00Z"', '"2021-12-10T10:00:00 Z"', '"2021-12-10T10:00:00UTC"',
    '"2021-12-10T10:00:00Z+01:00"', '"2021-12-10T10:00:00.0000000000Z"', '"12021-12-10T10:00:00Z"',
    '"+2021-12-10T10:00:00Z"', '"2021-12-10T10:00:00+1:00"', '"2021-12-10T10:00:00.5.5Z"',
    '"2021-344T10:00:00Z"', '"2021-W49-5T10:00:00Z"', '"2021-12-10T10:00:00-0100"', '"Fri, 10 Dec 2021"',
    '"0001-01-01T01:00:00+02:00"', '"9999-12-31T23:30:00-00:31"', "1639130400.5", "null1",
    '"２０２１-12-10T10:00:00Z"', '"2021-12-10T10:00:00\\u0000Z"', '"2021-12-10T10:00:0Z"',
    '{"nanos": 5}', '"2021-12-10T1:00:00Z"', '"2021-12-10T10:00:00+01:60"',
)  # fmt: skip

_DURATIONS = (
    '"7s"', '"-7.25s"', '"86400s"', '"0.999999999s"', '"-0.000000001s"', '"315575999999.999999999s"',
    '"2.50s"', '"-315575999999s"', '"100.010s"', '"0.0s"', '"-0.0s"', '"12.123456s"',
)  # fmt: skip
_NOT_DURATIONS = (
    '"7"', '"7 seconds"', '"7sec"', '"7ms"', '"7.1s "', '"\\t7s"', '"7.0123456789s"', '"315576000001.5s"',
    '"-400000000000s"', '"7e0s"', '"P7D"', '"00:00:07"', '"+-7s"', '"7.s5"', '"7s7s"', '"NaNs"',
    '"Infinitys"', '"٧s"', '"- 7s"', '"7.-5s"', "7", '"9999999999999s"', '{"seconds": "7", "nanos": 5}',
    '"7,25s"', '"0x7s"', '"s7"',
)  # fmt: skip

_MASKS = ('"user"', '"user.displayName"', '"x,y,z"', '"userId,profile.photoUrl"', '"a.b2C"')
_NOT_MASKS = ('"user_id"', '"user.display_name"', "7", "[]", '["userId"]', '{"paths": []}', '"ok,not_ok"')

_STRUCTS = (
    '{"k": "v"}', '{"one": 1, "two": [2, {"three": 3}]}', '{"u": "\\u00e9"}', '{"n": null, "b": false}',
    '{"x": {"y": {"z": {}}}}', '{"@type": "a"}', '{"very": 1e308}', '{"constructor": {}}',
)  # fmt: skip
_LISTS = ("[]", "[false]", '["", "z"]', "[[1], [2, [3]]]", '[{"a": []}]', "[null, null]", "[0.5, -7e-2]")

_ANYS = (
    '{"@type": "type.googleapis.com/google.protobuf.BoolValue", "value": true}',
    '{"@type": "type.googleapis.com/google.protobuf.FieldMask", "value": "a.b"}',
    '{"@type": "type.googleapis.com/google.protobuf.ListValue", "value": [1, "x"]}',
    '{"@type": "type.googleapis.com/google.protobuf.Value", "value": null}',
    '{"@type": "type.googleapis.com/google.protobuf.BytesValue", "value": "AAEC"}',
    '{"@type": "https://schemas.test/google.protobuf.UInt64Value", "value": "12"}',
)  # fmt: skip
_NOT_ANYS = (
    '"type.googleapis.com/google.protobuf.BoolValue"', "7", "[{}]", '{"@type": null, "value": 1}',
    '{"@type": "google.protobuf.BoolValue", "value": 3}', '{"type": "x"}', '{"value": true}',
    '{"@type": "type.googleapis.com/google.protobuf.BoolValue", "value": "true"}',
    '{"@type": "type.googleapis.com/google.protobuf.FieldMask", "value": ["a"]}',
    '{"@type": "type.googleapis.com/acme.Unknown", "value": 1}', '{"@type": "/", "value": 1}',
)  # fmt: skip

_KINDS = {
    "int32": Values(
        (*_INTEGERS, "2147483646", "-2147483647", '"-2147483647"', "-2147483648.0", "2.147483647e9"),
        (
            *_NOT_INTEGERS, "2147483647.5", "-2147483650", '"2147483649"', '"-3000000000"', "3e9",
            "-1e18", '"2147483648.0"', '"12345678901234567890"',
        ),
    ),
    "uint32": Values(
        (*_INTEGERS, "4294967294", '"4294967294"', "3000000000", "4.294967295e9"),
        (*_NOT_INTEGERS, "-3", '"-42"', "4294967297", '"5000000000"', "1e11", "-2147483648"),
    ),
    "int64": Values(
        (
            *_INTEGERS, '"9223372036854775806"', '"-9223372036854775807"', "-9007199254740991",
            "4503599627370497", '"-4611686018427387905"', "1e18", '"1000000000000000000"',
        ),
        (
            *_NOT_INTEGERS, '"9223372036854775810"', '"-9223372036854775810"', "2e19", "-3e25",
            '"10000000000000000000"', '"123456789012345678901234"', "18446744073709551615",
        ),
    ),
    "uint64": Values(
        (
            *_INTEGERS, '"18446744073709551614"', '"9223372036854775807"', "4503599627370497",
            '"12345678901234567890"', "1e18",
        ),
        (
            *_NOT_INTEGERS, "-3", '"-42"', '"18446744073709551617"', "3e20", "-1e3",
            '"20000000000000000000"', '"123456789012345678901234"',
        ),
    ),
    "float": Values(
        (*_FLOATS, "3.4e38", '"-3.4e38"', "1.17549435e-38", "1e-60"),
        (*_NOT_FLOATS, "3.41e38", '"-1e40"', "7e100", '"3.403e38"'),
    ),
    "double": Values(
        (*_FLOATS, "1.7e308", '"-1.7e308"', "2.2250738585072014e-308", "3.41e38"),
        (*_NOT_FLOATS, "2e308", '"1.9e308"', "-2e308"),
    ),
    "bool": Values(
        ("true", "false"),
        ('"TRUE"', '"False"', "2", "-1", '"on"', '"t"', '"f"', "0.0", '"no"', "[true]", '{"v": true}'),
    ),
    "string": Values(
        (
            '"protogate"', '"Zażółć gęślą"', '"\\ud834\\udd1e"', '"𝄞"', '"\\u001f"', '"\\"quoted\\""',
            '"prototype"', '"\\r\\n"', '"\\u200b"', '"1"', '"true"', '"[1]"', '"\\\\"',
        ),
        ("7", "-1e5", '"\\udc00"', '"x\\udbff"', '"\\udd1e\\ud834"', '"\\q"', '"\\u12"', '"open', '["a"]'),
    ),
    "bytes": Values(
        (
            '"Zg=="', '"Zm8="', '"Zm9v"', '"Zm9vYg=="', '"Zm9vYmE="', '"Zg"', '"Zm8"', '"Zm9vYmE"',
            '"__8="', '"//8="', '"-A"', '"+A=="',
        ),
        (
            '"Z"', '"Zm9vY"', '"Z==="', '"Zg=v"', '"=Zg="', '"Zm9v===="', '"Zm\\u00f3v"', '"Z g="', "7",
            '["Zg=="]', '"Zg==Zg=="', '"%5A"', '"Zm8=\\r\\n"', '"Zm9v."', '"Zg="', '"a+b_"', '"#"', '"Zm9v=="',
        ),
    ),
    "timestamp": Values(_TIMESTAMPS, _NOT_TIMESTAMPS),
    "duration": Values(_DURATIONS, _NOT_DURATIONS),
    "fieldmask": Values(_MASKS, _NOT_MASKS),
    "struct": Values(_STRUCTS, ("[{}]", '"{}"', "7", "false", '{"k": -9e999}', '{"k": "\\udfff"}', '{"k": undefined}')),
    "value": Values(
        ("null", "0", "-7e-2", '""', "false", *_STRUCTS, *_LISTS),
        ("-Infinity", "9e999", '"\\udfff"', "[-9e999]", "undefined"),
    ),
    "listvalue": Values(_LISTS, ('{"0": 1}', '"[]"', "7", "[Infinity]", "[9e999]", "true")),
    "any": Values(_ANYS, _NOT_ANYS),
    "empty": Values(("{}", "{ }"), ("[[]]", '"{}"', '{"value": {}}', "0", "false")),
    "nullvalue": Values(("null", '"NULL_VALUE"', "0", "0.0"), ('"Null"', '"NULL_VALUES"', "0.5", "[]", "{}")),
}  # fmt: skip

_INTEGER_KEYS = ("3", "42", "0", "100")
_NOT_INTEGER_KEYS = ("three", "3.25", "\\t3", "3 ", "0b1", "null", "false", "Infinity", "3e", "-+3", "٣", "3;")

_KEYS = {
    "string": Values(("prototype", "x.y", "Zażółć", "𝄞", "toString", "3", '\\"', "hasOwnProperty"), ("\\udc00x",)),
    "bool": Values(("false", "true"), ("FALSE", "t", "2", "no", "true ", "null")),
    "int32": Values(
        (*_INTEGER_KEYS, "-3", "2147483646", "-2147483647"),
        (*_NOT_INTEGER_KEYS, "2147483650", "-3000000000"),
    ),
    "uint32": Values((*_INTEGER_KEYS, "4294967294"), (*_NOT_INTEGER_KEYS, "-3", "5000000000")),
    "int64": Values(
        (*_INTEGER_KEYS, "-3", "9223372036854775806", "-9223372036854775807"),
        (*_NOT_INTEGER_KEYS, "9223372036854775810", "-10000000000000000000"),
    ),
    "uint64": Values(
        (*_INTEGER_KEYS, "18446744073709551614", "9223372036854775808"),
        (*_NOT_INTEGER_KEYS, "-3", "20000000000000000000"),
    ),
}  # fmt: skip

HOLDOUT = Pool(
    name="holdout",
    kinds=_KINDS,
    keys=_KEYS,
    enum_bad=('"UNKNOWN_NAME_X"', '"-"', '"3"', "3.25", "3000000000", "-3e9", '"\\u0000"', "9e999"),
    texts=TEXTS,
    any_wrong=("[[]]", '{"k": "v"}', "[7]", "true", '{"": null}', "[null]"),
)
