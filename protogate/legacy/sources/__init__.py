"""Reads legacy schemas from wherever they are."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.legacy.model import LegacySchema

__all__ = ["read_schemas"]


def read_schemas(source: str, *, names: Sequence[str] = (), dialect: str = "") -> tuple[LegacySchema, ...]:
    """Read the schemas that a source holds, in its order.

    Args:
        source: a JSON Schema (`.json`), a script of SQL (`.sql`), Python models (`.py`, or `.py:Class`), or the URL
            of a database as SQLAlchemy has it.
        names: of tables, models or definitions; all without any. `schema.table` outside of the default schema.
        dialect: of SQL, as sqlglot calls it; guessed when it is empty.

    Raises:
        UserError: the source cannot be read, or has no schema of such a name.
    """
    found = _read(source, names, dialect)
    if not names:
        return found
    by_name = {schema.name: schema for schema in found}
    missing = [name for name in names if name not in by_name]
    if missing:
        near = difflib.get_close_matches(missing[0], by_name, 1)
        known = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(sorted(by_name)) or 'none'}"
        raise UserError(f"{_shown(source)}: has no {missing[0]!r}; {known}")
    return tuple(by_name[name] for name in names)


def _read(source: str, names: Sequence[str], dialect: str) -> tuple[LegacySchema, ...]:
    # Each source brings its parser along, and few projects need more than one.
    if "://" in source:
        from protogate.legacy.sources.database import read_database  # noqa: PLC0415

        return read_database(source, names)
    path, colon, model = source.rpartition(":")
    if colon and path.endswith(".py"):
        from protogate.legacy.sources.python_models import read_models  # noqa: PLC0415

        return tuple(one for one in read_models(path) if one.name == model)
    suffix = Path(source).suffix.lower()
    if suffix == ".py":
        from protogate.legacy.sources.python_models import read_models  # noqa: PLC0415

        return read_models(source)
    if suffix == ".sql":
        from protogate.legacy.sources.ddl import read_ddl  # noqa: PLC0415

        return read_ddl(source, dialect)
    if suffix == ".json":
        from protogate.legacy.sources.json_schema import read_json_schema  # noqa: PLC0415

        return read_json_schema(source, names)
    if suffix in {".db", ".sqlite", ".sqlite3"}:
        raise UserError(f"{source}: is a database; write sqlite:///{source}")
    raise UserError(f"{source}: is no source; use a .json, .sql or .py file, or a database URL such as sqlite:///a.db")


def _shown(source: str) -> str:
    """Without the password that a URL may have."""
    if "://" not in source:
        return source
    from protogate.legacy.sources.database import shown_url  # noqa: PLC0415 - only for URLs

    return shown_url(source)
