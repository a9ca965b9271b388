"""The published schemas and the validator agree on what a contract is."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.crosscheck.contracts.published import schema_text
from protogate.crosscheck.contracts.validate import SUFFIXES, validate
from protogate.findings import Severity
from tests.crosscheck.contracts.samples import COMMAND, EVENT, QUERY, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.contracts.validate import Word

WORDS: list[Word] = list(SUFFIXES.values())
SCHEMAS = {word: json.loads(schema_text(word)) for word in WORDS}
VALIDATORS = {word: jsonschema_rs.Draft202012Validator(schema) for word, schema in SCHEMAS.items()}
SHAPE_RULES = {"contract/not-an-object", "contract/missing-key", "contract/wrong-kind", "contract/wrong-shape"}

EVERY_KEY = {
    "type": "object",
    "description": "d",
    "required": ["a"],
    "enum": ["a", 1],
    "const": "a",
    "nullable": False,
    "format": "uuid",
    "properties": {"a": {"type": "string"}},
    "additionalProperties": {"type": ["string", "null"]},
    "propertyNames": {"enum": ["a"]},
    "items": {"type": "integer", "minimum": 1, "maximum": 2.5},
    "prefixItems": [{}],
    "oneOf": [{"const": 1}],
    "anyOf": [{"required": True}],
    "allOf": [{"$ref": "#/$defs/A"}],
}
RICH: dict[Word, dict[str, Any]] = {
    "command": {**COMMAND, "input": {"x": EVERY_KEY}, "$defs": {"A": {}}, "events": {"success": ["A", "B"]}},
    "query": {**QUERY, "output": {"x": EVERY_KEY}, "definitions": {"A": {"type": "string"}}, "x-mine": 1},
    "event": {**EVENT, "payload": {"x": EVERY_KEY}, "consumers": {"a": "b"}, "layers": {"python": "a.py"}},
}

# As text, so that no two places of a mutant share a value.
simple: st.SearchStrategy[Any] = st.sampled_from(
    ["null", "true", "false", "0", "1", "-1.5", '""', '"a"', '"string"', "[]", "{}", '"CQRS_QUERY"', '"DOMAIN_EVENT"']
).map(json.loads)
names = st.sampled_from([*EVERY_KEY, *COMMAND, "payload", "producers", "consumers", "http", "method", "x-a", "$ref"])
values: st.SearchStrategy[Any] = st.recursive(
    simple, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)


def containers(value: object) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for part in list(value.values()) if isinstance(value, dict) else value:
            yield from containers(part)


@st.composite
def mutants(draw: st.DrawFn, word: Word) -> Any:  # noqa: ANN401 - any JSON
    """Contracts in which up to three values were replaced, removed or added."""
    mutant = copy.deepcopy(draw(st.sampled_from([RICH[word], {**RICH[word], word: "X"}])))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(list(containers(mutant))))
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace" if keys:
                place[draw(st.sampled_from(keys))] = draw(values)
            case "remove" if keys:
                del place[draw(st.sampled_from(keys))]
            case _ if isinstance(place, dict):
                place[draw(names)] = draw(values)
            case _:
                place.append(draw(values))
    return mutant


def is_contract(value: object, word: Word) -> bool:
    """Tell what the validator says, and that it says it by the rules for shapes only."""
    made, found = validate(document(value, f"x.{word}.json"))
    errors = {one.rule for one in found if one.severity is Severity.ERROR}
    assert errors <= SHAPE_RULES
    assert (made is None) == bool(errors)
    return not errors


@pytest.mark.parametrize("word", WORDS)
@settings(max_examples=300)
@given(data=st.data())
def test_both_take_the_same_contracts(word: Word, data: st.DataObject) -> None:
    mutant = data.draw(mutants(word))
    assert VALIDATORS[word].is_valid(mutant) == is_contract(mutant, word), mutant


@pytest.mark.parametrize("word", WORDS)
def test_both_take_every_key_that_is_read(word: Word) -> None:
    assert VALIDATORS[word].is_valid(RICH[word])
    assert is_contract(RICH[word], word)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("value", [None, [], "x", 1, {}], ids=repr)
def test_both_refuse_what_is_nothing_like_a_contract(word: Word, value: object) -> None:
    assert not VALIDATORS[word].is_valid(value)
    assert not is_contract(value, word)


@pytest.mark.parametrize("word", WORDS)
def test_the_schema_is_one_of_2020_12_with_a_name_of_its_own(word: Word) -> None:
    assert jsonschema_rs.meta.is_valid(SCHEMAS[word])
    assert SCHEMAS[word]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMAS[word]["$id"] == f"urn:protogate:contract:{word}"


@pytest.mark.parametrize("word", WORDS)
def test_the_schema_stands_alone_and_has_nothing_to_spare(word: Word) -> None:
    schema = SCHEMAS[word]
    wanted = {
        part["$ref"] for part in containers(schema) if isinstance(part, dict) and isinstance(part.get("$ref"), str)
    }
    assert wanted == {f"#/$defs/{name}" for name in schema["$defs"]}


def test_the_schemas_say_the_same_of_nodes() -> None:
    assert SCHEMAS["command"]["$defs"] == SCHEMAS["query"]["$defs"] == SCHEMAS["event"]["$defs"]


@pytest.mark.parametrize("word", WORDS)
def test_the_schema_describes_every_key(word: Word) -> None:
    schema = SCHEMAS[word]
    parts = [schema, schema["$defs"]["node"], *(schema["$defs"]["transport"]["properties"].values())]
    for name, part in [pair for one in parts for pair in one["properties"].items()]:
        target = schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        assert part.get("description") or target.get("description"), name
    assert all("description" in part for part in schema["$defs"].values())


@pytest.mark.parametrize("word", WORDS)
def test_the_schema_names_the_keys_that_the_validator_knows(word: Word) -> None:
    _, found = validate(document({"zzz": 1, **RICH[word]}, f"x.{word}.json"))
    (hint,) = [one.hint for one in found if one.rule == "contract/unknown-key"]
    assert set(hint.removeprefix("known are ").split(", ")) == set(SCHEMAS[word]["properties"])
