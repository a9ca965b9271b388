"""What differs between two tables of one name: columns and constraints that come, go or change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeVar

from protoc_gen_protogate.targets.sql.migrate.identifiers import names_in
from protoc_gen_protogate.targets.sql.tables import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.tables import Check, Column, ForeignKey, Index, Table, Unique

__all__ = ["Parts", "TableDiff"]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=_Named)


class Parts(NamedTuple, Generic[_T]):
    """Constraints of one sort."""

    dropped: tuple[_T, ...]
    added: tuple[_T, ...]
    renamed: tuple[tuple[str, str], ...]
    """Old and new names of those that stay."""


class TableDiff:
    """The way from one table to another of the same name."""

    def __init__(self, old: Table, new: Table, dialect: Dialect) -> None:
        self.old: Final = old
        self.new: Final = new
        self._dialect: Final = dialect
        before = {column.name: column for column in old.columns}
        after = {column.name: column for column in new.columns}
        self.added: Final = tuple(column for column in new.columns if column.name not in before)
        self.dropped: Final = tuple(column for column in old.columns if column.name not in after)
        self.kept: Final = tuple((before[c.name], c) for c in new.columns if c.name in before)
        self.retyped: Final = frozenset(c.name for was, c in self.kept if is_retyped(was, c))
        self.new_key: Final = old.primary_key != new.primary_key or _identity(old) != _identity(new)
        self._columns: Final = tuple({**before, **after})

    def names_in(self, check: Check) -> frozenset[str]:
        """The columns that a check names."""
        return names_in(" ".join(check.terms), self._columns, self._dialect)

    def checks(self, touched: Collection[str]) -> Parts[Check]:
        """The checks; those about a column of `touched` are made anew."""
        stay = frozenset(touched)
        return _parts(
            self.old.checks, self.new.checks, lambda one: one.terms, lambda one: not self.names_in(one) & stay
        )

    def uniques(self, touched: Collection[str]) -> Parts[Unique]:
        """The UNIQUE constraints."""
        return _parts(
            self.old.uniques, self.new.uniques, lambda one: one.columns, lambda one: not set(one.columns) & set(touched)
        )

    def indexes(self, touched: Collection[str]) -> Parts[Index]:
        """The indexes."""
        return _parts(
            self.old.indexes,
            self.new.indexes,
            lambda one: (one.columns, one.unique),
            lambda one: not set(one.columns) & set(touched),
        )

    def foreign_keys(self, unstable: Collection[tuple[str, str]]) -> Parts[ForeignKey]:
        """The foreign keys; those to or from a column of `unstable` are made anew."""
        return _parts(
            self.old.foreign_keys,
            self.new.foreign_keys,
            lambda one: (one.columns, one.table, one.target_columns, one.on_delete),
            lambda one: not is_unstable(self.new.sql_name, one, unstable),
        )

    def unstable(self) -> frozenset[tuple[str, str]]:
        """Table and column of what no foreign key can hold on to while the table changes."""
        found = set(self.retyped)
        if self.new_key:
            found |= {*self.old.primary_key, *self.new.primary_key}
        kept = {one.columns for one in self.new.uniques}
        found |= {name for one in self.old.uniques if one.columns not in kept for name in one.columns}
        known = {one.columns for one in self.old.uniques}
        found |= {name for one in self.new.uniques if one.columns not in known for name in one.columns}
        if self._dialect.name == "mysql":
            # InnoDB keeps the last index that a foreign key can use, and makes one where there is none.
            for key in self.new.foreign_keys:
                if _has_index(self.old, key.columns) != _has_index(self.new, key.columns):
                    found |= set(key.columns)
        return frozenset((self.new.sql_name, name) for name in found)

    def dangling(self, values: Collection[str]) -> tuple[tuple[str, str], ...]:
        """Names of foreign keys that old rows may break, and the queries that find those rows.

        `values` are the columns that get a value on the way; other new columns are NULL and point to nothing.
        """
        known = {(key.columns, key.table, key.target_columns) for key in self.old.foreign_keys}
        empty = {column.name for column in self.added} - set(values)
        return tuple(
            (key.name, self._dangling(key))
            for key in self.new.foreign_keys
            if (key.columns, key.table, key.target_columns) not in known and not empty.issuperset(key.columns)
        )

    def _dangling(self, key: ForeignKey) -> str:
        named, own = self._dialect.identifier, self.new.sql_name
        there = " AND ".join(f"{own}.{named(name)} IS NOT NULL" for name in key.columns)
        same = " AND ".join(
            f"target.{named(target)} = {own}.{named(name)}"
            for name, target in zip(key.columns, key.target_columns, strict=True)
        )
        inside = f"SELECT 1 FROM {key.table} AS target WHERE {same}"  # noqa: S608 - names of the contract, quoted
        return f"SELECT * FROM {own} WHERE {there} AND NOT EXISTS ({inside});"  # noqa: S608 - as above

    def has_index_for(self, key: str) -> bool:
        """Whether the old table has an index of its own that a foreign key can use."""
        columns = next(one.columns for one in self.old.foreign_keys if one.name == key)
        return _has_index(self.old, columns)


def is_retyped(old: Column, new: Column) -> bool:
    """Whether the type changes; a key that the database gives has its own way."""
    return old.type != new.type and Role.SYNTHETIC_KEY not in {old.role, new.role}


def is_unstable(table: str, key: ForeignKey, unstable: Collection[tuple[str, str]]) -> bool:
    """Whether a column on either side of a foreign key is among `unstable`."""
    own = ((table, name) for name in key.columns)
    there = ((key.table, name) for name in key.target_columns)
    return any(one in unstable for one in (*own, *there))


def _has_index(table: Table, columns: tuple[str, ...]) -> bool:
    lists = (table.primary_key, *(one.columns for one in table.uniques), *(one.columns for one in table.indexes))
    return any(one[: len(columns)] == columns for one in lists)


def _identity(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.role is Role.SYNTHETIC_KEY)


def _parts(
    old: Sequence[_T], new: Sequence[_T], content: Callable[[_T], Hashable], may_stay: Callable[[_T], bool]
) -> Parts[_T]:
    """Pair what has the same content, by name where several have it."""
    waiting = [one for one in old if may_stay(one)]
    stays: list[_T] = []
    added: list[_T] = []
    renamed: list[tuple[str, str]] = []
    for one in new:
        same = [other for other in waiting if content(other) == content(one)] if may_stay(one) else []
        found = next((other for other in same if other.name == one.name), same[0] if same else None)
        if found is None:
            added.append(one)
            continue
        waiting.remove(found)
        stays.append(found)
        if found.name != one.name:
            renamed.append((found.name, one.name))
    kept = {one.name for one in stays}
    return Parts(tuple(one for one in old if one.name not in kept), tuple(added), tuple(renamed))
