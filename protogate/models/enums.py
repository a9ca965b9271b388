"""Enums: names in documents, numbers in memory, and numbers without a name where the contract allows them."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self

from protogate.models.codecs import Codec, bad_value
from protogate.models.scalars import parse_int32

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["ClosedEnum", "NullValue", "OpenEnum", "ProtoEnum", "enum_codec"]


class ProtoEnum(IntEnum):
    """What open and closed enums share."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        # Named schemas become one definition; the null needs none.
        ref = None if cls is NullValue else f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"
        return enum_codec(cls).core_schema(ref)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        if cls is NullValue:
            return dict(_NULL_VALUE.accepted)
        return _json_schema(cls, accepting=handler.mode == "validation")

    @property
    def proto_name(self) -> str:
        """The name in the contract and in documents; the digits of a number without a name."""
        return _proto_name(self)


class ClosedEnum(ProtoEnum):
    """An enum of exactly its values, as proto2 has them."""


class OpenEnum(ProtoEnum):
    """An enum that keeps numbers which a newer contract may name.

    `Color(99)` is a member without a name: `is_known` is False, it compares equal to 99 and is written as 99.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not int or not -(2**31) <= value < 2**31:
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = str(value)
        unknown._value_ = value
        return unknown

    @property
    def is_known(self) -> bool:
        """Whether the contract names this number."""
        return self._name_ in type(self).__members__


def _proto_names(enum: type[ProtoEnum]) -> dict[str, str]:
    """Python name to proto name of all values, aliases after the first."""
    escaped: Mapping[str, str] = enum.__dict__.get("__proto_names__", {})
    return {name: escaped.get(name, name) for name in enum.__members__}


def _proto_name(member: ProtoEnum) -> str:
    escaped: Mapping[str, str] = type(member).__dict__.get("__proto_names__", {})
    return escaped.get(member._name_, member._name_)


@cache
def enum_codec(enum: type[ProtoEnum]) -> Codec:
    """How values of `enum` are read and written."""
    if enum is NullValue:
        return _NULL_VALUE
    by_name = {proto: enum.__members__[name] for name, proto in _proto_names(enum).items()}
    by_number = {int(member): member for member in by_name.values()}
    is_open = issubclass(enum, OpenEnum)
    names = {member: _proto_name(member) for member in enum}
    expected = f"a name of enum {enum.__name__} or {'an int32' if is_open else 'its number'}"

    def parse(value: Any) -> ProtoEnum:
        if type(value) is str:
            member = by_name.get(value)
            if member is not None:
                return member
        elif type(value) is enum:
            return value
        elif not isinstance(value, str):
            number = parse_int32(value)
            member = by_number.get(number)
            if member is not None:
                return member
            if is_open:
                return enum(number)
        raise bad_value("enum", expected)

    def to_json(value: ProtoEnum) -> str | int:
        # A number without a name is no key of names, whatever enum it is of.
        return names.get(value, int(value))

    return Codec(parse, accepted={}, to_json=to_json)


def _json_schema(enum: type[ProtoEnum], *, accepting: bool) -> dict[str, Any]:
    by_name = _proto_names(enum)
    first = {member.name for member in enum}
    numbers: dict[str, Any] = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
    if not issubclass(enum, OpenEnum):
        numbers = {"type": "integer", "enum": [int(member) for member in enum]}
    names = [proto for name, proto in by_name.items() if accepting or name in first]
    schema: dict[str, Any] = {"title": enum.__name__}
    if enum.__dict__.get("__doc__"):
        schema["description"] = enum.__doc__
    text = {"type": "string", "enum": names}
    if accepting or issubclass(enum, OpenEnum):
        schema["anyOf"] = [text, numbers]
    else:
        schema.update(text)
    if enum.__dict__.get("__deprecated__"):
        schema["deprecated"] = True
    return schema


class NullValue(ClosedEnum):
    """The null of JSON; also what a `google.protobuf.Value` field holds when it is null, as None means absent."""

    NULL_VALUE = 0


def _parse_null(value: Any) -> NullValue:
    if value is None or value == "NULL_VALUE" or (type(value) in {int, float, NullValue} and value == 0):
        return NullValue.NULL_VALUE
    raise bad_value("null_value", "null")


def _null_to_json(_value: NullValue) -> None:
    return None


_NULL_VALUE: Final = Codec(_parse_null, accepted={"type": "null"}, to_json=_null_to_json)
