"""What differs between two enums: values by number, names by number, and what they set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Change
from protogate.compat.ranges import Reserved, compare_names, compare_ranges
from protogate.compat.rules import Rule
from protogate.descriptors.features import ALLOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.compat.changes import Fact, Paired
    from protogate.descriptors import Enum, EnumValue

__all__ = ["compare_enums", "is_subset"]


def compare_enums(old: Enum, new: Enum, paired: Paired, changes: list[Change]) -> None:
    """Report what differs between two enums."""
    if old.features != new.features:
        _compare_features(old, new, paired, changes)
    _compare_default(old, new, paired, changes)
    _Values(old, new, paired, changes).compare()
    before, after = old.proto, new.proto
    if before.reserved_range or after.reserved_range:
        rules = Rule.ENUM_RESERVED_RANGE_REMOVED, Rule.ENUM_RESERVED_RANGE_ADDED
        compare_ranges(old, new, (old.reserved_ranges, new.reserved_ranges), rules, paired, changes)
    if before.reserved_name or after.reserved_name:
        rules = Rule.ENUM_RESERVED_NAME_REMOVED, Rule.ENUM_RESERVED_NAME_ADDED
        compare_names(old, new, (before.reserved_name, after.reserved_name), rules, paired, changes)


def is_subset(part: Enum, whole: Enum) -> bool:
    """Whether every value of `part` is in `whole`, by name and number."""
    values = {value.name: value.number for value in whole.proto.value}
    return all(values.get(value.name) == value.number for value in part.proto.value)


def _compare_features(old: Enum, new: Enum, paired: Paired, changes: list[Change]) -> None:
    if old.is_closed != new.is_closed:
        texts = _openness(old), _openness(new)
        rule = Rule.ENUM_OPENNESS_CHANGED
        changes.append(Change(rule, old.full_name, old, new, old, new, *texts, paired=paired))
    was, now = old.features.json_format, new.features.json_format
    if was != now:
        texts = _json_format(was), _json_format(now)
        rule = Rule.ENUM_JSON_FORMAT_CHANGED
        changes.append(Change(rule, old.full_name, old, new, old, new, *texts, paired=paired))


def _compare_default(old: Enum, new: Enum, paired: Paired, changes: list[Change]) -> None:
    first, now_first = old.values[0], new.values[0]
    if first.number != now_first.number:
        facts: dict[str, Fact] = {"old_number": first.number, "new_number": now_first.number}
        rule = Rule.ENUM_DEFAULT_CHANGED
        changes.append(Change(rule, old.full_name, old, new, old, new, first.name, now_first.name, facts, paired))


def _openness(enum: Enum) -> str:
    return "closed" if enum.is_closed else "open"


def _json_format(value: int) -> str:
    return "ALLOW" if value == ALLOW else "LEGACY_BEST_EFFORT"


class _Values:
    """The values of two enums by number; with aliases a number has several names."""

    __slots__ = ("changes", "new", "new_numbers", "new_reserved", "old", "old_numbers", "old_reserved", "paired")

    def __init__(self, old: Enum, new: Enum, paired: Paired, changes: list[Change]) -> None:
        self.old: Final = old
        self.new: Final = new
        self.paired: Final = paired
        self.changes: Final = changes
        self.old_numbers: Final = old.by_name
        self.new_numbers: Final = new.by_name
        self.old_reserved: Reserved | None = None
        self.new_reserved: Reserved | None = None

    def compare(self) -> None:
        before, after = self.old.by_number, self.new.by_number
        for number, values in before.items():
            others = after.get(number)
            if others is None:
                self._report_removed(number, values)
            elif values[0].name != others[0].name or len(values) > 1 or len(others) > 1:
                self._report_names(number, values, others)
        for number, values in after.items():
            if number not in before:
                self._report_added(number, values)
        if self.old_numbers != self.new_numbers:
            self._report_renumbered()

    def _report_removed(self, number: int, values: Sequence[EnumValue]) -> None:
        reserved = self.new_reserved = self.new_reserved or Reserved(self.new)
        facts = _life(reserved, number, values, self.new_numbers)
        first = values[0]
        self._append(Rule.ENUM_VALUE_REMOVED, first.full_name, (first, None), (str(number), ""), facts)

    def _report_added(self, number: int, values: Sequence[EnumValue]) -> None:
        reserved = self.old_reserved = self.old_reserved or Reserved(self.old)
        facts = _life(reserved, number, values, self.old_numbers)
        first = values[0]
        self._append(Rule.ENUM_VALUE_ADDED, first.full_name, (None, first), ("", str(number)), facts)

    def _report_names(self, number: int, values: Sequence[EnumValue], others: Sequence[EnumValue]) -> None:
        old_names = tuple(one.name for one in values)
        new_names = tuple(one.name for one in others)
        if old_names == new_names:
            return
        gone, come = set(old_names) - set(new_names), set(new_names) - set(old_names)
        facts: dict[str, Fact] = {
            "number": number,
            "old_names": old_names,
            "new_names": new_names,
            "swapped": any(name in self.new_numbers for name in gone) or any(name in self.old_numbers for name in come),
            "key_backward": old_names[0] in self.new_numbers,
            "key_forward": new_names[0] in self.old_numbers,
        }
        both = values[0], others[0]
        texts = ", ".join(old_names), ", ".join(new_names)
        name = values[0].full_name
        if len(gone) == len(old_names):
            self._append(Rule.ENUM_VALUE_RENAMED, name, both, texts, facts)
            return
        if gone:
            self._append(Rule.ENUM_ALIAS_REMOVED, name, both, texts, facts)
        if come:
            self._append(Rule.ENUM_ALIAS_ADDED, name, both, texts, facts)

    def _report_renumbered(self) -> None:
        for value in self.old.values:
            number = self.new_numbers.get(value.name, value.number)
            if number != value.number:
                after = next(one for one in self.new.by_number[number] if one.name == value.name)
                facts: dict[str, Fact] = {"old_number": value.number, "new_number": number}
                texts = str(value.number), str(number)
                self._append(Rule.ENUM_VALUE_RENUMBERED, value.full_name, (value, after), texts, facts)

    def _append(
        self,
        rule: Rule,
        element: str,
        both: tuple[EnumValue | None, EnumValue | None],
        texts: tuple[str, str],
        facts: Mapping[str, Fact],
    ) -> None:
        self.changes.append(Change(rule, element, *both, self.old, self.new, *texts, facts, self.paired))


def _life(reserved: Reserved, number: int, values: Sequence[EnumValue], numbers: Mapping[str, int]) -> dict[str, Fact]:
    return {
        "number": number,
        "names": tuple(one.name for one in values),
        "number_reserved": reserved.holds(number),
        "names_reserved": tuple(one.name for one in values if one.name in reserved.names),
        "name_kept": values[0].name in numbers,
    }
