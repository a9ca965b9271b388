"""Reads a repository: the edge between the files and the model. Its code is parsed, never imported."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery import builds, inventory, python_names, routes, web_names
from protogate.discovery.history import read_history
from protogate.discovery.kinds import is_test
from protogate.discovery.reading import facts_of, read_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from protogate.discovery.facts import FileFacts
    from protogate.discovery.model import Inventory, Route
    from protogate.discovery.reading import Kept
    from protogate.discovery.scanning import Scan

__all__ = ["Earlier", "Facts", "Hints", "Read", "read_repository"]

_DATA: Final = (".sql", ".prisma")
_MOST_PATCHED: Final = 40
"""Changed files up to which an earlier model is patched; more are put together anew."""


class Facts(Mapping[str, "FileFacts"]):
    """What each file says, taken out of the memory when it is asked for."""

    def __init__(self, kept: Mapping[str, Kept]) -> None:
        """Take what was read."""
        self._kept = kept
        self._found: dict[str, FileFacts] = {}

    def __getitem__(self, path: str) -> FileFacts:
        if path not in self._found:
            self._found[path] = facts_of(self._kept[path])
        return self._found[path]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._kept))

    def __len__(self) -> int:
        return len(self._kept)


class Hints(NamedTuple):
    """What a reader cannot know of a repository, and its people can say."""

    aliases: Mapping[str, str] = {}
    """What imports of TypeScript begin with, and the directory that is meant: `{"@": "frontend/src"}`."""
    route_roots: tuple[str, ...] = ()
    """Directories whose routes count; empty for all."""
    route_suffixes: tuple[str, ...] = ()
    """Endings of files whose routes count; empty for all."""


class Earlier(NamedTuple):
    """What an earlier run remembered."""

    kept: Mapping[str, Kept] = {}
    load: Callable[[], Inventory | None] = lambda: None
    """Loads its model; None where it was made of another history, other manifests or other settings."""


class Read(NamedTuple):
    """A repository, and what to remember for the next time."""

    inventory: Inventory
    facts: Mapping[str, FileFacts]
    kept: Mapping[str, Kept]
    patch: inventory.Patch | None
    """What was done to the earlier model, which then is still the one to remember; None where it was made anew."""


def read_repository(
    root: Path,
    scanned: Scan,
    earlier: Earlier,
    tell: Callable[[int, int], None],
    workers: int = 0,
    hints: Hints | None = None,
) -> Read:
    """Return the model of a repository.

    Args:
        root: its directory.
        scanned: its files.
        earlier: what an earlier run remembered.
        tell: is called with the files read and the files to read.
        workers: processes that read; 0 for as many as there are processors.
        hints: of the people who know it.
    """
    hints = hints or Hints()
    with ThreadPoolExecutor(1) as pool:
        # Git walks the history while the files are read, unless the earlier model has it.
        is_known = len(earlier.kept) == len(scanned.sources)
        commits = None if is_known else pool.submit(read_history, root)
        now = read_files(root, scanned.sources, earlier.kept, tell, workers)
        facts = Facts(now)
        patch = _patched(facts, earlier, now) if is_known else None
        if patch is not None:
            return Read(patch.model, facts, now, patch)
        history = (commits or pool.submit(read_history, root)).result()
    manifests, unread = builds.read_manifests(root, scanned.manifests)
    python = {path: each for path, each in facts.items() if each.language == "python"}
    web = {path: each for path, each in facts.items() if each.language and not path.endswith((".py", *_DATA))}
    configs, broken = web_names.read_configs(root, {posixpath.dirname(path) for path in web})
    if hints.aliases:
        configs = _with_aliases(configs, hints.aliases)
    names = python_names.Names(python)
    others = web_names.WebNames(web, configs)
    named = {**{path: path.rpartition(".")[0] for path in facts}, **names.by_path, **others.by_path}
    answered = _counted(routes.compose({**python, **web}, (names, others)), hints)
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
    return Read(model, facts, now, None)


def _with_aliases(configs: Mapping[str, dict[str, object]], aliases: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """Return the configurations of compilers with more aliases, as `paths` of the one at the root."""
    name = "tsconfig.json" if "tsconfig.json" in configs else "jsconfig.json"
    config = configs.get(name, {})
    options = config.get("compilerOptions")
    options = dict(options) if isinstance(options, dict) else {}
    paths = options.get("paths")
    more = {f"{alias.rstrip('/')}/*": [f"./{place.strip('/')}/*"] for alias, place in aliases.items()}
    options["paths"] = {**(paths if isinstance(paths, dict) else {}), **more}
    return {**configs, name: {**config, "compilerOptions": options}}


def _counted(found: tuple[Route, ...], hints: Hints) -> tuple[Route, ...]:
    """Return the routes of files that count."""
    roots = tuple(f"{root.strip('/')}/" for root in hints.route_roots)
    return tuple(
        one
        for one in found
        if (not roots or one.file.startswith(roots))
        and (not hints.route_suffixes or one.file.endswith(hints.route_suffixes))
    )


def _patched(facts: Facts, earlier: Earlier, now: Mapping[str, Kept]) -> inventory.Patch | None:
    """Return the earlier model with a few changed files, or None where that cannot be done."""
    changed = [path for path, one in now.items() if path not in earlier.kept or one.digest != earlier.kept[path].digest]
    if len(changed) > _MOST_PATCHED or not all(path in earlier.kept and path.endswith(".py") for path in changed):
        return None
    model = earlier.load()
    if model is None:
        return None
    before = {path: facts_of(earlier.kept[path]) for path in changed}
    named = {one.path: one.name for one in model.modules}
    # Only what packages pass on is asked of files that did not change.
    python = python_names.Names(facts, {one.path: one.name for one in model.modules if one.language == "python"})
    return inventory.patched(model, named, python, before, {path: facts[path] for path in changed})
