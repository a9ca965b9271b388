"""A first contract for legacy tables: a message for each, with the events that the bridge needs, for people to improve.

It says what the tables ensure and no more: lengths, what is never null, choices. Amounts stay exact: a decimal becomes
text, because no number of Protobuf holds it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.legacy.model import LegacyKind
from protogate.legacy.naming import pascal, singular, snake, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protogate.legacy.model import LegacyField, LegacySchema

__all__ = ["ProtoField", "message_name", "propose_contract", "proto_field", "unique_names"]

_VALIDATE: Final = "buf/validate/validate.proto"
_TIMESTAMP: Final = "google/protobuf/timestamp.proto"
_DURATION: Final = "google/protobuf/duration.proto"
_STRUCT: Final = "google/protobuf/struct.proto"
_SCALARS: Final = {
    LegacyKind.STRING: "string",
    LegacyKind.NUMBER: "double",
    LegacyKind.DECIMAL: "string",
    LegacyKind.BOOLEAN: "bool",
    LegacyKind.BYTES: "bytes",
    LegacyKind.DATE: "string",
    LegacyKind.TIME: "string",
    LegacyKind.TIMESTAMP: "google.protobuf.Timestamp",
    LegacyKind.DURATION: "google.protobuf.Duration",
    LegacyKind.OBJECT: "google.protobuf.Struct",
    LegacyKind.MAP: "google.protobuf.Struct",
    LegacyKind.ANY: "google.protobuf.Value",
}
_IMPORTS: Final = {
    "google.protobuf.Timestamp": _TIMESTAMP,
    "google.protobuf.Duration": _DURATION,
    "google.protobuf.Struct": _STRUCT,
    "google.protobuf.Value": _STRUCT,
}
_DECIMAL: Final = r"^-?[0-9]+(\\.[0-9]+)?$"
_DAY: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_SAFE_LENGTH: Final = 1_000_000
"""Lengths beyond say nothing: databases write them for "any"."""


class ProtoField(NamedTuple):
    """A field as it is declared, without its number."""

    declaration: str
    """`optional string name`; of a list `repeated string names`."""
    options: tuple[str, ...]
    """`(buf.validate.field).string.max_len = 40`."""
    imports: frozenset[str]
    enum: tuple[str, ...] = ()
    """Lines of an enum that it needs."""
    comment: str = ""


def message_name(table: str) -> str:
    """What a row of a table is called: `OrderDetail` of `order_details`.

    >>> message_name("sales.order_details")
    'OrderDetail'
    """
    parts = words(table.rpartition(".")[2])
    return pascal("_".join((*parts[:-1], singular(parts[-1])))) if parts else "Record"


def unique_names(fields: Sequence[LegacyField]) -> dict[str, str]:
    """Give each column the name of a field, no two the same."""
    names: dict[str, str] = {}
    for field in fields:
        name = snake(field.name)
        while name in names.values():
            name += "_x"
        names[field.name] = name
    return names


def proto_field(field: LegacyField, name: str, scope: str) -> ProtoField:
    """Declare a column as a field; `scope` is the message that its enum is named after."""
    type_name, enum = _type(field, name, scope)
    options = tuple(_rules(field, type_name))
    label = "repeated " if field.is_repeated else _label(field, type_name)
    used = {_IMPORTS[type_name]} if type_name in _IMPORTS else set()
    if options:
        used.add(_VALIDATE)
    if field.is_repeated:
        options = tuple(
            option.replace("(buf.validate.field).", "(buf.validate.field).repeated.items.") for option in options
        )
    return ProtoField(f"{label}{type_name} {name}", options, frozenset(used), enum, _comment(field))


def propose_contract(schemas: Sequence[LegacySchema], package: str) -> str:
    """Write a contract of proto3 for some tables; it compiles, and passes buf's standard lint rules and its format.

    Args:
        schemas: tables.
        package: of the contract, with a version at its end: `acme.legacy.v1`.
    """
    bodies = [_table(schema) for schema in schemas]
    imports = sorted({one for body in bodies for one in body.imports})
    head = [
        "// Proposed for tables of a legacy database; review it, it says what they ensure and no more.",
        'syntax = "proto3";',
        "",
        f"package {package};",
        "",
        *(f'import "{name}";' for name in imports),
        *([""] if imports else []),
    ]
    return "\n".join([*head, "\n\n".join(body.text for body in bodies), ""])


class _Body(NamedTuple):
    text: str
    imports: frozenset[str]


def _table(schema: LegacySchema) -> _Body:
    """The row, and the events that carry it whole."""
    name = message_name(schema.name)
    names = unique_names(schema.fields)
    fields = [proto_field(field, names[field.name], name) for field in schema.fields]
    keys = [proto_field(field, names[field.name], name) for field in schema.key]
    enums = ["\n".join(field.enum) for field in fields if field.enum]
    parts = [
        *enums,
        _message(f"{name}Created", f"A row of `{schema.name}` came over from the legacy system.", fields),
        _message(f"{name}Changed", f"A row of `{schema.name}` has changed there; it is carried whole.", fields),
        _message(f"{name}Deleted", f"A row of `{schema.name}` is gone there.", keys),
    ]
    imports = frozenset(one for field in fields for one in field.imports)
    return _Body("\n\n".join(parts), imports)


def _message(name: str, comment: str, fields: Sequence[ProtoField]) -> str:
    lines = [f"// {comment}", f"message {name} {{"]
    for number, field in enumerate(fields, 1):
        if number > 1:
            lines.append("")
        lines.append(f"  // {field.comment}")
        lines += _declared(field, number)
    return "\n".join([*lines, "}"])


def _declared(field: ProtoField, number: int) -> Iterator[str]:
    head = f"  {field.declaration} = {number}"
    if not field.options:
        yield f"{head};"
    elif len(field.options) == 1:
        yield f"{head} [{field.options[0]}];"
    else:
        yield f"{head} ["
        yield from (f"    {option}," for option in field.options[:-1])
        yield f"    {field.options[-1]}"
        yield "  ];"


def _label(field: LegacyField, type_name: str) -> str:
    is_message = type_name.startswith("google.protobuf.")
    return "" if is_message or not field.is_nullable else "optional "


def _type(field: LegacyField, name: str, scope: str) -> tuple[str, tuple[str, ...]]:
    if field.kind is LegacyKind.ENUM and field.values:
        enum = f"{scope}{pascal(name)}"
        return enum, tuple(_enum(enum, field))
    if field.kind is LegacyKind.INTEGER:
        size = "64" if (field.bits or 64) > 32 else "32"  # noqa: PLR2004 - bits
        return f"{'u' if field.is_unsigned else ''}int{size}", ()
    return _SCALARS.get(field.kind, "string"), ()


def _enum(name: str, field: LegacyField) -> Iterator[str]:
    prefix = "_".join(words(name)).upper()
    yield f"// The values of `{field.name}`."
    yield f"enum {name} {{"
    yield "  // Not known."
    yield f"  {prefix}_UNSPECIFIED = 0;"
    taken = {f"{prefix}_UNSPECIFIED"}
    for number, value in enumerate(field.values, 1):
        word = re.sub(r"[^A-Z0-9]+", "_", str(value).upper()).strip("_") or f"VALUE_{number}"
        label = f"{prefix}_{word}"
        while label in taken:
            label += "_X"
        taken.add(label)
        yield ""
        yield f"  // `{value}`."
        yield f"  {label} = {number};"
    yield "}"


def _rules(field: LegacyField, type_name: str) -> Iterator[str]:
    """What the table itself ensures, in the words of buf.validate."""
    base = "(buf.validate.field)"
    is_message = type_name.startswith("google.protobuf.")
    if is_message and field.is_required and not field.is_nullable and not field.is_repeated:
        yield f"{base}.required = true"
    if field.kind is LegacyKind.DECIMAL:
        yield f'{base}.string.pattern = "{_DECIMAL}"'
    elif field.kind is LegacyKind.DATE:
        yield f'{base}.string.pattern = "{_DAY}"'
    elif type_name == "string" and field.length and field.length < _SAFE_LENGTH:
        yield f"{base}.string.max_len = {field.length}"
    elif type_name == "bytes" and field.length and field.length < _SAFE_LENGTH:
        yield f"{base}.bytes.max_len = {field.length}"
    elif field.kind is LegacyKind.ENUM and field.values:
        yield f"{base}.enum.defined_only = true"


def _comment(field: LegacyField) -> str:
    said = " ".join(field.description.split()).rstrip(".")
    if said:
        return f"{said}."
    text = f"The column `{field.name}`" + (f", {field.type_text}" if field.type_text else "")
    if field.references:
        text += f"; refers to `{field.references}`"
    return f"{text}."
