"""`protogate compat`: what becomes of those who use one version of contracts when they meet another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.compat.changes import Mode
from protogate.config import load_config
from protogate.console import add_verdict_options, enter_project, located, parser, print_verdict, waiting
from protogate.errors import EXIT_FINDINGS, EXIT_OK
from protogate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.findings import Finding

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Compare two versions; exit 1 when the new one breaks something."""
    made = parser(
        command,
        "Compare two versions of contracts. Each is a .proto file, a directory, a buf image\n"
        "(.binpb, .json, also with .gz or .zst) or git:REF[:PATH], where PATH counts from the project.\n"
        "A project's directory means the contracts that its buf.gen.yaml generates from.\n"
        "Without any, what stands here is compared with where this branch left the branch `base` of\n"
        "[tool.protogate], main by default.",
        [
            f"{command}",
            f"{command} git:main .",
            f"{command} git:v1.2:contracts/acme contracts/acme --mode FULL",
            f"{command} old.binpb new.binpb --profile buf:WIRE_JSON --format json",
        ],
        json=False,
    )
    made.add_argument("old", metavar="OLD", nargs="?", default="")
    made.add_argument("new", metavar="NEW", nargs="?", default="")
    add_verdict_options(made, default_mode="BACKWARD")
    options = made.parse_args(arguments)
    if options.old and not options.new:
        made.error("the following arguments are required: NEW")
    enter_project(options.directory)
    mode = Mode(options.mode or Mode.BACKWARD)
    from protogate.compat import DEFAULT_PROFILES

    profiles = tuple(options.profile or DEFAULT_PROFILES)
    old = options.old or _branching()
    if not old:
        print("nothing to compare with: there were no contracts where this branch began")
        return EXIT_OK
    found = _compare(old, options.new or ".", profiles, mode)
    return EXIT_OK if print_verdict(found, options.format, _summary(found, profiles, mode)) else EXIT_FINDINGS


def _branching() -> str:
    """Where this branch left its base; empty when it had no contracts there, or nothing was committed yet."""
    from protogate.build.changes import fork_point, has_contracts

    revision = fork_point(".", load_config(".").base)
    return f"git:{revision}" if has_contracts(".", revision) else ""


def _compare(old_text: str, new_text: str, profiles: Sequence[str], mode: Mode) -> tuple[Finding, ...]:
    from protogate.build.revisions import load_image
    from protogate.compat import check

    template = load_config(".").template
    with waiting("compiling"):
        old, new = (load_image(text, template=template) for text in (old_text, new_text))
    with waiting("comparing"):
        found = check(old.schema(), new.schema(), profiles=profiles, mode=mode)
    return located(found, {**old.paths, **new.paths})


def _summary(found: Sequence[Finding], profiles: Sequence[str], mode: Mode) -> str:
    errors = sum(one.severity is Severity.ERROR for one in found)
    asked = f"({mode}; {', '.join(profiles)})"
    if errors:
        return f"INCOMPATIBLE {asked}: {errors:,} {'finding' if errors == 1 else 'findings'}"
    return f"compatible {asked}"
