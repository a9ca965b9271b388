"""The scalar types of Protobuf: ranges, text forms of numbers, base64.

Source of the forms: https://protobuf.dev/programming-guides/json/ and, where it is silent, what the majority of
Google's, Buf's and Go's implementations do.
"""

from __future__ import annotations

import binascii
import math
import re
import struct
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Strict

from protogate.models.codecs import Codec, JsonSchema, bad_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationInfo

__all__ = [
    "Bool",
    "BoolKey",
    "Bytes",
    "Double",
    "Float",
    "Int32",
    "Int32Key",
    "Int64",
    "Int64Key",
    "UInt32",
    "UInt32Key",
    "UInt64",
    "UInt64Key",
    "double_to_json",
    "parse_int32",
    "to_float32",
]

_DIGITS: Final = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_NUMERAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MAX_DIGITS: Final = 20
"""Of 64 bits, with the sign."""
_LONGEST_NUMERAL: Final = 400
"""No accepted numeral needs more; keeps the cost of hostile exponents and digits down."""


def _integer(kind: str, low: int, high: int) -> Callable[[Any], int]:
    expected = f"an integer from {low} to {high}"

    def parse(value: Any) -> int:
        if type(value) is int:
            number = value
        elif type(value) is str:
            is_plain = len(value) <= _MAX_DIGITS and _DIGITS.fullmatch(value)
            number = int(value) if is_plain else _whole(value)
        elif _is_whole(value):
            number = int(value)
        else:
            raise bad_value(kind, expected)
        if low <= number <= high:
            return number
        raise bad_value(kind, expected)

    def _whole(text: str) -> int:
        if len(text) > _LONGEST_NUMERAL or not _NUMERAL.fullmatch(text):
            raise bad_value(kind, expected)
        exact = Decimal(text)
        if not low <= exact <= high or exact != exact.to_integral_value():
            raise bad_value(kind, expected)
        return int(exact)

    return parse


def _is_whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _integer_key(kind: str, low: int, high: int) -> Callable[[Any], int]:
    """Keys are names in JSON, so a number in one can only come from Python."""
    parse_number = _integer(kind, low, high)

    def parse(value: Any) -> int:
        if isinstance(value, float):
            raise bad_value(kind, f"a text of an integer from {low} to {high}")
        return parse_number(value)

    return parse


_INT32: Final = (-(2**31), 2**31 - 1)
_UINT32: Final = (0, 2**32 - 1)
_INT64: Final = (-(2**63), 2**63 - 1)
_UINT64: Final = (0, 2**64 - 1)

_SIGNED_TEXT: Final[JsonSchema] = {"type": "string", "pattern": "^-?[0-9]+$"}
_UNSIGNED_TEXT: Final[JsonSchema] = {"type": "string", "pattern": "^[0-9]+$"}


def _integer_schema(bounds: tuple[int, int]) -> JsonSchema:
    return {"type": "integer", "minimum": bounds[0], "maximum": bounds[1]}


def _narrow(kind: str, bounds: tuple[int, int]) -> Codec:
    return Codec(_integer(kind, *bounds), accepted=_integer_schema(bounds))


def _wide(kind: str, bounds: tuple[int, int]) -> Codec:
    """64 bits: text in a document, because JavaScript's numbers end at 2**53."""
    text = {**(_SIGNED_TEXT if bounds[0] else _UNSIGNED_TEXT), "format": kind}
    return Codec(
        _integer(kind, *bounds),
        accepted={"anyOf": [text, _integer_schema(bounds)]},
        canonical=text,
        to_json=str,
    )


def _key(kind: str, bounds: tuple[int, int]) -> Codec:
    text = _SIGNED_TEXT if bounds[0] else _UNSIGNED_TEXT
    return Codec(_integer_key(kind, *bounds), accepted=text, to_json=str)


Int32 = Annotated[int, _narrow("int32", _INT32)]
UInt32 = Annotated[int, _narrow("uint32", _UINT32)]
Int64 = Annotated[int, _wide("int64", _INT64)]
UInt64 = Annotated[int, _wide("uint64", _UINT64)]

Int32Key = Annotated[int, _key("int32", _INT32)]
UInt32Key = Annotated[int, _key("uint32", _UINT32)]
Int64Key = Annotated[int, _key("int64", _INT64)]
UInt64Key = Annotated[int, _key("uint64", _UINT64)]

parse_int32: Final = _integer("int32", *_INT32)
"""An int32 from any of its forms."""


