"""What really becomes of data between two versions of a contract: asked of the protobuf runtime, not of our rules.

Every message that both versions have is filled with many values by the one version, written, read by the other and
compared value by value. The runtime is google.protobuf (upb); JSON is its json_format in the strict form.
"""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from google.protobuf import descriptor_pool, json_format, message_factory, wrappers_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message import DecodeError

from protogate.compat.changes import Direction, Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

__all__ = ["RANK", "Format", "Observation", "Version", "observe", "worst"]

Format = Literal["wire", "json"]

_MILD_TO_BAD = (
    Effect.OK,
    Effect.NAME,
    Effect.DROP,
    Effect.UNKNOWN,
    Effect.RANGE,
    Effect.LAST,
    Effect.RAW,
    Effect.SWAP,
    Effect.LOST,
    Effect.KEY,
    Effect.ERROR,
)
RANK = {effect: rank for rank, effect in enumerate(_MILD_TO_BAD)}
"""How bad an effect is; the worst one speaks for a pair."""

_DEPTH = 2
"""Levels of submessages that get values; every type is a root of its own too."""


def worst(effects: Iterable[Effect]) -> Effect:
    """The worst of them, OK when there are none."""
    return max(effects, key=RANK.__getitem__, default=Effect.OK)


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen for one format and direction."""

    effect: Effect
    """The worst."""
    example: str
    """The document and the field that showed it."""


class Version:
    """One version of a contract with its own runtime types."""

    def __init__(self, files: Sequence[FileDescriptorProto], main: Iterable[str]) -> None:
        self.pool: DescriptorPool = descriptor_pool.DescriptorPool()
        for file in files:
            self.pool.Add(file)
        wanted = set(main)
        self.roots: dict[tuple[str, str], str] = {}
        """Full name by (file, name inside its package)."""
        self._bytes: dict[str, bytes] = {}
        for file in files:
            if file.name in wanted:
                for local in _local_names(file.message_type, ""):
                    full = f"{file.package}.{local}" if file.package else local
                    self.roots[file.name, local] = full

    def message(self, full_name: str) -> Descriptor:
        return self.pool.FindMessageTypeByName(full_name)

    def meaning(self, root: Descriptor) -> frozenset[tuple[str, bytes]]:
        """Everything that data of a type depends on: the descriptors that it reaches, each with its context."""
        found: dict[str, bytes] = {}
        todo: list[Descriptor | EnumDescriptor] = [root]
        while todo:
            one = todo.pop()
            if one.full_name in found:
                continue
            if one.full_name not in self._bytes:
                self._bytes[one.full_name] = self._context(one)
            found[one.full_name] = self._bytes[one.full_name]
            if isinstance(one, Descriptor):
                for field in (*one.fields, *self.pool.FindAllExtensions(one)):
                    held = field.message_type or field.enum_type
                    if held is not None:
                        todo.append(held)
        return frozenset(found.items())

    def _context(self, descriptor: Descriptor | EnumDescriptor) -> bytes:
        file = FileDescriptorProto()
        descriptor.file.CopyToProto(file)
        head = FileDescriptorProto(syntax=file.syntax, edition=file.edition)
        head.options.features.CopyFrom(file.options.features)
        parts: list[Message] = [head]
        holder = descriptor.containing_type
        while holder is not None:
            parts.append(holder.GetOptions())
            holder = holder.containing_type
        if isinstance(descriptor, EnumDescriptor):
            enum = EnumDescriptorProto()
            descriptor.CopyToProto(enum)
            parts.append(enum)
        else:
            message = DescriptorProto()
            descriptor.CopyToProto(message)
            parts.append(message)
            extensions = [_telling(one) for one in self.pool.FindAllExtensions(descriptor)]
            parts.append(FileDescriptorProto(dependency=sorted(extensions)))
        return b"|".join(one.SerializePartialToString(deterministic=True) for one in parts)


def _telling(extension: FieldDescriptor) -> str:
    shape = extension.type, extension.is_repeated, extension.is_required, extension.is_packed
    return f"{extension.full_name} {extension.number} {shape} {extension.default_value!r} {extension.GetOptions()!s}"


def _local_names(messages: Iterable[DescriptorProto], scope: str) -> Iterator[str]:
    for message in messages:
        if not message.options.map_entry:
            yield f"{scope}{message.name}"
            yield from _local_names(message.nested_type, f"{scope}{message.name}.")


def observe(old: Version, new: Version) -> dict[tuple[Format, Direction], Observation]:
    """The worst that happens to any document, by format and direction."""
    seen: dict[tuple[Format, Direction], Observation] = {}
    for direction, writer, reader in ((Direction.BACKWARD, old, new), (Direction.FORWARD, new, old)):
        found = _observe(writer, reader)
        for format_, observation in found.items():
            seen[format_, direction] = observation
    return seen


def _observe(writer: Version, reader: Version) -> dict[Format, Observation]:
    nothing = Observation(Effect.OK, "")
    found: dict[Format, Observation] = {"wire": nothing, "json": nothing}
    comparisons: dict[Format, _Comparison] = {
        format_: _Comparison(format_, writer.pool, reader.pool) for format_ in found
    }
    documents = _Documents(writer.pool)
    for written, read in _paired_roots(writer, reader):
        if writer.meaning(written) == reader.meaning(read):
            continue
        reader_class = message_factory.GetMessageClass(read)
        for document in documents.of(written, read, _DEPTH):
            for format_, comparison in comparisons.items():
                effect = comparison.transfer(document, reader_class())
                if RANK[effect] > RANK[found[format_].effect]:
                    example = f"{written.full_name} {{{document!s}}}".replace("\n", " ")
                    found[format_] = Observation(effect, example)
    return found


def _paired_roots(writer: Version, reader: Version) -> Iterator[tuple[Descriptor, Descriptor]]:
    """Messages that both have: under the same full name, or at the same place of the same file."""
    known = set(reader.roots.values())
    for place, full_name in writer.roots.items():
        counterpart = full_name if full_name in known else reader.roots.get(place)
        if counterpart is not None:
            yield writer.message(full_name), reader.message(counterpart)


# Documents


class _Documents:
    """Fills messages with values that a rule could trip over."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool

    def of(self, written: Descriptor, read: Descriptor | None, depth: int) -> Iterator[Message]:
        """Nothing, every field alone with each of its values, everything, and every two fields of a oneof."""
        yield self._new(written)
        values = {field: self._values(field, read, depth) for field in self._fields(written)}
        for field, candidates in values.items():
            for value in candidates:
                yield self._with(written, [(field, value)])
        telling = [(field, candidates[-1]) for field, candidates in values.items() if candidates]
        yield self._with(written, telling)
        if read is not None and read.oneofs:
            for pair in itertools.combinations(telling, 2):
                if _meet_in_oneof(read, pair[0][0], pair[1][0]):
                    yield self._with(written, pair)

    def _with(self, descriptor: Descriptor, settings: Iterable[tuple[FieldDescriptor, Any]]) -> Message:
        message = self._new(descriptor)
        for field, value in settings:
            _set(message, field, value)
        return message

    def _new(self, descriptor: Descriptor) -> Message:
        """The least that may be written: required fields only."""
        message: Message = message_factory.GetMessageClass(descriptor)()
        for field in descriptor.fields:
            if field.is_required:
                value = self._new(field.message_type) if field.message_type else _scalar_values(field)[-1]
                _set(message, field, value)
        return message

    def _fields(self, descriptor: Descriptor) -> list[FieldDescriptor]:
        return [*descriptor.fields, *self._pool.FindAllExtensions(descriptor)]

    def _values(self, field: FieldDescriptor, read: Descriptor | None, depth: int) -> list[Any]:
        counterparts = _counterparts(field, read)
        if _is_map(field):
            return self._maps(field, counterparts, depth)
        singles = self._singles(field, counterparts, depth)
        if not field.is_repeated:
            return singles
        return [*([value] for value in singles), [*singles, *singles[:1]], singles[:2], singles[-2:]]

    def _singles(self, field: FieldDescriptor, counterparts: Sequence[FieldDescriptor], depth: int) -> list[Any]:
        held = field.message_type
        if held is None:
            return _scalar_values(field)
        least = self._new(held)
        if depth == 0:
            return [least]
        readers = {one.message_type for one in counterparts}
        if all(one is not None and one.full_name == held.full_name for one in readers):
            # The type is a root of its own: what becomes of its fields is seen there.
            return [least, self._with(held, [(one, self._values(one, None, 0)[-1]) for one in held.fields])]
        found = [list(self.of(held, one, depth - 1)) for one in readers]
        return [document for documents in found for document in documents]

    def _maps(
        self, field: FieldDescriptor, counterparts: Sequence[FieldDescriptor], depth: int
    ) -> list[dict[Any, Any]]:
        key_field, value_field = _entry_fields(field)
        keys = _scalar_values(key_field)
        readers = [_entry_fields(one)[1] if _is_map(one) else one for one in counterparts]
        values = self._singles(value_field, readers, depth)
        singles = [{keys[-1]: value} for value in values] + [{key: values[-1]} for key in keys]
        return [*singles, dict(zip(keys, itertools.cycle(reversed(values)), strict=False))]


