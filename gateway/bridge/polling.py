"""Finds changed rows by a column that says when they changed, where a database may have no triggers of ours.

What it cannot see: rows that were deleted, and changes that leave the column alone. Transactions commit later than they
stamp their rows, so each sweep begins a little before the last one ended and reads those rows again, to no effect.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc

from gateway.bridge.capture import Change
from gateway.bridge.source import SourceLostError
from protogate.errors import UserError
from protogate.legacy.sources.database import shown_url, source_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["Stamp", "UpdatedAtLog"]

_PAGE: Final = 500


class Stamp(NamedTuple):
    """A column that says when a row changed."""

    column: str
    overlap: float = 60.0
    """Seconds by which a sweep begins before the end of the last one."""


class UpdatedAtLog:
    """Stands in for the table of changes; how far it came is noted in a file."""

    def __init__(
        self, url: str, table: str, key: Sequence[str], stamp: Stamp, note: Path
    ) -> None:  # fmt: skip
        """Follow a column; `note` is the file.

        Raises:
            UserError: the table or the column is not there, or the column says no time.
        """
        self._engine = source_engine(url)
        try:
            found = _reflected(self._engine, url, table, stamp.column)
        except UserError:
            self._engine.dispose()
            raise
        self._table = found
        raw = sa.types.NullType()
        self._column = sa.type_coerce(found.c[stamp.column], raw)
        self._key = [sa.type_coerce(found.c[name], raw) for name in key]
        self._note = note
        self._overlap = stamp.overlap
        self._cursor: tuple[Any, ...] | None = None
        self._newest: Any = self._load()

    def pending(self, limit: int = _PAGE) -> tuple[Change, ...]:
        """The next rows of this sweep; none at its end, and then the next call begins another.

        Raises:
            SourceLostError: the database is away.
        """
        query = sa.select(self._column, *self._key).order_by(self._column, *self._key).limit(limit)
        if self._cursor is not None:
            query = query.where(sa.tuple_(self._column, *self._key) > sa.tuple_(*map(sa.literal, self._cursor)))
        elif self._newest is not None:
            query = query.where(self._column >= _before(self._newest, self._overlap))
        rows = self._run(query.where(self._column.is_not(None)))
        self._cursor = tuple(rows[-1]) if rows else None
        if rows:
            self._newest = rows[-1][0] if self._newest is None else max(self._newest, rows[-1][0])
        return tuple(Change(place, tuple(map(_plain, row[1:]))) for place, row in enumerate(rows))

    def backlog(self) -> int:
        """How many rows changed since the newest that was taken over."""
        query = sa.select(sa.func.count()).select_from(self._table)
        if self._newest is not None:
            query = query.where(self._column > self._newest)
        return int(self._run(query)[0][0])

    def done(self, changes: Sequence[Change]) -> None:
        """Note how far it came."""
        del changes
        beside = self._note.with_name(f".{self._note.name}.new")
        beside.write_text(json.dumps({"newest": _written(self._newest)}), encoding="utf-8")
        beside.replace(self._note)

    def written_versions(self, keys: Iterable[str]) -> dict[str, int]:
        """Nobody tells; a row that our own relay wrote is told from its values."""
        del keys
        return {}

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _load(self) -> Any:
        try:
            found = json.loads(self._note.read_text(encoding="utf-8"))["newest"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{self._note}: cannot be read: {error}; delete it to look at every row again") from None
        return datetime.fromisoformat(found["datetime"]) if isinstance(found, dict) else found

    def _run(self, query: Any) -> list[Any]:
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(query))
        except (exc.SQLAlchemyError, OSError) as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            raise SourceLostError(reason) from error


def _reflected(engine: sa.Engine, url: str, table: str, column: str) -> sa.Table:
    schema, _, plain = table.rpartition(".")
    try:
        found = sa.Table(plain, sa.MetaData(), autoload_with=engine, schema=schema or None, resolve_fks=False)
    except exc.SQLAlchemyError as error:
        raise UserError(f"{shown_url(url)}: {table}: {error}") from None
    if column not in found.c:
        raise UserError(f"{shown_url(url)}: table {table} has no column {column!r}")
    return found


def _before(value: Any, seconds: float) -> Any:
    """A moment some seconds earlier, in the form in which the column has it."""
    if isinstance(value, datetime):
        return value - timedelta(seconds=seconds)
    if isinstance(value, int | float):
        return value - seconds
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise UserError(f"--install updated-at: the column has {value!r}, which is no moment") from None
    earlier = (moment - timedelta(seconds=seconds)).isoformat(sep="T" if "T" in value else " ")
    return earlier[: len(value)] if len(earlier) > len(value) else earlier


def _plain(value: Any) -> Any:
    """A key as JSON has it."""
    if isinstance(value, str | int | float) or value is None:
        return value
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _written(value: Any) -> Any:
    return {"datetime": value.isoformat()} if isinstance(value, datetime) else value
