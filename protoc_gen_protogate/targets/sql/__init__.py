"""Protobuf to SQL: the tables of a contract for SQLite, PostgreSQL or MySQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import NotCarried, OutputFile, Plugin
from protoc_gen_protogate.targets.sql.layout import Layout, Project
from protoc_gen_protogate.targets.sql.render import render_file
from protoc_gen_protogate.targets.sql.settings import OPTIONS, Settings, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protoc_gen_protogate.targets.sql.tables import Table
    from protogate.descriptors import Schema

__all__ = ["PLUGIN", "Settings", "main", "tables_of"]


def generate(schema: Schema, options: Mapping[str, str | bool]) -> Iterator[OutputFile | NotCarried]:
    """One DDL file for every file with tables, and what the tables cannot carry."""
    settings = settings_of(options)
    project = Project(settings)
    for file in schema.files_to_generate:
        layout = Layout(file, project)
        if layout.tables:
            yield OutputFile(f"{file.stem}.sql", render_file(file.name, layout.tables, project.dialect, settings))
        yield from layout.not_carried


def tables_of(schema: Schema, file_name: str, settings: Settings) -> tuple[Table, ...]:
    """The tables that the DDL of a file makes, to turn documents into rows (see `rows`)."""
    return Layout(schema.files[file_name], Project(settings)).tables


PLUGIN: Final = Plugin("sql", "tables for SQLite, PostgreSQL and MySQL", OPTIONS, generate)


def main() -> int:
    """Run as protoc-gen-protogate-sql."""
    return PLUGIN.main()
