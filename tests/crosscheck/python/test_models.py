from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from protogate.crosscheck.shapes import Altered, Record, Unresolved

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Direction
    from tests.crosscheck.python.conftest import Code

IMPORTS = """
import collections, enum, typing, datetime, uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, InitVar, KW_ONLY
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Generic, List, Literal, NamedTuple, Optional, TypeVar, Union
import pydantic
from pydantic import (
    AfterValidator, AliasChoices, AliasGenerator, AliasPath, BaseModel, BeforeValidator, ConfigDict, Discriminator,
    Field, PlainSerializer, PrivateAttr, RootModel, Tag, WrapSerializer, computed_field, create_model,
    field_serializer, field_validator, model_serializer, model_validator, PlainValidator, WithJsonSchema,
)
from pydantic.alias_generators import to_camel, to_pascal, to_snake
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict, NotRequired, Required, Self, TypeAliasType, ReadOnly
T = TypeVar("T")
U = TypeVar("U")
"""

SAMPLES = {
    "plain": """
class M(BaseModel):
    a: int
    b: str = "x"
    c: Optional[int] = None
    d: Optional[int]
    e: int = ...
    f: list[int] = Field(default_factory=list)
    g: int = Field(...)
    h: int = Field(3)
    i: int = Field(default=3)
    j: Annotated[int, Field(default=3)]
    k: Annotated[int, Field(gt=1)] = 2
    l: int = Field(gt=1)
""",
    "aliases": """
NAME = "constant" + "Name"
class M(BaseModel):
    a: int = Field(alias="A")
    b: int = Field(validation_alias="B")
    c: int = Field(serialization_alias="C")
    d: int = Field(validation_alias=AliasChoices("D", "dd", AliasPath("x", 0)))
    e: int = Field(alias="E", validation_alias="EE", serialization_alias="EEE")
    f: Annotated[int, Field(alias="F")]
    g: Annotated[int, Field(alias="G")] = 3
    h: Annotated[int, Field(alias="H")] = Field(alias="HH")
    i: int = Field(alias=NAME)
    j: Annotated[Optional[int], Field(alias="J"), Field(description="x")] = None
    k: Optional[Annotated[int, Field(alias="ignored")]]
    l: int = Field(validation_alias=AliasChoices(AliasPath("x", 0), "L"))
""",
    "alias-generator": """
class M(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    first_name: str
    last_name: str = Field(alias="LAST")
    other_name: str = Field(alias="other", alias_priority=1)
    only_in: str = Field(validation_alias="onlyIN")
    only_out: str = Field(serialization_alias="onlyOUT")
    address_2: str
    x1y2: str
    HTTPServer: str
    already: str
""",
    "pascal": """
class M(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)
    first_name: str
    field_2_x: int
""",
    "snake": """
class M(BaseModel, alias_generator=to_snake):
    firstName: str
    HTTPStatus: int
    field2: int
""",
    "generator-of-parts": """
class M(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=lambda name: name.upper())
    )
    first_name: str
class N(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(to_camel))
    first_name: str
""",
    "own-generators": """
def camelize(string: str) -> str:
    '''A doc.'''
    head, *rest = string.split("_")
    return head + "".join(word.capitalize() for word in rest)
def kebab(name):
    return name.replace("_", "-")
def conditional(name: str) -> str:
    if name == "id":
        return "_id"
    result = ""
    for index, part in enumerate(name.split("_")):
        result += part if index == 0 else part[0].upper() + part[1:]
    return f"{result}"
class M(BaseModel):
    model_config = {"alias_generator": camelize}
    first_name: str
class N(BaseModel):
    class Config:
        alias_generator = kebab
    first_name: str
class O(BaseModel):
    model_config = ConfigDict(alias_generator=conditional)
    id: int
    first_name: str
class P(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper)
    first_name: str
class Q(BaseModel):
    model_config = ConfigDict(alias_generator=lambda s: "x" + s.title())
    first_name: str
""",
    "inherited-generator": """
class Base(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    first_name: str
class M(Base):
    last_name: str = "x"
class N(Base):
    model_config = ConfigDict(alias_generator=to_pascal, extra="forbid")
    last_name: str
class O(N):
    class_name: str
""",
    "generator-of-a-base": """
class Base(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    first_name: str
    last_name: str = Field(validation_alias="LAST")
    other_name: str = Field(alias="OTHER")
class Parts(Base):
    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=to_pascal))
    own_name: str
class Without(Base):
    model_config = ConfigDict(alias_generator=None)
    own_name: str
class Again(Parts):
    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_pascal))
""",
    "by-name": """
class M(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)
    a: int = Field(alias="A")
class N(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)
    a: int = Field(alias="A")
""",
    "extra": """
class M(BaseModel, extra="forbid"):
    a: int
class N(M):
    model_config = ConfigDict(extra="allow")
    b: M
class O(N):
    c: int
class Free(BaseModel):
    f: int
class P(Free, N):
    d: int
class P2(N, Free):
    d: int
class Q(BaseModel):
    class Config:
        extra = "forbid"
    a: int
class R(Q):
    class Config(Q.Config):
        title = "x"
    b: int
class Mixin: ...
class S(Mixin, M):
    d: int
""",
    "merged-config": """
SHARED = ConfigDict(extra="forbid", alias_generator=to_camel)
class M(BaseModel):
    model_config = SHARED
    a_b: int
class N(BaseModel):
    model_config = {**SHARED, "extra": "ignore"}
    a_b: int
class O(BaseModel):
    model_config = SHARED | ConfigDict(extra="allow")
    a_b: int
class P(BaseModel):
    model_config = ConfigDict(**SHARED)
    a_b: int
class Q(BaseModel):
    model_config = M.model_config | {"extra": "allow"}
    a_b: int
class R(BaseModel):
    model_config = dict(extra="forbid")
    a: int
""",
    "inheritance": """
class A(BaseModel):
    a: int
    b: str = "x"
    c: Literal["a"]
class B(A):
    b: str
    d: int
    c: Literal["a", "b"]
class C(A):
    b: int = 3
class M(B, C):
    e: int
class N(C, B):
    e: int
""",
    "mixins": """
class Mixin:
    m: int
    n: int = 3
    o: ClassVar[int] = 1
    p = 5
class M(Mixin, BaseModel):
    a: int
class N(BaseModel, Mixin):
    a: int
class Abstract(BaseModel, ABC):
    a: int
    @abstractmethod
    def run(self) -> None: ...
class O(Abstract):
    b: int
    def run(self) -> None: ...
""",
    "not-fields": """
class M(BaseModel):
    a: int
    b: ClassVar[int] = 1
    c: "ClassVar[int]" = 1
    _d: int = 3
    _e: int = PrivateAttr(default=1)
    f: Final = 3
    g: Final[int]
    h: Final[int] = 4
    K: ClassVar = 3
    def method(self) -> int: return 1
    @property
    def prop(self) -> int: return 1
    @classmethod
    def make(cls): ...
""",
    "excluded": """
class M(BaseModel):
    a: int = Field(exclude=True)
    b: int = Field(exclude=False)
    c: int = Field(exclude_if=lambda v: v == 0)
    d: Annotated[int, Field(exclude=True)] = 3
""",
    "computed": """
class M(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    a: int
    @computed_field
    @property
    def the_area(self) -> Literal["x", "y"]: return "x"
    @computed_field(alias="AREA")
    @cached_property
    def other(self) -> int: return 1
    @computed_field(return_type=Optional[str])
    @property
    def third(self): return None
    @computed_field
    def bare(self) -> "list[int]": return []
class N(M):
    b: int
""",
    "self-reference": """
class Node(BaseModel):
    value: int
    children: "list[Node]" = []
    parent: Optional["Node"] = None
class A(BaseModel):
    b: Optional["B"] = None
class B(BaseModel):
    a: Optional[A] = None
A.model_rebuild()
class M(BaseModel):
    node: Node
    a: A
    me: Optional[Self] = None
""",
    "generics": """
class Page(BaseModel, Generic[T]):
    items: list[T]
    first: Optional[T] = None
class Pair(BaseModel, Generic[T, U]):
    left: T
    right: U
    pages: Page[U]
class IntPage(Page[int]):
    extra: str
class Half(Pair[T, int], Generic[T]):
    more: T
class Box(BaseModel, Generic[T]):
    inner: Page[Page[T]]
class Limited(BaseModel, Generic[T]):
    x: T
class M(BaseModel):
    a: Page[int]
    b: Pair[int, str]
    c: Pair[Literal["a"], Page[bool]]
    d: IntPage
    e: Half[str]
    f: Box[Literal["x", "y"]]
    g: Page
    h: Half
    i: Page["M"]
    j: Page[Optional[int]]
""",
    "root-models": """
class Names(RootModel[list[str]]): ...
class Kind(RootModel[Literal["a", "b"]]): ...
class Own(RootModel):
    root: dict[str, int]
class Gen(RootModel[T], Generic[T]): ...
class Default(RootModel[int]):
    root: int = 3
class M(BaseModel):
    a: Names
    b: Kind
    c: Own
    d: Gen[int]
    e: dict[str, Kind]
    f: RootModel[int]
    g: Default
""",
    "validators": """
def lower(v): return v.lower()
class M(BaseModel):
    a: Literal["x"]
    b: Annotated[Literal["y"], AfterValidator(lower)]
    c: Annotated[int, BeforeValidator(int, json_schema_input_type=Union[str, int])]
    @field_validator("a")
    @classmethod
    def check(cls, v): return v
    @model_validator(mode="after")
    def whole(self): return self
""",
    "serializers": """
def text(v) -> str: return str(v)
class M(BaseModel):
    a: int
    b: Annotated[int, PlainSerializer(lambda v: str(v), return_type=str)]
    c: Annotated[Optional[int], PlainSerializer(text, when_used="unless-none")]
    d: Annotated[int, PlainSerializer(text)]
    e: Annotated[list[int], WrapSerializer(lambda v, h: h(v), return_type=dict[str, int])]
    f: Optional[int] = None
    @field_serializer("a")
    def write_a(self, v, info) -> Literal["one", "two"]: return "one"
    @field_serializer("f", when_used="json-unless-none")
    def write_f(self, v: int) -> str: return str(v)
""",
    "own-serializer": """
class Pretty(PlainSerializer):
    def __repr__(self) -> str: return "pretty"
def text(v) -> str: return str(v)
class M(BaseModel):
    a: Annotated[int, Pretty(text)]
    b: Annotated[datetime.datetime, Pretty(text, return_type=Literal["x"])]
""",
    "spread-field": """
def limits(low: int) -> dict[str, Any]:
    return {"ge": low}
class M(BaseModel):
    a: int = Field(default=3, **limits(1))
    b: Optional[int] = Field(**dict(default=None))
""",
    "model-serializer": """
class Written(BaseModel):
    z: Literal["z"]
class M(BaseModel):
    a: int
    @model_serializer
    def write(self) -> Written: return Written(z="z")
class N(BaseModel):
    m: M
    @model_serializer(mode="plain")
    def write(self) -> str: return "x"
""",
    "discriminated": """
class Cat(BaseModel):
    kind: Literal["cat"]
class Dog(BaseModel):
    kind: Literal["dog", "hound"]
Pet = Annotated[Union[Cat, Dog], Field(discriminator="kind")]
def which(v): return "a"
class M(BaseModel):
    a: Pet
    b: Union[Cat, Dog] = Field(discriminator="kind")
    c: list[Pet]
    d: Annotated[Union[Annotated[Cat, Tag("a")], Annotated[Dog, Tag("b")]], Discriminator(which)]
    e: Optional[Pet] = None
""",
    "dataclasses": """
@dataclass
class Plain:
    a: int
    b: str = "x"
    c: list[int] = field(default_factory=list)
    d: int = field(default=1, init=False)
    e: int = field(init=False)
    f: InitVar[int] = 3
    g: ClassVar[int] = 1
    _h: int = 0
    _: KW_ONLY
    i: int
    def __post_init__(self, f): self.e = 1
@dataclass
class Child(Plain):
    j: Literal["j"] = "j"
    a: str = "over"
@pydantic_dataclass(config=ConfigDict(extra="forbid", alias_generator=to_camel))
class Strict:
    first_name: int
    other: int = Field(alias="OTHER")
@pydantic.dataclasses.dataclass
class Own:
    first_name: int
    b: Optional["Own"] = None
    c: int = pydantic.Field(default=1, init=False)
@dataclass
class Gen(Generic[T]):
    x: T
class M(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)
    plain_one: Plain
    child: Child
    strict: Strict
    own: Own
    gen: Gen[int]
""",
    "typed-dicts": """
class Base(TypedDict):
    a: int
    b: NotRequired[str]
class Child(Base, total=False):
    c: Required[Literal["c"]]
    d: ReadOnly[int]
    e: Annotated[int, Field(alias="E")]
class Gen(TypedDict, Generic[T]):
    x: T
    y: NotRequired["list[T]"]
Made = TypedDict("Made", {"in": int, "x-y": NotRequired[str]})
Part = TypedDict("Part", {"p": int}, total=False)
class Open(TypedDict, extra_items=int):
    o: int
class Closed(Base, closed=True):
    o: int
class Strict(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")
    snake_case: int
class M(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    base_one: Base
    child: Child
    gen: Gen[int]
    made: Made
    part: Part
    strict: Strict
    opened: Open
    closed: Closed
""",
    "named-tuples": """
class Point(NamedTuple):
    x: int
    y: Literal["a"] = "a"
Old = NamedTuple("Old", [("a", int), ("b", str)])
Plain = collections.namedtuple("Plain", "a b")
class Named(collections.namedtuple("Named", ["a", "b"])):
    def both(self): return self.a, self.b
class Child(Point):
    def x2(self): return self.x
class Gen(NamedTuple, Generic[T]):
    g: T
class M(BaseModel):
    point: Point
    old: Old
    gen: Gen[int]
    plain: Plain
    named: Named
    child: Child
""",
    "create-model": """
Made = create_model("Made", a=(int, ...), b=(Literal["x"], "x"), c=(Optional[str], None))
Child = create_model("Child", __base__=Made, d=(int, Field(alias="D")))
class M(BaseModel):
    a: Made
    b: Child
""",
    "config-of-time": """
class M(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float", ser_json_bytes="base64")
    a: datetime.timedelta
    b: bytes
    c: list[datetime.timedelta]
""",
    "shared-fields": """
Name = Annotated[str, Field(alias="NAME", min_length=1)]
COMMON = Field(alias="common")
class M(BaseModel):
    a: Name
    b: int = COMMON
    c: Optional[Name] = None
""",
    "recursive-generic": """
class Tree(BaseModel, Generic[T]):
    value: T
    children: "list[Tree[T]]" = []
class M(BaseModel):
    tree: Tree[int]
""",
    "deprecated-names": """
class M(BaseModel):
    schema_: str = Field(alias="schema")
    model_name: str = Field(alias="modelName")
    json_: Optional[dict[str, Any]] = Field(None, alias="json")
""",
    "rebinding": """
Status = Literal["a"]
class Before(BaseModel):
    s: Status
Status = Literal["b"]
class After(BaseModel):
    s: Status
class M(BaseModel):
    x: Before
    y: After
""",
    "names-that-clash": """
class date(BaseModel):
    x: int
class M(BaseModel):
    date: date
    other: "Optional[M]" = None
""",
    "mixed-defaults": """
def now() -> int: return 1
class M(BaseModel):
    a: datetime.datetime = datetime.datetime(2020, 1, 1)
    b: uuid.UUID = Field(default_factory=uuid.uuid4)
    c: int = now()
    d: list[str] = []
    e: Literal["a", "b"] = "a"
    f: tuple[int, int] = (1, 2)
""",
}


