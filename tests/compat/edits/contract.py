"""A contract that is being edited: what is in it, and how an edit is made known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from google.protobuf.descriptor_pb2 import (
    FieldDescriptorProto,
    OneofDescriptorProto,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, MutableSequence
    from random import Random

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FileDescriptorProto,
        MethodDescriptorProto,
        ServiceDescriptorProto,
    )

__all__ = [
    "EDITS",
    "NAMED",
    "SCALARS",
    "Contract",
    "Edit",
    "F",
    "OfEnum",
    "OfField",
    "OfMessage",
    "Unfit",
    "add_field",
    "any_message",
    "drop",
    "edit",
    "entries_of",
    "free_number",
    "free_value",
    "in_oneof",
    "is_group_type",
    "refers",
    "reserve_number",
    "settle_oneofs",
    "walk",
]

F = FieldDescriptorProto
SCALARS = (
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
NAMED = (F.TYPE_MESSAGE, F.TYPE_ENUM, F.TYPE_GROUP)

_T = TypeVar("_T")


class Unfit(Exception):  # noqa: N818 - no error: the edit finds nothing to change
    """The contract has nothing that the edit could change."""


@dataclass(frozen=True, slots=True)
class OfMessage:
    """A message and where it stands."""

    file: FileDescriptorProto
    full_name: str
    proto: DescriptorProto
    siblings: MutableSequence[DescriptorProto]


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
            yield from walk(file, file.package, file.message_type)

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
            entries = set(entries_of(message))
            for field in message.proto.field:
                if field.type != F.TYPE_GROUP and field.type_name not in entries:
                    yield OfField(message.file, message, field)

    def maps(self) -> Iterator[tuple[OfField, DescriptorProto]]:
        """Every map field and its entry."""
        for message in self.messages():
            entries = entries_of(message)
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
        return [f".{m.full_name}" for m in self.messages() if m.file.name in seen and not is_group_type(m)]

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
        return sum(refers(name, full_name) for name in self._references())

    def rename(self, old: str, new: str) -> None:
        """Make every reference to `old` or into it one to `new`."""

        def renamed(name: str) -> str:
            return f".{new}{name[len(old) + 1 :]}" if refers(name, old) else name

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


Edit: TypeAlias = "Callable[[Contract], None]"
EDITS: dict[str, Edit] = {}
"""Every edit by the words that say what it does."""


def edit(label: str) -> Callable[[Edit], Edit]:
    def register(function: Edit) -> Edit:
        EDITS[label] = function
        return function

    return register


def walk(file: FileDescriptorProto, scope: str, messages: MutableSequence[DescriptorProto]) -> Iterator[OfMessage]:
    for message in messages:
        if not message.options.map_entry:
            full_name = f"{scope}.{message.name}"
            yield OfMessage(file, full_name, message, messages)
            yield from walk(file, full_name, message.nested_type)


def entries_of(message: OfMessage) -> dict[str, DescriptorProto]:
    return {f".{message.full_name}.{n.name}": n for n in message.proto.nested_type if n.options.map_entry}


def is_group_type(message: OfMessage) -> bool:
    return message.file.syntax in {"", "proto2"} and message.proto.name in {"Extra", "Entry"}


def refers(name: str, full_name: str) -> bool:
    return name[1:] == full_name or name.startswith(f".{full_name}.")


def in_oneof(field: FieldDescriptorProto) -> bool:
    return field.HasField("oneof_index") and not field.proto3_optional


def settle_oneofs(message: DescriptorProto) -> None:
    """Drop oneofs without fields and put the synthetic ones last, where compilers want them."""
    old = list(message.oneof_decl)
    kept: list[OneofDescriptorProto] = []
    places: dict[int, int] = {}
    for field in message.field:
        if in_oneof(field) and field.oneof_index not in places:
            places[field.oneof_index] = len(kept)
            kept.append(old[field.oneof_index])
    for field in message.field:
        if in_oneof(field):
            field.oneof_index = places[field.oneof_index]
        elif field.proto3_optional:
            field.oneof_index = len(kept)
            kept.append(OneofDescriptorProto(name=f"_{field.name}"))
        else:
            field.ClearField("oneof_index")
    message.ClearField("oneof_decl")
    message.oneof_decl.extend(kept)


def drop(container: MutableSequence[_T], item: _T) -> None:
    """Take out the very item, of equal ones too."""
    index = next(i for i, one in enumerate(container) if one is item)
    del container[index]


def _reserved(message: DescriptorProto, number: int) -> bool:
    reserved = any(r.start <= number < r.end for r in message.reserved_range)
    return reserved or any(r.start <= number < r.end for r in message.extension_range)


def free_number(contract: Contract, message: DescriptorProto) -> int:
    used = {field.number for field in message.field}
    free = [n for n in range(1, 60) if n not in used and not _reserved(message, n)]
    return contract.pick(free)


def free_value(contract: Contract, enum: EnumDescriptorProto) -> int:
    used = {value.number for value in enum.value}
    numbers: tuple[int, ...] = (*range(3, 10), 30, 40, 50)
    return contract.pick(
        n for n in numbers if n not in used and not any(r.start <= n <= r.end for r in enum.reserved_range)
    )


def reserve_number(message: DescriptorProto, number: int) -> None:
    message.reserved_range.add(start=number, end=number + 1)


def _label_for(contract: Contract, file: FileDescriptorProto) -> tuple[F.Label.ValueType, bool]:
    if contract.random.random() < 0.3:
        return F.LABEL_REPEATED, False
    return F.LABEL_OPTIONAL, file.syntax == "proto3" and contract.random.random() < 0.4


def add_field(contract: Contract, found: OfMessage) -> FieldDescriptorProto:
    label, optional = _label_for(contract, found.file)
    field = found.proto.field.add(
        name=contract.new_name("added_"),
        number=free_number(contract, found.proto),
        label=label,
        type=contract.pick(SCALARS),
    )
    if optional:
        field.proto3_optional = True
    settle_oneofs(found.proto)
    return field


def any_message(contract: Contract) -> OfMessage:
    return contract.pick(contract.messages())
