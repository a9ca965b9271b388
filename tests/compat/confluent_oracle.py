"""Confluent's rules for Protobuf, written down a second time: a plain walk over two files, slow and literal.

Source of the behaviour: confluentinc/schema-registry, `protobuf-provider`, package `protobuf.diff` (`SchemaDiff`,
`MessageSchemaDiff`, `FieldSchemaDiff`, `EnumSchemaDiff`, `Context`) and `ProtobufSchema` for how a descriptor becomes
what these look at. The profile is a projection of our own changes; this walk is what it is measured against.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from protogate.descriptors import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.descriptors import Enum, Field, File, Message, Oneof

__all__ = ["COMPATIBLE", "Difference", "differences", "is_compatible"]

COMPATIBLE = frozenset(
    {
        "MESSAGE_ADDED",
        "MESSAGE_MOVED",
        "ENUM_ADDED",
        "ENUM_REMOVED",
        "ENUM_CONST_ADDED",
        "ENUM_CONST_CHANGED",
        "ENUM_CONST_REMOVED",
        "FIELD_ADDED",
        "FIELD_REMOVED",
        "FIELD_NAME_CHANGED",
        "FIELD_STRING_OR_BYTES_LABEL_CHANGED",
        "ONEOF_ADDED",
        "ONEOF_REMOVED",
        "ONEOF_FIELD_ADDED",
        "ONEOF_FIELD_MOVED_TO_TOP_LEVEL",
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One of Confluent's differences: its type and where it is, as names and numbers."""

    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


def differences(old: File, new: File) -> tuple[Difference, ...]:
    """What Confluent lists for two versions of a subject whose files these are."""
    walk = _Walk(old, new, ())
    if old.package != new.package:
        walk.add("PACKAGE_CHANGED")
    walk.types(old.messages, new.messages, old.enums, new.enums)
    return tuple(sorted(set(walk.found)))


def is_compatible(found: Iterable[Difference]) -> bool:
    return all(one.kind in COMPATIBLE for one in found)


@dataclass(slots=True)
class _Walk:
    old: File
    new: File
    path: tuple[str, ...]
    entered: set[str] = field(default_factory=set)
    """The old messages that the walk is inside of."""
    found: list[Difference] = field(default_factory=list)

    def add(self, kind: str, *below: object) -> None:
        self.found.append(Difference(kind, "#/" + "/".join((*self.path, *map(str, below)))))

    def types(
        self,
        old_messages: Iterable[Message],
        new_messages: Iterable[Message],
        old_enums: Iterable[Enum],
        new_enums: Iterable[Enum],
    ) -> None:
        old_named, new_named = _by_name(old_messages), _by_name(new_messages)
        for name in sorted(old_named | new_named):
            if name not in new_named:
                if not old_named[name].is_map_entry:
                    self.add("MESSAGE_REMOVED", name)
            elif name not in old_named:
                if not new_named[name].is_map_entry:
                    self.add("MESSAGE_ADDED", name)
            else:
                self.below(name).message(old_named[name], new_named[name])
        old_enum_named = {one.name: one for one in old_enums}
        new_enum_named = {one.name: one for one in new_enums}
        for name in sorted(old_enum_named | new_enum_named):
            if name not in new_enum_named:
                self.add("ENUM_REMOVED", name)
            elif name not in old_enum_named:
                self.add("ENUM_ADDED", name)
            else:
                self.below(name).enum(old_enum_named[name], new_enum_named[name])

    def below(self, name: str) -> _Walk:
        return _Walk(self.old, self.new, (*self.path, name), self.entered, self.found)

    def enum(self, old: Enum, new: Enum) -> None:
        # The last name of a number counts, as in a map that is filled in order.
        before = {value.number: value.name for value in old.values}
        after = {value.number: value.name for value in new.values}
        for number in before | after:
            if number not in after:
                self.add("ENUM_CONST_REMOVED", number)
            elif number not in before:
                self.add("ENUM_CONST_ADDED", number)
            elif before[number] != after[number]:
                self.add("ENUM_CONST_CHANGED", number)

    def message(self, old: Message, new: Message) -> None:
        if old.full_name not in self.entered:
            self.entered.add(old.full_name)
            self.oneofs(old, new)
            self.fields(old, new)
            self.entered.remove(old.full_name)
        self.types(_nested(old), _nested(new), old.enums, new.enums)

    def oneofs(self, old: Message, new: Message) -> None:
        numbers = {one.number: one for one in old.fields}
        for oneof in new.oneofs:
            groups: set[str | int] = set()
            moved_in = 0
            for member in oneof.fields:
                before = numbers.get(member.number)
                if before is None:
                    continue
                group = _oneof_name(before)
                groups.add(group or member.number)
                moved_in += not group
            if len(groups) > 1:
                self.add(
                    "MULTIPLE_FIELDS_MOVED_TO_ONEOF" if moved_in > 1 else "FIELD_MOVED_TO_EXISTING_ONEOF", oneof.name
                )
        old_names, new_names = _oneof_names(old), _oneof_names(new)
        for name in old_names - new_names:
            self.add("ONEOF_REMOVED", name)
        for name in new_names - old_names:
            self.add("ONEOF_ADDED", name)

    def fields(self, old: Message, new: Message) -> None:
        before = {one.number: one for one in old.fields}
        after = {one.number: one for one in new.fields}
        deleted = {one.name for one in old.oneofs if _is_deleted(one, new, after)}
        for number in sorted(before | after):
            if number not in after:
                self.removed(before[number], deleted)
            elif number not in before:
                self.added(after[number])
            else:
                self.both(before[number], after[number])

    def removed(self, old: Field, deleted: set[str]) -> None:
        oneof = _oneof_name(old)
        if oneof:
            if oneof not in deleted:
                self.add("ONEOF_FIELD_REMOVED", oneof, old.number)
        else:
            self.add("REQUIRED_FIELD_REMOVED" if _label(old) == "required" else "FIELD_REMOVED", old.number)

    def added(self, new: Field) -> None:
        oneof = _oneof_name(new)
        if oneof:
            self.add("ONEOF_FIELD_ADDED", oneof, new.number)
        else:
            self.add("REQUIRED_FIELD_ADDED" if _label(new) == "required" else "FIELD_ADDED", new.number)

    def both(self, old: Field, new: Field) -> None:
        oneof = _oneof_name(new)
        if _oneof_name(old) and not oneof:
            self.add("ONEOF_FIELD_MOVED_TO_TOP_LEVEL", new.number)
        place = _Walk(
            self.old,
            self.new,
            (*self.path, *([oneof] if oneof else []), str(new.number)),
            self.entered,
            self.found,
        )
        if old.name != new.name:
            place.add("FIELD_NAME_CHANGED")
        place.values(old, new)

    def values(self, old: Field, new: Field) -> None:
        shape = _shape(old)
        if shape != _shape(new):
            self.add("FIELD_KIND_CHANGED")
        elif shape == "scalar":
            self.scalars(old, new, labels=True)
        elif shape == "message":
            self.named(old.message, new.message)
        else:
            self.entry(old, new)

    def entry(self, old: Field, new: Field) -> None:
        assert old.map_key is not None
        assert old.map_value is not None
        assert new.map_key is not None
        assert new.map_value is not None
        for before, after in ((old.map_key, new.map_key), (old.map_value, new.map_value)):
            shape = _shape(before)
            if shape != _shape(after):
                self.add("FIELD_KIND_CHANGED")
            elif shape == "scalar":
                self.scalars(before, after, labels=False)
            else:
                self.named(before.message, after.message)

    def scalars(self, old: Field, new: Field, *, labels: bool) -> None:
        group = _GROUPS[old.kind]
        if group != _GROUPS[new.kind]:
            self.add("FIELD_SCALAR_KIND_CHANGED")
            return
        before, after = _label(old), _label(new)
        if labels and before and after and before != after:
            self.add(
                "FIELD_STRING_OR_BYTES_LABEL_CHANGED" if group == "string" else "FIELD_NUMERIC_LABEL_CHANGED",
            )

    def named(self, old: Message, new: Message) -> None:
        if old.local_name != new.local_name:
            self.add("FIELD_NAMED_TYPE_CHANGED")
        elif old.file is not self.old or new.file is not self.new:
            inner = _Walk(self.old, self.new, tuple(old.local_name.split(".")), set(self.entered))
            inner.message(old, new)
            self.found += inner.found
            if not is_compatible(inner.found):
                self.add("FIELD_NAMED_TYPE_CHANGED")


