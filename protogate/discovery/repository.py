"""Reads a repository: the edge between the files and the model. Its code is parsed, never imported."""

from __future__ import annotations

import posixpath
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery import builds, inventory, python_names, routes, web_names
from protogate.discovery.files import IGNORED, find_sources
from protogate.discovery.history import read_history
from protogate.discovery.kinds import is_test
from protogate.discovery.reading import facts_of, read_files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from protogate.discovery.facts import FileFacts
    from protogate.discovery.files import Source
    from protogate.discovery.model import Inventory, Problem
    from protogate.discovery.reading import Kept

__all__ = ["Read", "Scan", "read_repository", "scan"]

_DATA: Final = (".sql", ".prisma")


class Scan(NamedTuple):
    """What there is to read."""

    sources: tuple[Source, ...]
    manifests: tuple[str, ...]
    problems: tuple[Problem, ...]


class Read(NamedTuple):
    """A repository, and what to remember for the next time."""

    inventory: Inventory
    facts: Mapping[str, FileFacts]
    kept: Mapping[str, Kept]


def scan(root: Path, ignored: Collection[str] = ()) -> Scan:
    """Return the files of a repository that say something.

    Args:
        root: its directory.
        ignored: names of directories to leave out, beside those that always are.

    Raises:
        UserError: the root cannot be read.
    """
    left_out = IGNORED | frozenset(ignored)
    sources, problems = find_sources(root, left_out)
    return Scan(sources, builds.manifest_paths(root, left_out), problems)


def read_repository(
    root: Path, scanned: Scan, kept: Mapping[str, Kept], tell: Callable[[int, int], None], workers: int = 0
) -> Read:
    """Return the model of a repository.

    Args:
        root: its directory.
        scanned: its files.
        kept: what an earlier run remembered.
        tell: is called with the files read and the files to read.
        workers: processes that read; 0 for as many as there are processors.
    """
    with ThreadPoolExecutor(1) as pool:
        # Git walks the history while the files are read.
        commits = pool.submit(read_history, root)
        now = read_files(root, scanned.sources, kept, tell, workers)
        facts = {path: facts_of(now[path]) for path in sorted(now)}
        manifests, unread = builds.read_manifests(root, scanned.manifests)
        history = commits.result()
    python = {path: each for path, each in facts.items() if each.language == "python"}
    web = {path: each for path, each in facts.items() if each.language and not path.endswith((".py", *_DATA))}
    configs, broken = web_names.read_configs(root, {posixpath.dirname(path) for path in web})
    names = python_names.Names(python)
    others = web_names.WebNames(web, configs)
    named = {**{path: path.rpartition(".")[0] for path in facts}, **names.by_path, **others.by_path}
    answered = routes.compose({**python, **web}, (names, others))
    asked = [call for call in routes.requests({**python, **web}, (names, others)) if not is_test(call.file)]
    model = inventory.build(
        root.resolve().name,
        facts,
        named,
        [*python_names.edges(names, python), *web_names.edges(others, web)],
        answered,
        routes.match(asked, answered),
        names,
        history,
        manifests,
        [*scanned.problems, *unread, *broken],
    )
    return Read(model, facts, now)
