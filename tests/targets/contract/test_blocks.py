"""Messages inside of messages: where they stand, and what they cost."""

from __future__ import annotations

import json

from protoc_gen_protogate.targets.contract.messages import Messages, Part
from protogate.descriptors import Schema
from tests.support.compiler import compile_protos
from tests.targets.contract.outputs import contracts_of, service

CHAIN = 200


def schema_of(body: str) -> Schema:
    files = {"t.proto": f'syntax = "proto3"; package t; {body}'}
    return Schema(compile_protos(files).file, files)


def test_a_message_stands_where_it_is_held_once() -> None:
    schema = schema_of("message A { B b = 1; } message B { string x = 1; }")
    block = Messages(schema).block([Part(schema.messages["t.A"])], "output")
    assert block.fields == {"b": {"type": "object", "properties": {"x": {"type": "string"}}}}
    assert block.definitions == {}


def test_one_that_is_held_twice_is_defined_once() -> None:
    schema = schema_of("message A { B b = 1; repeated B c = 2; map<string, B> d = 3; } message B { string x = 1; }")
    block = Messages(schema).block([Part(schema.messages["t.A"])], "output")
    reference = {"$ref": "#/$defs/t.B"}
    assert block.fields == {
        "b": reference,
        "c": {"type": "array", "items": reference},
        "d": {"type": "object", "additionalProperties": reference},
    }
    assert block.definitions == {"t.B": {"type": "object", "properties": {"x": {"type": "string"}}}}


def test_what_holds_itself_is_defined_once() -> None:
    schema = schema_of("message A { B b = 1; } message B { A a = 1; }")
    block = Messages(schema).block([Part(schema.messages["t.A"])], "output")
    reference = {"$ref": "#/$defs/t.B"}
    assert block.fields == {"b": reference}
    whole = {"type": "object", "properties": {"b": reference}}
    assert block.definitions == {"t.B": {"type": "object", "properties": {"a": whole}}}


def test_long_chains_end_in_definitions() -> None:
    links = " ".join(f"message M{i} {{ M{i + 1} next = 1; }}" for i in range(CHAIN))
    found = contracts_of(service(f"service S {{ rpc Do(M0) returns (M{CHAIN}); }} {links} message M{CHAIN} {{}}"))
    contract = found["acme/user/v1/Do.command.json"]
    assert depth(contract) < 40
    assert len(contract["$defs"]) == CHAIN // 13


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)


def test_contracts_do_not_grow_with_the_ways_to_a_message() -> None:
    links = " ".join(f"message M{i} {{ M{i + 1} one = 1; M{i + 1} two = 2; }}" for i in range(CHAIN))
    found = contracts_of(service(f"service S {{ rpc Do(M0) returns (M{CHAIN}); }} {links} message M{CHAIN} {{}}"))
    assert len(json.dumps(found)) < 200 * CHAIN


def test_definitions_of_callers_and_of_the_server_are_apart_where_they_differ() -> None:
    behavior = 'import "google/api/field_behavior.proto";'
    shared = "message In { Part a = 1; Part b = 2; Same c = 3; Same d = 4; } message Same { string x = 1; }"
    part = "message Part { string id = 1 [(google.api.field_behavior) = OUTPUT_ONLY]; string x = 2; }"
    text = service(f"{behavior} service S {{ rpc Do(In) returns (In); }} {shared} {part}")
    contract = contracts_of(text)["acme/user/v1/Do.command.json"]
    assert contract["input"]["a"] == {"$ref": "#/$defs/acme.user.v1.Part-input"}
    assert {name: list(one["properties"]) for name, one in contract["$defs"].items()} == {
        "acme.user.v1.Part-input": ["x"],
        "acme.user.v1.Same-input": ["x"],
        "acme.user.v1.Part-output": ["id", "x"],
        "acme.user.v1.Same-output": ["x"],
    }


def test_of_fields_of_which_one_may_be_set_none_is_asked_for() -> None:
    rule = "[(buf.validate.field).string.min_len = 3]"
    for group, asks in (("", True), ('option (buf.validate.message).oneof = {fields: ["a", "b"]};', False)):
        message = f"message In {{ {group} string a = 1 {rule}; string b = 2; }}"
        found = contracts_of(service(f"service S {{ rpc Do(In) returns (In); }} {message}"))
        node = found["acme/user/v1/Do.command.json"]["input"]["a"]
        assert ("required" in node, "minLength" in node) == (asks, asks)