def _nested(message: Message) -> list[Message]:
    """The nested messages; the entry of a map is one."""
    known = message.file.schema.messages
    return [known[f"{message.full_name}.{one.name}"] for one in message.proto.nested_type]


def _by_name(messages: Iterable[Message]) -> dict[str, Message]:
    return {one.name: one for one in messages}


def _oneof_name(field_: Field) -> str:
    if field_.oneof_index is None or field_.parent is None:
        return ""
    return field_.parent.proto.oneof_decl[field_.oneof_index].name


def _oneof_names(message: Message) -> set[str]:
    return {one.name for one in message.oneofs}


def _is_deleted(oneof: Oneof, new: Message, after: Mapping[int, Field]) -> bool:
    return oneof.name not in _oneof_names(new) and not any(one.number in after for one in oneof.fields)


def _shape(field_: Field) -> Literal["scalar", "message", "map"]:
    if field_.is_map:
        return "map"
    return "message" if field_.kind in {Kind.MESSAGE, Kind.GROUP} else "scalar"


_GROUPS = {
    **dict.fromkeys((Kind.INT32, Kind.INT64, Kind.UINT32, Kind.UINT64, Kind.BOOL, Kind.ENUM), "number"),
    **dict.fromkeys((Kind.SINT32, Kind.SINT64), "signed"),
    **dict.fromkeys((Kind.STRING, Kind.BYTES), "string"),
    **dict.fromkeys((Kind.FIXED32, Kind.SFIXED32), "fixed32"),
    **dict.fromkeys((Kind.FIXED64, Kind.SFIXED64), "fixed64"),
    Kind.FLOAT: "float",
    Kind.DOUBLE: "double",
}


def _label(field_: Field) -> str:
    """The label as it would be written; none in a oneof and for implicit presence in proto3."""
    proto = field_.proto
    if _oneof_name(field_):
        return ""
    if proto.proto3_optional:
        return "optional"
    if proto.label == proto.LABEL_REPEATED:
        return "repeated"
    if field_.file.proto.syntax == "proto3":
        return ""
    return "required" if proto.label == proto.LABEL_REQUIRED else "optional"
