from __future__ import annotations

import sys
import time
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.crosscheck.contracts.facts import block_shape
from protogate.crosscheck.contracts.positions import Positions, locate
from protogate.crosscheck.shapes import Choice, Items, Record, Shape
from tests.crosscheck.contracts.samples import COMMAND, EVENT, QUERY, contract
from tests.crosscheck.contracts.shape_text import has, text


def shape_of(node: object, **definitions: object) -> Shape:
    value = {**COMMAND, "output": {"x": node}, "$defs": definitions}
    (field,) = block_shape(contract(value), "output").fields
    return field.shape


def test_a_block_is_a_record_of_its_fields() -> None:
    record = block_shape(contract(COMMAND), "input")
    assert record.name == "input"
    assert text(record) == '{serial!: string, mode!: "auto"|"manual"}'


def test_each_kind_of_contract_has_its_blocks() -> None:
    query = contract(QUERY, "x.query.json")
    assert text(block_shape(query, "input")) == "{}"
    assert text(block_shape(query, "output")) == '{status: "ok"|"degraded", checks: {database: "ok"|"error"}}'
    assert text(block_shape(contract(EVENT, "x.event.json"), "payload")) == '{id: string, origin: "ui"|"api"}'
    with pytest.raises(KeyError):
        block_shape(query, "payload")


