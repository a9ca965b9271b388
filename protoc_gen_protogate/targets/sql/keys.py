"""Which fields of a message are the primary key of its table, and which columns a foreign key points to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.annotations import field_sql, message_sql
from protoc_gen_protogate.targets.sql.entities import natural_key
from protoc_gen_protogate.targets.sql.naming import written
from protogate.errors import UserError

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.annotations import MessageSql, References
    from protoc_gen_protogate.targets.sql.layout import Project
    from protogate.descriptors import Field, Message

__all__ = ["Target", "key_fields", "target_of"]


def key_fields(message: Message, sql: MessageSql) -> tuple[str, ...]:
    """The names of the key's fields, in order; empty when the message has nothing to tell its rows apart by.

    Raises:
        UserError: the contract names the key twice, or a field that can be none.
    """
    marked = tuple(field.name for field in message.fields if field_sql(field).primary_key)
    if marked and sql.primary_key and marked != sql.primary_key:
        raise UserError(
            f"{message.place}: {message}: sql.primary_key is {', '.join(sql.primary_key)} here and "
            f"{', '.join(marked)} at the fields; say it once"
        )
    named = sql.primary_key or marked
    fields = {field.name: field for field in message.fields}
    for name in named:
        _check_key(message, name, fields)
    if named:
        return named
    found = natural_key(message, resources=message.file.schema.options.knows("google.api.resource"))
    return () if found is None or field_sql(fields[found]).skip else (found,)


def _check_key(message: Message, name: str, fields: dict[str, Field]) -> None:
    field = fields.get(name)
    if field is None:
        raise UserError(
            f"{message.place}: {message}: sql.primary_key: no field is named '{name}'; use one of {', '.join(fields)}"
        )
    if field.is_repeated or field.is_map or field.oneof_index is not None or field.type_name in _NO_KEYS:
        raise UserError(f"{field.place}: {field}: cannot be part of a primary key; use a singular field outside oneofs")
    if field_sql(field).skip:
        raise UserError(f"{field.place}: {field}: is part of the primary key and sql.skip; drop one")


_NO_KEYS: Final = frozenset(
    f"google.protobuf.{name}" for name in ("Struct", "Value", "ListValue", "Any", "Empty", "FieldMask")
)


class Target(NamedTuple):
    """What a foreign key points to."""

    table: str
    """As it is written in SQL."""
    column: str
    type: str
    """Empty when no contract describes the table."""
    source: str
    """The `.proto` file that makes the table; empty when none does."""


def target_of(field: Field, references: References, project: Project) -> Target:
    """The other side of a foreign key.

    Raises:
        UserError: it is no table, or has no such column.
    """
    dialect = project.dialect
    if references.table:
        schema, _, name = references.table.rpartition(".")
        if schema and not dialect.has_schemas:
            schema, name = "", f"{schema}_{name}"
        return Target(written(name, schema, dialect), references.column or "id", "", "")
    if not references.message:
        raise UserError(f"{field.place}: {field}: sql.references names neither message nor table; name one")
    message = _referenced(field, references.message)
    names = project.names_of(message.file).tables.get(message.full_name)
    if names is None:
        raise UserError(
            f"{field.place}: {field}: sql.references: {message.full_name} has no table; "
            "set its kind to KIND_ENTITY, or drop the reference"
        )
    column = _target_field(field, references, message)
    storage = project.storage.storage_of(column)
    if storage is None:
        raise UserError(f"{field.place}: {field}: sql.references: {column.full_name} is no single column")
    sql = field_sql(column)
    column_type = sql.type_in(dialect.name) or project.storage.type_of(
        storage, project.storage.enum_of(column), length=None, keyed=True
    )
    return Target(names.sql_name, sql.column or column.name, column_type, message.file.name)


def _referenced(field: Field, name: str) -> Message:
    full_name = name.removeprefix(".")
    message = field.file.schema.messages.get(full_name)
    if message is None or not _is_visible(field, message):
        raise UserError(
            f"{field.place}: {field}: sql.references: message {full_name} is in no file that {field.file} imports; "
            "import the file that declares it"
        )
    return message


def _is_visible(field: Field, message: Message) -> bool:
    files, seen, waiting = field.file.schema.files, set[str](), [field.file.name]
    while waiting:
        name = waiting.pop()
        if name == message.file.name:
            return True
        if name not in seen:
            seen.add(name)
            waiting += files[name].imports if name in files else ()
    return False


def _target_field(field: Field, references: References, message: Message) -> Field:
    fields = {f.name: f for f in message.fields}
    key = key_fields(message, message_sql(message))
    wanted = references.column or (key[0] if len(key) == 1 else "")
    if not wanted:
        raise UserError(
            f"{field.place}: {field}: sql.references: {message.full_name} has "
            f"{'a key of several columns' if key else 'no key'}; name one with 'column'"
        )
    target = fields.get(wanted) or next((f for f in message.fields if field_sql(f).column == wanted), None)
    if target is None:
        raise UserError(f"{field.place}: {field}: sql.references: {message.full_name} has no field '{wanted}'")
    if key != (target.name,) and not field_sql(target).unique:
        raise UserError(
            f"{field.place}: {field}: sql.references: {target.full_name} is not unique; "
            "point to the primary key or set sql.unique there"
        )
    return target
