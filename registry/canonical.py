"""One form for every way to write a schema, so that text and descriptors of the same schema are the same content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from protogate.descriptors.wire import WireError, iterate_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto

__all__ = ["parse_file", "parse_image", "sort_file", "strip_to_canonical"]


def _class_of(name: str) -> type[Any]:
    """Give a message class that knows no extension, whatever else this process has imported.

    An extension that is known is read and written as a field; one that is unknown stays the bytes it was.
    """
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(name))


_POOL: Final = descriptor_pool.DescriptorPool()
_POOL.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
_FILE: Final = _class_of("google.protobuf.FileDescriptorProto")
_IMAGE: Final = _class_of("google.protobuf.FileDescriptorSet")


def parse_file(data: bytes) -> FileDescriptorProto:
    """Read a serialized FileDescriptorProto and keep its options as bytes.

    Raises:
        DecodeError: it is none.
    """
    file: FileDescriptorProto = _FILE.FromString(data)
    return file


def parse_image(data: bytes) -> tuple[FileDescriptorProto, ...]:
    """Read a serialized FileDescriptorSet and keep its options as bytes.

    Raises:
        DecodeError: it is none.
    """
    return tuple(_IMAGE.FromString(data).file)


def strip_to_canonical(file: FileDescriptorProto) -> bytes:
    """Serialize what protoc wrote without name and source info, which are taken out of `file`; options by number.

    protoc has filled in JSON names, and says proto2 by saying nothing.
    """
    file.ClearField("name")
    file.ClearField("source_code_info")
    for element in _elements(file):
        if element.HasField("options"):
            _order(element.options)
    return file.SerializeToString(deterministic=True)


def sort_file(file: FileDescriptorProto) -> FileDescriptorProto:
    """Give a copy in which nothing depends on the order somebody wrote it in.

    Types go by name, fields and values by number, imports by path. The first value of an enum stays first where it is
    the zero that open enums start with.
    """
    copy = parse_file(file.SerializeToString())
    copy.ClearField("source_code_info")
    _sort_imports(copy)
    for repeated in (copy.message_type, copy.enum_type, copy.service):
        _sort(repeated, _name)
    _sort(copy.extension, _extension)
    for service in copy.service:
        _sort(service.method, _name)
    for enum in copy.enum_type:
        _sort_enum(enum)
    for message in copy.message_type:
        _sort_message(message)
    return copy


def _elements(file: FileDescriptorProto) -> Iterator[Any]:
    """Yield everything that may have options."""
    yield file
    for message in file.message_type:
        yield from _message_elements(message)
    for enum in file.enum_type:
        yield from (enum, *enum.value)
    for service in file.service:
        yield from (service, *service.method)
    yield from file.extension


def _message_elements(message: DescriptorProto) -> Iterator[Any]:
    yield message
    yield from message.field
    yield from message.oneof_decl
    yield from message.extension
    yield from message.extension_range
    for enum in message.enum_type:
        yield from (enum, *enum.value)
    for nested in message.nested_type:
        yield from _message_elements(nested)


def _order(options: Any) -> None:  # noqa: ANN401 - the options of eight kinds of descriptors
    """Put custom options in the order of their numbers: they are written as they were found."""
    data = options.SerializeToString(deterministic=True)
    try:
        fields = tuple(iterate_fields(data, 0, len(data)))
    except WireError:  # A group among them; it keeps its place.
        return
    ordered = b"".join(data[each.start : each.end] for each in sorted(fields, key=lambda each: each.number))
    if ordered != data:
        options.ParseFromString(ordered)


def _sort_message(message: DescriptorProto) -> None:
    _sort(message.nested_type, _name)
    _sort(message.enum_type, _name)
    _sort(message.field, _number)
    _sort(message.extension, _extension)
    _sort(message.extension_range, _start)
    _sort(message.reserved_range, _start)
    message.reserved_name[:] = sorted(message.reserved_name)
    for enum in message.enum_type:
        _sort_enum(enum)
    for nested in message.nested_type:
        # The fields of a map entry are key and value, in that order already.
        _sort_message(nested)


def _sort_enum(enum: Any) -> None:  # noqa: ANN401 - of an own pool
    _sort(enum.value, lambda value: (value.number != 0, value.number, value.name))
    _sort(enum.reserved_range, _start)
    enum.reserved_name[:] = sorted(enum.reserved_name)


def _sort_imports(file: FileDescriptorProto) -> None:
    public = {file.dependency[index] for index in file.public_dependency}
    weak = {file.dependency[index] for index in file.weak_dependency}
    file.dependency[:] = sorted(file.dependency)
    file.public_dependency[:] = [index for index, name in enumerate(file.dependency) if name in public]
    file.weak_dependency[:] = [index for index, name in enumerate(file.dependency) if name in weak]
    file.option_dependency[:] = sorted(file.option_dependency)


def _sort(repeated: Any, key: Callable[[Any], Any]) -> None:  # noqa: ANN401 - repeated fields of an own pool
    _replace(repeated, sorted(repeated, key=key))


def _replace(repeated: Any, elements: Iterable[Any]) -> None:  # noqa: ANN401 - as above
    kept = [type(each).FromString(each.SerializeToString()) for each in elements]
    del repeated[:]
    repeated.extend(kept)


def _name(element: Any) -> str:  # noqa: ANN401 - whatever has a name
    name: str = element.name
    return name


def _number(field: FieldDescriptorProto) -> int:
    return field.number


def _extension(field: FieldDescriptorProto) -> tuple[str, int]:
    return field.extendee, field.number


def _start(element: Any) -> int:  # noqa: ANN401 - the three kinds of ranges
    start: int = element.start
    return start
