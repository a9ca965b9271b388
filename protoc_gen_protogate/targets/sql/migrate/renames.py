"""The old tables under their new names: what is compared with the new tables after all renames are done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protoc_gen_protogate.targets.sql.migrate.identifiers import free_name, ordered_renames, renamed_in
from protoc_gen_protogate.targets.sql.migrate.matching import with_children
from protoc_gen_protogate.targets.sql.names import shorten
from protoc_gen_protogate.targets.sql.naming import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.migrate.matching import Matching, Pair
    from protoc_gen_protogate.targets.sql.tables import ForeignKey, Table

__all__ = ["Change", "Renamed", "rename_all"]


class Change(NamedTuple):
    """A table as it stands after all renames, and as it shall be."""

    old: Table
    current: Table
    """The old table, but for names."""
    new: Table
    columns: tuple[tuple[str, str], ...]
    """The renames of columns, in an order that works."""
    names: Mapping[str, str]
    """Old names of all columns to those in `current`."""


class Renamed(NamedTuple):
    """Everything after the renames."""

    tables: tuple[tuple[Table, Table], ...]
    """The renames of tables, in an order that works: before and after."""
    changes: tuple[Change, ...]
    dropped: tuple[Table, ...]
    """Under the names that they have until they are dropped."""


def rename_all(old: Sequence[Table], new: Sequence[Table], matching: Matching, dialect: Dialect) -> Renamed:
    """Give all tables and columns their new names; what is in the way of a new name steps aside."""
    names = _table_names(old, new, matching, dialect)
    columns = {pair.old.sql_name: _column_names(pair) for pair in matching.pairs}
    changes = tuple(
        Change(
            pair.old,
            _renamed(pair.old, names, columns, dialect),
            pair.new,
            tuple(ordered_renames(columns[pair.old.sql_name])),
            columns[pair.old.sql_name],
        )
        for pair in matching.pairs
    )
    return Renamed(
        tuple(_moves({table.sql_name: table for table in with_children(old)}, names, dialect)),
        changes,
        tuple(_renamed(table, names, columns, dialect) for table in matching.dropped),
    )


class _Target(NamedTuple):
    name: str
    schema: str
    sql_name: str


def _table_names(
    old: Iterable[Table], new: Iterable[Table], matching: Matching, dialect: Dialect
) -> dict[str, _Target]:
    """Old names of tables, as written in SQL, to new ones."""
    wanted = {pair.old.sql_name: _target(pair.new) for pair in matching.pairs}
    taken = {table.sql_name for table in with_children(new)}
    every = {table.name for table in (*with_children(old), *with_children(new))}
    for table in matching.dropped:
        target = _target(table)
        if table.sql_name in taken:
            name = free_name(f"old_{table.name}", every)
            every.add(name)
            target = _Target(name, table.schema, written(name, table.schema, dialect))
        wanted[table.sql_name] = target
    return wanted


def _target(table: Table) -> _Target:
    return _Target(table.name, table.schema, table.sql_name)


def _moves(now: dict[str, Table], names: Mapping[str, _Target], dialect: Dialect) -> Iterator[tuple[Table, Table]]:
    """The renames of tables one by one."""
    targets = {target.sql_name: target for target in names.values()}

    def between(sql_name: str) -> str:
        table = now[sql_name]
        name = shorten(f"moving_{table.name}")
        aside = _Target(name, table.schema, written(name, table.schema, dialect))
        targets[aside.sql_name] = aside
        return aside.sql_name

    for before, after in ordered_renames({name: target.sql_name for name, target in names.items()}, between):
        table, target = now.pop(before), targets[after]
        now[after] = table._replace(name=target.name, schema=target.schema, sql_name=target.sql_name)
        yield table, now[after]


def _column_names(pair: Pair) -> dict[str, str]:
    names = dict(pair.columns)
    taken = {column.name for column in (*pair.old.columns, *pair.new.columns)}
    in_use = {column.name.lower() for column in pair.new.columns}
    for column in pair.old.columns:
        if column.name in names:
            continue
        names[column.name] = column.name
        if column.name.lower() in in_use:
            names[column.name] = free_name(f"old_{column.name}", taken)
            taken.add(names[column.name])
    return names


def _renamed(
    table: Table, names: Mapping[str, _Target], columns: Mapping[str, Mapping[str, str]], dialect: Dialect
) -> Table:
    own = columns.get(table.sql_name, {})

    def every(listed: Iterable[str]) -> tuple[str, ...]:
        return tuple(own.get(name, name) for name in listed)

    target = names[table.sql_name]
    return table._replace(
        name=target.name,
        schema=target.schema,
        sql_name=target.sql_name,
        columns=tuple(column._replace(name=own.get(column.name, column.name)) for column in table.columns),
        primary_key=every(table.primary_key),
        checks=tuple(
            check._replace(terms=tuple(renamed_in(term, own, dialect) for term in check.terms))
            for check in table.checks
        ),
        uniques=tuple(unique._replace(columns=every(unique.columns)) for unique in table.uniques),
        indexes=tuple(index._replace(columns=every(index.columns)) for index in table.indexes),
        foreign_keys=tuple(_moved(key, every(key.columns), names, columns) for key in table.foreign_keys),
        children=(),
    )


def _moved(
    key: ForeignKey, own: tuple[str, ...], names: Mapping[str, _Target], columns: Mapping[str, Mapping[str, str]]
) -> ForeignKey:
    if not key.source:
        return key._replace(columns=own)
    there = columns.get(key.table, {})
    table = names[key.table].sql_name if key.table in names else key.table
    return key._replace(
        columns=own, table=table, target_columns=tuple(there.get(name, name) for name in key.target_columns)
    )
