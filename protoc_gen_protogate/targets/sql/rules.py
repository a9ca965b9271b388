"""The standard rules of buf.validate for one value, as conditions over its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.formats import Terms, format_condition, header_condition
from protoc_gen_protogate.targets.sql.globs import glob_condition
from protoc_gen_protogate.targets.sql.storage import TEXT_LENGTHS, as_signed
from protoc_gen_protogate.targets.sql.tables import Storage
from protogate.descriptors.rules import Ignore, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protogate.descriptors.rules import FieldRules, RuleValue

__all__ = ["Condition", "Operand", "refuses_zero", "span_literal", "text_length", "value_conditions"]

_LOWER: Final = {"gt": ">", "gte": ">="}
_UPPER: Final = {"lt": "<", "lte": "<="}
_FORMATS: Final = frozenset(
    """
    email hostname ip ipv4 ipv6 uri uri_ref address uuid tuuid ip_with_prefixlen ipv4_with_prefixlen
    ipv6_with_prefixlen ip_prefix ipv4_prefix ipv6_prefix host_and_port ulid protobuf_fqn protobuf_dot_fqn
    """.split()  # noqa: SIM905 - a list would have one word a line
)
_AT_LEAST: Final = frozenset({"min_len", "len", "min_bytes", "len_bytes", "prefix", "suffix", "contains", "const"})
_TAKES_EMPTY: Final = frozenset({"uri_ref"})
_LENGTHS: Final = ("len", "max_len", "len_bytes", "max_bytes")
"""A text has no more code points than bytes."""
_CLOCK: Final = frozenset({"lt_now", "gt_now", "within"})
_HEADER_NAME: Final = 1
_INT64: Final = range(-(1 << 63), 1 << 63)
_SIGN_BIT: Final = 1 << 63


class Operand(NamedTuple):
    """The column that the rules are about."""

    x: str
    """Its name in SQL."""
    storage: Storage
    enum: tuple[tuple[str, int], ...]
    type: str


class Condition(NamedTuple):
    """A rule as SQL, or why there is none."""

    rule: str
    terms: Terms | None
    """Conditions that must hold together; none when there is nothing to check."""
    reason: str = ""


def refuses_zero(rules: FieldRules) -> bool:
    """Whether the zero value breaks the rules, as far as can be told without running patterns."""
    if rules.required:
        return True
    if rules.ignore is Ignore.IF_ZERO_VALUE:
        return False
    return any(_refuses_zero(name, value, rules) for name, value in rules.standard.items())


def _refuses_zero(name: str, value: RuleValue, rules: FieldRules) -> bool:
    if name in _FORMATS:
        return value is True and name not in _TAKES_EMPTY
    if name in _AT_LEAST:
        return bool(value)
    if name in {"in", "not_in"} and isinstance(value, tuple):
        return all(value) is (name == "in")
    if isinstance(value, (int, float)) and not _has_two_bounds(rules):
        return {"gt": value >= 0, "gte": value > 0, "lt": value <= 0, "lte": value < 0}.get(name, False)
    return name == "pattern" or (name == "well_known_regex" and value == _HEADER_NAME)


def _has_two_bounds(rules: FieldRules) -> bool:
    return bool(_LOWER.keys() & rules.standard.keys() and _UPPER.keys() & rules.standard.keys())


def text_length(rules: FieldRules | None) -> int | None:
    """The most code points or bytes that the rules allow, None without a bound."""
    if rules is None or rules.kind not in {"string", "bytes"}:
        return None
    standard = rules.standard
    bounds = [value for name in _LENGTHS if isinstance(value := standard.get(name), int)]
    bounds += [length for name, length in TEXT_LENGTHS.items() if standard.get(name) is True and rules.kind == "string"]
    return min(bounds) if bounds else None


def value_conditions(rules: FieldRules, operand: Operand, dialect: Dialect) -> Iterator[Condition]:
    """The conditions for all standard rules of a single value."""
    standard = dict(rules.standard)
    strict = standard.pop("strict", True) is not False
    yield from _bounds(rules.kind, standard, operand, dialect)
    for name, value in standard.items():
        if name in _LOWER or name in _UPPER:
            continue
        rule = f"{rules.kind}.{name}"
        if name == "well_known_regex":
            is_name = value == _HEADER_NAME
            yield Condition(rule, header_condition(operand.x, dialect, name=is_name, strict=strict))
        elif name in _FORMATS and rules.kind == "string":
            if value is True:
                terms = format_condition(name, operand.x, dialect)
                yield Condition(rule, terms, _no_way(dialect, "regular expressions"))
        else:
            yield _condition(rule, name, value, operand, dialect)


def _one(rule: str, term: str | None, reason: str = "") -> Condition:
    """A condition of one term: None when it cannot be said, empty when it always holds."""
    return Condition(rule, None if term is None else (term,) if term else (), reason)


def _no_way(dialect: Dialect, what: str) -> str:
    return f"{dialect.name} has no way to say it ({what})"


def _condition(  # noqa: PLR0911 - one for each kind of rule
    rule: str, name: str, value: RuleValue, operand: Operand, dialect: Dialect
) -> Condition:
    if name in {"const", "in", "not_in"}:
        return _membership(rule, name, value, operand, dialect)
    if name in _CLOCK:
        return _one(rule, None, "a CHECK cannot read the clock")
    if name == "defined_only":
        return _one(rule, "", "")
    if name == "finite":
        return _one(rule, _finite(operand.x, dialect) if value is True else "")
    if operand.storage is Storage.TEXT and rule.startswith("string."):
        return _text_condition(rule, name, value, operand.x, dialect)
    if operand.storage is Storage.BYTES:
        return _bytes_condition(rule, name, value, operand.x, dialect)
    return _one(rule, None, _no_way(dialect, operand.storage.name.lower()))


# Order


def _bounds(kind: str, standard: dict[str, RuleValue], operand: Operand, dialect: Dialect) -> Iterator[Condition]:
    lower = next(((name, standard[name]) for name in _LOWER if name in standard), None)
    upper = next(((name, standard[name]) for name in _UPPER if name in standard), None)
    low = None if lower is None else _compare(operand, _LOWER[lower[0]], lower[1], dialect)
    high = None if upper is None else _compare(operand, _UPPER[upper[0]], upper[1], dialect)
    reason = "the dialect cannot write the bound"
    if lower is not None and upper is not None and _is_below(upper[1], lower[1]):
        rule = f"{kind}.{lower[0]}_{upper[0]}_exclusive"
        yield _one(rule, None if low is None or high is None else f"({low} OR {high})", reason)
        return
    if lower is not None:
        yield _one(f"{kind}.{lower[0]}", low, reason)
    if upper is not None:
        yield _one(f"{kind}.{upper[0]}", high, reason)


def _is_below(left: RuleValue, right: RuleValue) -> bool:
    return left < right  # type: ignore[operator] # both are bounds of one kind


def _compare(operand: Operand, operator: str, value: RuleValue, dialect: Dialect) -> str | None:
    if operand.storage is Storage.UINT64 and dialect.name == "sqlite" and isinstance(value, int):
        return _compare_unsigned(operand.x, operator, value)
    literal = _literal(value, operand, dialect)
    if literal is None:
        return None
    if operand.storage in {Storage.FLOAT, Storage.DOUBLE} and operator in {">", ">="} and not dialect.drops_nan:
        # PostgreSQL sorts NaN above all numbers; the rule refuses it.
        return f"({operand.x} {operator} {literal} AND {operand.x} <> 'NaN')"
    return f"{operand.x} {operator} {literal}"


def _compare_unsigned(x: str, operator: str, value: int) -> str:
    """Compare 64 bits without sign that are kept with one: the upper half is negative and above the lower."""
    signed = as_signed(value)
    if operator in {">", ">="}:
        return (
            f"({x} {operator} {signed} OR {x} < 0)" if value < _SIGN_BIT else f"({x} {operator} {signed} AND {x} < 0)"
        )
    return f"({x} {operator} {signed} AND {x} >= 0)" if value < _SIGN_BIT else f"({x} {operator} {signed} OR {x} >= 0)"


def _finite(x: str, dialect: Dialect) -> str:
    if dialect.drops_infinity:
        return ""
    if dialect.name == "sqlite":
        return f"{x} BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308"
    return f"{x} NOT IN ('NaN', 'Infinity', '-Infinity')"


# Membership


def _membership(rule: str, name: str, value: RuleValue, operand: Operand, dialect: Dialect) -> Condition:
    # A span is a tuple as well.
    values = value if isinstance(value, tuple) and not isinstance(value, Span) else (value,)
    if rule.startswith("field_mask."):
        return _one(rule, None, _no_way(dialect, "paths of a field mask"))
    x = operand.x
    if operand.enum:
        values = _known_names(values, operand)
    literals = [_literal(member, operand, dialect) for member in values]
    if None in literals:
        return _one(rule, None, "the dialect cannot write a value of the list")
    written = [literal for literal in literals if literal is not None]
    if rule.startswith("any."):
        return _one(rule, _any_membership(operand.x, written, dialect, negated=name == "not_in"))
    if name == "const" and written:
        return _one(rule, f"{x} = {written[0]}")
    if not written:
        return _one(rule, "" if name == "not_in" else dialect.false)
    return _one(rule, dialect.is_in(x, written, negated=name == "not_in"))


def _any_membership(x: str, literals: list[str], dialect: Dialect, *, negated: bool) -> str:
    # An empty Any has no type at all.
    member = f"COALESCE({dialect.json_member(x, '@type')}, '')"
    return f"({x} IS NULL OR {dialect.is_in(member, literals, negated=negated)})"


def _known_names(
    values: tuple[bool | int | float | str | bytes | Span, ...], operand: Operand
) -> tuple[int | str, ...]:
    """Enum values as they stand in the column; numbers without a name are there only as digits."""
    names = {number: name for name, number in operand.enum}
    numbers = [int(value) for value in values if isinstance(value, int)]
    if operand.storage is Storage.ENUM_NUMBER:
        return tuple(numbers)
    return tuple(names.get(number, str(number)) for number in numbers)


def _literal(value: RuleValue, operand: Operand, dialect: Dialect) -> str | None:  # noqa: PLR0911 - one a type
    if isinstance(value, Span):
        return span_literal(value, operand, dialect)
    if isinstance(value, bool):
        return dialect.boolean(value=value)
    if isinstance(value, str):
        return None if "\0" in value else dialect.text(value)
    if isinstance(value, bytes):
        return dialect.binary(value)
    if isinstance(value, float):
        return None if value != value else dialect.number(value)  # noqa: PLR0124 - NaN equals nothing
    if isinstance(value, int):
        is_signed = operand.storage is Storage.UINT64 and dialect.name == "sqlite"
        return str(as_signed(value) if is_signed else value)
    return None


def span_literal(value: Span, operand: Operand, dialect: Dialect) -> str | None:
    """A point or span of time in the form of a column; None when that does not reach so far."""
    nanos = value.seconds * 1_000_000_000 + value.nanos
    if operand.storage is Storage.DURATION:
        if dialect.name == "sqlite" and nanos not in _INT64:
            return None
        return dialect.duration(value.seconds, value.nanos)
    if operand.storage is Storage.TIMESTAMP_NANOS:
        return str(nanos) if nanos in _INT64 else None
    if operand.storage is Storage.TIMESTAMP_TEXT:
        return dialect.timestamp_text(value.seconds, value.nanos)
    return dialect.timestamp(value.seconds, value.nanos)


# Text and bytes


def _text_condition(rule: str, name: str, value: RuleValue, x: str, dialect: Dialect) -> Condition:
    if isinstance(value, int):
        return _one(rule, _size_condition(name, value, x, Storage.TEXT, dialect))
    if not isinstance(value, str) or "\0" in value:
        return _one(rule, None, "the dialect cannot write the text")
    if name == "pattern":
        return Condition(rule, *_pattern(value, x, dialect))
    return _one(rule, _part_condition(name, dialect.text(value), len(value), x, Storage.TEXT, dialect))


def _pattern(pattern: str, x: str, dialect: Dialect) -> tuple[Terms | None, str]:
    if dialect.name == "sqlite":
        return glob_condition(pattern, x), _no_way(dialect, "regular expressions")
    from protogate.cel import NotCarried  # noqa: PLC0415 - most contracts have no pattern
    from protogate.cel.regex import Engine, translate_pattern  # noqa: PLC0415

    engine = Engine.POSTGRESQL if dialect.name == "postgresql" else Engine.MYSQL
    try:
        translated = translate_pattern(pattern, engine)
    except NotCarried as error:
        return None, str(error)
    return (dialect.searches(x, translated),), ""


_BYTES_FORMATS: Final = {"ip": "IN (4, 16)", "ipv4": "= 4", "ipv6": "= 16", "uuid": "= 16"}


def _bytes_condition(rule: str, name: str, value: RuleValue, x: str, dialect: Dialect) -> Condition:
    if name in _BYTES_FORMATS:
        length = dialect.byte_length(x, Storage.BYTES)
        return _one(rule, f"{length} {_BYTES_FORMATS[name]}" if value is True else "")
    if isinstance(value, int):
        return _one(rule, _size_condition(name, value, x, Storage.BYTES, dialect))
    if not isinstance(value, bytes):
        return _one(rule, None, _no_way(dialect, "patterns over bytes"))
    return _one(rule, _part_condition(name, dialect.binary(value), len(value), x, Storage.BYTES, dialect))


_SIZES: Final = {"len": "=", "min": ">=", "max": "<="}


def _size_condition(name: str, size: int, x: str, storage: Storage, dialect: Dialect) -> str:
    operator = _SIZES[name[:3]]
    if operator == ">=" and size == 0:
        return ""
    in_bytes = storage is Storage.BYTES or name.endswith("_bytes")
    counted = dialect.byte_length(x, storage) if in_bytes else dialect.length(x)
    return f"{counted} {operator} {size}"


def _part_condition(  # noqa: PLR0913, PLR0917 - one for text and bytes
    name: str, literal: str, size: int, x: str, storage: Storage, dialect: Dialect
) -> str | None:
    if size == 0:
        return dialect.false if name == "not_contains" else ""
    if name == "prefix":
        return dialect.starts_with(x, literal, size, storage)
    if name == "suffix":
        return dialect.ends_with(x, literal, size, storage)
    if name == "contains":
        return f"{dialect.position(x, literal)} > 0"
    if name == "not_contains":
        return f"{dialect.position(x, literal)} = 0"
    return None
