"""The contracts that every schema may import without a reference, never from the network."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protogate.errors import UserError
from protogate.options import PROTO_PATH, proto_text
from protogate.vendor import GOOGLE_API_PROTOS, VALIDATE_PROTO
from registry.canonical import parse_file, parse_image
from registry.protoc import ProtocError, compile_folders, compile_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

__all__ = ["built_in", "is_protobufs_own"]

_PROTOBUFS_OWN: Final = "google/protobuf/"
_FROM_FOLDERS: Final = re.compile(r"(?:google/(?:protobuf|type)|confluent)(?:/[a-z_]+)+\.proto")


def is_protobufs_own(name: str) -> bool:
    """Whether a file comes with the compiler, so that no reference can stand for it."""
    return name.startswith(_PROTOBUFS_OWN) and built_in(name) is not None


@cache
def built_in(name: str) -> FileDescriptorProto | None:
    """The descriptor of a file that needs no reference, without source info; None for any other."""
    if name == VALIDATE_PROTO:
        return _validate().get(name)
    if name == PROTO_PATH:
        return _options().get(name)
    if name in GOOGLE_API_PROTOS or _FROM_FOLDERS.fullmatch(name):
        return _from_folders(name).get(name)
    return None


@cache
def _validate() -> Mapping[str, FileDescriptorProto]:
    from protogate.vendor.protos import validate_files  # noqa: PLC0415 - loads protovalidate

    try:
        file, _ = validate_files()
    except UserError:  # The extra is not installed.
        return {}
    # Read again, by classes that know no extensions.
    return {file.name: parse_file(file.SerializeToString())}


@cache
def _options() -> Mapping[str, FileDescriptorProto]:
    # Not from a folder: every file beside it could be imported as well.
    descriptor = _from_folders("google/protobuf/descriptor.proto")
    return _by_name(compile_text(PROTO_PATH, proto_text(), [each.SerializeToString() for each in descriptor.values()]))


@cache
def _from_folders(name: str) -> Mapping[str, FileDescriptorProto]:
    try:
        return _by_name(compile_folders(_folders(), name))
    except ProtocError:  # Not there, such as google/type without its package.
        return {}


def _by_name(image: bytes) -> Mapping[str, FileDescriptorProto]:
    files = parse_image(image)
    for file in files:
        file.ClearField("source_code_info")
    return {file.name: file for file in files}


@cache
def _folders() -> tuple[Path, ...]:
    own = (Path(str(files("grpc_tools") / "_proto")), Path(str(files("registry") / "protos")))
    try:
        return (*own, Path(str(metadata.distribution("googleapis-common-protos").locate_file(""))))
    except metadata.PackageNotFoundError:
        return own
