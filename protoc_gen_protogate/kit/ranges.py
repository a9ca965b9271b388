"""Which numbers the standard rules of `buf.validate` leave.

An integer under rules is a union of intervals, whatever the rules were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.descriptors.rules import RuleValue

__all__ = ["Bound", "Bounds", "Interval", "allowed_integers", "bounds_of", "floats_of", "is_float_allowed", "without"]

Interval = tuple[int, int]
"""Both ends included."""


class Bound(NamedTuple):
    """One end of a range."""

    value: float
    is_open: bool
    """The end itself is outside."""


class Bounds(NamedTuple):
    """What `lt`, `lte`, `gt` and `gte` say together."""

    lower: Bound | None
    upper: Bound | None
    is_outer: bool
    """The allowed values lie beyond the bounds rather than between them."""


def bounds_of(standard: Mapping[str, RuleValue]) -> Bounds:
    """The bounds among standard rules; an upper bound below the lower one turns the range inside out."""
    lower = _bound(standard, "gte", "gt")
    upper = _bound(standard, "lte", "lt")
    return Bounds(lower, upper, lower is not None and upper is not None and upper.value < lower.value)


def _bound(standard: Mapping[str, RuleValue], closed: str, opened: str) -> Bound | None:
    for rule, is_open in ((closed, False), (opened, True)):
        value = standard.get(rule)
        if isinstance(value, (int, float)):
            return Bound(value, is_open)
    return None


def allowed_integers(standard: Mapping[str, RuleValue], full: Interval) -> list[Interval]:
    """The integers of `full` that the standard rules allow, as intervals in ascending order."""
    bounds = bounds_of(standard)
    lowest = full[0] if bounds.lower is None else int(bounds.lower.value) + bounds.lower.is_open
    highest = full[1] if bounds.upper is None else int(bounds.upper.value) - bounds.upper.is_open
    ranges = [(full[0], highest), (lowest, full[1])] if bounds.is_outer else [(lowest, highest)]
    listed = _integers(standard.get("const")) if "const" in standard else None
    if "in" in standard:
        allowed = _integers(standard["in"])
        listed = allowed if listed is None else [value for value in listed if value in allowed]
    if listed is not None:
        ranges = [(value, value) for value in sorted(set(listed)) if _holds(ranges, value)]
    for value in _integers(standard.get("not_in", ())):
        ranges = without(ranges, value)
    return [(max(low, full[0]), min(high, full[1])) for low, high in ranges if max(low, full[0]) <= min(high, full[1])]


def _integers(value: RuleValue | None) -> list[int]:
    values = value if isinstance(value, tuple) else (value,)
    return [item for item in values if isinstance(item, int)]


def _holds(ranges: Sequence[Interval], value: int) -> bool:
    return any(low <= value <= high for low, high in ranges)


def without(ranges: Iterable[Interval], value: int) -> list[Interval]:
    """The intervals less one value."""
    left: list[Interval] = []
    for low, high in ranges:
        if low <= value <= high:
            left += [part for part in ((low, value - 1), (value + 1, high)) if part[0] <= part[1]]
        else:
            left.append((low, high))
    return left


def is_float_allowed(standard: Mapping[str, RuleValue], value: float) -> bool:
    """Whether the standard rules of a float or double allow `value`; NaN is outside of every range."""
    if standard.get("finite") and (value != value or value in {float("inf"), float("-inf")}):  # noqa: PLR0124 - NaN
        return False
    if "const" in standard and value != standard["const"]:
        return False
    if "in" in standard and value not in floats_of(standard["in"]):
        return False
    if value in floats_of(standard.get("not_in", ())):
        return False
    bounds = bounds_of(standard)
    if bounds.lower is None and bounds.upper is None:
        return True
    above = bounds.lower is None or (
        value > bounds.lower.value if bounds.lower.is_open else value >= bounds.lower.value
    )
    below = bounds.upper is None or (
        value < bounds.upper.value if bounds.upper.is_open else value <= bounds.upper.value
    )
    return (above or below) if bounds.is_outer else (above and below)


def floats_of(value: RuleValue) -> list[float]:
    """The numbers of a rule that takes one or several."""
    values = value if isinstance(value, tuple) else (value,)
    return [item for item in values if isinstance(item, (int, float))]
