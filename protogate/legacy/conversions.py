"""Which converter takes a column to a field: what a mapping says, or what the types of both sides ask for.

The answer is Python source, such as `timestamps("timestamp", zone="Europe/Warsaw")`: adapters are written with it, and
the bridge evaluates the same text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.descriptors import Kind
from protogate.legacy.model import LegacyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protogate.descriptors import Enum, Field
    from protogate.legacy.mapping import Conversion
    from protogate.legacy.model import LegacyField

__all__ = ["CONVERSIONS", "REVIEW", "ConversionError", "ConversionInfo", "Target", "converter_source", "target_of"]


REVIEW: Final = "review"
"""Stands in proposals where somebody has to decide; nothing runs before they did."""


class ConversionError(ValueError):
    """A column and a field that nothing, or not what the mapping says, leads from one to the other."""


class ConversionInfo(NamedTuple):
    """What a mapping may say under `convert`."""

    summary: str
    targets: frozenset[str]
    """Names of `Target`s that it can fill."""
    arguments: Mapping[str, type | tuple[type, ...]]


class Target(NamedTuple):
    """What a field takes, as far as conversions care."""

    name: str
    """`string`, `int`, `float`, `bool`, `bytes`, `enum`, `timestamp`, `duration`, `date`, `json`."""
    enum: Enum | None = None
    is_list: bool = False


CONVERSIONS: Final[Mapping[str, ConversionInfo]] = {
    "text": ConversionInfo("what has one way to be written, as text", frozenset({"string"}), {}),
    "trim": ConversionInfo("text without the spaces around it", frozenset({"string"}), {}),
    "uuid": ConversionInfo("UUIDs in the canonical spelling", frozenset({"string"}), {}),
    "integer": ConversionInfo("whole numbers, also from text", frozenset({"int"}), {}),
    "number": ConversionInfo("floating point, also from text", frozenset({"float"}), {}),
    "decimal": ConversionInfo(
        "exact numbers: to text, or with `scale` to whole numbers of a smaller unit",
        frozenset({"string", "int"}),
        {"scale": int},
    ),
    "boolean": ConversionInfo(
        "yes and no, and with `true` and `false` the values that stand for them", frozenset({"bool"}),
        {"true": list, "false": list},
    ),
    "timestamp": ConversionInfo(
        "moments; `zone` of those that name none, `format` of texts, `unit` of numbers (s, ms, us)",
        frozenset({"timestamp", "string"}),
        {"zone": str, "format": str, "unit": str},
    ),
    "date": ConversionInfo(
        "days: to a message of year, month and day, to ISO text, or to the moment when they begin",
        frozenset({"date", "string", "timestamp"}),
        {"format": str, "zone": str},
    ),
    "time": ConversionInfo("times of day as ISO text", frozenset({"string"}), {}),
    "duration": ConversionInfo("spans; `unit` of numbers (s, ms, us)", frozenset({"duration"}), {"unit": str}),
    "enum": ConversionInfo("a choice; `values` names what each becomes", frozenset({"enum"}), {"values": dict}),
    "json": ConversionInfo("documents, from JSON columns or text", frozenset({"json"}), {}),
    "split": ConversionInfo(
        "lists that a column keeps as text with a `separator`",
        frozenset({"string", "int", "float", "bool", "enum"}),
        {"separator": str},
    ),
    "bytes": ConversionInfo("bytes; `encoding` of text (base64, hex)", frozenset({"bytes"}), {"encoding": str}),
}  # fmt: skip
"""All of them, by name."""

_INTEGERS: Final = frozenset(
    {
        *(Kind.INT32, Kind.INT64, Kind.UINT32, Kind.UINT64, Kind.SINT32, Kind.SINT64),
        *(Kind.FIXED32, Kind.FIXED64, Kind.SFIXED32, Kind.SFIXED64),
    }
)
_SCALARS: Final[Mapping[Kind, str]] = {
    Kind.STRING: "string",
    Kind.BOOL: "bool",
    Kind.BYTES: "bytes",
    Kind.DOUBLE: "float",
    Kind.FLOAT: "float",
    Kind.ENUM: "enum",
    **dict.fromkeys(_INTEGERS, "int"),
}
_WELL_KNOWN: Final[Mapping[str, str]] = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    "google.protobuf.StringValue": "string",
    "google.protobuf.BytesValue": "bytes",
    "google.protobuf.BoolValue": "bool",
    "google.protobuf.DoubleValue": "float",
    "google.protobuf.FloatValue": "float",
    **{f"google.protobuf.{name}Value": "int" for name in ("Int32", "Int64", "UInt32", "UInt64")},
}
_DAY: Final = {"year", "month", "day"}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"unit": ("s", "ms", "us"), "encoding": ("base64", "hex")}
_TEXTUAL: Final = frozenset({LegacyKind.STRING, LegacyKind.ENUM, LegacyKind.ANY})


def target_of(field: Field) -> Target:
    """Say what a field takes; a list is told by what its items take."""
    if field.is_map:
        return Target("json")
    if field.kind is Kind.ENUM:
        return Target("enum", field.enum, field.is_repeated)
    name = _SCALARS.get(field.kind) or _WELL_KNOWN.get(field.type_name)
    if name is None:
        name = "date" if {one.name for one in field.message.fields} == _DAY else "json"
    return Target(name, None, field.is_repeated)


def converter_source(column: LegacyField, field: Field, conversion: Conversion) -> str:
    """Give the source of the converter from a column to a field.

    Raises:
        ConversionError: there is none, or an argument is wrong; the message says what would work.
    """
    target = target_of(field)
    if conversion.name:
        _check(conversion, target, field)
        if conversion.name == "split":
            item = _implicit(column._replace(kind=LegacyKind.STRING), target)
            return _call("splits", None, _raw=item, separator=conversion.arguments.get("separator", ","))
        made = _NAMED[conversion.name](column, target, conversion.arguments)
        return _listed(made) if target.is_list else made
    if target.is_list:
        if not column.is_repeated and column.kind not in {LegacyKind.ANY, LegacyKind.OBJECT}:
            raise ConversionError(f"one {column.kind.value} for a list; use split, or a column of lists")
        return _listed(_implicit(column._replace(is_repeated=False), target))
    if column.is_repeated and target.name != "json":
        raise ConversionError("a list for one value")
    return _implicit(column, target)


def _check(conversion: Conversion, target: Target, field: Field) -> None:
    info = CONVERSIONS.get(conversion.name)
    if conversion.name == REVIEW:
        raise ConversionError("nobody has decided; correct the field and take `convert: review` out, or ignore it")
    if info is None:
        raise ConversionError(f"conversion {conversion.name!r} is not known; use one of {', '.join(CONVERSIONS)}")
    if target.name not in info.targets or (conversion.name == "split") != target.is_list:
        fitting = [name for name, one in CONVERSIONS.items() if target.name in one.targets]
        raise ConversionError(
            f"{conversion.name} does not make what {field.name} takes; use one of {', '.join(fitting)}"
        )
    for name, value in conversion.arguments.items():
        wanted = info.arguments.get(name)
        if wanted is None:
            known = ", ".join(info.arguments) or "none"
            raise ConversionError(f"{conversion.name} has no argument {name!r}; it has {known}")
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise ConversionError(f"{conversion.name}: {name} is {value!r}, which is of another type")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ConversionError(f"{conversion.name}: {name} is {value!r}; use one of {', '.join(_CHOICES[name])}")
        if name == "zone":
            _check_zone(str(value))


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - few mappings name one

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ConversionError(f"zone {name!r} is not in the tz database; such as Europe/Warsaw, UTC") from None


def _implicit(column: LegacyField, target: Target) -> str:
    """By the types of both sides."""
    kind = column.kind
    allowed = _ALLOWED[target.name]
    if kind not in allowed and kind is not LegacyKind.ANY:
        raise ConversionError(f"{kind.value} does not become {target.name} by itself{_way_out(kind, target)}")
    if target.name == "string":
        if column.format == "uuid":
            return _call("uuids", column)
        return _call(_TEXTS.get(kind, "texts"), column)
    if target.name == "enum":
        return _enum(column, target, {})
    return _call(_CONVERTERS[target.name], column)


def _way_out(kind: LegacyKind, target: Target) -> str:
    if target.name == "timestamp" and kind in {LegacyKind.INTEGER, LegacyKind.NUMBER, LegacyKind.DECIMAL}:
        return "; use {convert: timestamp, unit: s}"
    if target.name == "int" and kind is LegacyKind.DECIMAL:
        return "; use {convert: decimal, scale: 2}"
    fitting = [name for name, one in CONVERSIONS.items() if target.name in one.targets and name != "split"]
    return f"; use {{convert: {fitting[0]}}}" if fitting else ""


def _enum(column: LegacyField, target: Target, values: Mapping[Any, str]) -> str:
    """A choice by the names that are given, or that stand in both sides."""
    enum = target.enum
    if enum is None:
        raise ConversionError("is no enum")
    if values:
        unknown = [name for name in values.values() if name not in enum.by_name]
        if unknown:
            raise ConversionError(f"{enum.full_name} has no value {unknown[0]!r}; it has {', '.join(enum.by_name)}")
        return _call("enums", column, _raw=repr(dict(values)))
    if column.kind is LegacyKind.INTEGER:
        return _call("enums", column, _raw=repr({value.number: value.name for value in enum.values}))
    by_word = {_normal(name): name for name in enum.by_name} | {_word(enum, name): name for name in enum.by_name}
    wanted = column.values or tuple(
        dict.fromkeys(spelling for name in enum.by_name for spelling in _spellings(enum, name))
    )
    found = {value: by_word.get(_normal(str(value)), "") for value in wanted}
    missing = [value for value, name in found.items() if not name]
    if missing:
        raise ConversionError(f"{enum.full_name} has no value for {missing[0]!r}; use {{convert: enum, values: ...}}")
    return _call("enums", column, _raw=repr(found))


def _spellings(enum: Enum, name: str) -> tuple[str, ...]:
    short = _short(enum, name)
    return (short.lower(), short, short.capitalize(), name)


def _short(enum: Enum, name: str) -> str:
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", enum.name).upper() + "_"
    return name.removeprefix(prefix)


def _word(enum: Enum, name: str) -> str:
    return _normal(_short(enum, name))


def _normal(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _listed(item: str) -> str:
    return f"lists({item})"


def _call(name: str, column: LegacyField | None, *, _raw: str = "", **arguments: object) -> str:
    """The call of a converter: what it needs first, the kind of the column, and arguments that are not empty."""
    parts = [_raw] if _raw else []
    if column is not None:
        kind = column.kind.value
        parts.append(repr("string" if column.kind is LegacyKind.ENUM else kind))
    parts += [f"{name}={value!r}" for name, value in arguments.items() if value not in ("", None)]
    return f"{name}({', '.join(parts)})"


def _named_decimal(column: LegacyField, target: Target, arguments: Mapping[str, Any]) -> str:
    if target.name == "string":
        return _call("decimals", column)
    if "scale" not in arguments:
        raise ConversionError("decimal to a whole number needs a scale: {convert: decimal, scale: 2}")
    return _call("scaled", column, _raw=repr(arguments["scale"]))


def _named_date(column: LegacyField, target: Target, arguments: Mapping[str, Any]) -> str:
    if target.name == "timestamp":
        return _call("midnights", column, zone=arguments.get("zone", ""))
    name = "date_messages" if target.name == "date" else "dates"
    return _call(name, column, pattern=arguments.get("format", ""))


def _named_timestamp(column: LegacyField, _: Target, arguments: Mapping[str, Any]) -> str:
    return _call(
        "timestamps",
        column,
        zone=arguments.get("zone", ""),
        pattern=arguments.get("format", ""),
        unit=arguments.get("unit", ""),
    )


def _named_boolean(column: LegacyField, _: Target, arguments: Mapping[str, Any]) -> str:
    if not arguments:
        return _call("truths", column)
    if not (arguments.get("true") and arguments.get("false")):
        raise ConversionError("boolean needs both true and false: {convert: boolean, true: [Y], false: [N]}")
    return _call("truths", column, true=tuple(arguments["true"]), false=tuple(arguments["false"]))


_NAMED: Final[Mapping[str, Callable[[LegacyField, Target, Mapping[str, Any]], str]]] = {
    "text": lambda column, _, __: _call("texts", column),
    "trim": lambda column, _, __: _call("texts", column, trim=True),
    "uuid": lambda column, _, __: _call("uuids", column),
    "integer": lambda column, _, __: _call("wholes", column),
    "number": lambda column, _, __: _call("numbers", column),
    "decimal": _named_decimal,
    "boolean": _named_boolean,
    "timestamp": _named_timestamp,
    "date": _named_date,
    "time": lambda column, _, __: _call("times", column),
    "duration": lambda column, _, arguments: _call("durations", column, unit=arguments.get("unit", "")),
    "enum": lambda column, target, arguments: _enum(column, target, arguments.get("values", {})),
    "json": lambda column, _, __: _call("json_values", column),
    "bytes": lambda column, _, arguments: _call("base64s", column, encoding=arguments.get("encoding", "")),
}
_CONVERTERS: Final[Mapping[str, str]] = {
    "int": "wholes",
    "float": "numbers",
    "bool": "truths",
    "bytes": "base64s",
    "timestamp": "timestamps",
    "duration": "durations",
    "date": "date_messages",
    "json": "json_values",
}
_TEXTS: Final[Mapping[LegacyKind, str]] = {
    LegacyKind.DATE: "dates",
    LegacyKind.TIME: "times",
    LegacyKind.TIMESTAMP: "timestamps",
    LegacyKind.DECIMAL: "decimals",
}
_NUMERIC: Final = frozenset({LegacyKind.INTEGER, LegacyKind.NUMBER, LegacyKind.DECIMAL})
_ALLOWED: Final[Mapping[str, frozenset[LegacyKind]]] = {
    "string": frozenset({*_TEXTUAL, LegacyKind.DATE, LegacyKind.TIME, LegacyKind.TIMESTAMP, LegacyKind.DECIMAL}),
    "int": frozenset({LegacyKind.INTEGER}),
    "float": _NUMERIC,
    "bool": frozenset({LegacyKind.BOOLEAN}),
    "bytes": frozenset({LegacyKind.BYTES}),
    "timestamp": frozenset({LegacyKind.TIMESTAMP}),
    "duration": frozenset({LegacyKind.DURATION}),
    "date": frozenset({LegacyKind.DATE}),
    "enum": frozenset({LegacyKind.ENUM, LegacyKind.STRING, LegacyKind.INTEGER}),
    "json": frozenset({LegacyKind.OBJECT, LegacyKind.MAP}),
}
"""Kinds of columns that become a target without a word in the mapping."""
