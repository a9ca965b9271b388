"""What Confluent's Schema Registry says of two versions of a subject.

The rules are those of its `SchemaDiff`; a verdict is called as there. A subject is one file: its types go by their
names inside the package, those of other files count only where a field reaches them. FORWARD is BACKWARD with the two
versions swapped. Services, extensions, defaults, reserved numbers, JSON names and options are not looked at there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from protogate.compat.changes import Carrier, Direction, spot_of
from protogate.compat.profiles import Verdict
from protogate.compat.rules import Rule
from protogate.compat.shapes import type_text
from protogate.descriptors import model
from protogate.descriptors.features import EDITION_PROTO2, EDITION_PROTO3
from protogate.descriptors.model import Kind
from protogate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from protogate.compat.changes import Change, Descriptor
    from protogate.compat.comparison import Comparison
    from protogate.compat.profiles import Judge
    from protogate.descriptors import Field, File, Message, Oneof, Schema

__all__ = ["EFFECTS", "HINTS", "PROFILES"]


def _judge(comparison: Comparison, direction: Direction) -> Iterator[Verdict]:
    backward = direction is Direction.BACKWARD
    old, new = (comparison.old, comparison.new) if backward else (comparison.new, comparison.old)
    told: set[tuple[str, str]] = set()
    for one in _differences(_Subjects(old, new), comparison.once(_concerned, _concerned), backward=backward):
        # Several changes of a field, and the ways that lead to it, make one difference.
        key = one.kind, _name(one.before or one.after or one.holder)
        if key not in told:
            told.add(key)
            yield _verdict(one, backward=backward)


PROFILES: Final[Mapping[str, Judge]] = {"confluent": _judge}


class _Difference(NamedTuple):
    """One thing that Confluent refuses; `before` is in the version that it calls original, which FORWARD swaps."""

    kind: str
    before: Descriptor | None
    after: Descriptor | None
    holder: Descriptor
    """What holds it in the other version, where it is missing."""


class _Subjects:
    """The files of two versions that stand for the same subject, the one that Confluent calls original first."""

    __slots__ = ("files", "new", "old")

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old: Final = old
        self.new: Final = new
        olds, news = old.files_to_generate, new.files_to_generate
        files = {file.name: file for file in news}
        # A subject keeps its name, whatever its only file is called.
        alone = len(olds) == len(news) == 1
        self.files: Final[Mapping[str, File]] = (
            {olds[0].name: news[0]} if alone else {one.name: files[one.name] for one in olds if one.name in files}
        )
        """Later file by the name of the original one."""

    def hold(self, before: Message, after: Message) -> bool:
        """Whether the two are compared as types of a subject, and not because a field reaches them."""
        file, other = before.file, after.file
        if self.files.get(file.name) is not other:
            return False
        if file.package == other.package:
            return before.full_name == after.full_name
        return before.local_name == after.local_name


def _differences(subjects: _Subjects, changes: Iterable[Change], *, backward: bool) -> Iterator[_Difference]:
    for name, after in subjects.files.items():
        yield from _compare_files(subjects.old.files[name], after)
    types_replaced = False
    for change in changes:
        rule = change.rule
        if rule is Rule.FIELD_TYPE_NAME_CHANGED:
            types_replaced = True
        field, other = change.before, change.after
        message, partner = _message_of(field, change.old_scope), _message_of(other, change.new_scope)
        if not backward:
            rule = _INVERSE.get(rule, rule)
            field, other, message, partner = other, field, partner, message
        if message is not None and partner is not None and subjects.hold(message, partner):
            yield from _CHECKS[rule](field, other, message, partner)
    if types_replaced or _imports_differ(subjects):
        yield from _Reached(subjects).differences()


def _concerned(comparison: Comparison) -> list[Change]:
    """The changes that Confluent looks at, whatever the direction."""
    # Confluent pairs fields by number; those that only JSON pairs are no pair to it.
    return [
        change
        for change in comparison.changes
        if change.rule in _CHECKS
        and change.carrier is not Carrier.JSON
        and not (change.rule in _INVERSE and _comes_and_goes(change.before or change.after))
    ]


_INVERSE: Final = {Rule.FIELD_REMOVED: Rule.FIELD_ADDED, Rule.FIELD_ADDED: Rule.FIELD_REMOVED}


def _comes_and_goes(field: Descriptor | None) -> bool:
    """Whether a field may be added and removed at will: most changes are of such fields."""
    return isinstance(field, model.Field) and field.oneof_index is None and field.proto.label != _REQUIRED


def _message_of(field: Descriptor | None, scope: Descriptor | None) -> Message | None:
    """The message that a field is in, or would be; None for extensions."""
    if isinstance(field, model.Field):
        scope = None if field.is_extension else field.parent
    if not isinstance(scope, model.Message):
        return None
    return scope.parent if scope.is_map_entry else scope


# Files


def _compare_files(before: File, after: File) -> Iterator[_Difference]:
    if before.package != after.package:
        yield _Difference("PACKAGE_CHANGED", before, after, after)
    if before.type_names != after.type_names or _has_maps(before):
        yield from _compare_types(before, after)
    if before.edition != after.edition and EDITION_PROTO2 in {before.edition, after.edition}:
        yield from _compare_required(before, after)


def _has_maps(file: File) -> bool:
    return len(file.type_names) > len(file.all_messages())


def _compare_types(before: File | Message, after: File | Message) -> Iterator[_Difference]:
    """The messages that are gone, each with its nested ones; the entry of a map is a message here."""
    others = _messages_in(after)
    for name, message in _messages_in(before).items():
        other = others.get(name)
        if other is None:
            if not message.is_map_entry:
                yield _Difference("MESSAGE_REMOVED", message, None, after)
        elif message.is_map_entry or other.is_map_entry:
            if message.proto != other.proto:
                yield from _compare_messages(message, other)
        elif message.proto.nested_type:
            yield from _compare_types(message, other)


def _messages_in(holder: File | Message) -> dict[str, Message]:
    """The messages in a file or a message by their own names, entries of maps among them."""
    if isinstance(holder, model.File):
        return {one.name: one for one in holder.messages}
    known, scope = holder.file.schema.messages, holder.full_name
    return {one.name: known[f"{scope}.{one.name}"] for one in holder.proto.nested_type}


def _compare_required(before: File, after: File) -> Iterator[_Difference]:
    """Only proto2 writes `required` as a label: for Confluent it goes away when the file becomes an edition."""
    others = {one.local_name: one for one in after.all_messages()}
    for message in before.all_messages():
        other = others.get(message.local_name)
        if other is not None:
            numbers = {field.number: field for field in other.fields}
            for field in message.fields:
                counterpart = numbers.get(field.number)
                if counterpart is not None and field.is_required and counterpart.is_required:
                    yield from _compare_fields(field, counterpart, message, other)


# Fields


def _compare_messages(before: Message, after: Message) -> Iterator[_Difference]:
    """All fields of two messages, for those that no list of changes covers."""
    numbers = {field.number: field for field in after.fields}
    for field in before.fields:
        other = numbers.pop(field.number, None)
        if other is None:
            yield from _field_removed(field, None, before, after)
        else:
            yield from _compare_fields(field, other, before, after)
    for field in numbers.values():
        yield from _field_added(None, field, before, after)
    for oneof in after.oneofs:
        yield from _compare_oneofs(None, oneof.fields[0], before, after)


def _field_removed(
    field: Descriptor | None, _: Descriptor | None, __: Message, other: Message
) -> Iterator[_Difference]:
    if not isinstance(field, model.Field):
        return
    if field.oneof_index is None:
        if _label(field) == _REQUIRED:
            yield _Difference("REQUIRED_FIELD_REMOVED", field, None, other)
    elif not _oneof_is_gone(field, other):
        yield _Difference("ONEOF_FIELD_REMOVED", field, None, other)


def _oneof_is_gone(field: Field, other: Message) -> bool:
    """Whether the oneof went with all of its fields, which Confluent takes for a removal of its own kind."""
    oneof = _oneof_of(field)
    if oneof is None or any(one.name == oneof.name for one in other.oneofs):
        return False
    kept = {one.number for one in other.proto.field}
    return kept.isdisjoint(one.number for one in oneof.fields)


def _oneof_of(field: Field) -> Oneof | None:
    """The oneof of a field that may have been built apart from its message."""
    if field.oneof_index is None or field.parent is None:
        return None
    return next(one for one in field.parent.oneofs if one.name == field.oneof_name)


def _field_added(
    _: Descriptor | None, field: Descriptor | None, message: Message, __: Message
) -> Iterator[_Difference]:
    if isinstance(field, model.Field) and field.oneof_index is None and _label(field) == _REQUIRED:
        yield _Difference("REQUIRED_FIELD_ADDED", None, field, message)


def _compare_fields(
    before: Descriptor | None, after: Descriptor | None, _: Message, __: Message
) -> Iterator[_Difference]:
    if not isinstance(before, model.Field) or not isinstance(after, model.Field):
        return
    if before.is_map and after.is_map:
        for one, other in ((before.map_key, after.map_key), (before.map_value, after.map_value)):
            if one is not None and other is not None:
                yield from _compare_values(one, other)
    else:
        yield from _compare_values(before, after)


def _compare_values(before: Field, after: Field) -> Iterator[_Difference]:
    kind = ""
    group, other = _GROUPS[before.kind], _GROUPS[after.kind]
    if before.is_map != after.is_map or (group == _MESSAGE) != (other == _MESSAGE):
        kind = "FIELD_KIND_CHANGED"
    elif group == _MESSAGE:
        if before.message.local_name != after.message.local_name:
            kind = "FIELD_NAMED_TYPE_CHANGED"
    elif group != other:
        kind = "FIELD_SCALAR_KIND_CHANGED"
    elif group != _TEXT and _labels_differ(before, after):
        kind = "FIELD_NUMERIC_LABEL_CHANGED"
    if kind:
        yield _Difference(kind, before, after, after)


_MESSAGE: Final = "message"
_TEXT: Final = "text"
_GROUPS: Final = {
    **dict.fromkeys((Kind.MESSAGE, Kind.GROUP), _MESSAGE),
    **dict.fromkeys((Kind.STRING, Kind.BYTES), _TEXT),
    **dict.fromkeys((Kind.INT32, Kind.INT64, Kind.UINT32, Kind.UINT64, Kind.BOOL, Kind.ENUM), "varint"),
    **dict.fromkeys((Kind.SINT32, Kind.SINT64), "zigzag"),
    **dict.fromkeys((Kind.FIXED32, Kind.SFIXED32), "fixed32"),
    **dict.fromkeys((Kind.FIXED64, Kind.SFIXED64), "fixed64"),
    Kind.FLOAT: "float",
    Kind.DOUBLE: "double",
}
"""Kinds that Confluent takes for each other: it knows that they are written alike."""

_REQUIRED: Final = 2
_REPEATED: Final = 3


def _label(field: Field) -> int:
    """The label as it is written, 0 for none: in a oneof, and in proto3 without `optional`."""
    proto = field.proto
    if field.oneof_index is not None:
        return 0
    label: int = proto.label
    if label == _REPEATED or proto.proto3_optional or field.file.edition != EDITION_PROTO3:
        return label
    return 0


def _labels_differ(before: Field, after: Field) -> bool:
    labels = {_label(before), _label(after)}
    return len(labels) > 1 and 0 not in labels


def _compare_oneofs(
    _: Descriptor | None, field: Descriptor | None, message: Message, other: Message
) -> Iterator[_Difference]:
    """Fields that were not exclusive before and are now: they come from more than one place."""
    oneof = _oneof_of(field) if isinstance(field, model.Field) else None
    if oneof is None:
        return
    numbers = {one.number: one for one in message.fields}
    known = [numbers[one.number] for one in oneof.fields if one.number in numbers]
    origins = {one.oneof_name or str(one.number) for one in known}
    if len(origins) > 1:
        outside = sum(not one.oneof_name for one in known)
        kind = "MULTIPLE_FIELDS_MOVED_TO_ONEOF" if outside > 1 else "FIELD_MOVED_TO_EXISTING_ONEOF"
        # Both have the oneof, or the message where it will be.
        before = next((one for one in message.oneofs if one.name == oneof.name), None)
        yield _Difference(kind, before, oneof, message if before is None else other)


class _Check(Protocol):
    """Compares a field of two messages; None where it is missing."""

    def __call__(
        self, before: Descriptor | None, after: Descriptor | None, message: Message, other: Message, /
    ) -> Iterator[_Difference]:
        """Yield what Confluent refuses."""
        ...


_CHECKS: Final[Mapping[Rule, _Check]] = {
    Rule.FIELD_REMOVED: _field_removed,
    Rule.FIELD_ADDED: _field_added,
    Rule.FIELD_TYPE_CHANGED: _compare_fields,
    Rule.FIELD_TYPE_NAME_CHANGED: _compare_fields,
    Rule.FIELD_CARDINALITY_CHANGED: _compare_fields,
    Rule.FIELD_REQUIRED_CHANGED: _compare_fields,
    Rule.FIELD_ONEOF_CHANGED: _compare_oneofs,
}
"""The changes that Confluent may mind, as BACKWARD sees them."""


# Types of other files


def _imports_differ(subjects: _Subjects) -> bool:
    """Whether a type outside of the subjects may have changed."""
    old, new = subjects.old.files, subjects.new.files
    if not len(subjects.files) == len(subjects.old.files_to_generate) == len(subjects.new.files_to_generate):
        return True
    if len(old) == len(new) == len(subjects.files):
        return False  # nothing is imported
    others = old.keys() - {file.name for file in subjects.old.files_to_generate}
    if others != new.keys() - {file.name for file in subjects.new.files_to_generate}:
        return True
    return any(old[name].proto is not new[name].proto and old[name].proto != new[name].proto for name in others)


class _Reached:
    """The types of other files that fields of the subjects reach in both versions, compared in full."""

    __slots__ = ("broken", "holders", "subjects", "todo")

    def __init__(self, subjects: _Subjects) -> None:
        self.subjects: Final = subjects
        self.todo: Final[list[tuple[Message, Message]]] = []
        self.holders: Final[dict[_Key, list[tuple[_Key | None, Field, Field]]]] = {}
        """The fields that hold a pair of types, each with the pair of types that it is in; None for the subjects."""
        self.broken: Final[list[_Key]] = []
        """Pairs with differences, and then those that hold them."""

    def differences(self) -> Iterator[_Difference]:
        for name, after in self.subjects.files.items():
            others = {one.local_name: one for one in after.all_messages()}
            for message in self.subjects.old.files[name].all_messages():
                other = others.get(message.local_name)
                if other is not None:
                    self._follow(None, message, other)
        # Grows while it is read; types may reach each other in circles.
        for before, after_ in self.todo:
            found = list(self._compare(before, after_))
            yield from found
            if found:
                self.broken.append((before.full_name, after_.full_name))
        yield from self._holders_of_broken()

    def _holders_of_broken(self) -> Iterator[_Difference]:
        """A field whose type is broken is of another type to Confluent."""
        known = set(self.broken)
        for key in self.broken:
            for holder, field, other in self.holders[key]:
                yield _Difference("FIELD_NAMED_TYPE_CHANGED", field, other, other)
                if holder is not None and holder not in known:
                    known.add(holder)
                    self.broken.append(holder)

    def _compare(self, before: Message, after: Message) -> Iterator[_Difference]:
        yield from _compare_types(before, after)
        key = (before.full_name, after.full_name)
        nested = {one.name: one for one in after.messages}
        for one in before.messages:
            if one.name in nested:
                self._queue(one, nested[one.name])
        yield from _compare_messages(before, after)
        self._follow(key, before, after)

    def _follow(self, holder: _Key | None, before: Message, after: Message) -> None:
        """Queue the types that fields of the two hold."""
        numbers = {field.number: field for field in after.fields}
        for field in before.fields:
            other = numbers.get(field.number)
            if other is None or field.is_map != other.is_map:
                continue
            one, counterpart = field.map_value or field, other.map_value or other
            if _GROUPS[one.kind] == _GROUPS[counterpart.kind] == _MESSAGE:
                key = self._queue(one.message, counterpart.message)
                if key is not None:
                    self.holders[key].append((holder, field, other))

    def _queue(self, before: Message, after: Message) -> _Key | None:
        """Have the two compared, unless their names differ or they belong to the subjects themselves."""
        if before.local_name != after.local_name or self.subjects.hold(before, after):
            return None
        key = (before.full_name, after.full_name)
        if key not in self.holders:
            self.holders[key] = []
            self.todo.append((before, after))
        return key


_Key = tuple[str, str]
"""The full names of two types."""


# Verdicts


EFFECTS: Final = {
    "PACKAGE_CHANGED": "Confluent takes a schema of another package for another schema",
    "MESSAGE_REMOVED": "the message is not there for {reader}, which may look for it by its name",
    "FIELD_KIND_CHANGED": "scalars, messages and maps are not read as each other",
    "FIELD_SCALAR_KIND_CHANGED": "the two types are not written alike",
    "FIELD_NAMED_TYPE_CHANGED": "the field holds a message of another name",
    "FIELD_NUMERIC_LABEL_CHANGED": "a list of numbers and a single one are not read as each other",
    "REQUIRED_FIELD_ADDED": "{reader} refuses data that does not have it",
    "REQUIRED_FIELD_REMOVED": "{reader} does not have a field that was required",
    "ONEOF_FIELD_REMOVED": "{reader} sees an empty oneof where the field was set",
    "MULTIPLE_FIELDS_MOVED_TO_ONEOF": "of fields that could be set together {reader} keeps one",
    "FIELD_MOVED_TO_EXISTING_ONEOF": "of fields that could be set together {reader} keeps one",
}
"""Every difference that Confluent refuses, and what follows from it."""

HINTS: Final = {
    "PACKAGE_CHANGED": "keep the package, or register the file as a new subject",
    "MESSAGE_REMOVED": "keep the message and mark it deprecated",
    "FIELD_KIND_CHANGED": "add a field with a new number",
    "FIELD_SCALAR_KIND_CHANGED": "add a field with a new number",
    "FIELD_NAMED_TYPE_CHANGED": "keep the type, or add a field with a new number",
    "FIELD_NUMERIC_LABEL_CHANGED": "add a field with a new number",
    "REQUIRED_FIELD_ADDED": "make it optional",
    "REQUIRED_FIELD_REMOVED": "make it optional first, and remove it when all readers know",
    "ONEOF_FIELD_REMOVED": "keep the field and mark it deprecated",
    "MULTIPLE_FIELDS_MOVED_TO_ONEOF": "leave the fields outside of the oneof",
    "FIELD_MOVED_TO_EXISTING_ONEOF": "leave the field where it was",
}


_TOLD: Final = {
    backward: {kind: effect.format(reader=f"the {reader} version") for kind, effect in EFFECTS.items()}
    for backward, reader in ((True, "new"), (False, "old"))
}


def _verdict(one: _Difference, *, backward: bool) -> Verdict:
    old, new = (one.before, one.after) if backward else (one.after, one.before)
    # What is gone is shown where it was held, if the new version still has that.
    shown = new or (one.holder if backward else old) or one.holder
    element = _name(old or new or one.holder)
    return Verdict(
        one.kind,
        Severity.ERROR,
        spot_of(_map_field(shown) or shown),
        element,
        _sentence(element, old, new),
        _TOLD[backward][one.kind],
        HINTS[one.kind],
    )


def _sentence(element: str, old: Descriptor | None, new: Descriptor | None) -> str:
    """What happened, the same for both directions."""
    if isinstance(old, model.Field) and isinstance(new, model.Field):
        return f"field {element} changed from {_type(old)} to {_type(new)}"
    if isinstance(old, model.File) and isinstance(new, model.File):
        return f"package of {element} changed from {old.package!r} to {new.package!r}"
    known = old or new
    noun = f"field {element}" if isinstance(known, model.Field) else str(known)
    if new is None:
        return f"{noun} was removed"
    if old is None:
        return f"{noun} was added"
    return f"{noun} took in fields that were not in it"


def _type(field: Field) -> str:
    label = {_REQUIRED: "required ", _REPEATED: "repeated "}.get(field.proto.label, "")
    return type_text(field) if field.is_map else f"{label}{type_text(field)}"


def _name(descriptor: Descriptor) -> str:
    """Full name; keys and values of a map go by the name of the map."""
    if isinstance(descriptor, model.File):
        return descriptor.name
    field = _map_field(descriptor)
    return descriptor.full_name if field is None else f"{field.full_name} ({descriptor.name})"


def _map_field(descriptor: Descriptor) -> Field | None:
    """The map that a key or a value belongs to."""
    if not isinstance(descriptor, model.Field) or descriptor.parent is None or not descriptor.parent.is_map_entry:
        return None
    entry = descriptor.parent
    fields = entry.parent.fields if entry.parent is not None else ()
    return next((one for one in fields if one.type_name == entry.full_name), None)
