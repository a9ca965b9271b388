"""Fields that are no models: dataclasses, TypedDict, NamedTuple, and types that tell what they are by themselves."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Literal, NamedTuple, NewType, NotRequired, Required, TypeAlias

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass as checked
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypeAliasType, TypedDict

UserId = NewType("UserId", int)
Json: TypeAlias = dict[str, "int | str | list[int]"]
Names = TypeAliasType("Names", list[str])
_WORDS = re.compile(r"_+([0-9A-Za-z]+)")
_SPECIAL = {"ip": "IPAddress"}


def name_of(name: str) -> str:
    """Name a key as an old service does."""
    try:
        return _SPECIAL[name]
    except KeyError:
        return _WORDS.sub(lambda found: found.group(1).title(), name)


class Mac(str):
    """A text that is checked."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:  # noqa: ANN401 - as pydantic has it
        return core_schema.no_info_after_validator_function(cls, handler(str))


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0
    label: str | None = None
    parts: list[int] = dataclasses.field(default_factory=list)


@checked
class Area:
    corners: list[Point]
    kind: Literal["open", "closed"] = "open"


class Movie(TypedDict, total=False):
    title: Required[str]
    year: int


class Sequel(Movie):
    of: NotRequired[Movie]
    part: int


class Version(NamedTuple):
    major: int
    minor: int = 0


class Holder(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=name_of, serialization_alias=name_of))

    ip: str
    mac_address: Mac
    user_id: UserId
    point: Point
    area_of: Area | None = None
    movie: Movie
    sequel: Sequel | None = None
    version: Version = Version(1)
    raw_json: Json = Field(default_factory=dict)
    names: Names = Field(default_factory=list)


class Old(BaseModel):
    class Config:
        populate_by_name = True
        extra = "forbid"

    first: int = Field(alias="one")
    second: int = Field(2, alias="two")
    third: Any
