"""Schemas agree with protovalidate on documents that parse; what they cannot say is reported."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import TYPE_CHECKING

import protovalidate
import pytest
from google.protobuf import descriptor_pool, json_format, message_factory

from tests.support.compiler import compile_protos
from tests.targets.jsonschema.validators import accepts, documents_of, proto3

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

NUMBERS = ["0", "-1", "1", "2", "4", "5", "6", "9", "10", "11", "100", "-100", '"5"', '"05"', '"5.0"', '"1e1"', '"6"']
RATIOS = [
    "0",
    "0.1",
    "-0.1",
    "0.5",
    "0.50001",
    "1",
    "1.5",
    "-2",
    '"0.1"',
    '"1.50"',
    '"2"',
    '"NaN"',
    '"Infinity"',
    '"1e5"',
]
TEXTS = ['""', '"a"', '"ab"', '"abc"', '"ab.c"', '"é"', '"😀😀"', '"xabcx"', '"a|b"', '"foo"', '"prefix-1"']
DURATIONS = [
    '"0s"',
    '"1s"',
    '"-1s"',
    '"1.5s"',
    '"1.499999999s"',
    '"2s"',
    '"59.999s"',
    '"60s"',
    '"60.000000001s"',
    '"100s"',
]
INSTANTS = [
    '"1970-01-01T00:00:00Z"', '"2019-12-31T23:59:59.999999999Z"', '"2020-01-01T00:00:00Z"',
    '"2020-01-01T00:00:00.000000001Z"', '"2021-06-05T04:03:02Z"',
]  # fmt: skip
BLOBS = ['""', '"AA=="', '"AAE="', '"iVBORw=="', '"iVBORw"', '"AAAAAA=="', '"AAAAAAAAAAAAAAAAAAAAAA=="']

LIST_RULES = "min_items: 1 max_items: 2 unique: true items: {string: {min_len: 2}}"
MAP_RULES = "max_pairs: 1 keys: {int32: {gt: 0}} values: {string: {len: 1}}"

CASES = [
    *(
        (f"{label}int32 a = 1 [(buf.validate.field).int32 = {{{rules}}}]", NUMBERS)
        for label in ("", "optional ")
        for rules in (
            "gt: 5",
            "gte: 5 lt: 10",
            "gt: 10 lt: 5",
            "gte: 10 lte: 5",
            "in: [5, 10]",
            "not_in: [5, 0]",
            "const: 5",
        )
    ),
    ("uint64 a = 1 [(buf.validate.field).uint64.lte = 5]", [n for n in NUMBERS if "-" not in n]),
    ("sint64 a = 1 [(buf.validate.field).required = true]", NUMBERS),
    ("int32 a = 1 [(buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE, (buf.validate.field).int32.gt = 5]", NUMBERS),
    *(
        (f"{label}{kind} a = 1 [(buf.validate.field).{kind} = {{{rules}}}]", RATIOS)
        for label in ("", "optional ")
        for kind in ("double", "float")
        for rules in (
            "gt: 0.1",
            "gte: 0.1 lte: 1.5",
            "lt: 0",
            "gt: 1 lt: 0.1",
            "in: [0.1, 1.5]",
            "not_in: [1.5]",
            "finite: true",
            "const: 0.5",
        )
    ),
    *(
        (f"{label}string a = 1 [(buf.validate.field).string = {{{rules}}}]", TEXTS)
        for label in ("", "optional ")
        for rules in (
            "const: 'abc'",
            "len: 2",
            "min_len: 1 max_len: 2",
            "pattern: '^a.*c$'",
            "prefix: 'prefix-'",
            "suffix: '.c'",
            "contains: 'ab'",
            "not_contains: '|'",
            "in: ['a', 'foo']",
            "not_in: ['', 'foo']",
            "pattern: '(?i)FOO'",
        )
    ),
    ("string a = 1 [(buf.validate.field).required = true]", TEXTS),
    *(
        (f"bytes a = 1 [(buf.validate.field).bytes = {{{rules}}}]", BLOBS)
        for rules in (
            "len: 4",
            "min_len: 1 max_len: 2",
            "prefix: '\\x89P'",
            "const: '\\x00'",
            "in: ['', '\\x00\\x01']",
            "ipv6: true",
        )
    ),
    *(
        (f"E a = 1 [(buf.validate.field).enum = {{{rules}}}]", ["0", "1", "2", "3", '"ZERO"', '"ONE"', "null"])
        for rules in ("defined_only: true", "in: [1, 3]", "not_in: [0]", "const: 2")
    ),
    ("bool a = 1 [(buf.validate.field).bool.const = true]", ["true", "false", "null"]),
    *(
        (f"google.protobuf.Duration a = 1 [(buf.validate.field).duration = {{{rules}}}]", DURATIONS)
        for rules in (
            "gt: {seconds: 1 nanos: 500000000}",
            "lte: {seconds: 60}",
            "gt: {seconds: 60} lt: {}",
            "in: {seconds: 1}",
        )
    ),
    *(
        (f"google.protobuf.Timestamp a = 1 [(buf.validate.field).timestamp = {{{rules}}}]", INSTANTS)
        for rules in ("gt: {seconds: 1577836800}", "lte: {seconds: 1577836800}", "const: {seconds: 1577836800}")
    ),
    (
        f"repeated string a = 1 [(buf.validate.field).repeated = {{{LIST_RULES}}}]",
        ["[]", '["ab"]', '["ab", "ab"]', '["a"]', '["ab", "cd"]', '["ab", "cd", "ef"]', "null"],
    ),
    ("repeated double a = 1 [(buf.validate.field).repeated.unique = true]", ["[1, 2]", "[1, 1]", '["NaN", "NaN"]']),
    (
        f"map<int32, string> a = 1 [(buf.validate.field).map = {{{MAP_RULES}}}]",
        ["{}", '{"1": "a"}', '{"0": "a"}', '{"1": "ab"}', '{"1": "a", "2": "b"}'],
    ),
    (
        "google.protobuf.FieldMask a = 1 [(buf.validate.field).field_mask.in = 'foo_bar']",
        ['""', '"fooBar"', '"fooBar.x"', '"fooBarX"', '"fooBar,x"'],
    ),
    ("google.protobuf.Int32Value a = 1 [(buf.validate.field).int32.gt = 5]", NUMBERS),
    ("N a = 1 [(buf.validate.field).required = true]", ["null", '{"a": {}}']),
]


@cache
def _pool(text: str) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for file in compile_protos({"t.proto": text}).file:
        pool.Add(file)
    return pool


@cache
def _judge(text: str) -> protovalidate.Validator:  # noqa: ARG001 - one for each text: it remembers messages by name
    return protovalidate.Validator()


def _parsed(text: str, message: str, document: str) -> Message:
    kind = message_factory.GetMessageClass(_pool(text).FindMessageTypeByName(message))
    return json_format.Parse(document, kind())


def _is_valid(text: str, document: str, message: str = "t.M") -> bool:
    return not _judge(text).collect_violations(_parsed(text, message, document))


FIELDS = proto3(
    "".join(f"message M{number} {{ {field}; }}" for number, (field, _) in enumerate(CASES))
    + "message N { N a = 1; } enum E { ZERO = 0; ONE = 1; TWO = 2; }"
)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[field[:90] for field, _ in CASES])
def test_rules_of_a_field(number: int) -> None:
    message = f"t.M{number}"
    documents = ["{}", *(f'{{"a": {value}}}' for value in CASES[number][1])]
    canonical = [json_format.MessageToJson(_parsed(FIELDS, message, document)) for document in documents]
    for parameter, asked in (("", documents + canonical), ("mode=canonical,draft=2020-12", canonical)):
        is_accepted = accepts(FIELDS, parameter=parameter, message=message)
        verdicts = {document: is_accepted(document) for document in asked}
        assert verdicts == {document: _is_valid(FIELDS, document, message) for document in asked}


FORMATS = [
    "email", "hostname", "ip", "ipv4", "ipv6", "uri", "uri_ref", "address", "uuid", "tuuid", "ip_with_prefixlen",
    "ipv4_with_prefixlen", "ipv6_with_prefixlen", "host_and_port", "ulid", "protobuf_fqn", "protobuf_dot_fqn",
]  # fmt: skip
SEEDS = [
    "a@b.c", "foo.bar.com", "1.2.3.4", "::1", "1:2:3:4:5:6:7:8", "1::8", "fe80::1%eth0", "::ffff:1.2.3.4", "host:80",
    "[::1]:8080", "1.2.3.4/24", "2001:db8::/32", "http://u:p@example.com:80/a/b?c=d#e", "urn:x:y", "//h/p", "./a:b",
    "?q", "", "mailto:a@b", "http://[::1%25eth0]/", "a.1", "a.b.", "x" * 63 + ".com", "x" * 64 + ".com", "a%20b",
    "http://[v1.a]/", "1:2:3:4:5:6:1.2.3.4", "256.1.1.1", "01.2.3.4", "a-.b", "a:99999", "a:065", ("a" * 50 + ".") * 5,
    "123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ".a.B", "a.B_1",
]  # fmt: skip


def _variants() -> list[str]:
    chance = random.Random(7)
    texts = list(SEEDS)
    for seed in SEEDS:
        for _ in range(12):
            at = chance.randrange(len(seed) + 1)
            piece = chance.choice(
                ["a", "0", "1", "f", ":", "/", "%", "@", "[", "]", "?", "#", "-", "_", "~", " ", ".", ""]
            )
            texts.append(seed[:at] + piece + seed[at + (not piece) :])
    return list(dict.fromkeys(texts))


HEADERS = [(f"KNOWN_REGEX_HTTP_HEADER_{part}", strict) for part in ("NAME", "VALUE") for strict in ("true", "false")]
STRINGS = proto3(
    "".join(
        f"message {rule} {{ optional string a = 1 [(buf.validate.field).string.{rule} = true]; }}" for rule in FORMATS
    )
    + "".join(
        f"message {regex}_{strict} {{ optional string a = 1"
        f" [(buf.validate.field).string = {{well_known_regex: {regex} strict: {strict}}}]; }}"
        for regex, strict in HEADERS
    )
)


@pytest.mark.parametrize("rule", FORMATS)
def test_formats_are_protovalidates(rule: str) -> None:
    is_accepted = accepts(STRINGS, message=f"t.{rule}")
    documents = [json.dumps({"a": variant}) for variant in _variants()]
    assert {d: is_accepted(d) for d in documents} == {d: _is_valid(STRINGS, d, f"t.{rule}") for d in documents}


@pytest.mark.parametrize(("regex", "strict"), HEADERS)
def test_headers_are_protovalidates(regex: str, strict: str) -> None:
    message = f"t.{regex}_{strict}"
    is_accepted = accepts(STRINGS, message=message)
    documents = [json.dumps({"a": f"{head}{chr(code)}x"}) for code in (*range(256), 0x1F600) for head in ("", "a", ":")]
    documents.append('{"a": ""}')
    assert {d: is_accepted(d) for d in documents} == {d: _is_valid(STRINGS, d, message) for d in documents}


MESSAGE_RULES = [
    (
        "message M { oneof o { option (buf.validate.oneof).required = true; int32 a = 1; string b_c = 2; } }",
        ["{}", '{"a": 0}', '{"a": null}', '{"b_c": ""}', '{"bC": "x"}'],
    ),
    (
        'message M { option (buf.validate.message).oneof = {fields: ["a", "b"]}; string a = 1; optional int32 b = 2; }',
        ["{}", '{"a": ""}', '{"a": "x"}', '{"b": 0}', '{"a": "x", "b": 0}', '{"a": "", "b": 0}', '{"a": null}'],
    ),
    (
        """
        message M {
          option (buf.validate.message).oneof = {fields: ["a", "b"] required: true};
          string a = 1 [(buf.validate.field).string.min_len = 2];
          repeated int32 b = 2;
        }
        """,
        ["{}", '{"a": ""}', '{"a": "x"}', '{"a": "xx"}', '{"b": []}', '{"b": [1]}', '{"a": "xx", "b": [1]}'],
    ),
    (
        """
        message M { N n = 1 [(buf.validate.field).ignore = IGNORE_ALWAYS]; N m = 2; }
        message N { int32 x = 1 [(buf.validate.field).int32.gt = 5]; N n = 2; }
        """,
        ["{}", '{"n": {}}', '{"m": {}}', '{"n": {"n": {}}}', '{"m": {"x": 6}}'],
    ),
]


@pytest.mark.parametrize(("body", "documents"), MESSAGE_RULES)
def test_rules_of_a_message(body: str, documents: list[str]) -> None:
    text = proto3(body)
    is_accepted = accepts(text)
    assert {d: is_accepted(d) for d in documents} == {d: _is_valid(text, d) for d in documents}


NOT_CARRIED = [
    ('string a = 1 [(buf.validate.field).cel = {id: "x.y" expression: "this != \'\'" message: "m"}]', ["cel:x.y"]),
    ("string a = 1 [(buf.validate.field).string.max_bytes = 5]", ["string.max_bytes"]),
    ("bytes a = 1 [(buf.validate.field).bytes.suffix = 'x']", ["bytes.suffix"]),
    ("google.protobuf.Timestamp a = 1 [(buf.validate.field).timestamp.lt_now = true]", ["timestamp.lt_now"]),
    ("repeated int32 a = 1 [(buf.validate.field).repeated.unique = true]", ["repeated.unique"]),
    ("string a = 1 [(buf.validate.field).string.uri = true]", ["string.uri"]),
    ("string a = 1 [(buf.validate.field).string.min_len = 5]", []),
]  # fmt: skip


@pytest.mark.parametrize(("field", "rules"), NOT_CARRIED)
def test_what_cannot_be_said_is_reported(field: str, rules: list[str]) -> None:
    documents = documents_of(proto3(f"message M {{ {field}; }}"))
    report = documents.get("t.jsonschema-report.json", {"not_carried": []})
    assert [(entry["element"], entry["rule"]) for entry in report["not_carried"]] == [("t.M.a", rule) for rule in rules]


def _bounds_of_bytes(is_accepted: Callable[[str], bool]) -> list[bool]:
    return [is_accepted(json.dumps({"a": text})) for text in ("a" * 4, "a" * 5, "😀", "é" * 3)]


def test_byte_lengths_still_bound_the_characters() -> None:
    text = proto3("message M { optional string a = 1 [(buf.validate.field).string = {min_bytes: 2 max_bytes: 4}]; }")
    assert _bounds_of_bytes(accepts(text)) == [True, False, True, True]


def test_examples_become_examples() -> None:
    fields = """
      string a = 1 [(buf.validate.field).string = {example: 'x' example: 'y'}];
      sint64 b = 2 [(buf.validate.field).sint64.example = 5];
    """
    properties = documents_of(proto3(f"message M {{ {fields} }}"))["t.schema.json"]["definitions"]["t.M"]["properties"]
    assert properties["a"]["examples"] == ["x", "y"]
    assert properties["b"]["examples"] == ["5"]
