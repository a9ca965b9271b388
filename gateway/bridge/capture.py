"""Follows the changes of a legacy table between bootstrap and cut-over, through the same mapping.

A change says which row it is about. The row is read as it is now, merged with what its events say, and what differs is
appended on the condition that nobody else wrote meanwhile. Only then is the change taken off the list. So whatever is
killed where, a change is told again, and telling it again changes nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy import exc

from gateway.bridge.bootstrap import claims_of, first_event
from gateway.bridge.documents import SUBJECT
from gateway.bridge.merge import merge
from gateway.bridge.source import SourceLostError
from gateway.bridge.triggers import CHANGES
from protogate.cqrs.errors import ClaimedError, ConflictError, DataError
from protogate.cqrs.messages import Append, Claim, Commit, Expectation, NewEvent
from protogate.legacy.adapter import RowError
from protogate.legacy.sources.database import source_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.bridge.bootstrap import Bridge
    from gateway.bridge.documents import Document
    from gateway.bridge.merge import Conflict, Policy
    from protogate.cqrs.messages import StoredEvent
    from protogate.cqrs.ports import EventStore

__all__ = ["Capture", "Captured", "Change", "ChangeLog", "Changes", "RowConflict"]

_TRIES: Final = 8
_PAGE: Final = 500
_SEPARATORS: Final = ((",", ":"), (", ", " : "))
"""How SQLite and PostgreSQL write JSON."""
_GUARD: Final = "protogate_versions"


class Change(NamedTuple):
    """A row that was touched."""

    number: int
    key: tuple[Any, ...]


class RowConflict(NamedTuple):
    """Fields of a row that both sides changed."""

    id: str
    conflicts: tuple[Conflict, ...]


class Captured(NamedTuple):
    """What became of some changes."""

    changes: int = 0
    rows: int = 0
    created: int = 0
    changed: int = 0
    deleted: int = 0
    unchanged: int = 0
    """Rows that say what the events say: most of them were written by ourselves."""
    rejected: tuple[tuple[str, str], ...] = ()
    """Id of the stream and the reason; they are told again when the row changes again."""
    conflicts: tuple[RowConflict, ...] = ()

    def plus(self, other: Captured) -> Captured:
        """Both together."""
        sums: list[Any] = [mine + theirs for mine, theirs in zip(self, other, strict=True)]  # type: ignore[operator]
        return Captured(*sums)


class Changes(Protocol):
    """What says which rows were touched."""

    def pending(self, limit: int = _PAGE) -> tuple[Change, ...]:
        """The oldest changes."""
        ...

    def backlog(self) -> int:
        """How many changes wait."""
        ...

    def done(self, changes: Sequence[Change]) -> None:
        """Take exactly these off the list."""
        ...

    def written_versions(self, keys: Iterable[str]) -> dict[str, int]:
        """Up to which version our own relay has written rows."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class ChangeLog:
    """The table that the triggers fill."""

    def __init__(self, url: str, table: str) -> None:
        """Read the changes of one table."""
        self._engine = source_engine(url)
        self._table = table
        metadata = sa.MetaData()
        self._changes = sa.Table(
            CHANGES,
            metadata,
            sa.Column("number", sa.BigInteger, primary_key=True),
            sa.Column("table_name", sa.Text),
            sa.Column("row_key", sa.Text),
        )
        self._guard = sa.Table(
            _GUARD,
            metadata,
            sa.Column("table_name", sa.String(128)),
            sa.Column("row_key", sa.String(512)),
            sa.Column("version", sa.BigInteger),
        )

    def pending(self, limit: int = _PAGE) -> tuple[Change, ...]:
        """The oldest changes.

        Raises:
            SourceLostError: the database is away.
        """
        columns = self._changes.c
        query = (
            sa.select(columns.number, columns.row_key)
            .where(columns.table_name == self._table)
            .order_by(columns.number)
            .limit(limit)
        )
        return tuple(Change(number, tuple(json.loads(key))) for number, key in self._run(query))

    def backlog(self) -> int:
        """How many changes wait."""
        query = sa.select(sa.func.count()).where(self._changes.c.table_name == self._table)
        return int(self._run(query)[0][0])

    def has(self, key: tuple[Any, ...]) -> bool:
        """Whether a change of a row waits."""
        columns = self._changes.c
        spelt = {json.dumps(list(key), ensure_ascii=False, separators=separators) for separators in _SEPARATORS}
        query = sa.select(columns.number).where(columns.table_name == self._table, columns.row_key.in_(spelt)).limit(1)
        return bool(self._run(query))

    def done(self, changes: Sequence[Change]) -> None:
        """Take exactly these off the list.

        Raises:
            SourceLostError: the database is away.
        """
        numbers = [one.number for one in changes]
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.delete(self._changes).where(self._changes.c.number.in_(numbers)))
        except (exc.SQLAlchemyError, OSError) as error:
            raise _lost(error) from error

    def written_versions(self, keys: Iterable[str]) -> dict[str, int]:
        """Up to which version our own relay has written rows, by the key as the relay notes it; empty without one."""
        wanted = list(keys)
        if not wanted or not sa.inspect(self._engine).has_table(_GUARD):
            return {}
        columns = self._guard.c
        query = sa.select(columns.row_key, columns.version).where(
            columns.table_name == self._table, columns.row_key.in_(wanted)
        )
        return {key: int(version) for key, version in self._run(query)}

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _run(self, query: Any) -> list[Any]:
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(query))
        except (exc.SQLAlchemyError, OSError) as error:
            raise _lost(error) from error