def test_places_are_pointers_until_somebody_asks() -> None:
    made = contract(COMMAND)
    mode = block_shape(made, "input").fields[1]
    assert isinstance(mode.shape, Choice)
    assert str(mode.shape.members[1].place) == "x.command.json#/input/mode/enum/1"
    positions = {"x.command.json": Positions(made.document.text)}
    assert [str(locate(place, positions)) for place in (mode.place, mode.shape.place, mode.shape.members[1].place)] == [
        "x.command.json:13:11",
        "x.command.json:16:12",
        "x.command.json:18:5",
    ]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({}, "any"),
        ({"description": "d", "required": True}, "any"),
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "uuid"}, "string:uuid"),
        ({"type": "integer", "format": "int64", "minimum": 1}, "integer"),
        ({"type": "null"}, "null"),
        ({"type": ["string", "null"]}, "(string or null)"),
        ({"type": ["integer", "number"]}, "number"),
        ({"type": "string", "nullable": True}, "(string or null)"),
        ({"type": "uuid"}, "? 'uuid' is no type of JSON"),
        ({"enum": ["a", 1, True, None]}, '"a"|1|true|null'),
        ({"enum": ["a", "b", "a"]}, '"a"|"b"'),
        ({"enum": [1, 1.0, True]}, "1|true"),
        ({"type": "integer", "enum": ["1"]}, '"1"'),
        ({"type": "string", "nullable": True, "enum": ["a"]}, '(null or "a")'),
        ({"const": "a"}, '"a"'),
        ({"const": None}, "null"),
        ({"const": "a", "enum": ["a", "b"]}, '"a"'),
        ({"type": "object"}, "<string: any>"),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "{a: string}"),
        ({"properties": {"a": {"enum": ["x"]}}}, '{a: "x"}'),
        ({"properties": {"a": {}, "b": {"required": True}}, "required": ["a"]}, "{a!: any, b!: any}"),
        ({"properties": {"a": {}}, "required": ["a", "z"]}, "{a!: any, z!: any}"),
        ({"properties": {"a": {"required": False}}, "required": True}, "{a: any}"),
        ({"properties": {"a": {}}, "additionalProperties": False}, "{a: any only}"),
        ({"properties": {"a": {}}, "additionalProperties": True}, "{a: any ...}"),
        ({"properties": {"a": {}}, "additionalProperties": {"enum": [1]}}, "({a: any ...} or <string: 1>)"),
        ({"additionalProperties": {"type": "integer"}}, "<string: integer>"),
        ({"type": "object", "propertyNames": {"enum": ["a"]}}, '<"a": any>'),
        ({"type": "object", "additionalProperties": False}, "<string: nothing>"),
        ({"type": "array"}, "[any*]"),
        ({"items": {"enum": ["a"]}}, '["a"*]'),
        ({"type": "array", "items": {"properties": {"a": {"const": 1}}}}, "[{a: 1}*]"),
        ({"prefixItems": [{"const": 1}, {"const": 2}], "items": False}, "[1, 2, nothing*]"),
        ({"type": ["object", "null"], "properties": {"a": {}}}, "(null or {a: any})"),
        ({"oneOf": [{"const": "a"}, {"enum": ["b", "a"]}]}, '"a"|"b"'),
        ({"anyOf": [{"const": "a"}, {"type": "null"}]}, '(null or "a")'),
        ({"anyOf": [{"const": "a"}, {"type": "string"}]}, "string"),
        ({"anyOf": [{"const": "a"}, {"type": "string", "format": "date"}]}, '(string:date or "a")'),
        ({"anyOf": [{"const": "a"}, {}]}, "any"),
        ({"anyOf": [{"items": {"const": 1}}, {"anyOf": [{"type": "null"}, {"const": 1}]}]}, "(null or 1 or [1*])"),
        ({"type": "string", "anyOf": [{"enum": ["a", 1]}, {"enum": ["b"]}]}, '"a"|"b"'),
        ({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}, '"b"'),
        ({"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]}, "nothing"),
        ({"allOf": [{"description": "d"}, {"type": "number"}, {"type": "integer"}]}, "integer"),
        ({"allOf": [{"type": "string"}, {"type": "string", "format": "date"}]}, "string:date"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "nothing"),
        (
            {"allOf": [{"properties": {"a": {"enum": [1, 2]}}}, {"properties": {"a": {"const": 2}, "b": {}}}]},
            "{a: 2, b: any}",
        ),
        ({"properties": {"a": {}}, "allOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}]}, "{a!: 1}"),
        ({"type": "string", "not": {"const": "a"}}, "string but not"),
        ({"properties": {"a": {"const": 1}}, "if": {}, "then": {}}, "{a: 1} but if"),
        ({"allOf": [{"type": "string", "not": {}}, {"const": "a"}]}, '"a" but not'),
        ({"allOf": [{"type": "uuid"}, {"const": "a"}]}, "\"a\" but 'uuid' is no type of JSON"),
    ],
    ids=str,
)
def test_a_node_is_a_shape(node: dict[str, Any], expected: str) -> None:
    assert text(shape_of(node)) == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("#/$defs/A", '"a"|"b"'),
        ("#/$defs/a~1b%20c", "integer"),
        ("#/$defs/L/prefixItems/1", "2"),
        ("#/output", "{x: ...}"),
        ("#/input/mode", '"auto"|"manual"'),
        ("#/$defs/L/prefixItems/01", "? '#/$defs/L/prefixItems/01' leads to nothing that describes a value"),
        ("#/$defs/none", "? '#/$defs/none' leads to nothing that describes a value"),
        ("#/version", "? '#/version' leads to nothing that describes a value"),
        ("#", "? '#' leads to nothing that describes a value"),
        ("#/storage", "? '#/storage' leads to nothing that describes a value"),
        ("#/input/mode/required", "? '#/input/mode/required' leads to nothing that describes a value"),
        ("other.json#/A", "? 'other.json#/A' leads out of the file"),
        ("#anchor", "? '#anchor' leads out of the file"),
        ("#/$defs/Self", "? '#/$defs/Self' refers to itself without an object between"),
    ],
)
def test_a_reference_is_what_it_leads_to(reference: str, expected: str) -> None:
    definitions = {
        "A": {"enum": ["a", "b"]},
        "a/b c": {"type": "integer"},
        "L": {"prefixItems": [{"const": 1}, {"const": 2}]},
        "Self": {"$ref": "#/$defs/Self"},
    }
    assert text(shape_of({"$ref": reference}, **definitions)) == expected


def test_a_node_that_holds_itself_is_one_record() -> None:
    tree = {"properties": {"left": {"$ref": "#/$defs/Tree"}, "leaf": {"const": 1}}}
    shape = shape_of({"$ref": "#/$defs/Tree"}, Tree=tree)
    assert isinstance(shape, Record)
    assert shape.fields[0].shape is shape
    assert text(shape) == "{left: ..., leaf: 1}"


def test_intersections_of_nodes_that_hold_themselves_come_to_an_end() -> None:
    one = {"properties": {"next": {"$ref": "#/$defs/One"}, "a": {"enum": [1, 2]}}}
    two = {"properties": {"next": {"$ref": "#/$defs/Two"}, "a": {"enum": [2, 3]}}}
    shape = shape_of({"allOf": [{"$ref": "#/$defs/One"}, {"$ref": "#/$defs/Two"}]}, One=one, Two=two)
    assert text(shape) == "{next: ..., a: 2}"


