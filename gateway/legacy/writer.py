"""Writes rows into the legacy database, each version once in effect."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from gateway.legacy.database import LegacyUnavailableError, open_engine, translated
from protogate.cqrs.codec import encode
from protogate.cqrs.errors import CqrsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.legacy.rows import LegacyRow

__all__ = ["LegacyWriter"]

_GUARD: Final = "protogate_versions"
_USERS: Final = sa.Table(
    "users",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("first_name", sa.Text),
    sa.Column("last_name", sa.Text),
    sa.Column("age", sa.Integer),
    sa.Column("is_active", sa.Boolean),
)
"""Of a legacy database that did not exist."""


class LegacyWriter:
    """Puts rows into tables that belong to another application.

    Beside them stands a table of ours, `protogate_versions`, which says up to which version of its aggregate each row
    was written, in the same transaction: so a row that comes again, or late, changes nothing. Where no table may be
    made there, rows are written as they come, which is right as long as one relay at a time writes them in order.
    """

    def __init__(self, url: str, *, has_guard: bool = True, creates_users: bool = False) -> None:
        """Write to a database; it is connected to when it is needed.

        Args:
            url: any URL of SQLAlchemy; `postgresql://` means the driver psycopg.
            has_guard: whether `protogate_versions` may be made and used.
            creates_users: make the table `users` if it is not there.

        Raises:
            UserError: the URL cannot be understood, or its driver is not installed.
        """
        self._engine = open_engine(url)
        self.shown = self._engine.url.render_as_string(hide_password=True)
        self._has_guard = has_guard
        self._creates_users = creates_users
        self._guard = sa.Table(
            _GUARD,
            sa.MetaData(),
            sa.Column("table_name", sa.String(128), primary_key=True),
            sa.Column("row_key", sa.String(512), primary_key=True),
            sa.Column("version", sa.BigInteger, nullable=False),
        )
        self._tables: dict[str, sa.Table] = {}
        self._is_ready = False

    def write(self, rows: Sequence[LegacyRow], *, again: bool = False) -> int:
        """Write rows in one transaction, all or none; give how many were news to the database.

        Args:
            rows: in their order.
            again: also write a row whose version was written before, to put it right.

        Raises:
            RowRefusedError: the database refuses one of them.
            LegacyUnavailableError: it cannot take any now.
        """
        try:
            self._prepare()
            with self._engine.begin() as connection:
                return self._write_all(connection, rows, again=again)
        except CqrsError:
            self._tables.clear()
            raise
        except (exc.SQLAlchemyError, OSError, TypeError, ValueError, OverflowError) as error:
            # The tables may have changed since we looked at them.
            self._tables.clear()
            raise translated(error, str(rows[0]) if len(rows) == 1 else self.shown) from error

    def read(self, table: str, key: str, values: Iterable[Any]) -> dict[Any, Mapping[str, Any]]:
        """The rows of a table whose key is among some values, by their keys.

        Raises:
            LegacyUnavailableError: the database cannot be read now.
        """
        try:
            self._prepare()
            with self._engine.connect() as connection:
                found = self._table(connection, table)
                rows = connection.execute(sa.select(found).where(found.c[key].in_(list(values)))).mappings()
                return {row[key]: dict(row) for row in rows}
        except (exc.SQLAlchemyError, OSError) as error:
            self._tables.clear()
            raise LegacyUnavailableError(str(translated(error, self.shown))) from error

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _prepare(self) -> None:
        """Make the tables that are ours to make, once."""
        if self._is_ready:
            return
        if self._creates_users:
            _USERS.create(self._engine, checkfirst=True)
        if self._has_guard:
            self._guard.create(self._engine, checkfirst=True)
        self._is_ready = True

    def _write_all(self, connection: sa.Connection, rows: Sequence[LegacyRow], *, again: bool) -> int:
        """Write rows in their order; those that are new to the database, which most are, many at a time."""
        new = self._new(connection, rows) if len(rows) > 1 else frozenset()
        count = 0
        for columns, run in groupby(enumerate(rows), lambda one: _columns(one[1]) if one[0] in new else None):
            if columns is None:
                count += sum(self._write_one(connection, row, again=again) for _, row in run)
            else:
                count += self._insert(connection, [row for _, row in run])
        return count

    def _new(self, connection: sa.Connection, rows: Sequence[LegacyRow]) -> frozenset[int]:
        """Places of rows whose keys neither the guard nor their table has; none rather than a wrong one."""
        first: dict[tuple[str, str], int] = {}
        for place, row in enumerate(rows):
            first.setdefault((row.table, _key(row)), place)
        if self._has_guard:
            guard = self._guard
            for name in {row.table for row in rows}:
                keys = [key for table, key in first if table == name]
                known = sa.select(guard.c.row_key).where(guard.c.table_name == name, guard.c.row_key.in_(keys))
                for key in connection.execute(known).scalars():
                    first.pop((name, key), None)
        by_column: dict[tuple[str, tuple[str, ...]], list[Any]] = {}
        for place in first.values():
            by_column.setdefault((rows[place].table, tuple(rows[place].key)), []).append([*rows[place].key.values()])
        for (name, columns), keys in by_column.items():
            table = self._table(connection, name)
            if len(columns) != 1 or columns[0] not in table.c:
                return frozenset()
            column = table.c[columns[0]]
            # Databases write keys in their own ways, so whose it is cannot be told for sure.
            if connection.execute(sa.select(column).where(column.in_([key[0] for key in keys])).limit(1)).first():
                return frozenset()
        return frozenset(first.values())

    def _insert(self, connection: sa.Connection, rows: Sequence[LegacyRow]) -> int:
        """Insert rows of one table and the same columns, with their versions."""
        table = self._table(connection, rows[0].table)
        if self._has_guard:
            noted = [{"table_name": row.table, "row_key": _key(row), "version": row.version} for row in rows]
            connection.execute(sa.insert(self._guard), noted)
        connection.execute(sa.insert(table), [self._fitting(table, {**row.key, **row.values}) for row in rows])
        return len(rows)

    def _write_one(self, connection: sa.Connection, row: LegacyRow, *, again: bool) -> bool:
        table = self._table(connection, row.table)
        values = self._fitting(table, {**row.key, **row.values})
        if self._has_guard and not self._moves(connection, row, again=again):
            return False
        is_this = sa.and_(*(table.c[name] == values[name] for name in row.key))
        if not connection.execute(sa.update(table).where(is_this).values(values)).rowcount:
            connection.execute(sa.insert(table).values(values))
        return True

    def _moves(self, connection: sa.Connection, row: LegacyRow, *, again: bool) -> bool:
        """Note the version of a row, unless it was written before; the row of the guard is locked from then on."""
        guard = self._guard
        key = _key(row)
        is_this = sa.and_(guard.c.table_name == row.table, guard.c.row_key == key)
        is_older = guard.c.version <= row.version if again else guard.c.version < row.version
        moved = connection.execute(sa.update(guard).where(is_this, is_older).values(version=row.version))
        if moved.rowcount:
            return True
        if connection.execute(sa.select(guard.c.version).where(is_this)).first() is not None:
            return False
        connection.execute(sa.insert(guard).values(table_name=row.table, row_key=key, version=row.version))
        return True

    def _table(self, connection: sa.Connection, name: str) -> sa.Table:
        """A table as the database has it."""
        known = self._tables.get(name)
        if known is None:
            schema, _, plain = name.rpartition(".")
            known = sa.Table(plain, sa.MetaData(), autoload_with=connection, schema=schema or None)
            self._tables[name] = known
        return known

    def _fitting(self, table: sa.Table, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as the columns take them."""
        fitting = {}
        for name, value in values.items():
            if name not in table.c:
                # All rows would lose it: better to stand still until somebody adds the column.
                raise LegacyUnavailableError(f"{self.shown}: table {table.name} has no column {name}; add it")
            # Many a database keeps yes and no as 1 and 0.
            is_number = isinstance(value, bool) and isinstance(table.c[name].type, sa.Numeric | sa.Integer)
            fitting[name] = int(value) if is_number else value
        return fitting


def _key(row: LegacyRow) -> str:
    """The key as the guard has it."""
    return encode(dict(row.key), str(row)).decode()


def _columns(row: LegacyRow) -> tuple[str, ...]:
    """What rows must have in common to be inserted together."""
    return (row.table, *row.key, *row.values)
