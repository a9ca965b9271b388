"""Model classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.pydantic.names import attribute_names
from protoc_gen_protogate.targets.pydantic.text import arguments, docstring, literal
from protoc_gen_protogate.targets.pydantic.types import KEY_TYPES, SCALAR_TYPES, WELL_KNOWN, ZEROS
from protogate.descriptors import Kind, json_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protoc_gen_protogate.targets.pydantic.module import Module
    from protogate.descriptors import Field, Message

__all__ = ["message_text"]

_VALUE: Final = "google.protobuf.Value"
_NULL_VALUE: Final = "google.protobuf.NullValue"
_NULL: Final = "_pg.NullValue.NULL_VALUE"


def message_text(message: Message, module: Module) -> str:
    """The class of `message`."""
    fields = message.fields
    module.own_types.clear()
    annotations = [_annotation(field, module) for field in fields]
    attributes = attribute_names(message, module.own_types)
    parts = [f"class {module.classes[message.full_name]}(_pg.Message):\n"]
    parts.append(docstring(message.doc or f"`{message.full_name}`.", "    "))
    parts.append(f'\n    __proto__ = "{message.full_name}"\n')
    parts.extend(_class_facts(message, attributes, module))
    if fields:
        parts.append("\n")
    for field, annotation in zip(fields, annotations, strict=True):
        parts.append(_field_text(field, attributes[field.name], annotation, module))
    return "".join(parts)


def _class_facts(message: Message, attributes: Mapping[str, str], module: Module) -> list[str]:
    facts: list[str] = []
    escaped = [f"{literal(attributes[name])}: {literal(name)}" for name in attributes if attributes[name] != name]
    if escaped:
        facts.append(f"    __proto_names__ = {{{', '.join(escaped)}}}\n")
    if message.proto.oneof_decl:
        oneofs = [
            f"{literal(oneof.name)}: ({', '.join([literal(attributes[field.name]) for field in oneof.fields])},)"
            for oneof in message.oneofs
        ]
        if oneofs:
            facts.append(f"    __oneofs__ = {{{', '.join(oneofs)}}}\n")
    if message.proto.HasField("options") and message.deprecated:
        facts.append("    __deprecated__ = True\n")
    if message.proto.extension_range:
        module.uses_pydantic = True
        facts.append('    model_config = _p.ConfigDict(extra="allow")\n')
    return facts


def _annotation(field: Field, module: Module) -> str:
    """The type of one value of the field."""
    if field.map_key is not None and field.map_value is not None:
        return f"dict[{KEY_TYPES[field.map_key.kind]}, {_item(field.map_value, module)}]"
    return f"list[{_item(field, module)}]" if field.is_repeated else _item(field, module)


def _item(field: Field, module: Module) -> str:
    scalar = SCALAR_TYPES.get(field.kind)
    if scalar is not None:
        return scalar
    name = field.type_name
    if name.startswith("google.protobuf."):
        well_known = WELL_KNOWN.get(name)
        if well_known is not None:
            return well_known
        if name == _VALUE:
            return "_pg.Value" if field.presence and not _is_map_value(field) else "_pg.ValueItem"
        if name == _NULL_VALUE:
            return "_pg.NullValue"
    return module.reference(field)


def _is_map_value(field: Field) -> bool:
    return field.parent is not None and field.parent.is_map_entry


def _field_text(field: Field, attribute: str, annotation: str, module: Module) -> str:
    default = _default(field, module)
    if default == "None" and annotation != "_pg.Value":
        annotation = "_pg.OptionalNull" if annotation == "_pg.NullValue" else f"{annotation} | None"
    extra = _field_arguments(field, attribute)
    if not extra:
        return f"    {attribute}: {annotation} = {default}\n" if default else f"    {attribute}: {annotation}\n"
    module.uses_pydantic = True
    if default:
        extra.insert(0, f"default={default}" if default[0] not in "[{" else f"default_factory={_FACTORY[default]}")
    return arguments(f"{attribute}: {annotation} = _p.Field", extra, "", "    ")


_FACTORY: Final = {"[]": "list", "{}": "dict"}


def _default(field: Field, module: Module) -> str:
    """The default as code, empty for none."""
    if field.presence:
        return "" if field.is_required else "None"
    if field.map_key is not None:
        return "{}"
    if field.is_repeated:
        return "[]"
    zero = ZEROS.get(field.kind)
    if zero is not None:
        return zero
    return _NULL if field.type_name == _NULL_VALUE else module.zero_member(field)


def _field_arguments(field: Field, attribute: str) -> list[str]:
    found: list[str] = []
    name = field.json_name
    if name != (attribute if "_" not in attribute else json_name(attribute)):
        quoted = literal(name)
        found.append(f"validation_alias={quoted}")
        found.append(f"serialization_alias={quoted}")
    doc = field.doc
    if doc:
        found.append(f"description={literal(doc)}")
    proto = field.proto
    if proto.HasField("options") and proto.options.deprecated:
        found.append("deprecated=True")
    if proto.HasField("default_value"):
        found.append('json_schema_extra={"default": ' + _json_default(field) + "}")
    return found


def _json_default(field: Field) -> str:
    """The default of the contract as it stands in a document."""
    value = field.default
    if isinstance(value, bytes):
        import binascii  # noqa: PLC0415 - few contracts have defaults for bytes

        return literal(binascii.b2a_base64(value, newline=False).decode("ascii"))
    if isinstance(value, float) and value - value != 0:  # noqa: PLR0124 - NaN and the infinities
        return '"NaN"' if value != value else '"Infinity"' if value > 0 else '"-Infinity"'  # noqa: PLR0124
    if isinstance(value, str):
        return literal(value)
    if field.kind in _WIDE:
        return f'"{value}"'
    return repr(value)


_WIDE: Final = frozenset({Kind.INT64, Kind.UINT64, Kind.FIXED64, Kind.SFIXED64, Kind.SINT64})
