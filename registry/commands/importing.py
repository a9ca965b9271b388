"""`protogate registry import`: what `export` wrote."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from protogate.console import counted, enter_project, parser, print_json
from protogate.errors import EXIT_OK, UserError
from registry.commands.database import add_database_option, database_of, open_registry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from typing import TextIO

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Import all lines or none."""
    made = parser(
        command,
        "Read an export, all of it or nothing. Ids and versions stay as they were; what is there\n"
        "already is left alone, and a clash is refused.",
        [f"{command} registry.jsonl", f"gunzip -c registry.jsonl.gz | protogate {command} -"],
    )
    made.add_argument("file", metavar="FILE", help="an export; - is the standard input")
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    with _opened(options.file) as lines, open_registry(database_of(options)) as registry:
        try:
            count = registry.import_lines(counted(lines, "importing"))
        except UnicodeDecodeError:
            raise UserError(f"{options.file}: is no export, it is not UTF-8; write one with registry export") from None
    if options.json:
        print_json({"imported": count})
    else:
        print(f"{options.file}: {count:,} {'version' if count == 1 else 'versions'} imported")
    return EXIT_OK


def _opened(path: str) -> AbstractContextManager[TextIO]:
    if path == "-":
        return nullcontext(sys.stdin)
    try:
        return open(path, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
