"""What the events of a stream say of its row: a document, replayed by the words of the mapping alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from protogate.errors import UserError
from protogate.legacy.compiling import field_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.cqrs.messages import StoredEvent
    from protogate.descriptors import Field, Message, Schema
    from protogate.legacy.mapping import BridgeMapping

__all__ = ["SUBJECT", "Document", "Replay", "digest_of"]

SUBJECT: Final = "legacy_subject"
"""In the metadata of events that the bridge appended: the subject of the legacy schema."""

State = dict[str, Any]
"""A ProtoJSON document; its values are JSON."""


class Document(NamedTuple):
    """A row as the events have it."""

    state: State | None
    """The mapped fields; None without events, or after the last one deleted it."""
    version: int
    """Of the stream."""
    base: State | None
    """As the newest event left it that came from the legacy side."""
    base_version: int
    """Of that event; 0 when none did."""


class _EffectOf(NamedTuple):
    shared: tuple[Field, ...]
    """Fields that the event has in common with the document."""
    values: State
    removed: frozenset[str]


class Replay:
    """Replays streams by a mapping."""

    def __init__(self, mapping: BridgeMapping, contract: Schema) -> None:
        """Work out what each kind of event does.

        Raises:
            UserError: a message that the mapping names is in none of the contracts, or lacks what it is set to.
        """
        self.mapping = mapping
        self.message = message = _message(contract, mapping, mapping.message)
        paths = [one.field for one in mapping.columns] + list(mapping.constants)
        self.fields = {field_at(message, path)[0].json_name: field_at(message, path)[0] for path in paths}
        """The mapped fields, by JSON name."""
        self._json_names = {field.name: name for name, field in self.fields.items()}
        self.metadata = {**mapping.metadata, SUBJECT: mapping.subject}
        """Of the first event of each stream."""
        events = mapping.events
        for name in filter(None, (events.created, events.changed)):
            _check_carries(contract, mapping, name, message)
        self.created = short_name(events.created)
        self.changed = short_name(events.changed or events.created)
        self.deleted = short_name(events.deleted)
        gone = _message(contract, mapping, events.deleted) if events.deleted else None
        self._deletion = [field.json_name for field in gone.fields] if gone is not None else []
        self._whole = {self.created, self.changed}
        self._effects = {
            short_name(name): self._effect(_message(contract, mapping, name), effect.set, message)
            for name, effect in events.effects.items()
        }

    def document(self, events: Iterable[StoredEvent], *, until: int | None = None) -> Document:
        """Replay a stream from its first event; `until` is the version to stop at."""
        state: State | None = None
        base: State | None = None
        version = base_version = 0
        for event in events:
            if until is not None and event.version > until:
                break
            state = self.apply(state, event)
            version = event.version
            if event.metadata.get(SUBJECT) == self.mapping.subject:
                base, base_version = state, version
        return Document(state, version, base, base_version)

    def apply(self, state: State | None, event: StoredEvent) -> State | None:
        """The document after an event; the one before stays as it is."""
        if event.type in self._whole:
            return {name: value for name, value in event.data.items() if name in self.fields}
        if event.type == self.deleted:
            return None
        effect = self._effects.get(event.type)
        if effect is None or state is None:
            return state
        after = dict(state)
        for field in effect.shared:
            if field.json_name in event.data:
                after[field.json_name] = event.data[field.json_name]
            elif not field.presence:
                # Canonical JSON leaves out what is zero.
                after.pop(field.json_name, None)
        after.update(effect.values)
        for name in effect.removed:
            after.pop(name, None)
        return after

    def json_name(self, field: str) -> str:
        """The JSON name of a mapped field."""
        return self._json_names.get(field, field)

    def deletion(self, state: Mapping[str, Any]) -> State:
        """What the event of a row that is gone carries: the fields that it has in common with the row."""
        return {name: state[name] for name in self._deletion if name in state}

    def mapped(self, document: Mapping[str, Any]) -> State:
        """The part of a document that the mapping fills."""
        return {name: value for name, value in document.items() if name in self.fields}

    def _effect(self, event: Message, values: Mapping[str, Any], message: Message) -> _EffectOf:
        shared = tuple(
            field
            for field in event.fields
            if field.json_name in self.fields and field.name == self.fields[field.json_name].name
        )
        given: State = {}
        removed = set()
        for name, value in values.items():
            try:
                field = field_at(message, name)[0]
            except KeyError:
                raise UserError(
                    f"{self.mapping.place}: effects of {event.full_name}: {message.full_name} has no field {name!r}"
                ) from None
            if field.presence or value not in (0, False, "", [], {}, None):
                given[field.json_name] = value
            else:
                removed.add(field.json_name)
        return _EffectOf(shared, given, frozenset(removed))


def digest_of(document: Mapping[str, Any]) -> bytes:
    """Sixteen bytes that tell documents apart, whatever the order of their members."""
    return hashlib.blake2b(orjson.dumps(document, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def short_name(full_name: str) -> str:
    """What an event is called in the store: the name of its message without the package."""
    return full_name.rpartition(".")[2]


def _message(contract: Schema, mapping: BridgeMapping, name: str) -> Message:
    message = contract.messages.get(name)
    if message is None:
        raise UserError(f"{mapping.place}: message {name} is in none of the contracts")
    return message


def _check_carries(contract: Schema, mapping: BridgeMapping, name: str, message: Message) -> None:
    """An event that carries a row whole has all the fields of the message that the mapping fills."""
    event = _message(contract, mapping, name)
    missing = _missing(event, [one.field.partition(".")[0] for one in mapping.columns])
    if missing:
        raise UserError(
            f"{mapping.place}: {name} has no field {missing[0]!r}, so it cannot carry a row; {message.full_name} has"
        )


def _missing(message: Message, names: Sequence[str]) -> list[str]:
    present = {field.name for field in message.fields}
    return [name for name in names if name not in present]
