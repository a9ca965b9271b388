"""Reads the tables of SQL scripts with sqlglot's parser; a statement that it cannot read is a note, others count."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from protogate.errors import UserError
from protogate.findings import Finding, Place, Severity
from protogate.legacy.model import NO_DEFAULT, LegacyField, LegacyKind, LegacySchema, SchemaFormat
from protogate.legacy.sources.sql_types import sql_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["DIALECTS", "read_ddl"]

DIALECTS: Final = ("postgres", "mysql", "sqlite", "tsql", "oracle")
"""Tried in this order when none is named; the one that understands most of a script wins."""

_GENERATED: Final = frozenset(
    {"AutoIncrementColumnConstraint", "GeneratedAsIdentityColumnConstraint", "ComputedColumnConstraint"}
)


def read_ddl(source: str, dialect: str = "") -> tuple[LegacySchema, ...]:
    """Give the tables that a script makes, in its order.

    Args:
        source: the file.
        dialect: as sqlglot calls it; empty to find out.

    Raises:
        UserError: the file cannot be read, sqlglot is not installed, or there is no such dialect.
    """
    try:
        text = Path(source).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{source}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{source}: cannot be read: {error}") from None
    try:
        import sqlglot  # noqa: PLC0415 - an extra
    except ImportError:
        raise UserError(f'{source}: SQL is read with sqlglot; pip install "protogate[legacy]"') from None
    # It complains on a logger of what it takes as a command, which is our note to tell.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    known = {str(name.value) for name in sqlglot.Dialects if name.value}
    if dialect and dialect not in known:
        raise UserError(f"--dialect {dialect}: is not known; use one of {', '.join(sorted(known))}")
    tries = [_Script(source, text, name) for name in ([dialect] if dialect else DIALECTS)]
    best = max(tries, key=lambda one: (len(one.tables), -len(one.notes)))
    return best.schemas(is_guess=not dialect)


class _Script:
    """A script as one dialect reads it."""

    def __init__(self, source: str, text: str, dialect: str) -> None:
        self.source = source
        self.dialect = dialect
        self.tables: dict[str, dict[str, LegacyField]] = {}
        self.notes: list[Finding] = []
        self._lines: dict[str, int] = {}
        self._enums: dict[str, tuple[str, ...]] = {}
        for line, statement in _statements(text):
            self._read(statement, line)

    def schemas(self, *, is_guess: bool) -> tuple[LegacySchema, ...]:
        """The tables; each has the notes of the whole script."""
        notes = tuple(self.notes)
        if is_guess and self.tables:
            text = f"read as {self.dialect}"
            notes += (
                Finding("legacy/DIALECT", Place(self.source), text, "name another with --dialect", Severity.NOTE),
            )
        return tuple(
            LegacySchema(
                name, SchemaFormat.DDL, tuple(columns.values()), Place(self.source, self._lines[name]), notes=notes
            )
            for name, columns in self.tables.items()
        )

    def _read(self, text: str, line: int) -> None:
        import sqlglot  # noqa: PLC0415 - an extra; it is there, the caller looked
        from sqlglot import exp  # noqa: PLC0415
        from sqlglot.errors import SqlglotError  # noqa: PLC0415

        try:
            statement = sqlglot.parse_one(text, dialect=self.dialect)
        except (SqlglotError, RecursionError, ValueError) as error:
            self._note(line, f"cannot be read as {self.dialect}: {str(error).splitlines()[0]:.120}")
            return
        if isinstance(statement, exp.Create) and statement.kind == "TABLE":
            self._table(statement, text, line)
        elif isinstance(statement, exp.Create) and statement.kind == "TYPE":
            self._type(text)
        elif isinstance(statement, exp.Alter):
            self._alter(statement)
        elif isinstance(statement, exp.Command):
            words = text.upper().split()
            if words[:2] == ["CREATE", "TYPE"]:
                self._type(text)
            elif words[:2] in (["CREATE", "TABLE"], ["ALTER", "TABLE"]):
                self._note(line, f"cannot be read as {self.dialect}: {' '.join(text.split()):.80}")
        elif isinstance(statement, exp.Comment):
            self._comment(statement)

    def _table(self, statement: Any, text: str, line: int) -> None:
        from sqlglot import exp  # noqa: PLC0415

        if not isinstance(statement.this, exp.Schema):
            self._note(line, "makes a table without saying its columns")
            return
        name = _table_name(statement.this.this)
        columns: dict[str, LegacyField] = {}
        self._lines[name] = line
        self.tables[name] = columns
        for part in statement.this.expressions:
            if isinstance(part, exp.ColumnDef):
                place = Place(self.source, line + _line_in(text, part.name))
                columns[part.name] = self._column(part, place)
            else:
                self._constraint(columns, part)

    def _column(self, part: Any, place: Place) -> LegacyField:
        from sqlglot import exp  # noqa: PLC0415

        declared = part.args.get("kind")
        # As SQLite is written by sqlglot, its exact numbers are binary ones.
        spelt = "" if self.dialect == "sqlite" else self.dialect
        text = declared.sql(dialect=spelt) if declared is not None else ""
        made = sql_type(text) if text else sql_type("ANY")
        values: tuple[str | int, ...] = made.values
        declared_as = declared.this if declared is not None else None
        if declared is not None and declared_as == exp.DataType.Type.ENUM:
            values = tuple(one.name for one in declared.expressions)
        named = self._enums.get(text.lower().strip('"'))
        if named:
            values = named
        kind = LegacyKind.ENUM if values else made.kind
        field = LegacyField(
            part.name,
            kind,
            place,
            is_repeated=made.is_list,
            type_text=text,
            format=made.format,
            values=values,
            length=made.length,
            precision=made.precision,
            scale=made.scale,
            bits=made.bits,
            is_unsigned=made.is_unsigned,
            is_generated="SERIAL" in text.upper(),
        )
        if kind is LegacyKind.ANY and text and declared_as != exp.DataType.Type.USERDEFINED:
            self._note(place.line, f"column {part.name}: type {text} is not known", field=part.name)
        for constraint in part.args.get("constraints") or ():
            field = self._constrained(field, constraint.kind)
        return field

    def _constrained(self, field: LegacyField, kind: Any) -> LegacyField:
        from sqlglot import exp  # noqa: PLC0415

        if isinstance(kind, exp.CheckColumnConstraint):
            return _checked({field.name: field}, kind.this)[field.name]
        found: dict[str, Any] = {}
        if isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null"):
            found = {"is_required": True, "is_nullable": False}
        elif isinstance(kind, exp.PrimaryKeyColumnConstraint):
            found = {"is_key": True, "is_required": True, "is_nullable": False}
        elif isinstance(kind, exp.DefaultColumnConstraint):
            found = {"default": _default(kind.this)}
        elif isinstance(kind, exp.Reference):
            found = {"references": _referred(kind)}
        elif isinstance(kind, exp.CommentColumnConstraint):
            found = {"description": kind.this.name}
        elif type(kind).__name__ in _GENERATED:
            found = {"is_generated": True}
        return field._replace(**found)

    def _constraint(self, columns: dict[str, LegacyField], part: Any) -> None:
        """A constraint of a table, by itself or with a name."""
        from sqlglot import exp  # noqa: PLC0415

        if isinstance(part, exp.Constraint):
            for inner in part.expressions:
                self._constraint(columns, inner)
        elif isinstance(part, exp.PrimaryKey):
            for name in map(_name, part.expressions):
                if name in columns:
                    columns[name] = columns[name]._replace(is_key=True, is_required=True, is_nullable=False)
        elif isinstance(part, exp.ForeignKey) and part.args.get("reference") is not None:
            target = part.args["reference"].this
            others = [_name(one) for one in target.expressions] if isinstance(target, exp.Schema) else []
            table = _table_name(target.this if isinstance(target, exp.Schema) else target)
            for place, name in enumerate(map(_name, part.expressions)):
                if name in columns:
                    other = others[place] if place < len(others) else ""
                    columns[name] = columns[name]._replace(references=f"{table}.{other}".removesuffix("."))
        elif isinstance(part, exp.CheckColumnConstraint):
            columns |= _checked(columns, part.this)

    def _alter(self, statement: Any) -> None:
        from sqlglot import exp  # noqa: PLC0415

        columns = self.tables.get(_table_name(statement.this))
        if columns is None:
            return
        for action in statement.args.get("actions") or ():
            if isinstance(action, exp.AddConstraint):
                for inner in action.expressions:
                    self._constraint(columns, inner)
            elif isinstance(action, exp.ColumnDef):
                columns[action.name] = self._column(action, Place(self.source))
            elif isinstance(action, exp.Drop):
                columns.pop(action.this.name, None)

    def _type(self, text: str) -> None:
        """`CREATE TYPE mood AS ENUM ('sad', 'ok')`, which sqlglot leaves as it is."""
        head, found, rest = text.partition("(")
        words = head.split()
        if found and words[-1].upper() == "ENUM" and len(words) > 3:  # noqa: PLR2004 - CREATE TYPE name AS ENUM
            values = rest.rpartition(")")[0].split(",")
            self._enums[words[2].lower().strip('"')] = tuple(value.strip().strip("'") for value in values)

    def _comment(self, statement: Any) -> None:
        from sqlglot import exp  # noqa: PLC0415

        target = statement.this
        if isinstance(target, exp.Column):
            columns = self.tables.get(".".join(part.name for part in target.parts[:-1]), {})
            if target.name in columns:
                text = statement.expression.name
                columns[target.name] = columns[target.name]._replace(description=text)

    def _note(self, line: int, problem: str, *, field: str = "") -> None:
        hint = "it is left out" if not field else "it is taken for any value; say a conversion in the mapping"
        self.notes.append(
            Finding("legacy/NOT_UNDERSTOOD", Place(self.source, line), problem, hint, Severity.NOTE, field)
        )


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Statements with the lines where they begin; a `;` inside of quotes, comments and `$$` is none."""
    start = place = 0
    while place < len(text):
        end = _skipped(text, place)
        if end > place:
            place = end
        elif text[place] == ";":
            yield from _statement(text, start, place)
            place += 1
            start = place
        else:
            place += 1
    yield from _statement(text, start, len(text))


