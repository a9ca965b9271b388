"""Random contracts as descriptors: small universes of names and numbers, so that two of them have much in common."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, cast

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from hypothesis import strategies as st

from protogate.descriptors import Schema, json_name

if TYPE_CHECKING:
    from random import Random

__all__ = ["contracts", "schema", "shuffled"]

_PACKAGE: Final = "acme.v1"
_MESSAGES: Final = ("Aa", "Bb", "Cc")
_ENUMS: Final = ("Ee", "Ff")
_NAMES: Final = ("alpha_one", "beta", "gamma", "delta", "epsilon")
_SCALARS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 18)
_ENUM, _MESSAGE, _MAP = 14, 11, -1
_KINDS: Final = (*_SCALARS, *[_ENUM] * 3, *[_MESSAGE] * 4, *[_MAP] * 2)
_OPTIONAL, _REQUIRED, _REPEATED = 1, 2, 3
_OPTIONAL_FIELD: Final = "optional"


@st.composite
def contracts(draw: st.DrawFn) -> FileDescriptorProto:
    """A valid file; all of its types are always there, so that every field finds what it holds."""
    syntax = draw(st.sampled_from(("proto2", "proto3")))
    file = FileDescriptorProto(name="acme/v1/a.proto", package=_PACKAGE)
    if syntax == "proto3":
        file.syntax = syntax
    file.enum_type.extend(draw(_enum(name)) for name in _ENUMS)
    file.message_type.extend(draw(_message(name, syntax)) for name in _MESSAGES)
    if draw(st.booleans()):
        service = file.service.add(name="Ss")
        for name in draw(st.lists(st.sampled_from(("Get", "Put")), unique=True)):
            service.method.add(
                name=name,
                input_type=_full(draw(st.sampled_from(_MESSAGES))),
                output_type=_full(draw(st.sampled_from(_MESSAGES))),
                server_streaming=draw(st.booleans()),
            )
    return file


def _full(name: str) -> str:
    return f".{_PACKAGE}.{name}"


@st.composite
def _enum(draw: st.DrawFn, name: str) -> EnumDescriptorProto:
    enum = EnumDescriptorProto(name=name)
    enum.value.add(name=f"{name}_ZERO", number=0)
    names = draw(st.lists(st.sampled_from("UVWX"), unique=True, max_size=4))
    numbers = draw(st.lists(st.integers(1, 5), unique=True, min_size=len(names), max_size=len(names)))
    for value, number in zip(names, numbers, strict=True):
        enum.value.add(name=f"{name}_{value}", number=number)
    return enum


@st.composite
def _message(draw: st.DrawFn, name: str, syntax: str) -> DescriptorProto:
    message = DescriptorProto(name=name)
    names = draw(st.lists(st.sampled_from(_NAMES), unique=True, max_size=5))
    numbers = draw(st.lists(st.integers(1, 6), unique=True, min_size=len(names), max_size=len(names)))
    groups: dict[str, list[FieldDescriptorProto]] = {}
    for field_name, number in zip(names, numbers, strict=True):
        field = draw(_field(message, field_name, number, syntax))
        wish = draw(st.sampled_from(("", "", "", "first", "second", _OPTIONAL_FIELD)))
        if wish and field.label == _OPTIONAL and not (wish == _OPTIONAL_FIELD and syntax == "proto2"):
            groups.setdefault(f"_{field_name}" if wish == _OPTIONAL_FIELD else wish, []).append(field)
    # Synthetic oneofs stand behind those that were written.
    for group in sorted(groups, key=lambda one: (one.startswith("_"), one)):
        for field in groups[group]:
            field.oneof_index = len(message.oneof_decl)
            if group.startswith("_"):
                field.proto3_optional = True
        message.oneof_decl.add(name=group)
    for start in draw(st.lists(st.integers(10, 20), unique=True, max_size=2)):
        message.reserved_range.add(start=start, end=start + 1)
    message.reserved_name.extend(draw(st.lists(st.sampled_from(("old", "older")), unique=True)))
    return message


@st.composite
def _field(draw: st.DrawFn, message: DescriptorProto, name: str, number: int, syntax: str) -> FieldDescriptorProto:
    labels = (_OPTIONAL, _OPTIONAL, _REPEATED, _REQUIRED) if syntax == "proto2" else (_OPTIONAL, _OPTIONAL, _REPEATED)
    kind = draw(st.sampled_from(_KINDS))
    # Descriptors take plain numbers for the values of enums, which the types do not tell.
    field: Any = message.field.add(
        name=name, number=number, label=draw(st.sampled_from(labels)), json_name=json_name(name)
    )
    if draw(st.integers(0, 9)) == 0:
        field.json_name = draw(st.sampled_from(("x", "y")))
        if any(one is not field and one.json_name == field.json_name for one in message.field[:-1]):
            field.json_name = json_name(name)
    if kind == _MAP:
        _make_map(message, field, draw(st.sampled_from(_SCALARS)))
        return cast("FieldDescriptorProto", field)
    field.type = kind
    if kind == _MESSAGE:
        field.type_name = _full(draw(st.sampled_from(_MESSAGES)))
    elif kind == _ENUM:
        field.type_name = _full(draw(st.sampled_from(_ENUMS)))
    return cast("FieldDescriptorProto", field)


def _make_map(message: DescriptorProto, field: Any, value: Any) -> None:  # noqa: ANN401 - as above
    entry = "".join(part.title() for part in field.name.split("_")) + "Entry"
    nested = message.nested_type.add(name=entry)
    nested.options.map_entry = True
    nested.field.add(name="key", number=1, label=_OPTIONAL, type=9, json_name="key")
    nested.field.add(name="value", number=2, label=_OPTIONAL, type=value, json_name="value")
    field.type, field.label, field.type_name = _MESSAGE, _REPEATED, f"{_full(message.name)}.{entry}"


def schema(file: FileDescriptorProto) -> Schema:
    """A schema of a copy, so that two never share an object."""
    (copy,) = FileDescriptorSet.FromString(FileDescriptorSet(file=[file]).SerializeToString()).file
    return Schema([copy], [copy.name])


def shuffled(file: FileDescriptorProto, random: Random) -> FileDescriptorProto:
    """The same contract in another order; a first enum value stays, since it is the default."""
    other = FileDescriptorProto()
    other.CopyFrom(file)
    for message in other.message_type:
        _shuffle_oneofs(message, random)
        _shuffle(message.field, random)
        _shuffle(message.nested_type, random)
        _shuffle(message.reserved_range, random)
        _shuffle(message.reserved_name, random)
    for enum in other.enum_type:
        values = list(enum.value[1:])
        random.shuffle(values)
        kept = [enum.value[0], *values]
        copies = EnumDescriptorProto(value=kept)
        del enum.value[:]
        enum.value.extend(copies.value)
    for service in other.service:
        _shuffle(service.method, random)
    _shuffle(other.message_type, random)
    _shuffle(other.enum_type, random)
    return other


def _shuffle(part: Any, random: Random) -> None:  # noqa: ANN401 - any repeated field
    """Reorder a repeated field of descriptors or of names."""
    values = [deepcopy(one) for one in part]
    random.shuffle(values)
    del part[:]
    part.extend(values)


def _shuffle_oneofs(message: DescriptorProto, random: Random) -> None:
    """Reorder the oneofs that were written, and tell their fields."""
    written = {f.oneof_index for f in message.field if f.HasField("oneof_index") and not f.proto3_optional}
    order = sorted(written)
    random.shuffle(order)
    names = [one.name for one in message.oneof_decl]
    place = {old: new for new, old in enumerate(order)}
    for new, old in enumerate(order):
        message.oneof_decl[new].name = names[old]
    for field in message.field:
        if field.HasField("oneof_index") and not field.proto3_optional:
            field.oneof_index = place[field.oneof_index]
