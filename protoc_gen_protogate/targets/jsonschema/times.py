"""Durations and timestamps under `buf.validate` rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.jsonschema.conditions import Condition, either, negated
from protoc_gen_protogate.targets.jsonschema.patterns import (
    any_of,
    at_least,
    at_most,
    digit_class,
    equal_decimal,
    escape,
    fractions_above,
    fractions_below,
)
from protoc_gen_protogate.targets.jsonschema.values import quote
from protogate.descriptors.rules import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protogate.descriptors.rules import RuleValue

__all__ = ["duration_conditions", "timestamp_conditions"]

_NANOS: Final = 10**9
_UTC: Final = "(?:Z|[-+]00:00)"
_CLOCK_RULES: Final = ("lt_now", "gt_now", "within")


class _Order(NamedTuple):
    """How the texts of a type compare."""

    at_least: Callable[[Span, bool], str]
    at_most: Callable[[Span, bool], str]
    equal: Callable[[Span], str]


def duration_conditions(standard: Mapping[str, RuleValue]) -> list[Condition]:
    """What the text of a duration must meet beside being one."""
    return _conditions(standard, _DURATIONS)


def timestamp_conditions(
    standard: Mapping[str, RuleValue], report: Callable[[str, str], None], *, is_canonical: bool
) -> list[Condition]:
    """What the text of a timestamp must meet beside being one."""
    for rule in _CLOCK_RULES:
        if standard.get(rule):
            report(f"timestamp.{rule}", "JSON Schema has no clock")
    conditions = _conditions(standard, _TIMESTAMPS)
    if is_canonical or not conditions:
        return conditions
    for rule in standard:
        if rule not in _CLOCK_RULES:
            report(f"timestamp.{rule}", "a pattern compares instants in UTC only; those with an offset pass")
    elsewhere = negated(_pattern(f"{_UTC}$"))
    return [either([elsewhere, condition]) for condition in conditions]


def _conditions(standard: Mapping[str, RuleValue], order: _Order) -> list[Condition]:
    conditions: list[Condition] = []
    for rule in ("const", "in", "not_in"):
        spans = _spans(standard.get(rule))
        if spans:
            listed = _pattern(f"^{any_of(map(order.equal, spans))}$")
            conditions.append(negated(listed) if rule == "not_in" else listed)
    lower, upper = _bound(standard, "gte", "gt"), _bound(standard, "lte", "lt")
    sides = [_pattern(order.at_least(*lower))] if lower else []
    sides += [_pattern(order.at_most(*upper))] if upper else []
    if lower and upper and upper[0] < lower[0]:
        return [*conditions, either(sides)]
    return conditions + sides


def _spans(value: RuleValue | None) -> list[Span]:
    if isinstance(value, Span):
        return [value]
    return [item for item in value if isinstance(item, Span)] if isinstance(value, tuple) else []


def _bound(standard: Mapping[str, RuleValue], closed: str, opened: str) -> tuple[Span, bool] | None:
    for rule, is_open in ((closed, False), (opened, True)):
        value = standard.get(rule)
        if isinstance(value, Span):
            return value, is_open
    return None


def _pattern(pattern: str) -> Condition:
    return {"pattern": quote(pattern)}


def _decimal(span: Span) -> str:
    total = span.seconds * _NANOS + span.nanos
    whole, nanos = divmod(abs(total), _NANOS)
    text = f"{whole}.{nanos:09d}".rstrip("0").rstrip(".")
    return f"-{text}" if total < 0 else text


def _seconds(pattern: str) -> str:
    return f"{pattern.removesuffix('$')}s$"


_DURATIONS: Final = _Order(
    at_least=lambda span, is_open: _seconds(at_least(_decimal(span), is_open=is_open)),
    at_most=lambda span, is_open: _seconds(at_most(_decimal(span), is_open=is_open)),
    equal=lambda span: f"{equal_decimal(_decimal(span))}s",
)


def _instant(span: Span) -> tuple[str, str]:
    """Date and time to the second in UTC, and the digits of the fraction."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - rules on timestamps are rare

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=span.seconds)
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}", f"{span.nanos:09d}".rstrip("0")


def _later(text: str) -> list[str]:
    return [
        f"{text[:at]}{digit_class(str(int(c) + 1), '9')}.*" for at, c in enumerate(text) if c.isdigit() and c != "9"
    ]


def _earlier(text: str) -> list[str]:
    return [
        f"{text[:at]}{digit_class('0', str(int(c) - 1))}.*" for at, c in enumerate(text) if c.isdigit() and c != "0"
    ]


def _not_before(span: Span, is_open: bool) -> str:  # noqa: FBT001 - one of the three functions of an order
    text, fraction = _instant(span)
    same = any_of(fractions_above(fraction, is_open=is_open))
    return f"^{any_of([*_later(text), f'{text}{same}'])}{_UTC}$"


def _not_after(span: Span, is_open: bool) -> str:  # noqa: FBT001
    text, fraction = _instant(span)
    below = fractions_below(fraction, is_open=is_open)
    same = [f"{text}{any_of(below)}"] if below else []
    return f"^{any_of([*_earlier(text), *same])}{_UTC}$"


def _at(span: Span) -> str:
    text, fraction = _instant(span)
    tail = f"{escape('.')}{fraction}0*" if fraction else "(?:\\.0+)?"
    return f"{text}{tail}{_UTC}"


_TIMESTAMPS: Final = _Order(at_least=_not_before, at_most=_not_after, equal=_at)
