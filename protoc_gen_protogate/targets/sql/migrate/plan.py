"""From two contracts' tables to the steps between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.dialects import DIALECTS
from protoc_gen_protogate.targets.sql.migrate import server, sqlite
from protoc_gen_protogate.targets.sql.migrate.diff import TableDiff
from protoc_gen_protogate.targets.sql.migrate.interim import interim
from protoc_gen_protogate.targets.sql.migrate.matching import match_tables, with_children
from protoc_gen_protogate.targets.sql.migrate.renames import rename_all
from protoc_gen_protogate.targets.sql.migrate.steps import Decision, Migration, Note, Phase, Stage, Step
from protoc_gen_protogate.targets.sql.migrate.values import Values, retyped_columns
from protoc_gen_protogate.targets.sql.render import Writer
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protoc_gen_protogate.targets.sql.migrate.renames import Change
    from protoc_gen_protogate.targets.sql.migrate.values import Value
    from protoc_gen_protogate.targets.sql.settings import Settings
    from protoc_gen_protogate.targets.sql.tables import ForeignKey, Table

__all__ = ["Choices", "migrate", "without_comments"]


class Choices(NamedTuple):
    """What a person has decided."""

    destructive: bool = False
    """Apply the steps that lose something."""
    keep: bool = False
    """Leave them out for now, on purpose."""
    using: Mapping[tuple[str, str], str] = {}
    """SQL expressions over the old columns, by table and column of the new contract."""


def migrate(old: Sequence[Table], new: Sequence[Table], settings: Settings, choices: Choices) -> Migration:
    """The steps that turn the tables of one contract into those of another.

    Raises:
        UserError: an expression is for a column that is not there.
    """
    _check_using(new, choices.using)
    return _Plan(old, new, settings, choices).migration()


def without_comments(tables: Iterable[Table]) -> tuple[Table, ...]:
    """The tables without the comments of the contract, so that those are not compared."""
    return tuple(
        table._replace(
            doc="",
            columns=tuple(column._replace(doc="") for column in table.columns),
            children=without_comments(table.children),
        )
        for table in tables
    )


def _check_using(new: Iterable[Table], using: Mapping[tuple[str, str], str]) -> None:
    tables = {table.sql_name: table for table in with_children(new)}
    for name, column in using:
        if name not in tables:
            raise UserError(f"--using {name}.{column}: no table is named '{name}'; use one of {', '.join(tables)}")
        known = [one.name for one in tables[name].columns]
        if column not in known:
            raise UserError(f"--using {name}.{column}: no column is named '{column}'; use one of {', '.join(known)}")


class _Round(NamedTuple):
    """One half of the way of a table."""

    change: Change
    diff: TableDiff
    values: Mapping[str, Value]


class _Plan:
    """Makes the steps of one migration."""

    def __init__(self, old: Sequence[Table], new: Sequence[Table], settings: Settings, choices: Choices) -> None:
        self._dialect: Final = DIALECTS[settings.dialect]
        self._is_sqlite: Final = settings.dialect == "sqlite"
        self._choices: Final = choices
        self._old: Final = old
        self._matching: Final = match_tables(old, new, self._dialect)
        self._renamed: Final = rename_all(old, new, self._matching, self._dialect)
        every = [*with_children(old), *with_children(new)]
        self._names: Final = {table.name for table in every}
        # A table that is there already is a mistake here, never something to pass over.
        self._writer: Final = Writer(self._dialect, settings._replace(if_not_exists=False))
        self._writer.made.update(table.sql_name for table in every)
        retyped = retyped_columns(self._renamed.changes)
        values = Values(self._dialect, settings, choices.using, retyped, destructive=choices.destructive)
        self._values: Final = [(change, values.of(change)) for change in self._renamed.changes]
        self._unstable: Final = frozenset(
            place
            for change in self._renamed.changes
            for place in TableDiff(change.current, change.new, self._dialect).unstable()
        )
        """Table and column of what foreign keys point to and what changes on the way."""
        self._decisions: Final = values.decisions
        self._notes: Final[list[Note]] = []
        self._steps: Final[list[Step]] = []
        self._order: Final[dict[str, int]] = {"": 0}
        """The order of tables inside a stage."""

    def migration(self) -> Migration:
        """All steps in order."""
        # Children first in SQLite: they look the new keys of their parents up in the old rows.
        changed = [change.new.sql_name for change in self._renamed.changes]
        self._place(*(reversed(changed) if self._is_sqlite else changed))
        self._schemas()
        self._table_renames()
        if self._is_sqlite and self._choices.destructive:
            rounds = [(change, change.current, change.new, values) for change, values in self._values]
            self._change([_Round(c, TableDiff(a, b, self._dialect), v) for c, a, b, v in rounds], Phase.SAFE)
        else:
            between = [self._between(change, values) for change, values in self._values]
            self._change([first for first, _ in between], Phase.SAFE)
            self._change([second for _, second in between], Phase.DESTRUCTIVE)
        self._create()
        self._drop_tables()
        for change in self._renamed.changes:
            self._decide_columns(change)
        return Migration(self._sorted(), self._decided(), tuple(dict.fromkeys(self._notes)))

    def _between(self, change: Change, values: Mapping[str, Value]) -> tuple[_Round, _Round]:
        """Both halves of the way of a table: what is safe, and what loses something."""
        lossy = {name for name, value in values.items() if value.lossy}
        relax = not self._choices.destructive
        current = change.current._replace(
            # What goes must not hold on to a key that changes.
            foreign_keys=tuple(key for key in change.current.foreign_keys if not self._is_loose(key))
        )
        middle = interim(current, change.new, lossy, self._dialect, relax=relax)
        first = {name: value for name, value in values.items() if name not in lossy}
        second = {name: value for name, value in values.items() if name in lossy}
        return (
            _Round(change, TableDiff(change.current, middle, self._dialect), first),
            _Round(change, TableDiff(middle, change.new, self._dialect), second),
        )

    def _place(self, *tables: str) -> None:
        for table in tables:
            self._order.setdefault(table, len(self._order))

    # Tables that go on

    def _schemas(self) -> None:
        known = {table.schema for table in with_children(self._old)}
        every = [*(pair.new for pair in self._matching.pairs), *self._matching.created]
        for sql in self._writer.schemas([table for table in every if table.schema not in known]):
            self._steps.append(Step(Phase.SAFE, Stage.BEFORE, 0, "", (sql,)))

    def _table_renames(self) -> None:
        for before, after in self._renamed.tables:
            if self._is_sqlite:
                sql: tuple[str, ...] = (f"ALTER TABLE {before.sql_name} RENAME TO {after.sql_name};",)
            else:
                sql = server.move_table(before, after, self._dialect)
            self._steps.append(Step(Phase.SAFE, Stage.BEFORE, 0, after.sql_name, sql))

    def _change(self, rounds: Sequence[_Round], floor: Phase) -> None:
        if self._is_sqlite:
            for one in rounds:
                self._change_sqlite(one, floor)
            if floor is Phase.SAFE and not self._choices.destructive:
                self._let_go_sqlite()
            return
        unstable = frozenset(place for one in rounds for place in one.diff.unstable())
        for one in rounds:
            renames = one.change.columns if floor is Phase.SAFE else ()
            alteration = server.Alteration(
                one.diff, one.values, unstable, self._writer, self._dialect, renames=renames, floor=floor
            )
            self._steps.extend(alteration.steps())
            self._notes.extend(alteration.notes)
        if floor is Phase.SAFE:
            self._let_go()

    def _change_sqlite(self, one: _Round, floor: Phase) -> None:
        if floor is Phase.SAFE:
            table = one.diff.new.sql_name
            named = self._dialect.identifier
            for before, after in one.change.columns:
                sql = f"ALTER TABLE {table} RENAME COLUMN {named(before)} TO {named(after)};"
                self._steps.append(Step(Phase.SAFE, Stage.BEFORE, 3, table, (sql,)))
        alteration = sqlite.Alteration(one.diff, one.values, self._names, self._writer, self._dialect, floor=floor)
        self._steps.extend(alteration.steps())
        self._notes.extend(alteration.notes)

    def _is_loose(self, key: ForeignKey) -> bool:
        """Whether a foreign key points to what changes."""
        return any((key.table, name) in self._unstable for name in key.target_columns)

    def _let_go_sqlite(self) -> None:
        """The same for SQLite, which makes the tables anew."""
        for table in self._renamed.dropped:
            held = tuple(key for key in table.foreign_keys if not self._is_loose(key))
            if held != table.foreign_keys:
                diff = TableDiff(table, table._replace(foreign_keys=held), self._dialect)
                alteration = sqlite.Alteration(diff, {}, self._names, self._writer, self._dialect)
                self._steps.extend(alteration.steps())

    def _let_go(self) -> None:
        """Take foreign keys off tables that go, where they would hold up a change of the table they point to."""
        for table in self._renamed.dropped:
            for key in table.foreign_keys:
                if self._is_loose(key) or self._is_aside(table):
                    self._steps.append(self._drop_foreign_key(table, key, Phase.SAFE))

    def _drop_foreign_key(self, table: Table, key: ForeignKey, phase: Phase) -> Step:
        word = "FOREIGN KEY" if self._dialect.name == "mysql" else "CONSTRAINT"
        sql = f"ALTER TABLE {table.sql_name} DROP {word} {self._dialect.identifier(key.name)};"
        return Step(phase, Stage.BEFORE, 1, table.sql_name, (sql,))

    # Tables that come and go

    def _create(self) -> None:
        waiting = list(self._matching.created)
        missing = {table.sql_name for table in waiting}
        while waiting:
            table = next((one for one in waiting if not _points_to(one, missing)), waiting[0])
            waiting.remove(table)
            missing.discard(table.sql_name)
            self._place(table.sql_name)
            late = [
                key
                for key in table.foreign_keys
                if not self._is_sqlite and (key.table in missing or self._is_loose(key))
            ]
            inline = table._replace(foreign_keys=tuple(key for key in table.foreign_keys if key not in late))
            self._steps.append(Step(Phase.SAFE, Stage.TABLE, 0, table.sql_name, tuple(self._writer.table(inline))))
            for key in late:
                sql = f"ALTER TABLE {table.sql_name} ADD {self._writer.foreign_key(key)};"
                self._steps.append(Step(Phase.DATA, Stage.AFTER, 10, table.sql_name, (sql,)))

    def _drop_tables(self) -> None:
        for table in self._renamed.dropped:
            if self._is_aside(table):
                self._step_aside(table)
        waiting = list(reversed(self._renamed.dropped))
        while waiting:
            pointed = {key.table for one in waiting for key in one.foreign_keys if key.table != one.sql_name}
            free = [one for one in waiting if one.sql_name not in pointed]
            if not free:
                if not self._is_sqlite:
                    steps = (
                        self._drop_foreign_key(one, key, Phase.DESTRUCTIVE)
                        for one in waiting
                        for key in one.foreign_keys
                        if key.table in pointed
                    )
                    self._steps.extend(step for step in steps if step._replace(phase=Phase.SAFE) not in self._steps)
                free = waiting[:]
            for table in free:
                waiting.remove(table)
                self._place(table.sql_name)
                self._drop_table(table)

    def _drop_table(self, table: Table) -> None:
        note = f"{table.sql_name}: all rows of this table are lost ({table.element})."
        sql = f"DROP TABLE {table.sql_name};"
        self._steps.append(Step(Phase.DESTRUCTIVE, Stage.AFTER, 20, table.sql_name, (sql,), note))
        self._decisions.append(
            Decision(
                "drop_table",
                table.sql_name,
                "",
                f"{table.element} has no table any more; the rows would be lost",
                "--destructive drops the table, --keep leaves it for now; if the message only has another name, "
                "give it the old one as sql.table_name",
                chosen=self._choices.destructive,
            )
        )

    def _is_aside(self, table: Table) -> bool:
        """Whether a table that goes has made room for a new one of its name."""
        return all(table.sql_name != one.sql_name for one in with_children(self._old))

    def _step_aside(self, table: Table) -> None:
        """Free the names of constraints and indexes, which in some databases belong to the whole schema."""
        named, sql_name = self._dialect.identifier, table.sql_name
        schema = f"{named(table.schema)}." if table.schema else ""
        actions = []
        if self._dialect.name == "mysql":
            actions += [f"ALTER TABLE {sql_name} DROP CHECK {named(check.name)};" for check in table.checks]
        elif not self._is_sqlite:
            actions += [f"ALTER TABLE {sql_name} DROP CONSTRAINT {named(one.name)};" for one in table.uniques]
            actions += [f"DROP INDEX {schema}{named(index.name)};" for index in table.indexes]
        else:
            actions += [f"DROP INDEX {named(index.name)};" for index in table.indexes]
        self._steps.extend(Step(Phase.SAFE, Stage.BEFORE, 2, sql_name, (action,)) for action in actions)

    # The whole

    def _decide_columns(self, change: Change) -> None:
        new = {column.name for column in change.new.columns}
        back = {name: old for old, name in change.names.items()}
        for column in change.current.columns:
            if column.name in new:
                continue
            field = f" ({column.field})" if column.field else ""
            self._decisions.append(
                Decision(
                    "drop_column",
                    change.new.sql_name,
                    column.name,
                    f"the column '{back.get(column.name, column.name)}'{field} has no field any more; "
                    "its values would be lost",
                    "--destructive drops the column, --keep leaves it for now",
                    chosen=self._choices.destructive,
                )
            )

    def _decided(self) -> tuple[Decision, ...]:
        kept = {"drop_table", "drop_column", "lossy"} if self._choices.keep else set[str]()
        decisions = (one._replace(chosen=True) if one.rule in kept else one for one in self._decisions)
        return tuple(sorted(set(decisions), key=lambda one: (one.chosen, one.table, one.column, one.rule)))

    def _sorted(self) -> tuple[Step, ...]:
        def key(step: Step) -> tuple[int, ...]:
            # A name in the middle of a circle of renames has no place of its own; sorting keeps their order.
            place = self._order.get(step.table, 0) if step.rank else 0
            inside = (place, step.rank) if step.stage is Stage.TABLE else (step.rank, place)
            return (step.phase, step.stage, *inside)

        return tuple(sorted((step for step in self._steps if step.sql), key=key))


def _points_to(table: Table, names: set[str]) -> bool:
    return any(key.table in names for key in table.foreign_keys if key.table != table.sql_name)
