"""The `wire_json` profile: what becomes of ProtoJSON documents.

Fields are what their keys say, enum values what their names say; numbers do not matter. A key or a name that the
reader does not have is an error where the reader knows the field or the value under another name: data that both
sides have would not arrive. It is a warning where the reader has nothing for it, since parsers can be told to ignore
that.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Carrier, Change, Effect
from protogate.compat.effects import Table, judge_effects, mirrored
from protogate.compat.profiles.wire import presence_effects
from protogate.compat.rules import Rule
from protogate.descriptors.model import Field, Kind
from protogate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.compat.profiles import Judge

__all__ = ["EFFECTS", "PROFILES", "rate"]

_UNKNOWN_TO_READER: Final = frozenset(
    {
        Rule.FIELD_REMOVED,
        Rule.FIELD_ADDED,
        Rule.EXTENSION_REMOVED,
        Rule.EXTENSION_ADDED,
        Rule.ENUM_VALUE_REMOVED,
        Rule.ENUM_VALUE_ADDED,
    }
)


def rate(change: Change, effect: Effect) -> Severity:
    """How bad an effect of a change is."""
    if effect is Effect.UNKNOWN or (effect is Effect.KEY and change.rule in _UNKNOWN_TO_READER):
        return Severity.WARNING
    return Severity.ERROR


def _lost_key(change: Change) -> Effect:
    return Effect.OK if change.facts["key_kept"] else Effect.KEY


def _lost_name(change: Change) -> Effect:
    return Effect.OK if change.facts["name_kept"] else Effect.KEY


def _keys(change: Change) -> tuple[Effect, Effect]:
    return (
        Effect.OK if change.facts["key_backward"] else Effect.KEY,
        Effect.OK if change.facts["key_forward"] else Effect.KEY,
    )


def _renamed(change: Change) -> tuple[Effect, Effect]:
    if isinstance(change.before, Field) and change.before.is_extension:
        effect = Effect.KEY  # the key of an extension is its full name
    elif change.carrier is Carrier.JSON and change.facts["swapped"]:
        effect = Effect.SWAP
    else:
        effect = Effect.OK
    return effect, effect


def _oneof(change: Change) -> tuple[Effect, Effect]:
    return (
        Effect.ERROR if change.facts["conflict_backward"] else Effect.OK,
        Effect.ERROR if change.facts["conflict_forward"] else Effect.OK,
    )


_OWN_FORMS: Final = frozenset(
    f"google.protobuf.{name}"
    for name in (
        "Any",
        "BoolValue",
        "BytesValue",
        "DoubleValue",
        "Duration",
        "FieldMask",
        "FloatValue",
        "Int32Value",
        "Int64Value",
        "ListValue",
        "StringValue",
        "Struct",
        "Timestamp",
        "UInt32Value",
        "UInt64Value",
        "Value",
    )
)
"""Messages that ProtoJSON does not write as objects of their fields."""


_WRAPPED: Final[Mapping[str, Kind]] = {
    "google.protobuf.BoolValue": Kind.BOOL,
    "google.protobuf.BytesValue": Kind.BYTES,
    "google.protobuf.DoubleValue": Kind.DOUBLE,
    "google.protobuf.FloatValue": Kind.FLOAT,
    "google.protobuf.Int32Value": Kind.INT32,
    "google.protobuf.Int64Value": Kind.INT64,
    "google.protobuf.StringValue": Kind.STRING,
    "google.protobuf.UInt32Value": Kind.UINT32,
    "google.protobuf.UInt64Value": Kind.UINT64,
}
"""Messages that ProtoJSON writes as what they hold."""


def _form(field: Field) -> Kind:
    """The kind whose form in JSON a field has."""
    return _WRAPPED.get(field.type_name, field.kind)


def _fields(change: Change, backward: bool) -> tuple[Field, Field]:  # noqa: FBT001 - which of the two reads
    """Writer and reader."""
    old, new = change.before, change.after
    assert isinstance(old, Field), "a rule about two fields"  # noqa: S101 - an invariant, not a check of input
    assert isinstance(new, Field), "a rule about two fields"  # noqa: S101 - as above
    return (old, new) if backward else (new, old)


def _type_name(change: Change, backward: bool) -> Effect:  # noqa: FBT001 - as above
    writer, reader = _fields(change, backward)
    if writer.type_name in _WRAPPED and reader.type_name in _WRAPPED:
        return _scalar(writer, reader)
    return Effect.ERROR if _OWN_FORMS & {writer.type_name, reader.type_name} else Effect.OK


_INT32: Final = (-(2**31), 2**31 - 1)
_UINT32: Final = (0, 2**32 - 1)
_INT64: Final = (-(2**63), 2**63 - 1)
_UINT64: Final = (0, 2**64 - 1)
_INTEGERS: Final[Mapping[Kind, tuple[int, int]]] = {
    Kind.INT32: _INT32,
    Kind.SINT32: _INT32,
    Kind.SFIXED32: _INT32,
    Kind.UINT32: _UINT32,
    Kind.FIXED32: _UINT32,
    Kind.INT64: _INT64,
    Kind.SINT64: _INT64,
    Kind.SFIXED64: _INT64,
    Kind.UINT64: _UINT64,
    Kind.FIXED64: _UINT64,
}
_EXACT_IN_DOUBLE: Final = frozenset({Kind.INT32, Kind.SINT32, Kind.SFIXED32, Kind.UINT32, Kind.FIXED32})


def _type(change: Change, backward: bool) -> Effect:  # noqa: FBT001 - as above
    writer, reader = _fields(change, backward)
    if change.facts["part"] == "key":
        return _map_key(writer.kind, reader.kind)
    return _scalar(writer, reader)


def _scalar(writer: Field, reader: Field) -> Effect:
    written, read = _form(writer), _form(reader)
    if written is read:
        return Effect.OK
    if written in _INTEGERS:
        return _integer(written, read, reader)
    return _OTHERS.get((written, read), Effect.ERROR)


_OTHERS: Final = {
    (Kind.BYTES, Kind.STRING): Effect.LOST,  # base64
    (Kind.ENUM, Kind.STRING): Effect.LOST,  # the name
    (Kind.FLOAT, Kind.DOUBLE): Effect.LOST,  # the shortest text of a float is that of another double
}
"""Writer and reader whose forms in JSON are taken for each other; all other kinds refuse each other."""


def _integer(written: Kind, read: Kind, reader: Field) -> Effect:
    low, high = _INTEGERS[written]
    if (span := _INTEGERS.get(read)) is not None:
        return Effect.OK if span[0] <= low and high <= span[1] else Effect.ERROR
    if read is Kind.DOUBLE:
        return Effect.OK if written in _EXACT_IN_DOUBLE else Effect.LOST
    if read is Kind.ENUM:
        fits = _INT32[0] <= low and high <= _INT32[1]
        return Effect.UNKNOWN if fits and not reader.enum.is_closed else Effect.ERROR
    if read is Kind.STRING and written not in _EXACT_IN_DOUBLE:
        return Effect.LOST  # 64-bit integers are written as strings
    return Effect.LOST if read is Kind.FLOAT else Effect.ERROR


def _map_key(writer: Kind, reader: Kind) -> Effect:
    """Keys of JSON objects are strings, whatever the kind of the map's key."""
    if reader is Kind.STRING:
        return Effect.OK
    low, high = _INTEGERS.get(writer, (0, -1))
    lowest, highest = _INTEGERS.get(reader, (0, -1))
    return Effect.OK if lowest <= low <= high <= highest else Effect.ERROR


