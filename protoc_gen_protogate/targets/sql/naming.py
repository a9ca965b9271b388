"""Which name and schema the table of a message has: a function of the message's own file and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.annotations import file_sql, message_sql
from protoc_gen_protogate.targets.sql.entities import Entities
from protoc_gen_protogate.targets.sql.names import NameSpace, plural, version_suffix
from protogate.descriptors import snake_case

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.settings import Settings
    from protogate.descriptors import File, Message

__all__ = ["FileNames", "TableName", "written"]


class TableName(NamedTuple):
    """The name of a table, its schema, and both as they are written in SQL."""

    name: str
    schema: str
    sql_name: str


class FileNames:
    """The tables of a file and their names; names of everything else in the file are taken from `space`."""

    __slots__ = ("messages", "space", "tables")

    def __init__(self, file: File, settings: Settings, dialect: Dialect) -> None:
        self.space: Final = NameSpace()
        self.messages: Final[tuple[Message, ...]] = tuple(Entities(file))
        self.tables: Final[dict[str, TableName]] = {
            message.full_name: _table_name(message, settings, dialect, self.space) for message in self.messages
        }


def written(name: str, schema: str, dialect: Dialect) -> str:
    """A table's name as it stands in SQL."""
    return f"{dialect.identifier(schema)}.{dialect.identifier(name)}" if schema else dialect.identifier(name)


def _table_name(message: Message, settings: Settings, dialect: Dialect, space: NameSpace) -> TableName:
    sql = message_sql(message)
    schema = sql.schema or file_sql(message.file).schema or settings.schema
    wanted = sql.table_name or _default_name(message, settings)
    if schema and not dialect.has_schemas:
        wanted, schema = f"{schema}_{wanted}", ""
    if wanted.lower().startswith("sqlite_"):
        # SQLite refuses names with its own prefix; other dialects follow so that names stay alike.
        wanted = f"t_{wanted}"
    name = space.take(wanted)
    return TableName(name, schema, written(name, schema, dialect))


def _default_name(message: Message, settings: Settings) -> str:
    package = message.file.package
    local = plural("_".join(snake_case(part) for part in message.local_name.split(".")))
    if settings.names == "package" and package:
        return f"{settings.prefix}{package.replace('.', '_').lower()}_{local}"
    return f"{settings.prefix}{local}{version_suffix(package)}"
