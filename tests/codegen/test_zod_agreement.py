"""Generated validators decide as two implementations of JSON Schema do, wherever those two agree."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.codegen.zod_project import Question, ask, judge_says, zod_project
from tests.codegen.zod_schemas import FORMATS, documents_for, random_schema
from tests.codegen.zod_tricky import DOCUMENTS, TRICKY

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.node


def differences(folder: Path, schemas: dict[str, Any], documents: dict[str, list[str]]) -> tuple[list[str], int, int]:
    """What validators decide otherwise, and how many documents both judges accept and refuse."""
    questions = [
        Question(path, f"{path.partition('.')[0].capitalize()}Schema", text)
        for path in schemas
        for text in documents[path]
    ]
    answers = ask(zod_project(folder, schemas, is_checked=False), questions, judged=schemas)
    judges = {path: judge_says(schema) for path, schema in schemas.items()}
    wrong, accepted, refused = [], 0, 0
    for question, answer in zip(questions, answers, strict=True):
        said = judges[question.path].is_valid(json.loads(question.text))
        if answer.ajv is not said:
            continue
        accepted, refused = accepted + said, refused + (not said)
        keeps_all = not said or json.loads(answer.value or "null") == json.loads(question.text)
        if answer.accepted is not said or not keeps_all:
            schema = json.dumps(schemas[question.path])
            wrong.append(f"{schema}\n{question.text}\njudges: {said}, zod: {answer.value or answer.issues}")
    return wrong, accepted, refused


def random_schemas(seed: str, count: int) -> tuple[dict[str, Any], dict[str, list[str]]]:
    schemas, documents = {}, {}
    for index in range(count):
        rng = random.Random(f"{seed}{index}")
        schema = random_schema(rng, draft="draft-07" if index % 3 == 0 else "2020-12")
        schemas[f"s{index}.schema.json"] = schema
        documents[f"s{index}.schema.json"] = documents_for(schema, rng, 20)
    return schemas, documents


def format_schemas() -> tuple[dict[str, Any], dict[str, list[str]]]:
    texts = [json.dumps(text) for listed in FORMATS.values() for text in listed]
    schemas = {f"f{index}.schema.json": {"type": "string", "format": name} for index, name in enumerate(FORMATS)}
    return schemas, dict.fromkeys(schemas, texts)


def schemas_of_what_may_be_absent() -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Parts that must be there, though their schemas say little or nothing of a kind of value."""
    schemas: dict[str, Any] = {}
    for index, one in enumerate(LENIENT):
        root = {"$defs": {"R": {"properties": {"r": {"$ref": "#/$defs/R"}}}}}
        part = {"properties": {"a": one, "o": one}, "required": ["a", "m"]}
        schemas[f"a{index}.schema.json"] = {**root, "type": "object", **part}
        schemas[f"b{index}.schema.json"] = {**root, "type": "object", **part, "patternProperties": {"^q": True}}
        schemas[f"c{index}.schema.json"] = {**root, "type": "array", "prefixItems": [one, one], "minItems": 2}
    return schemas, dict.fromkeys(schemas, PARTS)


def schemas_of_what_nothing_looked_at() -> tuple[dict[str, Any], dict[str, list[str]]]:
    schemas: dict[str, Any] = {}
    for index, (one, other) in enumerate(product(APPLIED, LOOKED_AT)):
        for name, keyword in (("p", "unevaluatedProperties"), ("i", "unevaluatedItems")):
            schemas[f"{name}{index}.schema.json"] = {"$defs": {"L": other}, **one, keyword: False}
    return schemas, dict.fromkeys(schemas, PARTS)


LOOKED: dict[str, Any] = {"$ref": "#/$defs/L"}
APPLIED: list[Any] = [
    LOOKED, {"allOf": [LOOKED]}, {"anyOf": [LOOKED, {"minProperties": 2, "properties": {"q": True}}]},
    {"if": {"required": ["m"]}, "then": LOOKED}, {"if": LOOKED, "else": {"prefixItems": [{"const": "ab"}]}},
    {"dependentSchemas": {"a": LOOKED}}, {"oneOf": [LOOKED, {"const": []}]}, {"not": {"not": LOOKED}},
]  # fmt: skip
LOOKED_AT: list[Any] = [
    {"properties": {"a": True, "m": {"type": "number"}}}, {"patternProperties": {"^[am]": True}},
    {"additionalProperties": True}, {"prefixItems": [True]}, {"items": {"type": "number"}},
    {"contains": {"const": 1}, "prefixItems": [{"const": "ab"}]},
    {"unevaluatedProperties": True, "unevaluatedItems": True},
]  # fmt: skip
LENIENT: list[Any] = [
    True, {}, {"anyOf": [{}, {"type": "string"}]}, {"anyOf": [{}, {"type": "null"}]}, {"minLength": 2},
    {"not": {"type": "string"}}, {"allOf": [{"minLength": 2}, {"minimum": 1}]},
    {"oneOf": [{"minLength": 2}, {"const": 1}]},
    {"if": {"const": 1}, "then": {"minimum": 0}}, {"minProperties": 1}, {"enum": [{"a": 1}]}, {"$ref": "#/$defs/R"},
    {"required": ["constructor"]}, {"contains": True}, {"const": 1},
]  # fmt: skip
PARTS = [
    "{}", '{"a": 1}', '{"m": 1}', '{"a": 1, "m": 1}', '{"a": "ab", "m": null, "o": 1}',
    '{"a": {"r": {"r": 1}}, "m": 1}',
    '{"constructor": 1, "a": {"constructor": 1}, "m": 1}', '{"a": [1], "m": {}, "q": 1}',
    "[]", "[1]", "[1, 1]", '["ab", "ab"]', '["ab", {"a": 1}, 3]',
]  # fmt: skip


def test_validators_decide_as_json_schema_does(tmp_path: Path) -> None:
    parts = [random_schemas("everyday ", 90), format_schemas(), schemas_of_what_may_be_absent()]
    parts.append(schemas_of_what_nothing_looked_at())
    tricky = {f"t{index}.schema.json": schema for index, schema in enumerate(TRICKY.values())}
    parts.append((tricky, dict.fromkeys(tricky, DOCUMENTS)))
    schemas = {path: schema for one, _ in parts for path, schema in one.items()}
    documents = {path: texts for _, one in parts for path, texts in one.items()}
    wrong, accepted, refused = differences(tmp_path, schemas, documents)
    assert not wrong, "\n\n".join(wrong[:5])
    assert accepted > 300
    assert refused > 1400


def test_validators_of_all_kinds_of_schemas_have_types(tmp_path: Path) -> None:
    zod_project(tmp_path, random_schemas("types ", 40)[0])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_validators_decide_as_json_schema_does_for_many_more(tmp_path: Path, seed: int) -> None:
    wrong, _, _ = differences(tmp_path, *random_schemas(f"{seed} ", 600))
    assert not wrong, "\n\n".join(wrong[:5])
