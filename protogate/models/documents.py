"""Documents of messages as HTTP interfaces like them: by the names of the contract, zeros included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogate.models.layout import layout_of
from protogate.models.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["document_of"]


def document_of(message: Message, *, proto_names: bool = True, zeros: bool = True) -> dict[str, Any]:
    """The ProtoJSON document of a message, with the freedoms that ProtoJSON gives to writers.

    Args:
        message: what to write.
        proto_names: use the names of fields as the contract has them (`event_id`), not in lowerCamelCase.
        zeros: write fields without presence also when they are zero or empty; readers need no contract then.
    """
    if not proto_names and not zeros:
        return message.to_json_dict()
    values = message.__dict__
    document: dict[str, Any] = {}
    canonical: Mapping[str, Any] | None = None
    for field in layout_of(type(message)).fields:
        value = values[field.attribute]
        if value is None:
            continue
        if not zeros:
            canonical = message.to_json_dict() if canonical is None else canonical
            if field.json_name not in canonical:
                continue
        name = field.proto_name if proto_names else field.json_name
        document[name] = _plain(value, field.to_json, proto_names=proto_names, zeros=zeros)
    if message.__pydantic_extra__:
        document.update(message.__pydantic_extra__)
    return document


def _plain(value: Any, to_json: Any, *, proto_names: bool, zeros: bool) -> Any:
    """A value with the messages in it written the same way."""
    if to_json is None:
        return value
    if isinstance(value, Message):
        # Types of google.protobuf that are no objects in documents have a writer of their own.
        written = to_json(value)
        if isinstance(written, dict) and type(value).to_json_dict is Message.to_json_dict:
            return document_of(value, proto_names=proto_names, zeros=zeros)
        return written
    if isinstance(value, list) and value and isinstance(value[0], Message):
        return [_plain(one, Message.to_json_dict, proto_names=proto_names, zeros=zeros) for one in value]
    if isinstance(value, dict) and any(isinstance(one, Message) for one in value.values()):
        keyed = to_json(value)
        return {
            key: _plain(one, Message.to_json_dict, proto_names=proto_names, zeros=zeros)
            for key, one in zip(keyed, value.values(), strict=True)
        }
    return to_json(value)
