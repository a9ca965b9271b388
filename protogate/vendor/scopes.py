"""The shortest way to name a type or an extension that a compiler still reads as the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FileDescriptorProto,
    )

__all__ = ["declared_symbols", "qualify", "reference"]

_WORDS_THAT_START_A_STATEMENT = frozenset(
    (
        "bool",
        "bytes",
        "double",
        "edition",
        "enum",
        "export",
        "extend",
        "extensions",
        "fixed32",
        "fixed64",
        "float",
        "group",
        "import",
        "int32",
        "int64",
        "local",
        "map",
        "max",
        "message",
        "oneof",
        "option",
        "optional",
        "package",
        "public",
        "repeated",
        "required",
        "reserved",
        "returns",
        "rpc",
        "service",
        "sfixed32",
        "sfixed64",
        "sint32",
        "sint64",
        "stream",
        "string",
        "syntax",
        "to",
        "uint32",
        "uint64",
        "weak",
    )
)


def qualify(scope: str, name: str) -> str:
    """Give the full name of what is called `name` inside `scope`."""
    return f"{scope}.{name}" if scope else name


def reference(full_name: str, *, scope: str, package: str, symbols: frozenset[str]) -> str:
    """Write a reference to `full_name` that means the same when it stands inside `scope`.

    A compiler looks for the first part of a name from the innermost scope outwards and stops at
    the first hit, so a name is short only as long as nothing in between bears its first part.
    """
    target = full_name.removeprefix(".")
    for candidate in (target.removeprefix(f"{package}."), target):
        first = candidate.partition(".")[0]
        if first in _WORDS_THAT_START_A_STATEMENT:
            continue
        if _resolve(candidate, first, scope, symbols) == target:
            return candidate
    return f".{target}"


def declared_symbols(files: Iterable[FileDescriptorProto]) -> frozenset[str]:
    """Collect the full name of everything that `files` declare, packages included."""
    return frozenset(symbol for file in files for symbol in _file_symbols(file))


def _resolve(name: str, first: str, scope: str, symbols: frozenset[str]) -> str | None:
    for enclosing in _outwards(scope):
        if qualify(enclosing, first) in symbols:
            return qualify(enclosing, name)
    return None


def _outwards(scope: str) -> Iterator[str]:
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ""


def _file_symbols(file: FileDescriptorProto) -> Iterator[str]:
    yield from (package for package in _outwards(file.package) if package)
    for message in file.message_type:
        yield from _message_symbols(message, file.package)
    for enum in file.enum_type:
        yield from _enum_symbols(enum, file.package)
    for extension in file.extension:
        yield qualify(file.package, extension.name)
    for service in file.service:
        full_name = qualify(file.package, service.name)
        yield full_name
        yield from (qualify(full_name, method.name) for method in service.method)


def _message_symbols(message: DescriptorProto, scope: str) -> Iterator[str]:
    full_name = qualify(scope, message.name)
    yield full_name
    yield from (qualify(full_name, field.name) for field in (*message.field, *message.extension))
    yield from (qualify(full_name, oneof.name) for oneof in message.oneof_decl)
    for nested in message.nested_type:
        yield from _message_symbols(nested, full_name)
    for enum in message.enum_type:
        yield from _enum_symbols(enum, full_name)


def _enum_symbols(enum: EnumDescriptorProto, scope: str) -> Iterator[str]:
    yield qualify(scope, enum.name)
    # A value is a sibling of its enum, not a child.
    yield from (qualify(scope, value.name) for value in enum.value)
