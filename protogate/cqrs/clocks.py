"""Clocks that tell what could have known of what.

`VectorClock` keys by replica (a server, not a client: clients come and go without bound) and tells a happened-before
from a coincidence. `HybridTime` is a total order that follows wall clocks as far as causality lets it (Kulkarni et al.,
2014): what "last" means in last-write-wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.cqrs.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["HybridClock", "HybridTime", "VectorClock"]


class VectorClock:
    """How many events of each replica are known. Immutable and hashable; a replica that is missing counts 0.

    `<=` is a partial order, `|` the least upper bound. Exactly one of `a == b`, `a < b`, `a > b` and
    `a.is_concurrent_with(b)` holds.
    """

    __slots__ = ("_counts",)

    _counts: Final[Mapping[str, int]]

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        """Take counts by replica; zeros are the same as absent.

        Raises:
            DataError: a count is no integer or negative, or a replica has no name.
        """
        given = counts or {}
        for replica, count in given.items():
            _check_count(replica, count)
        self._counts = {replica: given[replica] for replica in sorted(given) if given[replica]}

    def __getitem__(self, replica: str) -> int:
        """How many events of this replica are known."""
        return self._counts.get(replica, 0)

    def __iter__(self) -> Iterator[str]:
        """Replicas that count more than 0, sorted."""
        return iter(self._counts)

    def increment(self, replica: str) -> VectorClock:
        """The clock after one more event of this replica."""
        return VectorClock({**self._counts, replica: self[replica] + 1})

    def merge(self, other: VectorClock) -> VectorClock:
        """The least clock that knows all that both know."""
        return VectorClock({replica: max(self[replica], other[replica]) for replica in {*self, *other}})

    __or__ = merge

    def __le__(self, other: VectorClock) -> bool:
        """Whether all that this one knows the other knows as well."""
        return all(count <= other[replica] for replica, count in self._counts.items())

    def __lt__(self, other: VectorClock) -> bool:
        """Whether this one happened before the other."""
        return self <= other and self != other

    def __ge__(self, other: VectorClock) -> bool:
        """Whether this one knows all that the other knows."""
        return other <= self

    def __gt__(self, other: VectorClock) -> bool:
        """Whether the other happened before this one."""
        return other < self

    def happened_before(self, other: VectorClock) -> bool:
        """The same as `<`."""
        return self < other

    def dominates(self, other: VectorClock) -> bool:
        """The same as `>=`."""
        return self >= other

    def is_concurrent_with(self, other: VectorClock) -> bool:
        """Whether each knows something that the other does not; a clock is never concurrent with its equal."""
        return not self <= other and not other <= self

    def __eq__(self, other: object) -> bool:
        """Whether both know the same."""
        return isinstance(other, VectorClock) and self._counts == other._counts

    def __hash__(self) -> int:
        """Agree with `==`."""
        return hash(tuple(self._counts.items()))

    def __repr__(self) -> str:
        """Show the counts."""
        return f"VectorClock({dict(self._counts)!r})"

    def to_dict(self) -> dict[str, int]:
        """Counts by replica, for JSON."""
        return dict(self._counts)

    @classmethod
    def from_dict(cls, counts: Mapping[str, int]) -> VectorClock:
        """Read what `to_dict` wrote."""
        return cls(counts)


def _check_count(replica: object, count: object) -> None:
    """Refuse what JSON may bring and no clock counts."""
    if not isinstance(replica, str) or not replica:
        raise DataError(f"vector clock: replica {replica!r} is no name; use a non-empty text")
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise DataError(f"vector clock: {replica!r} counts {count!r}; use an integer from 0")


class HybridTime(NamedTuple):
    """A moment in a total order: by wall clock, then by counter, then by replica."""

    wall_us: int
    counter: int
    replica: str

    def __str__(self) -> str:
        """Sort as text the way moments sort, for 16 digits of microseconds: until the year 2286."""
        return f"{self.wall_us:016d}-{self.counter:08d}-{self.replica}"

    @classmethod
    def parse(cls, text: str) -> HybridTime:
        """Read what `str` wrote.

        Raises:
            DataError: it is none.
        """
        wall, _, rest = text.partition("-")
        counter, dash, replica = rest.partition("-")
        if not (wall.isdecimal() and counter.isdecimal() and dash and replica):
            raise DataError(f"hybrid time {text!r}: is no MICROSECONDS-COUNTER-REPLICA")
        return cls(int(wall), int(counter), replica)


class HybridClock:
    """Gives moments of one replica, each later than all that it gave or was told."""

    def __init__(self, replica: str) -> None:
        """Start before all moments."""
        self._last = HybridTime(0, 0, replica)

    def tick(self, now_us: int) -> HybridTime:
        """A new moment; `now_us` may step back, moments do not."""
        return self._advance(max(now_us, self._last.wall_us), self._last)

    def observe(self, seen: HybridTime, now_us: int) -> HybridTime:
        """A new moment that is later than one that another replica gave."""
        wall = max(now_us, self._last.wall_us, seen.wall_us)
        latest = max((self._last, seen), key=lambda one: (one.wall_us, one.counter))
        return self._advance(wall, latest)

    def _advance(self, wall: int, latest: HybridTime) -> HybridTime:
        counter = latest.counter + 1 if wall == latest.wall_us else 0
        self._last = HybridTime(wall, counter, self._last.replica)
        return self._last
