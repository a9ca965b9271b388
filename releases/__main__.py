"""`python -m releases`: the next version, its notes, the files of a release, and the release itself."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protogate.console import guard
from protogate.errors import EXIT_OK, UserError
from releases.changelog import notes_of, with_release
from releases.files import build
from releases.history import (
    commit,
    commits_since,
    is_clean,
    is_head,
    is_tagged,
    last_release,
    seconds_of_head,
    tag,
)
from releases.number import next_version

if TYPE_CHECKING:
    from releases.number import Next

_MODULE: Final = "protogate/__init__.py"
_VERSION: Final = "VERSION"
_CHANGELOG: Final = "CHANGELOG.md"
_SAID: Final = re.compile(r'^__version__ = ".*"$', re.MULTILINE)
_MESSAGE: Final = "build(protogate): release "


def main(arguments: list[str]) -> int:
    """Run one of the commands; 2 where something has to be put right first."""
    chosen = _parser().parse_args(arguments)
    chosen.run(Path(chosen.root), chosen)
    return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m releases", description=__doc__)
    parser.add_argument("--root", default=".", help="the repository; default: here")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("version", help="the next version, and which commits ask for it").set_defaults(run=_version)
    commands.add_parser("notes", help="what the changelog says of it").set_defaults(run=_notes)
    commands.add_parser("prepare", help="write the next version and its day into the files that say it").set_defaults(
        run=_prepare
    )
    commands.add_parser("tag", help="mark the commit that holds a prepared release").set_defaults(run=_tag)
    files = commands.add_parser("build", help="wheel, sdist, bill of materials and sums, checked")
    files.set_defaults(run=_build)
    everything = commands.add_parser("all", help="prepare, commit and build; with --tag, mark the commit too")
    everything.add_argument("--tag", action="store_true", help="mark the commit; without it nothing is marked")
    everything.set_defaults(run=_all)
    for one in (files, everything):
        one.add_argument("--out", default="dist", help="where the files go, in the repository; default: dist")
    return parser


def _next(root: Path) -> tuple[str, Next]:
    current = _current(root)
    return current, next_version(current, commits_since(root, last_release(root, current)))


def _version(root: Path, chosen: argparse.Namespace) -> None:
    del chosen
    current, following = _next(root)
    if not following.version:
        print(f"{current} is the newest: no commit since asks for a release")
        return
    count = len(following.because)
    print(f"{following.version}    {following.part} after {current}, for {count} commit{'s' * (count != 1)}:")
    for one in following.because:
        print(f"  {one.id} {one.subject}")


def _notes(root: Path, chosen: argparse.Namespace) -> None:
    """Print the notes of what is about to be released; of a release that is prepared, its own."""
    del chosen
    current, following = _next(root)
    print(notes_of(_text(root, _CHANGELOG), "Unreleased" if following.version else current), end="")


def _build(root: Path, chosen: argparse.Namespace) -> None:
    if not is_clean(root):
        print("git: what is not committed is not built; nobody else could build it", file=sys.stderr)
    for path in build(root, root / chosen.out):
        print(path)


def _prepare(root: Path, chosen: argparse.Namespace) -> None:
    del chosen
    version = _prepared(root)
    print(f"next:\n  git commit --all --message '{_MESSAGE}{version}'\n  doit release_tag")


def _prepared(root: Path) -> str:
    """Write the next version into the files that say it; return it."""
    _refuse_changes(root)
    current, following = _next(root)
    if not following.version:
        raise UserError(f"git: no commit since {current} asks for a release; see docs/releases.md for what does")
    day = datetime.fromtimestamp(seconds_of_head(root), UTC).date().isoformat()
    changelog = with_release(_text(root, _CHANGELOG), following.version, day)
    module, count = _SAID.subn(f'__version__ = "{following.version}"', _text(root, _MODULE))
    if count != 1:
        raise UserError(f'{_MODULE}: has {count} lines __version__ = "..."; one is wanted')
    for path, text in ((_CHANGELOG, changelog), (_MODULE, module), (_VERSION, f"{following.version}\n")):
        (root / path).write_text(text, "utf-8")
        print(f"edited  {path}")
    return following.version


def _all(root: Path, chosen: argparse.Namespace) -> None:
    """Prepare and commit, unless HEAD is a release without its tag: its files are built, again if need be.

    The files are built from the commit that they are named after, so there has to be one first.
    """
    version = _current(root)
    if is_head(root, last_release(root, version)) and not is_tagged(root, version):
        _refuse_changes(root)
        notes_of(_text(root, _CHANGELOG), version)
    else:
        version = _prepared(root)
        commit(root, f"{_MESSAGE}{version}")
    for path in build(root, root / chosen.out):
        print(path)
    if chosen.tag:
        _tag(root, chosen)
    else:
        print(f"{version} is committed, built and checked, and has no tag; next: doit release --tag")


def _tag(root: Path, chosen: argparse.Namespace) -> None:
    del chosen
    version = _current(root)
    notes_of(_text(root, _CHANGELOG), version)
    _refuse_changes(root)
    tag(root, version)
    print(f"v{version}")


def _refuse_changes(root: Path) -> None:
    if not is_clean(root):
        raise UserError(
            "git: files are changed or not added; commit them first, so that the release is what is committed"
        )


def _current(root: Path) -> str:
    return _text(root, _VERSION).strip()


def _text(root: Path, name: str) -> str:
    try:
        return (root / name).read_text("utf-8")
    except OSError as error:
        raise UserError(f"{root / name}: {error.strerror}; is --root a checkout of the project?") from error


if __name__ == "__main__":
    sys.exit(guard(main, sys.argv[1:]))
