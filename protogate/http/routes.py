"""What a contract says about one route: `protoc-gen-protogate-fastapi` writes it, runtime and slices read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from protogate.models import Message

__all__ = ["Parameter", "Route", "Side"]

Side: TypeAlias = Literal["command", "query"]


class Parameter(NamedTuple):
    """A part of the request that stands in the path or the query."""

    name: str
    """As callers write it: the path of its field in the contract, `filter.page_size`."""
    place: Literal["path", "query"]
    kind: Literal["text", "number", "integer", "boolean"]
    """How its text is read; numbers of 64 bits, enums, timestamps and the like are text in ProtoJSON."""
    is_repeated: bool = False
    is_required: bool = False


class Route(NamedTuple):
    """A method of a service at a path of HTTP."""

    service: str
    """Full name: `user.v1.UserCommandService`."""
    method: str
    side: Side
    verb: str
    path: str
    """With its variables: `/commands/user/{id}/deactivate`."""
    request: type[Message]
    response: type[Message]
    parameters: tuple[Parameter, ...] = ()
    body: str = ""
    """The field of the request that is the body; `*` for all of it that is not in the path, empty for none."""
    response_body: str = ""
    """The field of the response that is the body; empty for all of it."""
    status: int = 200
    emits: tuple[str, ...] = ()
    """Full names of event messages."""
    idempotency_key: str = ""
    """The path of the field that is the idempotency key, beside the header: `command.command_id`."""
    is_stream: bool = False
    summary: str = ""
    source: str = ""
    """The contract: `user/v1/user.proto`."""

    @property
    def full_name(self) -> str:
        """Of the method, unique among all contracts."""
        return f"{self.service}.{self.method}"
