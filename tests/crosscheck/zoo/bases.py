"""What the other modules inherit from: aliases, generics, mixins, configuration that is handed down."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel, to_pascal

T = TypeVar("T")
K = TypeVar("K", bound=str)

Severity = Literal["info", "warning", "error"]
Priority = Literal[1, 2, 3] | Severity


class Color(str, enum.Enum):
    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = enum.auto()


class Size(enum.StrEnum):
    SMALL = enum.auto()
    LARGE = enum.auto()


def _stamp(value: datetime) -> str:
    return value.isoformat()


Stamp = Annotated[datetime, PlainSerializer(_stamp, when_used="json")]
Text = Annotated[str, BeforeValidator(str.strip), Field(min_length=1)]


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Pascal(Camel):
    model_config = ConfigDict(alias_generator=to_pascal)


class Timestamps(BaseModel):
    created_at: Stamp
    updated_at: Stamp | None = None


class Page(Camel, Generic[T]):
    page_items: list[T]
    next_page: int | None = None


class Pair(BaseModel, Generic[K, T]):
    key_of: K
    value: T
    rest: dict[K, list[T]] = Field(default_factory=dict)


class Notice(Camel):
    severity: Severity
    color: Color = Color.RED
    level_of: Level
    size: Size | None = None
    related_ids: set[int] = Field(default_factory=set)
    free: Any = None
