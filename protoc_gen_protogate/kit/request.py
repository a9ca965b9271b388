"""The plugin protocol's request: which files to write, with which options, from which descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.message import DecodeError

from protogate.descriptors import Schema
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Request", "parse_request"]

_SOURCE_FILE_DESCRIPTORS: Final = 17
"""buf sends every file to generate twice, here with source-retention options, which no target reads."""


class Request(NamedTuple):
    """A parsed `CodeGeneratorRequest`."""

    schema: Schema
    parameter: str


def parse_request(data: bytes) -> Request:
    """Parse the bytes that protoc or buf wrote to stdin.

    Raises:
        UserError: the bytes are not a request.
    """
    try:
        proto = CodeGeneratorRequest.FromString(b"".join(_wanted_fields(data)))
    except (DecodeError, IndexError) as error:
        raise UserError(
            "standard input holds no CodeGeneratorRequest; this program is run by buf or protoc, "
            "for example: protoc --plugin=protoc-gen-x=THIS --x_out=DIR FILE.proto"
        ) from error
    return Request(Schema(proto.proto_file, proto.file_to_generate), proto.parameter)


def _wanted_fields(data: bytes) -> Iterator[memoryview]:
    """The runs of the message's top level, field 17 left out; no copy of what is kept."""
    view = memoryview(data)
    size = len(data)
    position = kept_from = 0
    while position < size:
        start = position
        tag, position = _varint(data, position)
        wire_type = tag & 7
        if wire_type == 2:  # noqa: PLR2004 - length-delimited
            length, position = _varint(data, position)
            position += length
        elif wire_type == 0:
            _, position = _varint(data, position)
        else:
            raise IndexError(f"wire type {wire_type} at byte {start}")
        if tag >> 3 == _SOURCE_FILE_DESCRIPTORS:
            yield view[kept_from:start]
            kept_from = position
    if position != size:
        raise IndexError("cut short")
    yield view[kept_from:size]


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit
            return value, position
        shift += 7
