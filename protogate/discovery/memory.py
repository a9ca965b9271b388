"""What a run remembers for the next one, beside the reports: facts of files, and whether all is as it was.

Everything here can be deleted at any time; a run that finds nothing reads all again and says the same.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import subprocess
from typing import TYPE_CHECKING, Final

from protogate import __version__
from protogate.discovery.communities import communities
from protogate.discovery.packing import packed, unpacked
from protogate.discovery.reading import kept_from, kept_to
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from protogate.discovery.files import Source
    from protogate.discovery.model import Inventory
    from protogate.discovery.reading import Kept

__all__ = ["Memory", "state_of", "surroundings_of"]

_FORMAT: Final = "1"
_FACTS: Final = "facts"
_STATE: Final = "state.json"
_MODEL: Final = "model"
_COMMUNITIES: Final = "communities"


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

    def model(self, surroundings: str) -> Inventory | None:
        """Return the model of an earlier run in the same surroundings; None where there is none."""
        try:
            data = (self._place / _MODEL).read_bytes()
            head = f"{self.version} {surroundings}\n".encode()
            # Written by ourselves; other bytes are no memory.
            return unpacked(marshal.loads(data[len(head) :])) if data.startswith(head) else None  # noqa: S302
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def keep_model(self, facts: Mapping[str, Kept], model: Inventory, surroundings: str) -> None:
        """Remember what was read, and the model that was made of it."""
        self._begin()
        # The model first: with older facts it is not found, as their number or digests differ from what is there.
        (self._place / _MODEL).unlink(missing_ok=True)
        kept_to(self._place / _FACTS, self.version, facts)
        beside = self._place / f"{_MODEL}.{os.getpid()}"
        beside.write_bytes(f"{self.version} {surroundings}\n".encode() + marshal.dumps(packed(model)))
        beside.replace(self._place / _MODEL)

    def communities(self, nodes: Sequence[str], ties: Mapping[tuple[str, str], float]) -> dict[str, int]:
        """Return the communities of a graph; of the graph of the last run they are remembered."""
        # Version 2: later ones write whether two texts are one object, which equal graphs need not share.
        said = marshal.dumps([self.version, list(nodes), list(ties.items())], 2)
        wanted = hashlib.blake2b(said, digest_size=16).digest()
        place = self._place / _COMMUNITIES
        try:
            data = place.read_bytes()
            if data.startswith(wanted):
                return dict(zip(nodes, marshal.loads(data[len(wanted) :]), strict=True))  # noqa: S302 - our own
        except (OSError, ValueError, EOFError, TypeError):
            pass
        found = communities(nodes, ties)
        self._begin()
        beside = self._place / f"{_COMMUNITIES}.{os.getpid()}"
        beside.write_bytes(wanted + marshal.dumps([found[name] for name in nodes]))
        beside.replace(place)
        return found

    def keep_state(self, state: str, files: Iterable[Path]) -> None:
        """Remember the files that were written for a state of the repository."""
        self._begin()
        known = {"state": state, "files": {one.name: _stamp(one) for one in files}}
        beside = self._place / f"{_STATE}.{os.getpid()}"
        beside.write_text(json.dumps(known), "utf-8")
        beside.replace(self._place / _STATE)

    def _begin(self) -> None:
        """Make the directory.

        Raises:
            UserError: it cannot be made.
        """
        try:
            self._place.mkdir(parents=True, exist_ok=True)
            (self._place / ".gitignore").write_text("*\n", "utf-8")
        except OSError as error:
            raise UserError(f"{error.filename or self._place}: cannot be written: {error.strerror}") from None

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


def surroundings_of(root: Path, paths: Iterable[str], manifests: Iterable[str], settings: object) -> str:
    """Return a digest of what a model depends on beside the texts of its files.

    Args:
        root: the repository, whose last commit counts.
        paths: of its files of code.
        manifests: whose size and time count.
        settings: of the run.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{__version__}/{_FORMAT}\n{json.dumps(settings, sort_keys=True)}\n{_commit(root)}\n".encode())
    digest.update("\0".join(paths).encode("utf-8", "surrogateescape"))
    for path in manifests:
        digest.update(f"{path}\0{_stamp(root / path)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def state_of(surroundings: str, sources: Iterable[Source], options: object) -> str:
    """Return a digest of all that the reports depend on.

    Args:
        surroundings: of the model.
        sources: files of code, whose size and time count.
        options: that change what is written.
    """
    digest = hashlib.blake2b(f"{surroundings}\n{options}\n".encode(), digest_size=16)
    for source in sources:
        digest.update(f"{source.path}\0{source.size}\0{source.modified}\n".encode("utf-8", "surrogateescape"))
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
