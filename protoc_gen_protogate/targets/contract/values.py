"""The values of a field as a contract writes them: ProtoJSON types, and the rules that such a contract can say exactly.

What it cannot say is reported. A rule is never written as one that is almost like it.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from protoc_gen_protogate.kit.ranges import allowed_integers, bounds_of, floats_of, is_float_allowed, without
from protoc_gen_protogate.kit.scalars import INTEGER_RANGES, SCALAR_NAMES, WRAPPERS
from protoc_gen_protogate.kit.zeros import allows_empty_string, allows_no_bytes
from protogate.cel.errors import NotCarried as NoTranslation
from protogate.descriptors import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from protoc_gen_protogate.kit.ranges import Interval
    from protogate.descriptors import Enum, Field
    from protogate.descriptors.rules import FieldRules, RuleValue

    Standard: TypeAlias = Mapping[str, RuleValue]
    Report: TypeAlias = Callable[[str, str], None]
    """Hears of a rule that is left out, and why."""

__all__ = [
    "WELL_KNOWN",
    "Direction",
    "Node",
    "Report",
    "Zero",
    "allows_zero",
    "element_type",
    "is_message",
    "ruled_element",
]

Node: TypeAlias = dict[str, Any]
"""A JSON object of a contract. Shared between contracts: make a new one to change it."""

Zero: TypeAlias = Literal["", "needless", "refused"]
"""What a zero counts as: a value like others, none at all, so that no rule is about it, or one that is missing."""

Direction: TypeAlias = Literal["input", "output"]
"""`input`: what callers may send. `output`: what serializers write; events are output."""

_DURATION: Final = r"^-?[0-9]{1,12}(\.[0-9]{1,9})?s$"

_NUMBERS: Final[Mapping[str, Node]] = {name: {"type": "number", "format": name} for name in ("float", "double")}
_SPECIAL: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
"""What ProtoJSON writes as text, because JSON has no numbers for it."""

_SCALARS: Final[Mapping[str, Node]] = {
    "bool": {"type": "boolean"},
    "string": {"type": "string"},
    "int32": {"type": "integer", "format": "int32"},
    "uint32": {"type": "integer", "format": "uint32"},
    "int64": {"type": "string", "format": "int64"},
    "uint64": {"type": "string", "format": "uint64"},
    **{name: {"anyOf": [number, {"type": "string", "enum": [*_SPECIAL]}]} for name, number in _NUMBERS.items()},
    "bytes": {"type": "string", "format": "byte"},
}

WELL_KNOWN: Final[Mapping[str, Node]] = {
    "google.protobuf.Any": {
        "type": "object",
        "properties": {"@type": {"type": "string"}},
        "additionalProperties": True,
    },
    "google.protobuf.Duration": {"type": "string", "pattern": _DURATION},
    "google.protobuf.Empty": {"type": "object", "properties": {}},
    "google.protobuf.FieldMask": {"type": "string"},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Value": {},
    **{name: {**_SCALARS[SCALAR_NAMES[kind]], "nullable": True} for name, kind in WRAPPERS.items()},
}
"""Messages that ProtoJSON writes in a form of their own."""

_NULL: Final = "google.protobuf.NullValue"
_MESSAGES: Final = frozenset({Kind.MESSAGE, Kind.GROUP})
_FLOATS: Final = frozenset({Kind.FLOAT, Kind.DOUBLE})
_LISTS: Final = frozenset({"const", "in"})

_SAFE_IN_DOUBLE: Final = 2**53
_LENGTHS: Final = frozenset({"len", "min_len", "max_len", "strict"})
"""Rules of strings that are told by the bounds, or that say something about another rule."""

_FORMATS: Final = {
    "email": "email",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "uri": "uri",
    "uri_ref": "uri-reference",
    "uuid": "uuid",
}
"""Rules of strings that are formats of JSON Schema as well."""

_NO_KEYWORD: Final = "contracts have no keyword for it"
_ONE_PATTERN: Final = "a contract takes one pattern"
_AS_STRING: Final = "64-bit integers are strings in JSON, which have no bounds"
_NOTHING_LEFT: Final = "the rules leave no value, and a contract lists at least one"
_ZERO_IS_UNSET: Final = "contracts have no keyword for a zero that counts as not set"


def is_message(field: Field) -> bool:
    """Whether its values are messages that contracts describe field by field."""
    return field.kind in _MESSAGES and field.type_name not in WELL_KNOWN


def element_type(field: Field, direction: Direction) -> Node:
    """One value of a field without rules; empty for messages that have fields."""
    if field.kind is Kind.ENUM:
        return _enum(field.enum, _numbers_of(field.enum), direction)
    if field.kind in _MESSAGES:
        return WELL_KNOWN.get(field.type_name, {})
    return _SCALARS[SCALAR_NAMES[field.kind]]


def ruled_element(field: Field, rules: FieldRules, direction: Direction, report: Report, *, zero: Zero = "") -> Node:
    """One value of a field under the standard rules that are about one value.

    Args:
        field: the field, or the one of a map's keys or values.
        rules: what they are.
        direction: of which names of enums are listed.
        report: hears of each rule that is left out, with the reason.
        zero: what a zero counts as.
    """
    base = element_type(field, direction)
    standard = rules.standard
    kind = WRAPPERS.get(field.type_name, field.kind)

    def leave_out(rule: str, reason: str) -> None:
        report(rule if rule == "required" else f"{rules.kind}.{rule}", reason)

    if kind is Kind.ENUM:
        node = _ruled_enum(field.enum, standard, direction, zero)
    elif kind in _MESSAGES:
        for rule in standard:
            leave_out(rule, _NO_KEYWORD)
        return base
    else:
        if zero == "needless" and not (_LISTS & standard.keys()):
            standard = _about_zero(field, standard, leave_out)
        node = _scalar(kind, base, standard, leave_out, zero)
    if node.get("enum") == []:
        leave_out("in", _NOTHING_LEFT)
        return base
    return node


def _about_zero(field: Field, standard: Standard, report: Report) -> Standard:
    """The rules that zero keeps as well, so that it needs no exception."""
    kept = {rule: value for rule, value in standard.items() if _element_allows_zero(field, {rule: value})}
    for rule in (rule for rule in standard if rule not in kept):
        report(rule, "it is not about the zero value, which callers may send as well")
    return kept


def _scalar(kind: Kind, base: Node, standard: Standard, report: Report, zero: Zero) -> Node:
    name = SCALAR_NAMES[kind]
    if kind in _FLOATS:
        return _float(name, base, standard, report, zero)
    if name in INTEGER_RANGES:
        keywords = _integer(name, standard, report, zero)
    elif kind is Kind.BOOL:
        keywords = _bool(standard, zero)
    else:
        keywords = _string(standard, report, zero) if kind is Kind.STRING else _bytes(standard, report, zero)
    return {**base, **dict(keywords)}


def allows_zero(field: Field, standard: Standard) -> bool:
    """Whether standard rules allow what a field without presence holds when a document leaves it out."""
    if field.is_repeated or field.is_map:
        return not standard.get("min_pairs" if field.is_map else "min_items", 0)
    return _element_allows_zero(field, standard)


def _element_allows_zero(field: Field, standard: Standard) -> bool:
    if not standard or field.kind in _MESSAGES:
        return True
    if field.kind is Kind.ENUM:
        is_known = 0 in field.enum.by_number or not standard.get("defined_only")
        return is_known and bool(_allowed([0], standard))
    name = SCALAR_NAMES[field.kind]
    if name in INTEGER_RANGES:
        return any(low <= 0 <= high for low, high in allowed_integers(standard, INTEGER_RANGES[name]))
    if field.kind in _FLOATS:
        return is_float_allowed(standard, 0.0)
    if field.kind is Kind.BOOL:
        return standard.get("const", False) is False
    return allows_empty_string(standard) if field.kind is Kind.STRING else allows_no_bytes(standard)


def _enum(enum: Enum, numbers: Iterable[int], direction: Direction) -> Node:
    """Names: the one that is written for each number, and for callers its aliases as well."""
    if enum.full_name == _NULL:
        return {"type": "null"}
    wanted = frozenset(numbers)
    values = enum.values
    if direction == "output":
        values = tuple({value.number: value for value in reversed(values)}.values())[::-1]
    return {"type": "string", "enum": [value.name for value in values if value.number in wanted]}


def _ruled_enum(enum: Enum, standard: Standard, direction: Direction, zero: Zero) -> Node:
    allowed = _allowed(_numbers_of(enum), standard)
    if zero == "refused":
        allowed = [number for number in allowed if number]
    elif zero == "needless" and 0 in enum.by_number:
        allowed = [*allowed, 0]
    return _enum(enum, allowed, direction)


def _numbers_of(enum: Enum) -> list[int]:
    return list(enum.by_number)


def _allowed(numbers: Iterable[int], standard: Standard) -> list[int]:
    for rule in _LISTS & standard.keys():
        listed = _tuple(standard[rule])
        numbers = [number for number in numbers if number in listed]
    refused = _tuple(standard.get("not_in", ()))
    return [number for number in numbers if number not in refused]


def _integer(name: str, standard: Standard, report: Report, zero: Zero) -> Iterator[tuple[str, Any]]:
    full = INTEGER_RANGES[name]
    is_text = name.endswith("64")
    allowed = allowed_integers(standard, full)
    if _LISTS & standard.keys():
        points = [low for low, _ in allowed]
        points = [0, *points] if zero == "needless" and 0 not in points else points
        points = [point for point in points if point] if zero == "refused" else points
        yield "enum", [str(point) for point in points] if is_text else points
        return
    if zero == "refused" and (is_text or _is_amid(0, allowed)):
        report("required", _ZERO_IS_UNSET)
    elif zero == "refused":
        allowed = without(allowed, 0)
    if is_text:
        for rule in standard:
            report(rule, _AS_STRING)
        return
    if len(allowed) != 1:
        for rule in standard:
            report(rule, "what it leaves is no single range")
        return
    ((low, high),) = allowed
    if low > full[0]:
        yield "minimum", low
    if high < full[1]:
        yield "maximum", high


def _is_amid(value: int, allowed: Iterable[Interval]) -> bool:
    """Whether taking `value` away leaves a hole."""
    return any(low < value < high for low, high in allowed)


def _float(name: str, base: Node, standard: Standard, report: Report, zero: Zero) -> Node:
    """A number, or the texts of those that JSON does not have, as far as rules leave them."""
    numbers = dict(_finite(name, standard, report, zero))
    texts = [text for text, value in _SPECIAL.items() if is_float_allowed(standard, value)]
    about = {key: value for key, value in base.items() if key != "anyOf"}
    if not texts:
        return {**_NUMBERS[name], **about, **numbers}
    listed = {"type": "string", "enum": texts}
    if numbers.get("enum") == []:
        return {**listed, **about}
    return {"anyOf": [{**_NUMBERS[name], **numbers}, listed], **about}


def _finite(name: str, standard: Standard, report: Report, zero: Zero) -> Iterator[tuple[str, Any]]:
    if _LISTS & standard.keys():
        listed = [value for rule in ("const", "in") if rule in standard for value in floats_of(standard[rule])]
        values = [value for value in dict.fromkeys(listed) if isfinite(value) and is_float_allowed(standard, value)]
        values = [0.0, *values] if zero == "needless" and 0.0 not in values else values
        yield "enum", [_decimal(value, name) for value in values if value or zero != "refused"]
        return
    if zero == "refused" and is_float_allowed(standard, 0.0):
        report("required", _ZERO_IS_UNSET)
    if standard.get("not_in"):
        report("not_in", _NO_KEYWORD)
    bounds = bounds_of(standard)
    if bounds.is_outer:
        for rule in standard.keys() & {"gt", "gte", "lt", "lte"}:
            report(rule, "what it leaves is no single range")
        return
    ends = ((bounds.lower, "minimum", "exclusiveMinimum"), (bounds.upper, "maximum", "exclusiveMaximum"))
    for bound, closed, opened in ends:
        if bound is not None and isfinite(bound.value):
            yield opened if bound.is_open else closed, _decimal(bound.value, name)


def _decimal(value: float, name: str) -> float:
    """The number as documents hold it: the shortest one that reads back the same, whole numbers without a point."""
    if value.is_integer() and abs(value) < _SAFE_IN_DOUBLE:
        return int(value)
    return _shortest_single(value) if name == "float" else value


def _shortest_single(value: float) -> float:
    from struct import pack, unpack  # noqa: PLC0415 - rare

    for digits in range(1, 9):
        shorter = float(f"{value:.{digits}g}")
        if unpack("f", pack("f", shorter))[0] == value:
            return shorter
    return value


def _bool(standard: Standard, zero: Zero) -> Iterator[tuple[str, Any]]:
    values = [value for value in (False, True) if standard.get("const", value) is value]
    if zero == "needless" and False not in values:
        values = [False, *values]
    if zero == "refused":
        values = [value for value in values if value]
    if len(values) == 1:
        yield "enum", values


def _string(standard: Standard, report: Report, zero: Zero) -> Iterator[tuple[str, Any]]:
    if _LISTS & standard.keys():
        yield "enum", _texts(standard, zero)
        return
    least = max(_count(standard, "len"), _count(standard, "min_len"), int(zero == "refused"))
    if least:
        yield "minLength", least
    if "len" in standard or "max_len" in standard:
        yield "maxLength", _count(standard, "len" if "len" in standard else "max_len")
    has_pattern = False
    for rule, value in standard.items():
        if rule in _LENGTHS or value is False:
            continue
        if rule in _FORMATS:
            yield "format", _FORMATS[rule]
            continue
        pattern = _pattern(rule, value, report)
        if pattern and not has_pattern:
            has_pattern = True
            yield "pattern", pattern
        elif pattern or rule != "pattern":
            report(rule, _ONE_PATTERN if pattern else _NO_KEYWORD)


def _texts(standard: Standard, zero: Zero) -> list[str]:
    listed = [value for rule in ("const", "in") if rule in standard for value in _tuple(standard[rule])]
    both = standard.keys() >= _LISTS
    refused = _tuple(standard.get("not_in", ()))
    values = [str(v) for v in dict.fromkeys(listed) if v not in refused and (not both or listed.count(v) > 1)]
    if zero == "needless" and "" not in values:
        values.insert(0, "")
    return [value for value in values if value or zero != "refused"]


def _pattern(rule: str, value: RuleValue, report: Report) -> str:
    """The rule as a regular expression; empty when it is none."""
    if not isinstance(value, str):
        return ""
    if rule == "pattern":
        from protogate.cel.regex import Engine, translate_pattern  # noqa: PLC0415 - most contracts have none

        try:
            return translate_pattern(value, Engine.ECMASCRIPT)
        except NoTranslation as reason:
            report("pattern", str(reason))
            return ""
    if rule not in {"prefix", "suffix", "contains"} or not value:
        return ""
    return ("^" if rule == "prefix" else "") + _escaped(value) + ("$" if rule == "suffix" else "")


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "^$\\.*+?()[]{}|/" else letter for letter in text)


def _bytes(standard: Standard, report: Report, zero: Zero) -> Iterator[tuple[str, Any]]:
    from base64 import b64encode  # noqa: PLC0415 - rules of bytes are rare

    if _LISTS & standard.keys():
        listed = [value for rule in ("const", "in") if rule in standard for value in _tuple(standard[rule])]
        values = [b64encode(value).decode() for value in dict.fromkeys(listed) if isinstance(value, bytes)]
        yield "enum", ["", *values] if zero == "needless" and "" not in values else values
        return
    if zero == "refused":
        yield "minLength", 1
    for rule in standard:
        report(rule, "a contract sees base64, not the bytes")


def _count(standard: Standard, rule: str) -> int:
    value = standard.get(rule)
    return value if isinstance(value, int) else 0


def _tuple(value: RuleValue) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
