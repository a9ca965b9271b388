from __future__ import annotations

from typing import Any

import pytest

from protogate.crosscheck.contracts.model import Command, Event, Query
from protogate.crosscheck.contracts.validate import validate
from protogate.errors import InternalError
from protogate.findings import Severity, render_finding
from tests.crosscheck.contracts.samples import COMMAND, EVENT, QUERY, SAMPLES, contract, document, findings


def without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name != key}


def node(**keys: object) -> dict[str, Any]:
    return {**COMMAND, "output": {"x": keys}}


def test_a_command_is_read() -> None:
    made = contract(COMMAND)
    assert isinstance(made, Command)
    assert (made.name, made.kind, made.version, made.module) == (
        "CreateDevice",
        "CQRS_COMMAND",
        "1.0.0",
        "service-data",
    )
    assert made.description == "Register a device"
    assert made.blocks == {"input": COMMAND["input"], "output": COMMAND["output"]}
    assert (made.transport, made.layers) == (COMMAND["transport"], COMMAND["layers"])
    assert (made.storage, made.events) == (COMMAND["storage"], COMMAND["events"])


def test_a_query_is_read() -> None:
    made = contract(QUERY, "x.query.json")
    assert isinstance(made, Query)
    assert made.blocks == {"input": {}, "output": QUERY["output"]}
    assert (made.name, made.layers, made.storage) == ("GetServiceIdHealth", QUERY["layers"], {})


def test_an_event_is_read() -> None:
    made = contract(EVENT, "x.event.json")
    assert isinstance(made, Event)
    assert made.blocks == {"payload": EVENT["payload"]}
    assert (made.name, made.producers, made.consumers) == ("DeviceCreated", EVENT["producers"], EVENT["consumers"])
    assert (made.layers, made.transport) == ({}, EVENT["transport"])


@pytest.mark.parametrize("word", SAMPLES)
def test_the_samples_leave_nothing_to_be_said(word: str) -> None:
    assert findings(SAMPLES[word], f"x.{word}.json") == []


@pytest.mark.parametrize(
    ("word", "key"),
    [
        *[(word, key) for word in ("command", "query") for key in ("kind", "version", "input", "output")],
        *[(word, key) for word in ("command", "query") for key in ("transport", "layers", word)],
        *[("event", key) for key in ("event", "kind", "version", "payload", "producers")],
    ],
)
def test_a_required_key_that_is_missing_is_found(word: str, key: str) -> None:
    assert findings(without(SAMPLES[word], key), f"x.{word}.json") == ["1:1 contract/missing-key"]


@pytest.mark.parametrize(
    ("word", "key"),
    [
        *[(word, key) for word in SAMPLES for key in ("module", "description", "storage", "transport")],
        ("command", "events"),
        ("event", "consumers"),
    ],
)
def test_other_keys_may_be_missing(word: str, key: str) -> None:
    found = findings(without(SAMPLES[word], key), f"x.{word}.json")
    assert found == (["1:1 contract/missing-key"] if key == "transport" and word != "event" else [])


@pytest.mark.parametrize("word", SAMPLES)
def test_all_that_is_missing_is_found_at_once(word: str) -> None:
    wanted = 5 if word == "event" else 7
    assert findings({}, f"x.{word}.json") == ["1:1 contract/missing-key"] * wanted


def test_a_contract_in_a_file_of_another_kind_is_told_so() -> None:
    _, (missing, *_) = validate(document(QUERY, "x.command.json"))
    assert "ends with .query.json" in missing.hint


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        pytest.param({**COMMAND, "kind": "CQRS_QUERY"}, "x.command.json", "3:10 contract/wrong-kind", id="of another"),
        pytest.param({**QUERY, "kind": "query"}, "x.query.json", "3:10 contract/wrong-kind", id="unknown"),
        pytest.param({**EVENT, "kind": 5}, "x.event.json", "3:10 contract/wrong-kind", id="number"),
        pytest.param({**EVENT, "kind": ["DOMAIN_EVENT"]}, "x.event.json", "3:10 contract/wrong-kind", id="list"),
        pytest.param({**EVENT, "kind": None}, "x.event.json", "3:10 contract/wrong-kind", id="null"),
    ],
)
def test_a_wrong_kind_is_found(value: object, path: str, expected: str) -> None:
    assert findings(value, path) == [expected]


