"""Shapes in few words, for the tests of what compares them."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from protogate.crosscheck.shapes import (
    Altered,
    AnyOf,
    Choice,
    Field,
    Items,
    Mapping,
    Member,
    Primitive,
    Record,
    Unresolved,
)
from protogate.findings import Place

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Extra, Scalar, Shape

TEXT = Primitive("string")
WHOLE = Primitive("integer")
NUMBER = Primitive("number")
TRUTH = Primitive("boolean")
NULL = Primitive("null")
CODE = Place("code.py", 7)

_lines = count(1)


def one(*values: Scalar, file: str = "code.py") -> Choice:
    """A list of values, each on a line of its own."""
    members = tuple(Member(value, Place(file, next(_lines))) for value in values)
    return Choice(members, members[0].place if members else Place(file, next(_lines)))


def record(name: str = "Model", /, *, extra: Extra = "ignore", **fields: Shape | Field) -> Record:
    """An object with these keys."""
    made = tuple(value if isinstance(value, Field) else field(key, value) for key, value in fields.items())
    return Record(name, Place("code.py", next(_lines)), lambda: made, extra)


def field(name: str, shape: Shape, python_name: str = "", *other_names: str, required: bool = True) -> Field:
    return Field(name, shape, required, Place("code.py", next(_lines)), python_name or name, other_names)


def either(*shapes: Shape) -> AnyOf:
    return AnyOf(shapes)


def items(shape: Shape, *prefix: Shape) -> Items:
    return Items(shape, prefix)


def values(shape: Shape) -> Mapping:
    return Mapping(TEXT, shape)


def altered(shape: Shape, by: str = "field_serializer shout") -> Altered:
    return Altered(shape, by, CODE)


def unknown(reason: str = "make() is called to make it") -> Unresolved:
    return Unresolved(reason, CODE)
