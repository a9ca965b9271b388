"""`python -m releases`: the next version, its notes, the files of a release, and the release itself."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from protogate.console import guard
from protogate.errors import EXIT_OK, UserError
from releases.changelog import notes_of, with_release
from releases.files import build
from releases.history import commits_since, is_clean, last_release, seconds_of_head, tag
from releases.number import next_version

if TYPE_CHECKING:
    from releases.number import Next

_MODULE = "protogate/__init__.py"


def main(arguments: list[str]) -> int:
    """Run one of the commands; 2 where something has to be put right first."""
    chosen = _parser().parse_args(arguments)
    root = Path(chosen.root)
    return int(chosen.run(root, chosen))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m releases", description=__doc__)
    parser.add_argument("--root", default=".", help="the repository; default: here")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("version", help="the next version, and which commits ask for it").set_defaults(run=_version)
    commands.add_parser("notes", help="what the changelog says of it").set_defaults(run=_notes)
    files = commands.add_parser("build", help="wheel, sdist, bill of materials and sums, checked")
    files.add_argument("--out", default="dist", help="default: dist")
    files.set_defaults(run=_build)
    prepare = commands.add_parser("prepare", help="write the next version and its day into the files that say it")
    prepare.set_defaults(run=_prepare)
    mark = commands.add_parser("tag", help="mark the commit that holds a prepared release")
    mark.set_defaults(run=_tag)
    return parser


def _next(root: Path) -> tuple[str, Next]:
    current = (root / "VERSION").read_text("utf-8").strip()
    return current, next_version(current, commits_since(root, last_release(root, current)))


def _version(root: Path, chosen: argparse.Namespace) -> int:
    del chosen
    current, following = _next(root)
    if not following.version:
        print(f"{current} is the newest: no commit since asks for a release")
        return EXIT_OK
    print(f"{following.version}    {following.part} after {current}, for {len(following.because)} commits:")
    for one in following.because:
        print(f"  {one.id} {one.subject}")
    return EXIT_OK


def _notes(root: Path, chosen: argparse.Namespace) -> int:
    del chosen
    print(notes_of(_changelog(root)), end="")
    return EXIT_OK


def _build(root: Path, chosen: argparse.Namespace) -> int:
    if not is_clean(root):
        print("what is not committed is built too: nobody else can build the same", file=sys.stderr)
    for path in build(root, Path(chosen.out)):
        print(path)
    return EXIT_OK


def _prepare(root: Path, chosen: argparse.Namespace) -> int:
    del chosen
    if not is_clean(root):
        raise UserError(
            "git: files are changed or not added; commit them first, so that the release is what is committed"
        )
    _, following = _next(root)
    if not following.version:
        raise UserError("git: no commit since the last release asks for one")
    day = datetime.fromtimestamp(seconds_of_head(root), UTC).date().isoformat()
    changelog = with_release(_changelog(root), following.version, day)
    module = (root / _MODULE).read_text("utf-8")
    said = re.sub(r'^__version__ = ".*"$', f'__version__ = "{following.version}"', module, count=1, flags=re.MULTILINE)
    for path, text in (("CHANGELOG.md", changelog), (_MODULE, said), ("VERSION", f"{following.version}\n")):
        (root / path).write_text(text, "utf-8")
        print(f"edited  {path}")
    print(f"next:\n  git commit --all --message 'build(protogate): release {following.version}'\n  doit release_tag")
    return EXIT_OK


def _tag(root: Path, chosen: argparse.Namespace) -> int:
    del chosen
    version = (root / "VERSION").read_text("utf-8").strip()
    notes_of(_changelog(root), version)
    if not is_clean(root):
        raise UserError("git: files are changed or not added; a tag marks what is committed")
    tag(root, version)
    print(f"v{version}")
    return EXIT_OK


def _changelog(root: Path) -> str:
    return (root / "CHANGELOG.md").read_text("utf-8")


if __name__ == "__main__":
    sys.exit(guard(main, sys.argv[1:]))
