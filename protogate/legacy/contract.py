"""A message of a contract in the vocabulary of legacy schemas, so that both can be shown and compared side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protogate.descriptors import Kind
from protogate.descriptors.rules import field_rules
from protogate.findings import Place
from protogate.legacy.conversions import target_of
from protogate.legacy.model import LegacyField, LegacyKind, LegacySchema, SchemaFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import Field, Message

__all__ = ["contract_schema", "place_of"]

_KINDS: Final[Mapping[str, LegacyKind]] = {
    "string": LegacyKind.STRING,
    "int": LegacyKind.INTEGER,
    "float": LegacyKind.NUMBER,
    "bool": LegacyKind.BOOLEAN,
    "bytes": LegacyKind.BYTES,
    "enum": LegacyKind.ENUM,
    "timestamp": LegacyKind.TIMESTAMP,
    "duration": LegacyKind.DURATION,
    "date": LegacyKind.DATE,
    "json": LegacyKind.OBJECT,
}
_ANY: Final = frozenset({"google.protobuf.Value", "google.protobuf.Any"})
_OPEN: Final = frozenset({*_ANY, "google.protobuf.Struct", "google.protobuf.ListValue"})
_FORMATS: Final = (
    *("email", "uuid", "uri", "uri_ref", "hostname", "ip", "ipv4", "ipv6", "address", "tuuid"),
    *("ip_with_prefixlen", "ipv4_with_prefixlen", "ipv6_with_prefixlen", "ip_prefix", "host_and_port", "ulid"),
)
_UNSIGNED: Final = frozenset({Kind.UINT32, Kind.UINT64, Kind.FIXED32, Kind.FIXED64})
_SIXTY_FOUR: Final = frozenset({Kind.INT64, Kind.UINT64, Kind.SINT64, Kind.FIXED64, Kind.SFIXED64, Kind.DOUBLE})


def contract_schema(message: Message) -> LegacySchema:
    """Describe a message; a message that contains itself is told by its name in `definitions`."""
    definitions: dict[str, tuple[LegacyField, ...]] = {}
    fields = _fields(message, (message.full_name,), definitions)
    if message.full_name in definitions:
        definitions[message.full_name] = fields
    return LegacySchema(message.full_name, SchemaFormat.PROTO, fields, place_of(message), definitions)


def place_of(descriptor: Message | Field) -> Place:
    """The line on which a message or a field is declared."""
    line, _ = descriptor.file.position_of(descriptor.path)
    return Place(descriptor.file.name, line)


def _fields(
    message: Message, path: tuple[str, ...], definitions: dict[str, tuple[LegacyField, ...]]
) -> tuple[LegacyField, ...]:  # fmt: skip
    return tuple(_field(field, path, definitions) for field in message.fields)


def _field(field: Field, path: tuple[str, ...], definitions: dict[str, tuple[LegacyField, ...]]) -> LegacyField:
    target = target_of(field)
    kind = LegacyKind.ANY if field.type_name in _ANY else _KINDS[target.name]
    inner: tuple[LegacyField, ...] = ()
    reference = ""
    if field.is_map and field.map_value is not None:
        kind, inner = LegacyKind.MAP, (_field(field.map_value, path, definitions),)
    elif kind is LegacyKind.OBJECT and field.type_name not in _OPEN:
        if field.type_name in path:
            reference = field.type_name
            definitions.setdefault(reference, ())
        else:
            inner = _fields(field.message, (*path, field.type_name), definitions)
            if field.type_name in definitions:
                definitions[field.type_name] = inner
    made = LegacyField(
        field.name,
        kind,
        place_of(field),
        is_required=field.is_required,
        is_nullable=field.presence and not field.is_required,
        is_repeated=field.is_repeated,
        type_text=_type_text(field),
        values=tuple(value.name for value in field.enum.values) if field.kind is Kind.ENUM else (),
        bits=(64 if field.kind in _SIXTY_FOUR else 32) if target.name in {"int", "float"} else None,
        is_unsigned=field.kind in _UNSIGNED,
        fields=inner,
        reference=reference,
    )
    return _with_rules(made, field)


def _type_text(field: Field) -> str:
    if field.is_map and field.map_key is not None and field.map_value is not None:
        return f"map<{_type_text(field.map_key)}, {_type_text(field.map_value)}>"
    name = field.type_name or field.kind.name.lower()
    return f"repeated {name}" if field.is_repeated else name


def _with_rules(made: LegacyField, field: Field) -> LegacyField:
    """What the rules of the contract add: required, lengths, formats, bounds."""
    rules = field_rules(field)
    if rules is None:
        return made
    own = rules.items if field.is_repeated and rules.items is not None else rules
    standard = own.standard
    formats = [name for name in _FORMATS if standard.get(name)]
    return made._replace(
        is_required=made.is_required or rules.required,
        is_nullable=made.is_nullable and not rules.required,
        length=_number(standard, "max_len", "len", "max_bytes"),
        format=formats[0] if formats else "",
        minimum=_number(standard, "gte", "gt"),
        maximum=_number(standard, "lte", "lt"),
        pattern=str(standard.get("pattern", "")),
    )


def _number(standard: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        value = standard.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
    return None
