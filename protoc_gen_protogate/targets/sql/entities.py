"""Which messages are tables.

In this order:

1. `sql.skip` says no; `sql.table`, `sql.table_name`, `sql.primary_key`, or a field with `sql.primary_key` says yes.
2. `kind` says it: entities and read models are tables, all other kinds are none. `sql.skip` of the file says no.
3. Nested messages are none: they are parts of others.
4. By name, commands, queries, events, requests and responses are none: by suffix (`CreateUserCommand`,
   `GetUserRequest`, `UserCreatedEvent`) or, for events, by a past participle at the end (`UserCreated`).
5. A message that a method of the same file takes and none gives is a request, whatever its name.
6. All others are tables if they have an identity: a field that can be a key (see `natural_key`). The rest are values,
   which live inside of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protoc_gen_protogate.kit.kinds import MessageKind, kind_by_name, only_taken
from protoc_gen_protogate.targets.sql.annotations import field_sql, file_sql, message_sql
from protogate.descriptors import snake_case
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.descriptors import File, Message

__all__ = ["Entities", "natural_key"]

_TABLES: Final = frozenset({MessageKind.ENTITY, MessageKind.READ_MODEL})

_KEY_TYPES: Final = frozenset({3, 4, 5, 6, 7, 9, 12, 13, 15, 16, 17, 18})
"""Type numbers of integers, strings and bytes."""
_REPEATED: Final = 3
_RESOURCE: Final = "google.api.resource"


class Entities:
    """Tells which messages of one file are tables; a function of the file and its options only."""

    __slots__ = ("_annotated", "_file", "_only_taken", "_resources", "_sql")

    def __init__(self, file: File) -> None:
        self._file: Final = file
        self._sql: Final = file_sql(file)
        self._annotated: Final = file.schema.options.knows("protogate.options.v1.message")
        self._resources: Final = file.schema.options.knows(_RESOURCE)
        self._only_taken: Final = only_taken(file)

    def __iter__(self) -> Iterator[Message]:
        """The messages that are tables, in the order written."""
        for message in self._file.all_messages():
            if self.is_table(message):
                yield message

    def is_table(self, message: Message) -> bool:
        """Whether the message is a table.

        Raises:
            UserError: the contract says both.
        """
        if self._annotated:
            said = self._said(message)
            if said is not None:
                return said
        if message.parent is not None or self._sql.skip:
            return False
        return (
            kind_by_name(message.name) is MessageKind.UNSPECIFIED
            and message.full_name not in self._only_taken
            and natural_key(message, resources=self._resources) is not None
        )

    def _said(self, message: Message) -> bool | None:
        sql = message_sql(message)
        wanted = sql.table or sql.table_name or sql.primary_key or any(field_sql(f).primary_key for f in message.fields)
        if sql.skip and wanted:
            raise UserError(f"{message.place}: {message}: sql.skip is at odds with the other sql options; drop one")
        if sql.skip:
            return False
        if wanted:
            return True
        if sql.kind:
            return sql.kind in _TABLES and not self._sql.skip
        return None


def natural_key(message: Message, *, resources: bool) -> str | None:
    """The field that identifies a message although no option says so.

    `name` for the resources of Google's API design, else `id`, `<message>_id`, `uuid` or `uid`. It must hold one
    integer, string or bytes, and stand outside of oneofs.
    """
    found = [
        (rank, field.name)
        for field in message.proto.field
        if (rank := _rank(field.name, message)) is not None
        and field.type in _KEY_TYPES
        and field.label != _REPEATED
        and not _in_oneof(field)
    ]
    if not found:
        return None
    if not (resources and message.proto.HasField("options") and _is_resource(message)):
        found = [one for one in found if one[1] != "name"]
    return min(found)[1] if found else None


_RANKS: Final = {"name": 0, "id": 1, "uuid": 3, "uid": 4}
_OWN_ID: Final = 2


def _rank(field: str, message: Message) -> int | None:
    rank = _RANKS.get(field)
    if rank is None and field.endswith("_id") and field == f"{snake_case(message.name)}_id":
        return _OWN_ID
    return rank


def _in_oneof(field: Any) -> bool:  # noqa: ANN401 - FieldDescriptorProto
    return field.HasField("oneof_index") and not field.proto3_optional


def _is_resource(message: Message) -> bool:
    return message.file.schema.options.read(message.proto.options, _RESOURCE) is not None
