"""What becomes of changes that replicas made without knowing of each other.

Changes are merged as sets, so a merge is commutative, associative and idempotent whatever way it came about; what the
set means is then decided by a function of the set alone:

- changes are put in an order that respects what could have known of what; beside that, time decides, then the replica,
  then the event's id: no tie is left open, and a replica whose wall clock is wrong cannot undo what it has seen;
- two changes that do not know of each other and leave a field with different values are a conflict, as are two whose
  event types exclude each other. `LWW` lets the later one win, `MERGE` refuses and says exactly where.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.cqrs.clocks import HybridTime, VectorClock
from protogate.cqrs.errors import CqrsError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from protogate.cqrs.messages import NewEvent

__all__ = [
    "STRATEGIES",
    "Change",
    "ExclusivePair",
    "FieldConflict",
    "MergeRules",
    "Resolution",
    "UnresolvableConflictError",
    "data_fields",
    "in_order",
    "merge",
    "resolve",
]

STRATEGIES: Final = ("LWW", "MERGE")


class Change(NamedTuple):
    """An event with what its author knew when it happened."""

    event: NewEvent
    """Has an id: the same id is the same change."""
    replica: str
    """Who made it."""
    clock: VectorClock
    """What was known, the change itself included: `clock[replica]` is its number among those of its replica."""
    wall_us: int
    """When, by the clock of the replica, microseconds since 1970."""


class FieldConflict(NamedTuple):
    """Two changes that do not know of each other leave a field with different values."""

    field: str
    first: Change
    second: Change
    first_value: Any
    second_value: Any

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a problem document."""
        return {
            "kind": "field_value_conflict",
            "field": self.field,
            "server_event": self.first.event.type,
            "branch_event": self.second.event.type,
            "server_value": self.first_value,
            "branch_value": self.second_value,
        }


class ExclusivePair(NamedTuple):
    """Two changes that do not know of each other and whose event types exclude each other."""

    first: Change
    second: Change

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a problem document."""
        return {"kind": "exclusive_event_pair", "types": sorted((self.first.event.type, self.second.event.type))}


class MergeRules(NamedTuple):
    """What a slice says about its events."""

    effects: Callable[[NewEvent], Mapping[str, Any]]
    """The fields of the aggregate that an event sets, and their values."""
    exclusive: frozenset[frozenset[str]] = frozenset()
    """Pairs of event types of which two authors may not choose one each."""


class Resolution(NamedTuple):
    """What a set of changes means."""

    changes: tuple[Change, ...]
    """In the order in which they are to be applied."""
    conflicts: tuple[FieldConflict | ExclusivePair, ...]
    """What the order decided although nobody knew; the first of each pair comes first in the order."""


class UnresolvableConflictError(CqrsError):
    """`MERGE` was asked for, and people have to decide."""

    def __init__(self, conflicts: Sequence[FieldConflict | ExclusivePair]) -> None:
        """Say what is at odds."""
        listed = ", ".join(_words(one) for one in conflicts)
        super().__init__(f"{len(conflicts)} conflicts that nobody can merge: {listed}; resolve them or use LWW")
        self.conflicts = tuple(conflicts)


def data_fields(event: NewEvent) -> Mapping[str, Any]:
    """Take every key of an event's data for a field that it sets: the rule for slices that say nothing."""
    return event.data


def merge(*sides: Iterable[Change]) -> tuple[Change, ...]:
    """Join changes, sorted by id; the same id is the same change.

    Raises:
        DataError: one id stands for two different changes, or an event has no id.
    """
    known: dict[str, Change] = {}
    for change in (change for side in sides for change in side):
        if not change.event.id or known.setdefault(change.event.id, change) != change:
            raise DataError(f"event {change.event.id!r} ({change.event.type}): merging needs an id for each change")
    return tuple(known[name] for name in sorted(known))


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Put changes in an order that depends on nothing but the set, and in which each follows all that it knows of."""
    # What a change knows of has a smaller sum of counts, so it has its moment already.
    listed = sorted(changes, key=lambda one: (sum(map(one.clock.__getitem__, one.clock)), one.replica, one.event.id))
    moments: dict[str, list[tuple[int, HybridTime]]] = {}
    timed: list[tuple[HybridTime, str, Change]] = []
    for change in listed:
        moment = _moment(change, moments)
        moments.setdefault(change.replica, []).append((change.clock[change.replica], moment))
        timed.append((moment, change.event.id, change))
    timed.sort(key=itemgetter(0, 1))
    return tuple(change for _, _, change in timed)


def resolve(changes: Iterable[Change], rules: MergeRules, strategy: str = "LWW") -> Resolution:
    """Say what a set of changes means.

    Raises:
        ValueError: there is no such strategy.
        UnresolvableConflictError: the strategy is MERGE and there are conflicts.
    """
    if strategy not in STRATEGIES:
        listed = ", ".join(map(repr, STRATEGIES))
        raise ValueError(f"Unknown merge strategy {strategy!r}. Valid values: {listed}.")
    ordered = in_order(changes)
    conflicts: tuple[FieldConflict | ExclusivePair, ...] = (
        *_field_conflicts(ordered, rules),
        *_exclusive_pairs(ordered, rules),
    )
    if conflicts and strategy == "MERGE":
        raise UnresolvableConflictError(conflicts)
    return Resolution(ordered, conflicts)


def _moment(change: Change, moments: Mapping[str, Sequence[tuple[int, HybridTime]]]) -> HybridTime:
    """The time of a change, moved behind all that it knows of, as a hybrid clock would have stamped it."""
    own = HybridTime(change.wall_us, 0, change.replica)
    for replica in change.clock:
        known = moments.get(replica, ())
        # Its own number is not among them yet, and those that it does not know of count higher.
        place = bisect_right(known, change.clock[replica], key=itemgetter(0))
        if place:
            seen = known[place - 1][1]
            if seen[:2] >= own[:2]:
                own = HybridTime(seen.wall_us, seen.counter + 1, change.replica)
    return own


def _field_conflicts(ordered: Sequence[Change], rules: MergeRules) -> list[FieldConflict]:
    """Fields whose last writers do not know of each other and disagree."""
    writers: dict[str, list[tuple[Change, Any]]] = {}
    for change in ordered:
        for field, value in rules.effects(change.event).items():
            kept = [one for one in writers.get(field, ()) if not one[0].clock <= change.clock]
            writers[field] = [*kept, (change, value)]
    return [
        FieldConflict(field, first, second, one, two)
        for field in sorted(writers)
        for index, (first, one) in enumerate(writers[field])
        for second, two in writers[field][index + 1 :]
        if not _same(one, two)
    ]


def _exclusive_pairs(ordered: Sequence[Change], rules: MergeRules) -> list[ExclusivePair]:
    """Concurrent changes of types that exclude each other."""
    concerned = [one for one in ordered if any(one.event.type in pair for pair in rules.exclusive)]
    return [
        ExclusivePair(first, second)
        for index, first in enumerate(concerned)
        for second in concerned[index + 1 :]
        if frozenset((first.event.type, second.event.type)) in rules.exclusive
        and first.clock.is_concurrent_with(second.clock)
    ]


def _same(one: object, two: object) -> bool:
    """Compare as JSON does: true is not 1, at any depth."""
    return json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)


def _words(conflict: FieldConflict | ExclusivePair) -> str:
    if isinstance(conflict, FieldConflict):
        return f"{conflict.field} is {conflict.first_value!r} and {conflict.second_value!r}"
    return f"{conflict.first.event.type} excludes {conflict.second.event.type}"