def _statement(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    body = text[start:end]
    lead = 0
    while lead < len(body):
        after = _skipped(body, lead) if body[lead] in "-/#" else lead
        if after == lead and not body[lead].isspace():
            break
        lead = max(after, lead + 1)
    if body[lead:].strip():
        yield text.count("\n", 0, start + lead) + 1, body[lead:]


def _skipped(text: str, place: int) -> int:
    """The end of a quoted text or a comment that begins here; here, when none does."""
    for opening, closing in (("--", "\n"), ("/*", "*/"), ("'", "'"), ('"', '"'), ("`", "`"), ("$$", "$$")):
        if text.startswith(opening, place):
            end = text.find(closing, place + len(opening))
            return len(text) if end < 0 else end + len(closing)
    return place


def _line_in(text: str, name: str) -> int:
    """Lines between the beginning of a statement and a column."""
    for number, line in enumerate(text.splitlines()):
        stripped = line.strip().lstrip("(,").strip()
        if stripped.startswith((name, f'"{name}"', f"`{name}`", f"[{name}]")):
            return number
    return 0


def _table_name(table: Any) -> str:
    return ".".join(part.name for part in table.parts) if hasattr(table, "parts") else str(table.name)


def _name(node: Any) -> str:
    """The name of a column in a list, behind an order or a length."""
    while not node.name and node.this is not None:
        node = node.this
    return str(node.name)


def _referred(node: Any) -> str:
    from sqlglot import exp  # noqa: PLC0415

    target = node.this
    if isinstance(target, exp.Schema):
        return f"{_table_name(target.this)}.{_name(target.expressions[0])}"
    return _table_name(target)


def _default(node: Any) -> Any:
    from sqlglot import exp  # noqa: PLC0415

    if isinstance(node, exp.Null):
        return NO_DEFAULT
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else node.to_py()
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    return node.sql()


def _checked(columns: dict[str, LegacyField], condition: Any) -> dict[str, LegacyField]:
    """`CHECK (state IN ('a', 'b'))` makes a choice of a text."""
    from sqlglot import exp  # noqa: PLC0415

    condition = condition.unnest() if condition is not None else None
    if not isinstance(condition, exp.In) or not condition.expressions:
        return columns
    name = condition.this.unnest().name
    values: Sequence[Any] = condition.expressions
    if name not in columns or not all(isinstance(one, exp.Literal) for one in values):
        return columns
    found = tuple(one.name if one.is_string else one.to_py() for one in values)
    return {**columns, name: columns[name]._replace(kind=LegacyKind.ENUM, values=found)}
