"""Model classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit.python_text import arguments, docstring, literal
from protoc_gen_protogate.targets.pydantic.types import KEY_TYPES, SCALAR_TYPES, WELL_KNOWN, ZEROS
from protogate.descriptors import Kind, json_name
from protogate.descriptors.features import EDITION_PROTO3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protoc_gen_protogate.targets.pydantic.module import Module
    from protogate.descriptors import Field, Message
    from protogate.descriptors.rules import FieldRules, MessageRules

__all__ = ["message_text"]

_VALUE: Final = "google.protobuf.Value"
_NULL_VALUE: Final = "google.protobuf.NullValue"
_NULL: Final = "_pg.NullValue.NULL_VALUE"


def message_text(message: Message, module: Module) -> str:
    """The class of `message`, behind the functions that it needs."""
    attributes = module.names.attributes(message)
    rules = module.rules_of_message(message)
    facts = _facts(message, attributes, module)
    if rules is not None or message.proto.oneof_decl:
        facts.extend(_checks(message, rules, attributes, module))
    in_oneof_rule = frozenset(name for oneof in rules.oneofs for name in oneof.fields) if rules is not None else ()
    fields = [
        _field_text(field, attributes[field.name], module, only_when_set=field.name in in_oneof_rule)
        for field in message.fields
    ]
    functions = "".join([f"{function}\n\n" for function in module.functions])
    module.functions.clear()
    return "".join(
        (
            functions,
            f"class {module.classes[message.full_name]}(_pg.Message):\n",
            docstring(message.doc or f"`{message.full_name}`.", "    "),
            f'\n    __proto__ = "{message.full_name}"\n',
            *facts,
            "\n" if fields else "",
            *fields,
        )
    )


def _facts(message: Message, attributes: Mapping[str, str], module: Module) -> list[str]:
    facts: list[str] = []
    escaped = [f"{literal(attributes[name])}: {literal(name)}" for name in attributes if attributes[name] != name]
    if escaped:
        facts.append(f"    __proto_names__ = {{{', '.join(escaped)}}}\n")
    if message.proto.oneof_decl:
        oneofs = [
            f"{literal(oneof.name)}: {_tuple([literal(attributes[field.name]) for field in oneof.fields])}"
            for oneof in message.oneofs
        ]
        if oneofs:
            facts.append(f"    __oneofs__ = {{{', '.join(oneofs)}}}\n")
    if message.file.edition != EDITION_PROTO3:
        facts.extend(_facts_beyond_proto3(message, attributes, module))
    if message.proto.HasField("options") and message.deprecated:
        facts.append("    __deprecated__ = True\n")
    if message.proto.extension_range:
        module.uses_pydantic = True
        facts.append('    model_config = _p.ConfigDict(extra="allow")\n')
    return facts


def _facts_beyond_proto3(message: Message, attributes: Mapping[str, str], module: Module) -> Iterator[str]:
    defaults = [
        f"{literal(attributes[field.name])}: {_default_code(field, module)}"
        for field in message.fields
        if field.proto.HasField("default_value")
    ]
    if defaults:
        yield f"    __defaults__ = {{{', '.join(defaults)}}}\n"
    required = [literal(attributes[field.name]) for field in message.fields if field.is_required]
    if required:
        yield f"    __legacy_required__ = {_tuple(required)}\n"


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _checks(
    message: Message, rules: MessageRules | None, attributes: Mapping[str, str], module: Module
) -> Iterator[str]:
    """The rules on the message as a whole."""
    calls = [f"_r.oneof_required({literal(oneof.name)})" for oneof in message.oneofs if module.is_required(oneof)]
    if rules is not None:
        for oneof in rules.oneofs:
            names = ", ".join([literal(attributes.get(name, name)) for name in oneof.fields])
            calls.append(f"_r.at_most_one({names}{', required=True' if oneof.required else ''})")
        if rules.cel:
            from protoc_gen_protogate.targets.pydantic.expressions import check_functions

            calls.extend(check_functions(rules.cel, message, module))
    if calls:
        module.uses_rules = True
        yield f"    __checks__ = ({calls[0]},)\n" if len(calls) == 1 else arguments("__checks__ = ", calls, "", "    ")


def _field_text(field: Field, attribute: str, module: Module, *, only_when_set: bool) -> str:
    has_options = field.proto.HasField("options")
    rules = module.rules_of(field) if has_options else None
    ignored = has_options and module.ignores_message(field)
    required, extra = field.is_required, ""
    if rules is None:
        annotation = _annotation(field, module, ignored=ignored)
    else:
        from protoc_gen_protogate.targets.pydantic.rules import passes_when_empty

        rules = _effective(rules, only_when_set=only_when_set)
        annotation = _ruled_annotation(field, rules, module, ignored=ignored)
        required = required or rules.required
        if not (required or field.presence or passes_when_empty(rules)):
            extra = "validate_default=True"
    default = "" if required else _default(field, module)
    if default == "None" and annotation != "_pg.Value":
        annotation = "_pg.OptionalNull" if annotation == "_pg.NullValue" else f"{annotation} | None"
    given = _field_arguments(field, attribute, has_options=has_options)
    if extra:
        given.append(extra)
    if not given:
        return f"    {attribute}: {annotation} = {default}\n" if default else f"    {attribute}: {annotation}\n"
    module.uses_pydantic = True
    if default:
        given.insert(0, f"default={default}")
    return arguments(f"{attribute}: {annotation} = _p.Field", given, "", "    ")


def _effective(rules: FieldRules, *, only_when_set: bool) -> FieldRules:
    """A rule on a message that only one of some fields is set also frees the others of their own rules."""
    if only_when_set and rules.ignore == 0:
        return rules._replace(ignore=type(rules.ignore)(1))
    return rules


# --- annotations


def _annotation(field: Field, module: Module, *, ignored: bool) -> str:
    """The type of the field when it is set."""
    item = _item(field.map_value or field, module)
    if ignored:
        item = _unchecked(item, module)
    if field.map_key is not None:
        return f"dict[{KEY_TYPES[field.map_key.kind]}, {item}]"
    return f"list[{item}]" if field.is_repeated else item


def _unchecked(item: str, module: Module) -> str:
    """The type of a message that is read without its own rules."""
    if item.startswith("_pg."):
        return item
    module.uses_rules = True
    return _annotated(item, ["_r.UNCHECKED"], module)


def _ruled_annotation(field: Field, rules: FieldRules, module: Module, *, ignored: bool) -> str:
    """The type of the field when it is set, with its rules."""
    item = _item(field.map_value or field, module)
    if ignored:
        item = _unchecked(item, module)
    if field.map_key is not None and field.map_value is not None:
        key = _ruled_part(KEY_TYPES[field.map_key.kind], field.map_key, rules.keys, field, module)
        value = _ruled_part(item, field.map_value, rules.values, field, module)
        base = f"dict[{key}, {value}]"
    elif field.is_repeated:
        base = f"list[{_ruled_part(item, field, rules.items, field, module)}]"
    else:
        base = item
    from protoc_gen_protogate.targets.pydantic.rules import Subject, metadata

    subject = Subject(rules, field, field, module, element=False)
    return _annotated(base, metadata(subject, required=rules.required and not field.presence), module)


def _ruled_part(base: str, part: Field, rules: FieldRules | None, field: Field, module: Module) -> str:
    if rules is None:
        return base
    from protoc_gen_protogate.targets.pydantic.rules import Subject, metadata

    return _annotated(base, metadata(Subject(rules, part, field, module, element=True)), module)


def _annotated(base: str, parts: list[str], module: Module) -> str:
    if not parts:
        return base
    module.uses_typing = True
    return f"_t.Annotated[{base}, {', '.join(parts)}]"


def _item(field: Field, module: Module) -> str:
    """The type of one value."""
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


def _default(field: Field, module: Module) -> str:
    """The default as code, empty for none."""
    if field.presence:
        return "None"
    if field.map_key is not None:
        return "{}"
    if field.is_repeated:
        return "[]"
    zero = ZEROS.get(field.kind)
    if zero is not None:
        return zero
    return _NULL if field.type_name == _NULL_VALUE else module.zero_member(field)


def _field_arguments(field: Field, attribute: str, *, has_options: bool) -> list[str]:
    found: list[str] = []
    if field.json_name != _json_name(attribute):
        quoted = literal(field.json_name)
        found.append(f"validation_alias={quoted}")
        found.append(f"serialization_alias={quoted}")
    doc = field.doc
    if doc:
        found.append(f"description={literal(doc)}")
    if has_options and field.proto.options.deprecated:
        found.append("deprecated=True")
    return found


_JSON_NAMES: Final[dict[str, str]] = {}
"""A contract set uses the same few thousand field names over and over."""


def _json_name(attribute: str) -> str:
    found = _JSON_NAMES.get(attribute)
    if found is None:
        found = _JSON_NAMES[attribute] = json_name(attribute)
    return found


def _default_code(field: Field, module: Module) -> str:
    """The default that the contract gives, as Python."""
    value = field.default
    if isinstance(value, float) and value - value != 0:
        return f'float("{value}")'
    if isinstance(value, str):
        return module.named_member(field, value) if field.kind is Kind.ENUM else literal(value)
    return repr(value)
