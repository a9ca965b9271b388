"""Finds contracts with their imports before anything compiles, in the order in which they can be registered."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from protogate.build.images import display, fill_protos, find_workspace, is_under, no_contracts, protos_below
from protogate.build.includes import import_root
from protogate.build.lexer import read_header
from protogate.build.lock import try_build_lock
from protogate.build.project import YamlCache, load_project
from protogate.build.protos import PROTOS_DIRECTORY, ensure_protos, wants_protos
from protogate.build.sources import SourceFile, digest_files, scan_sources
from protogate.build.state import State, load_state, save_state, state_stamp
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Contract", "ContractSet", "find_contracts", "read_contract"]


@dataclass(frozen=True, slots=True)
class Contract:
    """A `.proto` file under the name by which others import it."""

    name: str
    """The path below its module."""
    path: str
    """Where it lies, as the caller would type it."""
    digest: str
    """Over its text and all that it imports."""
    imports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContractSet:
    """Contracts that were asked for and those that they import."""

    contracts: tuple[Contract, ...]
    """Imports first; without the vendored ones, which every compiler of ours knows."""
    asked: frozenset[str]
    """The names of those that were asked for."""

    def paths(self) -> dict[str, str]:
        """Return where each contract lies by its name."""
        return {one.name: one.path for one in self.contracts}


@dataclass(frozen=True, slots=True)
class _Found:
    """What lies on disk."""

    files: Mapping[str, SourceFile]
    paths: Mapping[str, str]
    """Import name to the key of `files`."""
    asked: frozenset[str]


def find_contracts(places: Sequence[str] = (), *, template: str = "buf.gen.yaml") -> ContractSet:
    """Return the contracts at some places, or without any those that the project here generates from.

    Args:
        places: `.proto` files and directories.
        template: the generation template of the project.
    """
    if not places:
        return _ordered(_project_contracts(template))
    found = [_contracts_at(place, template) for place in places]
    paths: dict[str, str] = {}
    for one in found:
        for name, path in one.paths.items():
            known = paths.setdefault(name, path)
            if os.path.realpath(known) != os.path.realpath(path):
                raise UserError(f"{path}: is imported as {name}, as {known} is; give one of them at a time")
    files = {path: file for one in found for path, file in one.files.items()}
    return _ordered(_Found(files, paths, frozenset().union(*(one.asked for one in found))))


def read_contract(contract: Contract) -> str:
    """Return the text of a contract."""
    try:
        with open(contract.path, encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise UserError(f"{contract.path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise _unreadable(contract.path, error) from None


def _project_contracts(template: str) -> _Found:
    stamp = state_stamp(".")
    state = load_state(".")
    cache = YamlCache(state.yaml)
    project = load_project(".", cache, template)
    if wants_protos(project):
        ensure_protos(".", project)
    sources = scan_sources(".", project, state.files)
    asked = {name for name in sources.contracts if not _is_vendored(sources.paths[name])}
    if not asked:
        raise no_contracts(project.contracts_place())
    if (cache.has_news or state.files != sources.files) and not state.note:
        _remember(replace(state, files=sources.files), stamp)
    return _Found(sources.files, sources.paths, frozenset(asked))


def _remember(state: State, stamp: tuple[object, ...]) -> None:
    """Let the next command, or build, read only what changes until then."""
    # A project that cannot be written to is read in full each time.
    with suppress(UserError), try_build_lock(".") as held:
        if held and state_stamp(".") == stamp:
            save_state(".", state)


def _contracts_at(place: str, template: str) -> _Found:
    if os.path.realpath(place) == os.path.realpath(".") and os.path.isfile(template):
        return _project_contracts(template)
    if not os.path.exists(place):
        raise UserError(f"{place}: no such file or directory; give a .proto file or a directory of contracts")
    if os.path.isfile(place) and not place.endswith(".proto"):
        raise UserError(f"{place}: is no contract; give a .proto file or a directory of contracts")
    directory, name = (place, "") if os.path.isdir(place) else os.path.split(place)
    below = (name,) if name else tuple(sorted(protos_below(place)))
    roots, names = _rooted(directory or ".", below)
    if not names:
        raise no_contracts(place)
    return _follow(roots, names)


def _rooted(directory: str, contracts: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    """Return the directories that imports count from, and the contracts relative to theirs."""
    workspace = find_workspace(os.path.realpath(directory))
    if workspace is None:
        return _loose_roots(directory, contracts, ())
    fill_protos(workspace)
    roots = [os.path.normpath(os.path.join(workspace.root, module.path)) for module in workspace.modules]
    own = [root for root in roots if not _is_vendored(root)]
    paths = [os.path.join(os.path.realpath(directory), one) for one in contracts]
    names = tuple(os.path.relpath(path, root) for path in paths for root in own if is_under(path, root))
    return (roots, names) if names else _loose_roots(directory, contracts, roots)


def _loose_roots(
    directory: str, contracts: Sequence[str], neighbours: Sequence[str]
) -> tuple[Sequence[str], tuple[str, ...]]:
    """Return the same of contracts that no module holds."""
    if not contracts:
        return neighbours, ()
    root, names = import_root(directory, contracts)
    return (root, *neighbours), names


def _follow(roots: Iterable[str], names: Iterable[str]) -> _Found:
    """Read contracts and all that they import, as far as it lies below the roots."""
    places = list(roots)
    files: dict[str, SourceFile] = {}
    paths: dict[str, str] = {}
    asked = tuple(names)
    waiting = list(asked)
    while waiting:
        name = waiting.pop()
        candidates = (os.path.normpath(os.path.join(root, name)) for root in places)
        path = next((path for path in candidates if os.path.isfile(path)), None)
        if name in paths or path is None:
            continue
        paths[name] = display(path)
        files[paths[name]] = _read(paths[name])
        waiting += files[paths[name]].imports
    return _Found(files, paths, frozenset(asked))


def _read(path: str) -> SourceFile:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise _unreadable(path, error) from None
    header = read_header(content.decode("utf-8", "replace"))
    return SourceFile(len(content), 0, hashlib.sha256(content).hexdigest()[:32], header.imports, header.package)


def _ordered(found: _Found) -> ContractSet:
    """Sort contracts so that imports come first; a cycle is for the compiler to refuse."""
    digests = digest_files(found.files, found.paths)
    contracts: dict[str, Contract] = {}
    entered: set[str] = set()
    for start in sorted(found.asked):
        waiting = [start]
        while waiting:
            name = waiting[-1]
            path = found.paths.get(name)
            if path is None or _is_vendored(path):
                waiting.pop()
                continue
            imports = found.files[path].imports
            if name not in entered:
                entered.add(name)
                waiting += [one for one in imports if one not in entered]
                continue
            waiting.pop()
            contracts.setdefault(name, Contract(name, path, digests[name], imports))
    return ContractSet(tuple(contracts.values()), found.asked)


def _is_vendored(path: str) -> bool:
    return f"/{PROTOS_DIRECTORY}/" in f"/{os.path.normpath(path)}/"


def _unreadable(path: str, error: OSError) -> UserError:
    return UserError(f"{path}: cannot be read: {error.strerror}; correct its permissions or remove it")
