"""Finds the file of a module as the import system would, without importing anything."""

from __future__ import annotations

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Found", "Search", "default_site"]

_VENVS: Final = (".venv", "venv")


class Found(NamedTuple):
    """Where a module is."""

    kind: Literal["source", "package", "namespace", "extension"]
    path: str
    """The file; of a namespace package its first directory."""
    directories: tuple[str, ...] = ()
    """Where the modules of a package are."""


class Search:
    """Finds modules by name; remembers what it saw of the file system.

    Names are looked up in the configured directories, the root of the layers, its `src`, the directory that holds the
    outermost package of the importing file, the standard library, the installed packages, and then in the directories
    above the importing file: code that is started there has them in its path.
    """

    def __init__(self, layers_root: str, python_path: Sequence[str], site: Sequence[str] | None) -> None:
        """Search from a root.

        Args:
            layers_root: where the code of the layers is.
            python_path: directories that are searched first.
            site: directories of installed packages; None for those of the project's environment and of this one.
        """
        self.looked_for: set[str] = set()
        """Files that were not there."""
        self._root = os.path.abspath(layers_root)
        self._first = [os.path.abspath(one) for one in python_path]
        self._first += [self._root, os.path.join(self._root, "src")]
        self._standard = [os.path.dirname(os.__file__)]
        self._site = list(default_site(self._root) if site is None else map(os.path.abspath, site))
        self._site += list(_linked(self._site))
        self._listings: dict[str, frozenset[str]] = {}
        self._found: dict[tuple[str, str], Found | None] = {}

    def find(self, name: str, importer: str = "") -> Found | None:
        """Return where a module is, None when it is nowhere.

        Args:
            name: its dotted name, absolute.
            importer: the file that imports it.
        """
        home = self.package_root(importer) if importer else ""
        key = (name, home)
        if key not in self._found:
            self._found[key] = self._find(name, home)
        return self._found[key]

    def find_in(self, directories: Sequence[str], name: str) -> Found | None:
        """Return where a module is of which the directories of its package are known.

        Args:
            directories: of the package that it is named in.
            name: its dotted name within that package; empty for the package itself.
        """
        found = Found("namespace", directories[0], tuple(directories)) if directories else None
        for part in name.split(".") if name else ():
            if found is None:
                return None
            found = self._child(found.directories, part)
        return found

    def package_root(self, path: str) -> str:
        """Return the directory in which the outermost package of a file is."""
        directory = os.path.dirname(path)
        while "__init__.py" in self._listing(directory):
            above = os.path.dirname(directory)
            if above == directory:
                break
            directory = above
        return directory

    def _find(self, name: str, home: str) -> Found | None:
        head, _, rest = name.partition(".")
        roots = [*self._first, *([home] if home else [])]
        if head in sys.stdlib_module_names:
            # A module beside the code may hide one of the standard library, but only where it is started.
            roots = self._standard
        else:
            roots += self._site
        found = self._child(roots, head)
        if (found is None or found.kind == "namespace") and home and head not in sys.stdlib_module_names:
            above = self._child(list(self._above(home)), head)
            found = above if found is None or (above is not None and above.kind != "namespace") else found
        if found is None or not rest:
            return found
        return self.find_in(found.directories, rest)

    def _above(self, home: str) -> Iterator[str]:
        while home.startswith(self._root + os.sep):
            home = os.path.dirname(home)
            if "__init__.py" not in self._listing(home):
                yield home

    def _child(self, directories: Sequence[str], name: str) -> Found | None:
        """The module of this name in the first directory that has one; parts of a namespace package are joined."""
        parts: list[str] = []
        for directory in directories:
            listing = self._listing(directory)
            path = os.path.join(directory, name)
            if name in listing and "__init__.py" in self._listing(path):
                return Found("package", os.path.join(path, "__init__.py"), (path,))
            if f"{name}.py" in listing:
                return Found("source", f"{path}.py")
            for suffix in EXTENSION_SUFFIXES:
                if name + suffix in listing:
                    return Found("extension", path + suffix)
            self.looked_for.update((os.path.join(path, "__init__.py"), f"{path}.py"))
            if name in listing and os.path.isdir(path):
                parts.append(path)
        return Found("namespace", parts[0], tuple(parts)) if parts else None

    def _listing(self, directory: str) -> frozenset[str]:
        listing = self._listings.get(directory)
        if listing is None:
            try:
                listing = frozenset(os.listdir(directory or "."))
            except OSError:
                listing = frozenset()
            self._listings[directory] = listing
        return listing


def default_site(root: str) -> tuple[str, ...]:
    """Return the directories of installed packages: of the project's own environment, then of this interpreter."""
    environments = [os.path.join(root, name) for name in _VENVS]
    if active := os.environ.get("VIRTUAL_ENV"):
        environments.append(active)
    found: list[str] = []
    for environment in environments:
        library = os.path.join(environment, "lib")
        versions = sorted(os.listdir(library), reverse=True) if os.path.isdir(library) else []
        found += [os.path.join(library, one, "site-packages") for one in versions if one.startswith("python3")]
    found += [one for one in sys.path if one.endswith(("site-packages", "dist-packages"))]
    return tuple(dict.fromkeys(one for one in found if os.path.isdir(one)))


def _linked(directories: Sequence[str]) -> Iterator[str]:
    """The directories that `.pth` files add, as editable installations do."""
    for directory in directories:
        for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else ():
            if name.endswith(".pth"):
                yield from _lines_of(directory, name)


def _lines_of(directory: str, name: str) -> Iterator[str]:
    try:
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        path = os.path.join(directory, line.strip())
        if line.strip() and not line.startswith(("#", "import ", "import\t")) and os.path.isdir(path):
            yield path
