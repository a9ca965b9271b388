"""Numbers and names that messages and enums set aside."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from protogate.compat.changes import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogate.compat.changes import Fact, Paired
    from protogate.compat.rules import Rule
    from protogate.descriptors import Enum, Message

    Range = tuple[int, int]
    """First and last number."""

__all__ = ["Reserved", "compare_names", "compare_ranges"]


class Reserved:
    """The numbers and names that a message or an enum reserves."""

    __slots__ = ("_ends", "_starts", "names")

    def __init__(self, owner: Message | Enum) -> None:
        proto = owner.proto
        self.names: Final = frozenset(proto.reserved_name) if proto.reserved_name else _NO_NAMES
        joined = _joined(owner.reserved_ranges) if proto.reserved_range else ()
        self._starts: Final = [start for start, _ in joined]
        self._ends: Final = [end for _, end in joined]

    def holds(self, number: int) -> bool:
        """Whether it reserves a number."""
        i = bisect_right(self._starts, number)
        return i > 0 and number <= self._ends[i - 1]


_NO_NAMES: Final[frozenset[str]] = frozenset()


def compare_ranges(
    old: Message | Enum,
    new: Message | Enum,
    ranges: tuple[Sequence[Range], Sequence[Range]],
    rules: tuple[Rule, Rule],
    paired: Paired,
    changes: list[Change],
) -> None:
    """Report each range of the one version that the other does not cover; `rules` are removed and added."""
    before, after = ranges
    covered = _joined(after)
    for one in before:
        missing = _missing(one, covered)
        if missing:
            _append(rules[0], old, new, one, missing, paired, changes)
    covered = _joined(before)
    for one in after:
        missing = _missing(one, covered)
        if missing:
            _append(rules[1], old, new, one, missing, paired, changes)


def compare_names(
    old: Message | Enum,
    new: Message | Enum,
    names: tuple[Iterable[str], Iterable[str]],
    rules: tuple[Rule, Rule],
    paired: Paired,
    changes: list[Change],
) -> None:
    """Report each name that one version reserves and the other does not; `rules` are removed and added."""
    before, after = set(names[0]), set(names[1])
    changes.extend(
        Change(rules[0], old.full_name, old, new, old, new, name, "", paired=paired) for name in before - after
    )
    changes.extend(
        Change(rules[1], old.full_name, old, new, old, new, "", name, paired=paired) for name in after - before
    )


def _append(
    rule: Rule,
    old: Message | Enum,
    new: Message | Enum,
    one: Range,
    missing: Sequence[Range],
    paired: Paired,
    changes: list[Change],
) -> None:
    parts = tuple(_text(part) for part in missing)
    facts: dict[str, Fact] = {"start": one[0], "end": one[1], "missing": parts}
    changes.append(Change(rule, old.full_name, old, new, old, new, _text(one), ", ".join(parts), facts, paired))


def _text(one: Range) -> str:
    return str(one[0]) if one[0] == one[1] else f"{one[0]}-{one[1]}"


def _joined(ranges: Iterable[Range]) -> list[Range]:
    """The same numbers in as few ranges as possible, sorted."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _missing(one: Range, covered: Iterable[Range]) -> list[Range]:
    """The parts of a range that are not covered."""
    start, end = one
    missing: list[Range] = []
    for first, last in covered:
        if last < start:
            continue
        if first > end:
            break
        if first > start:
            missing.append((start, first - 1))
        start = last + 1
    if start <= end:
        missing.append((start, end))
    return missing
