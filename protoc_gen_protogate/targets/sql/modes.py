"""How a field that does not fit into one column is kept: in several columns, as JSON, or in a table of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.sql.annotations import CHILD_TABLE, EMBED, JSON
from protoc_gen_protogate.targets.sql.tables import Storage
from protogate.errors import UserError

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.annotations import FieldSql
    from protoc_gen_protogate.targets.sql.builder import Builder
    from protoc_gen_protogate.targets.sql.scopes import Scope
    from protogate.descriptors import Field

__all__ = ["has_room_for_string", "many_mode", "message_mode"]

EMBED_LIMIT: Final = 16
"""Messages with more columns are kept as JSON when nobody asks for columns."""
ELEMENT_LIMIT: Final = 32
"""The same for the messages in lists and maps."""
WIDTH_LIMIT: Final = 120
"""From this many columns on, messages are kept as JSON: InnoDB takes 197 long texts a row, PostgreSQL 1600 columns."""
DEPTH_LIMIT: Final = 2
"""Tables below a table; deeper lists are kept as JSON."""
_KEYED_STRINGS: Final = 3
"""Strings in one key: three of 255 characters fill the 3072 bytes that InnoDB allows."""


def message_mode(field: Field, sql: FieldSql, scope: Scope, builder: Builder) -> int:
    """The mode of a single message.

    Raises:
        UserError: the contract asks for columns without end.
    """
    recursive = field.type_name in scope.active
    if sql.nested:
        _refuse_circle(field, sql, recursive=recursive)
        return sql.nested
    wanted = builder.project.settings.nested
    if recursive or wanted == "json" or len(builder.columns) >= WIDTH_LIMIT:
        return JSON
    if wanted == "child":
        return CHILD_TABLE if builder.depth < DEPTH_LIMIT else JSON
    return EMBED if builder.project.sizes.columns_of(field.message) <= EMBED_LIMIT else JSON


def many_mode(field: Field, sql: FieldSql, scope: Scope, builder: Builder) -> int:
    """The mode of a list or map.

    Raises:
        UserError: the contract asks for columns, or for tables without end.
    """
    held = field.map_value or field
    inner = None if builder.storage.storage_of(held) is not None else held.message
    recursive = inner is not None and inner.full_name in scope.active
    if sql.nested == EMBED:
        raise UserError(
            f"{field.place}: {field}: NESTED_MODE_EMBED is for single messages; "
            "use NESTED_MODE_CHILD_TABLE or NESTED_MODE_JSON"
        )
    if sql.nested:
        _refuse_circle(field, sql, recursive=recursive)
        return sql.nested
    if builder.project.settings.repeated == "json" or recursive or builder.depth >= DEPTH_LIMIT:
        return JSON
    if inner is not None and builder.project.sizes.columns_of(inner) > ELEMENT_LIMIT:
        return JSON
    has_text_key = field.map_key is not None and builder.storage.storage_of(field.map_key) is Storage.TEXT
    return JSON if has_text_key and not has_room_for_string(builder) else CHILD_TABLE


def has_room_for_string(builder: Builder) -> bool:
    """Whether one more string fits into a key of MySQL."""
    return builder.dialect.name != "mysql" or builder.key_strings < _KEYED_STRINGS


def _refuse_circle(field: Field, sql: FieldSql, *, recursive: bool) -> None:
    if recursive and sql.nested != JSON:
        held = (field.map_value or field).type_name
        raise UserError(f"{field.place}: {field}: {held} contains itself, without end; use NESTED_MODE_JSON")
