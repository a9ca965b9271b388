"""Compares rows and events while both are being written: a difference counts when it stays.

Both sides are never read in the same moment, so a first look finds rows that are on their way. Each of those is looked
at again until both sides agree, or until neither has moved between two looks and nothing of it waits to be told.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from gateway.bridge.verification import Difference, differing_columns, verify
from gateway.legacy.rows import DESTINATION, row_of
from protogate.legacy.adapter import RowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gateway.bridge.bootstrap import Bridge
    from gateway.bridge.verification import Verification
    from protogate.cqrs.ports import EventStore, Outbox
    from protogate.legacy.model import LegacySchema

__all__ = ["Comparison", "Patience", "compare"]

_MOST: Final = 10_000
"""Differences of a kind that are looked at again; more than these is no matter of a moment."""
_AT_ONCE: Final = 200
"""Keys of one query."""


class Patience(NamedTuple):
    """How often and how long to look again, in seconds."""

    settle: float = 1.0
    """Between two looks."""
    total: float = 30.0
    """After which rows that still move are told as moving."""


class Comparison(NamedTuple):
    """What stayed different."""

    rows: int
    first_look: int
    """Differences when nothing was looked at twice."""
    differences: tuple[Difference, ...]
    moving: tuple[str, ...]
    """Ids that changed at every look until the time was over."""
    verification: Verification

    @property
    def in_sync(self) -> float:
        """The share of rows that agree."""
        return max(0.0, 1.0 - len(self.differences) / self.rows) if self.rows else float(not self.differences)


class _Look(NamedTuple):
    """Both sides of one stream, as they were seen."""

    row: dict[str, Any] | None
    state: dict[str, Any] | None
    version: int

    @property
    def agrees(self) -> bool:
        return self.row == self.state


async def compare(
    bridge: Bridge,
    store: EventStore,
    schema: LegacySchema,
    *,
    waits: Callable[[str], bool] = lambda _: False,
    patience: Patience = Patience(),  # noqa: B008 - a frozen value
) -> Comparison:
    """Compare all rows with all streams, and look again at what differs.

    Args:
        bridge: the table and its mapping.
        store: where the events are.
        schema: of the table.
        waits: whether a change of the legacy side waits to be taken over; asked with the id of a stream.
        patience: how often and how long to look again.

    Raises:
        SourceLostError: the legacy database went away.
        StoreUnavailableError: the events cannot be read.
    """
    found = await verify(bridge, store, schema, shown=_MOST)
    waiting = {one.id: one for one in found.differences}
    first = found.different + found.missing + found.vanished
    before: dict[str, _Look] = {}
    stable: list[Difference] = []
    ends = time.monotonic() + patience.total
    while waiting and time.monotonic() < ends:
        # Asked before both sides are read: what does not wait any more by then has arrived when they are.
        held = await _outgoing(bridge, store, waiting) | {name for name in waiting if waits(name)}
        looks = await _look(bridge, store, list(waiting))
        for name, look in looks.items():
            if look.agrees:
                del waiting[name]
            elif before.get(name) == look and name not in held:
                stable.append(_told(bridge, name, look))
                del waiting[name]
        before = looks
        if waiting:
            await asyncio.sleep(patience.settle)
    rest = first - len(found.differences)
    if rest > 0:
        # Too many to look at one by one: they count as they were seen.
        stable += [Difference("", "different")] * rest
    return Comparison(found.rows, first, tuple(sorted(stable)), tuple(sorted(waiting)), found)


async def _outgoing(bridge: Bridge, store: EventStore, names: Iterable[str]) -> set[str]:
    """Ids of streams of which something waits to be told to the legacy side."""
    outbox = cast("Outbox", store)
    entries = await outbox.pending(DESTINATION, limit=_MOST)
    if len(entries) >= _MOST:
        # So much waits that nobody can say of a stream that nothing of it does.
        return set(names)
    found = set()
    for _, entry in entries:
        row = row_of(entry.body)
        if row.table == bridge.mapping.table and set(row.key) == set(bridge.mapping.key):
            key = tuple(row.key[name] for name in bridge.mapping.key)
            found.add(bridge.id_of(bridge.source.typed_key(key)))
    return found


async def _look(bridge: Bridge, store: EventStore, names: Sequence[str]) -> dict[str, _Look]:
    """Read both sides of some streams, the events first: a row that is newer is looked at again anyway."""
    states: dict[str, tuple[dict[str, Any] | None, int]] = {}
    for name in names:
        document = bridge.replay.document(await store.read(f"{bridge.mapping.category}/{name}"))
        states[name] = document.state, document.version
    rows = await asyncio.to_thread(_rows, bridge, names)
    return {name: _Look(rows.get(name), *states[name]) for name in names}


def _rows(bridge: Bridge, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Documents of some rows, by the keys that are read back from the names of their streams."""
    keys = {bridge.source.typed_key(bridge.adapter.key_of(name)): name for name in names}
    listed = list(keys)
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(listed), _AT_ONCE):
        for key, row in bridge.source.read(listed[start : start + _AT_ONCE]).items():
            try:
                found[keys[key]] = bridge.replay.mapped(bridge.adapter.to_document(row))
            except RowError as error:
                found[keys[key]] = {"": str(error)}
    return found


def _told(bridge: Bridge, name: str, look: _Look) -> Difference:
    if look.row is None:
        return Difference(name, "vanished")
    if look.state is None:
        return Difference(name, "missing")
    return Difference(name, "different", differing_columns(bridge, look.row, look.state))