class Capture:
    """Brings streams up to date with the rows of a legacy table."""

    def __init__(self, bridge: Bridge, store: EventStore, log: Changes, policy: Policy = "legacy") -> None:
        """Follow a table; `policy` says who wins where both sides changed the same field."""
        self._bridge = bridge
        self._store = store
        self._log = log
        self._policy: Policy = policy

    async def once(self, limit: int = _PAGE) -> Captured:
        """Take the oldest changes over and off the list.

        With the policy `stop`, changes with conflicts stay on the list, and so do all that were looked at with them.

        Raises:
            SourceLostError: the legacy database is away.
            StoreUnavailableError: nothing can be written; the changes stay on the list.
        """
        changes = self._log.pending(limit)
        if not changes:
            return Captured()
        done = await self.rows(list(dict.fromkeys(one.key for one in changes)))
        if self._policy == "stop" and done.conflicts:
            return done
        self._log.done(changes)
        return done._replace(changes=len(changes))

    async def rows(self, keys: Sequence[tuple[Any, ...]]) -> Captured:
        """Bring the streams of some rows up to date with the rows as they are now; keys are values of JSON."""
        found = Captured()
        for key in keys:
            found = found.plus(await self._row(key))
        return found._replace(rows=len(keys))

    async def _row(self, key: tuple[Any, ...]) -> Captured:
        """One row, again while others are faster."""
        bridge = self._bridge
        typed = bridge.source.typed_key(key)
        name = bridge.id_of(typed)
        stream = f"{bridge.mapping.category}/{name}"
        for _ in range(_TRIES):
            written = self._written(key)
            row = bridge.source.read([typed]).get(typed)
            if self._written(key) != written:
                # Our relay wrote between the two looks: which version the row is of cannot be told.
                continue
            events = await self._store.read(stream)
            try:
                theirs = None if row is None else bridge.replay.mapped(bridge.adapter.to_document(row))
                return await self._apply(stream, theirs, self._replayed(events, written))
            except RowError as error:
                return Captured(rejected=((name, str(error)),))
            except ConflictError:
                continue
            except (ClaimedError, DataError) as error:
                return Captured(rejected=((name, str(error)),))
        # Somebody writes this row all the time; the next round looks again.
        return Captured(rejected=((name, "was written by others at every try"),))

    def _written(self, key: tuple[Any, ...]) -> int:
        """Up to which version our own relay has written a row."""
        note = _guard_key(self._bridge, key)
        return self._log.written_versions([note]).get(note, 0)

    def _replayed(self, events: Sequence[StoredEvent], written: int) -> Document:
        """The state now, and the one that both sides last had: as captured, or as our relay wrote it."""
        head = self._bridge.replay.document(events)
        if written > head.base_version:
            then = self._bridge.replay.document(events, until=written)
            return head._replace(base=then.state, base_version=written)
        return head

    async def _apply(self, stream: str, theirs: dict[str, Any] | None, head: Document) -> Captured:
        """Append what the row says and the events do not."""
        bridge = self._bridge
        if theirs is None:
            return await self._deleted(stream, head)
        if head.state is None:
            append = Append(stream, (first_event(bridge, theirs),), head.version or Expectation.ABSENT)
            await self._store.commit(Commit((append,), claims=tuple(claims_of(bridge, stream, theirs))))
            return Captured(created=1)
        merged = merge(head.base if head.base is not None else head.state, theirs, head.state, self._policy)
        conflicts = (RowConflict(stream.partition("/")[2], merged.conflicts),) if merged.conflicts else ()
        if not merged.changed or (self._policy == "stop" and conflicts):
            return Captured(unchanged=1, conflicts=conflicts)
        claims = _moved_claims(bridge, stream, head.state, merged.state)
        event = NewEvent(bridge.replay.changed, merged.state, {SUBJECT: bridge.mapping.subject})
        await self._store.commit(Commit((Append(stream, (event,), head.version),), claims=claims))
        return Captured(changed=1, conflicts=conflicts)

    async def _deleted(self, stream: str, head: Document) -> Captured:
        bridge = self._bridge
        if head.state is None or head.base_version == 0:
            # Nothing to delete; or it began here, and its row was not written yet.
            return Captured(unchanged=1)
        if not bridge.replay.deleted:
            reason = "the row is gone, and the mapping names no event for that: events.deleted"
            return Captured(rejected=((stream.partition("/")[2], reason),))
        carried = bridge.replay.deletion(head.state)
        event = NewEvent(bridge.replay.deleted, carried, {SUBJECT: bridge.mapping.subject})
        released = tuple(one._replace(is_release=True) for one in claims_of(bridge, stream, head.state))
        await self._store.commit(Commit((Append(stream, (event,), head.version),), claims=released))
        return Captured(deleted=1)


def _moved_claims(bridge: Bridge, stream: str, before: dict[str, Any], after: dict[str, Any]) -> tuple[Claim, ...]:
    """Names that are given back, then those that are taken."""
    old, new = set(claims_of(bridge, stream, before)), set(claims_of(bridge, stream, after))
    released = sorted(one._replace(is_release=True) for one in old - new)
    return (*released, *sorted(new - old))


def _guard_key(bridge: Bridge, key: tuple[Any, ...]) -> str:
    """As the relay writes it: the key columns and their values as JSON."""
    values = dict(zip(bridge.mapping.key, key, strict=True))
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _lost(error: Exception) -> SourceLostError:
    return SourceLostError(" ".join(str(getattr(error, "orig", None) or error).split()))
