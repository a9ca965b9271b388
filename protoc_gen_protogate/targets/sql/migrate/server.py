"""The statements of PostgreSQL and MySQL, which change tables in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.targets.sql.migrate.identifiers import free_name, ordered_renames
from protoc_gen_protogate.targets.sql.migrate.steps import Note, Phase, Stage, Step
from protoc_gen_protogate.targets.sql.migrate.widening import is_wider
from protoc_gen_protogate.targets.sql.tables import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.migrate.diff import TableDiff
    from protoc_gen_protogate.targets.sql.migrate.values import Value
    from protoc_gen_protogate.targets.sql.render import Writer
    from protoc_gen_protogate.targets.sql.tables import Check, Column, ForeignKey, Index, Table

__all__ = ["Alteration", "move_table", "primary_key_name"]

_POSTGRES_NAME: Final = 63


def primary_key_name(table: Table) -> str:
    """What PostgreSQL calls the primary key of a table when nobody names it."""
    return f"{table.name.encode()[: _POSTGRES_NAME - len('_pkey')].decode(errors='ignore')}_pkey"


def move_table(old: Table, new: Table, dialect: Dialect) -> tuple[str, ...]:
    """The statements that give a table another name or schema."""
    if dialect.name == "mysql":
        return (f"ALTER TABLE {old.sql_name} RENAME TO {new.sql_name};",)
    found = []
    place = old.sql_name
    if old.schema != new.schema and new.schema:
        found.append(f"ALTER TABLE {place} SET SCHEMA {dialect.identifier(new.schema)};")
        place = f"{dialect.identifier(new.schema)}.{dialect.identifier(old.name)}"
    if old.name != new.name:
        found.append(f"ALTER TABLE {place} RENAME TO {dialect.identifier(new.name)};")
    if dialect.name == "postgresql" and primary_key_name(old) != primary_key_name(new) and new.primary_key:
        before, after = (dialect.identifier(primary_key_name(table)) for table in (old, new))
        found.append(f"ALTER TABLE {new.sql_name} RENAME CONSTRAINT {before} TO {after};")
    return tuple(found)


class Alteration:
    """The steps from one table to another of the same name."""

    def __init__(  # noqa: PLR0913 - it is what it knows
        self,
        diff: TableDiff,
        values: Mapping[str, Value],
        unstable: Collection[tuple[str, str]],
        writer: Writer,
        dialect: Dialect,
        *,
        renames: Iterable[tuple[str, str]] = (),
        floor: Phase = Phase.SAFE,
    ) -> None:
        """Prepare the steps.

        Args:
            diff: the two tables.
            values: the values of columns for the rows that are there.
            unstable: columns that no foreign key can hold on to meanwhile.
            writer: writes columns and constraints.
            dialect: PostgreSQL or MySQL.
            renames: names of columns before and after, in order; `diff` has the names after.
            floor: the phase of the safest step.
        """
        self._diff: Final = diff
        self._values: Final = values
        self._unstable: Final = unstable
        self._writer: Final = writer
        self._dialect: Final = dialect
        self._is_mysql: Final = dialect.name == "mysql"
        self._renames: Final = tuple(renames)
        self._floor: Final = floor
        self._table: Final = diff.new.sql_name
        self._named: Final = dialect.identifier
        added = (c.name for c in diff.added if c.name in values or self._has_no_value(c))
        self._late: Final = frozenset((*added, *diff.retyped, *(c.name for _, c in diff.kept if c.name in values)))
        """Columns whose rows change only in the second phase."""
        self.notes: Final[list[Note]] = []

    def steps(self) -> Iterator[Step]:
        """All steps, in no order."""
        yield from self._checks()
        yield from self._uniques()
        yield from self._indexes()
        yield from self._foreign_keys()
        yield from self._column_renames()
        yield from self._key()
        for column in self._diff.added:
            yield from self._add(column)
        yield from self._retype()
        for old, new in self._diff.kept:
            yield from self._keep(old, new)
        yield from self._drop()
        yield from self._comments()

    def _step(self, phase: Phase, stage: Stage, rank: int, *sql: str, note: str = "") -> Step:
        return Step(max(phase, self._floor), stage, rank, self._table, sql, note)

    def _alter(self, action: str) -> str:
        return f"ALTER TABLE {self._table} {action};"

    @staticmethod
    def _has_no_value(column: Column) -> bool:
        return not column.nullable and column.default is None

    # Constraints

    def _checks(self) -> Iterator[Step]:
        touched = {*self._diff.retyped, *(c.name for _, c in self._diff.kept if c.name in self._values)}
        if self._is_mysql:
            # MySQL renames no column that a CHECK names.
            touched |= {after for _, after in self._renames}
        parts = self._diff.checks(touched)
        added, dropped = list(parts.added), list(parts.dropped)
        if self._is_mysql:
            added += [one for one in self._diff.new.checks if one.name in {new for _, new in parts.renamed}]
            dropped += [one for one in self._diff.old.checks if one.name in {old for old, _ in parts.renamed}]
        word = "CHECK" if self._is_mysql else "CONSTRAINT"
        for check in dropped:
            yield self._step(Phase.SAFE, Stage.BEFORE, 2, self._alter(f"DROP {word} {self._named(check.name)}"))
        if not self._is_mysql:
            yield from self._rename_constraints(parts.renamed)
        for check in added:
            yield self._add_check(check)

    def _rename_constraints(self, renamed: Iterable[tuple[str, str]]) -> Iterator[Step]:
        for old, new in ordered_renames(dict(renamed)):
            action = f"RENAME CONSTRAINT {self._named(old)} TO {self._named(new)}"
            yield self._step(Phase.SAFE, Stage.BEFORE, 4, self._alter(action))

    def _add_check(self, check: Check) -> Step:
        columns = self._diff.names_in(check)
        new = {column.name for column in self._diff.added}
        is_safe = not columns & self._late and (columns <= new or is_wider(check, self._diff) or self._is_known(check))
        phase = Phase.SAFE if is_safe else Phase.DATA
        if not is_safe and not self._is_known(check):
            terms = " AND ".join(f"({term})" for term in check.terms)
            query = f"SELECT * FROM {self._table} WHERE NOT ({terms});"  # noqa: S608 - text of the contract
            self.notes.append(Note(self._table, check.name, " ".join(query.split())))
        return self._step(phase, Stage.TABLE, 60, *self._add_constraint(self._writer.check(check), check.name))

    def _is_known(self, check: Check) -> bool:
        return any(check.terms == other.terms for other in self._diff.old.checks)

    def _add_constraint(self, text: str, name: str) -> tuple[str, ...]:
        if self._is_mysql:
            return (self._alter(f"ADD {text}"),)
        return (self._alter(f"ADD {text} NOT VALID"), self._alter(f"VALIDATE CONSTRAINT {self._named(name)}"))

    def _uniques(self) -> Iterator[Step]:
        parts = self._diff.uniques(self._rebuilt())
        word = "INDEX" if self._is_mysql else "CONSTRAINT"
        for unique in parts.dropped:
            yield self._step(Phase.SAFE, Stage.BEFORE, 2, self._alter(f"DROP {word} {self._named(unique.name)}"))
        if self._is_mysql:
            yield from self._rename_indexes(parts.renamed)
        else:
            yield from self._rename_constraints(parts.renamed)
        for unique in parts.added:
            self._note_unique(unique.name, unique.columns)
            columns = self._writer.columns_list(unique.columns)
            action = f"ADD CONSTRAINT {self._named(unique.name)} UNIQUE ({columns})"
            yield self._step(Phase.DATA, Stage.TABLE, 50, self._alter(action))

    def _note_unique(self, name: str, columns: tuple[str, ...]) -> None:
        listed = self._writer.columns_list(columns)
        query = f"SELECT {listed}, count(*) FROM {self._table} GROUP BY {listed} HAVING count(*) > 1;"  # noqa: S608 - names of the contract, quoted
        self.notes.append(Note(self._table, name, query))

    def _rename_indexes(self, renamed: Iterable[tuple[str, str]]) -> Iterator[Step]:
        for old, new in ordered_renames(dict(renamed)):
            before, after = self._named(old), self._named(new)
            if self._is_mysql:
                sql = self._alter(f"RENAME INDEX {before} TO {after}")
            else:
                sql = f"ALTER INDEX {self._in_schema(before)} RENAME TO {after};"
            yield self._step(Phase.SAFE, Stage.BEFORE, 4, sql)

    def _in_schema(self, name: str) -> str:
        schema = self._diff.new.schema
        return f"{self._named(schema)}.{name}" if schema else name

    def _indexes(self) -> Iterator[Step]:
        parts = self._diff.indexes(self._rebuilt())
        for index in parts.dropped:
            name = self._named(index.name)
            sql = f"DROP INDEX {name} ON {self._table};" if self._is_mysql else f"DROP INDEX {self._in_schema(name)};"
            yield self._step(Phase.SAFE, Stage.BEFORE, 2, sql)
        yield from self._rename_indexes(parts.renamed)
        for index in parts.added:
            yield self._add_index(index)

    def _add_index(self, index: Index) -> Step:
        is_late = index.unique or bool(self._late & set(index.columns))
        if index.unique:
            self._note_unique(index.name, index.columns)
        only = self._diff.new._replace(indexes=(index,))
        return self._step(Phase.DATA if is_late else Phase.SAFE, Stage.TABLE, 70, *self._writer.indexes(only))

    def _rebuilt(self) -> frozenset[str]:
        """Columns that MySQL makes anew, so that their indexes must be made anew as well."""
        return frozenset(name for name in self._diff.retyped if self._is_mysql and self._is_made_anew(name))

    def _is_made_anew(self, name: str) -> bool:
        value = self._values.get(name)
        return value is not None and value.convert not in {"", self._named(name)}

    def _foreign_keys(self) -> Iterator[Step]:
        parts = self._diff.foreign_keys(self._unstable)
        self.notes.extend(Note(self._table, *found) for found in self._diff.dangling(self._values.keys()))
        dropped, added = [one.name for one in parts.dropped], list(parts.added)
        if self._is_mysql:
            dropped += [old for old, _ in parts.renamed]
            added += [one for one in self._diff.new.foreign_keys if one.name in {new for _, new in parts.renamed}]
        else:
            yield from self._rename_constraints(parts.renamed)
        word = "FOREIGN KEY" if self._is_mysql else "CONSTRAINT"
        for name in dropped:
            yield self._step(Phase.SAFE, Stage.BEFORE, 1, self._alter(f"DROP {word} {self._named(name)}"))
            if self._is_mysql and not self._diff.has_index_for(name):
                # InnoDB has made one of the same name, and leaves it behind.
                sql = f"DROP INDEX {self._named(name)} ON {self._table};"
                yield self._step(Phase.SAFE, Stage.BEFORE, 2, sql)
        for key in added:
            yield self.add_foreign_key(key)

    def add_foreign_key(self, key: ForeignKey) -> Step:
        """The step that adds a foreign key."""
        return self._step(Phase.DATA, Stage.AFTER, 10, *self._add_constraint(self._writer.foreign_key(key), key.name))

    def _key(self) -> Iterator[Step]:
        if not self._diff.new_key:
            return
        old, new = self._diff.old, self._diff.new
        if self._is_mysql:
            for column in old.columns:
                if column.role is Role.SYNTHETIC_KEY:
                    plain = f"MODIFY COLUMN {self._named(column.name)} BIGINT NOT NULL"
                    yield self._step(Phase.DATA, Stage.TABLE, 5, self._alter(plain))
        if old.primary_key:
            name = self._named(primary_key_name(new))
            drop = "DROP PRIMARY KEY" if self._is_mysql else f"DROP CONSTRAINT {name}"
            yield self._step(Phase.DATA, Stage.TABLE, 6, self._alter(drop))
        if all(column.role is not Role.SYNTHETIC_KEY for column in new.columns):
            columns = self._writer.columns_list(new.primary_key)
            self._note_unique("PRIMARY KEY", new.primary_key)
            yield self._step(Phase.DATA, Stage.TABLE, 40, self._alter(f"ADD PRIMARY KEY ({columns})"))

    # Columns

    def _column_renames(self) -> Iterator[Step]:
        for old, new in self._renames:
            action = f"RENAME COLUMN {self._named(old)} TO {self._named(new)}"
            yield self._step(Phase.SAFE, Stage.BEFORE, 3, self._alter(action))

    def _add(self, column: Column) -> Iterator[Step]:
        value = self._values.get(column.name)
        if column.role is Role.SYNTHETIC_KEY:
            action = f"ADD COLUMN {self._writer.column(column, is_key=False)}"
            yield self._step(Phase.DATA, Stage.TABLE, 41, self._alter(action))
            return
        if value is None and not (self._is_mysql and self._has_no_value(column)):
            phase = Phase.DATA if self._has_no_value(column) else Phase.SAFE
            action = f"ADD COLUMN {self._writer.column(column, is_key=False)}"
            yield self._step(phase, Stage.TABLE, 10, self._alter(action))
            return
        open_column = self._writer.column(column._replace(nullable=True), is_key=False)
        yield self._step(Phase.DATA, Stage.TABLE, 10, self._alter(f"ADD COLUMN {open_column}"))
        if value is not None:
            yield self._step(Phase.DATA, Stage.TABLE, 11, self._update(column.name, value.fill))
        if not column.nullable:
            yield self._step(Phase.DATA, Stage.TABLE, 30, self._close(column))

    def _update(self, name: str, expression: str, where: str = "") -> str:
        x = self._named(name)
        rest = f" WHERE {where}" if where else ""
        return f"UPDATE {self._table} SET {x} = {expression}{rest};"  # noqa: S608 - text of the contract

    def _close(self, column: Column) -> str:
        if self._is_mysql:
            return self._alter(f"MODIFY COLUMN {self._writer.column(column, is_key=False)}")
        return self._alter(f"ALTER COLUMN {self._named(column.name)} SET NOT NULL")

    def _retype(self) -> Iterator[Step]:
        columns = [(old, new) for old, new in self._diff.kept if new.name in self._diff.retyped]
        if not columns:
            return
        if self._is_mysql:
            for old, new in columns:
                if self._is_made_anew(new.name):
                    yield self._made_anew(new)
                elif not self._needs_modify(old, new):
                    note = self._lost([new.name])
                    yield self._step(Phase.DATA, Stage.TABLE, 20, self._modify(old, new), note=note)
            return
        actions = []
        for old, new in columns:
            x = self._named(new.name)
            value = self._values.get(new.name)
            expression = value.convert if value is not None and value.convert else x
            if old.default is not None:
                actions.append(f"ALTER COLUMN {x} DROP DEFAULT")
            actions.append(f"ALTER COLUMN {x} TYPE {new.type} USING {expression}")
            if new.default is not None:
                actions.append(f"ALTER COLUMN {x} SET DEFAULT {new.default}")
        sql = f"ALTER TABLE {self._table}\n  " + ",\n  ".join(actions) + ";"
        yield self._step(Phase.DATA, Stage.TABLE, 20, sql, note=self._lost(new.name for _, new in columns))

    def _lost(self, names: Iterable[str]) -> str:
        """What the values of columns lose."""
        lossy = ((name, self._values[name].lossy) for name in names if name in self._values)
        return "\n".join(f"{self._table}.{name}: {reason}." for name, reason in lossy if reason)

    def _needs_modify(self, old: Column, new: Column) -> bool:
        """Whether `_keep` writes the whole column down anyway."""
        return old.nullable and not new.nullable

    def _modify(self, old: Column, new: Column) -> str:
        # NULL goes in a step of its own, after the rows have got their values.
        return self._alter(
            f"MODIFY COLUMN {self._writer.column(new._replace(nullable=new.nullable or old.nullable), is_key=False)}"
        )

    def _made_anew(self, column: Column) -> Step:
        others = {one.name for one in (*self._diff.old.columns, *self._diff.new.columns)}
        aside = free_name(f"new_{column.name}", others)
        spare = self._writer.column(column._replace(name=aside, nullable=True), is_key=False)
        x, value = self._named(column.name), self._values[column.name]
        statements = [
            self._alter(f"ADD COLUMN {spare}"),
            self._update(aside, value.convert),
            self._alter(f"DROP COLUMN {x}"),
            self._alter(f"RENAME COLUMN {self._named(aside)} TO {x}"),
        ]
        if not column.nullable:
            if value.fill:
                statements.append(self._update(column.name, value.fill, f"{x} IS NULL"))
            statements.append(self._close(column))
        return self._step(Phase.DATA, Stage.TABLE, 20, *statements, note=self._lost([column.name]))

    def _keep(self, old: Column, new: Column) -> Iterator[Step]:
        if old.role is Role.SYNTHETIC_KEY and new.role is not Role.SYNTHETIC_KEY:
            yield from self._end_identity(new)
            return
        if old.role is Role.SYNTHETIC_KEY or (self._is_mysql and self._is_made_anew(new.name) and old.type != new.type):
            return
        value, x = self._values.get(new.name), self._named(new.name)
        is_retyped = new.name in self._diff.retyped
        if value is not None and value.convert and not is_retyped:
            yield self._step(Phase.DATA, Stage.TABLE, 21, self._update(new.name, value.convert, value.where))
        if value is not None and value.fill:
            yield self._step(Phase.DATA, Stage.TABLE, 22, self._update(new.name, value.fill, f"{x} IS NULL"))
        yield from self._default(old, new, is_retyped=is_retyped)
        if old.nullable and not new.nullable:
            yield self._step(Phase.DATA, Stage.TABLE, 30, self._close(new))

    def _default(self, old: Column, new: Column, *, is_retyped: bool) -> Iterator[Step]:
        x = self._named(new.name)
        is_looser = new.nullable and not old.nullable
        if self._is_mysql:
            is_other = is_looser or old.default != new.default or old.doc != new.doc
            if is_other and not is_retyped:
                yield self._step(Phase.SAFE, Stage.TABLE, 4, self._modify(old, new))
            return
        actions = []
        if is_looser:
            actions.append(f"ALTER COLUMN {x} DROP NOT NULL")
        if old.default != new.default and not is_retyped:
            change = "DROP DEFAULT" if new.default is None else f"SET DEFAULT {new.default}"
            actions.append(f"ALTER COLUMN {x} {change}")
        for action in actions:
            # What was part of the key is NOT NULL until the key is gone.
            phase, rank = (Phase.DATA, 8) if new.name in self._diff.old.primary_key else (Phase.SAFE, 4)
            yield self._step(phase, Stage.TABLE, rank, self._alter(action))

    def _end_identity(self, column: Column) -> Iterator[Step]:
        x = self._named(column.name)
        if self._is_mysql:
            yield self._step(Phase.DATA, Stage.TABLE, 8, self._alter(f"MODIFY COLUMN {x} {column.type}"))
            return
        yield self._step(Phase.DATA, Stage.TABLE, 8, self._alter(f"ALTER COLUMN {x} DROP IDENTITY"))
        yield self._step(Phase.DATA, Stage.TABLE, 9, self._alter(f"ALTER COLUMN {x} DROP NOT NULL"))

    def _drop(self) -> Iterator[Step]:
        for column in self._diff.dropped:
            yield self._step(
                Phase.DESTRUCTIVE,
                Stage.TABLE,
                90,
                self._alter(f"DROP COLUMN {self._named(column.name)}"),
                note=f"{self._table}.{column.name}: the values of this column are lost.",
            )

    def _comments(self) -> Iterator[Step]:
        old, new = self._diff.old, self._diff.new
        if self._is_mysql:
            if old.doc != new.doc:
                comment = self._writer.ending(new).partition(" COMMENT=")[2] or "''"
                yield self._step(Phase.SAFE, Stage.TABLE, 80, self._alter(f"COMMENT={comment}"))
            return
        known = {column.name: column.doc for column in old.columns}
        changed = new._replace(
            doc=new.doc if new.doc != old.doc else "",
            columns=tuple(column for column in new.columns if column.doc != known.get(column.name, "")),
        )
        statements = [*self._writer.comments(changed)]
        if old.doc and not new.doc:
            statements.append(f"COMMENT ON TABLE {self._table} IS NULL;")
        statements += [
            f"COMMENT ON COLUMN {self._table}.{self._named(column.name)} IS NULL;"
            for column in changed.columns
            if not column.doc
        ]
        late = any(column.name in self._late for column in changed.columns)
        if statements:
            yield self._step(Phase.DATA if late else Phase.SAFE, Stage.TABLE, 80, *statements)
