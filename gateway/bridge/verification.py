"""Compares every row of a legacy table with what the events say of it, in bounded memory.

Both sides are reduced to a digest for each stream, in a temporary database on disk, and then joined. Only rows whose
digests differ are read again, to name their columns.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.bridge.documents import SUBJECT, digest_of
from protogate.legacy.adapter import RowError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from gateway.bridge.bootstrap import Bridge
    from protogate.cqrs.messages import StoredEvent
    from protogate.cqrs.ports import EventStore
    from protogate.legacy.model import LegacySchema

__all__ = ["ColumnFate", "Difference", "Verification", "column_fates", "differing_columns", "verify"]

_PAGE: Final = 2000
_SHOWN: Final = 100
_AT_ONCE: Final = 200
"""Keys of one query."""
_TABLES: Final = """
CREATE TABLE legacy(id TEXT PRIMARY KEY, digest BLOB) WITHOUT ROWID;
CREATE TABLE events(id TEXT PRIMARY KEY, digest BLOB, is_ours INTEGER, is_many INTEGER) WITHOUT ROWID;
"""


class Difference(NamedTuple):
    """A row and its events that do not say the same."""

    id: str
    """Of the stream, without its category."""
    kind: str
    """`missing`: no events; `vanished`: events of ours and no row; `different`."""
    columns: tuple[str, ...] = ()


class ColumnFate(NamedTuple):
    """What becomes of a column."""

    column: str
    fate: str
    """`mapped`, `ignored`, `unaccounted`."""
    detail: str
    """The field, or the reason."""


class Verification(NamedTuple):
    """What was found."""

    rows: int
    streams: int
    """Of the category, with a state."""
    equal: int
    different: int
    missing: int
    vanished: int
    only_new: int
    """Streams that no row has and that did not come from the legacy side."""
    rejected: int
    """Rows that no event can carry."""
    differences: tuple[Difference, ...]
    """The first ones of each kind, up to a hundred unless more were asked for."""
    columns: tuple[ColumnFate, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every row that can be carried is there, with every value, and every column is accounted for."""
        unaccounted = any(one.fate == "unaccounted" for one in self.columns)
        return not (self.different or self.missing or self.vanished or unaccounted)


