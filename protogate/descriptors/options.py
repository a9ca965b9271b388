"""Custom options, read with the extension descriptors that the schema itself carries.

A plugin therefore needs no generated module of anybody's options, and options that a team defines for itself work like
those of buf.validate or google.api.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pool, message_factory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.message import Message

__all__ = ["OptionReader"]

_DESCRIPTOR_PROTO: Final = "google/protobuf/descriptor.proto"


class OptionReader:
    """Reads extensions of `google.protobuf.*Options`."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        by_name = {file.name: file for file in files}
        self._pool: Final = descriptor_pool.DescriptorPool()
        self._classes: Final[dict[str, type[Message]]] = {}
        self._parsed: Final[dict[tuple[str, bytes], Message]] = {}
        self._extensions: Final[dict[str, tuple[FieldDescriptor, bytes] | None]] = {}
        self._own_predefined: Final[list[str]] = []
        for name in _with_imports(_extending_files(by_name.values()), by_name):
            self._pool.Add(by_name[name])

    def read(self, options: Message, extension: str) -> Any | None:  # noqa: ANN401 - an option is of any type
        """The value of `extension` on a descriptor's `options`, or None when it is not set there.

        A message-typed value is a message of this reader's own pool: read it by field name.
        """
        known = self._lookup(extension)
        if known is None:
            return None
        descriptor, tag = known
        raw = options.SerializeToString(deterministic=True)
        if tag not in raw:
            return None
        parsed = self._parse(type(options).DESCRIPTOR.full_name, raw)
        extensions: Any = parsed.Extensions  # indexed by dynamic descriptors, which the stubs do not foresee
        if descriptor.is_repeated:
            return extensions[descriptor] or None
        return extensions[descriptor] if descriptor in extensions else None  # noqa: SIM401 - upb has no get()

    def knows(self, extension: str) -> bool:
        """Whether any file of the schema declares `extension`; when not, nothing can carry it."""
        return self._lookup(extension) is not None

    def message_class(self, full_name: str) -> type[Message]:
        """The class of a message that option files declare, for reading option values."""
        found = self._classes.get(full_name)
        if found is None:
            descriptor = self._pool.FindMessageTypeByName(full_name)
            found = self._classes[full_name] = message_factory.GetMessageClass(descriptor)
        return found

    def _lookup(self, extension: str) -> tuple[FieldDescriptor, bytes] | None:
        if extension not in self._extensions:
            try:
                descriptor = self._pool.FindExtensionByName(extension)
            except KeyError:
                self._extensions[extension] = None
            else:
                self._extensions[extension] = (descriptor, _tag_bytes(descriptor))
        return self._extensions[extension]

    def _parse(self, options_type: str, raw: bytes) -> Message:
        key = (options_type, raw)
        parsed = self._parsed.get(key)
        if parsed is None:
            parsed = self._parsed[key] = self.message_class(options_type).FromString(raw)
        return parsed


def _tag_bytes(descriptor: FieldDescriptor) -> bytes:
    """Bytes that the option's wire form must hold, cheap to look for.

    For a message its tag; for others the tag less its first byte, which depends on the wire type (option numbers are
    above 15, so there is always a second one).
    """
    tag = _varint(descriptor.number << 3 | 2)
    return tag if descriptor.message_type is not None else tag[1:]


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        encoded.append((value & 0x7F) | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _extending_files(files: Iterable[FileDescriptorProto]) -> Iterator[str]:
    for file in files:
        if file.extension or any(_declares_extension(m) for m in file.message_type):
            yield file.name


def _declares_extension(message: Any) -> bool:  # noqa: ANN401 - DescriptorProto, imported for typing only elsewhere
    return bool(message.extension) or any(_declares_extension(m) for m in message.nested_type)


def _with_imports(names: Iterable[str], by_name: dict[str, FileDescriptorProto]) -> list[str]:
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in ordered or name not in by_name:
            return
        for dependency in by_name[name].dependency:
            visit(dependency)
        ordered[name] = None

    visit(_DESCRIPTOR_PROTO)
    for name in names:
        visit(name)
    return list(ordered)
