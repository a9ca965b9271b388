"""What compiled validators make of documents: defaults, references between files, models of pydantic."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import AnyUrl, Base64Bytes, BaseModel, Field, IPvAnyAddress, RootModel, TypeAdapter

from protogate.codegen.json_schema import Model, files_of, kebab_case
from tests.codegen.zod_project import Answer, Question, ask, judge_says, zod_project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.node

GOLDEN = Path(__file__).parents[1] / "golden" / "jsonschema"
CONTRACTS = Path(__file__).parents[2] / "protogate" / "crosscheck" / "contracts" / "schemas"

# Files that refer to each other, one of them in a circle, and to a definition of another.
TEAM: dict[str, Any] = {
    "team/person.schema.json": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "team": {"$ref": "../team/team.schema.json"}},
        "required": ["name"],
        "additionalProperties": False,
    },
    "team/team.schema.json": {
        "$id": "https://example.com/schemas/team",
        "type": "object",
        "properties": {"members": {"type": "array", "items": {"$ref": "person.schema.json"}}, "at": {"$ref": "#place"}},
        "$defs": {
            "place": {"$anchor": "place", "type": "string"},
            "loose": {"$ref": "../uses.schema.json#/$defs/number"},
        },
    },
    "uses.schema.json": {
        "$defs": {"number": {"type": "integer"}},
        "type": "object",
        "properties": {
            "by id": {"$ref": "https://example.com/schemas/team"},
            "part": {"$ref": "#/properties/list/items"},
            "list": {"type": "array", "items": {"const": "x"}},
        },
    },
}
TEAM_CASES = {
    "circle": ("team/person.schema.json", {"name": "a", "team": {"members": [{"name": "b", "team": {}}]}}, True),
    "circle, wrong inside": ("team/person.schema.json", {"name": "a", "team": {"members": [{"team": {}}]}}, False),
    "anchor": ("team/team.schema.json", {"at": 1}, False),
    "by id": ("uses.schema.json", {"by id": {"at": "x"}}, True),
    "by id, wrong": ("uses.schema.json", {"by id": {"at": 1}}, False),
    "place in the same file": ("uses.schema.json", {"part": "x"}, True),
    "place in the same file, wrong": ("uses.schema.json", {"part": "y"}, False),
}

DEFAULTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "default": "x"},
        "there": {"type": "string", "default": "x"},
        "wrong": {"type": "string", "default": 1},
        "list": {"type": "array", "items": {"enum": ["a", "b"]}, "default": ["a"]},
        "inner": {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}},
        "either": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}], "default": None},
        "count": {"type": "object", "minProperties": 1, "properties": {"a": {"type": "null", "default": None}}},
    },
    "patternProperties": {"^x-": {"type": "object", "properties": {"d": {"default": 5}}}},
    "allOf": [{"type": "object", "properties": {"inner": {"properties": {"m": {"type": "string", "default": "m"}}}}}],
    "required": ["there"],
    "$defs": {"Part": {"type": "object"}},
}
ODD: dict[str, Any] = {
    "type": "object",
    "properties": {"__proto__": {"type": "string"}, "constructor": {"type": "integer"}, "toString": {"const": 1}},
    "required": ["__proto__"],
    "additionalProperties": False,
}
NUMBERS: dict[str, Any] = {"type": "object", "properties": {"tenth": {"multipleOf": 0.1}, "whole": {"type": "integer"}}}
EXTRA_SCHEMAS: dict[str, Any] = {
    "defaults.schema.json": DEFAULTS,
    "odd.schema.json": ODD,
    "exact.schema.json": NUMBERS,
}
# As they are written: binary fractions would say something else of the first two.
EXACT = {
    "three tenths": ('{"tenth": 0.3}', True),
    "a large number": ('{"tenth": 1e300}', True),
    "three and a half tenths": ('{"tenth": 0.35}', False),
    "a tiny part": ('{"tenth": 0.30000001}', False),
    "beyond the safe integers": ('{"whole": 1e300}', True),
    "a fraction of zero": ('{"whole": 5.0}', True),
    "half": ('{"whole": 0.5}', False),
}


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    street: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[\w\s/.-]+$")]
    zip_code: str = Field(alias="zip-code")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: Annotated[int, Field(gt=0, le=9)]


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    tricks: frozenset[str] = frozenset()


class Tree(BaseModel):
    value: int
    children: list[Tree] = []
    parent: Tree | None = None


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    size: tuple[int, int] = (0, 0)


class Everything(BaseModel):
    model_config = {"extra": "forbid"}

    id: uuid.UUID
    at: dt.datetime
    day: dt.date
    clock: dt.time
    took: dt.timedelta
    price: decimal.Decimal
    share: Annotated[float, Field(ge=0, lt=1, multiple_of=0.25)]
    color: Color
    level: Level
    mixed: Literal["a", 1, True] | None
    address: Address
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    tags: Annotated[set[str], Field(min_length=1)]
    counts: dict[str, int]
    by_level: dict[Level, str] = {}
    url: AnyUrl
    ip: IPvAnyAddress
    raw: bytes
    encoded: Base64Bytes
    pages: Page[Address] | None = None
    pair: tuple[str, int] = ("a", 1)
    many: tuple[int, ...] = ()
    anything: Any = None


class Numbers(RootModel[list[int]]):
    pass


class Closed(BaseModel):
    model_config = {"extra": "allow"}
    __pydantic_extra__: dict[str, int]

    name: str


EVERYTHING = Everything(
    id=uuid.UUID(int=5),
    at=dt.datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=dt.UTC),
    day=dt.date(2024, 2, 29),
    clock=dt.time(12, 30),
    took=dt.timedelta(days=1, seconds=1.5),
    price=decimal.Decimal("12.50"),
    share=0.5,
    color=Color.RED,
    level=Level.HIGH,
    mixed=None,
    address=Address.model_validate({"street": "A/b 1", "zip-code": "1"}),
    pet=Cat(lives=9),
    tags={"x"},
    counts={"a": 1, "constructor": 2},
    url=AnyUrl("https://example.com/a?b=c#d"),
    ip=TypeAdapter(IPvAnyAddress).validate_python("::1"),
    raw=b"abc",
    encoded=Base64Bytes(b"aGk="),
    pages=Page[Address](items=[]),
)
VALUES: list[BaseModel] = [
    EVERYTHING,
    EVERYTHING.model_copy(update={"at": dt.datetime(2024, 1, 1, 12), "took": -dt.timedelta(days=3)}),  # noqa: DTZ001
    EVERYTHING.model_copy(update={"pet": Dog(tricks=frozenset({"sit"})), "mixed": True, "anything": {"a": [1]}}),
    Tree(value=1, children=[Tree(value=2)], parent=Tree(value=0)),
    Numbers([1, 2]),
    Closed.model_validate({"name": "x", "more": 1}),
]
BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "id": lambda it: it.update(id="no uuid"),
    "day that is none": lambda it: it.update(day="2023-02-29"),
    "share above": lambda it: it.update(share=1.0),
    "share between": lambda it: it.update(share=0.3),
    "color": lambda it: it.update(color="green"),
    "level as text": lambda it: it.update(level="1"),
    "false is not 1": lambda it: it.update(mixed=False),
    "key that is missing": lambda it: it["address"].pop("zip-code"),
    "pattern": lambda it: it["address"].update(street="a;b"),
    "neither cat nor dog": lambda it: it["pet"].update(kind="cow"),
    "empty set": lambda it: it.update(tags=[]),
    "item twice": lambda it: it.update(tags=["a", "a"]),
    "value of a map": lambda it: it["counts"].update(b="1"),
    "key that is unknown": lambda it: it.update(unknown=1),
    "third of a pair": lambda it: it.update(pair=["a", 1, 2]),
    "url": lambda it: it.update(url="no url"),
}
MODELS: list[type[BaseModel]] = [Everything, Tree, Numbers, Closed]
SCHEMAS: dict[str, Any] = {
    **TEAM,
    **EXTRA_SCHEMAS,
    **{
        path: json.loads(text)
        for path, text in files_of(
            Model(model.__name__, model.__name__, "", model.model_json_schema(mode="serialization")) for model in MODELS
        ).items()
        if path.endswith(".schema.json")
    },
    **{f"golden/{path.relative_to(GOLDEN)}": json.loads(path.read_text()) for path in GOLDEN.rglob("*.schema.json")},
    **{f"contracts/{path.name}": json.loads(path.read_text()) for path in CONTRACTS.glob("*.schema.json")},
}

USE = """
import type { Everything, Tree, Defaults } from "./index.js";
export const tree: Tree = { value: 1, children: [{ value: 2, children: [], parent: null }], parent: null };
export function read(one: Everything): string {
  return one.pet.kind === "cat" ? `${one.pet.lives}` : one.pet.tricks.join();
}
export const filled = (one: Defaults): number => one.text.length + (one.list.length ?? 0);
// @ts-expect-error a pair has two items
export const pair: Everything["pair"] = ["a"];
// @ts-expect-error no color of the enum
export const color: Everything["color"] = "green";
"""


def constant(path: str) -> str:
    words = path.rpartition("/")[2].removesuffix(".schema.json").split("-")
    return "".join(word.capitalize() for word in words) + "Schema"


def questions() -> dict[str, Question]:
    """Everything that is asked, so that one process answers it all."""
    asked = {f"team {name}": (path, document) for name, (path, document, _) in TEAM_CASES.items()}
    asked |= {
        "defaults": ("defaults.schema.json", {"there": "y", "inner": {"k": 1}, "x-1": {}}),
        "required with a default": ("defaults.schema.json", {}),
        "default that would count": ("defaults.schema.json", {"there": "y", "count": {}}),
    }
    asked |= {
        f"value {index}": (f"{kebab_case(type(one).__name__)}.schema.json", one.model_dump(mode="json", by_alias=True))
        for index, one in enumerate(VALUES)
    }
    for name, spoil in BROKEN.items():
        document = EVERYTHING.model_dump(mode="json", by_alias=True)
        spoil(document)
        asked[f"broken {name}"] = ("everything.schema.json", document)
    found = {name: Question(path, constant(path), json.dumps(document)) for name, (path, document) in asked.items()}
    odd = {
        "odd": '{"__proto__": "a"}',
        "odd without": "{}",
        "odd of another type": '{"__proto__": {"constructor": 1}}',
        "odd constructor": '{"__proto__": "a", "constructor": "x"}',
        "odd and another": '{"__proto__": "a", "valueOf": 1}',
    }
    found |= {name: Question("exact.schema.json", "ExactSchema", text) for name, (text, _) in EXACT.items()}
    return found | {name: Question("odd.schema.json", "OddSchema", text) for name, text in odd.items()}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Answer]:
    asked = questions()
    project = zod_project(tmp_path_factory.mktemp("zod"), SCHEMAS, {"use.ts": USE})
    return dict(zip(asked, ask(project, [*asked.values()]), strict=True))


@pytest.mark.parametrize("name", TEAM_CASES)
def test_references_lead_to_other_files(answers: Mapping[str, Answer], name: str) -> None:
    assert answers[f"team {name}"].accepted is TEAM_CASES[name][2]


def test_defaults_are_filled_in_where_the_schema_accepts_them(answers: Mapping[str, Answer]) -> None:
    assert json.loads(answers["defaults"].value) == {
        "text": "x",
        "there": "y",
        "list": ["a"],
        "inner": {"k": 1, "n": 1, "m": "m"},
        "either": None,
        "x-1": {"d": 5},
    }
    assert not answers["required with a default"].accepted
    assert not answers["default that would count"].accepted


def test_keys_that_all_objects_inherit_are_keys_like_others(answers: Mapping[str, Answer]) -> None:
    assert json.loads(answers["odd"].value) == {"__proto__": "a"}
    assert [answers[name].issues for name in ("odd without", "odd of another type", "odd constructor")] == [
        ["__proto__: Invalid input: expected a value"],
        ["__proto__: Invalid input: expected string, received object"],
        ["constructor: Invalid input: expected number, received string"],
    ]
    assert not answers["odd and another"].accepted


@pytest.mark.parametrize("name", EXACT)
def test_numbers_mean_what_is_written(answers: Mapping[str, Answer], name: str) -> None:
    assert answers[name].accepted is EXACT[name][1]


@pytest.mark.parametrize("index", range(len(VALUES)))
def test_what_a_model_writes_is_valid_and_stays_as_it_is(answers: Mapping[str, Answer], index: int) -> None:
    answer = answers[f"value {index}"]
    assert answer.accepted, answer.issues
    assert json.loads(answer.value) == VALUES[index].model_dump(mode="json", by_alias=True)


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_model_never_writes_is_refused(answers: Mapping[str, Answer], name: str) -> None:
    document = json.loads(questions()[f"broken {name}"].text)
    assert not judge_says(SCHEMAS["everything.schema.json"]).is_valid(document)
    assert not answers[f"broken {name}"].accepted
