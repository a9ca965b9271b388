"""Generated models against what they themselves say and do at run time."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import protogate.models as runtime
from protogate.crosscheck.python.protogate_models import json_name
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import AnyOf, Choice, Items, Mapping, Primitive, Record, Shape
from protogate.findings import Finding
from protogate.models.layout import json_name as runtime_json_name
from tests.support.pydantic_schemas import runtime_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.shapes import Direction

GENERATED = Path(__file__).parents[3] / "generated" / "pydantic"
MODULES = sorted(GENERATED.glob("**/*_models.py"))
NULL = Primitive("null")


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return Workspace(str(GENERATED))


@pytest.fixture(scope="module", autouse=True)
def _importable() -> Iterator[None]:
    sys.path.insert(0, str(GENERATED))
    yield
    sys.path.remove(str(GENERATED))


def _messages(path: Path) -> list[type[runtime.Message]]:
    name = ".".join(path.relative_to(GENERATED).with_suffix("").parts)
    module = importlib.import_module(name)
    return [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, runtime.Message) and one.__module__ == name
    ]


def _shape(workspace: Workspace, path: Path, name: str, direction: Direction) -> Record:
    found = workspace.symbol(str(path), name)
    assert not isinstance(found, Finding)
    shape = workspace.shape_of(found, direction)
    assert isinstance(shape, Record)
    return shape


def _kinds(shape: Shape) -> set[str]:
    """The types of JSON that a shape allows, null left aside."""
    match shape:
        case AnyOf(members):
            return {kind for one in members for kind in _kinds(one)}
        case Primitive(kind):
            return set() if kind == "null" else {kind}
        case Choice(members):
            return {"string" if isinstance(one.value, str) else "integer" for one in members}
        case Items():
            return {"array"}
        case Record() | Mapping():
            return {"object"}
        case _:
            return {"any"}


def _kinds_of_schema(schema: dict[str, Any], definitions: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _kinds_of_schema(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    kinds = {schema["type"]} if "type" in schema else {"any"}
    for key in ("anyOf", "oneOf"):
        if key in schema:
            kinds = {kind for one in schema[key] for kind in _kinds_of_schema(one, definitions)}
    for one in schema.get("allOf", ()):
        inner = _kinds_of_schema(one, definitions)
        kinds = inner if kinds == {"any"} else kinds if "any" in inner else kinds & inner
    return kinds - {"null"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
@pytest.mark.parametrize("direction", ["input", "output"])
def test_a_message_has_the_keys_and_types_of_its_schema(workspace: Workspace, path: Path, direction: Direction) -> None:
    for message in _messages(path):
        shape = _shape(workspace, path, message.__name__, direction)
        schema = runtime_schema(message, direction)
        schema = schema["$defs"][schema["$ref"].removeprefix("#/$defs/")] | schema if "$ref" in schema else schema
        properties = schema.get("properties", {})

        assert shape.extra == "forbid"
        assert [field.name for field in shape.fields] == list(properties)
        for field in shape.fields:
            wanted = _kinds_of_schema(properties[field.name], schema.get("$defs", {}))
            # A rule may leave fewer values than the schema says, such as the numbers of an open enum.
            assert _kinds(field.shape) <= wanted, field
            assert _kinds(field.shape), field


def test_null_is_accepted_where_a_field_may_be_absent_and_never_written(workspace: Workspace) -> None:
    path = GENERATED / "user/v2/user_models.py"
    accepted = _shape(workspace, path, "CreateUserRequest", "input")
    written = _shape(workspace, path, "CreateUserRequest", "output")

    for field in accepted.fields:
        assert (isinstance(field.shape, AnyOf) and NULL in field.shape.members) is not field.required
    assert not any(isinstance(one.shape, AnyOf) and NULL in one.shape.members for one in written.fields)


def test_a_rule_that_lists_values_is_a_choice(workspace: Workspace) -> None:
    path = GENERATED / "user/v1/user_models.py"
    shape = _shape(workspace, path, "DualCreateUserResponse", "output")
    status = next(one for one in shape.fields if one.name == "status").shape

    assert isinstance(status, Choice)
    assert [one.value for one in status.members] == ["success"]
    assert status.place.file.endswith("user_models.py")


def test_enums_are_written_by_the_names_of_the_contract(workspace: Workspace) -> None:
    path = GENERATED / "identification/v1/identification_models.py"
    shape = _shape(workspace, path, "Subject", "output")
    kind = next(one for one in shape.fields if one.name == "kind").shape

    assert isinstance(kind, Choice)
    values = [one.value for one in kind.members]
    assert values == ["SUBJECT_KIND_USER", "SUBJECT_KIND_DEVICE", "SUBJECT_KIND_LOCATION"]


@pytest.mark.parametrize("name", ["a", "first_name", "a__b", "_a", "x_1_y", "Already", "a_B"])
def test_keys_are_made_as_the_runtime_makes_them(name: str) -> None:
    assert json_name(name) == runtime_json_name(name)
