"""What a message holds in all: how many columns it takes, and which rules are lost when it is kept as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.descriptors import Kind
from protogate.descriptors.rules import field_rules, message_rules, oneof_is_required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protoc_gen_protogate.targets.sql.storage import StorageRules
    from protogate.descriptors import Field, Message
    from protogate.descriptors.rules import FieldRules

__all__ = ["Sizes", "element_message", "rule_names", "rules_inside"]

_ENDLESS: Final = 1_000_000
"""The size of a message that contains itself: beyond every limit, also in sums."""


class Sizes:
    """How many columns a message takes when all its fields stand in columns of one row."""

    __slots__ = ("_known", "_storage")

    def __init__(self, storage: StorageRules) -> None:
        self._storage: Final = storage
        self._known: Final[dict[str, int]] = {}

    def columns_of(self, message: Message) -> int:
        """The number of columns; lists and maps count one, messages that contain themselves a million."""
        name = message.full_name
        known = self._known.get(name)
        if known is None:
            # Whoever comes back here while the sum is being made has gone in a circle.
            self._known[name] = _ENDLESS
            known = self._known[name] = sum(self._columns(field) for field in message.fields)
        return known

    def _columns(self, field: Field) -> int:
        if field.is_repeated or field.map_key is not None or self._storage.storage_of(field) is not None:
            return 1
        return 1 + self.columns_of(field.message)


def element_message(field: Field) -> Message | None:
    """The message that a field, or the values of a map, hold; None for scalars and enums."""
    held = field.map_value or field
    return held.message if held.kind is Kind.MESSAGE or held.kind is Kind.GROUP else None


def rules_inside(message: Message) -> Iterator[tuple[str, str]]:
    """Every rule of a message and of the messages in it: the full name of what it is about, and its name."""
    return _rules_inside(message, set())


def _rules_inside(message: Message, seen: set[str]) -> Iterator[tuple[str, str]]:
    if message.full_name in seen:
        return
    seen.add(message.full_name)
    yield from _own_rules(message)
    for field in message.fields:
        rules = field_rules(field)
        if rules is not None:
            yield from ((field.full_name, name) for name in rule_names(rules))
        inner = element_message(field)
        if inner is not None:
            yield from _rules_inside(inner, seen)


def _own_rules(message: Message) -> Iterator[tuple[str, str]]:
    """The rules about the message as a whole and its oneofs."""
    rules = message_rules(message)
    if rules is not None:
        yield from ((message.full_name, f"cel:{cel.id}") for cel in rules.cel)
        yield from ((message.full_name, "message.oneof") for _ in rules.oneofs)
    yield from ((oneof.full_name, "required") for oneof in message.oneofs if oneof_is_required(oneof))


def rule_names(rules: FieldRules, prefix: str = "") -> Iterator[str]:
    """The names of all rules of a field, those of its elements included."""
    if rules.required:
        yield f"{prefix}required"
    for name in rules.standard:
        yield f"{prefix}{rules.kind}.{name}"
    for part, nested in (("items", rules.items), ("keys", rules.keys), ("values", rules.values)):
        if nested is not None:
            yield from rule_names(nested, f"{prefix}{rules.kind}.{part}.")
    for cel in rules.cel:
        yield f"cel:{cel.id}"
