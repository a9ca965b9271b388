"""Schemas that refer, and others that are easily misread, with documents for all of them."""

from __future__ import annotations

from typing import Any

__all__ = ["DOCUMENTS", "TRICKY"]

TRICKY: dict[str, Any] = {
    "escaped pointers": {
        "properties": {
            "a": {"$ref": "#/$defs/per%25cent"},
            "b": {"$ref": "#/$defs/sl~1ash"},
            "c": {"$ref": "#/$defs/ti~0lde"},
            "d": {"$ref": "#/$defs/sp%20ace"},
        },
        "$defs": {
            "per%cent": {"type": "integer"},
            "sl/ash": {"type": "string"},
            "ti~lde": {"type": "null"},
            "sp ace": {"type": "boolean"},
        },
    },
    "ids in ids": {
        "$id": "https://example.com/root",
        "$ref": "#/$defs/a",
        "$defs": {
            "a": {"$id": "sub/", "properties": {"x": {"$ref": "item"}}},
            "b": {"$id": "https://example.com/sub/item", "type": "integer"},
        },
    },
    "anchor": {"$ref": "#foo", "$defs": {"a": {"$anchor": "foo", "type": "integer"}}},
    "anchor of draft-07": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "allOf": [{"$ref": "#foo"}],
        "definitions": {"a": {"$id": "#foo", "type": "integer"}},
    },
    "root": {"properties": {"a": {"$ref": "#"}}, "additionalProperties": False},
    "urn": {
        "$id": "urn:example:root",
        "properties": {"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "urn:example:other"}},
        "$defs": {"x": {"type": "string"}, "y": {"$id": "urn:example:other", "type": "integer"}},
    },
    "property named $ref": {"properties": {"$ref": {"type": "string"}, "a": {"$ref": "#/properties/$ref"}}},
    "empty names": {"$defs": {"": {"$defs": {"": {"type": "number"}}}}, "allOf": [{"$ref": "#/$defs//$defs/"}]},
    "beside a reference": {
        "$ref": "#/$defs/a",
        "properties": {"x": {"type": "integer"}},
        "$defs": {"a": {"properties": {"x": {"minimum": 2}}}},
    },
    "circle with unevaluated properties": {
        "$defs": {
            "A": {"allOf": [{"$ref": "#/$defs/B"}], "properties": {"n": {"$ref": "#/$defs/A"}}},
            "B": {"type": "object", "properties": {"b": {"$ref": "#/$defs/A"}}, "required": ["id"]},
        },
        "$ref": "#/$defs/A",
        "unevaluatedProperties": False,
    },
    "circle of two kinds": {"type": ["object", "array"], "additionalProperties": {"$ref": "#"}, "items": {"$ref": "#"}},
    "circle of choices": {
        "oneOf": [
            {"type": "integer"},
            {"type": "object", "additionalProperties": {"$ref": "#"}},
            {"type": "array", "prefixItems": [{"$ref": "#"}], "minItems": 1},
        ]
    },
    "values that are no scalars": {"enum": [{"a": [1, {"b": None}]}, [True], "x", 0]},
    "names of properties": {"propertyNames": {"enum": ["a", "b"]}, "minProperties": 1},
    "object as a constant": {"const": {"b": 1, "a": 2}},
    "properties and patterns at once": {
        "type": "object",
        "patternProperties": {"^a": {"type": "integer"}, "b$": {"minimum": 5}},
        "properties": {"ab": {"maximum": 9}},
        "additionalProperties": {"type": "string"},
    },
}
DOCUMENTS = [
    "1",
    '"x"',
    "null",
    "true",
    "{}",
    "[]",
    '{"a":1}',
    '{"a":"s"}',
    '{"b":"s"}',
    '{"b":1}',
    '{"c":null}',
    '{"c":1}',
    '{"d":true}',
    '{"d":1}',
    '{"x":1}',
    '{"x":"s"}',
    '{"x":3}',
    '{"a":{"a":{}}}',
    '{"a":{"b":1}}',
    '{"$ref":"a"}',
    '{"$ref":1}',
    "1.5",
    '[1,"a"]',
    "[1,1]",
    '["a",1]',
    '["a",1,2]',
    '["a",1,"b"]',
    '{"id":1,"b":{"id":2}}',
    '{"id":1}',
    '{"id":1,"n":{"id":1}}',
    '{"n":{}, "id":1}',
    '[[],{"q":[]}]',
    '[[],{"q":1}]',
    '{"a":[1,{"b":null}]}',
    "[true]",
    "[1]",
    "0",
    "-0",
    '{"b":1,"a":2}',
    '{"a":2,"b":1}',
    '{"ab":7}',
    '{"ab":10}',
    '{"ab":4}',
    '{"ab":7.5}',
    '{"q":"s"}',
    '{"q":1}',
    '{"xb":6}',
    '{"xb":"s"}',
    '{"a":11}',
    '{"a":5}',
    "[[1]]",
    '[["x"]]',
    '{"z":{"z":[1]}}',
]
