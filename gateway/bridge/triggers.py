"""Lets a legacy database note its own changes: a table of changes, and triggers that fill it.

What is noted is which row changed and how, in the transaction that changed it; what a row holds is read when the change
is taken over. So a row that changes a thousand times is read once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc

from protogate.errors import UserError
from protogate.legacy.sources.database import shown_url, source_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CHANGES", "TriggerSql", "install", "is_installed", "remove", "trigger_sql"]

CHANGES: Final = "protogate_changes"
_INTO: Final = f"INSERT INTO {CHANGES}(table_name, row_key, operation)"
_NAMES: Final = {"insert": "ins", "update": "upd", "delete": "del"}


class TriggerSql(NamedTuple):
    """Statements for a database, in order."""

    install: tuple[str, ...]
    remove: tuple[str, ...]


def trigger_sql(dialect: str, table: str, key: Sequence[str]) -> TriggerSql:
    """Give the statements for one table; for a DBA who runs them, or for `install`.

    Args:
        dialect: `sqlite` or `postgresql`.
        table: its name, or `schema.table`.
        key: columns that identify a row; an update that changes them counts as a deletion and an insertion.

    Raises:
        UserError: there are no triggers for this database.
    """
    if dialect == "sqlite":
        return _sqlite(table, key)
    if dialect == "postgresql":
        return _postgresql(table, key)
    raise UserError(f"{dialect}: has no triggers of ours; use --install updated-at:COLUMN")


def install(url: str, table: str, key: Sequence[str]) -> None:
    """Make the table of changes and the triggers; those that are there are made anew.

    Raises:
        UserError: the database refuses.
    """
    _run(url, lambda dialect: trigger_sql(dialect, table, key).install)


def remove(url: str, table: str, key: Sequence[str]) -> None:
    """Drop the triggers; the table of changes stays, others may use it.

    Raises:
        UserError: the database refuses.
    """
    _run(url, lambda dialect: trigger_sql(dialect, table, key).remove)


def is_installed(engine: sa.Engine) -> bool:
    """Whether the database has a table of changes."""
    return sa.inspect(engine).has_table(CHANGES)


def _run(url: str, statements: Any) -> None:
    engine = source_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements(engine.dialect.name):
                connection.exec_driver_sql(statement)
    except exc.SQLAlchemyError as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        raise UserError(f"{shown_url(url)}: {reason}; --print gives the SQL to somebody who may run it") from None
    finally:
        engine.dispose()


def _sqlite(table: str, key: Sequence[str]) -> TriggerSql:
    quoted = _quoted(table)
    names = _trigger_names(table)
    make = (
        f"CREATE TABLE IF NOT EXISTS {CHANGES}("
        "number INTEGER PRIMARY KEY AUTOINCREMENT, table_name TEXT NOT NULL, row_key TEXT NOT NULL,"
        " operation TEXT NOT NULL, changed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')))"
    )
    drop = tuple(f"DROP TRIGGER IF EXISTS {_quoted(name)}" for name in names.values())

    def note(side: str, operation: str) -> str:
        values = ", ".join(f"{side}.{_quoted(name)}" for name in key)
        return f"{_INTO} VALUES ({_literal(table)}, json_array({values}), '{operation}');"

    def trigger(name: str, event: str, body: str) -> str:
        return f"CREATE TRIGGER {_quoted(names[name])} AFTER {event} BEGIN {body} END"

    same = " AND ".join(f"OLD.{_quoted(name)} IS NEW.{_quoted(name)}" for name in key)
    both = f"{note('OLD', 'update')} {note('NEW', 'update')}"
    triggers = (
        trigger("insert", f"INSERT ON {quoted}", note("NEW", "insert")),
        trigger("delete", f"DELETE ON {quoted}", note("OLD", "delete")),
        trigger("update", f"UPDATE ON {quoted} WHEN {same}", note("NEW", "update")),
        trigger("rekey", f"UPDATE ON {quoted} WHEN NOT ({same})", both),
    )
    return TriggerSql((make, *drop, *triggers), drop)


def _postgresql(table: str, key: Sequence[str]) -> TriggerSql:
    names = _trigger_names(table)
    function = _quoted(f"{names['update']}_f")
    make = (
        f"CREATE TABLE IF NOT EXISTS {CHANGES}("
        "number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, table_name TEXT NOT NULL, row_key TEXT NOT NULL,"
        " operation TEXT NOT NULL, changed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp())"
    )

    def note(side: str) -> str:
        values = ", ".join(f"{side}.{_quoted(name)}" for name in key)
        return f"{_INTO} VALUES ({_literal(table)}, json_build_array({values})::text, lower(TG_OP));"

    same = " AND ".join(f"OLD.{_quoted(name)} IS NOT DISTINCT FROM NEW.{_quoted(name)}" for name in key)
    body = (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN {note('OLD')} "
        f"ELSIF TG_OP = 'UPDATE' THEN IF NOT ({same}) THEN {note('OLD')} END IF; {note('NEW')} "
        f"ELSE {note('NEW')} END IF; NOTIFY {CHANGES}; RETURN NULL; END $$"
    )
    drop = (f"DROP TRIGGER IF EXISTS {_quoted(names['update'])} ON {_quoted(table)}",)
    trigger = (
        f"CREATE TRIGGER {_quoted(names['update'])} AFTER INSERT OR UPDATE OR DELETE ON {_quoted(table)} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    return TriggerSql((make, body, *drop, trigger), (*drop, f"DROP FUNCTION IF EXISTS {function}()"))


def _trigger_names(table: str) -> dict[str, str]:
    plain = table.replace(".", "_")
    return {operation: f"protogate_{plain}_{short}" for operation, short in {**_NAMES, "rekey": "key"}.items()}


def _quoted(name: str) -> str:
    """A name, with its schema if it has one.

    >>> _quoted('sales.or"der')
    '"sales"."or""der"'
    """
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
