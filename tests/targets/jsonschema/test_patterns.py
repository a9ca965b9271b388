"""Patterns for numbers match exactly the texts of the numbers in range."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoc_gen_protogate.targets.jsonschema import patterns
from protoc_gen_protogate.targets.jsonschema.numbers import decimal_of

INT32 = (-(2**31), 2**31 - 1)
INT64 = (-(2**63), 2**63 - 1)
UINT32 = (0, 2**32 - 1)
UINT64 = (0, 2**64 - 1)
RANGES = pytest.mark.parametrize("full", [INT32, UINT32, INT64, UINT64], ids=["int32", "uint32", "int64", "uint64"])

numerals = st.from_regex(r"[-+]?(?:[0-9]{1,4}(?:\.[0-9]{0,3})?|\.[0-9]{1,3})", fullmatch=True)
exponents = st.from_regex(r"(?:[eE][-+]?[0-9])?", fullmatch=True)
bounds = st.integers(-(10**5), 10**5).map(lambda n: str(Decimal(n) / 100))


def value_of(text: str) -> Fraction:
    return Fraction(Decimal(text))


def matches(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


@given(st.tuples(st.integers(0, 2000), st.integers(0, 2000)).map(sorted), st.integers(0, 2500))
def test_digits_between_two_numbers(ends: list[int], number: int) -> None:
    low, high = ends
    assert matches(f"^{patterns.digits_between(low, high)}$", str(number)) is (low <= number <= high)


@given(st.integers(0, 2**64), st.integers(0, 2**64), st.integers(0, 2**64))
def test_digits_of_long_numbers(one: int, other: int, number: int) -> None:
    low, high = sorted((one, other))
    assert matches(f"^{patterns.digits_between(low, high)}$", str(number)) is (low <= number <= high)


@RANGES
@given(st.data())
def test_integers_of_a_whole_type(full: tuple[int, int], data: st.DataObject) -> None:
    low, high = full
    number = data.draw(st.integers(2 * low - 10, 2 * high) | st.sampled_from([low, high, low - 1, high + 1]))
    assert matches(patterns.full_range(low, high), str(number)) is (low <= number <= high)
    assert matches(patterns.canonical_integers([full]), str(number)) is (low <= number <= high)


@RANGES
@given(text=st.builds(str.__add__, numerals, exponents))
def test_no_text_beyond_its_type_passes(full: tuple[int, int], text: str) -> None:
    value = value_of(text)
    if matches(patterns.full_range(*full), text):
        assert value.denominator == 1
        assert full[0] <= value <= full[1]


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0",
        "+1",
        "01",
        "00",
        "-01",
        "1.",
        "1.0",
        "-.0",
        "1e3",
        "1E2",
        "1e+2",
        "1.5e1",
        "100e-2",
        "0e99",
        "2e9",
        "1e09",
        "2147483647",
        "-2147483648",
        "2147483647.0",
    ],
)
def test_odd_spellings_of_int32(text: str) -> None:
    assert matches(patterns.full_range(*INT32), text)


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1.5", "15e-1", "3e9", "0x1", "1e", "e1", ".", "--1", "1_0", "\uff11", "1,0"]
)
def test_what_is_no_int32(text: str) -> None:
    assert not matches(patterns.full_range(*INT32), text)


@given(
    st.lists(
        st.tuples(st.integers(-300, 300), st.integers(0, 300)).map(lambda p: (p[0], p[0] + p[1])),
        min_size=1,
        max_size=3,
    ),
    numerals,
    exponents,
)
def test_integers_of_some_intervals(intervals: list[tuple[int, int]], mantissa: str, exponent: str) -> None:
    text = mantissa + exponent
    value = value_of(text)
    is_allowed = value.denominator == 1 and any(low <= value <= high for low, high in intervals)
    is_matched = matches(patterns.integers(intervals, INT32), text)
    assert is_allowed or not is_matched
    if re.fullmatch(r"[-+]?[0-9]+(\.0*)?", text):
        assert is_matched is is_allowed


@given(bounds, st.booleans(), numerals, exponents)
def test_decimals_on_one_side_of_a_bound(bound: str, is_open: bool, mantissa: str, exponent: str) -> None:  # noqa: FBT001
    text, limit = mantissa + exponent, Fraction(bound)
    value = value_of(text)
    bound = decimal_of(float(bound), is_single=False)
    lower = patterns.at_least(bound, is_open=is_open, has_exponents=True)
    upper = patterns.at_most(bound, is_open=is_open, has_exponents=True)
    is_above = value > limit if is_open else value >= limit
    is_below = value < limit if is_open else value <= limit
    assert is_above or not matches(lower, text)
    assert is_below or not matches(upper, text)
    if not exponent:
        assert matches(lower, text) is is_above
        assert matches(upper, text) is is_below


@given(bounds, numerals)
def test_decimals_that_equal_one(bound: str, text: str) -> None:
    pattern = f"^{patterns.equal_decimal(decimal_of(float(bound), is_single=False))}$"
    assert matches(pattern, text) is (value_of(text) == Fraction(bound))


@pytest.mark.parametrize(
    ("largest", "exponent", "limit"),
    [("34028235", 38, 34028235 * 10**31), ("17976931348623158", 308, 17976931348623158 * 10**292)],
    ids=["float", "double"],
)
@given(numerals, st.integers(-3, 3))
def test_overflow_is_seen_only_beyond_the_limit(
    largest: str, exponent: int, limit: int, mantissa: str, distance: int
) -> None:
    text = f"{mantissa}e{exponent + distance}"
    if matches(patterns.float_overflow(largest, exponent), text):
        assert abs(value_of(text)) > limit


@given(st.text())
def test_escaped_text_matches_itself_alone(text: str) -> None:
    assert re.fullmatch(patterns.escape(text), text)
    assert not re.fullmatch(patterns.escape(text), text + "x")


@pytest.mark.parametrize(
    ("value", "is_single", "text"),
    [
        (0.1, False, "0.1"),
        (0.10000000149011612, True, "0.1"),
        (1e-7, False, "0.0000001"),
        (1e22, False, "10000000000000000000000"),
        (-90.0, False, "-90"),
    ],
)
def test_decimals_are_the_shortest_that_read_back(value: float, is_single: bool, text: str) -> None:  # noqa: FBT001
    assert decimal_of(value, is_single=is_single) == text
