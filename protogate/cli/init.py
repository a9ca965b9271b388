"""`protogate init`: what a repository needs to be built by Protogate, shown as a diff and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_FINDINGS, EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protogate.scaffold.project import ProjectPlan

__all__ = ["run"]

_NEXT = (
    "doit    # generates what is stale",
    "git add -A && pre-commit install",
    "protogate doctor    # what may be missing",
)


def run(command: str, arguments: Sequence[str]) -> int:
    """Write what is missing; with `--check` only tell, and exit with 1 when something is."""
    from pathlib import Path

    from protogate.scaffold.plan import write_files
    from protogate.scaffold.project import CI_SYSTEMS, plan_project

    made = parser(
        command,
        "Write what a repository needs: buf.yaml, buf.gen.yaml, dodo.py, a first contract, hooks for\n"
        "pre-commit and a CI workflow. No file that is there is replaced: lists in it get an entry more where\n"
        "one is missing, and the diff is shown. A second run changes nothing.",
        ["init", "init --check", "init -C ../shop --ci gitlab --no-pre-commit"],
    )
    made.add_argument("--ci", choices=CI_SYSTEMS, default="", help="whose workflow; default: what the repository shows")
    made.add_argument("--no-pre-commit", action="store_true", help="write no hooks")
    made.add_argument("--check", action="store_true", help="write nothing; exit with 1 when something is missing")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    plan = plan_project(Path(), ci=options.ci, pre_commit=not options.no_pre_commit)
    texts = {**plan.created, **plan.edited}
    diff = {path: "".join(_diff(path, text)) for path, text in sorted(plan.edited.items())}
    if not options.check:
        write_files(Path(), texts)
    if options.json:
        print_json({"created": sorted(plan.created), "edited": sorted(plan.edited), "diff": diff, "notes": plan.notes})
    else:
        _print(plan, diff, is_check=options.check)
    return EXIT_FINDINGS if options.check and texts else EXIT_OK


def _print(plan: ProjectPlan, diff: dict[str, str], *, is_check: bool) -> None:
    word = "missing" if is_check else "new    "
    for path in sorted(plan.created):
        print(f"{word} {path}")
    for path, text in diff.items():
        print(f"{'differs' if is_check else 'edited '} {path}\n{text}", end="")
    for note in plan.notes:
        print(f"yours   {note}")
    if not plan.created and not plan.edited:
        print("nothing is missing")
    elif not is_check:
        print("\nnext:")
        for step in (*_lacking(), *_NEXT):
            print(f"  {step}")


def _lacking() -> Iterator[str]:
    """What the example contract imports and this machine does not have."""
    from protogate.cli.checkup import PROTOS, is_installed

    if not all(map(is_installed, PROTOS)):
        yield 'pip install "protogate[protos]"    # buf/validate and google/api, which contracts import'


def _diff(path: str, text: str) -> Iterator[str]:
    import difflib
    from pathlib import Path

    before = Path(path).read_text(encoding="utf-8")
    lines = difflib.unified_diff(before.splitlines(), text.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    return (f"{line}\n" for line in lines)
