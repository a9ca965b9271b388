"""CEL rules as Python functions of the generated module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.pydantic.text import docstring, literal
from protogate.cel import check, parse, types
from protogate.cel.errors import CelSyntaxError, CelTypeError
from protogate.cel.errors import NotCarried as NoTranslation
from protogate.cel.python import translate
from protogate.descriptors import Kind
from protogate.descriptors.rules import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protoc_gen_protogate.targets.pydantic.module import Module
    from protoc_gen_protogate.targets.pydantic.rules import Subject
    from protogate.cel.types import FieldType, Type
    from protogate.descriptors import Field, Message
    from protogate.descriptors.rules import CelRule, RuleValue

__all__ = ["check_functions", "rule_functions"]


def rule_functions(subject: Subject) -> Iterator[str]:
    """A call of `rules.cel` for every CEL rule of the subject that Python can say."""
    this = _element_type(subject.field) if subject.element else _field_type(subject.field)
    for rule in subject.rules.cel:
        function = _function(rule, this, subject.module, subject.owner.full_name)
        if function:
            yield f"_r.cel({literal(rule.id)}, {literal(rule.message)}, {function})"


def check_functions(rules: tuple[CelRule, ...], message: Message, module: Module) -> Iterator[str]:
    """A call of `rules.check` for every CEL rule of the message that Python can say."""
    for rule in rules:
        function = _function(rule, types.message(message.full_name), module, message.full_name)
        if function:
            yield f"_r.check({literal(rule.id)}, {literal(rule.message)}, {function})"


def _function(rule: CelRule, this: Type, module: Module, element: str) -> str:
    """The name of a new function of the module that evaluates the rule; empty when Python cannot say it."""
    try:
        code = _translated(rule, this, module)
    except (NoTranslation, CelTypeError, CelSyntaxError) as error:
        module.lose(element, f"cel:{rule.id}", error.reason if isinstance(error, NoTranslation) else str(error))
        return ""
    module.uses_cel = True
    module.uses_rules = True
    module.uses_typing = True
    name = f"_rule_{module.new_number()}"
    module.functions.append(
        f"def {name}(this: _t.Any) -> _t.Any:\n{docstring(rule.expression.strip(), '    ')}    return {code}\n"
    )
    return name


def _translated(rule: CelRule, this: Type, module: Module) -> str:
    expression = parse(rule.expression)
    error: CelTypeError | None = None
    # A number in a rule may be an int or a uint, a span a duration or a timestamp: the one that fits is meant.
    for rule_type in _types_of(rule.rule):
        variables = {"this": this, "now": types.TIMESTAMP}
        if rule_type is not None:
            variables["rule"] = rule_type
        env = types.Env(variables, module.cel_fields, module.cel_constant)
        try:
            return translate(check(expression, env), _Names(module, rule, rule_type))
        except CelTypeError as failed:
            error = error or failed
    assert error is not None  # noqa: S101
    raise error


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


class _Names:
    """How the generated module spells what a rule names."""

    runtime = "_cel"

    def __init__(self, module: Module, rule: CelRule, rule_type: Type | None) -> None:
        self._module: Final = module
        self._rule: Final = rule
        self._rule_type: Final = rule_type

    def variable(self, name: str) -> str:
        if name == "now":
            return "_cel.now()"
        if name == "rule" and self._rule.rule is not None:
            return _rule_code(self._rule.rule, self._rule_type)
        return name

    def field(self, message: str, field: str) -> str:
        return self._module.cel_attribute(message, field)


def _rule_code(value: RuleValue, of: Type | None) -> str:
    if isinstance(value, Span):
        name = "Timestamp" if of == types.TIMESTAMP else "Duration"
        return f"_pg.{name}({value.seconds}, {value.nanos})"
    if isinstance(value, tuple):
        inner = of.params[0] if of is not None else None
        return f"[{', '.join([_rule_code(item, inner) for item in value])}]"
    if isinstance(value, float) and value - value != 0:  # NaN and the infinities
        return f'float("{value}")'
    return literal(value) if isinstance(value, str) else repr(value)


# --- the contract as CEL sees it


def fields_of(message: Message) -> Mapping[str, FieldType]:
    """The fields of a message by name."""
    return {
        field.name: types.FieldType(field.name, _field_type(field), field.presence, _default(field))
        for field in message.fields
    }


def _default(field: Field) -> bool | float | str | bytes | None:
    default = field.default
    if default is None:
        # A closed enum may start above zero.
        return field.enum.values[0].number if field.kind is Kind.ENUM and field.presence else None
    if field.kind is Kind.ENUM:
        return next(value.number for value in field.enum.values if value.name == default)
    return default


def _field_type(field: Field) -> Type:
    if field.map_key is not None and field.map_value is not None:
        return types.map_of(_element_type(field.map_key), _element_type(field.map_value))
    element = _element_type(field)
    return types.list_of(element) if field.is_repeated else element


def _element_type(field: Field) -> Type:
    scalar = _SCALARS.get(field.kind)
    return types.message(field.type_name) if scalar is None else scalar


_SCALARS: Final = {
    Kind.DOUBLE: types.DOUBLE,
    Kind.FLOAT: types.DOUBLE,
    Kind.INT64: types.INT,
    Kind.UINT64: types.UINT,
    Kind.INT32: types.INT,
    Kind.FIXED64: types.UINT,
    Kind.FIXED32: types.UINT,
    Kind.BOOL: types.BOOL,
    Kind.STRING: types.STRING,
    Kind.BYTES: types.BYTES,
    Kind.UINT32: types.UINT,
    Kind.ENUM: types.INT,
    Kind.SFIXED32: types.INT,
    Kind.SFIXED64: types.INT,
    Kind.SINT32: types.INT,
    Kind.SINT64: types.INT,
}
