"""The well-known types that are JSON of their own: Struct, Value, ListValue, FieldMask, Any, Empty."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self

from pydantic import JsonValue

from protogate.models.codecs import Codec, bad_value
from protogate.models.enums import NullValue, enum_codec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["FieldMask", "ListValue", "OptionalNull", "Struct", "Value", "ValueItem", "parse_struct"]

_EXACT: Final = 2**53
"""Numbers of a Value are doubles: integers are exact up to here."""


def _json_value(value: Any) -> JsonValue:  # noqa: PLR0911 - one for each kind
    """A copy of `value` when it is JSON, numbers as the doubles that they will be."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return check_text(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise bad_value("value", "a finite number: a Value has no NaN or Infinity")
    if isinstance(value, NullValue):
        return None
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, dict):
        return parse_struct(value)
    if isinstance(value, (list, tuple)):
        return [_json_value(item) for item in value]
    raise bad_value("value", "a JSON value")


def _number(value: int) -> int | float:
    if -_EXACT <= value <= _EXACT:
        return value
    try:
        return float(value)
    except OverflowError:
        raise bad_value("value", "a number that a double can hold") from None


def check_text(value: str) -> str:
    """`value`, when it can be written as UTF-8."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad_value("value", "text without lone surrogates") from None
    return value


def parse_struct(value: Any) -> dict[str, JsonValue]:
    """A copy of a JSON object."""
    if not isinstance(value, dict):
        raise bad_value("struct", "a JSON object")
    copy: dict[str, JsonValue] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise bad_value("struct", "a JSON object, whose keys are text")
        copy[check_text(key)] = _json_value(item)
    return copy


def _list(value: Any) -> list[JsonValue]:
    if not isinstance(value, (list, tuple)):
        raise bad_value("list_value", "a JSON array")
    return [_json_value(item) for item in value]


def _field_value(value: Any) -> JsonValue | NullValue:
    """As a field of its own, where None would mean absent."""
    parsed = _json_value(value)
    return NullValue.NULL_VALUE if parsed is None else parsed


def _field_value_to_json(value: JsonValue | NullValue) -> JsonValue:
    return None if isinstance(value, NullValue) else value


Struct = Annotated[dict[str, JsonValue], Codec(parse_struct, accepted={"type": "object"})]
ListValue = Annotated[list[JsonValue], Codec(_list, accepted={"type": "array", "items": {}})]
Value = Annotated[JsonValue | NullValue | None, Codec(_field_value, accepted={}, to_json=_field_value_to_json)]
"""A `google.protobuf.Value` field: `NullValue.NULL_VALUE` is its null, as None means that it is not set.

A None that is passed in is a null of JSON, so it reads as `NullValue.NULL_VALUE` too.
"""
OptionalNull = Annotated[NullValue | None, enum_codec(NullValue)]
"""A `google.protobuf.NullValue` field that may be absent, which None says once it is read."""
ValueItem = Annotated[JsonValue, Codec(_json_value, accepted={})]
"""A `google.protobuf.Value` in a list or map: None is its null."""


_UPPER: Final = re.compile(r"[A-Z]")
_UNDERSCORED: Final = re.compile(r"_([a-z])")


class FieldMask:
    """The paths of a `google.protobuf.FieldMask`, in snake case; hashable, never changes.

    >>> FieldMask.parse("fooBar,baz.q").paths
    ('foo_bar', 'baz.q')
    """

    __slots__ = ("paths",)

    codec: ClassVar[Codec]
    paths: tuple[str, ...]

    def __init__(self, paths: Iterable[str] = ()) -> None:
        object.__setattr__(self, "paths", tuple(paths))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The mask of a comma-separated list of camel-case paths.

        Raises:
            ValueError: it is no such list.
        """
        if not text:
            return cls()
        if "_" in text:
            raise ValueError(f"'{text}' is no list of camel-case paths such as user.displayName,photo")
        return cls(_UPPER.sub(_lower, path) for path in text.split(","))

    def __str__(self) -> str:
        """The canonical ProtoJSON form: camel-case paths, comma-separated."""
        return ",".join([_UNDERSCORED.sub(_upper, path) for path in self.paths])

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"FieldMask is a value: '{name}' cannot be changed")

    def __eq__(self, other: object) -> bool:
        return self.paths == other.paths if isinstance(other, FieldMask) else NotImplemented

    def __hash__(self) -> int:
        return hash((FieldMask, self.paths))

    def __repr__(self) -> str:
        return f"FieldMask({list(self.paths)})"

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[str, ...]]]:
        return type(self), (self.paths,)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return cls.codec.core_schema()

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return cls.codec.__get_pydantic_json_schema__(schema, handler)


def _lower(found: re.Match[str]) -> str:
    return "_" + found[0].lower()


def _upper(found: re.Match[str]) -> str:
    return found[1].upper()


def _parse_mask(value: Any) -> FieldMask:
    if isinstance(value, str):
        try:
            return FieldMask.parse(check_text(value))
        except ValueError:
            raise bad_value("field_mask", "camel-case paths such as user.displayName,photo") from None
    if isinstance(value, FieldMask):
        return value
    raise bad_value("field_mask", "a text of comma-separated paths or a FieldMask")


FieldMask.codec = Codec(_parse_mask, accepted={"type": "string"}, to_json=str)