def _classes(text: str) -> list[str]:
    return [line.split()[1].split("(")[0].rstrip(":") for line in text.splitlines() if line.startswith("class ")]


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"], ids=["evaluated", "postponed"])
@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_a_model_has_the_fields_that_it_has_at_run_time(code: Code, text: str, future: str) -> None:
    code.write(future + IMPORTS + text)
    models = [name for name in _classes(text) if isinstance(code.runtime(name), type)]
    checked = [name for name in models if hasattr(code.runtime(name), "model_fields")]

    assert checked
    assert code.differences(*checked) == []


_Decided: TypeAlias = type[Altered] | type[Unresolved]

# What nobody can tell, or what is behind code: the model, the direction, and what the field `x` or the model then is.
BEHIND_CODE = {
    "before-validator": (
        "class M(BaseModel):\n    x: Literal['a']\n    @field_validator('x', mode='before')\n    @classmethod\n    def low(cls, v): ...\n",
        "input",
        Altered,
    ),
    "wrap-validator": (
        "class M(BaseModel):\n    x: Literal['a']\n    @field_validator('*', mode='wrap')\n    @classmethod\n    def low(cls, v, h): ...\n",
        "input",
        Altered,
    ),
    "inherited-validator": (
        "class B(BaseModel):\n    x: Literal['a']\n    @field_validator('x', mode='before')\n    @classmethod\n    def low(cls, v): ...\n"
        "class M(B):\n    y: int\n",
        "input",
        Altered,
    ),
    "assigned-validator": (
        "def low(v): ...\nclass M(BaseModel):\n    x: Literal['a']\n    low = field_validator('x', mode='before')(low)\n",
        "input",
        Altered,
    ),
    "old-validator": (
        "class M(BaseModel):\n    x: Literal['a']\n    @pydantic.validator('x', pre=True)\n    def low(cls, v): ...\n",
        "input",
        Altered,
    ),
    "annotated-validator": (
        "class M(BaseModel):\n    x: Annotated[Literal['a'], BeforeValidator(str.lower)]\n",
        "input",
        Altered,
    ),
    "named-validator": (
        "Low = BeforeValidator(str.lower)\nclass M(BaseModel):\n    x: Annotated[Literal['a'], Low]\n",
        "input",
        Altered,
    ),
    "serializer": (
        "class M(BaseModel):\n    x: Literal['a']\n    @field_serializer('x')\n    def write(self, v): ...\n",
        "output",
        Altered,
    ),
    "serializer-of-anything": (
        "class M(BaseModel):\n    x: Literal['a']\n    @field_serializer('x')\n    def write(self, v) -> Any: ...\n",
        "output",
        Altered,
    ),
    "annotated-serializer": (
        "class M(BaseModel):\n    x: Annotated[Literal['a'], PlainSerializer(lambda v: v)]\n",
        "output",
        Altered,
    ),
    "encoded": (
        "class M(BaseModel):\n    model_config = ConfigDict(json_encoders={datetime.date: str})\n    x: datetime.date\n",
        "output",
        Altered,
    ),
    "serialize-as-any": (
        "class N(BaseModel): ...\nclass M(BaseModel):\n    x: pydantic.SerializeAsAny[N]\n",
        "output",
        Altered,
    ),
    "custom-metadata": (
        "class Own:\n    def __get_pydantic_core_schema__(self, source, handler): ...\n"
        "class M(BaseModel):\n    x: Annotated[Literal['a'], Own()]\n",
        "output",
        Unresolved,
    ),
    "unknown-metadata": (
        "from nowhere import Rule\nclass M(BaseModel):\n    x: Annotated[Literal['a'], Rule()]\n",
        "output",
        Altered,
    ),
    "made-metadata": (
        "def rule(): ...\nclass M(BaseModel):\n    x: Annotated[Literal['a'], rule()]\n",
        "output",
        Altered,
    ),
    "custom-type": (
        "class Own:\n    @classmethod\n    def __get_pydantic_core_schema__(cls, source, handler): ...\nclass M(BaseModel):\n    x: Own\n",
        "output",
        Unresolved,
    ),
    "plain-class": ("class Own: ...\nclass M(BaseModel):\n    x: Own\n", "output", Unresolved),
    "called": ("def make(): ...\nclass M(BaseModel):\n    x: make()\n", "output", Unresolved),
    "callable": ("class M(BaseModel):\n    x: typing.Callable[[int], str]\n", "output", Unresolved),
    "class-object": ("class M(BaseModel):\n    x: type[int]\n", "output", Unresolved),
    "instance": ("class M(BaseModel):\n    x: pydantic.InstanceOf[int]\n", "input", Unresolved),
    "alias-of-a-call": ("class M(BaseModel):\n    x: int = Field(alias=make())\n", "output", Unresolved),
    "alias-path": (
        "class M(BaseModel):\n    x: int = Field(validation_alias=AliasPath('a', 0))\n",
        "input",
        Unresolved,
    ),
    "spread-keywords": ("class M(BaseModel):\n    x: int = Field(**make())\n", "output", Unresolved),
    "own-field": (
        "def own(**k): return Field(**k)\nclass M(BaseModel):\n    x: int = own(alias='y')\n",
        "output",
        Unresolved,
    ),
    "conditional-field": (
        "import os\nclass M(BaseModel):\n    if os.environ.get('X'):\n        x: int\n",
        "output",
        Unresolved,
    ),
    "unannotated-override": ("class B(BaseModel):\n    x: int\nclass M(B):\n    x = 3\n", "output", Unresolved),
    "unknown-field-type": ("from nowhere import Kind\nclass M(BaseModel):\n    x: Kind\n", "output", Unresolved),
}