def test_events_have_two_kinds() -> None:
    assert findings({**EVENT, "kind": "INTEGRATION_EVENT"}, "x.event.json") == []


@pytest.mark.parametrize("value", [[1], [], "text", 5, None, True], ids=repr)
def test_what_is_no_object_is_no_contract(value: object) -> None:
    assert findings(value) == ["1:1 contract/not-an-object"]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        pytest.param({**COMMAND, "command": 5}, 2, id="name is a number"),
        pytest.param({**COMMAND, "command": ""}, 2, id="name is empty"),
        pytest.param({**COMMAND, "version": 1.0}, 4, id="version is a number"),
        pytest.param({**COMMAND, "module": None}, 5, id="module is null"),
        pytest.param({**COMMAND, "description": ["a"]}, 6, id="description is a list"),
        pytest.param({**COMMAND, "input": [1]}, 7, id="input is a list"),
        pytest.param({**COMMAND, "input": "x"}, 7, id="input is a string"),
        pytest.param({**COMMAND, "input": {"x": "string"}}, 8, id="field is a string"),
        pytest.param({**COMMAND, "input": {"x": True}}, 8, id="field is a boolean"),
        pytest.param({**COMMAND, "input": {"type": "object"}}, 8, id="block is written like a schema"),
    ],
)
def test_a_wrong_shape_is_found_at_its_line(value: object, line: int) -> None:
    (found,) = findings(value)
    assert found.startswith(f"{line}:")
    assert found.endswith(" contract/wrong-shape")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({**COMMAND, "transport": "http"}, id="transport is a string"),
        pytest.param({**COMMAND, "transport": {"http": "POST /x"}}, id="http is a string"),
        pytest.param({**COMMAND, "transport": {"http": {"method": 1}}}, id="method is a number"),
        pytest.param({**COMMAND, "transport": {"http": {"endpoint": None}}}, id="endpoint is null"),
        pytest.param({**COMMAND, "transport": {"ws": {"channel": []}}}, id="channel is a list"),
        pytest.param({**COMMAND, "transport": {"sse": "/events"}}, id="any transport is a string"),
        pytest.param({**COMMAND, "layers": ["a.py"]}, id="layers is a list"),
        pytest.param({**COMMAND, "layers": {"python": {"path": "a.py"}}}, id="layer is an object"),
        pytest.param({**COMMAND, "layers": {"python": ""}}, id="layer is empty"),
        pytest.param({**COMMAND, "storage": "devices"}, id="storage is a string"),
        pytest.param({**COMMAND, "events": ["DeviceCreated"]}, id="events is a list"),
        pytest.param({**COMMAND, "events": {"success": 1}}, id="an event is a number"),
        pytest.param({**COMMAND, "events": {"success": ["A", ""]}}, id="an event of several is empty"),
        pytest.param({**COMMAND, "$defs": []}, id="$defs is a list"),
        pytest.param({**COMMAND, "definitions": {"A": "x"}}, id="definition is a string"),
        pytest.param(node(type=5), id="type is a number"),
        pytest.param(node(type=[]), id="type is empty"),
        pytest.param(node(type=["string", None]), id="type has null"),
        pytest.param(node(required="true"), id="required is a string"),
        pytest.param(node(required=1), id="required is a number"),
        pytest.param(node(required=["a", 1]), id="required has a number"),
        pytest.param(node(enum="ok"), id="enum is a string"),
        pytest.param(node(enum={"ok": 1}), id="enum is an object"),
        pytest.param(node(enum=[]), id="enum is empty"),
        pytest.param(node(enum=["a", ["b"]]), id="enum has a list"),
        pytest.param(node(const={}), id="const is an object"),
        pytest.param(node(properties=["a"]), id="properties is a list"),
        pytest.param(node(properties={"a": "string"}), id="property is a string"),
        pytest.param(node(properties={"a": {"properties": {"b": 1}}}), id="inner property is a number"),
        pytest.param(node(items="string"), id="items is a string"),
        pytest.param(node(items=[{}]), id="items is a list"),
        pytest.param(node(items={"enum": 1}), id="enum of items is a number"),
        pytest.param(node(prefixItems={}), id="prefixItems is an object"),
        pytest.param(node(prefixItems=[]), id="prefixItems is empty"),
        pytest.param(node(additionalProperties="string"), id="additionalProperties is a string"),
        pytest.param(node(propertyNames=[]), id="propertyNames is a list"),
        pytest.param(node(oneOf={}), id="oneOf is an object"),
        pytest.param(node(anyOf=[]), id="anyOf is empty"),
        pytest.param(node(allOf=[{}, 1]), id="allOf has a number"),
        pytest.param(node(nullable="yes"), id="nullable is a string"),
        pytest.param(node(description=1), id="description of a field is a number"),
        pytest.param(node(format=1), id="format is a number"),
        pytest.param(node(minimum="1"), id="minimum is a string"),
        pytest.param(node(maximum=True), id="maximum is a boolean"),
        pytest.param({**node(), "output": {"x": {"$ref": 1}}}, id="$ref is a number"),
    ],
)
def test_each_wrong_shape_is_one_finding(value: object) -> None:
    (found,) = findings(value)
    assert found.endswith(" contract/wrong-shape")


