"""Descriptor to .proto text: what is printed compiles back to an equal descriptor.

Proto2, proto3 and editions. Comments are no part of what a descriptor means and are not printed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from protogate.vendor.option_text import Setting, indent, quote, settings
from protogate.vendor.scopes import declared_symbols, qualify, reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import (
        EnumDescriptorProto,
        EnumValueDescriptorProto,
        FileDescriptorProto,
        MethodDescriptorProto,
        OneofDescriptorProto,
        ServiceDescriptorProto,
    )
    from google.protobuf.message import Message

    _Element: TypeAlias = (
        FileDescriptorProto
        | DescriptorProto
        | DescriptorProto.ExtensionRange
        | FieldDescriptorProto
        | OneofDescriptorProto
        | EnumDescriptorProto
        | EnumValueDescriptorProto
        | ServiceDescriptorProto
        | MethodDescriptorProto
    )
    _Nested: TypeAlias = Mapping[str, DescriptorProto]

__all__ = ["print_file"]

_DESCRIPTOR_PROTO = "google/protobuf/descriptor.proto"
_LONGEST_LINE = 100
_HIGHEST_NUMBERS = frozenset({536_870_911, 2_147_483_647})
"""What `max` stands for: of fields, and of message sets and enums."""


def print_file(file: FileDescriptorProto, imports: Iterable[FileDescriptorProto] = ()) -> str:
    """Print `file` as .proto text; `imports` are the files that it imports, transitively.

    Raises:
        UserError: an option is set that neither `file` nor `imports` declare.
    """
    return "\n".join(_FilePrinter(file, tuple(imports)).lines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Unit:
    """Fields that stand together: one field, a oneof or an extend block."""

    lines: tuple[str, ...]
    declares: frozenset[str]
    """The nested messages that these fields declare by the way: map entries and groups."""


class _FilePrinter:
    """Prints the elements of one file; each method yields the lines of what it is called after."""

    def __init__(self, file: FileDescriptorProto, imports: Sequence[FileDescriptorProto]) -> None:
        self._file = file
        self._syntax = file.syntax or "proto2"
        self._symbols = declared_symbols((file, *imports))
        self._pool = _pool_of((*imports, file))

    def lines(self) -> Iterator[str]:
        file = self._file
        yield self._syntax_line()
        if file.package:
            yield from ("", f"package {file.package};")
        yield from _after_blank(self._import_lines())
        yield from _after_blank(self._option_lines(file, file.package))
        for enum in file.enum_type:
            yield from ("", *self._enum(enum, file.package))
        nested = _by_full_name(file.message_type, file.package)
        extensions = self._extension_units(file.extension, nested, file.package)
        for lines in self._interleave((extensions,), nested, file.package):
            yield from ("", *lines)
        for service in file.service:
            yield from ("", *self._service(service, file.package))

    def _syntax_line(self) -> str:
        if self._syntax != "editions":
            return f'syntax = "{self._syntax}";'
        name = descriptor_pb2.Edition.Name(self._file.edition)
        return f'edition = "{name.removeprefix("EDITION_")}";'

    def _import_lines(self) -> Iterator[str]:
        file = self._file
        for index, path in enumerate(file.dependency):
            public = "public " if index in file.public_dependency else ""
            weak = "weak " if index in file.weak_dependency else ""
            yield f"import {public}{weak}{quote(path)};"
        for path in file.option_dependency:
            yield f"import option {quote(path)};"

    def _message(self, message: DescriptorProto, scope: str) -> Iterator[str]:
        body = self._message_body(message, qualify(scope, message.name))
        yield from _block([f"{_visibility(message)}message {message.name}"], body)

    def _message_body(self, message: DescriptorProto, scope: str) -> Iterator[str]:
        yield from self._option_lines(message, scope)
        yield from self._reserved(message, past_end=1)
        for extension_range in message.extension_range:
            numbers = _range(extension_range.start, extension_range.end - 1)
            listed = self._settings(extension_range, scope)
            yield from _with_settings(f"extensions {numbers}", listed, ";")
        for enum in message.enum_type:
            yield from self._enum(enum, scope)
        nested = _by_full_name(message.nested_type, scope)
        fields = self._field_units(message, nested, scope)
        extensions = self._extension_units(message.extension, nested, scope)
        for lines in self._interleave((fields, extensions), nested, scope):
            yield from lines

    def _interleave(self, queues: Sequence[deque[_Unit]], nested: _Nested, scope: str) -> Iterator[Iterable[str]]:
        """Order nested messages, fields and extensions so that each list compiles back as it is.

        A message that a field declares by the way has its place among the nested messages, and that
        fixes how many fields stand before the next nested message.
        """
        owners = {name: queue for queue in queues for unit in queue for name in unit.declares}
        for full_name, message in nested.items():
            queue = owners.get(full_name)
            if queue is None:
                yield self._message(message, scope)
                continue
            # The second group of a oneof finds its unit gone: the first one took it.
            while any(full_name in unit.declares for unit in queue):
                yield queue.popleft().lines
        for queue in queues:
            yield from (unit.lines for unit in queue)

    def _field_units(self, message: DescriptorProto, nested: _Nested, scope: str) -> deque[_Unit]:
        units: deque[_Unit] = deque()
        printed: set[int] = set()
        for field in message.field:
            if not _in_oneof(field):
                units.append(self._unit([field], nested, self._field(field, nested, scope)))
            elif field.oneof_index not in printed:
                printed.add(field.oneof_index)
                units.append(self._oneof(message, field.oneof_index, nested, scope))
        return units

    def _oneof(self, message: DescriptorProto, index: int, nested: _Nested, scope: str) -> _Unit:
        oneof = message.oneof_decl[index]
        fields = [f for f in message.field if _in_oneof(f) and f.oneof_index == index]
        options = self._option_lines(oneof, qualify(scope, oneof.name))
        body = [*options, *self._fields(fields, nested, scope)]
        return self._unit(fields, nested, _block([f"oneof {oneof.name}"], body))

    def _extension_units(self, extensions: Iterable[FieldDescriptorProto], nested: _Nested, scope: str) -> deque[_Unit]:
        units: deque[_Unit] = deque()
        for extendee, alike in groupby(extensions, key=lambda extension: extension.extendee):
            head = f"extend {self._reference(extendee, scope)}"
            for fields in _cut_after_groups(alike):
                body = self._fields(fields, nested, scope)
                units.append(self._unit(fields, nested, _block([head], body)))
        return units

    def _unit(self, fields: Iterable[FieldDescriptorProto], nested: _Nested, lines: Iterable[str]) -> _Unit:
        declares = (
            field.type_name for field in fields if self._is_group(field) or _map_entry(field, nested) is not None
        )
        return _Unit(tuple(lines), frozenset(declares))

    def _fields(self, fields: Iterable[FieldDescriptorProto], nested: _Nested, scope: str) -> Iterator[str]:
        for field in fields:
            yield from self._field(field, nested, scope)

    def _field(self, field: FieldDescriptorProto, nested: _Nested, scope: str) -> Iterator[str]:
        full_name = qualify(scope, field.name)
        listed = [*_pseudo_options(field), *self._settings(field, full_name)]
        if self._is_group(field):
            group = nested[field.type_name]
            head = f"{self._label(field)}group {group.name} = {field.number}"
            body = self._message_body(group, qualify(scope, group.name))
            yield from _block([*_with_settings(head, listed, "")], body)
            return
        entry = _map_entry(field, nested)
        if entry is None:
            kind = self._label(field) + self._type(field, full_name)
        else:
            key, value = (self._type(part, full_name) for part in entry.field)
            kind = f"map<{key}, {value}>"
        yield from _with_settings(f"{kind} {field.name} = {field.number}", listed, ";")

    def _is_group(self, field: FieldDescriptorProto) -> bool:
        # In editions a delimited field is an ordinary one with a feature.
        return self._syntax == "proto2" and field.type == FieldDescriptorProto.TYPE_GROUP

    def _label(self, field: FieldDescriptorProto) -> str:
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            return "repeated "
        if _in_oneof(field):
            return ""
        if self._syntax == "proto2":
            required = field.label == FieldDescriptorProto.LABEL_REQUIRED
            return "required " if required else "optional "
        return "optional " if field.proto3_optional else ""

    def _type(self, field: FieldDescriptorProto, scope: str) -> str:
        if field.type_name:
            return self._reference(field.type_name, scope)
        return FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()

    def _enum(self, enum: EnumDescriptorProto, scope: str) -> Iterator[str]:
        body = [*self._option_lines(enum, qualify(scope, enum.name))]
        for value in enum.value:
            listed = self._settings(value, qualify(scope, value.name))
            body += _with_settings(f"{value.name} = {value.number}", listed, ";")
        body += self._reserved(enum, past_end=0)
        yield from _block([f"{_visibility(enum)}enum {enum.name}"], body)

    def _reserved(self, element: DescriptorProto | EnumDescriptorProto, *, past_end: int) -> Iterator[str]:
        if element.reserved_range:
            ranges = (_range(r.start, r.end - past_end) for r in element.reserved_range)
            yield f"reserved {', '.join(ranges)};"
        if element.reserved_name:
            bare = self._syntax == "editions"
            names = (name if bare else quote(name) for name in element.reserved_name)
            yield f"reserved {', '.join(names)};"

    def _service(self, service: ServiceDescriptorProto, scope: str) -> Iterator[str]:
        full_name = qualify(scope, service.name)
        body = [*self._option_lines(service, full_name)]
        for method in service.method:
            body += self._method(method, qualify(full_name, method.name))
        yield from _block([f"service {service.name}"], body)

    def _method(self, method: MethodDescriptorProto, scope: str) -> Iterator[str]:
        request = _streamed(self._reference(method.input_type, scope), method.client_streaming)
        response = _streamed(self._reference(method.output_type, scope), method.server_streaming)
        head = f"rpc {method.name}({request}) returns ({response})"
        if method.HasField("options"):
            # Braces alone already make a compiler set (empty) options.
            yield from _block([head], self._option_lines(method, scope))
        else:
            yield f"{head};"

    def _option_lines(self, element: _Element, scope: str) -> Iterator[str]:
        for setting in self._settings(element, scope):
            *lines, last = _setting_lines(setting)
            first, *rest = (*lines, f"{last};")
            yield from (f"option {first}", *rest)

    def _settings(self, element: _Element, scope: str) -> Iterator[Setting]:
        if not element.HasField("options"):
            return iter(())
        return settings(
            self._with_known_extensions(element.options),
            lambda full_name: self._reference(full_name, scope),
        )

    def _with_known_extensions(self, options: Message) -> Message:
        """Read `options` again by the class of our own pool, which knows what the imports declare."""
        kind = self._pool.FindMessageTypeByName(options.DESCRIPTOR.full_name)
        return message_factory.GetMessageClass(kind).FromString(options.SerializeToString())

    def _reference(self, full_name: str, scope: str) -> str:
        return reference(full_name, scope=scope, package=self._file.package, symbols=self._symbols)


def _pool_of(files: Iterable[FileDescriptorProto]) -> descriptor_pool.DescriptorPool:
    """Build a pool of `files`, dependencies first."""
    waiting = {file.name: file for file in files}
    if _DESCRIPTOR_PROTO not in waiting:
        own = descriptor_pb2.FileDescriptorProto()
        descriptor_pb2.DESCRIPTOR.CopyToProto(own)
        waiting[_DESCRIPTOR_PROTO] = own
    pool = descriptor_pool.DescriptorPool()

    def add(name: str) -> None:
        file = waiting.pop(name, None)
        if file is None:
            return
        for dependency in (*file.dependency, *file.option_dependency):
            add(dependency)
        pool.AddSerializedFile(file.SerializeToString())

    for name in tuple(waiting):
        add(name)
    return pool


def _by_full_name(messages: Iterable[DescriptorProto], scope: str) -> _Nested:
    return {f".{qualify(scope, message.name)}": message for message in messages}


def _in_oneof(field: FieldDescriptorProto) -> bool:
    # The oneof of a proto3 optional field is made up by the compiler.
    return field.HasField("oneof_index") and not field.proto3_optional


def _map_entry(field: FieldDescriptorProto, nested: _Nested) -> DescriptorProto | None:
    message = nested.get(field.type_name)
    return message if message is not None and message.options.map_entry else None


def _cut_after_groups(fields: Iterable[FieldDescriptorProto]) -> Iterator[list[FieldDescriptorProto]]:
    """Cut extensions into blocks; a group ends one, since a nested message may have to follow it."""
    block: list[FieldDescriptorProto] = []
    for field in fields:
        block.append(field)
        if field.type == FieldDescriptorProto.TYPE_GROUP:
            yield block
            block = []
    if block:
        yield block


def _pseudo_options(field: FieldDescriptorProto) -> Iterator[Setting]:
    """Yield what is written like an option of a field but is a property of its own."""
    if field.HasField("default_value"):
        text = field.default_value
        if field.type == FieldDescriptorProto.TYPE_STRING:
            text = quote(text)
        elif field.type == FieldDescriptorProto.TYPE_BYTES:
            # The default of a bytes field is kept escaped.
            text = f'"{text}"'
        yield Setting("default", (text,))
    if field.json_name not in ("", _default_json_name(field.name)) and not field.extendee:
        yield Setting("json_name", (quote(field.json_name),))


def _default_json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _visibility(element: DescriptorProto | EnumDescriptorProto) -> str:
    if element.visibility == descriptor_pb2.VISIBILITY_UNSET:
        return ""
    name = descriptor_pb2.SymbolVisibility.Name(element.visibility)
    return f"{name.removeprefix('VISIBILITY_').lower()} "


def _streamed(type_name: str, streaming: bool) -> str:  # noqa: FBT001 - a private pair of two words
    return f"stream {type_name}" if streaming else type_name


def _range(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first} to {'max' if last in _HIGHEST_NUMBERS else last}"


def _after_blank(lines: Iterable[str]) -> Iterator[str]:
    listed = [*lines]
    if listed:
        yield from ("", *listed)


def _block(head: Sequence[str], body: Iterable[str]) -> Iterator[str]:
    *lines, last = head
    listed = [*body]
    if not listed:
        yield from (*lines, f"{last} {{}}")
        return
    yield from (*lines, f"{last} {{", *indent(listed), "}")


def _with_settings(head: str, listed: Iterable[Setting], end: str) -> Iterator[str]:
    """Add an option list to `head`: on the same line if it fits, else one setting a line."""
    blocks = [[*_setting_lines(setting)] for setting in listed]
    if not blocks:
        yield f"{head}{end}"
        return
    if len(blocks) == 1:
        only = [*blocks[0]]
        only[0] = f"{head} [{only[0]}"
        only[-1] = f"{only[-1]}]{end}"
        yield from only
        return
    one_line = f"{head} [{', '.join(line for block in blocks for line in block)}]{end}"
    if all(len(block) == 1 for block in blocks) and len(one_line) <= _LONGEST_LINE:
        yield one_line
        return
    yield f"{head} ["
    for block in blocks[:-1]:
        yield from indent([*block[:-1], f"{block[-1]},"])
    yield from indent(blocks[-1])
    yield f"]{end}"


def _setting_lines(setting: Setting) -> Iterator[str]:
    first, *rest = setting.value
    yield f"{setting.name} = {first}"
    yield from rest
