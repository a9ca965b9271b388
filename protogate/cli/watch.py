"""`protogate watch`: save a contract, and everything that depends on it follows."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from protogate.build import build
from protogate.build.summary import Progress, summary_lines
from protogate.config import load_config
from protogate.console import enter_project, parser, red
from protogate.errors import EXIT_OK, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["run"]

_SETTLE = 0.1
"""Seconds after a change in which editors finish writing: several files, or one in two steps."""
_CONFIGURATION = ("buf.yaml", "pyproject.toml")

Stamp = tuple[tuple[str, int, int], ...]
"""Path, time of change and size of each file."""


def run(command: str, arguments: Sequence[str]) -> int:
    """Generate what is stale, and again whenever a contract or the configuration changes, until interrupted."""
    made = parser(
        command,
        "Generate what is stale, then wait: a contract that is saved, added or deleted is generated at once, with\n"
        "all that imports it. A mistake is told in one line, and the last good outputs stay until it is put right.\n"
        "Ends with Ctrl-C.",
        ["watch", "watch --interval 1", "watch -C ../shop"],
        json=False,
    )
    made.add_argument("--interval", type=float, default=0.3, metavar="SECONDS", help="between two looks; default: 0.3")
    made.add_argument("--once", action="store_true", help="end after the first change that was generated")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    _generate()
    before = _stamp()
    print("watching for changes; end with Ctrl-C", flush=True)
    try:
        while True:
            time.sleep(options.interval)
            if _stamp() == before:
                continue
            before = _settled()
            is_good = _generate()
            if options.once and is_good:
                return EXIT_OK
    except KeyboardInterrupt:
        # Asked for, and nothing is left half done.
        return EXIT_OK


def _generate() -> bool:
    """Build, and tell what came of it; whether it was good."""
    progress = Progress()
    try:
        result = build(template=load_config(".").template, listener=progress)
    except UserError as error:
        progress.clear()
        print(red(str(error)), file=sys.stderr, flush=True)
        return False
    progress.clear()
    if result.rebuilt or any(target.written or target.removed for target in result.targets):
        for name in result.rebuilt:
            print(f"stale: {name}")
        print("\n".join(summary_lines(result)), flush=True)
    return True


def _settled() -> Stamp:
    """Wait until nothing changes any more."""
    before = _stamp()
    while True:
        time.sleep(_SETTLE)
        now = _stamp()
        if now == before:
            return now
        before = now


def _stamp() -> Stamp:
    return tuple(sorted(_files()))


def _files() -> Iterator[tuple[str, int, int]]:
    for path in (*_CONFIGURATION, _template()):
        yield from _one(path)
    for directory in _directories():
        for place, folders, names in os.walk(directory):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if name.endswith(".proto"):
                    yield from _one(os.path.join(place, name))


def _one(path: str) -> Iterator[tuple[str, int, int]]:
    try:
        status = os.stat(path)
    except OSError:
        return  # deleted, or never there
    yield path, status.st_mtime_ns, status.st_size


def _template() -> str:
    try:
        return load_config(".").template
    except UserError:
        return "buf.gen.yaml"


def _directories() -> list[str]:
    """Where contracts are; the whole project while the configuration cannot be read."""
    from protogate.build.project import YamlCache, load_project
    from protogate.build.protos import PROTOS_DIRECTORY

    try:
        project = load_project(".", YamlCache(), _template())
    except UserError:
        return ["."]
    return sorted({one.path for one in project.modules if one.path != PROTOS_DIRECTORY})
