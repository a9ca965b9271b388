"""`protogate registry mode`: how compatible the versions of a subject must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.console import MODES, enter_project, parser, print_json
from protogate.errors import EXIT_OK, UserError
from registry.commands.database import add_database_option, database_of, open_registry

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Get or set a level."""
    made = parser(
        command,
        "Get or set the compatibility level, of one subject or of all that have none of their own.\n"
        f"Levels: {', '.join(MODES)}.",
        [
            command,
            f"{command} FULL",
            f"{command} acme/user/v1/user.proto FULL_TRANSITIVE",
            f"{command} acme/user/v1/user.proto --unset",
        ],
    )
    made.add_argument("subject", nargs="?", metavar="SUBJECT", help="default: all that have no level of their own")
    made.add_argument("level", nargs="?", metavar="LEVEL", help="set it; default: print what holds")
    made.add_argument("--unset", action="store_true", help="forget the level that was set")
    add_database_option(made)
    options = made.parse_args(arguments)
    subject, level = _parse_words([word for word in (options.subject, options.level) if word])
    if options.unset and level:
        raise UserError(f"--unset: takes no level, {level} was given; leave one of them out")
    enter_project(options.directory)
    with open_registry(database_of(options)) as registry:
        if level or options.unset:
            registry.set_level(subject, level)
        holds, own = registry.level(subject), registry.own_level(subject)
    if options.json:
        print_json({"subject": subject, "level": holds.value, "own": own.value if own else None})
    else:
        print(f"{subject or 'all subjects'}: {holds}{'' if own else _inherited(subject)}")
    return EXIT_OK


def _parse_words(words: Sequence[str]) -> tuple[str | None, str | None]:
    """Tell subject and level apart: a single word that names a level is one."""
    if not words:
        return None, None
    *before, last = words
    if last.upper() in MODES:
        return (before[0] if before else None), last.upper()
    if before:
        raise UserError(f"level {last!r} is not known; use one of {', '.join(MODES)}")
    return last, None


def _inherited(subject: str | None) -> str:
    return ", as for all subjects" if subject else ", the default"
