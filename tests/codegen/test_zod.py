"""Modules as text: names, order, what is refused and what is told."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from protogate.codegen.zod_modules import BARREL, RUNTIME, generate_zod
from protogate.findings import Severity

NODE = {
    "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}, "required": ["next"]}},
    "$ref": "#/$defs/Node",
}


def module(schema: object, name: str = "thing") -> str:
    """The module of a schema."""
    made = generate_zod({f"{name}.schema.json": schema})
    assert not [one for one in made.findings if one.severity is Severity.ERROR], made.findings
    return made.files[f"{name}.validator.ts"]


def expression(schema: object) -> str:
    """What stands behind `ThingSchema =`."""
    text = module(schema)
    return text.partition("export const ThingSchema = ")[2].partition(";\nexport type")[0]


EXPRESSIONS: dict[str, tuple[Any, str]] = {
    "text": ({"type": "string"}, "z.string()"),
    "text that is not empty": ({"type": "string", "minLength": 1}, "z.string().min(1)"),
    "lengths count characters": (
        {"type": "string", "minLength": 2, "maxLength": 5},
        "z.string().check($.length(2, 5))",
    ),
    "integer": ({"type": "integer"}, "z.number().check($.integer())"),
    "exclusive limits": (
        {"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 2.5},
        "z.number().gt(1).lt(2.5)",
    ),
    "inclusive limits": ({"type": "number", "minimum": 1, "maximum": 2}, "z.number().gte(1).lte(2)"),
    "enum of texts": ({"enum": ["a", "b"]}, 'z.enum(["a", "b"])'),
    "enum of numbers": ({"enum": [1, 2]}, "z.literal([1, 2])"),
    "mixed enum": ({"enum": ["a", 1, None, True]}, 'z.literal(["a", 1, null, true])'),
    "enum of a type": ({"type": "string", "enum": ["a", 1]}, 'z.literal("a")'),
    "enum of nothing": ({"type": "boolean", "enum": ["a"]}, "z.never()"),
    "enum with a list": ({"enum": [[1], "a"]}, '$.listed([1], "a")'),
    "one value of an enum twice": ({"enum": [1, 1.0, True]}, "z.literal([1, true])"),
    "const": ({"const": "x"}, 'z.literal("x")'),
    "const null": ({"const": None}, "z.null()"),
    "list of types": ({"type": ["string", "integer"]}, "z.union([z.string(), z.number().check($.integer())])"),
    "null among types": ({"type": ["string", "null"]}, "z.string().nullable()"),
    "nullable of OpenAPI": ({"type": "string", "nullable": True}, "z.string().nullable()"),
    "optional of pydantic": ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "z.boolean().nullable()"),
    "no type": ({"minLength": 2}, "$.where({ string: z.string().check($.length(2)) })"),
    "slash in a pattern": ({"type": "string", "pattern": "^a/b$"}, 'z.string().regex(new RegExp("^a/b$", "u"))'),
    "escape that u refuses": ({"type": "string", "pattern": "\\@"}, 'z.string().regex(new RegExp("@", "u"))'),
    "list": ({"type": "array", "items": {"type": "null"}, "minItems": 1}, "z.array(z.null()).min(1)"),
    "pair": (
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}], "minItems": 2, "maxItems": 2},
        "z.tuple([z.string(), z.null()])",
    ),
    "item that may be anything has to be there": (
        {"type": "array", "prefixItems": [True], "minItems": 1, "maxItems": 1},
        "$.all(z.tuple([z.unknown()]), z.array(z.unknown()).min(1).max(1))",
    ),
    "map": (
        {"type": "object", "additionalProperties": {"type": "number"}},
        "z.object({}).catchall(z.number())",
    ),
    "closed object": ({"type": "object", "additionalProperties": False}, "z.strictObject({})"),
    "true": (True, "z.unknown()"),
    "false": (False, "z.never()"),
    "exactly one": ({"oneOf": [{"type": "null"}, {"const": 1}]}, "$.exactlyOne(z.null(), z.literal(1))"),
    "all of": ({"allOf": [{"type": "string"}, {"const": "a"}]}, '$.all(z.string(), z.literal("a"))'),
    "not": ({"not": {"type": "null"}}, "$.not(z.null())"),
}


@pytest.mark.parametrize(("schema", "expected"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_schema_becomes_an_expression(schema: object, expected: str) -> None:
    assert expression(schema) == expected


def test_keys_are_quoted_where_they_must_be() -> None:
    text = expression({"type": "object", "properties": {"key-dash": True, "a": True, "__proto__": True}})
    assert '"key-dash": z.unknown().optional(),' in text
    assert "\n  a: z.unknown().optional()," in text
    assert '["__proto__"]: z.unknown().optional(),' in text


def test_root_that_is_a_reference_is_declared_once() -> None:
    text = module(NODE, "node")
    assert text.count("export const NodeSchema") == 1
    assert "export const NodeSchema: z.ZodType<Node> = z.lazy(() => z.looseObject({" in text
    assert "export type Node = {\n  next: Node;" in text


def test_document_of_definitions_alone_declares_no_root() -> None:
    text = module({"$defs": {"A": {"type": "string"}}})
    assert "ThingSchema" not in text
    assert "export const ASchema = z.string();" in text


NAMES = {
    "kebab": ("http-server-error", {"type": "null"}, "HttpServerError"),
    "title": ("http-server-error", {"type": "null", "title": "HTTPServerError"}, "HTTPServerError"),
    "title that is no name": ("a", {"type": "null", "title": "My title"}, "A"),
    "digit": ("2d", {"type": "null"}, "_2d"),
    "dots": ("acme.user.v1", {"type": "null"}, "AcmeUserV1"),
}


@pytest.mark.parametrize(("file", "schema", "expected"), NAMES.values(), ids=NAMES)
def test_root_has_a_name(file: str, schema: object, expected: str) -> None:
    assert f"export type {expected} = " in module(schema, file)


def test_names_that_would_clash_are_kept_apart() -> None:
    schema = {
        "$defs": {"Thing": {"type": "null"}, "thing": {"const": 1}, "ThingSchema": {"const": 2}},
        "type": "object",
    }
    text = module(schema)
    declared = [
        line.split()[2].rstrip(":") for line in text.splitlines() if line.startswith(("export const", "export type"))
    ]
    assert len(declared) == len(set(declared)) == 8


def test_barrel_exports_each_name_once_and_the_root_before_a_definition() -> None:
    address = {"title": "Address", "type": "object"}
    made = generate_zod(
        {
            "address.schema.json": address,
            "a-user.schema.json": {"title": "User", "$defs": {"Address": address}, "$ref": "#/$defs/Address"},
        }
    )
    lines = made.files[BARREL].splitlines()[1:]
    assert lines == [
        'export { UserSchema, type User } from "./a-user.validator.js";',
        'export { AddressSchema, type Address } from "./address.validator.js";',
    ]
    assert not made.findings


def test_one_name_for_two_schemas_is_told() -> None:
    made = generate_zod(
        {
            "a.schema.json": {"$defs": {"X": {"type": "null"}}},
            "b.schema.json": {"$defs": {"X": {"type": "string"}}},
        }
    )
    assert [one.rule for one in made.findings] == ["codegen/zod-same-name"]
    assert "b.validator" not in made.files[BARREL]


def test_type_that_is_named_as_a_constant_is_told() -> None:
    made = generate_zod(
        {
            "a.schema.json": {"title": "User", "type": "null"},
            "b.schema.json": {"title": "UserSchema", "type": "string"},
        }
    )
    assert [one.rule for one in made.findings] == ["codegen/zod-same-name"]
    assert made.files[BARREL].splitlines()[1:] == ['export { UserSchema, type User } from "./a.validator.js";']


FINDINGS: dict[str, tuple[Any, str]] = {
    "unknown format": ({"type": "string", "format": "postcode"}, "zod-format"),
    "unknown keyword": ({"minLenght": 3}, "zod-unknown-keyword"),
    "keyword of a later draft": (
        {"$schema": "http://json-schema.org/draft-07/schema#", "prefixItems": [True]},
        "zod-unknown-keyword",
    ),
    "beside a reference": (
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": {"a": {}},
            "$ref": "#/definitions/a",
            "minLength": 1,
        },
        "zod-beside-ref",
    ),
    "default of another type": (
        {"properties": {"a": {"type": "string", "default": None}}, "type": "object"},
        "zod-default",
    ),
    "format of numbers": ({"type": "integer", "format": "int64"}, "zod-format"),
    "nullable without a type": ({"nullable": True, "minLength": 1}, "zod-unknown-keyword"),
    "id of another": ({"$defs": {"a": {"$id": "x"}, "b": {"$id": "x"}}, "type": "null"}, "zod-same-id"),
    "anchor of another": ({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}, "zod-same-id"),
    "number beyond JavaScript": ({"maximum": 2**64 - 1}, "zod-precision"),
    "pattern of Python": ({"pattern": "(?P<a>x)"}, "zod-pattern"),
    "pattern that is none": ({"patternProperties": {"[": True}}, "zod-pattern"),
    "reference to nothing": ({"$ref": "#/$defs/x"}, "zod-unresolved"),
    "reference to no file": ({"$ref": "other.schema.json"}, "zod-unresolved"),
    "reference to itself": ({"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}}, "zod-endless"),
    "root that is itself": ({"$ref": "#"}, "zod-endless"),
    "dynamic reference": ({"$dynamicRef": "#a"}, "zod-unsupported"),
    "old draft": ({"$schema": "http://json-schema.org/draft-04/schema#"}, "zod-dialect"),
    "limit that is a text": ({"type": "number", "minimum": "1"}, "zod-wrong-shape"),
    "exclusive limit of draft-04": ({"type": "number", "exclusiveMinimum": True}, "zod-wrong-shape"),
    "negative length": ({"minLength": -1}, "zod-wrong-shape"),
    "unknown type": ({"type": "text"}, "zod-wrong-shape"),
    "no schema": ({"items": 1}, "zod-wrong-shape"),
    "document that is a list": ([], "zod-wrong-shape"),
    "empty choice": ({"anyOf": []}, "zod-wrong-shape"),
    "infinite limit": ({"maximum": float("inf")}, "zod-wrong-shape"),
    "limit beyond all numbers": ({"maximum": 10**400}, "zod-wrong-shape"),
    "items of an old draft": ({"items": [True]}, "zod-wrong-shape"),
    "names that are none": ({"required": "a"}, "zod-wrong-shape"),
    "properties that are none": ({"properties": [1]}, "zod-wrong-shape"),
    "step of nothing": ({"multipleOf": 0}, "zod-wrong-shape"),
}


@pytest.mark.parametrize(("schema", "rule"), FINDINGS.values(), ids=FINDINGS)
def test_what_cannot_be_carried_is_told(schema: object, rule: str) -> None:
    made = generate_zod({"thing.schema.json": schema})
    assert {one.rule for one in made.findings} == {f"codegen/{rule}"}
    finding = made.findings[0]
    assert finding.message.startswith("#")
    if finding.severity is Severity.WARNING:
        assert finding.message in made.files["thing.validator.ts"]


def test_hostile_texts_stay_inside_of_comments_and_literals() -> None:
    evil = '*/ alert(1); /* \u2028 \n // "`${x}` \ud800 \0code7\0'
    text = module(
        {
            "type": "object",
            "description": evil,
            "properties": {evil: {"const": evil, "description": evil}},
            evil: 1,
        }
    )
    code = [line for line in text.splitlines() if not line.lstrip().startswith(("//", "*", "/*"))]
    assert not [line for line in code if "alert" in line and json.dumps(evil) not in line]
    blocks = [line for line in text.splitlines() if line.lstrip().startswith(("*", "/*"))]
    assert len(blocks) == 6
    assert not [line for line in blocks if "*/ alert" in line]
    assert text.encode()


def test_hostile_names_of_files_and_definitions_stay_inside_of_literals() -> None:
    evil = 'a"; alert(1); "\0code0\0\1\2\n'
    made = generate_zod(
        {
            f"{evil}.schema.json": {"$defs": {evil: {"type": "null"}}, "$ref": "#/$defs/" + quote(evil, safe="")},
            "user.schema.json": {"$ref": quote(evil) + ".schema.json"},
        }
    )
    assert not made.findings
    code = "".join(made.files.values())
    assert "\0" not in code
    assert [line for line in code.splitlines() if "alert(1)" in line and json.dumps(evil)[1:-3] not in line] == [
        '// source: a"; alert(1); "\\u0000code0\\u0000\\u0001\\u0002\\u000a.schema.json'
    ]


def test_deep_nesting_is_one_finding() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5000):
        schema = {"items": schema}
    made = generate_zod({"deep.schema.json": schema})
    assert [one.rule for one in made.findings] == ["codegen/zod-too-deep"]


def test_same_documents_make_the_same_bytes_in_any_order() -> None:
    documents: dict[str, Any] = {
        "b.schema.json": {"$ref": "a.schema.json"},
        "a.schema.json": {"type": "object", "properties": {"b": {"$ref": "b.schema.json"}}},
        "node.schema.json": NODE,
    }
    assert generate_zod(documents) == generate_zod(dict(reversed(documents.items())))


def test_runtime_comes_only_with_modules_that_use_it() -> None:
    assert RUNTIME not in generate_zod({"a.schema.json": {"const": "$.x"}}).files
    assert RUNTIME in generate_zod({"a.schema.json": {"type": "integer"}}).files
