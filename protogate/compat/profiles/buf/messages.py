"""The rules of `buf breaking` on the fields that two messages of one name have and have not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Spot
from protogate.compat.profiles.buf.fields import compare_fields
from protogate.compat.profiles.buf.verdicts import broken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.descriptor_pb2 import FieldDescriptorProto

    from protogate.compat.profiles import Verdict
    from protogate.descriptors import Message

__all__ = ["compare_messages"]

_LABEL_REQUIRED: Final = 2


def compare_messages(old: Message, new: Message, *, context: bool) -> Iterator[Verdict]:
    """Every rule on the fields of a message that `new` breaks.

    Args:
        old: the message in the old version.
        new: the message in the new version.
        context: whether fields may differ although their descriptors are equal, since what they depend on differs.
    """
    context = context or not _same_context(old, new)
    fields = new.proto.field
    now = {field.number: index for index, field in enumerate(fields)}
    for index, field in enumerate(old.proto.field):
        other = now.get(field.number)
        if other is None:
            yield from _gone(field, new)
        elif context or field != fields[other]:
            yield from compare_fields(old.field_at(index), new.field_at(other))
    yield from _required(old, new)


def _same_context(old: Message, new: Message) -> bool:
    """Whether equal descriptors of fields mean the same in both: oneofs are indexes, map entries are nested types."""
    before, after = old.proto, new.proto
    return (
        old.features == new.features
        and old.is_map_entry == new.is_map_entry
        and before.oneof_decl == after.oneof_decl
        and before.nested_type == after.nested_type
    )


def _gone(field: FieldDescriptorProto, message: Message) -> Iterator[Verdict]:
    spot, name = Spot(message.file, message.path), f"{message.full_name}.{field.name}"
    what = f"field {field.name!r} = {field.number} of {message} was removed"
    yield broken("FIELD_NO_DELETE", spot, name, what)
    if not any(first <= field.number <= last for first, last in message.reserved_ranges):
        hint = f"reserve {field.number} in {message}"
        yield broken("FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", spot, name, what, hint)
    if field.name not in message.proto.reserved_name:
        hint = f"reserve {field.name!r} in {message}"
        yield broken("FIELD_NO_DELETE_UNLESS_NAME_RESERVED", spot, name, what, hint)


def _required(old: Message, new: Message) -> Iterator[Verdict]:
    """Labels alone count: `features.field_presence = LEGACY_REQUIRED` is no label."""
    was, now = _required_fields(old), _required_fields(new)
    if was.keys() == now.keys():
        return
    rule = "MESSAGE_SAME_REQUIRED_FIELDS"
    for number in was.keys() - now.keys():
        what = f"{new} does not require field {number} any more"
        yield broken(rule, Spot(new.file, new.path), f"{new.full_name}.{was[number]}", what)
    for field in new.fields:
        if field.number in now and field.number not in was:
            what = f"{new} requires field {field.number} now"
            yield broken(rule, Spot(new.file, field.path), field.full_name, what)


def _required_fields(message: Message) -> Mapping[int, str]:
    """Name by number."""
    return {field.number: field.name for field in message.proto.field if field.label == _LABEL_REQUIRED}