def _counterparts(field: FieldDescriptor, reader: Descriptor | None) -> list[FieldDescriptor]:
    """The fields that may read it: the one with its number, and the one with its key."""
    if reader is None or field.is_extension:
        return []
    found = (reader.fields_by_number.get(field.number), _field_of_key(reader, field.json_name))
    return [one for one in dict.fromkeys(found) if one is not None]


def _meet_in_oneof(reader: Descriptor, one: FieldDescriptor, other: FieldDescriptor) -> bool:
    oneofs = [{field.containing_oneof for field in _counterparts(member, reader)} for member in (one, other)]
    return bool((oneofs[0] & oneofs[1]) - {None})


_F = FieldDescriptor
_INT32 = [0, 1, 2, -1, -(2**31), 2**31 - 1]
_INT64 = [0, 1, 2, -1, -(2**63), 2**63 - 1]
_UINT32 = [0, 1, 2, 2**32 - 1]
_UINT64 = [0, 1, 2, 2**64 - 1]

_VALUES: dict[int, list[Any]] = {
    _F.TYPE_INT32: _INT32,
    _F.TYPE_SINT32: _INT32,
    _F.TYPE_SFIXED32: _INT32,
    _F.TYPE_INT64: _INT64,
    _F.TYPE_SINT64: _INT64,
    _F.TYPE_SFIXED64: _INT64,
    _F.TYPE_UINT32: _UINT32,
    _F.TYPE_FIXED32: _UINT32,
    _F.TYPE_UINT64: _UINT64,
    _F.TYPE_FIXED64: _UINT64,
    _F.TYPE_BOOL: [False, True],
    _F.TYPE_FLOAT: [0.0, 1.0, -1.5, 0.1, math.inf, math.nan, 1e38],
    _F.TYPE_DOUBLE: [0.0, 1.0, -1.5, 0.1, math.inf, math.nan, 1e308],
    # "AAAA" is base64 too, "1" a number and "\x08\x01" a message.
    _F.TYPE_STRING: ["", "1", "AAAA", "\x08\x01", "not base64: zażółć"],
    _F.TYPE_BYTES: [b"", b"a", b"\x08\x01", b"\xff\xfe"],
}


