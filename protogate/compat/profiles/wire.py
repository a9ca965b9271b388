"""The `wire` profile: what becomes of binary data, as the Protobuf runtimes really read it.

Fields are what their numbers say. A change fails when data is lost, wrong, swapped or refused, keeps only its last
element, or arrives as raw bytes; it warns when values may be truncated, or when a reader cannot see or name them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Carrier, Change, Effect
from protogate.compat.effects import Table, judge_effects, mirrored
from protogate.compat.rules import Rule
from protogate.descriptors.features import VERIFY
from protogate.descriptors.model import Enum, Field, Kind
from protogate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.compat.profiles import Judge

__all__ = ["EFFECTS", "PROFILES", "presence_effects", "rate"]

_SEVERITIES: Final = {
    Effect.DROP: Severity.WARNING,
    Effect.UNKNOWN: Severity.WARNING,
    Effect.RANGE: Severity.WARNING,
    Effect.NAME: Severity.NOTE,
}


def rate(_change: Change, effect: Effect) -> Severity:
    """How bad an effect is; what this does not warn of is an error."""
    return _SEVERITIES.get(effect, Severity.ERROR)


def _removed(change: Change) -> tuple[Effect, Effect]:
    field = change.before
    return Effect.DROP, Effect.ERROR if isinstance(field, Field) and field.is_required else Effect.OK


def _added(change: Change) -> tuple[Effect, Effect]:
    field = change.after
    return Effect.ERROR if isinstance(field, Field) and field.is_required else Effect.OK, Effect.DROP


def _renamed(change: Change) -> tuple[Effect, Effect]:
    effect = Effect.SWAP if change.facts["swapped"] else Effect.OK
    return effect, effect


def _value_renamed(change: Change) -> tuple[Effect, Effect]:
    effect = Effect.SWAP if change.facts["swapped"] else Effect.NAME
    return effect, effect


def _unnamed(reader: object) -> Effect:
    """What a reader does with the number of a value that it does not know."""
    return Effect.LOST if isinstance(reader, Enum) and reader.is_closed else Effect.UNKNOWN


def _fields(change: Change, backward: bool) -> tuple[Field, Field]:  # noqa: FBT001 - which of the two reads
    """Writer and reader."""
    old, new = change.before, change.after
    assert isinstance(old, Field), "a rule about two fields"  # noqa: S101 - an invariant, not a check of input
    assert isinstance(new, Field), "a rule about two fields"  # noqa: S101 - as above
    return (old, new) if backward else (new, old)


def _required(change: Change, backward: bool) -> Effect:  # noqa: FBT001 - as above
    _, reader = _fields(change, backward)
    return Effect.ERROR if reader.is_required else Effect.OK


def _cardinality(change: Change, backward: bool) -> Effect:  # noqa: FBT001 - as above
    writer, reader = _fields(change, backward)
    if reader.is_map:
        # A list may hold a key twice.
        return Effect.LAST if writer.is_repeated else Effect.OK
    if reader.is_repeated:
        return Effect.OK
    # A reader of one number does not look into a packed run.
    return Effect.LOST if writer.is_packed else Effect.LAST


def presence_effects(change: Change) -> tuple[Effect, Effect]:
    """What becomes of a zero that the one version does not write, when the other has a default of its own."""
    return _presence(change, True), _presence(change, False)  # noqa: FBT003 - which of the two reads


def _presence(change: Change, backward: bool) -> Effect:  # noqa: FBT001 - as above
    writer, reader = _fields(change, backward)
    return Effect.LOST if not writer.presence and _starts_elsewhere(reader) else Effect.OK


def _starts_elsewhere(reader: Field) -> bool:
    """Whether a field that is not set reads as something else than zero."""
    written = reader.default
    if reader.kind is Kind.ENUM:
        values = reader.enum.proto.value
        return next((one.number for one in values if one.name == written), values[0].number) != 0
    return written is not None and written != reader.zero


def _oneof(change: Change) -> tuple[Effect, Effect]:
    return (
        Effect.LOST if change.facts["conflict_backward"] else Effect.OK,
        Effect.LOST if change.facts["conflict_forward"] else Effect.OK,
    )


def _option(change: Change) -> tuple[Effect, Effect]:
    effect = Effect.LOST if change.facts["option"] == "message_set_wire_format" else Effect.OK
    return effect, effect


def _type(change: Change, backward: bool) -> Effect:  # noqa: FBT001 - as above
    writer, reader = _fields(change, backward)
    if writer.kind in _VARINTS and reader.kind in _VARINTS:
        return _varint(writer, reader)
    if writer.is_delimited or reader.is_delimited:
        return Effect.LOST
    if (writer.is_packed and reader.kind in _CHECKED) or (writer.kind in _LENGTHS and _reads_packed(reader)):
        return Effect.ERROR
    effect = _OTHERS.get((writer.kind, reader.kind), Effect.LOST)
    if effect is Effect.ERROR and reader.kind is Kind.STRING and reader.features.utf8_validation != VERIFY:
        return Effect.LOST
    return effect


_CHECKED: Final = frozenset({Kind.STRING, Kind.MESSAGE})
_LENGTHS: Final = frozenset({Kind.STRING, Kind.BYTES, Kind.MESSAGE})
"""Kinds that are written with their length, as a packed run is."""


def _reads_packed(reader: Field) -> bool:
    return reader.is_repeated and reader.kind not in _LENGTHS


_OTHERS: Final = {
    (Kind.SINT32, Kind.SINT64): Effect.OK,
    (Kind.SINT64, Kind.SINT32): Effect.RANGE,
    (Kind.SINT32, Kind.BOOL): Effect.RANGE,  # zigzag keeps zero zero
    (Kind.SINT64, Kind.BOOL): Effect.RANGE,
    (Kind.FIXED32, Kind.SFIXED32): Effect.RANGE,
    (Kind.SFIXED32, Kind.FIXED32): Effect.RANGE,
    (Kind.FIXED64, Kind.SFIXED64): Effect.RANGE,
    (Kind.SFIXED64, Kind.FIXED64): Effect.RANGE,
    (Kind.STRING, Kind.BYTES): Effect.OK,
    (Kind.BYTES, Kind.STRING): Effect.ERROR,
    (Kind.MESSAGE, Kind.BYTES): Effect.RAW,
    (Kind.MESSAGE, Kind.STRING): Effect.ERROR,
    (Kind.BYTES, Kind.MESSAGE): Effect.ERROR,
    (Kind.STRING, Kind.MESSAGE): Effect.ERROR,
}
"""Writer and reader of one wire type; all other pairs do not understand each other."""

_INT32: Final = (-(2**31), 2**31 - 1)
_RANGES: Final[Mapping[Kind, tuple[int, int]]] = {
    Kind.INT32: _INT32,
    Kind.INT64: (-(2**63), 2**63 - 1),
    Kind.UINT32: (0, 2**32 - 1),
    Kind.UINT64: (0, 2**64 - 1),
    Kind.BOOL: (0, 1),
    Kind.ENUM: _INT32,
}
_VARINTS: Final = frozenset(_RANGES)


def _varint(writer: Field, reader: Field) -> Effect:
    low, high = _span(writer)
    if reader.kind is Kind.ENUM:
        known = {value.number for value in reader.enum.proto.value}
        if high - low < len(known) and known.issuperset(range(low, high + 1)):
            return Effect.OK
        if reader.enum.is_closed:
            return Effect.LOST
    lowest, highest = _RANGES[reader.kind]
    if low < lowest or highest < high:
        return Effect.RANGE
    return Effect.UNKNOWN if reader.kind is Kind.ENUM else Effect.OK


def _span(writer: Field) -> tuple[int, int]:
    """The smallest and the largest number that a field writes; of an enum, among those that have names."""
    if writer.kind is Kind.ENUM:
        numbers = [value.number for value in writer.enum.proto.value]
        return min(numbers), max(numbers)
    return _RANGES[writer.kind]


EFFECTS: Final[Table] = {
    Rule.MESSAGE_OPTION_CHANGED: _option,
    Rule.FIELD_REMOVED: _removed,
    Rule.FIELD_ADDED: _added,
    Rule.EXTENSION_REMOVED: _removed,
    Rule.EXTENSION_ADDED: _added,
    Rule.FIELD_RENAMED: _renamed,
    Rule.FIELD_TYPE_CHANGED: mirrored(_type),
    Rule.FIELD_ENCODING_CHANGED: (Effect.LOST, Effect.LOST),
    Rule.FIELD_CARDINALITY_CHANGED: mirrored(_cardinality),
    Rule.FIELD_REQUIRED_CHANGED: mirrored(_required),
    Rule.FIELD_PRESENCE_CHANGED: presence_effects,
    Rule.FIELD_ONEOF_CHANGED: _oneof,
    Rule.ENUM_VALUE_REMOVED: lambda change: (_unnamed(change.new_scope), Effect.OK),
    Rule.ENUM_VALUE_ADDED: lambda change: (Effect.OK, _unnamed(change.old_scope)),
    Rule.ENUM_VALUE_RENAMED: _value_renamed,
}
"""What becomes of binary data."""

PROFILES: Final[Mapping[str, Judge]] = {
    "wire": partial(judge_effects, table=EFFECTS, unread=Carrier.JSON, rate=rate),
}
