"""The statements of SQLite, which adds, renames and drops columns and makes tables anew for everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.sql.migrate.identifiers import free_name, names_in
from protoc_gen_protogate.targets.sql.migrate.steps import Note, Phase, Stage, Step
from protoc_gen_protogate.targets.sql.migrate.values import Value
from protoc_gen_protogate.targets.sql.migrate.widening import is_wider
from protoc_gen_protogate.targets.sql.tables import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.migrate.diff import TableDiff
    from protoc_gen_protogate.targets.sql.render import Writer
    from protoc_gen_protogate.targets.sql.tables import Check, Column, ForeignKey, Index

__all__ = ["Alteration"]

_VARIABLE: Final = ("CURRENT_", "(")
"""How defaults start that SQLite takes for no new column of a table with rows."""


class Alteration:
    """The steps from one table to another of the same name."""

    def __init__(  # noqa: PLR0913 - it is what it knows
        self,
        diff: TableDiff,
        values: Mapping[str, Value],
        names: Collection[str],
        writer: Writer,
        dialect: Dialect,
        *,
        floor: Phase = Phase.SAFE,
    ) -> None:
        """Prepare the steps; `names` are those of all tables, `floor` is the phase of the safest step."""
        self._diff: Final = diff
        self._values: Final = values
        self._names: Final = names
        self._writer: Final = writer
        self._dialect: Final = dialect
        self._floor: Final = floor
        self._table: Final = diff.new.sql_name
        self._named: Final = dialect.identifier
        self._checks: Final = diff.checks(diff.retyped)
        self._uniques: Final = diff.uniques(())
        self._foreign_keys: Final = diff.foreign_keys(())
        self.notes: Final[list[Note]] = []

    def steps(self) -> Iterator[Step]:
        """All steps, in no order."""
        self._note_constraints()
        if not self.is_rebuilt():
            yield from self._altered()
        else:
            yield self._rebuilt()

    def is_rebuilt(self) -> bool:
        """Whether ALTER TABLE is not enough."""
        diff = self._diff
        return (
            diff.new_key
            or bool(self._values)
            or any(_differs(old, new) for old, new in diff.kept)
            or self._writer.ending(diff.old) != self._writer.ending(diff.new)
            or bool(self._checks.dropped or self._uniques.dropped or self._foreign_keys.dropped or self._uniques.added)
            or not all(self._can_add(column) for column in diff.added)
            or not all(self._host(check) for check in self._checks.added)
            or not all(self._can_refer(key) for key in self._foreign_keys.added)
            or not all(self._can_drop(column) for column in diff.dropped)
        )

    def _step(self, phase: Phase, stage: Stage, rank: int, *sql: str, note: str = "") -> Step:
        return Step(max(phase, self._floor), stage, rank, self._table, sql, note)

    # What the rows may fail

    def _note_constraints(self) -> None:
        new = {column.name for column in self._diff.added}
        known = {check.terms for check in self._diff.old.checks}
        for check in self._checks.added:
            columns = self._diff.names_in(check)
            if (
                check.terms in known
                or is_wider(check, self._diff)
                or (columns <= new and not columns & set(self._values))
            ):
                continue
            terms = " AND ".join(f"({term})" for term in check.terms)
            query = f"SELECT * FROM {self._table} WHERE NOT ({terms});"  # noqa: S608 - text of the contract
            self.notes.append(Note(self._table, check.name, " ".join(query.split())))
        self.notes.extend(Note(self._table, *found) for found in self._diff.dangling(self._values.keys()))
        once = [(unique.name, unique.columns) for unique in self._uniques.added]
        once += [(index.name, index.columns) for index in self._diff.indexes(()).added if index.unique]
        if self._diff.new_key and self._diff.new.columns[0].role is not Role.SYNTHETIC_KEY:
            once.append(("PRIMARY KEY", self._diff.new.primary_key))
        for name, unique_columns in once:
            listed = self._writer.columns_list(unique_columns)
            query = f"SELECT {listed}, count(*) FROM {self._table} GROUP BY {listed} HAVING count(*) > 1;"  # noqa: S608
            self.notes.append(Note(self._table, name, query))

    # In place

    def _altered(self) -> Iterator[Step]:
        indexes = self._diff.indexes(())
        renamed = dict(indexes.renamed)
        gone = [index.name for index in indexes.dropped] + list(renamed)
        for name in gone:
            yield self._step(Phase.SAFE, Stage.TABLE, 1, f"DROP INDEX {self._named(name)};")
        for column in self._diff.dropped:
            yield self._step(
                Phase.DESTRUCTIVE,
                Stage.TABLE,
                90,
                f"ALTER TABLE {self._table} DROP COLUMN {self._named(column.name)};",
                note=f"{self._table}.{column.name}: the values of this column are lost.",
            )
        for column in self._diff.added:
            yield self._step(
                Phase.SAFE, Stage.TABLE, 10, f"ALTER TABLE {self._table} ADD COLUMN {self._added(column)};"
            )
        again = [*indexes.added, *(index for index in self._diff.new.indexes if index.name in renamed.values())]
        for index in again:
            phase = Phase.DATA if index in indexes.added and index.unique else Phase.SAFE
            yield self._step(phase, Stage.TABLE, 70, *self._index(index))

    def _index(self, index: Index) -> tuple[str, ...]:
        return tuple(self._writer.indexes(self._diff.new._replace(indexes=(index,))))

    def _can_add(self, column: Column) -> bool:
        if column.role is Role.SYNTHETIC_KEY:
            return False
        default = column.default
        if default is None:
            return column.nullable
        return not default.upper().startswith(_VARIABLE)

    def _host(self, check: Check) -> str:
        """The new column that brings a new check along; empty when there is none."""
        columns = self._diff.names_in(check)
        return next((column.name for column in reversed(self._diff.added) if column.name in columns), "")

    def _can_refer(self, key: ForeignKey) -> bool:
        """Whether a new column can bring a foreign key along."""
        column = next((column for column in self._diff.added if (column.name,) == key.columns), None)
        return column is not None and column.nullable and column.default is None

    def _can_drop(self, column: Column) -> bool:
        old = self._diff.old
        lists = [*(one.columns for one in old.uniques), *(one.columns for one in old.foreign_keys), old.primary_key]
        in_use = {name for columns in lists for name in columns}
        names = [one.name for one in old.columns]
        in_checks = (term for check in old.checks for term in check.terms)
        return column.name not in in_use and not any(
            column.name in names_in(term, names, self._dialect) for term in in_checks
        )

    def _added(self, column: Column) -> str:
        parts = [self._writer.column(column, is_key=False)]
        parts += [self._writer.check(check) for check in self._checks.added if self._host(check) == column.name]
        for key in self._foreign_keys.added:
            if key.columns == (column.name,):
                text = self._writer.foreign_key(key)
                parts.append(text.replace(f"FOREIGN KEY ({self._named(column.name)}) ", "", 1))
        return " ".join(parts)

    # Anew

    def _rebuilt(self) -> Step:
        new = self._diff.new
        aside = free_name(f"new_{new.name}", self._names)
        written = self._named(aside)
        spare = new._replace(name=aside, sql_name=written, indexes=())
        copied = [(column.name, self._selected(column.name)) for column in new.columns]
        names = ", ".join(self._named(name) for name, selected in copied if selected)
        selects = ",\n  ".join(selected for _, selected in copied if selected)
        lost = [f"{self._table}.{column.name}: the values of this column are lost." for column in self._diff.dropped]
        lost += [f"{self._table}.{name}: {value.lossy}." for name, value in self._values.items() if value.lossy]
        phase = Phase.DESTRUCTIVE if lost else Phase.DATA
        return self._step(
            phase,
            Stage.TABLE,
            50,
            *self._writer.table(spare),
            f"INSERT INTO {written} ({names})\nSELECT\n  {selects}\nFROM {self._table};"
            if names
            else f"INSERT INTO {written} DEFAULT VALUES;",
            f"DROP TABLE {self._table};",
            "PRAGMA legacy_alter_table = ON;",
            f"ALTER TABLE {written} RENAME TO {self._table};",
            "PRAGMA legacy_alter_table = OFF;",
            *self._writer.indexes(new),
            note="\n".join(lost),
        )

    def _selected(self, name: str) -> str:
        """The value of a column for an old row; empty to leave it to the default."""
        is_new = any(column.name == name for column in self._diff.added)
        return self._values.get(name, Value()).selected(self._named(name), is_new=is_new)


def _differs(old: Column, new: Column) -> bool:
    return (old.type, old.nullable, old.default, old.role) != (new.type, new.nullable, new.default, new.role)
