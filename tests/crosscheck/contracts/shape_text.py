"""Shapes as text for tables, and which values they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.crosscheck.shapes import (
    Altered,
    AnyOf,
    Anything,
    Choice,
    Items,
    Mapping,
    Primitive,
    Record,
    Unresolved,
)
from protogate.crosscheck.values import fits, same, show

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Field, Shape

_EXTRA = {"ignore": "", "allow": " ...", "forbid": " only"}


def text(shape: Shape, inside: tuple[Record, ...] = ()) -> str:  # noqa: C901, PLR0911 - a case each
    """Return a shape in few letters; a record inside itself as `...`."""
    match shape:
        case Anything():
            return "any"
        case Primitive(kind, form):
            return f"{kind}:{form}" if form else kind
        case Choice(members):
            return "|".join(show(member.value) for member in members) or "nothing"
        case Items(items, prefix):
            return f"[{''.join(text(one, inside) + ', ' for one in prefix)}{text(items, inside)}*]"
        case Mapping(keys, values):
            return f"<{text(keys, inside)}: {text(values, inside)}>"
        case Record() as record:
            if any(record is one for one in inside):
                return "..."
            fields = ", ".join(_field(field, (*inside, record)) for field in record.fields)
            return f"{{{fields}{_EXTRA[record.extra]}}}"
        case AnyOf(members):
            return f"({' or '.join(text(one, inside) for one in members)})"
        case Altered(inner, by):
            return f"{text(inner, inside)} but {by}"
        case Unresolved(reason):
            return f"? {reason}"


def _field(field: Field, inside: tuple[Record, ...]) -> str:
    return f"{field.name}{'!' if field.required else ''}: {text(field.shape, inside)}"


def has(shape: Shape, value: object) -> bool:  # noqa: PLR0911 - as above
    """Tell whether a value is one of a shape."""
    match shape:
        case Anything():
            return True
        case Primitive(kind):
            return not isinstance(value, dict | list) and fits(value, kind)  # type: ignore[arg-type]
        case Choice(members):
            if isinstance(value, dict | list):
                return False
            return any(same(member.value) == same(value) for member in members)  # type: ignore[arg-type]
        case Items(items, prefix):
            return isinstance(value, list) and all(
                has(prefix[index] if index < len(prefix) else items, one) for index, one in enumerate(value)
            )
        case Mapping(keys, values):
            return isinstance(value, dict) and all(has(keys, key) and has(values, one) for key, one in value.items())
        case Record() as record:
            return isinstance(value, dict) and _record_has(record, value)
        case AnyOf(members):
            return any(has(one, value) for one in members)
        case _:
            raise AssertionError(shape)


def _record_has(record: Record, value: dict[str, object]) -> bool:
    known = {field.name: field for field in record.fields}
    if record.extra == "forbid" and not value.keys() <= known.keys():
        return False
    return all(has(field.shape, value[name]) if name in value else not field.required for name, field in known.items())
