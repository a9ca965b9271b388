"""Python enums as TypeScript: an `enum`, or an object of constants where an `enum` cannot say it."""

from __future__ import annotations

import enum
import math

from protogate.codegen.typescript_text import literal, property_name

__all__ = ["enum_as_constants", "enum_as_enum", "has_typescript_enum"]


def has_typescript_enum(cls: type[enum.Enum]) -> bool:
    """Tell whether a TypeScript `enum` has the same members, and its type the same values."""
    # A combination of flags is a number that no member has, and an `enum` refuses it.
    return not issubclass(cls, enum.Flag) and all(
        isinstance(member.value, (str, int, float)) and not isinstance(member.value, bool) and _may_be_member(name)
        for name, member in cls.__members__.items()
    )


def enum_as_enum(cls: type[enum.Enum], name: str) -> str:
    """Return the declaration of an `enum`."""
    if not cls.__members__:
        return f"export enum {name} {{}}"
    members = "".join(f"  {property_name(key)} = {value},\n" for key, value in _members(cls))
    return f"export enum {name} {{\n{members}}}"


def enum_as_constants(cls: type[enum.Enum], name: str) -> str:
    """Return an object of the members, and the type of their values."""
    members = "".join(f"  {property_name(key)}: {value},\n" for key, value in _members(cls))
    values = "number" if issubclass(cls, enum.Flag) else f"(typeof {name})[keyof typeof {name}]"
    body = f"{{\n{members}}}" if members else "{}"
    return f"export const {name} = {body} as const;\nexport type {name} = {values};"


def _members(cls: type[enum.Enum]) -> list[tuple[str, str]]:
    """All names, those of aliases too, with their values."""
    return [(name, _value(cls, name)) for name in cls.__members__]


def _value(cls: type[enum.Enum], name: str) -> str:
    value = cls.__members__[name].value
    written = literal(value)
    if written is None:
        raise ValueError(
            f"{cls.__name__}.{name}: {value!r} is no value that JSON and TypeScript have; use a string or a number"
        )
    return written


def _may_be_member(name: str) -> bool:
    """Refuse what TypeScript takes for the number of a member."""
    try:
        return not math.isfinite(float(name)) and name not in {"Infinity", "-Infinity", "NaN"}
    except ValueError:
        return True
