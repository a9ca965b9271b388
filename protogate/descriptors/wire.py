"""The few facts of Protobuf's wire format that are worth reading without building messages.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CONTINUED", "WireError", "WireField", "iterate_fields", "read_varint", "write_varint"]

CONTINUED: Final = 0x7F
"""A varint byte above this has a successor."""

_LENGTH_DELIMITED: Final = 2
_FIXED_SIZES: Final = {1: 8, 5: 4}


class WireError(ValueError):
    """The bytes are not a serialized message."""


class WireField(NamedTuple):
    """One field of a serialized message, by position in its bytes."""

    number: int
    start: int
    value: int
    """Where the payload starts, behind the length."""
    end: int


def iterate_fields(data: bytes, position: int, end: int) -> Iterator[WireField]:
    """Every field between two positions; nested messages are not entered.

    Raises:
        WireError: the bytes end in the middle of a field, or hold a group.
    """
    while position < end:
        start = position
        tag, value = read_varint(data, start)
        wire_type = tag & 7
        if wire_type == _LENGTH_DELIMITED:
            length, value = read_varint(data, value)
            position = value + length
        elif wire_type == 0:
            _, position = read_varint(data, value)
        elif wire_type in _FIXED_SIZES:
            position = value + _FIXED_SIZES[wire_type]
        else:
            raise WireError(f"wire type {wire_type} at byte {start}")
        if position > end:
            raise WireError(f"cut short at byte {start}")
        yield WireField(tag >> 3, start, value, position)


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """The varint at `position` and the position behind it."""
    try:
        value = data[position]
        position += 1
        if value <= CONTINUED:
            return value, position
        value &= CONTINUED
        shift = 7
        while True:
            byte = data[position]
            position += 1
            value |= (byte & CONTINUED) << shift
            if byte <= CONTINUED:
                return value, position
            shift += 7
    except IndexError as error:
        raise WireError("cut short in a varint") from error


def write_varint(value: int) -> bytes:
    """The varint of a number that is not negative."""
    written = bytearray()
    while value > CONTINUED:
        written.append(value & CONTINUED | (CONTINUED + 1))
        value >>= 7
    written.append(value)
    return bytes(written)
