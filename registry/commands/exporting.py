"""`protogate registry export`: everything in one file, for a backup or a move."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from protogate.console import counted, enter_project, parser
from protogate.errors import EXIT_OK, UserError
from registry.commands.database import add_database_option, database_of, open_existing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Write an export; a failed one leaves the file as it was."""
    made = parser(
        command,
        "Write subjects, versions with their ids, deletions and levels as JSON Lines, which\n"
        "`protogate registry import` reads, into this or another kind of database.",
        [f"{command} registry.jsonl", f"{command} - | gzip > registry.jsonl.gz"],
        json=False,
    )
    made.add_argument("file", metavar="FILE", help="where to; - is the standard output")
    made.add_argument(
        "--subject",
        action="append",
        metavar="SUBJECT",
        help="only this one and what it refers to; may be repeated; default: everything",
    )
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    with open_existing(database_of(options)) as registry:
        lines = counted(registry.export_lines(options.subject), "exporting")
        if options.file == "-":
            sys.stdout.writelines(f"{line}\n" for line in lines)
        else:
            print(f"{options.file}: {_write(options.file, lines):,} lines")
    return EXIT_OK


def _write(path: str, lines: Iterable[str]) -> int:
    beside = f"{path}.{os.getpid()}.tmp"
    count = 0
    try:
        with open(beside, "w", encoding="utf-8") as file:
            for line in lines:
                file.write(f"{line}\n")
                count += 1
        os.replace(beside, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}; nothing was changed") from None
    finally:
        if os.path.exists(beside):
            os.unlink(beside)
    return count
