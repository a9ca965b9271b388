"""Whether a mapping fits the table and the contract that it is about; every finding at its line."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from protogate.findings import Finding, Place, Severity, sort_findings
from protogate.legacy.compiling import field_at
from protogate.legacy.conversions import REVIEW, ConversionError, converter_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogate.descriptors import Message, Schema
    from protogate.legacy.mapping import BridgeMapping, ColumnMapping
    from protogate.legacy.model import LegacySchema

__all__ = ["check_mapping"]


def check_mapping(mapping: BridgeMapping, legacy: LegacySchema, contract: Schema) -> tuple[Finding, ...]:
    """Give all that keeps a mapping from running, and columns that it forgets."""
    message = contract.messages.get(mapping.message)
    if message is None:
        return (
            _finding("NO_MESSAGE", mapping.place, f"message {mapping.message} is in none of the contracts"),
        )  # fmt: skip
    return sort_findings(
        [
            *_columns(mapping, legacy, message),
            *_forgotten(mapping, legacy),
            *_events(mapping, contract, message),
            *_claims(mapping, message),
        ]
    )


def _columns(mapping: BridgeMapping, legacy: LegacySchema, message: Message) -> Iterator[Finding]:
    filled: dict[str, ColumnMapping] = {}
    for one in mapping.columns:
        if one.conversion.name == REVIEW:
            yield _finding(
                "NOT_REVIEWED",
                one.place,
                f"column {one.column}: nobody has decided what becomes of it",
                "correct the field and take `convert: review` out, or ignore it with a reason",
            )
            continue
        if one.field in filled:
            text = f"columns {filled[one.field].column} and {one.column} both fill {one.field}"
            yield _finding("FILLED_TWICE", one.place, text, "map one of them")
        filled[one.field] = one
        yield from _column(one, legacy, message)
    for name in mapping.constants:
        yield from _field(name, mapping.place, message)
    for name in mapping.key:
        if legacy.field(name) is None:
            yield _unknown_column(name, mapping.place, legacy)


def _column(one: ColumnMapping, legacy: LegacySchema, message: Message) -> Iterator[Finding]:
    column = legacy.field(one.column)
    if column is None:
        yield _unknown_column(one.column, one.place, legacy)
        return
    wrong = list(_field(one.field, one.place, message))
    if wrong:
        yield from wrong
        return
    try:
        converter_source(column, field_at(message, one.field)[-1], one.conversion)
    except ConversionError as error:
        yield _finding("NO_CONVERSION", one.place, f"{one.column} to {one.field}: {error}")


def _forgotten(mapping: BridgeMapping, legacy: LegacySchema) -> Iterator[Finding]:
    said = {one.column for one in mapping.columns} | set(mapping.ignored)
    for field in legacy.fields:
        if field.name not in said:
            yield _finding(
                "FORGOTTEN_COLUMN",
                mapping.place,
                f"column {field.name} is neither mapped nor ignored",
                "map it, or say under `ignored` why it is not taken over",
            )
    for name in mapping.ignored:
        if legacy.field(name) is None:
            yield _unknown_column(name, mapping.place, legacy)


def _events(mapping: BridgeMapping, contract: Schema, message: Message) -> Iterator[Finding]:
    events = mapping.events
    wanted = {one.field.partition(".")[0] for one in mapping.columns}
    for name in filter(None, (events.created, events.changed)):
        event = contract.messages.get(name)
        missing = wanted - {field.name for field in event.fields} if event is not None else set()
        if missing:
            text = f"{name} has no field {min(missing)!r}, so it cannot carry a row"
            yield _finding("EVENT_LACKS_FIELD", mapping.place, text, f"give it the fields of {message.full_name}")
    for name in filter(None, (events.created, events.changed, events.deleted, *events.effects)):
        if name not in contract.messages:
            yield _finding("NO_MESSAGE", mapping.place, f"message {name} is in none of the contracts")
    for name, effect in events.effects.items():
        for field in effect.set:
            for one in _field(field, mapping.place, message):
                yield one._replace(message=f"effects of {name}: {one.message}")


def _claims(mapping: BridgeMapping, message: Message) -> Iterator[Finding]:
    for rule in mapping.claims:
        yield from _field(rule.field, mapping.place, message)


def _field(path: str, place: Place, message: Message) -> Iterator[Finding]:
    try:
        field_at(message, path)
    except KeyError as error:
        owner, name = error.args
        hint = _nearest(name, [field.name for field in owner.fields])
        yield _finding("UNKNOWN_FIELD", place, f"{owner.full_name} has no field {name!r}", hint)


def _unknown_column(name: str, place: Place, legacy: LegacySchema) -> Finding:
    hint = _nearest(name, [field.name for field in legacy.fields])
    return _finding("UNKNOWN_COLUMN", place, f"{legacy.name} has no column {name!r}", hint)


def _nearest(name: str, known: Iterable[str]) -> str:
    listed = list(known)
    near = difflib.get_close_matches(name, listed, 1)
    return f"did you mean {near[0]!r}?" if near else f"it has {', '.join(listed)}"


def _finding(rule: str, place: Place, message: str, hint: str = "") -> Finding:
    return Finding(f"legacy/{rule}", place, message, hint, Severity.ERROR)
