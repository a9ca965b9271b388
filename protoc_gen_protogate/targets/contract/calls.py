"""What callers of a method send and get: the request and the response as HTTP spreads them.

Over HTTP a request is a path, a query and a body. With `body: "command"` the fields of `command` are the body, so they
stand at the top, beside the fields that path and query hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.contract.fields import Gap, is_demanded
from protoc_gen_protogate.targets.contract.messages import Part
from protoc_gen_protogate.targets.contract.values import WELL_KNOWN, is_message
from protogate.descriptors.rules import field_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protoc_gen_protogate.kit.methods import Binding
    from protogate.descriptors import Field, Message, Method

__all__ = ["Content", "request_of", "response_of"]

_EMPTY: Final = "google.protobuf.Empty"
_HTTP_BODY: Final = "google.api.HttpBody"
_WHOLE: Final = "*"


class Content(NamedTuple):
    """What one block of a contract describes."""

    parts: Sequence[Part]
    message: Message | None
    """The message that the block is, but for what stands beside it."""
    gaps: Sequence[Gap] = ()
    beside: frozenset[str] = frozenset()
    """Keys of the fields that are not of that message: path and query beside a body."""


def request_of(method: Method, binding: Binding | None) -> Content:
    """What callers send."""
    request = method.input
    unknown = _without_fields(method, request)
    if unknown is not None:
        return unknown
    if binding is None:
        return Content([Part(request)], request)
    whole = Part(request, demanded=binding.variables())
    body = _field(request, binding.body)
    if body is None:
        return Content([whole], request)
    if body.is_repeated or body.is_map or not is_message(body):
        gap = Gap(method.full_name, "http.body", f"over HTTP the body is {body.name} itself, without a key")
        return Content([whole], request, [gap])
    return _spread(request, body, binding)


def _spread(request: Message, body: Field, binding: Binding) -> Content:
    """The body at the top, with the fields of path and query beside it."""
    others = [field for field in request.fields if field is not body]
    is_optional = not is_demanded(body, field_rules(body), "input")
    # A variable such as {book.name} is in the path whether the rest of the book is in the body or not.
    content = Part(body.message, demanded=binding.variables(body.name), is_optional=is_optional)
    if not others:
        return Content([content], body.message)
    keys = {field.json_name for field in body.message.fields}
    gaps = [
        Gap(field.full_name, "http.body", f"path or query and body both have {field.json_name}; the body's is left out")
        for field in others
        if field.json_name in keys
    ]
    names = frozenset(field.name for field in others)
    rest = Part(request, names=names, demanded=binding.variables() & names)
    return Content([content, rest], body.message, gaps, frozenset(field.json_name for field in others))


def response_of(method: Method, binding: Binding | None) -> Content:
    """What callers get; of a stream, one item."""
    response = method.output
    unknown = _without_fields(method, response)
    if unknown is not None:
        return unknown
    part = None if binding is None else _field(response, binding.response_body)
    if part is None:
        return Content([Part(response)], response)
    if part.is_repeated or part.is_map or not is_message(part):
        gap = Gap(method.full_name, "http.response_body", f"over HTTP the answer is {part.name} itself, without a key")
        return Content([Part(response)], response, [gap])
    return Content([Part(part.message)], part.message)


def _without_fields(method: Method, message: Message) -> Content | None:
    """The content of messages that are no objects of known fields; None for all others."""
    if message.full_name == _EMPTY:
        return Content([], None)
    if message.full_name in WELL_KNOWN or message.full_name == _HTTP_BODY:
        return Content(
            [], None, [Gap(method.full_name, message.full_name, "contracts describe objects by their fields")]
        )
    return None


def _field(message: Message, name: str) -> Field | None:
    """The field of that name; None for no name and for `*`, which means all of them."""
    if not name or name == _WHOLE:
        return None
    return next((field for field in message.fields if field.name == name), None)
