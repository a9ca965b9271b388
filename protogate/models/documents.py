"""Documents of messages as HTTP interfaces like them: by the names of the contract, zeros included.

Every document is ProtoJSON: readers must accept all of these forms. Only writers are free, and `Message.to_json_dict`
writes the canonical one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.models.layout import layout_of
from protogate.models.message import Message

if TYPE_CHECKING:
    from protogate.models.layout import FieldLayout

__all__ = ["CANONICAL", "PLAIN", "Style", "document_of"]

_EXACT: Final = 2**53
"""The integers up to here are the same in every reader of JSON."""


class Style(NamedTuple):
    """What a writer of ProtoJSON is free to choose."""

    proto_names: bool = False
    """Use the names of fields as the contract has them (`event_id`), not in lowerCamelCase."""
    zeros: bool = False
    """Write fields without presence also when they are zero or empty; readers need no contract then."""
    numbers: bool = False
    """Write 64-bit integers as numbers as long as every reader understands them exactly."""


CANONICAL: Final = Style()
PLAIN: Final = Style(proto_names=True, zeros=True, numbers=True)


def document_of(message: Message, style: Style = PLAIN) -> dict[str, Any]:
    """The ProtoJSON document of a message, in a style."""
    if style == CANONICAL:
        return message.to_json_dict()
    values = message.__dict__
    canonical = None if style.zeros else message.to_json_dict()
    document: dict[str, Any] = {}
    for field in layout_of(type(message)).fields:
        value = values[field.attribute]
        if value is None or (canonical is not None and field.json_name not in canonical):
            continue
        document[field.proto_name if style.proto_names else field.json_name] = _written(field, value, style)
    if message.__pydantic_extra__:
        document.update(message.__pydantic_extra__)
    return document


def _written(field: FieldLayout, value: Any, style: Style) -> Any:
    """The value of a field, with the messages in it in the same style."""
    if field.to_json is None:
        return value
    written = field.to_json(value)
    if isinstance(value, list):
        return [_restyled(one, text, style) for one, text in zip(value, written, strict=True)]
    if isinstance(value, dict) and isinstance(written, dict):
        pairs = zip(value.values(), written.items(), strict=True)
        return {key: _restyled(one, text, style) for one, (key, text) in pairs}
    return _restyled(value, written, style)


def _restyled(value: Any, written: Any, style: Style) -> Any:
    """A single value of which the canonical form is known."""
    # Types of google.protobuf have a form of their own, in which nothing is left to choose.
    if isinstance(value, Message) and type(value).to_json_dict is Message.to_json_dict and isinstance(written, dict):
        return document_of(value, style)
    if style.numbers and type(value) is int and isinstance(written, str) and -_EXACT <= value <= _EXACT:
        return value
    return written
