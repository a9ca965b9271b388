"""What differs between two messages: their fields by number, their oneofs, and what they set aside."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, Protocol

from protogate.compat.changes import Carrier, Change
from protogate.compat.ranges import Reserved, compare_names, compare_ranges
from protogate.compat.rules import Rule
from protogate.compat.shapes import compare_fields
from protogate.descriptors.features import ALLOW
from protogate.descriptors.wire import CONTINUED, read_varint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from google.protobuf.descriptor_pb2 import DescriptorProto

    from protogate.compat.changes import Fact, Paired
    from protogate.descriptors import Field, Message
    from protogate.descriptors.model import FieldIndex

__all__ = ["PairTypes", "compare_messages", "json_format"]


class PairTypes(Protocol):
    """Has two types compared, because a field held the one and now holds the other."""

    def __call__(self, old: str, new: str, carrier: Carrier, *, enum: bool) -> None:
        """Take the full names of the two, and what pairs the fields that hold them."""


def compare_messages(old: Message, new: Message, paired: Paired, changes: list[Change], pair_types: PairTypes) -> None:
    """Report what differs between two messages, nested types left out."""
    if old.features == new.features:
        if old.encoded == new.encoded:
            return
        index = _only_field(old.encoded, new.encoded)
        if index is not None:
            field, other = old.field_at(index), new.field_at(index)
            if _same_names(field, other):
                compare_fields(field, other, paired, changes, pair_types)
                return
    _compare_options(old, new, paired, changes)
    _Fields(old, new, paired, changes, pair_types).compare()
    before, after = old.proto, new.proto
    if before.reserved_range or after.reserved_range:
        rules = Rule.MESSAGE_RESERVED_RANGE_REMOVED, Rule.MESSAGE_RESERVED_RANGE_ADDED
        compare_ranges(old, new, (old.reserved_ranges, new.reserved_ranges), rules, paired, changes)
    if before.reserved_name or after.reserved_name:
        rules = Rule.MESSAGE_RESERVED_NAME_REMOVED, Rule.MESSAGE_RESERVED_NAME_ADDED
        compare_names(old, new, (before.reserved_name, after.reserved_name), rules, paired, changes)
    if before.extension_range or after.extension_range:
        rules = Rule.MESSAGE_EXTENSION_RANGE_REMOVED, Rule.MESSAGE_EXTENSION_RANGE_ADDED
        compare_ranges(old, new, (old.extension_ranges, new.extension_ranges), rules, paired, changes)


_FIELD_TAG: Final = 0x12
_LENGTH_DELIMITED: Final = 2
_NOT_LENGTH_DELIMITED: Final = 0x87
"""The wire type, and the bit that a field number above 15 sets."""


def _only_field(old: bytes, new: bytes) -> int | None:
    """The index of the one field in which two serialized descriptors differ, None when there is more to it.

    Most changes are of this kind, and a record that is equal costs a third of comparing two message objects.
    """
    position = 0
    index = -1
    try:
        while True:
            tag, size = old[position], old[position + 1]
            if tag & _NOT_LENGTH_DELIMITED != _LENGTH_DELIMITED:
                return None
            after = position + 2
            if size > CONTINUED:
                size, after = read_varint(old, position + 1)
            end = after + size
            if tag == _FIELD_TAG:
                index += 1
            if old[position:end] != new[position:end]:
                break
            position = end
        if tag != _FIELD_TAG or new[position] != _FIELD_TAG:
            return None
        size, after = read_varint(new, position + 1)
    except IndexError:  # the one is the beginning of the other
        return None
    return index if old[end:] == new[after + size :] else None


def _same_names(old: Field, new: Field) -> bool:
    """Whether number, name, key and oneof are the same, so that the other fields do not matter."""
    return (
        old.number == new.number
        and old.name == new.name
        and old.json_name == new.json_name
        and old.oneof_index == new.oneof_index
    )


def json_format(value: int) -> str:
    """A value of the feature `json_format`, for people."""
    return "ALLOW" if value == ALLOW else "LEGACY_BEST_EFFORT"


_OPTIONS: Final = ("message_set_wire_format", "no_standard_descriptor_accessor")


def _compare_options(old: Message, new: Message, paired: Paired, changes: list[Change]) -> None:
    before, after = old.proto, new.proto
    if before.HasField("options") or after.HasField("options"):
        for option in _OPTIONS:
            was, now = getattr(before.options, option), getattr(after.options, option)
            if was != now:
                texts = f"{option} = {str(was).lower()}", f"{option} = {str(now).lower()}"
                facts: Mapping[str, Fact] = {"option": option}
                changes.append(
                    Change(Rule.MESSAGE_OPTION_CHANGED, old.full_name, old, new, old, new, *texts, facts, paired)
                )
    if old.features.json_format != new.features.json_format:
        texts = json_format(old.features.json_format), json_format(new.features.json_format)
        rule = Rule.MESSAGE_JSON_FORMAT_CHANGED
        changes.append(Change(rule, old.full_name, old, new, old, new, *texts, paired=paired))


class _Fields:
    """The fields of two messages, paired by number and, where keys moved, by key.

    Works on indexes into the two lists of field descriptors; a typed field is built only for a difference.
    """

    __slots__ = ("added", "changes", "new", "old", "pair_types", "paired", "pairs", "removed")

    def __init__(
        self, old: Message, new: Message, paired: Paired, changes: list[Change], pair_types: PairTypes
    ) -> None:
        self.old: Final = old
        self.new: Final = new
        self.paired: Final = paired
        self.changes: Final = changes
        self.pair_types: Final = pair_types
        self.pairs: list[tuple[int, int]] = []
        """Indexes of fields with the same number that differ in something."""
        self.removed: list[int] = []
        self.added: list[int] = []

    def compare(self) -> None:
        self._pair()
        if not (self.pairs or self.removed or self.added):
            return
        before, after = self.old.proto, self.new.proto
        sets = _OneofSets(before, after) if before.oneof_decl or after.oneof_decl else None
        if self.removed or self.added or self._renames():
            self._compare_with_keys(sets)
        else:
            self._compare_pairs({}, sets)
        if sets is not None:
            self._compare_oneofs(sets)

    def _pair(self) -> None:
        """Find the fields that differ, by place as long as both messages have the same numbers in the same order."""
        old_fields, new_fields = self.old.proto.field, self.new.proto.field
        if not _same_context(self.old, self.new):
            self._pair_by_number(all_differ=True)
            return
        if len(old_fields) == len(new_fields):
            for i, (before, after) in enumerate(zip(old_fields, new_fields, strict=True)):
                if before != after:
                    if before.number != after.number:
                        break
                    self.pairs.append((i, i))
            else:
                return
        self._pair_by_number(all_differ=False)

    def _pair_by_number(self, *, all_differ: bool) -> None:
        old, new = self.old.field_index, self.new.field_index
        old_numbers, new_numbers, new_protos = old.by_number, new.by_number, new.protos
        self.pairs, self.removed = [], []
        for number, i in old_numbers.items():
            j = new_numbers.get(number)
            if j is None:
                self.removed.append(i)
            elif all_differ or old.protos[i] != new_protos[j]:
                self.pairs.append((i, j))
        self.added = [j for number, j in new_numbers.items() if number not in old_numbers]

    def _renames(self) -> bool:
        old_fields, new_fields = self.old.proto.field, self.new.proto.field
        for i, j in self.pairs:
            before, after = old_fields[i], new_fields[j]
            if before.name != after.name or before.json_name != after.json_name:
                return True
        return False

    def _compare_pairs(self, carriers: Mapping[tuple[int, int], Carrier], sets: _OneofSets | None) -> None:
        for i, j in self.pairs:
            before, after = self.old.field_at(i), self.new.field_at(j)
            carrier = carriers.get((i, j), Carrier.BOTH)
            compare_fields(before, after, self.paired, self.changes, self.pair_types, carrier)
            if sets is not None:
                self._compare_oneof(before, after, sets)

    def _compare_with_keys(self, sets: _OneofSets | None) -> None:
        """Compare in view of names and keys that came, went or moved."""
        keys = _Keys(self.old, self.new, self.paired, self.changes)
        carriers: dict[tuple[int, int], Carrier] = {}
        renamed = [pair for pair in self.pairs if keys.differ(*pair)]
        for i, j in renamed:
            keys.report_names(i, j)
            if keys.new_reader(i) != j and keys.old_reader(j) != i:
                carriers[i, j] = Carrier.WIRE
        for i in self.removed:
            keys.report_removed(i)
        for j in self.added:
            keys.report_added(j)
        olds = [*self.removed, *(i for i, _ in renamed)]
        news = [*self.added, *(j for _, j in renamed)]
        for i, j in keys.moved(olds, news):
            keys.report_moved(i, j)
            before, after = self.old.field_at(i), self.new.field_at(j)
            compare_fields(before, after, self.paired, self.changes, self.pair_types, Carrier.JSON)
        self._compare_pairs(carriers, sets)

    def _compare_oneof(self, before: Field, after: Field, sets: _OneofSets) -> None:
        was, now = before.oneof_name, after.oneof_name
        if was != now:
            facts = sets.facts_of(was, now)
            self.changes.append(
                Change(
                    Rule.FIELD_ONEOF_CHANGED,
                    before.full_name,
                    before,
                    after,
                    self.old,
                    self.new,
                    was,
                    now,
                    facts,
                    self.paired,
                )
            )

    def _compare_oneofs(self, sets: _OneofSets) -> None:
        old_names, new_names = sets.old_names, sets.new_names
        old, new, paired = self.old, self.new, self.paired
        for oneof in old.oneofs if old_names - new_names else ():
            if oneof.name not in new_names:
                facts: dict[str, Fact] = {"fields_kept": sets.from_old[oneof.name]}
                texts = oneof.name, ""
                rule = Rule.ONEOF_REMOVED
                self.changes.append(Change(rule, oneof.full_name, oneof, None, old, new, *texts, facts, paired))
        for oneof in new.oneofs if new_names - old_names else ():
            if oneof.name not in old_names:
                facts = {"fields_kept": sets.into_new[oneof.name]}
                texts = "", oneof.name
                rule = Rule.ONEOF_ADDED
                self.changes.append(Change(rule, oneof.full_name, None, oneof, old, new, *texts, facts, paired))


def _same_context(old: Message, new: Message) -> bool:
    """Whether equal field descriptors mean the same in both messages."""
    before, after = old.proto, new.proto
    if old.features != new.features:
        return False
    # A field points into the list of oneofs, and a map field to a nested entry.
    if (before.oneof_decl or after.oneof_decl) and [one.name for one in before.oneof_decl] != [
        one.name for one in after.oneof_decl
    ]:
        return False
    return not (before.nested_type or after.nested_type) or _map_entries(before) == _map_entries(after)


def _map_entries(message: DescriptorProto) -> dict[str, DescriptorProto]:
    return {one.name: one for one in message.nested_type if one.options.map_entry}


class _Keys:
    """Names and JSON keys of two messages: who reads what the other writes."""

    __slots__ = ("changes", "new", "new_index", "new_life", "old", "old_index", "old_life", "paired")

    def __init__(self, old: Message, new: Message, paired: Paired, changes: list[Change]) -> None:
        self.old: Final = old
        self.new: Final = new
        self.paired: Final = paired
        self.changes: Final = changes
        self.old_index: Final = old.field_index
        self.new_index: Final = new.field_index
        self.old_life: tuple[Reserved, Collection[str]] | None = None
        self.new_life: tuple[Reserved, Collection[str]] | None = None
        """What fields that the version lacks are asked for: what it reserves, and its oneofs."""

    def differ(self, i: int, j: int) -> bool:
        """Whether two fields go by different names or keys."""
        old, new = self.old_index, self.new_index
        return old.names[i] != new.names[j] or old.json_names[i] != new.json_names[j]

    def new_reader(self, i: int) -> int | None:
        """Which new field reads the key of an old one."""
        return self.new_index.by_key.get(self.old_index.json_names[i])

    def old_reader(self, j: int) -> int | None:
        """Which old field reads the key of a new one."""
        return self.old_index.by_key.get(self.new_index.json_names[j])

    def moved(self, olds: Iterable[int], news: Iterable[int]) -> list[tuple[int, int]]:
        """Pairs that keys make and numbers do not."""
        found = {(i, j): None for i in olds if (j := self.new_reader(i)) is not None}
        for j in news:
            i = self.old_reader(j)
            if i is not None:
                found[i, j] = None
        old_protos, new_protos = self.old_index.protos, self.new_index.protos
        return [(i, j) for i, j in found if old_protos[i].number != new_protos[j].number]

    def report_names(self, i: int, j: int) -> None:
        before, after = self.old.field_at(i), self.new.field_at(j)
        if before.name != after.name:
            self._append(Rule.FIELD_RENAMED, before, after, before.name, after.name, self._swapped(before, after))
        if before.json_name != after.json_name:
            facts: dict[str, Fact] = {
                "key_backward": before.json_name in self.new_index.by_key,
                "key_forward": after.json_name in self.old_index.by_key,
            }
            self._append(Rule.FIELD_JSON_NAME_CHANGED, before, after, before.json_name, after.json_name, facts)

    def report_moved(self, i: int, j: int) -> None:
        before, after = self.old.field_at(i), self.new.field_at(j)
        if before.name == after.name:
            facts: dict[str, Fact] = {"old_number": before.number, "new_number": after.number}
            rule = Rule.FIELD_NUMBER_CHANGED
            self._append(rule, before, after, str(before.number), str(after.number), facts)
        else:
            facts = self._swapped(before, after)
            self._append(Rule.FIELD_RENAMED, before, after, before.name, after.name, facts, Carrier.JSON)

    def report_removed(self, i: int) -> None:
        field = self.old.field_at(i)
        life = self.new_life = self.new_life or (Reserved(self.new), _oneof_names(self.new.proto))
        facts = _life(field, self.new_index, *life)
        self._append(Rule.FIELD_REMOVED, field, None, str(field.number), "", facts)

    def report_added(self, j: int) -> None:
        field = self.new.field_at(j)
        life = self.old_life = self.old_life or (Reserved(self.old), _oneof_names(self.old.proto))
        facts = _life(field, self.old_index, *life)
        self._append(Rule.FIELD_ADDED, None, field, "", str(field.number), facts)

    def _swapped(self, before: Field, after: Field) -> dict[str, Fact]:
        return {"swapped": before.name in self.new_index.by_name or after.name in self.old_index.by_name}

    def _append(
        self,
        rule: Rule,
        before: Field | None,
        after: Field | None,
        old: str,
        new: str,
        facts: Mapping[str, Fact],
        carrier: Carrier = Carrier.BOTH,
    ) -> None:
        field = before or after
        assert field is not None, "one of the two is there"  # noqa: S101 - an invariant, not a check of input
        self.changes.append(
            Change(rule, field.full_name, before, after, self.old, self.new, old, new, facts, self.paired, carrier)
        )


def _life(field: Field, index: FieldIndex, reserved: Reserved, oneofs: Collection[str]) -> dict[str, Fact]:
    """What became of the number, the name and the oneof of a field in a version that lacks it."""
    name = field.name
    return {
        "number_reserved": reserved.holds(field.number),
        "name_reserved": name in reserved.names,
        "name_kept": name in index.by_name,
        "key_kept": field.json_name in index.by_key,
        "oneof_kept": field.oneof_name in oneofs,
    }


def _oneof_names(message: DescriptorProto) -> Collection[str]:
    return {one.name for one in message.oneof_decl} if message.oneof_decl else ()


class _OneofSets:
    """How the oneofs of two messages share fields; the synthetic ones of `optional` do not count.

    All is counted once: an oneof of thousands of fields costs no more than as many fields.
    """

    __slots__ = ("from_old", "into_new", "new_names", "old_names", "shared")

    def __init__(self, old: DescriptorProto, new: DescriptorProto) -> None:
        before, after = _oneofs_by_number(old), _oneofs_by_number(new)
        self.old_names: Final = frozenset(before.values())
        self.new_names: Final = frozenset(after.values())
        numbers = {field.number for field in old.field} & {field.number for field in new.field}
        self.shared: Final = Counter((before.get(one, ""), after.get(one, "")) for one in numbers)
        """How many fields of both versions are in an old and a new oneof; empty names stand for none."""
        self.from_old: Final[Counter[str]] = Counter()
        """How many fields of an old oneof the new version has."""
        self.into_new: Final[Counter[str]] = Counter()
        """How many fields of a new oneof the old version has."""
        for (was, now), count in self.shared.items():
            self.from_old[was] += count
            self.into_new[now] += count

    def facts_of(self, was: str, now: str) -> dict[str, Fact]:
        """The facts of a field that moves between two oneofs."""
        moved, moved_out = self.shared["", now], self.shared[was, ""]
        together = self.shared[was, now]
        return {
            "conflict_backward": bool(now) and self.into_new[now] > (together if was else 1),
            "conflict_forward": bool(was) and self.from_old[was] > (together if now else 1),
            "moved": moved if now else 0,
            "existing": self.into_new[now] - moved if now else 0,
            "moved_out": moved_out if was else 0,
            "existing_out": self.from_old[was] - moved_out if was else 0,
            "old_kept": was in self.new_names,
            "new_existed": now in self.old_names,
        }


def _oneofs_by_number(message: DescriptorProto) -> dict[int, str]:
    if not message.oneof_decl:
        return {}
    names = [one.name for one in message.oneof_decl]
    return {
        field.number: names[field.oneof_index]
        for field in message.field
        if field.HasField("oneof_index") and not field.proto3_optional
    }