@pytest.mark.parametrize("key", ["producers", "consumers", "payload"])
@pytest.mark.parametrize("value", ["x", 5, None], ids=repr)
def test_parts_of_an_event_have_their_shape(key: str, value: object) -> None:
    (found,) = findings({**EVENT, key: value}, "x.event.json")
    assert found.endswith(" contract/wrong-shape")


@pytest.mark.parametrize("consumers", [[], ["a", "b"], {"reports": "service-reports"}], ids=repr)
def test_consumers_are_listed_or_named(consumers: object) -> None:
    assert findings({**EVENT, "consumers": consumers}, "x.event.json") == []


def test_everything_that_is_wrong_is_found_at_once_by_place() -> None:
    wrong = {**COMMAND, "kind": "X", "version": 1, "input": {"a": 1, "b": {"enum": [[]]}}, "transport": {"ws": "x"}}
    assert findings(without(wrong, "layers")) == [
        "1:1 contract/missing-key",
        "3:10 contract/wrong-kind",
        "4:13 contract/wrong-shape",
        "8:8 contract/wrong-shape",
        "11:5 contract/wrong-shape",
        "28:9 contract/wrong-shape",
    ]


def test_a_contract_with_errors_is_none() -> None:
    assert validate(document({**COMMAND, "version": 1}))[0] is None


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("layer", "'layers' is probably meant"),
        ("Output", "'output' is probably meant"),
        ("zzz", "known are command, input, output, events, kind"),
    ],
)
def test_an_unknown_key_is_a_warning_at_the_key_with_the_nearest_name(key: str, hint: str) -> None:
    made, (found,) = validate(document({key: {}, **COMMAND}))
    assert made is not None
    assert (found.rule, found.severity, found.place[1:]) == ("contract/unknown-key", Severity.WARNING, (2, 2))
    assert found.hint.startswith(hint)


@pytest.mark.parametrize("key", ["x-owner", "$schema", "$comment", "$defs", "definitions"])
def test_keys_for_others_are_no_concern(key: str) -> None:
    assert findings({**COMMAND, key: {}}) == []


