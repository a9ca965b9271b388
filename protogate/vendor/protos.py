"""Where the vendored contracts come from, and how they get into a directory."""

from __future__ import annotations

import importlib
import os
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from protogate.errors import UserError
from protogate.options import PROTO_PATH, proto_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

__all__ = ["GOOGLE_API_PROTOS", "VALIDATE_PROTO", "validate_files", "write_vendored_protos"]

VALIDATE_PROTO = "buf/validate/validate.proto"

GOOGLE_API_PROTOS = (
    "google/api/annotations.proto",
    "google/api/client.proto",
    "google/api/field_behavior.proto",
    "google/api/field_info.proto",
    "google/api/http.proto",
    "google/api/httpbody.proto",
    "google/api/launch_stage.proto",
    "google/api/resource.proto",
    "google/api/routing.proto",
    "google/api/visibility.proto",
)
"""What services and fields are annotated with; besides each other they import google/protobuf only."""

_GOOGLE_API = "googleapis-common-protos"
_PROTOVALIDATE = "protovalidate"


def write_vendored_protos(directory: Path, *, options: bool = False) -> tuple[Path, ...]:
    """Write buf/validate and google/api below `directory`; give the files, sorted.

    A file that is there with the same content is not touched, so nothing is rebuilt because of it.

    Args:
        directory: the root of the imports.
        options: write protogate/options as well, for a project that has it not among its own.

    Raises:
        UserError: a package that carries the contracts is missing, or `directory` is not writable.
    """
    texts = dict((*_google_api_texts(), (VALIDATE_PROTO, _validate_text())))
    if options:
        texts[PROTO_PATH] = proto_text()
    return tuple(_write(directory / name, text) for name, text in sorted(texts.items()))


def validate_files() -> tuple[FileDescriptorProto, tuple[FileDescriptorProto, ...]]:
    """Give the descriptor of buf/validate/validate.proto and those of the files it imports."""
    from google.protobuf.descriptor_pb2 import (  # noqa: PLC0415 - only needed when something is written
        FileDescriptorProto,
    )

    package = _distribution(_PROTOVALIDATE)
    # protovalidate publishes no other access to the descriptor; the tests pin this one.
    try:
        module = importlib.import_module("protovalidate._gen.buf.validate.validate_pb")
    except ImportError:
        raise UserError(
            f"{VALIDATE_PROTO}: not in the installed Python package {_PROTOVALIDATE} "
            f"{package.version}; try: pip install {_PROTOVALIDATE}==2.1.0"
        ) from None
    file = module.desc()
    own, *imports = (FileDescriptorProto.FromString(each.proto.to_binary()) for each in (file, *file.dependencies))
    return own, tuple(imports)


def _validate_text() -> str:
    from protogate.vendor.printer import print_file  # noqa: PLC0415 - imports google.protobuf

    origin = f"{_PROTOVALIDATE} {_distribution(_PROTOVALIDATE).version}"
    return (
        f"// Printed from the descriptor in the Python package {origin}, which carries no comments.\n"
        "// Documentation: https://protovalidate.com\n"
        "// SPDX-License-Identifier: Apache-2.0\n\n"
    ) + print_file(*validate_files())


def _google_api_texts() -> Iterator[tuple[str, str]]:
    package = _distribution(_GOOGLE_API)
    for name in GOOGLE_API_PROTOS:
        try:
            yield name, Path(str(package.locate_file(name))).read_text(encoding="utf-8")
        except OSError:
            raise UserError(
                f"{name}: not in the installed Python package {_GOOGLE_API} {package.version}; "
                'try: pip install --force-reinstall "protogate[protos]"'
            ) from None


def _distribution(package: str) -> metadata.Distribution:
    try:
        return metadata.distribution(package)
    except metadata.PackageNotFoundError:
        raise UserError(
            f'the contracts of the Python package {package} are not installed; try: pip install "protogate[protos]"'
        ) from None


def _write(path: Path, text: str) -> Path:
    content = text.encode()
    try:
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
    except OSError as error:
        raise UserError(f"{path}: cannot write: {(error.strerror or str(error)).lower()}") from error
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write beside, then rename: nobody ever reads half a file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
