"""A migration as a script: what to decide first, then the steps in one transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import protogate
from protoc_gen_protogate.targets.sql.dialects import DIALECTS
from protoc_gen_protogate.targets.sql.migrate.steps import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protoc_gen_protogate.targets.sql.migrate.steps import Migration, Step

__all__ = ["Heading", "render_migration"]

_TITLES: Final = {
    Phase.SAFE: "Safe: succeeds whatever the rows hold, and changes none of them.",
    Phase.DATA: "Data: rewrites rows, or fails when a row does not fit.",
    Phase.DESTRUCTIVE: "Destructive: loses what rows hold.",
}
_RULE: Final = "-- " + "-" * 60
_HOW: Final = {
    "sqlite": "Apply it with a client that stops at the first error: sqlite3 -bail FILE < this script.",
    "postgresql": "Apply it as a whole: psql -v ON_ERROR_STOP=1 -f this script.",
    "mysql": "MySQL commits each statement by itself: make a backup first, and stop at the first error.",
}


_UNCHECKED: Final = """\
-- Dropping a table must not delete the rows that point to it.
PRAGMA foreign_keys = OFF;

BEGIN IMMEDIATE;"""
_CHECKED: Final = """\
-- Stops here when a row points nowhere.
CREATE TEMP TABLE protogate_dangling (dangling INTEGER CHECK (dangling = 0));
INSERT INTO protogate_dangling SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE protogate_dangling;"""
_ENDED: Final = """\
COMMIT;

PRAGMA foreign_keys = ON;"""


class Heading(NamedTuple):
    """What the head of the script names."""

    old: str
    new: str
    dialect: str


def render_migration(migration: Migration, heading: Heading, *, destructive: bool) -> str:
    """The script; destructive steps are comments unless they are asked for."""
    blocks = ["\n".join(_head(migration, heading))]
    if not migration.steps:
        return f"{blocks[0]}\n\n-- Nothing to do: both versions have the same tables.\n"
    opening, closing = _frame(migration.steps, heading.dialect)
    blocks += opening
    for phase in Phase:
        steps = [step for step in migration.steps if step.phase is phase]
        if steps:
            live = destructive or phase is not Phase.DESTRUCTIVE
            blocks.append("\n".join(_title(phase, live=live)))
            blocks += _blocks(steps, live=live)
    blocks += closing
    return "\n\n".join(blocks) + "\n"


def _head(migration: Migration, heading: Heading) -> Iterator[str]:
    yield f"-- Written by protogate sql migrate {protogate.__version__}."
    yield f"-- From: {_line(heading.old)}"
    yield f"-- To: {_line(heading.new)}"
    yield f"-- For {DIALECTS[heading.dialect].requires}."
    if migration.steps:
        yield f"-- {_HOW[heading.dialect]}"
    if migration.open_decisions:
        yield "--"
        yield "-- Decide first:"
        for decision in migration.open_decisions:
            place = f"{decision.table}.{decision.column}" if decision.column else decision.table
            yield f"--   {place}: {_line(decision.message)}"
            yield f"--     {_line(decision.hint)}"
    if migration.notes:
        yield "--"
        yield "-- Old rows may be in the way; these find them once the columns are there:"
        for note in migration.notes:
            yield f"--   {note.constraint}: {_line(note.query)}"


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _frame(steps: Iterable[Step], dialect: str) -> tuple[list[str], list[str]]:
    """What stands around the steps."""
    if dialect == "mysql":
        return [], []
    if dialect == "postgresql":
        return ["BEGIN;"], ["COMMIT;"]
    statements = [sql for step in steps for sql in step.sql]
    if not any(sql.startswith(("DROP TABLE", "PRAGMA")) for sql in statements):
        return ["BEGIN IMMEDIATE;"], ["COMMIT;"]
    return [_UNCHECKED], [_CHECKED, _ENDED]


def _title(phase: Phase, *, live: bool) -> Iterator[str]:
    yield _RULE
    yield f"-- {phase.value}. {_TITLES[phase]}"
    if not live:
        yield "-- Commented out. To apply a step, take the leading '-- ' off its lines;"
        yield "-- for all of them, run again with --destructive."
    yield _RULE


def _commented_out(sql: str) -> str:
    """The statement as a comment; for PostgreSQL a carriage return, which a literal may hold, ends a line as well."""
    return "-- " + re.sub(r"\r\n?|\n", r"\g<0>-- ", sql)


def _blocks(steps: Iterable[Step], *, live: bool) -> Iterator[str]:
    """One block a table and kind of step."""
    last: tuple[int, str] | None = None
    lines: list[str] = []
    for step in steps:
        place = (step.stage, step.table)
        text = "\n".join(step.sql)
        if lines and (place != last or step.note or any("\n" in sql for sql in step.sql)):
            yield "\n".join(lines)
            lines = []
        last = place
        lines += [f"-- {line}" for line in step.note.splitlines()]
        lines.append(text if live else _commented_out(text))
    if lines:
        yield "\n".join(lines)
