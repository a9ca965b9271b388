"""Which constants a model keeps as they are when it checks them.

A value of the kind that a field is made of is kept or refused; one of another kind may be converted ("5" becomes 5), so
that what is written is not what stands in the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.crosscheck.python.values import UNKNOWN, Constant, union
from protogate.crosscheck.shapes import AnyOf, Anything, Choice, Items, Mapping, Primitive, Record

if TYPE_CHECKING:
    from protogate.crosscheck.python.making import ModelField
    from protogate.crosscheck.python.values import Value
    from protogate.crosscheck.shapes import Scalar, Shape

__all__ = ["carried", "keeps"]


def carried(value: Value, field: ModelField) -> Value:
    """Return what of a value a field still holds after validation."""
    return union(
        UNKNOWN if isinstance(atom, Constant) and (field.hooked or not keeps(field.accepts, atom.value)) else (atom,)
        for atom in value
    )


def keeps(shape: Shape, value: Scalar) -> bool:
    """Return whether a shape keeps a value, or refuses it."""
    kind = _kind(value)
    match shape:
        case AnyOf(members=members):
            return all(map(_is_plain, members)) and any(keeps(one, value) for one in members)
        case Choice(members=listed):
            return any(_kind(one.value) == kind for one in listed)
        case Primitive(kind=wanted, format=form):
            return not form and (wanted == kind or (wanted == "number" and kind == "integer"))
        case Anything():
            return True
        case _:
            return False


def _is_plain(shape: Shape) -> bool:
    """Return whether a member of a union converts nothing that belongs to another one."""
    match shape:
        case Primitive(format=form):
            return not form
        case Choice() | Anything() | Record() | Items() | Mapping():
            return True
        case _:
            return False


def _kind(value: Scalar) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case _:
            return "null"
