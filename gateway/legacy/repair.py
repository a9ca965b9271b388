"""Compares what the events say with what stands in the legacy database, and puts it right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.legacy.database import in_thread
from gateway.legacy.rows import LegacyRow, row_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from gateway.legacy.writer import LegacyWriter
    from protogate.cqrs.messages import Outgoing, StoredEvent
    from protogate.cqrs.ports import EventStore

__all__ = ["Difference", "LegacyTable", "Report", "repair"]

_PAGE: Final = 500


class LegacyTable(NamedTuple):
    """What a slice keeps in a legacy table; slices expose it so that it can be compared."""

    name: str
    key: str
    """The column that identifies a row."""
    category: str
    """Of the streams whose states the rows are."""
    is_first: Callable[[StoredEvent], bool]
    """Whether an event begins an aggregate that the legacy database has to have."""
    row: Callable[[EventStore, str], Awaitable[Outgoing | None]]
    """What the row of an aggregate must be, by all its events; None when it has none."""


class Difference(NamedTuple):
    """A row that is not as the events say."""

    row: LegacyRow
    """As it must be."""
    columns: tuple[str, ...]
    """Those that differ; empty when the row is missing."""

    def __str__(self) -> str:
        """For people; values may be personal, so they are not shown."""
        return f"{self.row}: {', '.join(self.columns)} differ" if self.columns else f"{self.row}: is missing"


class Report(NamedTuple):
    """What was found, and what was put right."""

    compared: int
    differences: tuple[Difference, ...]
    """The first ones, up to a hundred."""
    missing: int
    different: int
    repaired: int


_SHOWN: Final = 100


async def repair(store: EventStore, writer: LegacyWriter, table: LegacyTable, *, writes: bool = True) -> Report:
    """Compare every aggregate with its row.

    Rows that were not told yet count as different, and are then written by us: the relay finds them done. Rows of the
    legacy database that no events speak of are left alone.

    Args:
        store: where the events are.
        writer: reads and writes the legacy database.
        table: what to compare.
        writes: put it right; otherwise only compare.

    Raises:
        LegacyUnavailableError: the legacy database cannot be read or written now.
        RowRefusedError: it refuses a row.
    """
    compared = missing = different = repaired = 0
    shown: list[Difference] = []
    async for ids in _aggregates(store, table):
        found = await in_thread(lambda ids=ids: writer.read(table.name, table.key, ids))  # type: ignore[misc]
        for aggregate_id in ids:
            outgoing = await table.row(store, aggregate_id)
            if outgoing is None:
                continue
            compared += 1
            row = row_of(outgoing.body)
            present = found.get(aggregate_id)
            columns = () if present is None else _differing(row, present)
            if present is not None and not columns:
                continue
            missing += present is None
            different += present is not None
            if len(shown) < _SHOWN:
                shown.append(Difference(row, columns))
            if writes:
                repaired += await in_thread(lambda row=row: writer.write([row], again=True))  # type: ignore[misc]
    return Report(compared, tuple(shown), missing, different, repaired)


async def _aggregates(store: EventStore, table: LegacyTable) -> AsyncIterator[list[str]]:
    """The aggregates that must have a row, in the order in which they began."""
    after = 0
    while True:
        events = await store.read_all(after=after, limit=_PAGE, category=table.category)
        if not events:
            return
        after = events[-1].position
        ids = [one.aggregate_id for one in events if table.is_first(one)]
        if ids:
            yield ids


def _differing(row: LegacyRow, present: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in row.values.items() if _plain(present.get(name)) != _plain(value))


def _plain(value: Any) -> Any:  # noqa: ANN401 - of a column
    """Many a database keeps yes and no as 1 and 0."""
    return int(value) if isinstance(value, bool) else value
