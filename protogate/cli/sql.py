"""`protogate sql migrate`: the statements between two versions of a contract."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from protogate.config import load_config
from protogate.console import enter_project, parser, print_json, waiting
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from protoc_gen_protogate.targets.sql.migrate import Choices, Migration
    from protoc_gen_protogate.targets.sql.settings import Settings
    from protoc_gen_protogate.targets.sql.tables import Table
    from protogate.descriptors import Schema

__all__ = ["run"]

_DIALECTS = ("sqlite", "postgresql", "mysql")


def run(command: str, arguments: Sequence[str]) -> int:
    """Write the script; exit 1 when it leaves a decision to a person."""
    options = _parse(command, arguments)
    enter_project(options.directory)
    from protoc_gen_protogate.targets.sql.migrate import Heading, render_migration

    settings, choices = _settings(options), _choices(options)
    migration = _migration(options, settings, choices)
    heading = Heading(options.old, options.new, settings.dialect)
    script = render_migration(migration, heading, destructive=choices.destructive)
    if options.out:
        _write(options.out, script)
    if options.json:
        print_json(_plain(options, migration, script, choices))
    elif not options.out:
        print(script, end="")
    _tell(options, migration)
    return EXIT_FINDINGS if migration.open_decisions else EXIT_OK


def _parse(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    made = parser(
        command,
        "Write the statements that turn the tables of one version of contracts into those of another.\n"
        "Each version is a .proto file, a directory, a buf image (.binpb, .json, also with .gz or .zst)\n"
        "or git:REF[:PATH]. Steps that lose something are commented out.\n"
        "Exit codes: 0 written, 1 written but a decision is open, 2 usage.",
        [
            f"{command} migrate git:main . --dialect postgresql --out migration.sql",
            f"{command} migrate old.binpb contracts --dialect sqlite --opt nested=child",
            f"{command} migrate git:v1 . --dialect mysql --using \"users.state=CASE active WHEN 1 THEN 'A' END\"",
        ],
    )
    made.add_argument("action", choices=("migrate",), help="write a migration")
    made.add_argument("old", metavar="OLD")
    made.add_argument("new", metavar="NEW")
    made.add_argument("--dialect", choices=_DIALECTS, required=True, help="of the statements")
    made.add_argument("--out", metavar="FILE", help="where to write the script; default: standard output")
    made.add_argument(
        "--opt", action="append", default=[], metavar="NAME=VALUE", help="an option of the plugin, as in buf.gen.yaml"
    )
    made.add_argument(
        "--using",
        action="append",
        default=[],
        metavar="TABLE.COLUMN=SQL",
        help="the value of a column of NEW for old rows, in terms of the columns of OLD; may be repeated",
    )
    losing = made.add_mutually_exclusive_group()
    losing.add_argument("--destructive", action="store_true", help="apply the steps that lose something")
    losing.add_argument("--keep", action="store_true", help="leave them commented out, and call that decided")
    return made.parse_args(arguments)


def _settings(options: argparse.Namespace) -> Settings:
    from protoc_gen_protogate.kit.options import parse_options
    from protoc_gen_protogate.targets.sql.settings import OPTIONS, settings_of

    given = ",".join(options.opt)
    if any(part.partition("=")[0].strip() == "dialect" for part in given.split(",")):
        raise UserError(f"--opt {given}: the dialect is said by --dialect; drop it here")
    return settings_of(parse_options(",".join([*options.opt, f"dialect={options.dialect}"]), OPTIONS))


def _choices(options: argparse.Namespace) -> Choices:
    from protoc_gen_protogate.targets.sql.migrate import Choices

    using = {}
    for text in options.using:
        place, found, expression = text.partition("=")
        table, dot, column = place.strip().rpartition(".")
        if not (found and dot and table and column and expression.strip()):
            raise UserError(f"--using {text}: is no TABLE.COLUMN=SQL; write for example users.age=0")
        using[table, column] = expression.strip()
    return Choices(options.destructive, options.keep, using)


def _migration(options: argparse.Namespace, settings: Settings, choices: Choices) -> Migration:
    from protoc_gen_protogate.targets.sql.migrate import migrate, without_comments
    from protogate.build.revisions import load_revision

    template = load_config(".").template
    with waiting("compiling"):
        schemas = [load_revision(text, ".", template=template) for text in (options.old, options.new)]
    old, new = (_tables(schema, settings) for schema in schemas)
    if not all(map(_has_comments, schemas)):
        # An image without source info has lost the comments, the contract has not.
        old, new = without_comments(old), without_comments(new)
    return migrate(old, new, settings, choices)


def _tables(schema: Schema, settings: Settings) -> tuple[Table, ...]:
    from protoc_gen_protogate.targets.sql import tables_of

    return tuple(table for file in schema.files_to_generate for table in tables_of(schema, file.name, settings))


def _has_comments(schema: Schema) -> bool:
    return all(file.source_info for file in schema.files_to_generate)


def _write(path: str, script: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(script)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; give another file with --out") from None


def _plain(options: argparse.Namespace, migration: Migration, script: str, choices: Choices) -> dict[str, Any]:
    return {
        "old": options.old,
        "new": options.new,
        "dialect": options.dialect,
        "steps": [
            {
                "phase": step.phase.name.lower(),
                "table": step.table,
                "sql": list(step.sql),
                "note": step.note,
                "applied": choices.destructive or step.phase.name != "DESTRUCTIVE",
            }
            for step in migration.steps
        ],
        "decisions": [decision._asdict() for decision in migration.decisions],
        "notes": [note._asdict() for note in migration.notes],
        **({"out": options.out} if options.out else {"script": script}),
    }


def _tell(options: argparse.Namespace, migration: Migration) -> None:
    """Say on the side what a person has to do."""
    lines: Iterable[str] = (
        f"{decision.table}{'.' * bool(decision.column)}{decision.column}: {decision.message}; {decision.hint}"
        for decision in migration.open_decisions
    )
    if not options.json:
        for line in lines:
            print(line, file=sys.stderr)
        if options.out:
            count = sum(len(step.sql) for step in migration.steps)
            print(f"{options.out}: {count} {'statement' if count == 1 else 'statements'}")
