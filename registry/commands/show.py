"""`protogate registry show`: one version of a subject."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK
from registry.commands.database import add_database_option, database_of, open_existing
from registry.commands.subjects import split_subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.values import StoredVersion

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Show a version as text, source, JSON or image."""
    made = parser(
        command,
        "Show a version of a subject, the newest one without a number.",
        [
            f"{command} acme/user/v1/user.proto",
            f"{command} acme/user/v1/user.proto@2 --format proto > user.proto",
            f"{command} acme/user/v1/user.proto@2 --format image > user.binpb",
        ],
        json=False,
    )
    made.add_argument("subject", metavar="SUBJECT[@N]")
    made.add_argument(
        "--format",
        choices=("text", "proto", "json", "image"),
        default="text",
        help="text: what is known and the source; proto: the source alone; json: for programs;"
        " image: a descriptor set with all imports, as buf and protoc read it; default: text",
    )
    made.add_argument("--deleted", action="store_true", help="also when it is softly deleted")
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    subject, version = split_subject(options.subject)
    with open_existing(database_of(options)) as registry:
        stored = registry.get(subject, version, deleted=options.deleted)
        match options.format:
            case "image":
                image = registry.image(subject, stored.version, deleted=options.deleted)
                sys.stdout.buffer.write(image.SerializeToString(deterministic=True))
            case "json":
                print_json(_fields(stored))
            case "proto":
                sys.stdout.write(stored.text)
            case _:
                print("\n".join(_lines(stored)))
                sys.stdout.write(f"\n{stored.text}")
    return EXIT_OK


def _fields(stored: StoredVersion) -> dict[str, object]:
    return {
        "subject": stored.subject,
        "version": stored.version,
        "id": stored.schema_id,
        "guid": stored.guid,
        "sha256": stored.content_id,
        "deleted": stored.deleted,
        "references": [{"name": one.name, "subject": one.subject, "version": one.version} for one in stored.references],
        "metadata": dict(stored.metadata),
        "schema": stored.text,
    }


def _lines(stored: StoredVersion) -> list[str]:
    lines = [
        f"{stored.subject} version {stored.version}{', deleted' if stored.deleted else ''}",
        f"id {stored.schema_id}, sha256 {stored.content_id}",
    ]
    return lines + [f"imports {one.name}: {one.subject} version {one.version}" for one in stored.references]
