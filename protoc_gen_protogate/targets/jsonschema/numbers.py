"""Numbers under `buf.validate` rules: which remain, and how JSON Schema says so.

An integer under rules is a union of intervals, whatever the rules were, so that both of its JSON forms can be told
exactly: the number by `minimum` and `maximum`, the digits in a string by a pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit.ranges import bounds_of, floats_of, is_float_allowed
from protoc_gen_protogate.kit.scalars import INTEGER_RANGES
from protoc_gen_protogate.targets.jsonschema.patterns import (
    any_of,
    at_least,
    at_most,
    canonical_integers,
    equal_decimal,
    integers,
)
from protoc_gen_protogate.targets.jsonschema.values import quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protoc_gen_protogate.kit.ranges import Bound, Interval
    from protoc_gen_protogate.targets.jsonschema.values import Style
    from protogate.descriptors.rules import RuleValue

__all__ = [
    "float_branches",
    "integer_branches",
    "integer_text",
]


def integer_branches(style: Style, name: str, allowed: Sequence[Interval]) -> list[str]:
    """The alternatives of a schema for an integer type whose values are in `allowed`."""
    if not allowed:
        return []
    points = [low for low, high in allowed if low == high]
    branches: list[str] = []
    if not style.is_canonical or name.endswith("32"):
        branches += [
            f'{{"type": "integer", "minimum": {low}, "maximum": {high}}}' for low, high in allowed if low != high
        ]
        if points:
            branches.append(f'{{"type": "integer", "enum": [{", ".join(map(str, points))}]}}')
    if not style.is_canonical or name.endswith("64"):
        branches.append(integer_text(style, name, allowed))
    return branches


def integer_text(style: Style, name: str, allowed: Sequence[Interval]) -> str:
    """The schema of a string that holds one of the integers: a 64-bit value, or a map's key."""
    pattern = canonical_integers(allowed) if style.is_canonical else integers(allowed, INTEGER_RANGES[name])
    return f'{{"type": "string", "pattern": {quote(pattern)}}}'


def float_branches(style: Style, standard: Mapping[str, RuleValue], *, is_single: bool, base: str) -> list[str]:
    """The alternatives of a schema for a float or double under standard rules.

    Numbers in strings are compared digit by digit; of those with an exponent only clear cases are accepted.
    """
    spelled = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
    special = [quote(text) for text, value in spelled.items() if is_float_allowed(standard, value)]
    branches = [f'{{"enum": [{", ".join(special)}]}}'] if special else []
    numbers, texts = _float_conditions(standard, is_single=is_single)
    branches += [f'{{"allOf": [{base}, {{"type": "number"{number}}}]}}' for number in numbers]
    if not style.is_canonical:
        not_special = '{"type": "string", "not": {"enum": ["NaN", "Infinity", "-Infinity"]}}'
        branches += [f'{{"allOf": [{", ".join([base, not_special, *text])}]}}' for text in texts]
    return branches


def _float_conditions(standard: Mapping[str, RuleValue], *, is_single: bool) -> tuple[list[str], list[list[str]]]:
    """Keywords for numbers, and schemas for strings; each of them a list of alternatives."""
    listed = None
    for rule in ("const", "in"):
        if rule in standard:
            values = [value for value in floats_of(standard[rule]) if is_float_allowed(standard, value)]
            listed = values if listed is None else [value for value in listed if value in values]
    if listed is not None:
        finite = [decimal_of(value, is_single=is_single) for value in listed if abs(value) != float("inf")]
        if not finite:
            return [], []
        pattern = any_of(map(equal_decimal, finite))
        numbers = [f', "enum": [{", ".join(finite)}]']
        if is_single:
            numbers = [f", {_read_as(value)}" for value in listed if abs(value) != float("inf")]
        return numbers, [[_pattern(f"^{pattern}$")]]
    excluded = [
        decimal_of(v, is_single=is_single) for v in floats_of(standard.get("not_in", ())) if abs(v) != float("inf")
    ]
    extra, extra_texts = "", []
    if excluded:
        extra = f', "not": {{"enum": [{", ".join(excluded)}]}}'
        if is_single:
            ranges = [f"{{{_read_as(v)}}}" for v in floats_of(standard["not_in"]) if abs(v) != float("inf")]
            extra = f', "not": {{"anyOf": [{", ".join(ranges)}]}}'
        extra_texts = [f'{{"not": {_pattern(f"^{any_of(map(equal_decimal, excluded))}$")}}}']
    bounds = bounds_of(standard)
    sides = [_lower(bounds.lower, is_single=is_single), _upper(bounds.upper, is_single=is_single)]
    present = [side for side in sides if side is not None]
    if bounds.is_outer:
        return [number + extra for number, _ in present], [[text, *extra_texts] for _, text in present]
    return ["".join(number for number, _ in present) + extra], [[*(text for _, text in present), *extra_texts]]


def _read_as(value: float) -> str:
    """Keywords for every number that a reader of 32 bits takes for `value`: those nearer to it than to a neighbour.

    Half-way cases go to the neighbour with an even significand, as IEEE 754 rounds.
    """
    import struct  # noqa: PLC0415 - rules on floats are rare

    size: int = struct.unpack("<I", struct.pack("<f", abs(value)))[0]
    below, here, above = (
        -_single(1) if size == 0 else _single(size - 1),
        _single(size),
        _single(size + 1) if size < _LARGEST_SINGLE else 2.0**128,
    )
    low, high = (below + here) / 2, (here + above) / 2
    if value < 0:
        low, high = -high, -low
    names = ("minimum", "maximum") if size % 2 == 0 else ("exclusiveMinimum", "exclusiveMaximum")
    return f'"{names[0]}": {low!r}, "{names[1]}": {high!r}'


_LARGEST_SINGLE: Final = 0x7F7FFFFF


def _single(bits: int) -> float:
    import struct  # noqa: PLC0415

    value: float = struct.unpack("<f", struct.pack("<I", bits))[0]
    return value


def _lower(bound: Bound | None, *, is_single: bool) -> tuple[str, str] | None:
    if bound is None or bound.value == float("-inf"):
        return None
    text = decimal_of(bound.value, is_single=is_single)
    keyword = "exclusiveMinimum" if bound.is_open else "minimum"
    return f', "{keyword}": {text}', _pattern(at_least(text, is_open=bound.is_open, has_exponents=True))


def _upper(bound: Bound | None, *, is_single: bool) -> tuple[str, str] | None:
    if bound is None or bound.value == float("inf"):
        return None
    text = decimal_of(bound.value, is_single=is_single)
    keyword = "exclusiveMaximum" if bound.is_open else "maximum"
    return f', "{keyword}": {text}', _pattern(at_most(text, is_open=bound.is_open, has_exponents=True))


def _pattern(pattern: str) -> str:
    return f'{{"pattern": {quote(pattern)}}}'


def decimal_of(value: float, *, is_single: bool) -> str:
    """The shortest decimal, without exponent, that reads back as `value`.

    A `float` is shortened as the 32 bits it is: serialisers write 0.1, not 0.10000000149011612.
    """
    text = repr(float(value))
    if is_single:
        import struct  # noqa: PLC0415 - rules on floats are rare

        for digits in range(1, 10):
            short = f"{value:.{digits}g}"
            if struct.pack("<f", float(short)) == struct.pack("<f", value):
                text = short
                break
    from decimal import Decimal  # noqa: PLC0415

    plain = format(Decimal(text), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
