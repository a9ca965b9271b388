"""`protogate registry delete`: hide versions, or remove hidden ones for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK, UserError
from registry.commands.database import add_database_option, database_of, open_existing
from registry.commands.subjects import parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Delete a subject or one version."""
    made = parser(
        command,
        "Delete a subject or one of its versions. A deleted version is hidden, yet still there for\n"
        "readers of old data; --permanent then removes what was deleted before.",
        [
            f"{command} acme/user/v1/user.proto --version 3",
            f"{command} acme/user/v1/user.proto",
            f"{command} acme/user/v1/user.proto --permanent",
        ],
    )
    made.add_argument("subject", metavar="SUBJECT")
    made.add_argument("--version", metavar="N", help="one version; default: all of them")
    made.add_argument("--permanent", action="store_true", help="remove what was deleted before, for good")
    add_database_option(made)
    options = made.parse_args(arguments)
    if "@" in options.subject:
        raise UserError(f"{options.subject}: give the version as --version {options.subject.rpartition('@')[2]}")
    enter_project(options.directory)
    with open_existing(database_of(options)) as registry:
        if options.version:
            version = parse_version(options.version)
            deleted: tuple[int, ...] = (registry.delete_version(options.subject, version, permanent=options.permanent),)
        else:
            deleted = registry.delete_subject(options.subject, permanent=options.permanent)
    if options.json:
        print_json({"subject": options.subject, "deleted": list(deleted), "permanent": options.permanent})
    else:
        versions = ", ".join(map(str, deleted))
        print(f"{'Removed' if options.permanent else 'Deleted'} {options.subject} version {versions}")
    return EXIT_OK
