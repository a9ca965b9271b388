"""Whether the layers, producers and consumers of contracts are where they say: `path` or `path::Symbol`.

A layer is always a path below the layers root, of a file or a directory. A producer or consumer may be the name of a
service as well: it is taken for a path if it has a slash, or ends like a source file. Addresses with `://` are names.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from protogate.crosscheck.contracts.discovery import is_inside
from protogate.crosscheck.contracts.model import Event
from protogate.crosscheck.contracts.problems import Problems, nearest, path_of
from protogate.findings import Finding, Place, sort_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogate.crosscheck.contracts.model import Contract
    from protogate.crosscheck.contracts.positions import Pointer

__all__ = ["LAYERS", "Layers", "check_layers", "is_path", "split_layer"]

LAYERS: Final = (
    "python",
    "python_input",
    "python_output",
    "python_payload",
    "typescript",
    "javascript",
    "frontend",
    "backend",
    "sql",
    "proto",
    "go",
    "java",
    "kotlin",
    "csharp",
    "rust",
    "php",
    "ruby",
)
"""What a layer can be called; one that begins with `x-` is the user's own."""

_SHOWN: Final = 120
"""Letters of a path that a message shows."""

_Standing: TypeAlias = Literal["found", "missing", "outside"]

_SOURCE: Final = re.compile(
    r"\.(?:cjs|cs|go|java|js|json|jsx|kts?|mjs|php|proto|pyi?|rb|rs|sql|svelte|toml|tsx?|vue|ya?ml)\Z"
)
_DRIVE: Final = re.compile(r"[A-Za-z]:|\\")


class Layers(NamedTuple):
    """What became of the layers of contracts."""

    findings: tuple[Finding, ...]
    found: frozenset[str]
    """Paths from the layers root that exist."""
    missing: frozenset[str]
    """Paths that were looked for in vain."""


def split_layer(value: str) -> tuple[str, str]:
    """Return path and symbol of a layer, an empty symbol where there is none.

    >>> split_layer("backend/devices.py::create_device")
    ('backend/devices.py', 'create_device')
    """
    path, _, symbol = value.partition("::")
    return path, symbol


def is_path(value: str) -> bool:
    """Tell whether a producer or consumer is a file rather than the name of a service.

    >>> [is_path(value) for value in ("backend/devices.py", "worker.py::run", "acme.reports", "https://acme.example/x")]
    [True, True, False, False]
    """
    path, _ = split_layer(value)
    return "://" not in value and ("/" in path or _SOURCE.search(path) is not None)


def check_layers(contracts: Iterable[Contract], root: str) -> Layers:
    """Look for the paths of all contracts below the layers root."""
    if not os.path.isdir(root):
        message = "the directory that layers are looked for in does not exist"
        return Layers((Finding("contract/unreadable", Place(root), message),), frozenset(), frozenset())
    tree = _Tree(root)
    findings: list[Finding] = []
    for contract in contracts:
        problems = Problems()
        _check_names(contract, problems)
        for pointer, value in _paths(contract):
            _check_path(pointer, value, tree, problems)
        findings += problems.findings(contract.document)
    known = tree.known.items()
    return Layers(
        sort_findings(findings),
        frozenset(path for path, standing in known if standing == "found"),
        frozenset(path for path, standing in known if standing == "missing"),
    )


def _check_names(contract: Contract, problems: Problems) -> None:
    for name in contract.layers:
        if name not in LAYERS and not name.startswith("x-"):
            message = f"layer {name!r} is not known"
            problems.warn("contract/unknown-layer", ("layers", name), message, nearest(name, LAYERS), at_key=True)


def _paths(contract: Contract) -> Iterator[tuple[Pointer, str]]:
    for name, value in contract.layers.items():
        yield ("layers", name), value
    if not isinstance(contract, Event):
        return
    consumers = contract.consumers
    others: list[tuple[Pointer, str]] = [(("producers", name), value) for name, value in contract.producers.items()]
    named = enumerate(consumers) if isinstance(consumers, list) else consumers.items()
    others += [(("consumers", name), value) for name, value in named]
    yield from (one for one in others if is_path(one[1]))


def _check_path(pointer: Pointer, value: str, tree: _Tree, problems: Problems) -> None:
    path, symbol = split_layer(value)
    if not path or (not symbol and value != path):
        message = f"{path_of(pointer)!r} has nothing {'behind' if path else 'before'} '::'"
        problems.error("contract/layer-not-found", pointer, message, "write path or path::Symbol")
        return
    standing = tree.standing(path)
    if standing == "missing":
        message = f"{path_of(pointer)!r}: there is no {path[:_SHOWN]!r} in {tree.root}"
        hint = "paths are written with '/'" if "\\" in path else "correct the path, or name another layers root"
        problems.error("contract/layer-not-found", pointer, message, hint)
    elif standing == "outside":
        message = f"{path_of(pointer)!r}: {path[:_SHOWN]!r} leads out of {tree.root}"
        problems.error("contract/layer-outside-root", pointer, message, "write a path below the layers root")


class _Tree:
    """The directory that layers stand in; each path is looked for once."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.known: dict[str, _Standing] = {}
        self._real_root = os.path.realpath(root)
        self._directories: dict[str, str] = {}

    def standing(self, path: str) -> _Standing:
        """Tell where a path leads, links followed."""
        if path not in self.known:
            self.known[path] = self._standing(path)
        return self.known[path]

    def _standing(self, path: str) -> _Standing:
        if os.path.isabs(path) or _DRIVE.match(path):
            return "outside"
        if "\0" in path:
            return "missing"
        real = self._real(path)
        if not is_inside(real, self._real_root):
            return "outside"
        return "found" if os.path.exists(real) else "missing"

    def _real(self, path: str) -> str:
        # Most layers share a few directories, so the way to a directory is followed once.
        directory, name = os.path.split(path)
        if name in {"", ".", ".."}:
            return os.path.realpath(os.path.join(self._real_root, path))
        if directory not in self._directories:
            self._directories[directory] = os.path.realpath(os.path.join(self._real_root, directory))
        real = os.path.join(self._directories[directory], name)
        return os.path.realpath(real) if _is_link(real) else real


def _is_link(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except OSError:
        return False