def _scalar_values(field: FieldDescriptor) -> list[Any]:
    if field.enum_type is not None:
        return [value.number for value in field.enum_type.values]
    return _VALUES[field.type]


def _set(message: Any, field: FieldDescriptor, value: Any) -> None:
    """Set a field or an extension of any shape, over what was there."""
    if field.is_extension:
        if field.is_repeated or field.message_type is not None:
            target = message.Extensions[field]
        else:
            message.Extensions[field] = value
            return
    elif field.is_repeated or field.message_type is not None:
        message.ClearField(field.name)
        target = getattr(message, field.name)
    else:
        setattr(message, field.name, value)
        return
    if _is_map(field):
        _set_map(target, field, value)
    elif field.is_repeated:
        target.extend(value)
    else:
        target.SetInParent()
        target.CopyFrom(value)


def _set_map(target: Any, field: FieldDescriptor, entries: dict[Any, Any]) -> None:
    _, value_field = _entry_fields(field)
    for key, value in entries.items():
        if value_field.message_type is not None:
            target[key].CopyFrom(value)
        else:
            target[key] = value


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.is_repeated and field.message_type is not None and field.message_type.GetOptions().map_entry)


def _entry_fields(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    by_number = _held(field).fields_by_number
    return by_number[1], by_number[2]


def _held(field: FieldDescriptor) -> Descriptor:
    """The message type of a field that has one."""
    held = field.message_type
    assert held is not None, field.full_name
    return held


def _type_of(message: Message) -> Descriptor:
    # The stubs know two classes of descriptors; there is one.
    return cast("Descriptor", message.DESCRIPTOR)


# Comparison


@dataclass(frozen=True, slots=True)
class _Holder:
    """A message, or an entry of a map seen as one."""

    descriptor: Descriptor
    message: Any
    entry: tuple[Any, Any] | None = None

    def encoded(self) -> bytes | None:
        """Its bytes; None for the entry of a map."""
        if self.message is None:
            return None
        encoded: bytes = self.message.SerializePartialToString()
        return encoded

    def set_fields(self) -> list[tuple[FieldDescriptor, list[Any]]]:
        """The fields that hold something, each with its elements."""
        if self.entry is not None:
            return [(field, self.elements(field)) for field in self.descriptor.fields]
        return [(field, self.elements(field)) for field, _ in self.message.ListFields()]

    def elements(self, field: FieldDescriptor) -> list[Any]:
        """What the application sees: no element for an absent field, one for a singular one."""
        if self.entry is not None:
            return [_wrap(field, self.entry[field.number - 1])]
        value = self.message.Extensions[field] if field.is_extension else getattr(self.message, field.name)
        if _is_map(field):
            return [_Holder(_held(field), None, (key, value[key])) for key in value]
        if field.is_repeated:
            return [_wrap(field, one) for one in value]
        return [_wrap(field, value)] if self._is_present(field) else []

    def _is_present(self, field: FieldDescriptor) -> bool:
        if field.is_extension:
            return bool(self.message.HasExtension(field))
        return not field.has_presence or bool(self.message.HasField(field.name))


def _wrap(field: FieldDescriptor, value: Any) -> Any:
    return value if field.message_type is None else _Holder(_held(field), value)


class _Comparison:
    """Compares what was written with what was read, in the words of one format."""

    def __init__(self, format_: Format, writer_pool: DescriptorPool, reader_pool: DescriptorPool) -> None:
        self._json = format_ == "json"
        self._writer_pool = writer_pool
        self._pool = reader_pool

    def transfer(self, written: Message, read: Message) -> Effect:
        """Write the one, read it into the other, and say what became of it."""
        failure = self._read_json(written, read) if self._json else _read_binary(written, read)
        if failure is not None:
            return failure
        try:
            return worst(self._messages(_Holder(_type_of(written), written), _Holder(_type_of(read), read)))
        except UnicodeDecodeError:
            # A string whose bytes were not checked when they came in fails when it is looked at.
            return Effect.ERROR

    def _read_json(self, written: Message, read: Message) -> Effect | None:
        try:
            text = json_format.MessageToJson(written, descriptor_pool=self._writer_pool)
        except (json_format.SerializeToJsonError, TypeError):
            # A Timestamp of any number and an Any of no known type have no JSON form: nothing was written.
            return Effect.OK
        try:
            json_format.Parse(text, read, descriptor_pool=self._pool)
        except json_format.ParseError as error:
            if _has_text_for_message(json.loads(text), _type_of(read)):
                return Effect.ERROR
            return _refusal(str(error))
        return None

    def _messages(self, written: _Holder, read: _Holder) -> Iterator[Effect]:
        listed = written.set_fields()
        for field, elements in listed:
            counterpart = self._counterpart(field, read.descriptor)
            if counterpart is None:
                yield Effect.DROP
                continue
            if self._is_swapped(field, counterpart, read.descriptor):
                yield Effect.SWAP
            yield from self._fields(field, elements, counterpart, read.elements(counterpart))
        if written.entry is None:
            yield from self._unwritten_zeros(written.descriptor, {field for field, _ in listed}, read)

    def _unwritten_zeros(self, written: Descriptor, set_: set[FieldDescriptor], read: _Holder) -> Iterator[Effect]:
        """A zero that is not written reads as the default that the reader has for the field."""
        for field in written.fields:
            if field in set_ or field.has_presence or field.is_repeated:
                continue
            counterpart = self._counterpart(field, read.descriptor)
            if counterpart is None or counterpart.is_repeated or counterpart.message_type is not None:
                continue
            if not read.elements(counterpart) and counterpart.default_value:
                yield Effect.LOST

    def _counterpart(self, field: FieldDescriptor, reader: Descriptor) -> FieldDescriptor | None:
        if field.is_extension:
            known = self._pool.FindAllExtensions(reader)
            wanted = field.full_name if self._json else field.number
            return next((one for one in known if wanted in (one.full_name, one.number)), None)
        if not self._json:
            return reader.fields_by_number.get(field.number)
        return _field_of_key(reader, field.json_name)

    def _is_swapped(self, field: FieldDescriptor, counterpart: FieldDescriptor, reader: Descriptor) -> bool:
        """Whether the reader knows the field of that name, but as another one."""
        if field.is_extension or field.name == counterpart.name:
            return False
        return field.name in reader.fields_by_name

    def _fields(
        self, field: FieldDescriptor, written: list[Any], counterpart: FieldDescriptor, read: list[Any]
    ) -> Iterator[Effect]:
        if _is_map(counterpart) or (_is_map(field) and counterpart.is_repeated):
            yield from self._entries(field, written, counterpart, read)
        elif counterpart.is_repeated:
            if len(written) != len(read):
                yield Effect.LOST
                return
            for one, other in zip(written, read, strict=True):
                yield from self._values(field, one, counterpart, other)
        elif not read:
            yield Effect.LOST
        elif len(written) == 1:
            yield from self._values(field, written[0], counterpart, read[0])
        else:
            yield Effect.LAST
            # The entries of a map are written in any order: any of them may be the last.
            candidates = written if _is_map(field) else written[-1:]
            yield self._best(field, candidates, counterpart, read)

    def _entries(
        self, field: FieldDescriptor, written: list[Any], counterpart: FieldDescriptor, read: list[Any]
    ) -> Iterator[Effect]:
        """Maps have no order, and the last entry of a key wins."""
        if field.message_type is None:
            yield Effect.LOST
            return
        if _is_map(counterpart) and not _is_map(field) and len(written) > len(read):
            yield Effect.LAST
            by_key = {_key_of(one): one for one in written}
            written = list(by_key.values())
        effects = [self._best(field, [one], counterpart, read) for one in written]
        if _is_map(field) and _is_map(counterpart) and not _holds_keys(counterpart, written):
            # Keys that are cut to size meet other keys.
            effects = [Effect.RANGE if effect is Effect.LOST else effect for effect in effects]
        yield from effects

    def _best(
        self, field: FieldDescriptor, written: list[Any], counterpart: FieldDescriptor, read: list[Any]
    ) -> Effect:
        """The mildest that any two of them give."""
        effects = [
            worst(self._values(field, one, counterpart, other)) for one, other in itertools.product(written, read)
        ]
        return min(effects, key=RANK.__getitem__, default=Effect.LOST)

    def _values(
        self, field: FieldDescriptor, written: Any, counterpart: FieldDescriptor, read: Any
    ) -> Iterator[Effect]:
        if self._json:
            field, written = _unwrapped(field, written)
            counterpart, read = _unwrapped(counterpart, read)
        match isinstance(written, _Holder), isinstance(read, _Holder):
            case True, True:
                yield from self._messages(written, read)
            case True, False:
                yield Effect.RAW if not self._json and read == written.encoded() else Effect.LOST
            case False, True:
                yield Effect.RAW if read.encoded() == written else Effect.LOST
            case _:
                yield self._scalars(field, written, counterpart, read)

    def _scalars(self, field: FieldDescriptor, written: Any, counterpart: FieldDescriptor, read: Any) -> Effect:
        if counterpart.enum_type is not None and field.enum_type is not None:
            return self._symbols(field.enum_type, written, counterpart.enum_type, read)
        if isinstance(written, str | bytes) or isinstance(read, str | bytes):
            if self._json and _is_key(counterpart):
                # Keys of JSON objects are strings, whatever the type of the key.
                written, read = str(written), str(read)
            return Effect.OK if _as_bytes(written) == _as_bytes(read) else Effect.LOST
        if written == read or (written != written and read != read):  # noqa: PLR0124 - NaN
            unnamed = counterpart.enum_type is not None and read not in counterpart.enum_type.values_by_number
            return Effect.UNKNOWN if unnamed else Effect.OK
        return Effect.LOST if _holds(counterpart, written) else Effect.RANGE

    def _symbols(self, old: EnumDescriptor, written: int, new: EnumDescriptor, read: int) -> Effect:
        symbols = {value.name for value in old.values if value.number == written}
        read_as = {value.name for value in new.values if value.number == read}
        if symbols & read_as:
            return Effect.OK
        if self._json or read != written:
            return Effect.LOST
        if not read_as:
            return Effect.UNKNOWN
        return Effect.SWAP if symbols & set(new.values_by_name) else Effect.NAME


_WRAPPERS = frozenset(wrappers_pb2.DESCRIPTOR.message_types_by_name)


def _unwrapped(field: FieldDescriptor, value: Any) -> tuple[FieldDescriptor, Any]:
    """A wrapper's value: in JSON that is all there is."""
    if isinstance(value, _Holder) and value.descriptor.full_name.removeprefix("google.protobuf.") in _WRAPPERS:
        return value.descriptor.fields_by_name["value"], value.message.value
    return field, value


def _read_binary(written: Message, read: Message) -> Effect | None:
    try:
        read.ParseFromString(written.SerializeToString())
    except DecodeError:
        return Effect.ERROR
    # Python does not check what C++, Java and Go refuse: a required field that is not there.
    return None if read.IsInitialized() else Effect.ERROR


def _refusal(message: str) -> Effect:
    unknown = "has no field named" in message or "Invalid enum value" in message
    return Effect.KEY if unknown and not _is_number_refused(message) else Effect.ERROR


def _has_text_for_message(document: dict[str, Any], reader: Descriptor) -> bool:
    """Whether a message gets a string, which json_format takes for a list of keys, each a letter."""
    for key, value in document.items():
        field = _field_of_key(reader, key)
        if field is None or field.message_type is None or field.message_type.full_name.startswith("google.protobuf."):
            continue
        if _is_map(field):
            field = _entry_fields(field)[1]
            elements = list(value.values()) if isinstance(value, dict) else []
        else:
            elements = value if isinstance(value, list) else [value]
        if field.message_type is not None and any(
            isinstance(one, str) or (isinstance(one, dict) and _has_text_for_message(one, field.message_type))
            for one in elements
        ):
            return True
    return False


def _field_of_key(reader: Descriptor, key: str) -> FieldDescriptor | None:
    by_json_name = next((one for one in reader.fields if one.json_name == key), None)
    return by_json_name or reader.fields_by_name.get(key)


def _is_number_refused(message: str) -> bool:
    """A closed enum refuses numbers: no symbol is missing."""
    _, found, rest = message.partition("Invalid enum value ")
    return bool(found) and rest.split(" ")[0].lstrip("-").isdigit()


def _key_of(entry: _Holder) -> Any:
    if entry.entry is not None:
        return entry.entry[0]
    field = entry.descriptor.fields_by_number.get(1)
    elements = entry.elements(field) if field is not None else []
    return elements[0] if elements else None


def _holds_keys(field: FieldDescriptor, entries: Iterable[_Holder]) -> bool:
    key_field, _ = _entry_fields(field)
    return all(isinstance(_key_of(one), str) or _holds(key_field, _key_of(one)) for one in entries)


def _is_key(field: FieldDescriptor) -> bool:
    holder = field.containing_type
    return bool(field.number == 1 and holder is not None and holder.GetOptions().map_entry)


def _as_bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


_RANGES: dict[int, tuple[int, int]] = {
    **dict.fromkeys((_F.TYPE_INT32, _F.TYPE_SINT32, _F.TYPE_SFIXED32, _F.TYPE_ENUM), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((_F.TYPE_INT64, _F.TYPE_SINT64, _F.TYPE_SFIXED64), (-(2**63), 2**63 - 1)),
    **dict.fromkeys((_F.TYPE_UINT32, _F.TYPE_FIXED32), (0, 2**32 - 1)),
    **dict.fromkeys((_F.TYPE_UINT64, _F.TYPE_FIXED64), (0, 2**64 - 1)),
    _F.TYPE_BOOL: (0, 1),
}


def _holds(field: FieldDescriptor, value: Any) -> bool:
    """Whether the type of the field could hold the value, so that another one is a loss and no overflow."""
    bounds = _RANGES.get(field.type)
    return bounds is None or isinstance(value, float) or bounds[0] <= value <= bounds[1]