async def verify(
    bridge: Bridge,
    store: EventStore,
    schema: LegacySchema,
    progress: Callable[[str, int], None] = lambda _, __: None,
    *,
    shown: int = _SHOWN,
) -> Verification:
    """Compare all rows with all streams of the category.

    Args:
        bridge: the table and its mapping.
        store: where the events are.
        schema: of the table, to account for every column.
        progress: told what is being read and how many there were.
        shown: differences of each kind that are told one by one.

    Raises:
        SourceLostError: the legacy database went away.
        StoreUnavailableError: the events cannot be read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="protogate-verify-") as folder,
        closing(sqlite3.connect(Path(folder) / "digests.db", isolation_level=None)) as found,
    ):
        found.execute("PRAGMA journal_mode = OFF")
        found.execute("PRAGMA synchronous = OFF")
        found.executescript(_TABLES)
        rows, rejected = _note_rows(bridge, found, progress)
        await _note_events(bridge, store, found, progress)
        counts = _joined(found)
        differences = [one async for one in _differences(bridge, store, found, shown)]
    return Verification(
        rows=rows,
        rejected=rejected,
        differences=tuple(differences),
        columns=column_fates(bridge, schema),
        **counts,
    )


def column_fates(bridge: Bridge, schema: LegacySchema) -> tuple[ColumnFate, ...]:
    """Say of every column of the table what becomes of it."""
    mapped = {one.column: one.field for one in bridge.mapping.columns}
    ignored = bridge.mapping.ignored
    fates = []
    for field in schema.fields:
        if field.name in mapped:
            fates.append(ColumnFate(field.name, "mapped", mapped[field.name]))
        elif field.name in ignored:
            fates.append(ColumnFate(field.name, "ignored", ignored[field.name]))
        else:
            fates.append(ColumnFate(field.name, "unaccounted", "map it, or ignore it with a reason"))
    return tuple(fates)


def differing_columns(bridge: Bridge, row: dict[str, Any], state: dict[str, Any]) -> tuple[str, ...]:
    """The columns whose fields differ between two documents."""
    names = {name for name in row.keys() | state.keys() if row.get(name) != state.get(name)}
    by_field = {field.name: name for name, field in bridge.replay.fields.items()}
    return tuple(
        one.column for one in bridge.mapping.columns if by_field.get(one.field.partition(".")[0]) in names
    ) or tuple(sorted(names))  # fmt: skip


def _note_rows(bridge: Bridge, found: sqlite3.Connection, progress: Callable[[str, int], None]) -> tuple[int, int]:
    rows = rejected = 0
    mapped, to_document, stream_id = bridge.replay.mapped, bridge.adapter.to_document, bridge.adapter.stream_id
    for page in bridge.source.pages(size=_PAGE):
        digests = []
        for row in page:
            try:
                digests.append((stream_id(row), digest_of(mapped(to_document(row)))))
            except RowError:
                rejected += 1
        found.execute("BEGIN")
        found.executemany("INSERT OR REPLACE INTO legacy VALUES (?, ?)", digests)
        found.execute("COMMIT")
        rows += len(page)
        progress("rows", rows)
    return rows, rejected


async def _note_events(
    bridge: Bridge, store: EventStore, found: sqlite3.Connection, progress: Callable[[str, int], None]
) -> None:
    """Digest streams of one event as they come; those of more are replayed afterwards."""
    position = seen = 0
    while True:
        events = await store.read_all(after=position, limit=_PAGE, category=bridge.mapping.category)
        if not events:
            break
        position = events[-1].position
        found.execute("BEGIN")
        found.executemany(
            "INSERT INTO events VALUES (?, ?, ?, ?)"
            " ON CONFLICT(id) DO UPDATE SET is_many = 1, is_ours = max(is_ours, excluded.is_ours)",
            [_first(bridge, event) for event in events],
        )
        found.execute("COMMIT")
        seen += len(events)
        progress("events", seen)
    for some in _chunks(found, "SELECT id FROM events WHERE is_many = 1"):
        replayed = []
        for name in some:
            events = await store.read(f"{bridge.mapping.category}/{name}")
            state = bridge.replay.document(events).state
            replayed.append((None if state is None else digest_of(state), name))
        found.executemany("UPDATE events SET digest = ?, is_many = 0 WHERE id = ?", replayed)


def _first(bridge: Bridge, event: StoredEvent) -> tuple[str, bytes | None, int, int]:
    is_ours = int(event.metadata.get(SUBJECT) == bridge.mapping.subject)
    if event.version > 1:
        return event.aggregate_id, None, is_ours, 1
    state = bridge.replay.apply(None, event)
    return event.aggregate_id, None if state is None else digest_of(state), is_ours, 0


def _chunks(found: sqlite3.Connection, query: str) -> Iterator[Sequence[str]]:
    names = [row[0] for row in found.execute(query).fetchmany(_PAGE)]
    while names:
        yield names
        names = [row[0] for row in found.execute(query).fetchmany(_PAGE)]


_EQUAL: Final = "legacy JOIN events USING (id) WHERE legacy.digest = events.digest"
_DIFFERENT: Final = "legacy JOIN events USING (id) WHERE events.digest IS NOT legacy.digest"
_MISSING: Final = "legacy WHERE id NOT IN (SELECT id FROM events)"
_UNMATCHED: Final = "events WHERE digest IS NOT NULL AND id NOT IN (SELECT id FROM legacy)"


def _joined(found: sqlite3.Connection) -> dict[str, int]:
    def count(what: str) -> int:
        return int(found.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608 - constants of ours

    return {
        "streams": count("events WHERE digest IS NOT NULL"),
        "equal": count(_EQUAL),
        "different": count(_DIFFERENT),
        "missing": count(_MISSING),
        "vanished": count(f"{_UNMATCHED} AND is_ours"),
        "only_new": count(f"{_UNMATCHED} AND NOT is_ours"),
    }


async def _differences(
    bridge: Bridge, store: EventStore, found: sqlite3.Connection, shown: int
) -> AsyncIterator[Difference]:
    """The first differences of each kind, those of values with their columns."""
    for kind, what in (("missing", _MISSING), ("vanished", f"{_UNMATCHED} AND is_ours")):
        for (name,) in found.execute(f"SELECT id FROM {what} ORDER BY id LIMIT {shown:d}"):  # noqa: S608 - as above
            yield Difference(name, kind)
    listed = found.execute(f"SELECT id FROM {_DIFFERENT} ORDER BY id LIMIT {shown:d}")  # noqa: S608 - as above
    names = {row[0] for row in listed}
    if not names:
        return
    rows = _rows_of(bridge, names)
    for name in sorted(names):
        events = await store.read(f"{bridge.mapping.category}/{name}")
        state = bridge.replay.document(events).state
        row = rows.get(name)
        if row is None or state is None:
            yield Difference(name, "different")
        else:
            yield Difference(name, "different", differing_columns(bridge, row, state))


def _rows_of(bridge: Bridge, names: set[str]) -> dict[str, dict[str, Any]]:
    """Documents of some rows, by the ids of their streams."""
    keys = {bridge.source.typed_key(bridge.adapter.key_of(name)): name for name in names}
    rows: dict[str, dict[str, Any]] = {}
    for some in _batches(list(keys)):
        for key, row in bridge.source.read(some).items():
            with suppress(RowError):
                rows[keys[key]] = bridge.replay.mapped(bridge.adapter.to_document(row))
    return rows


def _batches(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