@pytest.mark.parametrize(("text", "direction", "expected"), BEHIND_CODE.values(), ids=BEHIND_CODE)
def test_what_code_decides_is_said_so(code: Code, text: str, direction: Direction, expected: _Decided) -> None:
    code.write(IMPORTS + text)

    shape = code.shape("M", direction)

    assert isinstance(shape, Record)
    found = next(one for one in shape.fields if one.python_name == "x").shape
    assert isinstance(found, expected), found
    assert found.place.line > 0


WHOLE = {
    "alias-generator": (
        "from nowhere import camel\nclass M(BaseModel):\n    model_config = ConfigDict(alias_generator=camel)\n    x: int\n",
        "output",
        Unresolved,
    ),
    "alias-generator-that-reads": (
        "def camel(n): return open(n).read()\nclass M(BaseModel):\n    model_config = ConfigDict(alias_generator=camel)\n    x: int\n",
        "output",
        Unresolved,
    ),
    "model-before": (
        "class M(BaseModel):\n    x: int\n    @model_validator(mode='before')\n    @classmethod\n    def read(cls, v): ...\n",
        "input",
        Altered,
    ),
    "root-validator": (
        "class M(BaseModel):\n    x: int\n    @pydantic.root_validator(pre=True)\n    def read(cls, v): ...\n",
        "input",
        Altered,
    ),
    "model-serializer": (
        "class M(BaseModel):\n    x: int\n    @model_serializer\n    def write(self) -> dict[str, Any]: ...\n",
        "output",
        Altered,
    ),
    "decorated": ("def change(c): ...\n@change\nclass M(BaseModel):\n    x: int\n", "output", Unresolved),
    "metaclass": ("class Meta(type): ...\nclass M(BaseModel, metaclass=Meta):\n    x: int\n", "output", Unresolved),
    "unknown-base": ("from nowhere import Base\nclass M(Base):\n    x: int\n", "output", Unresolved),
    "called-base": ("def make(): ...\nclass M(make()):\n    x: int\n", "output", Unresolved),
    "own-schema": (
        "class M(BaseModel):\n    x: int\n    @classmethod\n    def __get_pydantic_core_schema__(cls, s, h): ...\n",
        "output",
        Unresolved,
    ),
    "called-config": (
        "def make(): ...\nclass M(BaseModel):\n    model_config = make()\n    x: int\n",
        "output",
        Unresolved,
    ),
    "spread-config": (
        "class M(BaseModel):\n    model_config = ConfigDict(**make())\n    x: int\n",
        "output",
        Unresolved,
    ),
    "made-with-spread": ("M = create_model('M', **make())\n", "output", Unresolved),
    "version-one": ("from pydantic.v1 import BaseModel\nclass M(BaseModel):\n    x: int\n", "output", Unresolved),
    "no-model": ("class M:\n    x: int\n", "output", Unresolved),
    "made-dataclass": ("import dataclasses\nM = dataclasses.make_dataclass('M', ['x'])\n", "output", Unresolved),
}


