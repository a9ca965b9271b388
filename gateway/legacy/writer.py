"""Writes rows into the legacy database, each version once in effect."""

from __future__ import annotations

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
                return sum(self._write_one(connection, row, again=again) for row in rows)
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
        key = encode(dict(row.key), str(row)).decode()
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
