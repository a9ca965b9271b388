"""Messages and enums of a contract as JSON Schema definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.kit.scalars import SCALAR_NAMES, WRAPPERS
from protoc_gen_protogate.targets.jsonschema.conditions import union
from protoc_gen_protogate.targets.jsonschema.enums import enum_schema
from protoc_gen_protogate.targets.jsonschema.presence import NULL, Presence
from protoc_gen_protogate.targets.jsonschema.values import (
    INHERITED_NAMES,
    default_value,
    fraction,
    quote,
    references_in,
    value_definitions,
)
from protogate.descriptors import Kind
from protogate.descriptors.features import EDITION_PROTO3
from protogate.descriptors.rules import (
    Ignore,
    field_rules,
    ignores_nested_rules,
    message_rules,
    oneof_is_required,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from protoc_gen_protogate.kit import NotCarried
    from protoc_gen_protogate.targets.jsonschema.constraints import Constraints
    from protoc_gen_protogate.targets.jsonschema.values import Style
    from protogate.descriptors import Field, Message, Oneof, Schema
    from protogate.descriptors.rules import CelRule, FieldRules, MessageRules, RuleValue

__all__ = ["Definition", "Definitions"]

_EXTENSION_KEY: Final = "^\\[[A-Za-z_][A-Za-z0-9_.]*\\]$"
_OWN_NULL: Final = frozenset({"google.protobuf.Value", "google.protobuf.NullValue"})
"""Types for which null is a value; for any other field it says that the field is not set."""
_INLINE: Final = {Kind.STRING: '{"type": "string"}', Kind.BOOL: '{"type": "boolean"}'}
_INLINE_OR_NULL: Final = {Kind.STRING: '{"type": ["string", "null"]}', Kind.BOOL: '{"type": ["boolean", "null"]}'}
_UNRULED: Final = "-without-rules"
"""Ends the names of messages as fields with `IGNORE_ALWAYS` take them; Protobuf names have no `-`."""
_REFUSING_NULL: Final = ('"enum"', '"const"', '"anyOf"', '"not"')
_ROOM: Final = len('{"$ref": ""}')
"""A property that is no longer than the reference to it would be is repeated under its second name."""


class Definition(NamedTuple):
    """One entry of a document's definitions."""

    text: str
    needs: frozenset[str]
    """Names of the definitions that it refers to, wherever they are written."""
    not_carried: tuple[NotCarried, ...]


