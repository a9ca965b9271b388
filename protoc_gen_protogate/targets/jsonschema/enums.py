"""Enums of a contract as JSON Schema definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.jsonschema.values import quote

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.jsonschema.values import Style
    from protogate.descriptors import Enum

__all__ = ["enum_schema"]

_INT32: Final = '"type": "integer", "minimum": -2147483648, "maximum": 2147483647'


def enum_schema(enum: Enum, style: Style) -> str:
    """The definition of an enum: names, and numbers where parsers take them."""
    lines = [f'"title": {quote(enum.name)}']
    doc = _enum_doc(enum)
    if doc:
        lines.append(f'"description": {quote(doc)}')
    if enum.deprecated:
        lines.append('"deprecated": true')
    names = [value.name for value in enum.values]
    numbers = list(dict.fromkeys(value.number for value in enum.values))
    if style.is_canonical:
        names = list({value.number: value.name for value in reversed(enum.values)}.values())[::-1]
    listed = f'{{"type": "string", "enum": [{", ".join(map(quote, names))}]}}'
    known = ", ".join(map(str, numbers))
    if enum.is_closed and style.is_canonical:
        lines.append(listed[1:-1])
    elif enum.is_closed:
        lines.append(f'"anyOf": [{listed}, {{"type": "integer", "enum": [{known}]}}]')
    elif style.is_canonical:
        lines.append(f'"anyOf": [{listed}, {{{_INT32}, "not": {{"enum": [{known}]}}}}]')
    else:
        lines.append(f'"anyOf": [{listed}, {{{_INT32}}}]')
    return "{\n      " + ",\n      ".join(lines) + "\n    }"


def _enum_doc(enum: Enum) -> str:
    """The comment on the enum, and those on its values as a list."""
    values = [f"- `{value.name}`: {' '.join(doc.split())}" for value in enum.values if (doc := value.doc)]
    return "\n\n".join(part for part in (enum.doc, "\n".join(values)) if part)
