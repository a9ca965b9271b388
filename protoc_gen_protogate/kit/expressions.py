"""The contract as its CEL rules see it, and those rules compiled, ready for a target's translator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.cel import types
from protogate.cel.errors import CelSyntaxError, CelTypeError, NotCarried
from protogate.cel.rule import compile_rule
from protogate.descriptors import Kind
from protogate.descriptors.rules import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.cel.rule import Bound, Rule
    from protogate.cel.types import FieldType, Type
    from protogate.descriptors import Field, Message, Schema
    from protogate.descriptors.rules import CelRule, FieldRules, RuleValue

__all__ = ["Contract", "element_type", "field_type", "message_type"]

_FIELD_RULES: Final = "buf.validate.FieldRules"


class Contract:
    """Compiles rules against one schema."""

    def __init__(self, schema: Schema, *, opaque: Iterable[str] = ()) -> None:
        """Set up a compiler.

        Args:
            schema: what names in expressions mean.
            opaque: messages whose fields the target cannot read, because it keeps them in another form.
        """
        self._schema: Final = schema
        self._opaque: Final = frozenset(opaque)
        self._fields: Final[dict[str, Mapping[str, FieldType]]] = {}

    def compile(self, rule: CelRule, this: Type, rules: FieldRules | None = None) -> Rule:
        """The rule with `rule` and `rules` replaced by what the contract gave them.

        Args:
            rule: the rule.
            this: the type of the value that it is about.
            rules: the other rules of the field, which a predefined rule may read.

        Raises:
            NotCarried: it is no valid rule for this contract, or not one that can be computed.
        """
        failure: CelTypeError | None = None
        # A number in a rule may be an int or a uint, a span a duration or a timestamp: the one that fits is meant.
        for rule_type in _types_of(rule.rule):
            variables = {"this": this, "now": types.TIMESTAMP}
            bound: dict[str, Bound] = {}
            if rule_type is not None and rule.rule is not None:
                variables["rule"] = rule_type
                bound["rule"] = rule.rule
                self._bind_rules(rules, variables, bound)
            try:
                return compile_rule(rule.expression, types.Env(variables, self.fields_of, self._constant), bound)
            except CelTypeError as error:
                failure = failure or error
            except CelSyntaxError as error:
                raise NotCarried(str(error)) from error
        raise NotCarried(str(failure))

    def fields_of(self, full_name: str) -> Mapping[str, FieldType] | None:
        """The fields of a message by name, None when there is nothing to read."""
        known = self._fields.get(full_name)
        if known is not None:
            return known
        message = self._schema.messages.get(full_name)
        if message is None or full_name in self._opaque:
            return None
        fields = self._fields[full_name] = {field.name: _field_of(field) for field in message.fields}
        return fields

    def field(self, message: str, name: str) -> Field:
        """A field by the full name of its message and its own."""
        return next(field for field in self._schema.messages[message].fields if field.name == name)

    def _bind_rules(self, rules: FieldRules | None, variables: dict[str, Type], bound: dict[str, Bound]) -> None:
        container = self._schema.messages.get(_FIELD_RULES)
        if rules is None or container is None:
            return
        for field in container.fields:
            if field.name == rules.kind:
                variables["rules"] = types.message(field.type_name)
                bound["rules"] = rules.standard

    def _constant(self, full_name: str) -> int | None:
        enum_name, _, name = full_name.rpartition(".")
        enum = self._schema.enums.get(enum_name)
        return None if enum is None else next((value.number for value in enum.values if value.name == name), None)


def message_type(message: Message) -> Type:
    """The type that CEL gives a message."""
    return types.message(message.full_name)


def field_type(field: Field) -> Type:
    """The type that CEL gives a field."""
    if field.map_key is not None and field.map_value is not None:
        return types.map_of(element_type(field.map_key), element_type(field.map_value))
    element = element_type(field)
    return types.list_of(element) if field.is_repeated else element


def element_type(field: Field) -> Type:
    """The type that CEL gives one value of a field."""
    scalar = _SCALARS.get(field.kind)
    return types.message(field.type_name) if scalar is None else scalar


_SCALARS: Final = {
    **dict.fromkeys((Kind.DOUBLE, Kind.FLOAT), types.DOUBLE),
    **dict.fromkeys((Kind.INT32, Kind.SINT32, Kind.SFIXED32, Kind.INT64, Kind.SINT64, Kind.SFIXED64), types.INT),
    **dict.fromkeys((Kind.UINT32, Kind.FIXED32, Kind.UINT64, Kind.FIXED64), types.UINT),
    Kind.BOOL: types.BOOL,
    Kind.STRING: types.STRING,
    Kind.BYTES: types.BYTES,
    Kind.ENUM: types.INT,
}


def _field_of(field: Field) -> FieldType:
    value = field.map_value or field
    return types.FieldType(
        field.name, field_type(field), field.presence, _default(field), single=value.kind is Kind.FLOAT
    )


def _default(field: Field) -> bool | float | str | bytes | None:
    if field.kind is not Kind.ENUM:
        return field.default
    if field.is_repeated or not field.presence:
        return None
    # A closed enum may start above zero.
    name = field.default or field.zero
    return next(value.number for value in field.enum.values if value.name == name)


def _types_of(value: RuleValue | None) -> list[Type | None]:
    if value is None:
        return [None]
    if isinstance(value, Span):
        return [types.DURATION, types.TIMESTAMP]
    if isinstance(value, tuple):
        inner = _types_of(value[0]) if value else [types.STRING]
        return [types.list_of(item) for item in inner if item is not None]
    if isinstance(value, bool):
        return [types.BOOL]
    if isinstance(value, int):
        return [types.INT, types.UINT]
    return [types.DOUBLE if isinstance(value, float) else types.STRING if isinstance(value, str) else types.BYTES]
