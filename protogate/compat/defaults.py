"""The value that a field has when nobody set it, and when those of two fields are the same."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Final

from protogate.descriptors.model import Kind

if TYPE_CHECKING:
    from protogate.descriptors import Field

__all__ = ["default_of", "has_default", "same_default"]

_MESSAGES: Final = frozenset({Kind.MESSAGE, Kind.GROUP})


def has_default(field: Field) -> bool:
    """Whether it can have one: no list, no map, no message."""
    return not field.is_repeated and not field.is_map and field.kind not in _MESSAGES


def default_of(field: Field) -> float | bytes:
    """Its default, an enum's as the number and text as bytes, so that other kinds can be compared with it."""
    written = field.default
    if field.kind is Kind.ENUM:
        values = field.enum.proto.value
        return next((one.number for one in values if one.name == written), values[0].number)
    value = field.zero if written is None else written
    return value.encode() if isinstance(value, str) else value


def same_default(old: Field, new: Field) -> bool:
    """Whether readers see the same value; zeros of any two kinds are the same."""
    was, now = default_of(old), default_of(new)
    if not was and not now:
        return True
    if isinstance(was, bytes) or isinstance(now, bytes):
        return was == now
    if {old.kind, new.kind} == {Kind.FLOAT, Kind.DOUBLE}:
        was, now = _narrow(was), _narrow(now)
    return was == now or (math.isnan(was) and math.isnan(now))


def _narrow(value: float) -> float:
    """The nearest single-precision number, as the wider type holds digits that the other never had."""
    try:
        narrowed: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return narrowed