class Definitions:
    """Writes definitions for one place: the document of a file, or one where everything is at hand."""

    def __init__(self, schema: Schema, style: Style, path_to: Callable[[str], str], *, has_rules: bool = True) -> None:
        """Start writing.

        Args:
            schema: resolves the names of types.
            style: how schemas are written.
            path_to: the relative path of the document that holds a type; empty for this very document.
            has_rules: whether rules are carried; without them, all messages are defined in this very document.
        """
        self.style: Final = style
        self._has_rules: Final = has_rules
        self._unruled: Definitions | None = None
        self._schema: Final = schema
        self._path_to: Final = path_to
        self._values: Final = value_definitions(style)
        self._references: Final[dict[str, str]] = {}
        self._properties: Final[dict[tuple[str | Kind, bool], tuple[str, str]]] = {}
        self._constraints: Constraints | None = None
        self._needs: set[str] = set()
        self._not_carried: list[NotCarried] = []

    def define(self, name: str) -> Definition:
        """The definition of a message, an enum, a well-known type or a scalar."""
        if self._has_rules and name.endswith(_UNRULED):
            return self._without_rules().define(name.removesuffix(_UNRULED))
        self._needs, self._not_carried = set(), []
        value = self._values.get(name)
        if value is not None:
            text = value
            self._needs.update(references_in(value))
        elif name in self._schema.enums:
            text = enum_schema(self._schema.enums[name], self.style)
        else:
            text = self._message(self._schema.messages[name])
        return Definition(text, frozenset(self._needs), tuple(self._not_carried))

    def reference(self, name: str) -> str:
        """The schema that refers to a definition."""
        if not self._has_rules and name in self._schema.messages and name not in self._values:
            name += _UNRULED
        self._needs.add(name)
        text = self._references.get(name)
        if text is None:
            path = "" if name in self._values or name.endswith(_UNRULED) else self._path_to(name)
            text = self._references[name] = f'{{"$ref": "{path}#/{self.style.keyword}/{name}"}}'
        return text

    def _without_rules(self) -> Definitions:
        if self._unruled is None:
            self._unruled = Definitions(self._schema, self.style, self._path_to, has_rules=False)
        return self._unruled

    def element(self, field: Field) -> str:
        """The schema of one value of a field, without the null that says "not set"."""
        kind = field.kind
        if field.type_name:
            wrapped = WRAPPERS.get(field.type_name)
            if wrapped is None:
                return self.reference(field.type_name)
            kind = wrapped
        return _INLINE.get(kind) or self.reference(f"protojson-{SCALAR_NAMES[kind]}")

    def _property(self, field: Field) -> str:
        """The schema of a field, from the cache when one of the same shape was written before."""
        if field.map_key is not None or field.is_required:
            return self._new_property(field)
        key = (field.type_name or field.kind, field.is_repeated)
        cached = self._properties.get(key)
        if cached is None:
            before, self._needs = self._needs, set()
            text = self._new_property(field)
            cached = self._properties[key] = (text, next(iter(self._needs), ""))
            self._needs = before
        text, need = cached
        if need:
            self._needs.add(need)
        return text

    def _new_property(self, field: Field) -> str:
        if field.map_key is not None and field.map_value is not None:
            keys = self._keys(field.map_key)
            names = f'"propertyNames": {keys}, ' if keys else ""
            return f'{{"type": {self._type("object")}, {names}"additionalProperties": {self.element(field.map_value)}}}'
        element = self.element(field)
        if field.is_repeated:
            return f'{{"type": {self._type("array")}, "items": {element}}}'
        if field.is_required or self.style.is_canonical or field.type_name in _OWN_NULL:
            return element
        kind = WRAPPERS.get(field.type_name, field.kind)
        return _INLINE_OR_NULL.get(kind) or f'{{"anyOf": [{element}, {{"type": "null"}}]}}'

    def _keys(self, key: Field) -> str:
        """The schema of a map's keys; empty when any string will do."""
        if key.kind is Kind.STRING:
            return ""
        if key.kind is Kind.BOOL:
            return '{"enum": ["true", "false"]}'
        return self.reference(f"protojson-{SCALAR_NAMES[key.kind]}-key")

    def _type(self, name: str) -> str:
        return f'"{name}"' if self.style.is_canonical else f'["{name}", "null"]'

    def _message(self, message: Message) -> str:
        lines = [f'"title": {quote(message.name)}']
        doc = message.doc
        if doc:
            lines.append(f'"description": {quote(doc)}')
        has_options = message.proto.HasField("options")
        if has_options and message.deprecated:
            lines.append('"deprecated": true')
        lines.append('"type": "object"')
        rules = self._message_rules(message) if has_options else None
        presence = Presence(is_canonical=self.style.is_canonical)
        properties = self._members(message, rules, presence)
        patterns: list[str] = []
        if message.is_extendable:
            properties += self._extensions(message)
            patterns.append(f"{quote(_EXTENSION_KEY)}: {{}}")
        if not INHERITED_NAMES.isdisjoint(map(_name_of, properties)):
            patterns += [_as_pattern(text) for text in properties if _name_of(text) in INHERITED_NAMES]
            properties = [text for text in properties if _name_of(text) not in INHERITED_NAMES]
        if properties:
            lines.append('"properties": {\n        ' + ",\n        ".join(properties) + "\n      }")
        if patterns:
            lines.append(f'"patternProperties": {{{", ".join(patterns)}}}')
        if rules is not None or not presence.is_empty():
            groups = rules.oneofs if rules is not None else ()
            lines += presence.keywords(message, self._is_required, groups, self._zero_or_null)
        lines.append('"additionalProperties": false')
        return "{\n      " + ",\n      ".join(lines) + "\n    }"

    def _message_rules(self, message: Message) -> MessageRules | None:
        rules = message_rules(message) if self._has_rules else None
        if rules is not None:
            source = message.file.name
            self._not_carried += [_cel_entry(source, message.full_name, rule) for rule in rules.cel]
        return rules

    def _members(self, message: Message, rules: MessageRules | None, presence: Presence) -> list[str]:
        """Every property by its JSON name, and by the name of its field where parsers take that as well.

        What that says of fields being there is added to `presence`.
        """
        members: list[str] = []
        file, fields, is_canonical = message.file, message.fields, self.style.is_canonical
        has_defaults = file.edition != EDITION_PROTO3
        owner = message.full_name if self._has_rules else message.full_name + _UNRULED
        properties = f"#/{self.style.keyword}/{owner}/properties/"
        taken = {field.json_name for field in fields}
        for field in fields:
            json_name, name = field.json_name, field.name
            if field.proto.HasField("options"):
                text, annotated, must_be_set = self._optioned_member(field, rules)
            else:
                annotated = text = self._property(field)
                must_be_set = False
                doc = file.comments_at(field.path).text
                if has_defaults:
                    annotated = self._annotated(text, _notes(field, doc))
                elif doc:
                    annotated = self._annotated(text, [f'"description": {quote(doc)}'])
            members.append(f"{quote(json_name)}: {annotated}")
            has_two_names = name not in taken and not is_canonical
            if has_two_names:
                if len(text) > _ROOM + len(properties) + len(json_name) and json_name not in INHERITED_NAMES:
                    text = f'{{"$ref": "{properties}{fraction(json_name)}"}}'
                members.append(f'"{name}": {text}')
            presence.add(field, is_required=must_be_set or field.is_required, has_two_names=has_two_names)
        return members

    def _extensions(self, message: Message) -> Iterator[str]:
        for field in _extensions_of(message):
            _, annotated, _ = self._optioned_member(field, None)
            yield f'"[{field.full_name}]": {annotated}'

    def _optioned_member(self, field: Field, message_rules: MessageRules | None) -> tuple[str, str, bool]:
        """The schema of a field that has options, the same with annotations, and whether the field must be set."""
        rules = field_rules(field) if self._has_rules else None
        text, must_be_set = self._optioned_property(field, rules, message_rules)
        notes = _notes(field, field.doc)
        if field.deprecated:
            notes.append('"deprecated": true')
        if rules is not None and rules.examples:
            notes.append(f'"examples": [{", ".join(_examples(field, rules.examples))}]')
        return text, self._annotated(text, notes), must_be_set

    def _optioned_property(
        self, field: Field, rules: FieldRules | None, in_message: MessageRules | None
    ) -> tuple[str, bool]:
        """The schema of a field that may have rules, and whether they ask for the field to be set."""
        if not (self._has_rules and field.type_name and ignores_nested_rules(field)):
            return (self._property(field), False) if rules is None else self._ruled_property(field, rules, in_message)
        unruled = self._without_rules()
        unruled._needs = set()  # noqa: SLF001 - another one of this very class
        if rules is None:
            outcome = unruled._property(field), False  # noqa: SLF001
        else:
            outcome = unruled._ruled_property(field, rules, in_message)  # noqa: SLF001
            self._not_carried += unruled._not_carried  # noqa: SLF001
            unruled._not_carried = []  # noqa: SLF001
        self._needs |= unruled._needs  # noqa: SLF001
        return outcome

    def _ruled_property(self, field: Field, rules: FieldRules, in_message: MessageRules | None) -> tuple[str, bool]:
        if self._constraints is None:
            # Most contracts have no rules, and what reads them takes 20 ms to load.
            from protoc_gen_protogate.targets.jsonschema.constraints import Constraints  # noqa: PLC0415

            self._constraints = Constraints(self.style, self.element, self._keys)
        oneofs = in_message.oneofs if in_message is not None else ()
        if rules.ignore is Ignore.UNSPECIFIED and any(field.name in oneof.fields for oneof in oneofs):
            rules = rules._replace(ignore=Ignore.IF_ZERO_VALUE)
        branches, must_be_set = self._constraints.apply(field, rules, self._not_carried)
        takes_null = not (must_be_set or field.is_required or self.style.is_canonical)
        if takes_null and field.type_name not in _OWN_NULL:
            return _or_null(branches), must_be_set
        return union(branches), must_be_set

    def _is_required(self, oneof: Oneof) -> bool:
        return self._has_rules and oneof_is_required(oneof)

    def _zero_or_null(self, field: Field) -> str:
        from protoc_gen_protogate.targets.jsonschema.constraints import Constraints  # noqa: PLC0415 - as above

        zero = Constraints(self.style, self.element, self._keys).zero(field)
        return zero if self.style.is_canonical else union([zero, NULL])

    def _annotated(self, text: str, notes: list[str]) -> str:
        if not notes:
            return text
        if text.startswith('{"$ref"') and not self.style.is_2020:
            # In draft-07 whatever stands beside a $ref is ignored.
            text = f'{{"allOf": [{text}]}}'
        return f"{{{', '.join(notes)}, {text[1:]}" if text != "{}" else f"{{{', '.join(notes)}}}"


