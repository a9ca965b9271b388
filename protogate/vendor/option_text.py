"""Options and their values in the syntax of a .proto file."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import unknown_fields
from google.protobuf.descriptor import FieldDescriptor

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from google.protobuf.message import Message

__all__ = ["Setting", "indent", "quote", "settings"]

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_FIRST_PRINTABLE = 0x20
_DELETE = 0x7F


@dataclass(frozen=True, slots=True)
class Setting:
    """One `name = value` of an option statement or of an option list."""

    name: str
    value: tuple[str, ...]
    """The lines of the value: one for a scalar, several for a message."""


def settings(options: Message, extension_name: Callable[[str], str]) -> Iterator[Setting]:
    """Yield what `options` sets, in field number order; `extension_name` shortens a full name.

    Raises:
        UserError: an option is set that no known file declares.
    """
    for field, value in _set_fields(options):
        name = _option_name(field, extension_name)
        if name == "features":
            yield from _dotted(name, value, extension_name)
            continue
        for lines in _values(field, value):
            yield Setting(name, lines)


def quote(value: str | bytes) -> str:
    """Write a string or bytes literal."""
    if isinstance(value, str):
        return f'"{"".join(map(_escape, value))}"'
    return f'"{"".join(map(_escape_byte, value))}"'


def indent(lines: Iterable[str]) -> Iterator[str]:
    """Shift lines one level to the right; empty ones stay empty."""
    return (f"  {line}" if line else line for line in lines)


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    return f"\\{code:03o}" if code < _FIRST_PRINTABLE or code == _DELETE else char


def _escape_byte(byte: int) -> str:
    return _escape(chr(byte)) if byte <= _DELETE else f"\\{byte:03o}"


def _dotted(prefix: str, message: Message, extension_name: Callable[[str], str]) -> Iterator[Setting]:
    """Yield one setting for each leaf: `features.field_presence = EXPLICIT`."""
    for field, value in _set_fields(message):
        name = f"{prefix}.{_option_name(field, extension_name)}"
        if field.message_type is not None and not field.is_repeated:
            yield from _dotted(name, value, extension_name)
            continue
        for lines in _values(field, value):
            yield Setting(name, lines)


def _option_name(field: FieldDescriptor, extension_name: Callable[[str], str]) -> str:
    return f"({extension_name(field.full_name)})" if field.is_extension else field.name


def _set_fields(message: Message) -> list[tuple[FieldDescriptor, Any]]:
    unknown = unknown_fields.UnknownFieldSet(message)
    if len(unknown):
        raise UserError(
            f"{message.DESCRIPTOR.full_name}: field {unknown[0].field_number} is set but no file "
            "given declares it; give the file that does among the imports"
        )
    return list(message.ListFields())


def _values(field: FieldDescriptor, value: Any) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - what ListFields gives
    """Yield the lines of each value that `field` has: one, or as many as a list or map holds."""
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        key_field, value_field = kind.fields
        for key in sorted(value):
            entry = (*_named(key_field, key), *_named(value_field, value[key]))
            yield _braced(entry)
    elif field.is_repeated:
        yield from (_value(field, one) for one in value)
    else:
        yield _value(field, value)


def _value(field: FieldDescriptor, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - what ListFields gives
    if field.message_type is None:
        return (_scalar(field, value),)
    return _braced(line for each, one in _set_fields(value) for line in _named(each, one))


def _named(field: FieldDescriptor, value: Any) -> Iterator[str]:  # noqa: ANN401 - what ListFields gives
    for first, *rest in _values(field, value):
        yield f"{_text_name(field)}: {first}"
        yield from rest


def _braced(lines: Iterable[str]) -> tuple[str, ...]:
    body = tuple(indent(lines))
    return ("{", *body, "}") if body else ("{}",)


def _text_name(field: FieldDescriptor) -> str:
    return f"[{field.full_name}]" if field.is_extension else field.name


def _scalar(field: FieldDescriptor, value: Any) -> str:  # noqa: ANN401 - any scalar of ListFields
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return str(value) if known is None else known.name
    match value:
        case bool():
            return "true" if value else "false"
        case str() | bytes():
            return quote(value)
        case float() if field.type == FieldDescriptor.TYPE_FLOAT:
            return _shortest_float32(value)
        case _:
            # repr is the shortest text that reads back as the same double; inf and nan are keywords.
            return repr(value)


def _shortest_float32(value: float) -> str:
    packed = struct.pack("<f", value)
    for digits in range(6, 9):
        text = f"{value:.{digits}g}"
        if struct.pack("<f", float(text)) == packed:
            return text
    return f"{value:.9g}"
