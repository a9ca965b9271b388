"""Regular expressions for numbers, dates and bytes, as JSON Schema can say them.

All of them stay inside what ECMA-262 (with the `u` flag) and RE2-like engines read alike: no lookaround, no class
shorthands (their digits are Unicode in some engines), no escapes of letters or of `-`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from protoc_gen_protogate.kit.ranges import Interval

__all__ = [
    "BASE64",
    "BASE64_ALPHABET",
    "BASE64_CANONICAL",
    "FIELD_MASK",
    "any_of",
    "at_least",
    "at_most",
    "canonical_integers",
    "digit_class",
    "digits_between",
    "equal_decimal",
    "escape",
    "float_overflow",
    "fractions_above",
    "fractions_below",
    "full_range",
    "integers",
]

BASE64_ALPHABET: Final = "[A-Za-z0-9+/_-]"
"""Of the standard and of the URL-safe form."""

BASE64: Final = "^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}={0,2}|[A-Za-z0-9+/_-]{3}=?)?$"
"""Either alphabet, padded or not."""

BASE64_CANONICAL: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"

FIELD_MASK: Final = "^[^_]*$"
"""Parsers turn camelCase into snake_case and refuse nothing else."""

_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|")
_SAFE_IN_DOUBLE: Final = 2**53
_MAX_EXPONENT: Final = 6
_MAX_NEGATIVE_EXPONENT: Final = 4
"""`"12000e-3"` is an integer too; nobody writes longer ones."""


def escape(text: str) -> str:
    """A pattern that matches `text` and nothing else, portable between engines."""
    return "".join(f"\\{c}" if c in _SYNTAX else c for c in text)


def any_of(alternatives: Iterable[str]) -> str:
    """One pattern for all alternatives, grouped when there is more than one."""
    found = list(dict.fromkeys(alternatives))
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"


def digits_between(low: int, high: int) -> str:
    """A pattern for the decimal forms, without leading zeros, of the integers from `low` (>= 0) to `high`."""
    return any_of(_alternatives(low, high))


def _alternatives(low: int, high: int) -> Iterator[str]:
    if low == 0:
        yield "0"
        low = 1
    full_from = 0
    for length in range(len(str(low)), len(str(high)) + 1):
        first, last = max(low, 10 ** (length - 1)), min(high, 10**length - 1)
        if first > last:
            continue
        is_full = first == 10 ** (length - 1) and last == 10**length - 1
        if is_full:
            full_from = full_from or length
            if last < high:
                continue
        if full_from:
            yield _full_lengths(full_from, length if is_full else length - 1)
            full_from = 0
        if not is_full:
            yield _same_length(str(first), str(last))


def _full_lengths(shortest: int, longest: int) -> str:
    if longest == 1:
        return "[1-9]"
    return f"[1-9]{_digits(shortest - 1, longest - 1)}"


def _digits(least: int, most: int) -> str:
    if least == most:
        return "" if not most else "[0-9]" if most == 1 else f"[0-9]{{{most}}}"
    if (least, most) == (0, 1):
        return "[0-9]?"
    return f"[0-9]{{{least},{most}}}"


def _same_length(low: str, high: str) -> str:
    """The digit strings from `low` to `high`, both of one length."""
    rest = len(low) - 1
    if not rest:
        return digit_class(low, high)
    if low[0] == high[0]:
        return low[0] + _same_length(low[1:], high[1:])
    zeros, nines = "0" * rest, "9" * rest
    first, last = int(low[0]), int(high[0])
    alternatives: list[str] = []
    if low[1:] != zeros:
        alternatives.append(low[0] + _same_length(low[1:], nines))
        first += 1
    if high[1:] != nines:
        last -= 1
    if first <= last:
        alternatives.append(digit_class(str(first), str(last)) + _digits(rest, rest))
    if high[1:] != nines:
        alternatives.append(high[0] + _same_length(zeros, high[1:]))
    return any_of(alternatives)


def digit_class(first: str, last: str) -> str:
    """The digits from `first` to `last`."""
    if first == last:
        return first
    return f"[{first}{last}]" if int(last) - int(first) == 1 else f"[{first}-{last}]"


def canonical_integers(intervals: Sequence[Interval]) -> str:
    """The integers of `intervals` as every serialiser writes them."""
    negative = [digits_between(max(1, -high), -low) for low, high in intervals if low < 0]
    positive = [digits_between(max(0, low), high) for low, high in intervals if high >= 0]
    alternatives = [f"-{any_of(negative)}"] if negative else []
    return f"^{any_of(alternatives + positive)}$"


def integers(intervals: Sequence[Interval], full: Interval) -> str:
    """The integers of `intervals` as parsers take them: signs, leading zeros, empty fractions and exponents.

    Exponents go as far as people write them, and stop short of the ends of `full`, the type's own range.
    """
    negative = [(max(0, -high), -low) for low, high in intervals if low <= 0]
    positive = [(max(0, low), high) for low, high in intervals if high >= 0]
    alternatives = []
    if positive:
        alternatives.append(f"\\+?0*{any_of(_magnitudes(positive, full[1]))}")
    if negative:
        alternatives.append(f"-0*{any_of(_magnitudes(negative, -full[0]))}")
    if any(low <= 0 <= high for low, high in intervals):
        alternatives.append("[-+]?\\.0+")
    return f"^{any_of(alternatives)}$"


def _magnitudes(intervals: Sequence[Interval], largest: int) -> Iterator[str]:
    yield f"{any_of(digits_between(low, high) for low, high in intervals)}(?:\\.0*)?"
    for exponent in range(1, _MAX_EXPONENT + 1):
        unit = 10**exponent
        scaled = [(-(-low // unit), _scaled_end(high, unit, largest)) for low, high in intervals]
        digits = [digits_between(low, high) for low, high in scaled if low <= high]
        if digits and any(high for _, high in scaled):
            yield f"{any_of(digits)}(?:\\.0*)?[eE]\\+?0*{exponent}"


def _scaled_end(high: int, unit: int, largest: int) -> int:
    """`high // unit`; of the type's own end only as many nines, which is a tenth of the pattern."""
    if high < largest:
        return high // unit
    return int("9" * (len(str(high // unit)) - 1) or "0")


def full_range(low: int, high: int) -> str:
    """Every text of an integer type that parsers take, exponents included.

    With an exponent, a mantissa of as many digits as are safe whatever they are; the last digit of the range is exact
    for plain digits only.
    """
    safe = len(str(high)) - 1
    sign = "[-+]?" if low < 0 else "\\+?"
    # Beyond 2**53 parsers go through a double as soon as there is a point, and refuse what it cannot hold.
    fraction = "(?:\\.0*)?" if high < _SAFE_IN_DOUBLE else ""
    plain = [f"{sign}0*{digits_between(0, high)}{fraction}"]
    plain.append(f"-0*{-low}{fraction}" if low < 0 else "-0+(?:\\.0*)?")
    loose = any_of(_loose_forms(safe, int(str(high)[0])))
    return f"^(?:{'|'.join(plain)}|{sign}0*{loose}|[-+]?\\.0+|[-+]?0+(?:\\.0*)?[eE][-+]?[0-9]+)$"


def _loose_forms(safe: int, first_digit: int) -> Iterator[str]:
    yield f"[0-9]{{1,{safe}}}\\.0*(?:[eE][-+]?0+)?"
    yield f"[0-9]{{1,{safe}}}[eE][-+]?0+"
    for exponent in range(1, safe):
        yield f"{_digits(1, safe - exponent)}(?:\\.{_digits(0, exponent)}0*)?[eE]\\+?0*{exponent}"
    yield f"{digit_class('0', str(first_digit - 1))}(?:\\.{_digits(0, safe)}0*)?[eE]\\+?0*{safe}"
    yield f"{first_digit}(?:\\.0*)?[eE]\\+?0*{safe}"
    for exponent in range(1, _MAX_NEGATIVE_EXPONENT + 1):
        yield f"{_digits(1, safe - exponent)}{'0' * exponent}(?:\\.0*)?[eE]-0*{exponent}"


def at_least(decimal: str, *, is_open: bool, has_exponents: bool = False) -> str:
    """Texts of decimals that are not below `decimal`; to be used beside a pattern of numerals.

    With an exponent, only those are told that stand out by their length.
    """
    exponent = "(?:[eE][-+]?[0-9]+)?" if has_exponents else ""
    if decimal.startswith("-"):
        return f"^(?:\\+?[0-9.]+{exponent}|-0*{_magnitude_below(decimal[1:], is_open, has_exponents)})$"
    if not decimal.strip("0."):
        return f"^\\+?[0.]*[1-9][0-9.]*{exponent}$" if is_open else f"^(?:\\+?[0-9.]+{exponent}|-[0.]+{exponent})$"
    return f"^\\+?0*{_magnitude_above(decimal, is_open, has_exponents)}$"


def at_most(decimal: str, *, is_open: bool, has_exponents: bool = False) -> str:
    """Texts of decimals that are not above `decimal`; to be used beside a pattern of numerals."""
    exponent = "(?:[eE][-+]?[0-9]+)?" if has_exponents else ""
    if decimal.startswith("-"):
        return f"^-0*{_magnitude_above(decimal[1:], is_open, has_exponents)}$"
    if not decimal.strip("0."):
        return f"^-[0.]*[1-9][0-9.]*{exponent}$" if is_open else f"^(?:-[0-9.]+{exponent}|\\+?[0.]+{exponent})$"
    return f"^(?:-[0-9.]+{exponent}|\\+?0*{_magnitude_below(decimal, is_open, has_exponents)})$"


def equal_decimal(decimal: str) -> str:
    """Texts of decimals without exponent that equal `decimal`, without anchors."""
    whole, _, fraction = decimal.lstrip("-").partition(".")
    if not decimal.strip("-0."):
        return "[-+]?[0.]+"
    sign = "-" if decimal.startswith("-") else "\\+?"
    tail = f"\\.{fraction}0*" if fraction else "(?:\\.0*)?"
    return f"{sign}0*{_whole(int(whole))}{tail}"


def _whole(number: int) -> str:
    """The digits before the point, after zeros that were matched already."""
    return str(number) if number else ""


def _magnitude_above(decimal: str, is_open: bool, has_exponents: bool) -> str:  # noqa: FBT001
    whole, _, fraction = decimal.partition(".")
    number = int(whole)
    length = len(str(number))
    alternatives = [f"[1-9][0-9]{{{length},}}(?:\\.[0-9]*)?"]
    if number + 1 < 10**length:
        alternatives.append(f"{digits_between(number + 1, 10**length - 1)}(?:\\.[0-9]*)?")
    alternatives += [_whole(number) + tail for tail in fractions_above(fraction, is_open=is_open)]
    if has_exponents:
        # As many tens as there are digits exceed them all.
        tens = any_of(_exponents_above(length - 1 if number else -1))
        alternatives.append(f"[1-9][0-9]*(?:\\.[0-9]*)?[eE]\\+?0*{tens}")
    return any_of(alternatives)


def _magnitude_below(decimal: str, is_open: bool, has_exponents: bool) -> str:  # noqa: FBT001
    whole, _, fraction = decimal.partition(".")
    number = int(whole)
    alternatives = ["(?:\\.[0-9]*)?"] if number else []
    if number > 1:
        alternatives.append(f"{digits_between(1, number - 1)}(?:\\.[0-9]*)?")
    alternatives += [_whole(number) + tail for tail in fractions_below(fraction, is_open=is_open)]
    if has_exponents and number:
        alternatives.append("[0-9]?(?:\\.[0-9]*)?[eE]-0*[1-9][0-9]*")
        tens = len(str(number)) - 2  # d.ddd times this many tens has a digit less than the bound
        if tens >= 0:
            alternatives.append(f"[0-9]?(?:\\.[0-9]*)?[eE]\\+?0*{digits_between(0, tens)}")
    return any_of(alternatives) if alternatives else "[^0-9]"


def fractions_above(fraction: str, *, is_open: bool) -> list[str]:
    """What may follow the last digit before the point in a decimal that is not below `.fraction` (no final zeros)."""
    if not fraction:
        return ["\\.[0-9]*[1-9][0-9]*"] if is_open else ["(?:\\.[0-9]*)?"]
    rest = f"{fraction}[0-9]*[1-9][0-9]*" if is_open else f"{fraction}[0-9]*"
    return [f"\\.{tail}" for tail in (*_decimals_above(fraction), rest)]


def fractions_below(fraction: str, *, is_open: bool) -> list[str]:
    """What may follow the last digit before the point in a decimal that is not above `.fraction` (no final zeros)."""
    if not fraction:
        return [] if is_open else ["(?:\\.0*)?"]
    below = [f"{fraction[:at]}0*" for at in range(len(fraction))]
    below += [f"{fraction[:at]}{digit_class('0', str(int(c) - 1))}[0-9]*" for at, c in enumerate(fraction) if c != "0"]
    exact = [] if is_open else [f"\\.{fraction}0*"]
    return [f"(?:\\.{any_of(below)})?", *exact]


def _decimals_above(digits: str) -> list[str]:
    """The digit strings that, read as a fraction `0.ddd`, are greater than `digits` by a digit of its length."""
    return [
        f"{digits[:at]}{digit_class(str(int(digit) + 1), '9')}[0-9]*" for at, digit in enumerate(digits) if digit != "9"
    ]


def float_overflow(largest: str, exponent: int) -> str:
    """Decimal texts that are beyond `d.ddd * 10**exponent`, where `largest` is the digits of `d.ddd`.

    Not all of them (`"0.001e999"` stays unseen), but never one that is in range.
    """
    sign, tail = "^[-+]?0*", "(?:\\.[0-9]*)?"
    e = "[eE]\\+?0*"
    forms = [
        f"[1-9][0-9]{{{exponent + 1},}}{tail}$",
        f"[1-9][0-9]*{tail}{e}{any_of(_exponents_above(exponent))}$",
    ]
    for whole in (1, 2, 3):
        head, rest = largest[:whole], largest[whole:]
        bigger = f"(?:{_whole_above(head)}{tail}|{head}\\.{any_of(_decimals_above(rest))})"
        forms.append(f"{bigger}{e}{exponent - whole + 1}$")
        forms.append(f"[1-9][0-9]{{{whole},}}{tail}{e}{exponent - whole + 1}$")
    return f"{sign}(?:{'|'.join(forms)})"


def _exponents_above(exponent: int) -> Iterator[str]:
    length = len(str(exponent + 1))
    yield digits_between(exponent + 1, 10**length - 1)
    yield f"[1-9][0-9]{{{length},}}"


def _whole_above(head: str) -> str:
    return digits_between(int(head) + 1, 10 ** len(head) - 1)
