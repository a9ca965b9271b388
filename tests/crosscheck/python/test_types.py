from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.crosscheck.python.conftest import Code

IMPORTS = """
import collections, collections.abc, datetime, decimal, enum, fractions, ipaddress, os, pathlib, re, typing, uuid
import typing as t
import zoneinfo
import pydantic
import pydantic as pd
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum
from typing import (
    Annotated, Any, ClassVar, Final, Generic, List, Literal, NamedTuple, NewType, Optional, TypeVar, Union,
)
from pydantic import *
from pydantic import BaseModel, Field, ConfigDict, RootModel
from typing_extensions import TypeAliasType, TypedDict
T = TypeVar("T")
"""

ANNOTATIONS = {
    "text": "str",
    "whole": "int",
    "number": "float",
    "truth": "bool",
    "nothing": "None",
    "anything": "Any",
    "object": "object",
    "optional": "Optional[int]",
    "optional-bar": "int | None",
    "union": "Union[int, str, None]",
    "union-bar": "int | str | bool",
    "nested-union": "Optional[Union[int, Optional[str]]]",
    "literal": "Literal['a', 'b']",
    "literal-mixed": "Literal['a', 1, True, None, b'x', -1]",
    "literal-union": "Literal['a'] | Literal['b'] | None",
    "literal-nested": "Literal[Literal['a', 'b'], 'c']",
    "literal-dotted": "t.Literal['a']",
    "literal-one-and-true": "Literal[1, True, 0, False]",
    "quoted": "'int | None'",
    "partly-quoted": "Optional['int']",
    "quoted-literal": "\"Literal['a', 'b']\"",
    "list": "list[int]",
    "bare-list": "list",
    "typing-list": "List[List[str]]",
    "bare-typing-list": "t.List",
    "sequence": "Sequence[int]",
    "iterable": "Iterable[int]",
    "set": "set[str]",
    "frozenset": "frozenset[int]",
    "deque": "collections.deque[int]",
    "tuple": "tuple[int, str]",
    "open-tuple": "tuple[int, ...]",
    "empty-tuple": "tuple[()]",
    "bare-tuple": "tuple",
    "dict": "dict[str, int]",
    "bare-dict": "dict",
    "dict-of-any": "dict[str, Any]",
    "dict-int-keys": "dict[int, str]",
    "dict-literal-keys": "dict[Literal['a', 'b'], int]",
    "mapping": "Mapping[str, list[int]]",
    "defaultdict": "collections.defaultdict[str, int]",
    "counter": "collections.Counter[str]",
    "ordered": "collections.OrderedDict[str, int]",
    "datetime": "datetime.datetime",
    "date": "datetime.date",
    "time": "datetime.time",
    "timedelta": "datetime.timedelta",
    "decimal": "decimal.Decimal",
    "optional-decimal": "decimal.Decimal | None",
    "uuid": "uuid.UUID",
    "path": "pathlib.Path",
    "bytes": "bytes",
    "complex": "complex",
    "fraction": "fractions.Fraction",
    "ipv4": "ipaddress.IPv4Address",
    "ipv6-network": "ipaddress.IPv6Network",
    "pattern": "re.Pattern[str]",
    "zone": "zoneinfo.ZoneInfo",
    "annotated": "Annotated[int, Field(gt=1)]",
    "annotated-literal": "Annotated[Literal['a'], 'a comment']",
    "annotated-twice": "Annotated[Annotated[str, Field(min_length=1)], Field(max_length=3)]",
    "optional-annotated": "Optional[Annotated[Literal['a', 'b'], Field(description='x')]]",
    "url": "pydantic.AnyUrl",
    "http-url": "pd.HttpUrl",
    "dsn": "PostgresDsn",
    "uuid4": "UUID4",
    "secret": "SecretStr",
    "json": "Json",
    "json-of": "Json[list[int]]",
    "base64": "Base64Str",
    "byte-size": "ByteSize",
    "past": "PastDatetime",
    "aware": "AwareDatetime",
    "positive": "PositiveInt",
    "strict": "StrictStr",
    "conint": "conint(gt=3)",
    "constr": "constr(min_length=3)",
    "conlist": "conlist(int, min_length=1)",
    "confloat": "confloat(gt=3)",
    "condecimal": "condecimal(max_digits=3)",
    "file-path": "FilePath",
    "payment": "PaymentCardNumber",
    "finite": "FiniteFloat",
    "json-value": "JsonValue",
    "ip-any": "IPvAnyAddress",
    "text-alias": "t.Text",
    "new-type": "UserId",
    "alias": "Alias",
    "quoted-alias": "QuotedAlias",
    "generic-alias": "Pair[int]",
    "alias-type": "Named",
    "generic-alias-type": "NamedPair[int]",
    "chained-alias": "Chained",
    "literal-of-alias": "Literal[States, 'c']",
    "type-variable": "T",
    "bound-variable": "B",
    "constrained-variable": "C",
    "str-enum": "Color",
    "int-enum": "Level",
    "enum-member": "Literal[Color.RED, Level.LOW]",
    "enum-keys": "dict[Color, int]",
    "int-enum-keys": "dict[Level, int]",
    "union-of-enums": "Color | Level",
    "enum-and-literal": "Color | Literal['green', 'red']",
    "typed-dict": "Box",
    "named-tuple": "Point",
    "dataclass": "Plain",
    "model": "Inner",
    "list-of-models": "list[Inner]",
    "union-of-models": "Inner | Other",
    "discriminated": "Annotated[Inner | Other, Field(union_mode='left_to_right')]",
    "generic-model": "Page[Inner]",
    "open-generic-model": "Page",
    "root-model": "Names",
    "nested-class": "Outer.Nested",
}

DEFINITIONS = (
    IMPORTS
    + """
UserId = NewType("UserId", int)
Alias = Optional[Literal["a", "b"]]
QuotedAlias: t.TypeAlias = "Literal['a'] | None"
Pair = tuple[T, T]
Named = TypeAliasType("Named", Literal["n"])
NamedPair = TypeAliasType("NamedPair", list[T] | T, type_params=(T,))
Chained = Alias
States = Literal["a", "b"]
B = TypeVar("B", bound=int)
C = TypeVar("C", int, str)

class Color(str, Enum):
    RED = "red"
    BLUE = "blue"

class Level(IntEnum):
    LOW = 1
    HIGH = 2

class Box(TypedDict, total=False):
    width: t.Required[int]
    height: int

class Point(NamedTuple):
    x: int
    y: str = "a"

@dataclass
class Plain:
    a: int
    b: str = "x"
    c: list[int] = field(default_factory=list)

class Inner(BaseModel):
    kind: Literal["inner"]
    value: int = 0

class Other(BaseModel):
    kind: Literal["other"] = "other"

class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int

class Names(RootModel[list[str]]):
    pass

class Outer(BaseModel):
    class Nested(BaseModel):
        x: int
    nested: Nested
"""
)


def _model(annotations: dict[str, str]) -> str:
    lines = [f"    f_{name.replace('-', '_')}: {text}" for name, text in annotations.items()]
    return DEFINITIONS + "\nclass All(BaseModel):\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"], ids=["evaluated", "postponed"])
def test_every_annotation_means_what_it_means_at_run_time(code: Code, future: str) -> None:
    code.write(future + _model(ANNOTATIONS))

    assert code.differences("All") == []