def _name_of(member: str) -> str:
    return member[1 : member.index('"', 1)]


def _as_pattern(member: str) -> str:
    name = _name_of(member)
    return f'"^{name}$"{member[len(name) + 2 :]}'


def _notes(field: Field, doc: str) -> list[str]:
    notes = [f'"description": {quote(doc)}'] if doc else []
    default = field.default
    if default is not None:
        notes.append(f'"default": {default_value(field.kind, default)}')
    return notes


def _or_null(branches: Sequence[str]) -> str:
    if len(branches) == 1:
        text = branches[0]
        for name in ("array", "object"):
            if text.startswith(f'{{"type": "{name}"'):
                return f'{{"type": ["{name}", "null"]' + text[len(f'{{"type": "{name}"') :]
        if text.startswith('{"type": "string"') and not any(word in text for word in _REFUSING_NULL):
            return '{"type": ["string", "null"]' + text[len('{"type": "string"') :]
    return union([*branches, NULL])


def _cel_entry(source: str, element: str, rule: CelRule) -> NotCarried:
    from protoc_gen_protogate.targets.jsonschema.constraints import cel_entry  # noqa: PLC0415 - rules are rare

    return cel_entry(source, element, rule)


def _examples(field: Field, examples: Iterable[RuleValue]) -> Iterator[str]:
    """The rules' examples as canonical ProtoJSON."""
    kind = WRAPPERS.get(field.type_name, field.kind)
    for example in examples:
        if kind is Kind.ENUM and isinstance(example, int):
            names = {value.number: quote(value.name) for value in reversed(field.enum.values)}
            yield names.get(example, str(example))
        elif kind is not Kind.MESSAGE and not isinstance(example, tuple):
            yield default_value(kind, example)


def _extensions_of(message: Message) -> list[Field]:
    """The extensions of `message` that its own file declares; others may exist in files it cannot know."""
    file, extendee = message.file, f".{message.full_name}"
    nested = (extension for other in file.all_messages() for extension in other.extensions)
    return [field for field in (*file.extensions, *nested) if field.proto.extendee == extendee]
