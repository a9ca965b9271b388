"""The table between the two halves of a migration: all that is new, and nothing lost yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from protoc_gen_protogate.targets.sql.migrate.identifiers import names_in
from protoc_gen_protogate.targets.sql.tables import Role, Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.tables import Check, Column, Table

__all__ = ["interim"]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=_Named)


def interim(current: Table, new: Table, lossy: Iterable[str], dialect: Dialect, *, relax: bool) -> Table:
    """The new table with the columns that go, and with the old form of the columns that would lose something.

    Args:
        current: the old table under its new names.
        new: the table that shall be.
        lossy: columns that must not be converted yet.
        dialect: of both.
        relax: let rows do without the columns that go, for programs that know the new contract only.
    """
    going = {column.name for column in current.columns} - {column.name for column in new.columns}
    merger = _Merger(current, new, frozenset(lossy), frozenset(going), dialect)
    before = {column.name: column for column in current.columns}
    kept = [_left_over(column, dialect, relax=relax) for column in current.columns if column.name in going]
    return new._replace(
        columns=(*(before[c.name] if c.name in merger.lossy else c for c in new.columns), *kept),
        checks=merger.merged(
            tuple(check for check in current.checks if not relax or not merger.asks_for(check)),
            new.checks,
            merger.of_check,
        ),
        uniques=merger.merged(current.uniques, new.uniques, lambda one: frozenset(one.columns)),
        indexes=merger.merged(current.indexes, new.indexes, lambda one: frozenset(one.columns)),
        foreign_keys=merger.merged(current.foreign_keys, new.foreign_keys, lambda one: frozenset(one.columns)),
    )


def _left_over(column: Column, dialect: Dialect, *, relax: bool) -> Column:
    if column.role is Role.SYNTHETIC_KEY:
        return column._replace(role=Role.VALUE, type=dialect.types[Storage.INT64], nullable=True)
    return column._replace(nullable=True) if relax and column.default is None else column


class _Merger:
    """Takes each constraint from the table that its columns are taken from."""

    def __init__(
        self, current: Table, new: Table, lossy: frozenset[str], going: frozenset[str], dialect: Dialect
    ) -> None:
        self.lossy: Final = lossy
        self._going: Final = going
        self._names: Final = tuple({column.name for column in (*current.columns, *new.columns)})
        self._dialect: Final = dialect

    def of_check(self, check: Check) -> frozenset[str]:
        return names_in(" ".join(check.terms), self._names, self._dialect)

    def asks_for(self, check: Check) -> bool:
        """Whether a check about columns that go refuses rows that have nothing in them."""
        is_about_null = any(words in term for term in check.terms for words in ("NOT NULL", "num_nonnulls"))
        return is_about_null and self._is_going(self.of_check(check))

    def merged(
        self, current: Sequence[_T], new: Sequence[_T], columns_of: Callable[[_T], frozenset[str]]
    ) -> tuple[_T, ...]:
        after = [one for one in new if not columns_of(one) & self.lossy]
        taken = {one.name for one in after}
        before = [
            one
            for one in current
            if one.name not in taken and (columns_of(one) & self.lossy or self._is_going(columns_of(one)))
        ]
        return (*after, *before)

    def _is_going(self, columns: frozenset[str]) -> bool:
        return bool(columns) and columns <= self._going
