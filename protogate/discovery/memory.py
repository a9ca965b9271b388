"""What a run remembers for the next one, beside the reports: facts of files, and whether all is as it was.

Everything here can be deleted at any time; a run that finds nothing reads all again and says the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from typing import TYPE_CHECKING, Final

from protogate import __version__
from protogate.discovery.reading import kept_from, kept_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from protogate.discovery.files import Source
    from protogate.discovery.reading import Kept

__all__ = ["Memory", "state_of"]

_FORMAT: Final = "1"
_FACTS: Final = "facts"
_STATE: Final = "state.json"


class Memory:
    """The directory `.cache` in the directory of reports."""

    def __init__(self, directory: Path) -> None:
        """Take the directory of reports."""
        self._place = directory / ".cache"

    @property
    def version(self) -> str:
        """Return what the facts depend on beside the bytes of the files."""
        return f"{__version__}/{_FORMAT}"

    def facts(self) -> dict[str, Kept]:
        """Return what an earlier run read."""
        return kept_from(self._place / _FACTS, self.version)

    def keep(self, facts: Mapping[str, Kept], state: str, files: Iterable[Path], code: int) -> None:
        """Remember facts, and the files that were written for a state of the repository."""
        self._place.mkdir(parents=True, exist_ok=True)
        (self._place / ".gitignore").write_text("*\n", "utf-8")
        kept_to(self._place / _FACTS, self.version, facts)
        known = {"state": state, "code": code, "files": {one.name: _stamp(one) for one in files}}
        beside = self._place / f"{_STATE}.{os.getpid()}"
        beside.write_text(json.dumps(known), "utf-8")
        beside.replace(self._place / _STATE)

    def is_current(self, state: str) -> bool:
        """Tell whether the reports are those of a state of the repository, and nobody touched them."""
        try:
            known = json.loads((self._place / _STATE).read_text("utf-8"))
            files: dict[str, list[int]] = known["files"]
            return known["state"] == state and all(
                _stamp(self._place.parent / name) == stamp for name, stamp in files.items()
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False


def state_of(root: Path, sources: Sequence[Source], others: Iterable[str], settings: object) -> str:
    """Return a digest of all that the reports depend on: files by size and time, the commit, settings, our version.

    Args:
        root: the repository.
        sources: its files of code.
        others: paths of further files that are read: manifests.
        settings: of the run.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{__version__}/{_FORMAT}\n{json.dumps(settings, sort_keys=True)}\n{_commit(root)}\n".encode())
    for source in sources:
        digest.update(f"{source.path}\0{source.size}\0{source.modified}\n".encode("utf-8", "surrogateescape"))
    for path in others:
        digest.update(f"{path}\0{_stamp(root / path)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _commit(root: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - the one on the path, as for the history
            cwd=root,
            capture_output=True,
            check=False,
            text=True,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _stamp(path: Path) -> list[int]:
    """Return size and time of a file; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]
