"""From effects on data to verdicts: how bad each one is, and how to say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Carrier, Change, Direction, Effect, Fact
from protogate.compat.profiles import Verdict
from protogate.compat.rules import Rule
from protogate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.compat.comparison import Comparison

__all__ = ["Effects", "Rating", "Table", "judge_effects", "mirrored"]

Effects = tuple[Effect, Effect]
"""Backward, forward."""
Table = dict[Rule, Effects | Callable[[Change], Effects]]
"""What becomes of data, by rule; a rule that is not listed leaves data alone."""
Rating = Callable[[Change, Effect], Severity]
"""How bad an effect of a change is."""


def mirrored(effect: Callable[[Change, bool], Effect]) -> Callable[[Change], Effects]:
    """Both effects of a change, from a function of the change and whether the new version is the reader."""
    return lambda change: (effect(change, True), effect(change, False))  # noqa: FBT003 - which of the two reads


def judge_effects(
    comparison: Comparison, direction: Direction, table: Table, unread: Carrier, rate: Rating
) -> Iterator[Verdict]:
    """Verdicts of a profile that is a table; pairs that `unread` alone makes are passed over."""
    index = 0 if direction is Direction.BACKWARD else 1
    phrases = _PHRASES[index]
    for change, effects in comparison.once(id(table), lambda one: _effects(one, table, unread)):
        effect = effects[index]
        if effect is not Effect.OK:
            spot, sentence = comparison.tell(change)
            severity, hint = rate(change, effect), _hint(change, effect)
            yield Verdict(change.rule, severity, spot, change.element, sentence, phrases[effect], hint)


def _effects(comparison: Comparison, table: Table, unread: Carrier) -> list[tuple[Change, Effects]]:
    """The changes that a table knows, with both effects."""
    found: list[tuple[Change, Effects]] = []
    for change in comparison.changes:
        effects = table.get(change.rule)
        if effects is not None and change.carrier is not unread:
            found.append((change, effects if isinstance(effects, tuple) else effects(change)))
    return found


def _phrases(reader: str, writer: str) -> dict[Effect, str]:
    return {
        Effect.DROP: f"{reader} readers do not see what {writer} writers set",
        Effect.UNKNOWN: f"{reader} readers get a number without a name",
        Effect.NAME: f"{reader} readers see another name for the same number",
        Effect.RANGE: f"{reader} readers truncate what is out of range in {writer} data",
        Effect.LAST: f"{reader} readers keep only the last element of {writer} data",
        Effect.RAW: f"{reader} readers get the bytes of the encoded message",
        Effect.SWAP: f"{reader} readers take {writer} data for something else",
        Effect.LOST: f"{writer} data is lost or wrong for {reader} readers",
        Effect.ERROR: f"{reader} readers refuse {writer} data",
        Effect.KEY: f"strict {reader} readers refuse the key or name in {writer} data",
    }


_PHRASES: Final = (_phrases("new", "old"), _phrases("old", "new"))

_NEW_FIELD: Final = "add a field with a new number, and keep this one until nobody uses it"
_HINTS: Final[Mapping[Rule, str]] = {
    Rule.FIELD_RENAMED: "leave the numbers with the names that they had",
    Rule.FIELD_JSON_NAME_CHANGED: "set json_name to the old key",
    Rule.FIELD_NUMBER_CHANGED: "take the old number back",
    Rule.FIELD_TYPE_CHANGED: _NEW_FIELD,
    Rule.FIELD_TYPE_NAME_CHANGED: _NEW_FIELD,
    Rule.FIELD_ENCODING_CHANGED: _NEW_FIELD,
    Rule.FIELD_CARDINALITY_CHANGED: _NEW_FIELD,
    Rule.FIELD_REQUIRED_CHANGED: "check the presence in code, not in the contract",
    Rule.FIELD_ONEOF_CHANGED: "leave the fields where they are, and put new fields into the oneof",
    Rule.ENUM_VALUE_RENAMED: "keep the old name, and add the new one behind it as an alias",
    Rule.ENUM_ALIAS_REMOVED: "keep the name that stood first where it was",
    Rule.ENUM_ALIAS_ADDED: "write the new name behind the old one",
    Rule.ENUM_VALUE_REMOVED: "keep the value, marked deprecated",
    Rule.MESSAGE_OPTION_CHANGED: "take the option back",
}


def _hint(change: Change, effect: Effect) -> str:
    rule = change.rule
    if effect is Effect.ERROR and (rule is Rule.FIELD_ADDED or rule is Rule.FIELD_REMOVED):
        return "never add or remove required fields"
    if rule is Rule.FIELD_REMOVED:
        return _reserve(change.facts)
    return _HINTS.get(rule, "")


def _reserve(facts: Mapping[str, Fact]) -> str:
    missing = [word for word in ("number", "name") if not facts[f"{word}_reserved"]]
    return f"reserve its {' and '.join(missing)}" if missing else ""
