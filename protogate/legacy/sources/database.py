"""Reads the tables of a live database by SQLAlchemy's reflection; a database that is not there is never made."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import make_url

from protogate.errors import UserError
from protogate.findings import Finding, Place, Severity
from protogate.legacy.model import NO_DEFAULT, LegacyField, LegacyKind, LegacySchema, SchemaFormat
from protogate.legacy.sources.sql_types import sql_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["connected", "read_database", "shown_url", "source_engine"]

_SECONDS: Final = 10
_OWN_TABLES: Final = frozenset({"protogate_versions", "protogate_changes"})
"""What the bridge itself puts into a legacy database."""


def source_engine(url: str) -> sa.Engine:
    """Make an engine for a database that exists; a SQLite file is opened, never created.

    Raises:
        UserError: the URL cannot be understood, its driver is not installed, or the file is not there.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise UserError(f"{url}: is no database URL; use sqlite:///file.db, postgresql://... or mysql://...") from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    elif parsed.drivername in {"mysql", "mariadb"}:
        parsed = parsed.set(drivername=f"{parsed.drivername}+pymysql")
    arguments: dict[str, Any] = {"connect_timeout": _SECONDS}
    if parsed.get_backend_name() == "sqlite":
        arguments = {"timeout": _SECONDS, "uri": True, "check_same_thread": False}
        parsed = _existing_file(parsed)
    try:
        return sa.create_engine(parsed, connect_args=arguments)
    except (exc.NoSuchModuleError, ImportError) as error:
        raise UserError(f"{shown_url(url)}: its driver is not installed: {error}") from None


def shown_url(url: str) -> str:
    """Give a URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def _existing_file(url: sa.URL) -> sa.URL:
    name = url.database or ""
    if not name or name == ":memory:" or name.startswith("file:"):
        raise UserError("sqlite: name a file: sqlite:///legacy.db")
    path = Path(name)
    if not path.is_file():
        raise UserError(f"{name}: there is no such database; nothing was created")
    mode = str(url.query.get("mode", "rw"))
    return url.set(database=f"{path.absolute().as_uri()}", query={"mode": mode, "uri": "true"})


@contextmanager
def connected(engine: sa.Engine, shown: str) -> Iterator[sa.Connection]:
    """Connect, and tell what fails in one line; `shown` is what the database is called there.

    Raises:
        UserError: the database is away, or refuses.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except exc.SQLAlchemyError as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        raise UserError(f"{shown}: {reason}") from None


def read_database(url: str, names: Sequence[str] = ()) -> tuple[LegacySchema, ...]:
    """Give the tables of a database, sorted by name; those that are named, or all of the default schema.

    Raises:
        UserError: there is no such database, or it cannot be read.
    """
    engine = source_engine(url)
    try:
        with connected(engine, shown_url(url)) as connection:
            inspector = sa.inspect(connection)
            present = {name: ("", name) for name in inspector.get_table_names()}
            for full in names:
                schema, dot, table = full.rpartition(".")
                if dot and full not in present and inspector.has_table(table, schema=schema):
                    present[full] = (schema, table)
            wanted = names or sorted(set(present) - _OWN_TABLES)
            place = Place(shown_url(url))
            return tuple(_table(inspector, *present[name], place) for name in wanted if name in present)
    finally:
        engine.dispose()


def _table(inspector: Any, schema: str, name: str, place: Place) -> LegacySchema:
    within = schema or None
    keys = inspector.get_pk_constraint(name, schema=within)["constrained_columns"]
    foreign: dict[str, str] = {}
    for one in inspector.get_foreign_keys(name, schema=within):
        target = ".".join(filter(None, (one["referred_schema"], one["referred_table"])))
        pairs = zip(one["constrained_columns"], one["referred_columns"], strict=False)
        foreign |= {column: f"{target}.{other}" for column, other in pairs}
    notes: list[Finding] = []
    fields = tuple(
        _column(column, keys, foreign, place, notes) for column in inspector.get_columns(name, schema=within)
    )
    full = f"{schema}.{name}" if schema else name
    return LegacySchema(full, SchemaFormat.DATABASE, fields, place, notes=tuple(notes))


def _column(
    column: Mapping[str, Any], keys: Sequence[str], foreign: Mapping[str, str], place: Place, notes: list[Finding]
) -> LegacyField:  # fmt: skip
    name = column["name"]
    declared = column["type"]
    is_list = isinstance(declared, sa.ARRAY)
    item = declared.item_type if is_list else declared
    text = _type_text(item)
    made = sql_type(text)
    values = tuple(item.enums) if isinstance(item, sa.Enum) else made.values
    kind = LegacyKind.ENUM if values else _generic_kind(item, made.kind)
    if kind is LegacyKind.ANY and not isinstance(item, sa.types.NullType):
        notes.append(_note(place, name, text))
    default = column.get("default")
    return LegacyField(
        name,
        kind,
        place,
        is_required=not column["nullable"] or name in keys,
        is_nullable=bool(column["nullable"]) and name not in keys,
        is_repeated=is_list,
        is_key=name in keys,
        type_text=text + ("[]" if is_list else ""),
        format=made.format,
        values=values,
        length=None if values else made.length,
        precision=made.precision,
        scale=made.scale,
        bits=made.bits,
        is_unsigned=made.is_unsigned,
        default=NO_DEFAULT if default is None else str(default),
        is_generated=_is_generated(column),
        references=foreign.get(name, ""),
        description=column.get("comment") or "",
    )


def _type_text(item: Any) -> str:
    try:
        text = str(item)
    except exc.CompileError:
        text = type(item).__name__
    width = getattr(item, "display_width", None)
    if width is not None and "(" not in text:
        # MySQL's BOOLEAN is told by it.
        text = f"{text}({width})"
    if getattr(item, "unsigned", False) and "UNSIGNED" not in text.upper():
        text += " UNSIGNED"
    if getattr(item, "timezone", False) and "WITH" not in text.upper():
        text += " WITH TIME ZONE"
    return text


def _generic_kind(item: Any, kind: LegacyKind) -> LegacyKind:
    """What SQLAlchemy knows of a type that its text does not say."""
    if kind is not LegacyKind.ANY:
        return kind
    known = (
        (sa.JSON, LegacyKind.OBJECT),
        (sa.Uuid, LegacyKind.STRING),
        (sa.Boolean, LegacyKind.BOOLEAN),
        (sa.Integer, LegacyKind.INTEGER),
        (sa.Interval, LegacyKind.DURATION),
        (sa.String, LegacyKind.STRING),
        (sa.LargeBinary, LegacyKind.BYTES),
    )
    return next((found for type_, found in known if isinstance(item, type_)), LegacyKind.ANY)


def _is_generated(column: Mapping[str, Any]) -> bool:
    default = str(column.get("default") or "")
    return bool(column.get("computed") or column.get("identity")) or default.startswith("nextval(")


def _note(place: Place, column: str, text: str) -> Finding:
    return Finding(
        "legacy/UNKNOWN_TYPE",
        place,
        f"column {column}: type {text} is not known",
        "it is taken for any value; say a conversion in the mapping",
        Severity.NOTE,
        column,
    )
