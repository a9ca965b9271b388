"""The standard rules of `buf.validate` as calls of the runtime's `rules.ts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.zod.names import literal
from protogate.descriptors import Kind
from protogate.descriptors.rules import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.descriptors import Enum, Field
    from protogate.descriptors.rules import FieldRules, RuleValue

__all__ = ["Refused", "span_text", "standard_checks", "zero_literal"]

Refused = tuple[str, str]
"""A rule that cannot be carried and the reason."""

_BOUNDS: Final = ("gt", "gte", "lt", "lte")

_FLOATS: Final = frozenset({Kind.FLOAT, Kind.DOUBLE})

_SIXTY_FOUR: Final = frozenset({"int64", "sint64", "sfixed64", "uint64", "fixed64"})

_FORMATS: Final = frozenset(
    """
    address email host_and_port hostname ip ip_prefix ip_with_prefixlen ipv4 ipv4_prefix ipv4_with_prefixlen ipv6
    ipv6_prefix ipv6_with_prefixlen protobuf_dot_fqn protobuf_fqn tuuid ulid uri uri_ref uuid
    """.split()  # noqa: SIM905 - a list of twenty strings is harder to read
)

_BYTES_FORMATS: Final = frozenset({"ip", "ipv4", "ipv6", "uuid"})

_WELL_KNOWN_REGEX: Final = {1: "header_name", 2: "header_value"}

_CALLS: Final[Mapping[tuple[str, str], str]] = {
    **{
        ("string", name): call
        for name, call in {
            "len": "len",
            "min_len": "minLen",
            "max_len": "maxLen",
            "len_bytes": "lenBytes",
            "min_bytes": "minBytes",
            "max_bytes": "maxBytes",
            "prefix": "prefix",
            "suffix": "suffix",
            "contains": "contains",
            "not_contains": "notContains",
        }.items()
    },
    ("bytes", "len"): "bytesLen",
    ("bytes", "min_len"): "bytesMinLen",
    ("bytes", "max_len"): "bytesMaxLen",
    ("bytes", "prefix"): "bytesPrefix",
    ("bytes", "suffix"): "bytesSuffix",
    ("bytes", "contains"): "bytesContains",
    ("repeated", "min_items"): "minItems",
    ("repeated", "max_items"): "maxItems",
    ("map", "min_pairs"): "minPairs",
    ("map", "max_pairs"): "maxPairs",
    ("any", "in"): "anyIn",
    ("any", "not_in"): "anyNotIn",
    ("field_mask", "const"): "maskEquals",
    ("field_mask", "in"): "maskIn",
    ("field_mask", "not_in"): "maskNotIn",
    ("timestamp", "within"): "timestampWithin",
}
"""Rules whose call takes the rule's value as it is."""


def standard_checks(rules: FieldRules, field: Field) -> Iterator[str | Refused]:
    """Expressions of checks for one value of `field`, and the rules that have none."""
    kind, standard = rules.kind, rules.standard
    bounds = {name: standard[name] for name in _BOUNDS if name in standard}
    if bounds:
        pairs = ", ".join(f"{name}: {_literal(kind, value)}" for name, value in bounds.items())
        yield f'$rules.range("{kind}", {{ {pairs} }})'
    enum = field.enum if kind == "enum" and field.kind is Kind.ENUM else None
    for name, value in standard.items():
        if name == "unique" and value:
            items = '"float"' if field.kind in _FLOATS else ""
            yield f"$rules.unique({items})"
        elif name not in bounds:
            yield from _check(kind, name, value, standard, enum)


def _check(
    kind: str, name: str, value: RuleValue, standard: Mapping[str, RuleValue], enum: Enum | None
) -> Iterator[str | Refused]:
    call = _CALLS.get((kind, name))
    if call is not None:
        yield f"$rules.{call}({_value('duration' if name == 'within' else kind, value)})"
    elif name in _LISTS:
        values = value if isinstance(value, tuple) and not isinstance(value, Span) else (value,)
        written = ", ".join(_literal(kind, item, enum) for item in values)
        yield f'$rules.{_LISTS[name]}("{kind}", {written if name == "const" else f"[{written}]"})'
    elif name == "pattern":
        yield _pattern(kind, str(value))
    elif name == "well_known_regex":
        form = _WELL_KNOWN_REGEX.get(int(value))  # type: ignore[arg-type] # an enum's number by its schema
        if form:
            yield f'$formats.header("{form}", {"false" if standard.get("strict") is False else "true"})'
    elif name in _NOW:
        if value:
            yield f'$rules.timestampNow("{name.removesuffix("_now")}")'
    elif value is True:
        yield from _switch(kind, name)


