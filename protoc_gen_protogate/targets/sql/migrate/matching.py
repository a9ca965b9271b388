"""Which table and column of the old contract is which one of the new: by field number first, then by name."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from protoc_gen_protogate.targets.sql.migrate.conversions import conversion
from protoc_gen_protogate.targets.sql.tables import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.tables import Column, Table

__all__ = ["Matching", "Pair", "match_tables", "with_children"]

_T = TypeVar("_T")

_VERSION: Final = re.compile(r"(?:^|(?<=\.))v\d+(?:(?:alpha|beta)\d*)?\.")
"""A version among the packages of a full name."""


class Pair(NamedTuple):
    """A table before and after."""

    old: Table
    new: Table
    columns: Mapping[str, str]
    """Old names of columns to new ones."""


class Matching(NamedTuple):
    """What became of all tables, parents before children."""

    pairs: tuple[Pair, ...]
    created: tuple[Table, ...]
    dropped: tuple[Table, ...]


def with_children(tables: Iterable[Table]) -> Iterator[Table]:
    """The tables, each before the tables of its lists and maps."""
    for table in tables:
        yield table
        yield from with_children(table.children)


def match_tables(old: Sequence[Table], new: Sequence[Table], dialect: Dialect) -> Matching:
    """Find the tables that go on, and their columns."""
    matcher = _Matcher(dialect)
    matcher.tables(old, new, None, (_by_element, _by_name, _by_unversioned_element))
    return Matching(tuple(matcher.pairs), tuple(matcher.created), tuple(matcher.dropped))


def _by_element(table: Table) -> Hashable:
    return table.element


def _by_name(table: Table) -> Hashable:
    return table.sql_name


def _by_unversioned_element(table: Table) -> Hashable:
    return _VERSION.sub("", table.element)


def _by_numbers(table: Table) -> Hashable:
    return table.numbers, table.shape


def _by_path(table: Table) -> Hashable:
    return table.path, table.shape


class _Matcher:
    """Goes down both trees at once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Final = dialect
        self.pairs: Final[list[Pair]] = []
        self.created: Final[list[Table]] = []
        self.dropped: Final[list[Table]] = []

    def tables(
        self,
        old: Iterable[Table],
        new: Iterable[Table],
        parent: Pair | None,
        keys: Iterable[Callable[[Table], Hashable]],
    ) -> None:
        """Match two lists of tables with one parent."""
        waiting, left = list(old), list(new)
        found: dict[int, Pair] = {}
        for key in keys:
            for one, other in _unique_pairs(waiting, left, key):
                columns = self._columns(one, other, parent)
                if columns is not None:
                    found[id(other)] = Pair(one, other, columns)
                    waiting.remove(one)
                    left.remove(other)
        for table in new:
            pair = found.get(id(table))
            if pair is None:
                self.created.extend(with_children([table]))
            else:
                self.pairs.append(pair)
                self.tables(pair.old.children, table.children, pair, (_by_numbers, _by_path))
        self.dropped.extend(with_children(waiting))

    def _columns(self, old: Table, new: Table, parent: Pair | None) -> dict[str, str] | None:
        """Old names to new ones; None when the rows of a child could not find their parents any more."""
        given = self._parent_keys(old, new, parent) if parent is not None else {}
        if given is None:
            return None
        found = dict(given)
        taken = set(found.values())
        for key in (_column_numbers, _column_name):
            one = [c for c in old.columns if c.name not in found and c.role is not Role.PARENT_KEY]
            other = [c for c in new.columns if c.name not in taken and c.role is not Role.PARENT_KEY]
            for before, after in _unique_pairs(one, other, key):
                if self._is_related(before, after):
                    found[before.name] = after.name
                    taken.add(after.name)
        return found

    def _is_related(self, old: Column, new: Column) -> bool:
        return old.role is new.role and conversion(old, new, "x", self._dialect) is not None

    def _parent_keys(self, old: Table, new: Table, parent: Pair) -> dict[str, str] | None:
        before = dict(zip(_parent_columns(old), parent.old.primary_key, strict=True))
        after = {key: own for own, key in zip(_parent_columns(new), parent.new.primary_key, strict=True)}
        kept = set(parent.columns.values())
        if not kept.issuperset(after):
            return None
        moved = {own: parent.columns.get(key) for own, key in before.items()}
        return {own: after[key] for own, key in moved.items() if key is not None and key in after}


def _parent_columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.role is Role.PARENT_KEY)


def _column_numbers(column: Column) -> Hashable:
    return column.role, column.numbers


def _column_name(column: Column) -> Hashable:
    return column.role, column.name


def _unique_pairs(old: Iterable[_T], new: Iterable[_T], key: Callable[[_T], Hashable]) -> list[tuple[_T, _T]]:
    """Those of both lists that have the same key and share it with nobody else in their list."""
    old, new = list(old), list(new)
    many = {one for items in (old, new) for one, count in Counter(map(key, items)).items() if count > 1}
    by_key = {key(one): one for one in old if key(one) not in many}
    return [(by_key[key(other)], other) for other in new if key(other) in by_key]
