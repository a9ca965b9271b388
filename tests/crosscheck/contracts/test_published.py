"""The published schemas and the validator agree on what a contract is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogate.crosscheck.contracts.published import schema_text
from protogate.crosscheck.contracts.validate import validate
from protogate.findings import Severity
from tests.crosscheck.contracts.mutants import RICH, WORDS, containers, mutants
from tests.crosscheck.contracts.samples import document

if TYPE_CHECKING:
    from protogate.crosscheck.contracts.validate import Word

SCHEMAS = {word: json.loads(schema_text(word)) for word in WORDS}
VALIDATORS = {word: jsonschema_rs.Draft202012Validator(schema) for word, schema in SCHEMAS.items()}
SHAPE_RULES = {"contract/not-an-object", "contract/missing-key", "contract/wrong-kind", "contract/wrong-shape"}


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
