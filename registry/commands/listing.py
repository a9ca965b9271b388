"""`protogate registry list`: the subjects."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK
from registry.commands.database import add_database_option, database_of, exists, open_registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.service import Registry

__all__ = ["run"]


@dataclass(frozen=True, slots=True)
class _Row:
    """What the list says of a subject."""

    subject: str
    versions: tuple[int, ...]
    deleted: tuple[int, ...]
    sha256: str
    """Of the newest version."""
    level: str


def run(command: str, arguments: Sequence[str]) -> int:
    """List subjects with their versions and levels."""
    made = parser(
        command,
        "List subjects: how many versions they have, the newest one, the compatibility level.",
        [command, f"{command} acme/user", f"{command} --deleted --json"],
    )
    made.add_argument("prefix", nargs="?", default="", metavar="PREFIX", help="only subjects that start like this")
    made.add_argument("--deleted", action="store_true", help="softly deleted ones too")
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    database = database_of(options)
    rows: list[_Row] = []
    if exists(database):
        with open_registry(database) as registry:
            subjects = registry.subjects(options.prefix, deleted=options.deleted)
            rows = [_row(registry, subject, deleted=options.deleted) for subject in subjects]
    if options.json:
        print_json({"subjects": [asdict(row) for row in rows]})
    else:
        print("\n".join(_lines(rows)))
    return EXIT_OK


def _row(registry: Registry, subject: str, *, deleted: bool) -> _Row:
    heads = registry.heads(subject, deleted=deleted)
    return _Row(
        subject,
        tuple(head.version for head in heads),
        tuple(head.version for head in heads if head.deleted),
        heads[-1].content_id,
        registry.level(subject).value,
    )


def _lines(rows: Sequence[_Row]) -> list[str]:
    width = max((len(row.subject) for row in rows), default=0)
    lines = [f"{row.subject:<{width}}  {_versions(row)}  {row.level}" for row in rows]
    return [*lines, f"{len(rows):,} {'subject' if len(rows) == 1 else 'subjects'}"]


def _versions(row: _Row) -> str:
    count = f"{len(row.versions):,} {'version' if len(row.versions) == 1 else 'versions'}"
    return f"{count}, newest {row.versions[-1]}" + (f", {len(row.deleted):,} deleted" if row.deleted else "")
