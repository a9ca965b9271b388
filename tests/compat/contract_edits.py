"""Random edits of a contract: each takes a set of file descriptors and changes one thing, or finds nothing to change.

An edit keeps what depends on it whole (references, imports, oneof indexes), so that the text printed from the edited
descriptors compiles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FeatureSet,
    FieldDescriptorProto,
    FieldOptions,
    FileDescriptorProto,
    FileOptions,
    MethodDescriptorProto,
    MethodOptions,
    OneofDescriptorProto,
    ServiceDescriptorProto,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

__all__ = ["EDITS", "Contract", "Edit", "Unfit"]

F = FieldDescriptorProto
_SCALARS = (
    F.TYPE_DOUBLE,
    F.TYPE_FLOAT,
    F.TYPE_INT64,
    F.TYPE_UINT64,
    F.TYPE_INT32,
    F.TYPE_FIXED64,
    F.TYPE_FIXED32,
    F.TYPE_BOOL,
    F.TYPE_STRING,
    F.TYPE_BYTES,
    F.TYPE_UINT32,
    F.TYPE_SFIXED32,
    F.TYPE_SFIXED64,
    F.TYPE_SINT32,
    F.TYPE_SINT64,
)
_LONG = (F.TYPE_INT64, F.TYPE_UINT64, F.TYPE_FIXED64, F.TYPE_SFIXED64, F.TYPE_SINT64)
_NAMED = (F.TYPE_MESSAGE, F.TYPE_ENUM, F.TYPE_GROUP)
_NEVER_PACKED = (F.TYPE_STRING, F.TYPE_BYTES, F.TYPE_MESSAGE, F.TYPE_GROUP)
_DEFAULTS = {F.TYPE_STRING: ("x", "none"), F.TYPE_BYTES: ("ab", "q"), F.TYPE_BOOL: ("true", "false")}


class Unfit(Exception):  # noqa: N818 - no error: the edit finds nothing to change
    """The contract has nothing that the edit could change."""


@dataclass(frozen=True, slots=True)
class OfMessage:
    """A message and where it stands."""

    file: FileDescriptorProto
    full_name: str
    proto: DescriptorProto
    siblings: Sequence[DescriptorProto]


@dataclass(frozen=True, slots=True)
class OfEnum:
    """An enum and where it stands."""

    file: FileDescriptorProto
    full_name: str
    proto: EnumDescriptorProto
    owner: FileDescriptorProto | DescriptorProto


@dataclass(frozen=True, slots=True)
class OfField:
    """A field and the message that has it."""

    file: FileDescriptorProto
    message: OfMessage
    proto: FieldDescriptorProto


class Contract:
    """The files of a contract, by name, and a source of choices."""

    def __init__(self, files: Iterable[FileDescriptorProto], random: Random) -> None:
        self.files = list(files)
        self.random = random

    def pick(self, choices: Iterable[_T]) -> _T:
        """One of the choices; `Unfit` when there is none."""
        listed = list(choices)
        if not listed:
            raise Unfit
        return self.random.choice(listed)

    def new_name(self, stem: str) -> str:
        """A name that nothing else has, within reason."""
        return f"{stem}{self.random.randrange(10_000)}"

    def messages(self) -> Iterator[OfMessage]:
        """Every message that the author wrote."""
        for file in self.files:
            yield from _walk(file, file.package, file.message_type)

    def enums(self) -> Iterator[OfEnum]:
        """Every enum."""
        for file in self.files:
            for enum in file.enum_type:
                yield OfEnum(file, f"{file.package}.{enum.name}", enum, file)
        for message in self.messages():
            for enum in message.proto.enum_type:
                yield OfEnum(message.file, f"{message.full_name}.{enum.name}", enum, message.proto)

    def fields(self) -> Iterator[OfField]:
        """Every field but groups and maps; extensions are no fields here."""
        for message in self.messages():
            entries = set(_entries(message))
            for field in message.proto.field:
                if field.type != F.TYPE_GROUP and field.type_name not in entries:
                    yield OfField(message.file, message, field)

    def maps(self) -> Iterator[tuple[OfField, DescriptorProto]]:
        """Every map field and its entry."""
        for message in self.messages():
            entries = _entries(message)
            for field in message.proto.field:
                if field.type_name in entries:
                    yield OfField(message.file, message, field), entries[field.type_name]

    def extensions(self) -> Iterator[tuple[FileDescriptorProto, FileDescriptorProto | DescriptorProto, F]]:
        """Every extension, with its file and what it stands in."""
        for file in self.files:
            for field in file.extension:
                yield file, file, field
        for message in self.messages():
            for field in message.proto.extension:
                yield message.file, message.proto, field

    def methods(self) -> Iterator[tuple[FileDescriptorProto, ServiceDescriptorProto, MethodDescriptorProto]]:
        """Every rpc."""
        for file in self.files:
            for service in file.service:
                for method in service.method:
                    yield file, service, method

    def visible_messages(self, file: FileDescriptorProto) -> list[str]:
        """Names of messages that `file` may use."""
        seen = {file.name, *file.dependency}
        return [f".{m.full_name}" for m in self.messages() if m.file.name in seen and not _is_group_type(m)]

    def visible_enums(self, file: FileDescriptorProto) -> list[str]:
        """Names of enums that `file` may use; proto3 refuses closed ones."""
        seen = {file.name, *file.dependency}
        return [
            f".{e.full_name}"
            for e in self.enums()
            if e.file.name in seen and (file.syntax != "proto3" or e.file.syntax == "proto3")
        ]

    def uses_of(self, full_name: str) -> int:
        """How many references go to a type or into it."""
        return sum(_refers(name, full_name) for name in self._references())

    def rename(self, old: str, new: str) -> None:
        """Make every reference to `old` or into it one to `new`."""

        def renamed(name: str) -> str:
            return f".{new}{name[len(old) + 1 :]}" if _refers(name, old) else name

        for field in self._all_fields():
            if field.type_name:
                field.type_name = renamed(field.type_name)
            if field.extendee:
                field.extendee = renamed(field.extendee)
        for _, _, method in self.methods():
            method.input_type = renamed(method.input_type)
            method.output_type = renamed(method.output_type)

    def _references(self) -> Iterator[str]:
        for field in self._all_fields():
            yield from (field.type_name, field.extendee)
        for _, _, method in self.methods():
            yield from (method.input_type, method.output_type)

    def _all_fields(self) -> Iterator[FieldDescriptorProto]:
        for file in self.files:
            yield from file.extension
            stack = list(file.message_type)
            while stack:
                message = stack.pop()
                yield from message.field
                yield from message.extension
                stack.extend(message.nested_type)


if TYPE_CHECKING:
    from typing import TypeVar

    _T = TypeVar("_T")

Edit: TypeAlias = "Callable[[Contract], None]"
EDITS: dict[str, Edit] = {}
"""Every edit by the words that say what it does."""


def _edit(label: str) -> Callable[[Edit], Edit]:
    def register(function: Edit) -> Edit:
        EDITS[label] = function
        return function

    return register


def _walk(file: FileDescriptorProto, scope: str, messages: Sequence[DescriptorProto]) -> Iterator[OfMessage]:
    for message in messages:
        if not message.options.map_entry:
            full_name = f"{scope}.{message.name}"
            yield OfMessage(file, full_name, message, messages)
            yield from _walk(file, full_name, message.nested_type)


def _entries(message: OfMessage) -> dict[str, DescriptorProto]:
    return {f".{message.full_name}.{n.name}": n for n in message.proto.nested_type if n.options.map_entry}


def _is_group_type(message: OfMessage) -> bool:
    return message.file.syntax in {"", "proto2"} and message.proto.name in {"Extra", "Entry"}


def _refers(name: str, full_name: str) -> bool:
    return name[1:] == full_name or name.startswith(f".{full_name}.")


def _in_oneof(field: FieldDescriptorProto) -> bool:
    return field.HasField("oneof_index") and not field.proto3_optional


def _settle_oneofs(message: DescriptorProto) -> None:
    """Drop oneofs without fields and put the synthetic ones last, where compilers want them."""
    old = list(message.oneof_decl)
    kept: list[OneofDescriptorProto] = []
    places: dict[int, int] = {}
    for field in message.field:
        if _in_oneof(field) and field.oneof_index not in places:
            places[field.oneof_index] = len(kept)
            kept.append(old[field.oneof_index])
    for field in message.field:
        if _in_oneof(field):
            field.oneof_index = places[field.oneof_index]
        elif field.proto3_optional:
            field.oneof_index = len(kept)
            kept.append(OneofDescriptorProto(name=f"_{field.name}"))
        else:
            field.ClearField("oneof_index")
    message.ClearField("oneof_decl")
    message.oneof_decl.extend(kept)


def _drop(container: list[_T] | object, item: object) -> None:
    index = next(i for i, one in enumerate(container) if one is item)  # type: ignore[call-overload]
    del container[index]  # type: ignore[index]


def _remove_field(found: OfField) -> None:
    message = found.message.proto
    entry = _entries(found.message).get(found.proto.type_name)
    if entry is not None:
        _drop(message.nested_type, entry)
    _drop(message.field, found.proto)
    _settle_oneofs(message)


def _reserved(message: DescriptorProto, number: int) -> bool:
    ranges = (*message.reserved_range, *message.extension_range)
    return any(r.start <= number < r.end for r in ranges)


def _free_number(contract: Contract, message: DescriptorProto) -> int:
    used = {field.number for field in message.field}
    free = [n for n in range(1, 60) if n not in used and not _reserved(message, n)]
    return contract.pick(free)


def _reserve_number(message: DescriptorProto, number: int) -> None:
    message.reserved_range.add(start=number, end=number + 1)


def _label_for(contract: Contract, file: FileDescriptorProto) -> tuple[F.Label, bool]:
    if contract.random.random() < 0.3:
        return F.LABEL_REPEATED, False
    return F.LABEL_OPTIONAL, file.syntax == "proto3" and contract.random.random() < 0.4


def _add_field(contract: Contract, found: OfMessage) -> FieldDescriptorProto:
    label, optional = _label_for(contract, found.file)
    field = found.proto.field.add(
        name=contract.new_name("added_"),
        number=_free_number(contract, found.proto),
        label=label,
        type=contract.pick(_SCALARS),
    )
    if optional:
        field.proto3_optional = True
    _settle_oneofs(found.proto)
    return field


def _owned(contract: Contract) -> OfMessage:
    return contract.pick(contract.messages())


def _removable(contract: Contract) -> OfField:
    return contract.pick(f for f in contract.fields() if len(f.message.proto.field) > 1)


# Fields come and go.


@_edit("field added")
def _(contract: Contract) -> None:
    _add_field(contract, _owned(contract))


@_edit("two fields added")
def _(contract: Contract) -> None:
    found = _owned(contract)
    _add_field(contract, found)
    _add_field(contract, found)


@_edit("field removed")
def _(contract: Contract) -> None:
    _remove_field(_removable(contract))


@_edit("field removed, number and name reserved")
def _(contract: Contract) -> None:
    found = _removable(contract)
    _remove_field(found)
    _reserve_number(found.message.proto, found.proto.number)
    found.message.proto.reserved_name.append(found.proto.name)


@_edit("field removed, number reserved")
def _(contract: Contract) -> None:
    found = _removable(contract)
    _remove_field(found)
    _reserve_number(found.message.proto, found.proto.number)


@_edit("field removed, name reserved")
def _(contract: Contract) -> None:
    found = _removable(contract)
    _remove_field(found)
    found.message.proto.reserved_name.append(found.proto.name)


@_edit("map field added")
def _(contract: Contract) -> None:
    found = _owned(contract)
    name = contract.new_name("Lookup")
    entry = found.proto.nested_type.add(name=f"{name}Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=F.LABEL_OPTIONAL, type=F.TYPE_STRING)
    entry.field.add(name="value", number=2, label=F.LABEL_OPTIONAL, type=contract.pick(_SCALARS))
    found.proto.field.add(
        name=name[:1].lower() + name[1:],
        number=_free_number(contract, found.proto),
        label=F.LABEL_REPEATED,
        type=F.TYPE_MESSAGE,
        type_name=f".{found.full_name}.{entry.name}",
    )


@_edit("map field removed")
def _(contract: Contract) -> None:
    _remove_field(contract.pick(contract.maps())[0])


@_edit("group removed")
def _(contract: Contract) -> None:
    found, field = contract.pick((m, f) for m in contract.messages() for f in m.proto.field if f.type == F.TYPE_GROUP)
    nested = next(n for n in found.proto.nested_type if field.type_name.endswith(f".{n.name}"))
    _drop(found.proto.nested_type, nested)
    _drop(found.proto.field, field)
    _settle_oneofs(found.proto)


@_edit("group becomes a message field")
def _(contract: Contract) -> None:
    field = contract.pick(f for m in contract.messages() for f in m.proto.field if f.type == F.TYPE_GROUP)
    field.type = F.TYPE_MESSAGE


@_edit("field of a group removed")
def _(contract: Contract) -> None:
    found = contract.pick(f for f in contract.fields() if _is_group_type(f.message))
    _remove_field(found)


@_edit("number of a reservation used")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if m.proto.reserved_range)
    old = contract.pick(found.proto.reserved_range)
    start, end = old.start, old.end
    _drop(found.proto.reserved_range, old)
    if end - start > 1:
        found.proto.reserved_range.add(start=start + 1, end=end)
    found.proto.field.add(
        name=contract.new_name("revived_"), number=start, label=F.LABEL_OPTIONAL, type=contract.pick(_SCALARS)
    )


# Fields change.


@_edit("field renamed")
def _(contract: Contract) -> None:
    field = contract.pick(contract.fields()).proto
    field.name = contract.new_name("renamed_")
    field.ClearField("json_name")


@_edit("field renamed, json_name kept")
def _(contract: Contract) -> None:
    field = contract.pick(contract.fields()).proto
    field.name = contract.new_name("renamed_")


@_edit("map field renamed")
def _(contract: Contract) -> None:
    found, entry = contract.pick(contract.maps())
    name = contract.new_name("Moved")
    found.proto.name = name[:1].lower() + name[1:]
    found.proto.ClearField("json_name")
    entry.name = f"{name}Entry"
    found.proto.type_name = f".{found.message.full_name}.{entry.name}"


@_edit("field renumbered")
def _(contract: Contract) -> None:
    found = contract.pick(contract.fields())
    found.proto.number = _free_number(contract, found.message.proto)


@_edit("two fields swap numbers")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if len(m.proto.field) > 1)
    one, other = contract.random.sample(list(found.proto.field), 2)
    one.number, other.number = other.number, one.number


@_edit("two fields swap names")
def _(contract: Contract) -> None:
    found = contract.pick(contract.fields())
    alike = [f for f in contract.fields() if f.message.proto is found.message.proto and f.proto is not found.proto]
    other = contract.pick(alike)
    found.proto.name, other.proto.name = other.proto.name, found.proto.name
    for one in (found, other):
        one.proto.ClearField("json_name")
    _settle_oneofs(found.message.proto)


def _scalar_fields(contract: Contract) -> Iterator[OfField]:
    return (f for f in contract.fields() if f.proto.type not in _NAMED)


def _plain(field: FieldDescriptorProto) -> None:
    """Take away what another type may not have."""
    field.ClearField("default_value")
    field.ClearField("type_name")
    features = field.options.features
    features.ClearField("message_encoding")
    features.ClearField("repeated_field_encoding")
    features.ClearField("utf8_validation")
    for option in ("packed", "jstype", "ctype"):
        field.options.ClearField(option)
    if not features.ByteSize():
        field.options.ClearField("features")
    if not field.options.ByteSize():
        field.ClearField("options")


def _retype(contract: Contract, field: FieldDescriptorProto, types: Iterable[F.Type]) -> None:
    new = contract.pick(t for t in types if t != field.type)
    _plain(field)
    field.type = new


@_edit("scalar type changed")
def _(contract: Contract) -> None:
    _retype(contract, contract.pick(_scalar_fields(contract)).proto, _SCALARS)


@_edit("scalar type changed within its family")
def _(contract: Contract) -> None:
    families = (
        (F.TYPE_INT32, F.TYPE_INT64, F.TYPE_UINT32, F.TYPE_UINT64, F.TYPE_BOOL),
        (F.TYPE_SINT32, F.TYPE_SINT64),
        (F.TYPE_STRING, F.TYPE_BYTES),
        (F.TYPE_FIXED32, F.TYPE_SFIXED32),
        (F.TYPE_FIXED64, F.TYPE_SFIXED64),
        (F.TYPE_FLOAT, F.TYPE_DOUBLE),
    )
    field = contract.pick(_scalar_fields(contract)).proto
    _retype(contract, field, next(family for family in families if field.type in family))


@_edit("scalar type changed, default kept")
def _(contract: Contract) -> None:
    numbers = (F.TYPE_INT32, F.TYPE_INT64, F.TYPE_UINT32, F.TYPE_UINT64, F.TYPE_FLOAT, F.TYPE_DOUBLE)
    field = contract.pick(
        f.proto for f in contract.fields() if f.proto.default_value.isdigit() and f.proto.type in numbers
    )
    field.type = contract.pick(t for t in numbers if t != field.type)


@_edit("type of text or of a fraction changed, default kept")
def _(contract: Contract) -> None:
    pairs = {F.TYPE_STRING: F.TYPE_BYTES, F.TYPE_FLOAT: F.TYPE_DOUBLE}
    others = pairs | {other: one for one, other in pairs.items()}
    # Quotes and line breaks are escaped in the default of bytes only.
    plain = re.compile(r"[\w.+-]+", re.ASCII)
    field = contract.pick(
        f.proto for f in contract.fields() if f.proto.type in others and plain.fullmatch(f.proto.default_value)
    )
    field.type = others[field.type]
    field.options.ClearField("features")
    field.options.ClearField("ctype")


@_edit("special default of a fraction")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in _default_fields(contract) if f.proto.type in {F.TYPE_FLOAT, F.TYPE_DOUBLE})
    choices = ("inf", "-inf", "nan", "1e+40", "0.1", "-0", "16777217")
    field.default_value = contract.pick(c for c in choices if c != field.default_value)


@_edit("scalar becomes an enum")
def _(contract: Contract) -> None:
    found = contract.pick(_scalar_fields(contract))
    name = contract.pick(contract.visible_enums(found.file))
    _plain(found.proto)
    found.proto.type = F.TYPE_ENUM
    found.proto.type_name = name


@_edit("scalar becomes a message")
def _(contract: Contract) -> None:
    found = contract.pick(_scalar_fields(contract))
    name = contract.pick(contract.visible_messages(found.file))
    _plain(found.proto)
    found.proto.options.features.ClearField("field_presence")
    if not found.proto.options.features.ByteSize():
        found.proto.options.ClearField("features")
    found.proto.type = F.TYPE_MESSAGE
    found.proto.type_name = name


@_edit("enum or message field becomes a scalar")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in contract.fields() if f.proto.type_name)
    _retype(contract, field, _SCALARS)


@_edit("message type of a field changed")
def _(contract: Contract) -> None:
    found = contract.pick(f for f in contract.fields() if f.proto.type == F.TYPE_MESSAGE)
    found.proto.type_name = contract.pick(
        name for name in contract.visible_messages(found.file) if name != found.proto.type_name
    )


@_edit("enum type of a field changed")
def _(contract: Contract) -> None:
    found = contract.pick(f for f in contract.fields() if f.proto.type == F.TYPE_ENUM)
    found.proto.type_name = contract.pick(
        name for name in contract.visible_enums(found.file) if name != found.proto.type_name
    )
    found.proto.ClearField("default_value")


@_edit("enum type of a field becomes its copy elsewhere")
def _(contract: Contract) -> None:
    found = contract.pick(
        f for f in contract.fields() if f.proto.type == F.TYPE_ENUM and not f.message.proto.options.map_entry
    )
    enum = next(e for e in contract.enums() if f".{e.full_name}" == found.proto.type_name)
    if found.file.name != enum.file.name:
        raise Unfit
    holder = found.file.message_type.add(name=contract.new_name("Copies"))
    copy = holder.enum_type.add()
    copy.CopyFrom(enum.proto)
    if contract.random.random() < 0.5:
        copy.value.add(name=contract.new_name("COPY_ONLY_"), number=_free_value(contract, copy))
    if contract.random.random() < 0.3 and not copy.options.allow_alias:
        copy.value[-1].number = _free_value(contract, copy)
    found.proto.type_name = f".{found.file.package}.{holder.name}.{copy.name}"


@_edit("key or value type of a map changed")
def _(contract: Contract) -> None:
    _, entry = contract.pick(contract.maps())
    if contract.random.random() < 0.3:
        _retype(contract, entry.field[0], (F.TYPE_STRING, F.TYPE_INT32, F.TYPE_INT64, F.TYPE_BOOL, F.TYPE_UINT64))
    else:
        _retype(contract, entry.field[1], _SCALARS)


@_edit("value type of a map becomes a message")
def _(contract: Contract) -> None:
    found, entry = contract.pick(contract.maps())
    name = contract.pick(n for n in contract.visible_messages(found.file) if n != entry.field[1].type_name)
    entry.field[1].type = F.TYPE_MESSAGE
    entry.field[1].type_name = name


@_edit("map becomes a repeated message")
def _(contract: Contract) -> None:
    found, entry = contract.pick(contract.maps())
    entry.ClearField("options")
    del found


@_edit("singular becomes repeated")
def _(contract: Contract) -> None:
    found = contract.pick(f for f in contract.fields() if f.proto.label != F.LABEL_REPEATED and not _in_oneof(f.proto))
    field = found.proto
    field.label = F.LABEL_REPEATED
    field.ClearField("proto3_optional")
    field.ClearField("default_value")
    field.options.features.ClearField("field_presence")
    if not field.options.features.ByteSize():
        field.options.ClearField("features")
    _settle_oneofs(found.message.proto)


@_edit("repeated becomes singular")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in contract.fields() if f.proto.label == F.LABEL_REPEATED)
    field.label = F.LABEL_OPTIONAL
    field.options.ClearField("packed")
    field.options.features.ClearField("repeated_field_encoding")
    if not field.options.features.ByteSize():
        field.options.ClearField("features")


@_edit("presence changed")
def _(contract: Contract) -> None:
    found = contract.pick(
        f
        for f in contract.fields()
        if f.file.syntax == "proto3" and f.proto.label == F.LABEL_OPTIONAL and not _in_oneof(f.proto)
    )
    if found.proto.proto3_optional:
        found.proto.ClearField("proto3_optional")
        found.proto.ClearField("oneof_index")
    else:
        found.proto.proto3_optional = True
    _settle_oneofs(found.message.proto)


@_edit("presence feature changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto
        for f in contract.fields()
        if f.file.syntax == "editions"
        and f.proto.label != F.LABEL_REPEATED
        and not _in_oneof(f.proto)
        and f.proto.type not in _NAMED
        and not f.proto.HasField("default_value")
    )
    choices = (FeatureSet.EXPLICIT, FeatureSet.IMPLICIT, FeatureSet.LEGACY_REQUIRED)
    now = field.options.features.field_presence
    field.options.features.field_presence = contract.pick(c for c in choices if c != now)


@_edit("requirement changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto
        for f in contract.fields()
        if f.file.syntax in {"", "proto2"} and f.proto.label != F.LABEL_REPEATED and not _in_oneof(f.proto)
    )
    required = field.label == F.LABEL_REQUIRED
    field.label = F.LABEL_OPTIONAL if required else F.LABEL_REQUIRED


@_edit("required field added")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if m.file.syntax in {"", "proto2"})
    field = _add_field(contract, found)
    field.label = F.LABEL_REQUIRED


@_edit("json_name changed")
def _(contract: Contract) -> None:
    contract.pick(contract.fields()).proto.json_name = contract.new_name("json")


@_edit("jstype changed")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in contract.fields() if f.proto.type in _LONG)
    choices = (FieldOptions.JS_STRING, FieldOptions.JS_NUMBER, FieldOptions.JS_NORMAL)
    field.options.jstype = contract.pick(c for c in choices if c != field.options.jstype)


@_edit("ctype changed")
def _(contract: Contract) -> None:
    field = contract.pick(f.proto for f in contract.fields() if f.proto.type in {F.TYPE_STRING, F.TYPE_BYTES})
    choices = (FieldOptions.CORD, FieldOptions.STRING_PIECE, FieldOptions.STRING)
    if field.label == F.LABEL_REPEATED:
        choices = choices[1:]
    field.options.ctype = contract.pick(c for c in choices if c != field.options.ctype)


@_edit("packed changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto
        for f in contract.fields()
        if f.proto.label == F.LABEL_REPEATED and f.proto.type not in _NEVER_PACKED and f.file.syntax != "editions"
    )
    field.options.packed = not field.options.packed


@_edit("deprecated")
def _(contract: Contract) -> None:
    contract.pick(contract.fields()).proto.options.deprecated = True


def _default_fields(contract: Contract) -> Iterator[OfField]:
    return (
        f
        for f in contract.fields()
        if f.file.syntax != "proto3"
        and f.proto.label != F.LABEL_REPEATED
        and f.proto.type != F.TYPE_MESSAGE
        and f.proto.options.features.field_presence != FeatureSet.IMPLICIT
    )


@_edit("default changed")
def _(contract: Contract) -> None:
    found = contract.pick(_default_fields(contract))
    choices: Iterable[str] = _DEFAULTS.get(found.proto.type, ("0", "5", "17"))
    if found.proto.type == F.TYPE_ENUM:
        enum = next(e for e in contract.enums() if f".{e.full_name}" == found.proto.type_name)
        choices = (value.name for value in enum.proto.value)
    found.proto.default_value = contract.pick(c for c in choices if c != found.proto.default_value)


@_edit("default removed")
def _(contract: Contract) -> None:
    contract.pick(f for f in contract.fields() if f.proto.HasField("default_value")).proto.ClearField("default_value")


@_edit("fields reordered")
def _(contract: Contract) -> None:
    found = _owned(contract)
    fields = [*found.proto.field]
    contract.random.shuffle(fields)
    found.proto.ClearField("field")
    found.proto.field.extend(fields)
    _settle_oneofs(found.proto)


@_edit("utf8_validation changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto for f in contract.fields() if f.file.syntax == "editions" and f.proto.type == F.TYPE_STRING
    )
    now = field.options.features.utf8_validation
    field.options.features.utf8_validation = FeatureSet.VERIFY if now == FeatureSet.NONE else FeatureSet.NONE


@_edit("message_encoding changed")
def _(contract: Contract) -> None:
    field = contract.pick(
        f.proto for f in contract.fields() if f.file.syntax == "editions" and f.proto.type == F.TYPE_MESSAGE
    )
    features = field.options.features
    delimited = features.message_encoding == FeatureSet.DELIMITED
    features.message_encoding = FeatureSet.LENGTH_PREFIXED if delimited else FeatureSet.DELIMITED


# Oneofs.


def _movable(contract: Contract) -> Iterator[OfField]:
    return (
        f
        for f in contract.fields()
        if f.proto.label == F.LABEL_OPTIONAL and not _in_oneof(f.proto) and not f.proto.options.features.field_presence
    )


def _into(field: FieldDescriptorProto, index: int) -> None:
    field.ClearField("proto3_optional")
    field.ClearField("default_value")
    field.oneof_index = index


@_edit("field moved into a new oneof")
def _(contract: Contract) -> None:
    found = contract.pick(_movable(contract))
    message = found.message.proto
    message.oneof_decl.add(name=contract.new_name("choice_"))
    _into(found.proto, len(message.oneof_decl) - 1)
    _settle_oneofs(message)


@_edit("two fields moved into a new oneof")
def _(contract: Contract) -> None:
    found = contract.pick(_movable(contract))
    message = found.message.proto
    alike = [f for f in _movable(contract) if f.message.proto is message and f.proto is not found.proto]
    other = contract.pick(alike)
    message.oneof_decl.add(name=contract.new_name("choice_"))
    for one in (found, other):
        _into(one.proto, len(message.oneof_decl) - 1)
    _settle_oneofs(message)


def _with_oneofs(contract: Contract) -> OfMessage:
    return contract.pick(m for m in contract.messages() if any(_in_oneof(f) for f in m.proto.field))


@_edit("field moved into an existing oneof")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    found = contract.pick(f for f in _movable(contract) if f.message.proto is message)
    _into(found.proto, contract.pick(f.oneof_index for f in message.field if _in_oneof(f)))
    _settle_oneofs(message)


@_edit("field moved out of its oneof")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    contract.pick(f for f in message.field if _in_oneof(f)).ClearField("oneof_index")
    _settle_oneofs(message)


@_edit("field moved to another oneof")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    field = contract.pick(f for f in message.field if _in_oneof(f))
    field.oneof_index = contract.pick(
        f.oneof_index for f in message.field if _in_oneof(f) and f.oneof_index != field.oneof_index
    )
    _settle_oneofs(message)


@_edit("oneof renamed")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    index = contract.pick(f.oneof_index for f in message.field if _in_oneof(f))
    message.oneof_decl[index].name = contract.new_name("chosen_")


@_edit("oneof dissolved")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    index = contract.pick(f.oneof_index for f in message.field if _in_oneof(f))
    for field in message.field:
        if _in_oneof(field) and field.oneof_index == index:
            field.ClearField("oneof_index")
    _settle_oneofs(message)


@_edit("oneof removed with its fields")
def _(contract: Contract) -> None:
    message = _with_oneofs(contract).proto
    index = contract.pick(f.oneof_index for f in message.field if _in_oneof(f))
    for field in [f for f in message.field if _in_oneof(f) and f.oneof_index == index]:
        _drop(message.field, field)
    _settle_oneofs(message)


@_edit("field added to a oneof")
def _(contract: Contract) -> None:
    found = _with_oneofs(contract)
    index = contract.pick(f.oneof_index for f in found.proto.field if _in_oneof(f))
    found.proto.field.add(
        name=contract.new_name("more_"),
        number=_free_number(contract, found.proto),
        label=F.LABEL_OPTIONAL,
        type=contract.pick(_SCALARS),
        oneof_index=index,
    )
    _settle_oneofs(found.proto)


# Enums.


def _free_value(contract: Contract, enum: EnumDescriptorProto) -> int:
    used = {value.number for value in enum.value}
    return contract.pick(
        n
        for n in (*range(3, 10), 30, 40, 50)
        if n not in used and not any(r.start <= n <= r.end for r in enum.reserved_range)
    )


def _later_value(contract: Contract) -> tuple[EnumDescriptorProto, EnumValueDescriptorProto]:
    """Not the first value, and none that is a default."""
    defaults = {f.proto.default_value for f in contract.fields()}
    defaults |= {field.default_value for _, _, field in contract.extensions()}
    return contract.pick((e.proto, v) for e in contract.enums() for v in e.proto.value[1:] if v.name not in defaults)


def _remove_value(enum: EnumDescriptorProto, value: EnumValueDescriptorProto) -> None:
    _drop(enum.value, value)
    numbers = [v.number for v in enum.value]
    if len(set(numbers)) == len(numbers):
        # A compiler refuses allow_alias where nothing is an alias.
        enum.options.ClearField("allow_alias")
        if not enum.options.ByteSize():
            enum.ClearField("options")


@_edit("enum value added")
def _(contract: Contract) -> None:
    enum = contract.pick(contract.enums()).proto
    enum.value.add(name=contract.new_name("MORE_"), number=_free_value(contract, enum))


@_edit("enum value removed")
def _(contract: Contract) -> None:
    _remove_value(*_later_value(contract))


@_edit("enum value removed, number and name reserved")
def _(contract: Contract) -> None:
    enum, value = _later_value(contract)
    _remove_value(enum, value)
    if all(v.number != value.number for v in enum.value):
        enum.reserved_range.add(start=value.number, end=value.number)
    enum.reserved_name.append(value.name)


@_edit("enum value removed, number reserved")
def _(contract: Contract) -> None:
    enum, value = _later_value(contract)
    _remove_value(enum, value)
    if any(v.number == value.number for v in enum.value):
        raise Unfit
    enum.reserved_range.add(start=value.number, end=value.number)


@_edit("enum value removed, name reserved")
def _(contract: Contract) -> None:
    enum, value = _later_value(contract)
    _remove_value(enum, value)
    enum.reserved_name.append(value.name)


@_edit("enum value renamed")
def _(contract: Contract) -> None:
    _, value = _later_value(contract)
    value.name = contract.new_name("OTHER_")


@_edit("enum value renumbered")
def _(contract: Contract) -> None:
    enum, value = _later_value(contract)
    if enum.options.allow_alias:
        raise Unfit
    value.number = _free_value(contract, enum)


@_edit("enum values swap numbers")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if len(e.proto.value) > 2)
    one, other = contract.random.sample(list(enum.value)[1:], 2)
    one.number, other.number = other.number, one.number


@_edit("enum alias added")
def _(contract: Contract) -> None:
    enum = contract.pick(contract.enums()).proto
    enum.options.allow_alias = True
    enum.value.add(name=contract.new_name("ALIAS_"), number=contract.pick(enum.value).number)


@_edit("enum alias removed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.proto.options.allow_alias)
    numbers = [value.number for value in enum.value]
    _remove_value(enum, contract.pick(v for v in enum.value if numbers.count(v.number) > 1))
    if enum.value[0].number != 0:
        raise Unfit


@_edit("enum values reordered")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if len(e.proto.value) > 1)
    values = [*enum.value]
    if values[0].number == 0:
        first, *rest = values
        contract.random.shuffle(rest)
        values = [first, *rest]
    else:
        values.reverse()
    enum.ClearField("value")
    enum.value.extend(values)


@_edit("enum added")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    owner: FileDescriptorProto | DescriptorProto = file
    if contract.random.random() < 0.5:
        owner = contract.pick(_walk(file, file.package, file.message_type)).proto
    name = contract.new_name("NewEnum")
    enum = owner.enum_type.add(name=name)
    enum.value.add(name=f"{name.upper()}_ZERO", number=0)


@_edit("enum removed")
def _(contract: Contract) -> None:
    found = contract.pick(e for e in contract.enums() if not contract.uses_of(e.full_name))
    _drop(found.owner.enum_type, found.proto)


@_edit("enum becomes a message of the same name")
def _(contract: Contract) -> None:
    found = contract.pick(e for e in contract.enums() if not contract.uses_of(e.full_name))
    _drop(found.owner.enum_type, found.proto)
    owner = found.owner
    (owner.message_type if isinstance(owner, FileDescriptorProto) else owner.nested_type).add(name=found.proto.name)


@_edit("enum renamed")
def _(contract: Contract) -> None:
    found = contract.pick(contract.enums())
    name = contract.new_name("Renamed")
    contract.rename(found.full_name, f"{found.full_name.rpartition('.')[0]}.{name}")
    found.proto.name = name


@_edit("enum moved to the top or into a message")
def _(contract: Contract) -> None:
    found = contract.pick(contract.enums())
    target: FileDescriptorProto | DescriptorProto = found.file
    scope = found.file.package
    if found.owner is found.file:
        owner = contract.pick(_walk(found.file, found.file.package, found.file.message_type))
        target, scope = owner.proto, owner.full_name
    copy = target.enum_type.add()
    copy.CopyFrom(found.proto)
    _drop(found.owner.enum_type, found.proto)
    contract.rename(found.full_name, f"{scope}.{copy.name}")


@_edit("enum reservation removed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.proto.reserved_range)
    _drop(enum.reserved_range, contract.pick(enum.reserved_range))


@_edit("enum reservation narrowed")
def _(contract: Contract) -> None:
    one = contract.pick(r for e in contract.enums() for r in e.proto.reserved_range if r.end > r.start)
    one.start += 1


@_edit("enum reserved name removed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.proto.reserved_name)
    enum.reserved_name.remove(contract.pick(enum.reserved_name))


@_edit("enum reservation added")
def _(contract: Contract) -> None:
    enum = contract.pick(contract.enums()).proto
    number = _free_value(contract, enum)
    enum.reserved_range.add(start=number, end=number)
    enum.reserved_name.append(contract.new_name("NEVER_"))


@_edit("enum_type changed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.file.syntax == "editions")
    if enum.options.features.enum_type == FeatureSet.CLOSED:
        if enum.value[0].number:
            raise Unfit
        enum.options.features.enum_type = FeatureSet.OPEN
    else:
        enum.options.features.enum_type = FeatureSet.CLOSED


@_edit("json_format of an enum changed")
def _(contract: Contract) -> None:
    enum = contract.pick(e.proto for e in contract.enums() if e.file.syntax == "editions")
    features = enum.options.features
    legacy = features.json_format == FeatureSet.LEGACY_BEST_EFFORT
    features.json_format = FeatureSet.ALLOW if legacy else FeatureSet.LEGACY_BEST_EFFORT


# Messages.


@_edit("message added")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    message = file.message_type.add(name=contract.new_name("New"))
    message.field.add(name="a", number=1, label=F.LABEL_OPTIONAL, type=contract.pick(_SCALARS))


@_edit("nested message added")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if not _is_group_type(m))
    found.proto.nested_type.add(name=contract.new_name("Inner"))


@_edit("message removed")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if not contract.uses_of(m.full_name) and not _is_group_type(m))
    _drop(found.siblings, found.proto)


@_edit("message renamed")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if not _is_group_type(m))
    name = contract.new_name("Renamed")
    contract.rename(found.full_name, f"{found.full_name.rpartition('.')[0]}.{name}")
    found.proto.name = name


@_edit("message nested into another")
def _(contract: Contract) -> None:
    found = contract.pick(m for m in contract.messages() if m.proto in m.file.message_type)
    target = contract.pick(
        m
        for m in contract.messages()
        if m.file is found.file and m.proto is not found.proto and not _refers(f".{m.full_name}", found.full_name)
    )
    target.proto.nested_type.add().CopyFrom(found.proto)
    new_name = f"{target.full_name}.{found.proto.name}"
    _drop(found.file.message_type, found.proto)
    contract.rename(found.full_name, new_name)


@_edit("nested message moved to the top")
def _(contract: Contract) -> None:
    found = contract.pick(
        m for m in contract.messages() if m.proto not in m.file.message_type and not _is_group_type(m)
    )
    found.file.message_type.add().CopyFrom(found.proto)
    name = f"{found.file.package}.{found.proto.name}"
    _drop(found.siblings, found.proto)
    contract.rename(found.full_name, name)


@_edit("message moved to another file of the package")
def _(contract: Contract) -> None:
    target = next(f for f in contract.files if f.name.endswith("/common.proto"))
    found = contract.pick(
        m
        for m in contract.messages()
        if m.proto in m.file.message_type
        and m.file is not target
        and m.file.syntax == "proto3"
        and not any(f.type_name for f in m.proto.field)
        and not m.proto.nested_type
    )
    target.message_type.add().CopyFrom(found.proto)
    _drop(found.file.message_type, found.proto)
    if found.file.package != target.package:
        contract.rename(found.full_name, f"{target.package}.{found.proto.name}")


@_edit("enum and message split off into a new file")
def _(contract: Contract) -> None:
    source = next(f for f in contract.files if f.name.endswith("/common.proto"))
    name = source.name.replace("common", contract.new_name("split"))
    moved = FileDescriptorProto(name=name, syntax="proto3", package=source.package)
    for enum in [*source.enum_type]:
        moved.enum_type.add().CopyFrom(enum)
    source.ClearField("enum_type")
    if contract.random.random() < 0.5:
        found = contract.pick(m for m in source.message_type if not any(f.type_name for f in m.field))
        moved.message_type.add().CopyFrom(found)
        _drop(source.message_type, found)
    contract.files.insert(0, moved)
    for file in contract.files[1:]:
        file.dependency.append(name)


@_edit("messages reordered")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    messages = [*file.message_type]
    contract.random.shuffle(messages)
    file.ClearField("message_type")
    file.message_type.extend(messages)


@_edit("reservation removed")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages() if m.proto.reserved_range)
    _drop(message.reserved_range, contract.pick(message.reserved_range))


@_edit("reservation narrowed")
def _(contract: Contract) -> None:
    one = contract.pick(r for m in contract.messages() for r in m.proto.reserved_range if r.end - r.start > 2)
    if contract.random.random() < 0.5:
        one.start += 1
    else:
        one.end -= 1


@_edit("reservation split")
def _(contract: Contract) -> None:
    message, one = contract.pick(
        (m.proto, r) for m in contract.messages() for r in m.proto.reserved_range if r.end - r.start > 3
    )
    middle = contract.random.randrange(one.start + 1, one.end - 1)
    gap = contract.random.randrange(2)
    end, one.end = one.end, middle
    message.reserved_range.add(start=middle + gap, end=end)


@_edit("reservation widened")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages())
    _reserve_number(message, _free_number(contract, message))
    message.reserved_name.append(contract.new_name("never_"))


@_edit("reserved name removed")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages() if m.proto.reserved_name)
    message.reserved_name.remove(contract.pick(message.reserved_name))


@_edit("no_standard_descriptor_accessor changed")
def _(contract: Contract) -> None:
    options = contract.pick(contract.messages()).proto.options
    options.no_standard_descriptor_accessor = not options.no_standard_descriptor_accessor


@_edit("json_format of a message changed")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages() if m.file.syntax == "editions")
    features = message.options.features
    legacy = features.json_format == FeatureSet.LEGACY_BEST_EFFORT
    features.json_format = FeatureSet.ALLOW if legacy else FeatureSet.LEGACY_BEST_EFFORT


# Extensions.


def _spare_ranges(contract: Contract) -> list[tuple[DescriptorProto, DescriptorProto.ExtensionRange]]:
    numbers = {(field.extendee, field.number) for _, _, field in contract.extensions()}
    return [
        (m.proto, r)
        for m in contract.messages()
        for r in m.proto.extension_range
        if not any((f".{m.full_name}", n) in numbers for n in range(r.start, min(r.end, r.start + 200)))
    ]


@_edit("extension range removed")
def _(contract: Contract) -> None:
    message, one = contract.pick(_spare_ranges(contract))
    _drop(message.extension_range, one)


@_edit("extension range narrowed")
def _(contract: Contract) -> None:
    _, one = contract.pick(_spare_ranges(contract))
    one.start += 1


@_edit("extension range added")
def _(contract: Contract) -> None:
    message = contract.pick(m.proto for m in contract.messages() if m.proto.extension_range)
    start = 300 + contract.random.randrange(50)
    if any(r.start <= start < r.end for r in message.extension_range):
        raise Unfit
    message.extension_range.add(start=start, end=start + 1)


@_edit("extension added")
def _(contract: Contract) -> None:
    file, owner, field = contract.pick(contract.extensions())
    taken = {f.number for _, _, f in contract.extensions()}
    owner.extension.add(
        name=contract.new_name("extra_"),
        number=contract.pick(n for n in range(field.number + 5, field.number + 20) if n not in taken),
        label=F.LABEL_OPTIONAL,
        type=contract.pick(_SCALARS),
        extendee=field.extendee,
    )
    del file


@_edit("extension removed")
def _(contract: Contract) -> None:
    _, owner, field = contract.pick(contract.extensions())
    _drop(owner.extension, field)


@_edit("extension renamed")
def _(contract: Contract) -> None:
    contract.pick(contract.extensions())[2].name = contract.new_name("renamed_ext_")


@_edit("extension renumbered")
def _(contract: Contract) -> None:
    field = contract.pick(contract.extensions())[2]
    taken = {f.number for _, _, f in contract.extensions()}
    field.number = contract.pick(n for n in range(field.number + 1, field.number + 20) if n not in taken)


@_edit("extension type changed")
def _(contract: Contract) -> None:
    field = contract.pick(e for e in contract.extensions() if not e[2].type_name)[2]
    _retype(contract, field, _SCALARS)


@_edit("extension label changed")
def _(contract: Contract) -> None:
    field = contract.pick(contract.extensions())[2]
    repeated = field.label == F.LABEL_REPEATED
    field.ClearField("default_value")
    field.label = F.LABEL_OPTIONAL if repeated else F.LABEL_REPEATED


@_edit("default of an extension changed")
def _(contract: Contract) -> None:
    field = contract.pick(e for e in contract.extensions() if e[2].type == F.TYPE_INT32)[2]
    if field.label == F.LABEL_REPEATED:
        raise Unfit
    field.default_value = contract.pick(c for c in ("0", "8", "9") if c != field.default_value)


@_edit("extension moved into a message")
def _(contract: Contract) -> None:
    file, owner, field = contract.pick(e for e in contract.extensions() if e[0] is e[1])
    target = contract.pick(_walk(file, file.package, file.message_type))
    if _is_group_type(target) or any(f.name == field.name for f in target.proto.field):
        raise Unfit
    target.proto.extension.add().CopyFrom(field)
    _drop(owner.extension, field)


@_edit("extensions moved to a new file of the package")
def _(contract: Contract) -> None:
    source = contract.pick(f for f in contract.files if f.extension)
    name = source.name.replace(".proto", f"_{contract.random.randrange(100)}.proto")
    moved = FileDescriptorProto(name=name, package=source.package, dependency=[*source.dependency, source.name])
    moved.syntax = source.syntax
    if source.HasField("edition"):
        moved.edition = source.edition
    for field in [*source.extension][: contract.random.randrange(1, len(source.extension) + 1)]:
        moved.extension.add().CopyFrom(field)
        _drop(source.extension, field)
    contract.files.append(moved)


# Services.


@_edit("rpc added")
def _(contract: Contract) -> None:
    _, service, method = contract.pick(contract.methods())
    service.method.add(name=contract.new_name("New"), input_type=method.input_type, output_type=method.output_type)


@_edit("rpc removed")
def _(contract: Contract) -> None:
    _, service, method = contract.pick(contract.methods())
    _drop(service.method, method)


@_edit("rpc renamed")
def _(contract: Contract) -> None:
    contract.pick(contract.methods())[2].name = contract.new_name("Renamed")


@_edit("request type changed")
def _(contract: Contract) -> None:
    file, _, method = contract.pick(contract.methods())
    method.input_type = contract.pick(n for n in contract.visible_messages(file) if n != method.input_type)


@_edit("response type changed")
def _(contract: Contract) -> None:
    file, _, method = contract.pick(contract.methods())
    method.output_type = contract.pick(n for n in contract.visible_messages(file) if n != method.output_type)


@_edit("client streaming changed")
def _(contract: Contract) -> None:
    method = contract.pick(contract.methods())[2]
    method.client_streaming = not method.client_streaming


@_edit("server streaming changed")
def _(contract: Contract) -> None:
    method = contract.pick(contract.methods())[2]
    method.server_streaming = not method.server_streaming


@_edit("idempotency_level changed")
def _(contract: Contract) -> None:
    method = contract.pick(contract.methods())[2]
    choices = (MethodOptions.NO_SIDE_EFFECTS, MethodOptions.IDEMPOTENT, MethodOptions.IDEMPOTENCY_UNKNOWN)
    method.options.idempotency_level = contract.pick(c for c in choices if c != method.options.idempotency_level)


def _services(contract: Contract) -> Iterator[tuple[FileDescriptorProto, ServiceDescriptorProto]]:
    return ((file, service) for file in contract.files for service in file.service)


@_edit("service added")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    file.service.add(name=contract.new_name("NewService"))


@_edit("service removed")
def _(contract: Contract) -> None:
    file, service = contract.pick(_services(contract))
    _drop(file.service, service)


@_edit("service renamed")
def _(contract: Contract) -> None:
    contract.pick(_services(contract))[1].name = contract.new_name("RenamedService")


@_edit("services reordered")
def _(contract: Contract) -> None:
    file = contract.pick(f for f in contract.files if len(f.service) > 1)
    services = [*file.service]
    services.reverse()
    file.ClearField("service")
    file.service.extend(services)


# Files.


@_edit("package changed")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    new = f"{file.package}.{contract.new_name('v')}"
    old = file.package
    for message in file.message_type:
        contract.rename(f"{old}.{message.name}", f"{new}.{message.name}")
    for enum in file.enum_type:
        contract.rename(f"{old}.{enum.name}", f"{new}.{enum.name}")
    file.package = new


@_edit("file renamed")
def _(contract: Contract) -> None:
    file = contract.pick(contract.files)
    new = file.name.replace(".proto", f"_{contract.random.randrange(100)}.proto")
    for other in contract.files:
        names = [new if name == file.name else name for name in other.dependency]
        other.ClearField("dependency")
        other.dependency.extend(names)
    file.name = new


@_edit("two files of a package swap names")
def _(contract: Contract) -> None:
    one = contract.pick(contract.files)
    other = contract.pick(f for f in contract.files if f.package == one.package and f is not one)
    names = {one.name: other.name, other.name: one.name}
    for file in contract.files:
        imports = [names.get(name, name) for name in file.dependency]
        file.ClearField("dependency")
        file.dependency.extend(imports)
        file.name = names.get(file.name, file.name)


@_edit("file removed")
def _(contract: Contract) -> None:
    used = {name for file in contract.files for name in file.dependency}
    file = contract.pick(f for f in contract.files if f.name not in used)
    contract.files.remove(file)


@_edit("file added")
def _(contract: Contract) -> None:
    near = contract.pick(contract.files)
    name = contract.new_name("fresh")
    file = FileDescriptorProto(name=f"{near.name.rpartition('/')[0]}/{name}.proto", syntax="proto3")
    file.package = near.package
    file.message_type.add(name=name.capitalize())
    contract.files.append(file)


_TEXT_OPTIONS = (
    "java_package",
    "java_outer_classname",
    "go_package",
    "objc_class_prefix",
    "csharp_namespace",
    "swift_prefix",
    "php_class_prefix",
    "php_namespace",
    "php_metadata_namespace",
    "ruby_package",
)
_FLAG_OPTIONS = (
    "java_multiple_files",
    "java_string_check_utf8",
    "cc_generic_services",
    "java_generic_services",
    "py_generic_services",
    "cc_enable_arenas",
    "deprecated",
)


@_edit("text option of a file changed")
def _(contract: Contract) -> None:
    options = contract.pick(contract.files).options
    name = contract.pick(_TEXT_OPTIONS)
    if options.HasField(name) and contract.random.random() < 0.5:
        options.ClearField(name)
    else:
        setattr(options, name, contract.new_name("Some"))


@_edit("three text options of a file changed")
def _(contract: Contract) -> None:
    options = contract.pick(contract.files).options
    for name in contract.random.sample(_TEXT_OPTIONS, 3):
        setattr(options, name, contract.new_name("Some"))


@_edit("flag option of a file changed")
def _(contract: Contract) -> None:
    options = contract.pick(f for f in contract.files if f.syntax != "editions").options
    name = contract.pick(_FLAG_OPTIONS)
    value = not getattr(options, name)
    if name == "cc_enable_arenas" and not options.HasField(name):
        value = False
    setattr(options, name, value)


@_edit("optimize_for changed")
def _(contract: Contract) -> None:
    options = contract.pick(contract.files).options
    choices = (FileOptions.SPEED, FileOptions.CODE_SIZE)
    options.optimize_for = contract.pick(c for c in choices if c != options.optimize_for)


@_edit("feature of an editions file changed")
def _(contract: Contract) -> None:
    file = contract.pick(f for f in contract.files if f.syntax == "editions")
    features = file.options.features
    name = contract.pick(
        ("field_presence", "repeated_field_encoding", "utf8_validation", "message_encoding", "json_format")
    )
    values = {
        "field_presence": FeatureSet.EXPLICIT,
        "repeated_field_encoding": FeatureSet.EXPANDED,
        "utf8_validation": FeatureSet.NONE,
        "message_encoding": FeatureSet.DELIMITED,
        "json_format": FeatureSet.LEGACY_BEST_EFFORT,
    }
    if features.HasField(name):
        features.ClearField(name)
    else:
        setattr(features, name, values[name])


@_edit("proto3 file becomes an editions file")
def _(contract: Contract) -> None:
    file = contract.pick(f for f in contract.files if f.syntax == "proto3")
    file.syntax = "editions"
    file.edition = 1000
    presence = FeatureSet.IMPLICIT if contract.random.random() < 0.7 else FeatureSet.EXPLICIT
    file.options.features.field_presence = presence
    for message in _walk(file, file.package, file.message_type):
        for field in message.proto.field:
            field.options.ClearField("packed")
            if field.proto3_optional:
                field.ClearField("proto3_optional")
                field.ClearField("oneof_index")
                field.options.features.field_presence = FeatureSet.EXPLICIT
        _settle_oneofs(message.proto)


@_edit("proto2 file becomes an editions file")
def _(contract: Contract) -> None:
    file = contract.pick(f for f in contract.files if f.syntax in {"", "proto2"})
    file.syntax = "editions"
    file.edition = 1000
    features = file.options.features
    features.enum_type = FeatureSet.CLOSED
    features.repeated_field_encoding = FeatureSet.EXPANDED
    features.json_format = FeatureSet.LEGACY_BEST_EFFORT
    if contract.random.random() < 0.7:
        features.utf8_validation = FeatureSet.NONE
    for message in _walk(file, file.package, file.message_type):
        for field in message.proto.field:
            _as_edition(field)
    for field in file.extension:
        _as_edition(field)


def _as_edition(field: FieldDescriptorProto) -> None:
    if field.label == F.LABEL_REQUIRED:
        field.label = F.LABEL_OPTIONAL
        field.options.features.field_presence = FeatureSet.LEGACY_REQUIRED
    if field.type == F.TYPE_GROUP:
        field.type = F.TYPE_MESSAGE
        field.options.features.message_encoding = FeatureSet.DELIMITED
    if field.options.packed:
        field.options.ClearField("packed")
        field.options.features.repeated_field_encoding = FeatureSet.PACKED


def _custom_feature(contract: Contract, library: str) -> FeatureSet:
    """Features to set one of a language in; the file imports what declares it."""
    file = contract.pick(f for f in contract.files if f.syntax == "editions")
    if library not in file.dependency:
        file.dependency.append(library)
    if contract.random.random() < 0.4:
        return file.options.features
    fields = (f for m in _walk(file, file.package, file.message_type) for f in m.proto.field)
    return contract.pick(f for f in fields if f.type == F.TYPE_STRING).options.features


_JAVA_VERIFY = b"\xca\x3e\x02\x10\x02"
"""Extension 1001 of `FeatureSet`: `(pb.java).utf8_validation = VERIFY`."""
_CPP_STRING_TYPES = tuple(b"\xc2\x3e\x02\x10" + value for value in (b"\x01", b"\x02", b"\x03"))
"""Extension 1000: `(pb.cpp).string_type`, which is `VIEW`, `CORD` or `STRING`."""


@_edit("UTF-8 validation in Java changed")
def _(contract: Contract) -> None:
    features = _custom_feature(contract, "google/protobuf/java_features.proto")
    features.utf8_validation = FeatureSet.NONE
    features.MergeFromString(_JAVA_VERIFY)


@_edit("string type in C++ changed")
def _(contract: Contract) -> None:
    features = _custom_feature(contract, "google/protobuf/cpp_features.proto")
    features.MergeFromString(contract.pick(_CPP_STRING_TYPES))
