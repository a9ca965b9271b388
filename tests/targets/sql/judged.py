"""Every message of a judged schema as a table, and the documents that the judges decided about."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2, json_format, message_factory

from protoc_gen_protogate.kit import NotCarried, OutputFile
from protoc_gen_protogate.targets.sql import Settings, generate, tables_of
from protoc_gen_protogate.targets.sql.tables import Storage
from protogate.descriptors import Schema
from protogate.options.v1 import options_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

    from protoc_gen_protogate.targets.sql.rows import Row
    from protoc_gen_protogate.targets.sql.tables import Column, Table
    from tests.agreement.schemas import Schema as JudgedSchema

__all__ = ["NUL", "Tabled", "cannot_hold", "canonical_document", "with_key"]

NUL = "U+0000"
"""Stands for a value with it: the head of each DDL file says what the database makes of that."""

_OPTIONS = "protogate/options/v1/options.proto"


@dataclass(frozen=True)
class Tabled:
    """A schema whose messages are all tables."""

    judged: JudgedSchema
    settings: Settings

    @cached_property
    def schema(self) -> Schema:
        """The schema with `sql.table` set on every message."""
        files = [type(file).FromString(file.SerializeToString()) for file in self.judged.file_set.file]
        for file in files:
            if file.name in self.judged.files:
                _make_tables(file)
        if all(file.name != _OPTIONS for file in files):
            files = _with_options(files)
        return Schema(files, self.judged.files)

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The DDL by the name of the `.proto` file."""
        files = [one for one in self._generated if isinstance(one, OutputFile)]
        return {f"{file.name.removesuffix('.sql')}.proto": file.content for file in files}

    @cached_property
    def not_carried(self) -> frozenset[tuple[str, str]]:
        """Elements and rules of the report."""
        return frozenset((one.element, one.rule) for one in self._generated if isinstance(one, NotCarried))

    @cached_property
    def _generated(self) -> list[OutputFile | NotCarried]:
        return list(generate(self.schema, self.settings._asdict()))

    def tables(self, file: str) -> dict[str, Table]:
        """The tables of a file by the full name of their message."""
        return {table.element: table for table in tables_of(self.schema, file, self.settings)}


def _make_tables(file: FileDescriptorProto) -> None:
    def mark(message: DescriptorProto) -> None:
        if message.options.map_entry:
            return
        wanted = options_pb2.MessageOptions()
        wanted.sql.table = True
        marked = type(message.options)()
        extension: Any = options_pb2.message
        marked.Extensions[extension].CopyFrom(wanted)
        message.options.MergeFromString(marked.SerializeToString())
        for nested in message.nested_type:
            mark(nested)

    for message in file.message_type:
        mark(message)


def _with_options(files: list[FileDescriptorProto]) -> list[FileDescriptorProto]:
    names = {file.name for file in files}
    added = []
    for descriptor in (descriptor_pb2.DESCRIPTOR, options_pb2.DESCRIPTOR):
        if descriptor.name not in names:
            proto = descriptor_pb2.FileDescriptorProto()
            descriptor.CopyToProto(proto)
            added.append(proto)
    return [*added, *files]


def canonical_document(judged: JudgedSchema, message: str, text: str) -> dict[str, Any]:
    """The document as the reference implementation writes it."""
    kind = message_factory.GetMessageClass(judged.pool.FindMessageTypeByName(message))
    parsed = json_format.Parse(text, kind(), descriptor_pool=judged.pool)
    written = json_format.MessageToJson(parsed, indent=None, descriptor_pool=judged.pool, ensure_ascii=False)
    document = json.loads(written)
    assert isinstance(document, dict)
    return document


def with_key(table: Table, document: dict[str, Any]) -> dict[str, Any]:
    """The document with a value for each key field that it leaves out: rows without a key are refused on purpose."""
    missing = {
        column.path[0]: _KEYS[column.storage]
        for column in table.columns
        if column.name in table.primary_key and column.path and column.absent is None
    }
    return {**missing, **document}


_KEYS = {
    Storage.TEXT: "123e4567-e89b-12d3-a456-426614174000",
    Storage.BYTES: "EjRWeBI0VngSNFZ4EjRWeA==",
    **dict.fromkeys((Storage.INT32, Storage.UINT32, Storage.INT64, Storage.UINT64), 1),
}


def cannot_hold(rows: Iterable[Row], dialect: str) -> Iterator[str]:
    """The full names of the fields with values that no column of the dialect holds."""
    for row in rows:
        for column, value in zip(row.table.columns, row.values, strict=True):
            if isinstance(value, str) and ("\0" in value or "\\u0000" in value):
                yield NUL
            if value is not None and _is_beyond(column, value, dialect):
                yield column.field


def _is_beyond(column: Column, value: object, dialect: str) -> bool:
    if column.enum and all(value not in pair for pair in column.enum):
        return True
    if isinstance(value, int) and column.storage is not Storage.UINT64:
        return not -(2**63) <= value < 2**63
    if isinstance(value, float) and dialect == "sqlite":
        return math.isnan(value)
    return dialect != "sqlite" and column.storage is Storage.TIMESTAMP and not str(value).endswith("000Z")
