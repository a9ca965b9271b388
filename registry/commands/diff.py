"""`protogate registry diff`: what changed between two versions of a subject."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from protogate.console import add_verdict_options, enter_project, parser, print_verdict
from protogate.errors import EXIT_OK
from registry.commands.database import add_database_option, database_of, open_existing, profiles_of
from registry.commands.subjects import parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.findings import Finding
    from registry.values import StoredVersion

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Show the changed lines and what they mean in either direction."""
    made = parser(
        command,
        "Show what changed between two versions of a subject: the lines of the source, and what\n"
        "the profiles find in either direction, whatever the level of the subject.",
        [f"{command} acme/user/v1/user.proto 1 2", f"{command} acme/user/v1/user.proto 1 latest --format json"],
        json=False,
    )
    made.add_argument("subject", metavar="SUBJECT")
    made.add_argument("old", metavar="A", type=parse_version, help="a version")
    made.add_argument("new", metavar="B", type=parse_version, help="another one; `latest` is the newest")
    add_verdict_options(made)
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    with open_existing(database_of(options), profiles_of(options)) as registry:
        old, new = (registry.get(options.subject, version, deleted=True) for version in (options.old, options.new))
        found = registry.diff(options.subject, old.version, new.version)
    if options.format == "text":
        for line in _changed_lines(old, new):
            print(line)
    print_verdict(found, options.format, _summary(found, old, new))
    return EXIT_OK


def _changed_lines(old: StoredVersion, new: StoredVersion) -> Sequence[str]:
    before, after = (f"{one.subject}@{one.version}" for one in (old, new))
    return [*unified_diff(old.text.splitlines(), new.text.splitlines(), before, after, lineterm="")]


def _summary(found: Sequence[Finding], old: StoredVersion, new: StoredVersion) -> str:
    count = f"{len(found):,} {'finding' if len(found) == 1 else 'findings'}"
    return f"{old.subject} version {old.version} to {new.version}: {count}"
