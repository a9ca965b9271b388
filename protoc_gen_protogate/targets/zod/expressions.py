"""CEL rules as TypeScript functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.cel import types
from protogate.cel.errors import CelSyntaxError, CelTypeError, NotCarried
from protogate.cel.rule import compile_rule
from protogate.cel.typescript import translate
from protogate.descriptors import Kind
from protogate.descriptors.rules import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protogate.cel.rule import Bound
    from protogate.cel.types import FieldType, Type
    from protogate.descriptors import Enum, Field, Message, Schema
    from protogate.descriptors.rules import CelRule, FieldRules, RuleValue

__all__ = ["Contract", "NoExpression", "element_type", "field_type", "message_type"]

_RULES: Final = "buf.validate."


class NoExpression(Exception):  # noqa: N818 - a verdict, not a mistake
    """TypeScript cannot say the rule; the text tells why."""


class Contract:
    """Translates rules against one schema; knows how generated modules spell what it declares."""

    def __init__(self, schema: Schema, numbers_of: Callable[[Enum], str]) -> None:
        """Set up a translator.

        Args:
            schema: what names in expressions mean.
            numbers_of: an expression for the numbers of an enum by their names.
        """
        self._schema: Final = schema
        self._numbers_of: Final = numbers_of
        self._fields: Final[dict[str, Mapping[str, FieldType]]] = {}

    def translate(self, rule: CelRule, this: Type, field: Field | None = None, rules: FieldRules | None = None) -> str:
        """A TypeScript expression over `self`, the value that the rule is about.

        Args:
            rule: the rule.
            this: the type of the value.
            field: the field it comes from, None for a message.
            rules: the other rules of the field, which a predefined rule may read.

        Raises:
            NoExpression: TypeScript cannot say it.
        """
        failure: CelTypeError | None = None
        # A number in a rule may be an int or a uint, a span a duration or a timestamp: the one that fits is meant.
        for rule_type in _types_of(rule.rule):
            variables = {"this": this, "now": types.TIMESTAMP}
            bound: dict[str, Bound] = {}
            if rule_type is not None and rule.rule is not None:
                variables["rule"] = rule_type
                bound["rule"] = rule.rule
                self._add_other_rules(rules, variables, bound)
            try:
                env = types.Env(variables, self._fields_of, self._constant)
                return translate(compile_rule(rule.expression, env, bound).term, _Names(self, field))
            except CelTypeError as error:
                failure = failure or error
            except CelSyntaxError as error:
                raise NoExpression(str(error)) from error
            except NotCarried as error:
                raise NoExpression(error.reason) from error
        raise NoExpression(str(failure))

    def _add_other_rules(self, rules: FieldRules | None, variables: dict[str, Type], bound: dict[str, Bound]) -> None:
        container = self._schema.messages.get(f"{_RULES}FieldRules")
        if rules is None or container is None:
            return
        for field in container.fields:
            if field.name == rules.kind:
                variables["rules"] = types.message(field.type_name)
                bound["rules"] = rules.standard

    def _fields_of(self, full_name: str) -> Mapping[str, FieldType] | None:
        known = self._fields.get(full_name)
        if known is not None:
            return known
        message = self._schema.messages.get(full_name)
        # A field mask is text in JSON, so its paths cannot be read.
        if message is None or full_name == "google.protobuf.FieldMask":
            return None
        fields = self._fields[full_name] = {field.name: _field_of(field) for field in message.fields}
        return fields

    def _constant(self, full_name: str) -> int | None:
        enum_name, _, name = full_name.rpartition(".")
        enum = self._schema.enums.get(enum_name)
        return None if enum is None else next((value.number for value in enum.values if value.name == name), None)

    def numbers(self, field: Field) -> str | None:
        """The numbers of the enum that a field holds, None when it holds something else."""
        value = field.map_value or field
        if value.kind is not Kind.ENUM or value.type_name not in self._schema.enums:
            return None
        return self._numbers_of(value.enum)

    def field(self, message: str, name: str) -> Field:
        """A field by the full name of its message and its own."""
        return next(field for field in self._schema.messages[message].fields if field.name == name)


class _Names:
    """How a generated module spells what a rule names."""

    runtime = "$cel"

    def __init__(self, contract: Contract, field: Field | None) -> None:
        self._contract: Final = contract
        self._field: Final = field

    def variable(self, name: str) -> str:
        if name == "now":
            return "$cel.now()"
        if self._field is not None and self._field.kind is Kind.FLOAT and not self._field.is_repeated:
            return "$cel.float(self)"
        return "self"

    def field(self, message: str, field: str) -> tuple[str, str]:
        found = self._contract.field(message, field)
        return found.json_name, found.name

    def enum_numbers(self, message: str, field: str) -> str | None:
        if message:
            return self._contract.numbers(self._contract.field(message, field))
        return None if self._field is None else self._contract.numbers(self._field)


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


def _field_of(field: Field) -> FieldType:
    value = field.map_value or field
    return types.FieldType(
        field.name, field_type(field), field.presence, _default(field), single=value.kind is Kind.FLOAT
    )


def _default(field: Field) -> bool | float | str | bytes | None:
    if field.kind is Kind.ENUM and not field.is_repeated and field.presence:
        # A closed enum may start above zero.
        name = field.default or field.zero
        return next(value.number for value in field.enum.values if value.name == name)
    return field.default


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


def message_type(message: Message) -> Type:
    """The type that CEL gives a message."""
    return types.message(message.full_name)
