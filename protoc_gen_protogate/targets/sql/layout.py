"""From the messages of a file to its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import NotCarried
from protoc_gen_protogate.targets.sql.annotations import message_sql
from protoc_gen_protogate.targets.sql.builder import Builder
from protoc_gen_protogate.targets.sql.dialects import DIALECTS
from protoc_gen_protogate.targets.sql.keys import key_fields
from protoc_gen_protogate.targets.sql.messages import Sizes
from protoc_gen_protogate.targets.sql.naming import FileNames
from protoc_gen_protogate.targets.sql.scopes import Group
from protoc_gen_protogate.targets.sql.storage import StorageRules
from protoc_gen_protogate.targets.sql.tables import Column, Role, Shape, Storage
from protogate.descriptors import snake_case

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.settings import Settings
    from protoc_gen_protogate.targets.sql.tables import Table
    from protogate.descriptors import File, Message

__all__ = ["Layout", "Project"]


class Project:
    """What the files of one request share: settings, names of tables, sizes of messages."""

    __slots__ = ("_names", "dialect", "settings", "sizes", "storage")

    def __init__(self, settings: Settings) -> None:
        self.settings: Final = settings
        self.dialect: Final = DIALECTS[settings.dialect]
        self.storage: Final = StorageRules(self.dialect, settings)
        self.sizes: Final = Sizes(self.storage)
        self._names: Final[dict[str, FileNames]] = {}

    def names_of(self, file: File) -> FileNames:
        """The tables of a file by name."""
        known = self._names.get(file.name)
        if known is None:
            known = self._names[file.name] = FileNames(file, self.settings, self.dialect)
        return known

    def is_table(self, message: Message) -> bool:
        """Whether the message has a table of its own."""
        return message.full_name in self.names_of(message.file).tables


class Layout:
    """The tables of one file, and what they cannot carry."""

    __slots__ = ("annotated", "file", "names", "not_carried", "project", "ruled", "tables")

    def __init__(self, file: File, project: Project) -> None:
        self.file: Final = file
        self.project: Final = project
        self.names: Final = project.names_of(file)
        self.not_carried: Final[dict[NotCarried, None]] = {}
        reader = file.schema.options
        self.annotated: Final = reader.knows("protogate.options.v1.field")
        self.ruled: Final = reader.knows("buf.validate.field")
        self.tables: Final[tuple[Table, ...]] = tuple(self._table(message) for message in self.names.messages)

    def drop(self, element: str, rule: str, reason: str) -> None:
        """Put an entry into the report, once."""
        self.not_carried[NotCarried(self.file.name, element, rule, reason)] = None

    def _table(self, message: Message) -> Table:
        sql = message_sql(message)
        builder = Builder(self, self.names.tables[message.full_name], message.full_name, Shape.ROOT)
        builder.singular = snake_case(message.name)
        builder.key_fields = key_fields(message, sql)
        builder.keyed = frozenset(name for index in sql.indexes for name in index.fields)
        if not builder.key_fields:
            _add_synthetic_key(builder, message)
        scope = builder.add_scope(message, "", (), Group(optional=False), ())
        if builder.key_fields:
            builder.set_key(scope, builder.key_fields)
        builder.add_indexes(message, sql, scope)
        return builder.table(message.doc)


def _add_synthetic_key(builder: Builder, message: Message) -> None:
    names = {field.name for field in message.fields}
    wanted = "row_id" if any(name == "id" or name.startswith("id_") for name in names) else "id"
    column = builder.add_column(Column(wanted, builder.dialect.identity, Storage.INT64, Role.SYNTHETIC_KEY))
    builder.primary_key = (column.name,)