def test_an_event_has_other_keys_than_a_command() -> None:
    assert findings({**EVENT, "output": {}}, "x.event.json")[0].endswith(" contract/unknown-key")
    assert findings({**QUERY, "events": {}}, "x.query.json")[0].endswith(" contract/unknown-key")


def test_nodes_may_say_more_than_is_read() -> None:
    more = {"type": "string", "default": 1, "examples": [], "pattern": "^a", "x-y": 1, "title": 1, "deprecated": True}
    assert findings({**COMMAND, "input": {"a": more}}) == []


@pytest.mark.parametrize(
    "keys",
    [
        {"type": ["string", "null"]},
        {"type": "object", "required": ["a"], "properties": {"a": {"required": True}}},
        {"items": False, "prefixItems": [{}]},
        {"additionalProperties": {"type": "string"}},
        {"enum": ["a", 1, 1.5, True, None]},
        {"const": None},
        {"oneOf": [{"const": "a"}], "anyOf": [{}], "allOf": [{}]},
        {"$ref": "#/$defs/A"},
    ],
    ids=str,
)
def test_nodes_are_written_as_in_json_schema(keys: dict[str, Any]) -> None:
    assert findings(node(**keys)) == []


@pytest.mark.parametrize(
    ("enum", "lines"),
    [
        (["a", "b", "a"], [26]),
        ([1, 1.0, True, "1", 0, False], [25]),
        ([None, None], [25]),
        (["a", "a", "a"], [25, 26]),
        ([0, False, "", None], []),
    ],
    ids=repr,
)
def test_a_value_that_is_listed_twice_is_a_warning(enum: list[object], lines: list[int]) -> None:
    made, found = validate(document(node(enum=enum)))
    assert made is not None
    assert [one.rule for one in found] == ["contract/duplicate-value"] * len(lines)
    assert [one.place.line - found[0].place.line for one in found] == [line - lines[0] for line in lines]
    assert all(one.severity is Severity.WARNING for one in found)


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ({"type": "string", "enum": ["a", 1, None]}, 2),
        ({"type": "integer", "enum": ["1", "2"]}, 2),
        ({"type": "integer", "enum": [1, 2.0, 2.5, True]}, 2),
        ({"type": "number", "enum": [1, 2.5]}, 0),
        ({"type": "boolean", "enum": [True, 0]}, 1),
        ({"type": ["string", "null"], "enum": ["a", None, 1]}, 1),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, 0),
        ({"type": "string", "const": 1}, 1),
        ({"type": "array", "enum": ["a"]}, 1),
        ({"enum": ["a", 1]}, 0),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_a_warning(keys: dict[str, Any], count: int) -> None:
    made, found = validate(document(node(**keys)))
    assert made is not None
    assert [one.rule for one in found] == ["contract/enum-type"] * count


@pytest.mark.parametrize("kind", ["strin", "date", ["string", "nul"]], ids=str)
def test_an_unknown_type_is_a_warning(kind: object) -> None:
    made, found = validate(document(node(type=kind, enum=["a"])))
    assert made is not None
    assert [one.rule for one in found] == ["contract/unknown-type"]


def test_findings_are_readable() -> None:
    _, found = validate(document({**COMMAND, "kind": "X", "input": {"mode": None}}))
    kind, shape = map(render_finding, found)
    assert (
        kind == "x.command.json:3:10: 'kind' of a command is CQRS_COMMAND, not the string \"X\" (contract/wrong-kind)"
    )
    assert shape.startswith("x.command.json:8:11: 'input.mode' is null; an object is expected; describe the field")
    assert found[1].path == "input.mode"


def test_long_values_are_cut_in_messages() -> None:
    _, found = validate(document({**COMMAND, "input": "x" * 10_000, "k" * 10_000: 1}))
    assert all(len(one.message) < 200 for one in found if one.rule == "contract/wrong-shape")


def test_only_files_of_contracts_are_validated() -> None:
    with pytest.raises(InternalError, match="other"):
        validate(document({}, "other.json"))
