"""The types of CEL, and what a checker has to know of a contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

__all__ = [
    "BOOL",
    "BYTES",
    "DOUBLE",
    "DURATION",
    "DYN",
    "INT",
    "NULL",
    "NUMERIC",
    "STRING",
    "TIMESTAMP",
    "TYPE",
    "UINT",
    "Env",
    "FieldType",
    "Fields",
    "Kind",
    "Type",
    "list_of",
    "map_of",
    "message",
    "wrapper_of",
]

Kind = str
"""bool, int, uint, double, string, bytes, null, timestamp, duration, type, dyn, list, map, message, wrapper, param."""


class Type(NamedTuple):
    """A type; `params` are those of list, map and wrapper, `name` is that of a message."""

    kind: Kind
    params: tuple[Type, ...] = ()
    name: str = ""

    def __str__(self) -> str:
        if self.name:
            return self.name
        return f"{self.kind}({', '.join(map(str, self.params))})" if self.params else self.kind


BOOL = Type("bool")
INT = Type("int")
"""Also every enum: CEL sees the number."""
UINT = Type("uint")
DOUBLE = Type("double")
STRING = Type("string")
BYTES = Type("bytes")
NULL = Type("null")
TIMESTAMP = Type("timestamp")
DURATION = Type("duration")
TYPE = Type("type")
DYN = Type("dyn")
"""Known at run time only, as `google.protobuf.Value` and the items of a mixed list."""

NUMERIC = frozenset({INT, UINT, DOUBLE})


def list_of(item: Type) -> Type:
    """`list(item)`, the type of a repeated field."""
    return Type("list", (item,))


def map_of(key: Type, value: Type) -> Type:
    """`map(key, value)`, the type of a map field."""
    return Type("map", (key, value))


def message(full_name: str) -> Type:
    """The type of a message, except for the well-known ones that have a type of their own."""
    return _WELL_KNOWN.get(full_name) or Type("message", (), full_name)


def wrapper_of(inner: Type) -> Type:
    """`wrapper(inner)`: `inner` or null, as `google.protobuf.Int64Value`."""
    return Type("wrapper", (inner,))


_WELL_KNOWN = {
    "google.protobuf.Timestamp": TIMESTAMP,
    "google.protobuf.Duration": DURATION,
    "google.protobuf.Value": DYN,
    "google.protobuf.Any": DYN,
    "google.protobuf.Struct": map_of(STRING, DYN),
    "google.protobuf.ListValue": list_of(DYN),
    "google.protobuf.BoolValue": wrapper_of(BOOL),
    "google.protobuf.Int32Value": wrapper_of(INT),
    "google.protobuf.Int64Value": wrapper_of(INT),
    "google.protobuf.UInt32Value": wrapper_of(UINT),
    "google.protobuf.UInt64Value": wrapper_of(UINT),
    "google.protobuf.FloatValue": wrapper_of(DOUBLE),
    "google.protobuf.DoubleValue": wrapper_of(DOUBLE),
    "google.protobuf.StringValue": wrapper_of(STRING),
    "google.protobuf.BytesValue": wrapper_of(BYTES),
}


class FieldType(NamedTuple):
    """A field as CEL sees it."""

    name: str
    type: Type
    presence: bool
    """Whether the field knows that it was not set (`optional`, members of a oneof, messages)."""
    default: bool | int | float | str | bytes | None = None
    """What a read of the unset field gives where the contract says so (proto2 `default`); enums by number."""
    single: bool = False
    """Whether the doubles are 32-bit `float`s."""


Fields = Callable[[str], Mapping[str, FieldType] | None]
"""The fields of a message by full name; None when there is no such message."""


def _no_constant(_name: str) -> int | None:
    return None


class Env(NamedTuple):
    """The names that an expression may use."""

    variables: Mapping[str, Type]
    """`this`, `now`, and in predefined rules `rule` and `rules`."""
    fields: Fields
    constant: Callable[[str], int | None] = _no_constant
    """The number of an enum value by its full name (`acme.v1.Color.COLOR_RED`)."""
