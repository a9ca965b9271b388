"""What stands in the columns of the new table for the rows of the old one, and who has to decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.targets.sql.migrate.conversions import Safety, conversion, enum_renames
from protoc_gen_protogate.targets.sql.migrate.identifiers import renamed_in
from protoc_gen_protogate.targets.sql.migrate.steps import Decision
from protoc_gen_protogate.targets.sql.storage import StorageRules
from protoc_gen_protogate.targets.sql.tables import Role, Storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.migrate.renames import Change
    from protoc_gen_protogate.targets.sql.settings import Settings
    from protoc_gen_protogate.targets.sql.tables import Column

__all__ = ["Value", "Values", "retyped_columns"]


class Value(NamedTuple):
    """The value of one column of the new table, in terms of the current row."""

    convert: str = ""
    """Replaces the value that is there; empty when it stays."""
    where: str = ""
    """Which rows `convert` changes; empty for all."""
    fill: str = ""
    """Stands where there is no value: in all rows of a new column, and for NULL in others."""
    lossy: str = ""
    """What is lost; empty for nothing."""

    def selected(self, x: str, *, is_new: bool) -> str:
        """The value as one expression."""
        value = "" if is_new else self.convert or x
        if not self.fill:
            return value
        return f"COALESCE({value}, {self.fill})" if value else self.fill


def retyped_columns(changes: Iterable[Change]) -> frozenset[tuple[str, str]]:
    """Table, as written in SQL, and column, of all columns that go on with another type."""
    found: set[tuple[str, str]] = set()
    for change in changes:
        types = {column.name: column.type for column in change.new.columns}
        table = change.current.sql_name
        found.update((table, one.name) for one in change.current.columns if types.get(one.name, one.type) != one.type)
    return frozenset(found)


class Values:
    """Works out the values of all columns, and collects the decisions on the way."""

    def __init__(
        self,
        dialect: Dialect,
        settings: Settings,
        using: Mapping[tuple[str, str], str],
        retyped: AbstractSet[tuple[str, str]] = frozenset(),
        *,
        destructive: bool,
    ) -> None:
        self._dialect: Final = dialect
        self._storage: Final = StorageRules(dialect, settings)
        self._using: Final = using
        self._retyped: Final = retyped
        """Table, as written in SQL, and column, of which the type changes."""
        self._destructive: Final = destructive
        self.decisions: Final[list[Decision]] = []

    def of(self, change: Change) -> dict[str, Value]:
        """The values that need saying, by the names of the new columns."""
        current = {column.name: column for column in change.current.columns}
        found = {}
        for column in change.new.columns:
            before = current.get(column.name)
            value = self._added(column, change) if before is None else self._kept(before, column, change)
            if value != Value():
                found[column.name] = value
        return found

    # Columns that are new

    def _added(self, column: Column, change: Change) -> Value:
        chosen = self._chosen(column, change)
        if chosen:
            return Value(fill=chosen)
        if column.role is Role.SYNTHETIC_KEY:
            return Value()
        if column.role is Role.PARENT_KEY:
            return Value(fill=self._from_parent(column, change))
        if column.role is Role.PRESENCE:
            inside = [c for c in change.current.columns if c.numbers[: len(column.numbers)] == column.numbers]
            return Value(fill=self._any_set(inside) if inside else "")
        if column.nullable:
            return Value(fill=self._zero_when_present(column, change))
        if column.default is None:
            self._not_null(column, change, "old rows have no value for the new column, which is never NULL")
        return Value()

    def _from_parent(self, column: Column, change: Change) -> str:
        """The new key of the parent's row, found by the old one."""
        link = change.new.foreign_keys[0]
        wanted = link.target_columns[link.columns.index(column.name)]
        known = change.current.foreign_keys[0]
        own, named = change.current.sql_name, self._dialect.identifier
        found = " AND ".join(
            self._are_equal(
                f"parent.{named(target)}", f"{own}.{named(mine)}", cast=(known.table, target) in self._retyped
            )
            for mine, target in zip(known.columns, known.target_columns, strict=True)
        )
        return f"(SELECT parent.{named(wanted)} FROM {known.table} AS parent WHERE {found})"  # noqa: S608 - names of the contract, quoted

    def _are_equal(self, one: str, other: str, *, cast: bool) -> str:
        """Compare two keys; as text where the one may have its new type before the other."""
        if not cast:
            return f"{one} = {other}"
        text = "CHAR" if self._dialect.name == "mysql" else "TEXT"
        return f"CAST({one} AS {text}) = CAST({other} AS {text})"

    def _zero_when_present(self, column: Column, change: Change) -> str:
        """A part without presence of a message that may be absent: its zero value when the message is there."""
        if len(column.numbers) < 2 or column.absent is None:  # noqa: PLR2004 - a field inside of a field
            return ""
        zero = self._storage.literal(column.absent, column.storage)
        outer = column.numbers[:-1]
        inside = [c for c in change.current.columns if c.numbers[: len(outer)] == outer and c.name != column.name]
        if zero is None or not inside:
            return ""
        return f"CASE WHEN {self._any_set(inside)} THEN {zero} END"

    def _any_set(self, columns: Iterable[Column]) -> str:
        named = self._dialect.identifier
        return " OR ".join(
            named(column.name) if column.role is Role.PRESENCE else f"{named(column.name)} IS NOT NULL"
            for column in columns
        )

    # Columns that go on

    def _kept(self, before: Column, column: Column, change: Change) -> Value:
        if column.role is Role.SYNTHETIC_KEY:
            return Value()
        x = self._dialect.identifier(column.name)
        chosen = self._chosen(column, change)
        value = Value(convert=chosen) if chosen else self._converted(before, column, x, change)
        may_be_null = before.nullable or "NULLIF(" in value.convert
        if may_be_null and not column.nullable:
            zero = self._zero(column)
            if zero is None and not chosen:
                self._not_null(column, change, "the column was optional and is never NULL from now on")
            return value._replace(fill=zero or "")
        if column.nullable and column.absent is not None and before.absent is None:
            return value._replace(fill=self._zero_when_present(column, change))
        return value

    def _converted(self, before: Column, column: Column, x: str, change: Change) -> Value:
        found = conversion(before, column, x, self._dialect)
        if found is None or column.role is not Role.VALUE:
            # Keys of parents follow their parents; positions, keys of maps and flags are of one type for ever.
            return Value(convert=found.sql if found is not None and before.type != column.type else "")
        if found.safety is not Safety.EXACT:
            self._unsure(
                found.safety, f"{before.type} becomes {column.type}: {found.reason}", found.sql, column, change
            )
        if before.enum and column.enum and before.storage is column.storage:
            return self._renamed_values(before, column, x)
        is_other = found.sql != x or before.type != column.type
        return Value(convert=found.sql if is_other else "", lossy=found.reason if found.safety is Safety.LOSSY else "")

    def _renamed_values(self, before: Column, column: Column, x: str) -> Value:
        renames = enum_renames(before, column)
        if not renames:
            return Value(convert=x) if before.type != column.type else Value()
        quoted = self._dialect.text if column.storage is Storage.ENUM_NAME else str
        cases = " ".join(f"WHEN {quoted(old)} THEN {quoted(new)}" for old, new in renames.items())
        return Value(f"CASE {x} {cases} ELSE {x} END", f"{x} IN ({', '.join(map(quoted, renames))})")

    def _unsure(self, safety: Safety, reason: str, sql: str, column: Column, change: Change) -> None:
        lossy = safety is Safety.LOSSY
        place = f"{change.new.sql_name}.{column.name}"
        expression = renamed_in(sql, {now: before for before, now in change.names.items()}, self._dialect)
        self.decisions.append(
            Decision(
                "lossy" if lossy else "convert",
                change.new.sql_name,
                column.name,
                reason,
                f'say it is right with --using "{place}={expression}", or give another expression over the old columns',
                chosen=lossy and self._destructive,
            )
        )

    # Both

    def _zero(self, column: Column) -> str | None:
        if column.default is not None:
            return column.default
        return None if column.absent is None else self._storage.literal(column.absent, column.storage)

    def _chosen(self, column: Column, change: Change) -> str:
        chosen = self._using.get((change.new.sql_name, column.name), "")
        if chosen:
            self.decisions.append(
                Decision("using", change.new.sql_name, column.name, f"the value is {chosen}", "", chosen=True)
            )
        return renamed_in(chosen, change.names, self._dialect)

    def _not_null(self, column: Column, change: Change, reason: str) -> None:
        place = f"{change.new.sql_name}.{column.name}"
        self.decisions.append(
            Decision(
                "not_null",
                change.new.sql_name,
                column.name,
                f"{reason}; as it is written, the step fails when there are such rows",
                f'give them a value with --using "{place}=EXPRESSION"',
                chosen=False,
            )
        )
