"""The plugin protocol's request: which files to write, with which options, from which descriptors.

The request is taken apart at its top two levels before protobuf parses it, because two thirds of its bytes are never
needed as objects: buf sends every file to generate twice (field 17 repeats it for the sake of source-retention options,
which no target reads), and source info is a million tiny messages of which a generator wants the commented ones only.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import DecodeError

from protogate.descriptors import Schema
from protogate.descriptors.wire import WireError, iterate_fields
from protogate.errors import UserError

__all__ = ["Request", "parse_request"]

_PROTO_FILE: Final = 15
_SOURCE_FILE_DESCRIPTORS: Final = 17
_SOURCE_CODE_INFO: Final = 9


class Request(NamedTuple):
    """A parsed `CodeGeneratorRequest`."""

    schema: Schema
    parameter: str


def parse_request(data: bytes) -> Request:
    """Parse the bytes that protoc or buf wrote to stdin.

    Raises:
        UserError: the bytes are not a request.
    """
    view = memoryview(data)
    small: list[memoryview] = []
    files: list[FileDescriptorProto] = []
    source_infos: dict[str, memoryview] = {}
    try:
        for number, start, value, end in iterate_fields(data, 0, len(data)):
            if number == _PROTO_FILE:
                file, source_info = _parse_file(data, view, value, end)
                files.append(file)
                source_infos[file.name] = source_info
            elif number != _SOURCE_FILE_DESCRIPTORS:
                small.append(view[start:end])
        rest = CodeGeneratorRequest.FromString(b"".join(small))
    except (DecodeError, WireError) as error:
        raise UserError(
            "standard input holds no CodeGeneratorRequest; this program is run by buf or protoc, "
            "for example: protoc --plugin=protoc-gen-x=THIS --x_out=DIR FILE.proto"
        ) from error
    return Request(Schema(files, rest.file_to_generate, source_infos), rest.parameter)


def _parse_file(data: bytes, view: memoryview, start: int, end: int) -> tuple[FileDescriptorProto, memoryview]:
    """The file without its source info, and the source info as bytes."""
    kept: list[memoryview] = []
    kept_from = start
    source_info = view[0:0]
    for number, field_start, value, field_end in iterate_fields(data, start, end):
        if number == _SOURCE_CODE_INFO:
            kept.append(view[kept_from:field_start])
            kept_from = field_end
            source_info = view[value:field_end]
    kept.append(view[kept_from:end])
    return FileDescriptorProto.FromString(b"".join(kept)), source_info
