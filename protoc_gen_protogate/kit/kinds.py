"""What part a message plays: entity, command, query, event, request, response.

The contract says it by `(protogate.options.v1.message).kind`. Where it does not:

1. By name: a suffix (`CreateUserCommand`, `GetUserRequest`, `UserCreatedEvent`) or, for events, a past participle at
   the end (`UserCreated`).
2. By use: what a method of the same file takes and none gives is a request.

Who asks decides what the rest are: for tables, those with an identity are entities and all others values.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from protogate.descriptors import File, Message

__all__ = ["MessageKind", "kind_by_name", "only_taken", "said_kind"]

_OPTION: Final = "protogate.options.v1.message"


class MessageKind(IntEnum):
    """The part that a message plays, numbered as `protogate.options.v1.Kind`."""

    UNSPECIFIED = 0
    ENTITY = 1
    VALUE = 2
    COMMAND = 3
    QUERY = 4
    EVENT = 5
    REQUEST = 6
    RESPONSE = 7
    READ_MODEL = 8


_NUMBERS: Final = frozenset(MessageKind)

_SUFFIXES: Final = {
    "Command": MessageKind.COMMAND,
    "Query": MessageKind.QUERY,
    "Event": MessageKind.EVENT,
    "Request": MessageKind.REQUEST,
    "Req": MessageKind.REQUEST,
    "Response": MessageKind.RESPONSE,
    "Resp": MessageKind.RESPONSE,
    "Reply": MessageKind.RESPONSE,
    "Result": MessageKind.RESPONSE,
}

_IRREGULAR_PARTICIPLES: Final = (
    "Begun",
    "Built",
    "Done",
    "Found",
    "Left",
    "Lost",
    "Made",
    "Paid",
    "Sent",
    "Sold",
    "Won",
)
_ENDINGS: Final = ("ed", *_IRREGULAR_PARTICIPLES)
_NOT_PARTICIPLES: Final = ("Embed", "Hundred", "Sacred")
_SHORTEST_PARTICIPLE: Final = 5
"""`Added`; shorter words in `-ed` such as `Bed` and `Shed` are things."""


def said_kind(message: Message) -> MessageKind:
    """What the contract says; UNSPECIFIED when it does not."""
    proto = message.proto
    reader = message.file.schema.options
    if not proto.HasField("options") or not reader.knows(_OPTION):
        return MessageKind.UNSPECIFIED
    raw = reader.read(proto.options, _OPTION)
    # A number without a name comes from options that are newer than this plugin.
    return MessageKind.UNSPECIFIED if raw is None or raw.kind not in _NUMBERS else MessageKind(raw.kind)


def kind_by_name(name: str) -> MessageKind:
    """What the name of a message says; UNSPECIFIED when it says nothing.

    >>> kind_by_name("CreateUserCommand").name, kind_by_name("UserCreated").name, kind_by_name("User").name
    ('COMMAND', 'EVENT', 'UNSPECIFIED')
    """
    for suffix, kind in _SUFFIXES.items():
        if name.endswith(suffix):
            return kind
    return MessageKind.EVENT if _ends_with_participle(name) else MessageKind.UNSPECIFIED


def _ends_with_participle(name: str) -> bool:
    if not name.endswith(_ENDINGS):
        return False
    start = max((i for i, letter in enumerate(name) if letter.isupper()), default=0)
    if start == 0:
        return False
    last = name[start:]
    if last in _IRREGULAR_PARTICIPLES:
        return True
    return (
        last.endswith("ed")
        and not last.endswith("eed")
        and len(last) >= _SHORTEST_PARTICIPLE
        and last not in _NOT_PARTICIPLES
    )


def only_taken(file: File) -> frozenset[str]:
    """Full names of the messages that methods of the file take and none gives: requests, whatever their names."""
    taken = {method.proto.input_type[1:] for service in file.services for method in service.methods}
    given = {method.proto.output_type[1:] for service in file.services for method in service.methods}
    return frozenset(taken - given)
