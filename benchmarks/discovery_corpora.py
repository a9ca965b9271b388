"""Repositories to try the discovery on: published packages, pinned, unpacked under `.protogate/corpora/discovery/`."""

from __future__ import annotations

import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from benchmarks.corpora import CorpusError
from benchmarks.process import STATE, ProcessError, finish

__all__ = ["AIRFLOW", "DJANGO", "unpacked"]

AIRFLOW: Final = "apache-airflow==1.10.15"
"""The last release before its providers became packages of their own."""
DJANGO: Final = "Django==1.5.12"
"""The last line before localflavor, comments, formtools and others left `contrib`."""
_PLACE: Final = STATE / "corpora" / "discovery"


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
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind, "--dest", scratch, pinned]
        try:
            finish(command)
        except ProcessError as error:
            raise CorpusError(f"{pinned}: {error}") from None
        files = [path for path in Path(scratch).iterdir() if path.is_file()]
        inside = Path(scratch) / "unpacked"
        _unpack(files[0], inside)
        shutil.move(inside, place)
    return place


def _unpack(file: Path, place: Path) -> None:
    if file.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(file) as archive:
            archive.extractall(place)
    else:
        # The filter refuses what would leave the directory.
        with tarfile.open(file) as archive:
            archive.extractall(place, filter="data")
