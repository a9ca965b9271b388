"""Legacy databases with a table of users, and the bridge of this repository's own mapping, for tests."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from gateway.bridge.bootstrap import Bridge
from gateway.bridge.documents import Replay
from gateway.bridge.source import RowSource
from protogate.build.revisions import load_image
from protogate.legacy.compiling import compile_adapter
from protogate.legacy.mapping_file import load_mapping, parse_mapping
from protogate.legacy.sources import read_schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogate.descriptors import Schema
    from protogate.legacy.mapping import BridgeMapping
    from protogate.legacy.model import LegacySchema
    from tests.support.postgres import PostgresServer

__all__ = ["MAPPING", "ROOT", "USERS", "Legacy", "contract", "fresh_database", "user", "users"]

ROOT: Final = Path(__file__).resolve().parents[2]
MAPPING: Final = ROOT / "contracts/legacy_bridge/user/user.mapping.yaml"
USERS: Final = sa.Table(
    "users",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("email", sa.Text),
    sa.Column("first_name", sa.Text),
    sa.Column("last_name", sa.Text),
    sa.Column("age", sa.Integer),
    sa.Column("is_active", sa.Boolean),
)

_CONTRACT: dict[str, Schema] = {}


def contract() -> Schema:
    """The contracts of this repository, compiled once."""
    if "schema" not in _CONTRACT:
        _CONTRACT["schema"] = load_image(str(ROOT / "contracts")).schema()
    return _CONTRACT["schema"]


def fresh_database(server: PostgresServer) -> str:
    """A database of its own on a server."""
    name = f"legacy_{secrets.token_hex(6)}"
    engine = sa.create_engine(_driver(server.url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server.url.replace("/postgres?", f"/{name}?")


def user(number: int, **more: Any) -> dict[str, Any]:
    """A user whom the contract takes; every seventh is shut out."""
    return {
        "id": f"u-{number:06d}",
        "email": f"user{number}@example.com",
        "first_name": "Ann",
        "last_name": f"Bee {number}",
        "age": 18 + number % 60,
        "is_active": number % 7 != 0,
        **more,
    }


def users(count: int) -> list[dict[str, Any]]:
    """So many of them."""
    return [user(number) for number in range(count)]


class Legacy:
    """A legacy database with users."""

    def __init__(self, url: str, rows: Sequence[dict[str, Any]] = ()) -> None:
        """Make the table and fill it; a SQLite file is created."""
        self.url = url
        self.engine = sa.create_engine(_driver(url))
        self._sources: list[RowSource] = []
        USERS.metadata.create_all(self.engine)
        self.insert(rows)

    def insert(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows."""
        listed = list(rows)
        if listed:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(USERS), listed)

    def run(self, statement: str, **values: Any) -> None:
        """Change something."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def row(self, name: str) -> dict[str, Any] | None:
        """One row."""
        with self.engine.connect() as connection:
            found = connection.execute(sa.select(USERS).where(USERS.c.id == name)).mappings().first()
        return dict(found) if found is not None else None

    @property
    def schema(self) -> LegacySchema:
        """Of the table, as the database has it."""
        return read_schemas(self.url, names=["users"])[0]

    def bridge(self, *, where: str = "", mapping: str = "") -> Bridge:
        """The bridge of our mapping, or of a text."""
        said: BridgeMapping = parse_mapping(mapping, "test.mapping.yaml") if mapping else load_mapping(str(MAPPING))
        adapter = compile_adapter(said, self.schema, contract())
        source = RowSource(self.url, "users", adapter.columns, said.key, where=where)
        self._sources.append(source)
        return Bridge(adapter, Replay(said, contract()), source)

    def close(self) -> None:
        """Let go of it."""
        for source in self._sources:
            source.close()
        self.engine.dispose()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")
