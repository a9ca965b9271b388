"""Pairs of small contracts for table tests, compiled by two protoc runs in all: a process for each takes minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.descriptors import Schema
from tests.support.compiler import compile_protos

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

__all__ = ["compile_pairs"]

_SYNTAXES = ("syntax", "edition")


def compile_pairs(pairs: Mapping[str, tuple[str, str]]) -> dict[str, tuple[Schema, Schema]]:
    """Old and new schema by name of the pair.

    Each text is one file, called like the pair and in a package of that name; it is proto3 unless it says otherwise.
    """
    old = compile_protos({f"{name}.proto": _text(name, pair[0]) for name, pair in pairs.items()})
    new = compile_protos({f"{name}.proto": _text(name, pair[1]) for name, pair in pairs.items()})
    return {name: (_schema(old, name), _schema(new, name)) for name in pairs}


def _text(package: str, body: str) -> str:
    if body.startswith(_SYNTAXES):
        head, rest = body.split(";", 1)
        return f"{head}; package {package};{rest}"
    return f'syntax = "proto3"; package {package};\n{body}'


def _schema(image: FileDescriptorSet, name: str) -> Schema:
    files = {file.name: file for file in image.file}
    wanted: dict[str, FileDescriptorProto] = {}
    _collect(files, f"{name}.proto", wanted)
    return Schema(wanted.values(), [f"{name}.proto"])


def _collect(files: Mapping[str, FileDescriptorProto], name: str, wanted: dict[str, FileDescriptorProto]) -> None:
    """The file and its imports, imports first."""
    for imported in files[name].dependency:
        _collect(files, imported, wanted)
    wanted.setdefault(name, files[name])
