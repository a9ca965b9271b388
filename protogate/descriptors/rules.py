"""The `buf.validate` rules of a contract as plain values, ready for any target.

Source of the rules: https://protovalidate.com/reference/rules/ and the comments of buf/validate/validate.proto.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.descriptors.model import Field, Message, Oneof
    from protogate.descriptors.options import OptionReader

__all__ = [
    "CelRule",
    "FieldRules",
    "Ignore",
    "MessageOneofRule",
    "MessageRules",
    "RuleValue",
    "Span",
    "field_rules",
    "ignores_nested_rules",
    "message_rules",
    "oneof_is_required",
]


class Span(NamedTuple):
    """A `google.protobuf.Timestamp` or `Duration` in a rule."""

    seconds: int
    nanos: int


RuleValue = bool | int | float | str | bytes | Span | tuple["bool | int | float | str | bytes | Span", ...]
"""The value of a standard rule; a field mask is the tuple of its paths."""


class Ignore(IntEnum):
    """When the rules of a field do not apply."""

    UNSPECIFIED = 0
    """Not when the field has presence and is not set."""
    IF_ZERO_VALUE = 1
    """Not when the field is not set or holds its zero value."""
    ALWAYS = 3
    """Never apply."""


class CelRule(NamedTuple):
    """A rule written in CEL."""

    id: str
    message: str
    expression: str
    rule: RuleValue | None
    """What the contract gave the predefined rule, `rule` in the expression; None for a plain one."""


class FieldRules(NamedTuple):
    """What `(buf.validate.field)` asks of one field, item, key or value."""

    required: bool
    ignore: Ignore
    kind: str
    """Which set of standard rules was used (`string`, `int32`, `repeated`, ...); empty for none."""
    standard: Mapping[str, RuleValue]
    """Standard rules by name, such as `{"min_len": 1, "in": ("a", "b")}`; examples are left out."""
    examples: tuple[RuleValue, ...]
    items: FieldRules | None
    keys: FieldRules | None
    values: FieldRules | None
    cel: tuple[CelRule, ...]


class MessageOneofRule(NamedTuple):
    """At most one of `fields` may be set; exactly one when `required`."""

    fields: tuple[str, ...]
    required: bool


class MessageRules(NamedTuple):
    """What `(buf.validate.message)` asks of a message."""

    cel: tuple[CelRule, ...]
    oneofs: tuple[MessageOneofRule, ...]


_SPANS: Final = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration"})
_FIELD_MASK: Final = "google.protobuf.FieldMask"


def field_rules(field: Field) -> FieldRules | None:
    """The rules of `field`; None when it has none or they are to be ignored always."""
    proto = field.proto
    if not proto.HasField("options"):
        return None
    reader = field.file.schema.options
    raw = reader.read(proto.options, "buf.validate.field")
    if raw is None:
        return None
    rules = _field_rules(raw, reader)
    return None if rules.ignore is Ignore.ALWAYS else rules


def ignores_nested_rules(field: Field) -> bool:
    """Whether the rules of the messages in `field` never apply either, because it says `IGNORE_ALWAYS`."""
    proto = field.proto
    if not proto.HasField("options"):
        return False
    raw = field.file.schema.options.read(proto.options, "buf.validate.field")
    if raw is None:
        return False
    return Ignore.ALWAYS in {raw.ignore, raw.repeated.items.ignore, raw.map.values.ignore}


def message_rules(message: Message) -> MessageRules | None:
    """The rules of `message` as a whole, None when it has none."""
    proto = message.proto
    if not proto.HasField("options"):
        return None
    raw = message.file.schema.options.read(proto.options, "buf.validate.message")
    if raw is None:
        return None
    return MessageRules(
        cel=_cel(raw),
        oneofs=tuple(MessageOneofRule(tuple(o.fields), o.required) for o in raw.oneof),
    )


def oneof_is_required(oneof: Oneof) -> bool:
    """Whether one member must be set."""
    proto = oneof.proto
    if not proto.HasField("options"):
        return False
    raw = oneof.parent.file.schema.options.read(proto.options, "buf.validate.oneof")
    return raw is not None and raw.required


def _field_rules(raw: Any, reader: OptionReader) -> FieldRules:  # noqa: ANN401 - a dynamic FieldRules message
    kind = raw.WhichOneof("type") or ""
    standard: dict[str, RuleValue] = {}
    examples: tuple[RuleValue, ...] = ()
    predefined: list[CelRule] = []
    nested: dict[str, FieldRules] = {}
    if kind:
        for descriptor, value in getattr(raw, kind).ListFields():
            if descriptor.is_extension:
                predefined += _predefined(descriptor, _value(descriptor, value), reader)
            elif descriptor.name == "example":
                examples = tuple(_value(descriptor, value))  # type: ignore[arg-type] # repeated by its schema
            elif descriptor.message_type is not None and descriptor.message_type.name == "FieldRules":
                nested[descriptor.name] = _field_rules(value, reader)
            else:
                standard[descriptor.name] = _value(descriptor, value)
    return FieldRules(
        required=raw.required,
        ignore=Ignore(raw.ignore),
        kind=kind,
        standard=standard,
        examples=examples,
        items=_unless_ignored(nested.get("items")),
        keys=_unless_ignored(nested.get("keys")),
        values=_unless_ignored(nested.get("values")),
        cel=(*_cel(raw), *predefined),
    )


def _unless_ignored(rules: FieldRules | None) -> FieldRules | None:
    return None if rules is None or rules.ignore is Ignore.ALWAYS else rules


def _cel(raw: Any) -> tuple[CelRule, ...]:  # noqa: ANN401 - FieldRules, MessageRules or PredefinedRules
    return (
        *(_cel_rule(rule) for rule in raw.cel),
        *(CelRule(text, "", text, None) for text in raw.cel_expression),
    )


def _cel_rule(rule: Any, value: RuleValue | None = None) -> CelRule:  # noqa: ANN401 - a dynamic Rule message
    return CelRule(rule.id, rule.message, rule.expression, value)


def _predefined(descriptor: Any, value: RuleValue, reader: OptionReader) -> Iterable[CelRule]:  # noqa: ANN401
    raw = reader.read(descriptor.GetOptions(), "buf.validate.predefined")
    return () if raw is None else [_cel_rule(rule, value) for rule in raw.cel]


def _value(descriptor: Any, value: Any) -> RuleValue:  # noqa: ANN401 - whatever the rule's field holds
    if descriptor.is_repeated:
        return tuple(_single(descriptor, item) for item in value)
    single: RuleValue = _single(descriptor, value)
    return single


def _single(descriptor: Any, value: Any) -> Any:  # noqa: ANN401
    if descriptor.message_type is None:
        return value
    if descriptor.message_type.full_name in _SPANS:
        return Span(value.seconds, value.nanos)
    if descriptor.message_type.full_name == _FIELD_MASK:
        return tuple(value.paths)
    return value