EFFECTS: Final[Table] = {
    Rule.FIELD_REMOVED: lambda change: (_lost_key(change), Effect.OK),
    Rule.FIELD_ADDED: lambda change: (Effect.OK, _lost_key(change)),
    Rule.EXTENSION_REMOVED: lambda change: (_lost_name(change), Effect.OK),
    Rule.EXTENSION_ADDED: lambda change: (Effect.OK, _lost_name(change)),
    Rule.FIELD_RENAMED: _renamed,
    Rule.FIELD_JSON_NAME_CHANGED: _keys,
    Rule.FIELD_TYPE_CHANGED: mirrored(_type),
    Rule.FIELD_TYPE_NAME_CHANGED: mirrored(_type_name),
    Rule.FIELD_CARDINALITY_CHANGED: (Effect.ERROR, Effect.ERROR),
    Rule.FIELD_PRESENCE_CHANGED: presence_effects,
    Rule.FIELD_ONEOF_CHANGED: _oneof,
    Rule.ENUM_VALUE_REMOVED: lambda change: (_lost_name(change), Effect.OK),
    Rule.ENUM_VALUE_ADDED: lambda change: (Effect.OK, _lost_name(change)),
    Rule.ENUM_VALUE_RENAMED: _keys,
    Rule.ENUM_ALIAS_REMOVED: _keys,
    Rule.ENUM_ALIAS_ADDED: _keys,
}
"""What becomes of JSON documents."""

PROFILES: Final[Mapping[str, Judge]] = {
    "wire_json": partial(judge_effects, table=EFFECTS, unread=Carrier.WIRE, rate=rate),
}