@pytest.mark.parametrize(("text", "direction", "expected"), WHOLE.values(), ids=WHOLE)
def test_a_model_that_code_decides_is_said_so(code: Code, text: str, direction: Direction, expected: _Decided) -> None:
    code.write(IMPORTS + text)

    shape = code.shape("M", direction)

    assert isinstance(shape, expected), shape
    assert shape.place.line > 0


def test_fields_are_placed_and_named(code: Code) -> None:
    code.write("from pydantic import BaseModel, Field\nclass M(BaseModel):\n    é: int; x: int = Field(alias='X')\n")

    shape = code.shape("M", "output")

    assert isinstance(shape, Record)
    assert (shape.name, shape.place.line, shape.place.column) == ("M", 2, 1)
    assert [(one.name, one.python_name, one.place.column) for one in shape.fields] == [("é", "é", 5), ("X", "x", 13)]


def test_further_keys_are_accepted(code: Code) -> None:
    code.write(
        "from pydantic import BaseModel, Field, AliasChoices, ConfigDict\n"
        "class M(BaseModel):\n    model_config = ConfigDict(populate_by_name=True)\n"
        "    x: int = Field(validation_alias=AliasChoices('a', 'b'))\n    y: int = Field(alias='z')\n"
    )

    accepted, written = code.shape("M", "input"), code.shape("M", "output")

    assert isinstance(accepted, Record)
    assert isinstance(written, Record)
    assert [(one.name, one.other_names) for one in accepted.fields] == [("a", ("b", "x")), ("z", ("y",))]
    assert [(one.name, one.other_names) for one in written.fields] == [("x", ()), ("z", ())]


def test_one_type_is_one_record(code: Code) -> None:
    code.write(IMPORTS + SAMPLES["self-reference"])

    first, again = code.shape("Node", "input"), code.shape("Node", "input")

    assert first is again
    assert isinstance(first, Record)
    children = first.fields[1].shape
    assert getattr(children, "items") is first  # noqa: B009 - an array
    assert code.shape("Node", "output") is not first
