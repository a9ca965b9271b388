"""Fields and messages with rules of `buf.validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import NotCarried
from protoc_gen_protogate.kit.expressions import element_type, field_type, message_type
from protoc_gen_protogate.targets.zod.expressions import Expressions
from protoc_gen_protogate.targets.zod.fields import checked, map_text, repeated_text, singular_text
from protoc_gen_protogate.targets.zod.names import literal, object_key
from protoc_gen_protogate.targets.zod.rules import standard_checks, zero_literal
from protogate.cel.errors import NotCarried as NoTranslation
from protogate.descriptors import Kind
from protogate.descriptors.rules import Ignore, field_rules, message_rules, oneof_is_required

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from protoc_gen_protogate.targets.zod.fields import Element, FieldText
    from protogate.cel.types import Type
    from protogate.descriptors import Enum, Field, File, Message
    from protogate.descriptors.rules import CelRule, FieldRules

__all__ = ["RuleWriter"]

_RUNTIMES: Final = (("$rules.", "rules"), ("$formats.", "formats"), ("$cel.", "cel"))


class RuleWriter:
    """Writes the checks of one module; remembers the runtime modules they need and what has no check."""

    def __init__(self, file: File, element_of: Callable[[Field], Element], numbers_of: Callable[[Enum], str]) -> None:
        """Set up a writer.

        Args:
            file: the contract of the module.
            element_of: one value of a field without its rules.
            numbers_of: an expression for the numbers of an enum by their names.
        """
        self._source: Final = file.name
        self._element_of: Final = element_of
        self._expressions: Final = Expressions(file.schema, numbers_of)
        self.runtimes: Final[set[str]] = set()
        self.not_carried: Final[list[NotCarried]] = []

    def field(self, field: Field, *, in_message_oneof: bool) -> FieldText | None:
        """The field with its rules; None when it has none."""
        rules = field_rules(field)
        if rules is None or rules.ignore is Ignore.ALWAYS:
            return None
        # A field of a oneof that rules state is checked when it is set; so is every field with presence.
        is_lenient = not field.presence and (rules.ignore is Ignore.IF_ZERO_VALUE or in_message_oneof)
        own = self._own_checks(field, rules)
        if own and is_lenient:
            own = [_unless_zero(own, "" if field.is_repeated or field.is_map else zero_literal(field))]
        if rules.required and not field.presence:
            zero = "" if field.is_repeated or field.is_map else zero_literal(field)
            own = [self._use(f"$rules.required({zero})"), *own]
        return self._text(field, rules, own)

    def _text(self, field: Field, rules: FieldRules, own: Sequence[str]) -> FieldText:
        if field.map_key is not None and field.map_value is not None:
            keys = self._part_checks(field.map_key, rules.keys, field, is_key=True)
            value = self._element_of(field.map_value)
            values = self._part_checks(field.map_value, rules.values, field)
            return map_text(field.map_key.kind, value._replace(schema=checked(value.schema, values)), keys, own)
        element = self._element_of(field)
        if field.is_repeated:
            items = self._part_checks(field, rules.items, field)
            return repeated_text(element._replace(schema=checked(element.schema, items)), own)
        element = element._replace(schema=checked(element.schema, own))
        required = field.is_required or (rules.required and field.presence)
        return singular_text(element, presence=field.presence, required=required)

    def _own_checks(self, field: Field, rules: FieldRules) -> list[str]:
        checks = list(self._standard(rules, field, field.full_name))
        if rules.cel:
            checks += self._cel(rules.cel, field_type(field), field.full_name, field, rules)
        return checks

    def _part_checks(
        self, part: Field, rules: FieldRules | None, whole: Field, *, is_key: bool = False
    ) -> Sequence[str]:
        """The checks of the items, keys or values of `whole`."""
        if rules is None:
            return ()
        checks = list(self._standard(rules, part, whole.full_name))
        if rules.cel:
            checks += self._cel(rules.cel, element_type(part), whole.full_name, part, rules)
        has_zero = part.kind is not Kind.MESSAGE and part.kind is not Kind.GROUP
        if checks and rules.ignore is Ignore.IF_ZERO_VALUE and has_zero:
            return [_unless_zero(checks, zero_literal(part, is_key=is_key))]
        return checks

    def message(self, message: Message) -> list[str]:
        """The checks of a message as a whole."""
        checks = []
        for oneof in message.oneofs:
            if oneof_is_required(oneof):
                members = ", ".join(literal(field.json_name) for field in oneof.fields)
                checks.append(self._use(f"$rules.oneofRequired({literal(oneof.name)}, [{members}])"))
        rules = message_rules(message)
        if rules is not None:
            by_name = {field.name: field for field in message.fields}
            for oneof_rule in rules.oneofs:
                fields = [by_name[name] for name in oneof_rule.fields if name in by_name]
                zeros = ", ".join(f"{object_key(field.json_name)}: {_unset_value(field)}" for field in fields)
                required = "true" if oneof_rule.required else "false"
                checks.append(self._use(f"$rules.messageOneof({{ {zeros} }}, {required})"))
            checks += self._cel(rules.cel, message_type(message), message.full_name)
        return checks

    def in_message_oneofs(self, message: Message) -> frozenset[str]:
        """Names of the fields in oneofs which the message's rules state, less those that say when to ignore rules."""
        rules = message_rules(message)
        if rules is None or not rules.oneofs:
            return frozenset()
        return frozenset(name for rule in rules.oneofs for name in rule.fields)

    def _standard(self, rules: FieldRules, field: Field, element: str) -> Iterator[str]:
        for check in standard_checks(rules, field):
            if isinstance(check, str):
                yield self._use(check)
            else:
                rule, reason = check
                self.not_carried.append(NotCarried(self._source, element, rule, reason))

    def _cel(
        self,
        cel_rules: Sequence[CelRule],
        this: Type,
        element: str,
        field: Field | None = None,
        rules: FieldRules | None = None,
    ) -> Iterator[str]:
        for rule in cel_rules:
            try:
                code = self._expressions.translate(rule, this, field, rules)
            except NoTranslation as verdict:
                self.not_carried.append(NotCarried(self._source, element, f"cel:{rule.id}", verdict.reason))
                continue
            self.runtimes.update(("rules", "cel"))
            yield f"$rules.cel({literal(rule.id)}, (self) => $cel.verdict(() => {code}, {literal(rule.message)}))"

    def _use(self, check: str) -> str:
        for prefix, runtime in _RUNTIMES:
            if check.startswith(prefix):
                self.runtimes.add(runtime)
        return check


def _unless_zero(checks: Sequence[str], zero: str) -> str:
    return f"$rules.unlessZero([{', '.join(checks)}]{zero and f', {zero}'})"


def _unset_value(field: Field) -> str:
    """What the runtime compares a field with to see whether it is set."""
    if field.presence:
        return "null"
    if field.is_repeated or field.is_map:
        return "undefined"
    return zero_literal(field) or "undefined"