def test_a_reference_that_contradicts_another_says_so() -> None:
    node = {"$ref": "#/$defs/A", "enum": ["b", "c"]}
    assert text(shape_of(node, A={"enum": ["a", "b"]})) == '"b"'


def test_a_chain_of_references_has_an_end() -> None:
    count = 5 * sys.getrecursionlimit()
    chain: dict[str, object] = {f"D{one}": {"items": {"$ref": f"#/$defs/D{one + 1}"}} for one in range(count)}
    assert "more than 100 times" in text(shape_of({"$ref": "#/$defs/D0"}, **chain))


def test_references_that_are_read_before_make_no_chain_either() -> None:
    count = 5 * sys.getrecursionlimit()
    chain: dict[str, object] = {f"D{one}": {"items": {"$ref": f"#/$defs/D{one - 1}"}} for one in range(1, count)}
    output = {f"f{one}": {"$ref": f"#/$defs/D{one}"} for one in range(1, count)}
    value = {**COMMAND, "output": output, "$defs": {**chain, "D0": {"const": 1}}}
    shapes = [field.shape for field in block_shape(contract(value), "output").fields]
    assert text(shapes[0]) == "[1*]"
    depth = 0
    shape = shapes[-1]
    while isinstance(shape, Items):
        shape, depth = shape.items, depth + 1
    assert depth <= 100


@pytest.mark.parametrize("key", ["anyOf", "allOf", "prefixItems"])
def test_definitions_that_double_each_other_cost_nothing(key: str) -> None:
    definitions: dict[str, object] = {
        f"D{one}": {key: [{"$ref": f"#/$defs/D{one + 1}"}, {"$ref": f"#/$defs/D{one + 1}"}]} for one in range(60)
    }
    started = time.process_time()
    shape_of({"$ref": "#/$defs/D0"}, D60={"enum": ["a", "b"]}, **definitions)
    assert time.process_time() - started < 1


def test_unions_that_multiply_each_other_are_not_worked_out() -> None:
    many: dict[str, object] = {"anyOf": [{"properties": {f"p{one}": {}}} for one in range(40)]}
    assert "more than 1,000 branches" in text(shape_of({"allOf": [many, many, many]}))


def test_many_records_at_once_are_one() -> None:
    parts = [{"properties": {f"p{one}": {"const": one}}} for one in range(2_000)]
    shape = shape_of({"allOf": parts})
    assert isinstance(shape, Record)
    assert [field.name for field in shape.fields] == [f"p{one}" for one in range(2_000)]


# What JSON Schema says, asked of another implementation: every document that a schema takes is in the shape of it.
listed = st.sampled_from([None, True, False, 0, 1, 1.5, "", "a", "b"])
names = st.sampled_from(["a", "b", "c"])
documents: st.SearchStrategy[Any] = st.recursive(
    listed, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)
leaves: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.sampled_from(["string", "integer", "number", "boolean", "null"]).map(lambda kind: {"type": kind}),
    st.lists(
        st.sampled_from(["string", "integer", "null", "object", "array"]), min_size=1, max_size=3, unique=True
    ).map(lambda kinds: {"type": kinds}),
    st.lists(listed, min_size=1, max_size=4).map(lambda values: {"enum": values}),
    listed.map(lambda value: {"const": value}),
    st.sampled_from(["A", "B"]).map(lambda name: {"$ref": f"#/$defs/{name}"}),
)


def larger(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    branches = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=3)},
            optional={"required": st.lists(names, max_size=2, unique=True), "additionalProperties": st.booleans()},
        ),
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner | st.just(False)},  # noqa: FBT003 - no more items
            optional={"prefixItems": branches},
        ),
        branches.map(lambda nodes: {"anyOf": nodes}),
        branches.map(lambda nodes: {"allOf": nodes}),
        st.tuples(inner, branches).map(lambda pair: {**pair[0], "anyOf": pair[1]}),
    )


@settings(max_examples=150)
@given(st.recursive(leaves, larger, max_leaves=6), st.lists(documents, min_size=5, max_size=12))
def test_a_shape_has_the_values_that_the_schema_takes(node: dict[str, Any], values: list[Any]) -> None:
    definitions = {"A": {"enum": ["a", 1]}, "B": {"type": "object", "properties": {"a": {"$ref": "#/$defs/B"}}}}
    validator = jsonschema_rs.Draft202012Validator({**node, "$defs": definitions})
    shape = shape_of(node, **definitions)
    for value in values:
        assert has(shape, value) == validator.is_valid(value), value
