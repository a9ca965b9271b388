"""What can be worked out before run time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogate.cel.terms import Apply, Const, If, ListOf, Logic, rebuild
from protogate.cel.types import BOOL, DURATION, INT, STRING, TIMESTAMP, UINT

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.cel.terms import Term, Value
    from protogate.cel.types import Type

__all__ = ["fold"]


def fold(term: Term) -> Term:
    """`term` with its constant parts worked out; what would fail at run time is left to fail there."""
    return rebuild(term, _fold_one)


def _fold_one(term: Term) -> Term:
    match term:
        case Logic(operator, left, right):
            return _logic(term, operator, left, right)
        case If(Const(value), then, otherwise):
            return then if value else otherwise
        case Apply("in_list", (Const() as item, ListOf(items))) if _all_constant(items):
            return Const(item.value in [i.value for i in items if isinstance(i, Const)], BOOL)
        case Apply("size_list", (ListOf(items),)):
            return Const(len(items), INT)
        case Apply(overload, args) if _all_constant(args):
            values = [arg.value for arg in args if isinstance(arg, Const)]
            return _call(overload, values) or term
        case _:
            return term


def _all_constant(terms: tuple[Term, ...]) -> bool:
    return all(isinstance(term, Const) for term in terms)


def _logic(term: Logic, operator: str, left: Term, right: Term) -> Term:
    decisive = operator == "||"
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Const):
            return side if side.value is decisive else other
    return term


def _call(overload: str, values: list[Value]) -> Const | None:
    if overload not in _FUNCTIONS:
        return None
    function, result = _FUNCTIONS[overload]
    try:
        value = function(*values)
    except ValueError:
        return None
    in_range = result.kind not in _RANGES or value in _RANGES[result.kind]
    return Const(value, result) if in_range else None


_RANGES = {"int": range(-(2**63), 2**63), "uint": range(2**64)}

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_DURATION = re.compile(r"([+-]?)((?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:h|ms|m|s|us|ns))+|0)")
_DURATION_PART = re.compile(r"([0-9]*)\.?([0-9]*)(h|ms|m|s|us|ns)")
_SECOND = 1_000_000_000
_UNITS = {"h": 3600 * _SECOND, "m": 60 * _SECOND, "s": _SECOND, "ms": 10**6, "us": 1000, "ns": 1}
_DURATION_LIMIT = 315576000001 * _SECOND
"""The range of `google.protobuf.Duration`."""
_TIMESTAMPS = range(-62135596800 * _SECOND, 253402300800 * _SECOND)
"""The years 1 to 9999."""


def _timestamp(text: str) -> int:
    from datetime import date  # noqa: PLC0415 - few rules need it

    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - a clock
        raise ValueError(text)
    days = date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    fraction, sign, hours, minutes = found.groups()[6:]
    if sign:
        offset = (int(hours) * 60 + int(minutes)) * 60
        seconds += offset if sign == "-" else -offset
    nanoseconds = seconds * _SECOND + int((fraction or "").ljust(9, "0"))
    if nanoseconds not in _TIMESTAMPS:
        raise ValueError(text)
    return nanoseconds


def _duration(text: str) -> int:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    total = 0
    for whole, fraction, unit in _DURATION_PART.findall(found[2]):
        total += int(whole or 0) * _UNITS[unit]
        total += int(fraction or 0) * _UNITS[unit] // 10 ** len(fraction)
    if total >= _DURATION_LIMIT:
        raise ValueError(text)
    return -total if found[1] == "-" else total


_FUNCTIONS: dict[str, tuple[Callable[..., Value], Type]] = {
    "not": (lambda value: not value, BOOL),
    "equals": (lambda left, right: left == right, BOOL),
    "not_equals": (lambda left, right: left != right, BOOL),
    "less": (lambda left, right: left < right, BOOL),
    "less_equal": (lambda left, right: left <= right, BOOL),
    "greater": (lambda left, right: left > right, BOOL),
    "greater_equal": (lambda left, right: left >= right, BOOL),
    "add_string": (lambda left, right: left + right, STRING),
    "add_int": (lambda left, right: left + right, INT),
    "subtract_int": (lambda left, right: left - right, INT),
    "multiply_int": (lambda left, right: left * right, INT),
    "negate_int": (lambda value: -value, INT),
    "add_uint": (lambda left, right: left + right, UINT),
    "uint_of_int": (lambda value: value, UINT),
    "int_of_uint": (lambda value: value, INT),
    "size_string": (len, INT),
    "size_bytes": (len, INT),
    "string_of_int": (str, STRING),
    "string_of_uint": (str, STRING),
    "timestamp_of_string": (_timestamp, TIMESTAMP),
    "duration_of_string": (_duration, DURATION),
}
