"""Reads the rows of a legacy table in the order of their keys, page by page, as the driver gives them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc

from protogate.cqrs.errors import CqrsError
from protogate.errors import UserError
from protogate.legacy.sources.database import shown_url, source_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["RowSource", "SourceLostError"]

Row = tuple[Any, ...]
"""The values of the columns, in their order; whatever the driver makes of them."""


Query: TypeAlias = "sa.Select[*tuple[Any, ...]]"


class SourceLostError(CqrsError):
    """The legacy database could be read before and cannot now."""


class RowSource:
    """A table of a legacy database.

    Each page is a query of its own that begins behind the key of the last row, so nothing is held open for the time of
    a whole run and rows that change meanwhile are read once. Values are not converted: what a driver gives for a row
    that breaks the type of its own table, as SQLite allows, can be told by its key.
    """

    def __init__(
        self, url: str, table: str, columns: Sequence[str], key: Sequence[str], *, where: str = ""
    ) -> None:  # fmt: skip
        """Look at the table.

        Args:
            url: of the database, as SQLAlchemy has it.
            table: its name, or `schema.table`.
            columns: in the order in which rows have them.
            key: columns whose values identify a row.
            where: a condition of SQL on the rows.

        Raises:
            UserError: the database, the table or a column is not there.
        """
        self.url = url
        self.shown = shown_url(url)
        self.table = table
        self._engine = source_engine(url)
        try:
            self._table = self._reflect(table)
            self._columns = [self._column(name) for name in columns]
            self._key = [self._column(name) for name in key]
            self._key_types = [self._table.c[name].type for name in key]
        except BaseException:
            self._engine.dispose()
            raise
        self._places = [list(columns).index(name) for name in key]
        self._where = where
        self._check_where()

    def key_of(self, row: Row) -> Row:
        """The values of a row's key."""
        places = self._places
        return (row[places[0]],) if len(places) == 1 else tuple([row[place] for place in places])

    def typed_key(self, key: Row) -> Row:
        """A key that was written as JSON, as the driver gives it."""
        return tuple(_typed(column, value) for column, value in zip(self._key_types, key, strict=True))

    def count(self) -> int:
        """How many rows there are now.

        Raises:
            SourceLostError: the database is away.
        """
        found = sa.select(sa.func.count()).select_from(self._table)
        return int(self._run(self._filtered(found))[0][0])

    def pages(self, *, after: Row | None = None, size: int = 2000, limit: int | None = None) -> Iterator[list[Row]]:
        """Give pages of rows behind a key.

        Raises:
            SourceLostError: the database is away.
        """
        left = limit
        while left is None or left > 0:
            wanted = size if left is None else min(size, left)
            rows = self._run(self._page(after).limit(wanted))
            if rows:
                yield rows
                after = self.key_of(rows[-1])
            if len(rows) < wanted:
                return
            if left is not None:
                left -= len(rows)

    def read(self, keys: Sequence[Row]) -> dict[Row, Row]:
        """Give the rows of some keys, by key.

        Raises:
            SourceLostError: the database is away.
        """
        if not keys:
            return {}
        if len(self._key) == 1:
            condition: sa.ColumnElement[bool] = self._key[0].in_([key[0] for key in keys])
        else:
            condition = sa.or_(*(sa.and_(*(c == v for c, v in zip(self._key, key, strict=True))) for key in keys))
        rows = self._run(self._filtered(self._select().where(condition)))
        return {self.key_of(row): row for row in rows}

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _page(self, after: Row | None) -> Query:
        query = self._filtered(self._select()).order_by(*self._key)
        if after is None:
            return query
        if len(self._key) == 1:
            return query.where(self._key[0] > after[0])
        return query.where(sa.tuple_(*self._key) > sa.tuple_(*map(sa.literal, after)))

    def _select(self) -> Query:
        raw = sa.types.NullType()
        return sa.select(*(sa.type_coerce(column, raw).label(f"c{n}") for n, column in enumerate(self._columns)))

    def _filtered(self, query: Query) -> Query:
        return query.where(sa.text(f"({self._where})")) if self._where else query

    def _run(self, query: Query) -> list[Row]:
        try:
            with self._engine.connect() as connection:
                return [tuple(row) for row in connection.execute(query)]
        except (exc.SQLAlchemyError, OSError) as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            raise SourceLostError(f"{self.shown}: {reason}") from error

    def _reflect(self, name: str) -> sa.Table:
        schema, _, plain = name.rpartition(".")
        try:
            return sa.Table(plain, sa.MetaData(), autoload_with=self._engine, schema=schema or None, resolve_fks=False)
        except exc.NoSuchTableError:
            known = ", ".join(sorted(sa.inspect(self._engine).get_table_names())) or "no tables"
            raise UserError(f"{self.shown}: has no table {name!r}; it has {known}") from None
        except exc.SQLAlchemyError as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            raise UserError(f"{self.shown}: {reason}") from None

    def _column(self, name: str) -> sa.ColumnElement[Any]:
        if name not in self._table.c:
            raise UserError(
                f"{self.shown}: table {self.table} has no column {name!r}; it has {', '.join(self._table.c.keys())}"
            )
        return sa.type_coerce(self._table.c[name], sa.types.NullType())

    def _check_where(self) -> None:
        if not self._where:
            return
        try:
            self._run(self._filtered(self._select()).limit(1))
        except SourceLostError as error:
            self._engine.dispose()
            raise UserError(f"--where {self._where}: {str(error).removeprefix(f'{self.shown}: ')}") from None


def _typed(declared: Any, value: Any) -> Any:
    """A value of JSON as a column of some type has it."""
    if not isinstance(value, str):
        return value
    if isinstance(declared, sa.Uuid):
        return UUID(value)
    if isinstance(declared, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(declared, sa.Date):
        return date.fromisoformat(value)
    return Decimal(value) if isinstance(declared, sa.Numeric) and not isinstance(declared, sa.Float) else value
