"""The options of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.kit import Choice, Flag, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protoc_gen_protogate.kit.options import Option

__all__ = ["OPTIONS", "Settings", "settings_of"]

OPTIONS: Final[tuple[Option, ...]] = (
    Choice("dialect", ("sqlite", "postgresql", "mysql"), "SQLite 3.38, PostgreSQL 12, MySQL 8.0.17, or later"),
    Choice("nested", ("embed", "json", "child"), "messages: small ones as columns, all as JSON, or as child tables"),
    Choice("repeated", ("child", "json"), "lists and maps: child tables, or JSON"),
    Choice("enum", ("name", "number"), "what stands in enum columns"),
    Choice("timestamp", ("native", "text", "nanos"), "the dialect's own type, RFC 3339 text, or integer nanoseconds"),
    Choice("names", ("short", "package"), "table names: users, or acme_user_v1_users"),
    Text("schema", "SQL schema of every table that names none; a prefix in SQLite"),
    Text("prefix", "text before every table name that the contract does not give"),
    Flag("open_enums", "accept numbers that an open enum does not name"),
    Flag("if_not_exists", "write CREATE ... IF NOT EXISTS"),
)


class Settings(NamedTuple):
    """What the author of the build asks for."""

    dialect: str = "sqlite"
    nested: str = "embed"
    repeated: str = "child"
    enum: str = "name"
    timestamp: str = "native"
    names: str = "short"
    schema: str = ""
    prefix: str = ""
    open_enums: bool = False
    if_not_exists: bool = False


def settings_of(options: Mapping[str, str | bool]) -> Settings:
    """The parsed plugin options as one typed value."""
    return Settings(**options)  # type: ignore[arg-type] # the kit has checked names and values against OPTIONS