def _parse_bool_key(value: Any) -> bool:
    if value == "true" or value is True:
        return True
    if value == "false" or value is False:
        return False
    raise bad_value("bool", '"true" or "false"')


def _bool_text(value: object) -> str:
    return "true" if value else "false"


Bool = Annotated[bool, Strict()]
BoolKey = Annotated[
    bool, Codec(_parse_bool_key, accepted={"type": "string", "enum": ["true", "false"]}, to_json=_bool_text)
]


_SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_FLOAT32_MAX: Final = 3.4028234663852886e38
_NUMBER = 'a number, "NaN", "Infinity" or "-Infinity"'


def _parse_double(value: Any, info: ValidationInfo) -> float:
    if type(value) is float:
        # JSON has neither NaN nor 1e999, whatever its parser makes of them; Python values may be any float.
        if math.isfinite(value) or info.mode == "python":
            return value
    elif type(value) is str:
        special = _SPECIAL.get(value)
        if special is not None:
            return special
        if _NUMERAL.fullmatch(value):
            number = float(value)
            if math.isfinite(number):
                return number
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    raise bad_value("double", _NUMBER)


def _parse_float(value: Any, info: ValidationInfo) -> float:
    number = _parse_double(value, info)
    if not math.isfinite(number):
        return number
    try:
        return to_float32(number)
    except OverflowError:
        raise bad_value("float", f"{_NUMBER}, at most {_FLOAT32_MAX} either way") from None


_PACK: Final = struct.Struct("<f")


def to_float32(number: float) -> float:
    """The nearest number that a Protobuf `float` can hold.

    Raises:
        OverflowError: it is too large for one.
    """
    rounded: float = _PACK.unpack(_PACK.pack(number))[0]
    return rounded


def double_to_json(number: float) -> float | str:
    """A number, or the text that stands for one that JSON has not."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _float_to_json(number: float) -> float | str:
    """With the fewest digits that lead back to the same 32 bits."""
    if not math.isfinite(number):
        return double_to_json(number)
    for digits in (6, 7, 8, 9):
        short = float(f"{number:.{digits}g}")
        # Above the limit most implementations refuse even what would be rounded down to it.
        if abs(short) <= _FLOAT32_MAX and to_float32(short) == number:
            return short
    return number


_SPECIAL_SCHEMA: Final[JsonSchema] = {"type": "string", "enum": [*_SPECIAL]}
_FLOAT_ACCEPTED: Final[JsonSchema] = {
    "anyOf": [{"type": "number"}, _SPECIAL_SCHEMA, {"type": "string", "pattern": r"^-?[0-9.]+([eE][+-]?[0-9]+)?$"}]
}
_FLOAT_CANONICAL: Final[JsonSchema] = {"anyOf": [{"type": "number"}, _SPECIAL_SCHEMA]}

Double = Annotated[
    float,
    Codec(
        _parse_double,
        accepted=_FLOAT_ACCEPTED,
        canonical=_FLOAT_CANONICAL,
        to_json=double_to_json,
        wants_mode=True,
    ),
]
Float = Annotated[
    float,
    Codec(
        _parse_float,
        accepted=_FLOAT_ACCEPTED,
        canonical=_FLOAT_CANONICAL,
        to_json=_float_to_json,
        wants_mode=True,
    ),
]


_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})", re.ASCII)
_URL_ALPHABET: Final = str.maketrans("-_", "+/")
_NEEDED_PADDING: Final = {0: 0, 2: 2, 3: 1}
"""Padding by the length of the last group; a single letter there is no byte."""


def _parse_bytes(value: Any) -> bytes:
    """Bytes as they are; text is base64 wherever it comes from, as FastAPI validates parsed JSON as Python values."""
    if type(value) is str:
        found = _BASE64.fullmatch(value)
        if found is None:
            raise bad_value("bytes", "base64")
        padding = len(found[1])
        needed = _NEEDED_PADDING.get((len(value) - padding) % 4)
        if needed is None or padding > needed:
            raise bad_value("bytes", "base64")
        text = value.translate(_URL_ALPHABET) if "-" in value or "_" in value else value
        return binascii.a2b_base64(text + "=" * (needed - padding))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise bad_value("bytes", "base64 text or bytes")


def _bytes_to_json(value: bytes) -> str:
    return binascii.b2a_base64(value, newline=False).decode("ascii")


Bytes = Annotated[
    bytes,
    Codec(_parse_bytes, accepted={"type": "string", "contentEncoding": "base64"}, to_json=_bytes_to_json),
]
