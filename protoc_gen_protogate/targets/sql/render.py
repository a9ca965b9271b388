"""Tables as DDL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import header_lines
from protoc_gen_protogate.targets.sql.tables import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from protoc_gen_protogate.targets.sql.dialects import Dialect
    from protoc_gen_protogate.targets.sql.settings import Settings
    from protoc_gen_protogate.targets.sql.tables import Check, Column, ForeignKey, Table

__all__ = ["Writer", "render_file"]

_WIDTH: Final = 110
_STRICT_TYPES: Final = frozenset({"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY", "INTEGER PRIMARY KEY"})
_COLUMN_COMMENT: Final = 1024
_TABLE_COMMENT: Final = 2048
_CONTROLS: Final = dict.fromkeys([*range(32), 127])


def render_file(source: str, tables: Sequence[Table], dialect: Dialect, settings: Settings) -> str:
    """The whole DDL of a file."""
    every = [table for root in tables for table in _with_children(root)]
    writer = Writer(dialect, settings)
    blocks = ["\n".join(f"-- {line}" for line in _head(source, every, dialect))]
    blocks += writer.schemas(every)
    for table in every:
        blocks += writer.table(table)
    blocks += writer.late_foreign_keys()
    return "\n\n".join(blocks) + "\n"


def _with_children(table: Table) -> Iterator[Table]:
    yield table
    for child in table.children:
        yield from _with_children(child)


def _head(source: str, tables: Sequence[Table], dialect: Dialect) -> Iterator[str]:
    yield from header_lines("sql", source)
    yield f"For {dialect.requires}."
    yield from dialect.notes
    keys = [key for table in tables for key in table.foreign_keys]
    if keys and dialect.name == "sqlite":
        yield "Foreign keys are checked after PRAGMA foreign_keys = ON."
    first = sorted({key.source for key in keys if key.source not in {"", source}})
    if first:
        yield f"Load first: {', '.join(name.removesuffix('.proto') + '.sql' for name in first)}"
    foreign = sorted({key.table for key in keys if not key.source})
    if foreign:
        yield f"Refers to tables of no contract, which must be there: {', '.join(foreign)}"


class Writer:
    """Writes the statements of one file, in an order in which they load."""

    def __init__(self, dialect: Dialect, settings: Settings) -> None:
        self._dialect: Final = dialect
        self.made: Final[set[str]] = set()
        """The tables that are there already, by their names in SQL."""
        self._late: Final[list[tuple[Table, ForeignKey]]] = []
        self._if_not_exists: Final = "IF NOT EXISTS " if settings.if_not_exists else ""

    def schemas(self, tables: Iterable[Table]) -> list[str]:
        """The statements that make the schemas."""
        names = sorted({table.schema for table in tables if table.schema})
        return [f"CREATE SCHEMA IF NOT EXISTS {self._dialect.identifier(name)};" for name in names]

    def table(self, table: Table) -> list[str]:
        """The statements that make a table, its indexes and its comments."""
        self.made.add(table.sql_name)
        comment = _comment_lines(table.doc) if self._dialect.name != "postgresql" else []
        entries = [*self._columns(table), *self._constraints(table)]
        create = f"CREATE TABLE {self._if_not_exists}{table.sql_name} (\n{_joined(entries)}\n){self.ending(table)};"
        blocks = ["\n".join([*comment, create])]
        statements = [*self.indexes(table), *self.comments(table)]
        if statements:
            blocks.append("\n".join(statements))
        return blocks

    def late_foreign_keys(self) -> list[str]:
        """The foreign keys to tables that are made further down."""
        return [f"ALTER TABLE {table.sql_name}\n  ADD {self.foreign_key(key)};" for table, key in self._late]

    def _columns(self, table: Table) -> Iterator[tuple[list[str], str]]:
        inline_key = table.primary_key if len(table.primary_key) == 1 else ()
        for column in table.columns:
            comment = _comment_lines(column.doc) if self._dialect.name == "sqlite" else []
            yield comment, self.column(column, is_key=column.name in inline_key)

    def column(self, column: Column, *, is_key: bool) -> str:
        """A column as it stands in CREATE TABLE."""
        parts = [self._dialect.identifier(column.name), column.type]
        if column.role is Role.SYNTHETIC_KEY:
            return " ".join(parts)
        if not column.nullable:
            parts.append("NOT NULL")
        if column.default is not None:
            parts.append(f"DEFAULT {column.default}")
        if is_key:
            parts.append("PRIMARY KEY")
        if self._dialect.name == "mysql" and column.doc:
            parts.append(f"COMMENT {self._dialect.text(_cut(column.doc, _COLUMN_COMMENT))}")
        return " ".join(parts)

    def _constraints(self, table: Table) -> Iterator[tuple[list[str], str]]:
        named = self._dialect.identifier
        if len(table.primary_key) > 1:
            yield [], f"PRIMARY KEY ({self.columns_list(table.primary_key)})"
        for unique in table.uniques:
            yield [], f"CONSTRAINT {named(unique.name)} UNIQUE ({self.columns_list(unique.columns)})"
        for key in table.foreign_keys:
            is_made_below = key.source == table.source and key.table not in self.made
            if is_made_below and self._dialect.name != "sqlite":
                self._late.append((table, key))
            else:
                yield [], self.foreign_key(key)
        for check in table.checks:
            yield [], self.check(check)

    def foreign_key(self, key: ForeignKey) -> str:
        """A foreign key as it stands in CREATE TABLE."""
        on_delete = f" ON DELETE {key.on_delete}" if key.on_delete else ""
        return (
            f"CONSTRAINT {self._dialect.identifier(key.name)} FOREIGN KEY ({self.columns_list(key.columns)})"
            f" REFERENCES {key.table} ({self.columns_list(key.target_columns)}){on_delete}"
        )

    def check(self, check: Check) -> str:
        """A CHECK as it stands in CREATE TABLE."""
        return _check(self._dialect.identifier(check.name), check.terms)

    def columns_list(self, columns: Iterable[str]) -> str:
        """Names of columns, between commas."""
        return ", ".join(map(self._dialect.identifier, columns))

    def ending(self, table: Table) -> str:
        """What follows the columns of CREATE TABLE."""
        if self._dialect.name == "sqlite":
            return " STRICT" if all(column.type.upper() in _STRICT_TYPES for column in table.columns) else ""
        if self._dialect.name == "mysql":
            comment = f" COMMENT={self._dialect.text(_cut(table.doc, _TABLE_COMMENT))}" if table.doc else ""
            return f" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin{comment}"
        return ""

    def indexes(self, table: Table) -> Iterator[str]:
        """The statements that make the indexes of a table."""
        # MySQL has no IF NOT EXISTS for indexes.
        guard = self._if_not_exists if self._dialect.name != "mysql" else ""
        for index in table.indexes:
            unique = "UNIQUE " if index.unique else ""
            name = self._dialect.identifier(index.name)
            yield f"CREATE {unique}INDEX {guard}{name} ON {table.sql_name} ({self.columns_list(index.columns)});"

    def comments(self, table: Table) -> Iterator[str]:
        """The statements that write the comments of a table down, where those are no part of CREATE TABLE."""
        if self._dialect.name != "postgresql":
            return
        if table.doc:
            yield f"COMMENT ON TABLE {table.sql_name} IS {self._comment(table.doc)};"
        for column in table.columns:
            if column.doc:
                name = f"{table.sql_name}.{self._dialect.identifier(column.name)}"
                yield f"COMMENT ON COLUMN {name} IS {self._comment(column.doc)};"

    def _comment(self, doc: str) -> str:
        return self._dialect.text(doc.replace("\0", ""))


def _joined(entries: Iterable[tuple[list[str], str]]) -> str:
    """The parts of CREATE TABLE, a comma after each but the last."""
    written = list(entries)
    lines = []
    for i, (comment, text) in enumerate(written):
        lines += [f"  {line}" for line in comment]
        lines.append(f"  {text}{',' if i < len(written) - 1 else ''}")
    return "\n".join(lines)


def _check(name: str, terms: tuple[str, ...]) -> str:
    start = f"CONSTRAINT {name} CHECK ("
    flat = f"{start}{' AND '.join(terms)})"
    if len(flat) <= _WIDTH and "\n" not in flat:
        return flat
    return f"{start}\n    " + "\n    AND ".join(terms) + "\n  )"


def _comment_lines(doc: str) -> list[str]:
    """The comment as SQL comments; splitlines knows every line end that a database might."""
    if not doc:
        return []
    return [f"-- {line if line.isprintable() else line.translate(_CONTROLS)}".rstrip() for line in doc.splitlines()]


def _cut(doc: str, limit: int) -> str:
    clean = doc.replace("\0", "")
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."
