"""The fields of a message as nodes of a contract, and what contracts cannot say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.contract.values import allows_zero, element_type, is_message, ruled_element
from protogate.descriptors import Kind
from protogate.descriptors.rules import (
    FieldRules,
    Ignore,
    field_rules,
    ignores_nested_rules,
    message_rules,
    oneof_is_required,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protoc_gen_protogate.targets.contract.values import Direction, Node, Zero
    from protogate.descriptors import Field, Message
    from protogate.descriptors.rules import CelRule, MessageRules

__all__ = ["Fields", "Gap", "Holder", "Key", "describe", "is_demanded", "ordered"]

_NO_CEL: Final = "contracts have no expressions over values"
_NO_ONEOF: Final = "contracts describe each field for itself"
_EMPTY_IS_UNSET: Final = "it is not about the empty value, which callers may send as well"
_BEHAVIOR: Final = "google.api.field_behavior"
_REQUIRED: Final = 2
_LEFT_OUT: Final[Mapping[Direction, int]] = {"input": 3, "output": 4}
"""OUTPUT_ONLY and INPUT_ONLY of `google.api.FieldBehavior`."""
_ORDER: Final[Sequence[str]] = ("type", "$ref", "format", "nullable", "in", "required", "deprecated", "description")
_NO_RULES: Final = FieldRules(
    required=False,
    ignore=Ignore.UNSPECIFIED,
    kind="",
    standard={},
    examples=(),
    items=None,
    keys=None,
    values=None,
    cel=(),
)


class Gap(NamedTuple):
    """Something of a message that contracts cannot say."""

    element: str
    rule: str
    reason: str


class Key(NamedTuple):
    """A message as a field holds it."""

    full_name: str
    has_rules: bool
    """False below a field with IGNORE_ALWAYS."""


class Holder(NamedTuple):
    """A field, and its node without what the message that it holds says."""

    field: Field
    node: Node
    holds: Key | None
    is_left_out: bool
    """Whether documents of this direction do not have it: callers do not send what is OUTPUT_ONLY."""


class Fields(NamedTuple):
    """The fields of a message in one direction."""

    holders: Sequence[Holder]
    gaps: Sequence[Gap]


def describe(message: Message, direction: Direction, *, has_rules: bool) -> Fields:
    """The fields of a message as documents of one direction have them, with their rules or without any."""
    gaps: list[Gap] = []
    in_groups: frozenset[str] = frozenset()
    if has_rules:
        own = message_rules(message)
        gaps += _message_gaps(message, own)
        in_groups = frozenset(name for group in own.oneofs for name in group.fields) if own is not None else in_groups
    holders: list[Holder] = []
    for field in message.fields:
        rules = (field_rules(field) if has_rules else None) or _NO_RULES
        if field.name in in_groups and rules.ignore is Ignore.UNSPECIFIED:
            # Of fields of which only one may be set, the rules of the others cannot hold.
            rules = rules._replace(ignore=Ignore.IF_ZERO_VALUE)
        gaps += [_cel_gap(field.full_name, rule) for rule in _all_cel(rules)]
        writer = _FieldWriter(field, rules, direction, gaps)
        value = field.map_value or field
        nested = Key(value.type_name, has_rules and not ignores_nested_rules(field)) if is_message(value) else None
        holders.append(Holder(field, writer.node(), nested, _LEFT_OUT[direction] in _behaviors(field)))
    return Fields(holders, gaps)


def _message_gaps(message: Message, rules: MessageRules | None) -> Iterator[Gap]:
    name = message.full_name
    if rules is not None:
        yield from (_cel_gap(name, rule) for rule in rules.cel)
        yield from (Gap(name, "message.oneof", _NO_ONEOF) for _ in rules.oneofs[:1])
    for oneof in message.oneofs:
        if len(oneof.fields) > 1:
            yield Gap(oneof.full_name, "oneof", _NO_ONEOF)
        if oneof_is_required(oneof):
            yield Gap(oneof.full_name, "required", _NO_ONEOF)
    if message.is_extendable:
        yield Gap(name, "extensions", "contracts list the fields of the message itself")


def _cel_gap(element: str, rule: CelRule) -> Gap:
    return Gap(element, f"cel:{rule.id or rule.expression}", _NO_CEL)


def _all_cel(rules: FieldRules) -> Iterator[CelRule]:
    yield from rules.cel
    for part in (rules.items, rules.keys, rules.values):
        if part is not None:
            yield from _all_cel(part)


def _behaviors(field: Field) -> frozenset[int]:
    """What `google.api.field_behavior` says of a field, by number."""
    if not field.proto.HasField("options"):
        return frozenset()
    reader = field.file.schema.options
    return frozenset(reader.read(field.proto.options, _BEHAVIOR) or ()) if reader.knows(_BEHAVIOR) else frozenset()


def is_demanded(field: Field, rules: FieldRules | None, direction: Direction) -> bool:
    """Whether a document without the field is refused, or never written."""
    if field.is_required or (rules is not None and rules.required):
        return True
    if direction == "input" and _REQUIRED in _behaviors(field):
        return True
    if rules is None or field.presence or rules.ignore is Ignore.IF_ZERO_VALUE:
        return False
    return not allows_zero(field, rules.standard)


class _FieldWriter:
    """Writes the node of one field, without the message that it may hold."""

    def __init__(self, field: Field, rules: FieldRules, direction: Direction, gaps: list[Gap]) -> None:
        self._field: Final = field
        self._rules: Final = rules
        self._direction: Final[Direction] = direction
        self._gaps: Final = gaps

    def node(self) -> Node:
        """The node, with what is said about the field beside its values."""
        field = self._field
        if field.map_key is not None and field.map_value is not None:
            node = self._map(field.map_key, field.map_value)
        else:
            node = self._list() if field.is_repeated else self._single()
        if is_demanded(field, self._rules, self._direction):
            node["required"] = True
        if field.deprecated:
            node["deprecated"] = True
        doc = field.doc
        if doc:
            node["description"] = doc
        return ordered(node)

    def _report(self, rule: str, reason: str) -> None:
        self._gaps.append(Gap(self._field.full_name, rule, reason))

    def _single(self) -> Node:
        rules = self._rules
        zero: Zero = ""
        if not self._field.presence:
            zero = "refused" if rules.required else "needless" if rules.ignore is Ignore.IF_ZERO_VALUE else ""
        return self._element(self._field, rules, zero)

    def _element(self, field: Field, rules: FieldRules | None, zero: Zero = "") -> Node:
        if rules is None or (not rules.standard and not zero):
            return dict(element_type(field, self._direction))
        return dict(ruled_element(field, rules, self._direction, self._report, zero=zero))

    def _item(self, field: Field, rules: FieldRules | None) -> Node:
        """An item of a list or a value of a map."""
        skips_zero = rules is not None and rules.ignore is Ignore.IF_ZERO_VALUE and field.kind is not Kind.MESSAGE
        return self._element(field, rules, "needless" if skips_zero else "")

    def _list(self) -> Node:
        rules = self._rules
        node: Node = {"type": "array", "items": self._item(self._field, rules.items)}
        self._sizes(node, "min_items", "max_items", ("minItems", "maxItems"))
        if rules.standard.get("unique") and _allows_nan(node["items"]):
            self._report("repeated.unique", "NaN is never equal to NaN, and its texts are")
        elif rules.standard.get("unique"):
            node["uniqueItems"] = True
        return node

    def _map(self, key: Field, value: Field) -> Node:
        rules = self._rules
        node: Node = {"type": "object"}
        if rules.keys is not None and rules.keys.standard:
            if key.kind is Kind.STRING:
                names = self._element(key, rules.keys)
                node["propertyNames"] = {word: said for word, said in names.items() if word != "type"}
            else:
                for rule in rules.keys.standard:
                    self._report(f"{rules.keys.kind}.{rule}", "keys are strings in JSON")
        node["additionalProperties"] = self._item(value, rules.values)
        self._sizes(node, "min_pairs", "max_pairs", ("minProperties", "maxProperties"))
        return node

    def _sizes(self, node: Node, least: str, most: str, keywords: tuple[str, str]) -> None:
        standard = self._rules.standard
        smallest = standard.get(least, 0)
        if self._rules.required and not smallest:
            smallest = 1
        if smallest and self._rules.ignore is Ignore.IF_ZERO_VALUE and not self._rules.required:
            self._report(f"{self._rules.kind}.{least}", _EMPTY_IS_UNSET)
        elif smallest:
            node[keywords[0]] = smallest
        if most in standard:
            node[keywords[1]] = standard[most]


def _allows_nan(items: Node) -> bool:
    return any("NaN" in branch.get("enum", ()) for branch in (items, *items.get("anyOf", ())))


def ordered(node: Node) -> Node:
    """The node with what it is before how it is bounded."""
    first = {key: node[key] for key in _ORDER if key in node}
    return {**first, **node}
