"""A message with one field of every kind, and what the profiles and the runtime say when its kind changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from protogate.compat import Comparison, Direction
from protogate.descriptors.model import Kind
from tests.compat.contracts import schema
from tests.compat.wire_effects import profile_effects
from tests.compat.wire_truth import Version, observe

if TYPE_CHECKING:
    from protogate.compat import Effect
    from tests.compat.wire_truth import Format

__all__ = ["KINDS", "effects_of_kinds"]

KINDS: Final = tuple(kind for kind in Kind if kind is not Kind.GROUP)
_HELD: Final = {Kind.ENUM: ".acme.E", Kind.MESSAGE: ".acme.N"}


def effects_of_kinds(writer: Kind, reader: Kind, format_: Format) -> tuple[Effect, Effect]:
    """What the profile says and what the runtime does when a field of the one kind is read as the other."""
    old, new = _file(writer), _file(reader)
    said = profile_effects(Comparison(schema(old), schema(new)), format_)[0]
    seen = observe(Version([old], [old.name]), Version([new], [new.name]))
    return said, seen[format_, Direction.BACKWARD].effect


def _file(kind: Kind) -> FileDescriptorProto:
    file = FileDescriptorProto(name="a.proto", package="acme", syntax="proto3")
    field = file.message_type.add(name="M").field.add(name="a", number=1, label=1, type=kind.value, json_name="a")
    if kind in _HELD:
        field.type_name = _HELD[kind]
    file.message_type.add(name="N").field.add(name="x", number=1, label=1, type=9, json_name="x")
    enum = file.enum_type.add(name="E")
    for number, name in enumerate(("E_ZERO", "E_ONE", "E_TWO")):
        enum.value.add(name=name, number=number)
    return file
