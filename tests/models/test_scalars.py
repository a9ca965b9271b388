"""Every form of a scalar in a document, and the one form that is written."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from protogate.models import Bool, Bytes, Double, Float, Int32, Int32Key, Int64, UInt32, UInt64
from protogate.models.scalars import to_float32

ACCEPTED = [
    pytest.param(Int32, "1.0", 1, id="whole number with a fraction"),
    pytest.param(Int32, "1e3", 1000, id="exponent"),
    pytest.param(Int32, '"-0"', 0, id="negative zero"),
    pytest.param(Int32, '"1e2"', 100, id="text with an exponent"),
    pytest.param(Int32, '"100e-2"', 1, id="text with a negative exponent"),
    pytest.param(Int32, "-2147483648", -(2**31), id="least int32"),
    pytest.param(Int64, '"9223372036854775807"', 2**63 - 1, id="greatest int64"),
    pytest.param(Int64, "9007199254740993", 2**53 + 1, id="number beyond JavaScript"),
    pytest.param(UInt64, '"18446744073709551615"', 2**64 - 1, id="greatest uint64"),
    pytest.param(Double, '"-Infinity"', -math.inf, id="infinity"),
    pytest.param(Double, '"1.5"', 1.5, id="double as text"),
    pytest.param(Double, "1", 1.0, id="double without fraction"),
    pytest.param(Float, "0.1", to_float32(0.1), id="float is rounded to 32 bits"),
    pytest.param(Bytes, '"-_-_"', b"\xfb\xff\xbf", id="base64 for URLs"),
    pytest.param(Bytes, '"AA"', b"\0", id="base64 without padding"),
    pytest.param(Bool, "true", True, id="bool"),
]

REFUSED = [
    pytest.param(Int32, "2147483648", id="int32 too large"),
    pytest.param(Int32, "1.5", id="fraction"),
    pytest.param(Int32, '" 1"', id="blank"),
    pytest.param(Int32, '"0x1"', id="hexadecimal"),
    pytest.param(Int32, '"1_000"', id="underscore"),
    pytest.param(Int32, '"\uff11"', id="digit that is not ASCII"),
    pytest.param(Int32, '"1e999999999"', id="hostile exponent"),
    pytest.param(Int32, "true", id="bool is no number"),
    pytest.param(Int32, "null", id="null"),
    pytest.param(UInt32, "-1", id="negative unsigned"),
    pytest.param(UInt64, "18446744073709551616", id="uint64 too large"),
    pytest.param(Int64, '"9223372036854775808"', id="int64 too large"),
    pytest.param(Double, '"nan"', id="NaN in lower case"),
    pytest.param(Double, "NaN", id="NaN that is no text"),
    pytest.param(Double, "1e400", id="overflow"),
    pytest.param(Double, '"1e400"', id="overflow as text"),
    pytest.param(Float, "3.5e38", id="float too large"),
    pytest.param(Bytes, '"!!"', id="no base64"),
    pytest.param(Bytes, '"A"', id="base64 of no byte"),
    pytest.param(Bytes, '"A==="', id="too much padding"),
    pytest.param(Bytes, '"+_AA"', id="both alphabets of base64"),
    pytest.param(Bool, '"true"', id="bool as text"),
    pytest.param(Bool, "1", id="bool as number"),
]


@pytest.mark.parametrize(("kind", "text", "value"), ACCEPTED)
def test_form_is_read(kind: Any, text: str, value: object) -> None:
    assert TypeAdapter(kind).validate_json(text) == value


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_form_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_json(text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        pytest.param(Int64, 5, '"5"', id="64 bits are text"),
        pytest.param(Int32, 5, "5", id="32 bits are a number"),
        pytest.param(Double, math.nan, '"NaN"', id="NaN is text"),
        pytest.param(Float, 0.1, "0.1", id="float has the fewest digits"),
        pytest.param(Float, 16777216.0, "16777216.0", id="float that is whole"),
        pytest.param(Bytes, b"\xfb\xff", '"+/8="', id="base64 with padding"),
    ],
)
def test_canonical_form_is_written(kind: Any, value: object, text: str) -> None:
    adapter = TypeAdapter[Any](kind)
    assert adapter.dump_json(adapter.validate_python(value)).decode() == text


def test_python_takes_bytes_as_they_are_and_text_as_base64() -> None:
    adapter = TypeAdapter[bytes](Bytes)
    assert adapter.validate_python(b"AA") == b"AA"
    assert adapter.validate_python("AA==") == b"\0"


def test_python_takes_nan_itself() -> None:
    assert math.isnan(TypeAdapter[float](Double).validate_python(math.nan))


def test_message_says_what_would_work() -> None:
    with pytest.raises(ValidationError, match="Input should be an integer from -2147483648 to 2147483647"):
        TypeAdapter(Int32).validate_json('"x"')


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_float_survives_its_shortest_text(number: float) -> None:
    adapter = TypeAdapter[float](Float)
    text = adapter.dump_json(number)
    assert adapter.validate_json(text) == number
    assert len(text) <= len(json.dumps(number))


@given(st.integers(-(2**31), 2**31 - 1))
def test_integer_is_read_from_number_text_and_key(number: int) -> None:
    adapter = TypeAdapter[int](Int32)
    assert adapter.validate_json(str(number)) == adapter.validate_json(f'"{number}"') == number
    assert TypeAdapter[Any](dict[Int32Key, str]).validate_json(f'{{"{number}": ""}}') == {number: ""}


@given(st.binary())
def test_bytes_are_read_from_both_alphabets(data: bytes) -> None:
    adapter = TypeAdapter[bytes](Bytes)
    text = adapter.dump_json(data).decode()
    assert adapter.validate_json(text) == data
    assert adapter.validate_json(text.replace("+", "-").replace("/", "_").replace("=", "")) == data