_LISTS: Final = {"const": "equals", "in": "oneOf", "not_in": "noneOf"}
_NOW: Final = frozenset({"lt_now", "gt_now"})


def _switch(kind: str, name: str) -> Iterator[str | Refused]:
    """A rule that is on or off, and is on."""
    if kind == "string" and name in _FORMATS:
        yield f'$formats.string("{name}")'
    elif kind == "bytes" and name in _BYTES_FORMATS:
        yield f'$rules.bytesFormat("{name}")'
    elif name == "finite":
        yield f'$rules.finite("{kind}")'
    elif name == "defined_only":
        yield "$rules.definedOnly()"
    elif name not in _SILENT:
        yield f"{kind}.{name}", "this version does not know the rule"


_SILENT: Final = frozenset({"strict", "unique"})
"""Rules that are carried elsewhere."""


def _pattern(kind: str, pattern: str) -> str | Refused:
    from protogate.cel.errors import NotCarried  # noqa: PLC0415 - few contracts have patterns
    from protogate.cel.regex import Engine, translate_pattern  # noqa: PLC0415

    try:
        translated = translate_pattern(pattern, Engine.ECMASCRIPT)
    except NotCarried as reason:
        return f"{kind}.pattern", str(reason)
    call = "pattern" if kind == "string" else "bytesPattern"
    return f'$rules.{call}(new RegExp({literal(translated)}, "u"), {literal(pattern)})'


def _value(kind: str, value: RuleValue) -> str:
    if isinstance(value, tuple) and not isinstance(value, Span):
        return f"[{', '.join(_literal(kind, item) for item in value)}]"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _literal(kind, value)


def _literal(kind: str, value: RuleValue, enum: Enum | None = None) -> str:
    """A value as the runtime compares it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(kind, value, enum)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, bytes):
        import base64  # noqa: PLC0415 - rarely needed

        return literal(base64.b64encode(value).decode())
    if isinstance(value, Span):
        return literal(span_text(kind, value))
    return literal(str(value))


def _integer(kind: str, value: int, enum: Enum | None) -> str:
    if enum is not None:
        name = next((v.name for v in enum.values if v.number == value), None)
        return str(value) if name is None else literal(name)
    return f'"{value}"' if kind in _SIXTY_FOUR else str(value)


def _float(value: float) -> str:
    if value != value:  # noqa: PLR0124 - not a number
        return '"NaN"'
    if value in {float("inf"), float("-inf")}:
        return '"Infinity"' if value > 0 else '"-Infinity"'
    # Integral floats too: `1e+22` and `0.1` mean the same in both languages.
    return repr(value).removesuffix(".0")


_BILLION: Final = 1_000_000_000


def span_text(kind: str, span: Span) -> str:
    """A duration or a timestamp as ProtoJSON writes it."""
    nanos = span.seconds * _BILLION + span.nanos
    if kind == "timestamp":
        return _timestamp_text(nanos)
    seconds, rest = divmod(abs(nanos), _BILLION)
    return f"{'-' if nanos < 0 else ''}{seconds}{_fraction(rest)}s"


def _timestamp_text(nanos: int) -> str:
    from datetime import datetime, timedelta  # noqa: PLC0415 - rarely needed

    seconds, rest = divmod(nanos, _BILLION)
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - UTC by construction
    return f"{moment.isoformat()}{_fraction(rest)}Z"


def _fraction(nanos: int) -> str:
    return f".{nanos:09}" if nanos else ""


def zero_literal(field: Field, *, is_key: bool = False) -> str:
    """What tells the runtime the zero value of one value of `field`; empty where the runtime sees it by itself."""
    if is_key:
        return _KEY_ZEROS.get(field.kind, '"0"')
    if field.kind is Kind.ENUM:
        first = next((v.name for v in field.enum.values if v.number == 0), None)
        return "0" if first is None else literal(first)
    return '"0"' if field.kind in _LONG_KINDS else ""


_KEY_ZEROS: Final = {Kind.STRING: "", Kind.BOOL: '"false"'}
_LONG_KINDS: Final = frozenset({Kind.INT64, Kind.UINT64, Kind.FIXED64, Kind.SFIXED64, Kind.SINT64})
