"""What a contract itself says about its tables: the options of protogate/options/v1/options.proto as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from protogate.descriptors import Field, File, Message

__all__ = [
    "CHILD_TABLE",
    "EMBED",
    "JSON",
    "FieldSql",
    "FileSql",
    "IndexSql",
    "MessageSql",
    "References",
    "field_sql",
    "file_sql",
    "message_sql",
]

CHILD_TABLE: Final = 1
JSON: Final = 2
EMBED: Final = 3

_FILE: Final = "protogate.options.v1.file"
_MESSAGE: Final = "protogate.options.v1.message"
_FIELD: Final = "protogate.options.v1.field"

_ON_DELETE: Final = ("", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT")


class FileSql(NamedTuple):
    """How the messages of a file become tables."""

    skip: bool = False
    schema: str = ""


class IndexSql(NamedTuple):
    """An index over fields."""

    name: str
    fields: tuple[str, ...]
    unique: bool


class MessageSql(NamedTuple):
    """How a message becomes a table."""

    kind: int = 0
    """The number of a `protogate.options.v1.Kind`; 0 when the contract does not say."""
    skip: bool = False
    table: bool = False
    table_name: str = ""
    schema: str = ""
    primary_key: tuple[str, ...] = ()
    indexes: tuple[IndexSql, ...] = ()


class References(NamedTuple):
    """What a foreign key points to: a message, or a table that no contract describes."""

    message: str
    table: str
    column: str
    on_delete: str


class FieldSql(NamedTuple):
    """How a field becomes a column, several, or a table."""

    skip: bool = False
    column: str = ""
    types: tuple[tuple[str, str], ...] = ()
    """Column types by dialect; `any` for all others."""
    primary_key: bool = False
    unique: bool = False
    indexed: bool = False
    references: References | None = None
    nested: int = 0
    default: str = ""

    def type_in(self, dialect: str) -> str:
        """The type that the contract asks for in a dialect; empty for the natural one."""
        types = dict(self.types)
        return types.get(dialect) or types.get("any", "")


_NO_FILE: Final = FileSql()
_NO_MESSAGE: Final = MessageSql()
_NO_FIELD: Final = FieldSql()


def file_sql(file: File) -> FileSql:
    """What the file says."""
    raw = _read(file, file.proto, _FILE)
    return _NO_FILE if raw is None else FileSql(raw.sql.skip, raw.sql.schema)


def message_sql(message: Message) -> MessageSql:
    """What the message says."""
    raw = _read(message.file, message.proto, _MESSAGE)
    if raw is None:
        return _NO_MESSAGE
    sql = raw.sql
    return MessageSql(
        kind=raw.kind,
        skip=sql.skip,
        table=sql.table,
        table_name=sql.table_name,
        schema=sql.schema,
        primary_key=tuple(sql.primary_key),
        indexes=tuple(IndexSql(i.name, tuple(i.columns), i.unique) for i in sql.indexes),
    )


def field_sql(field: Field) -> FieldSql:
    """What the field says."""
    raw = _read(field.file, field.proto, _FIELD)
    if raw is None:
        return _NO_FIELD
    sql = raw.sql
    return FieldSql(
        skip=sql.skip,
        column=sql.column,
        types=tuple((d.name, value) for d, value in sql.type.ListFields()),
        primary_key=sql.primary_key,
        unique=sql.unique,
        indexed=sql.index,
        references=_references(sql.references) if sql.HasField("references") else None,
        nested=sql.nested,
        default=sql.default,
    )


def _references(raw: Any) -> References:  # noqa: ANN401 - a dynamic message
    return References(raw.message, raw.table, raw.column, _ON_DELETE[raw.on_delete])


def _read(file: File, proto: Any, extension: str) -> Any | None:  # noqa: ANN401 - any descriptor with options
    if not proto.HasField("options"):
        return None
    reader = file.schema.options
    return reader.read(proto.options, extension) if reader.knows(extension) else None
