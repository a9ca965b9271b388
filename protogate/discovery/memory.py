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
from protogate.discovery.structure import Structure
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from protogate.discovery.files import Source
    from protogate.discovery.model import Inventory
    from protogate.discovery.reading import Kept
    from protogate.discovery.repository import Read

__all__ = ["Memory", "state_of", "surroundings_of"]

_FORMAT: Final = "3"
_FACTS: Final = "facts"
_STATE: Final = "state.json"
_MODEL: Final = "model"
_COMMUNITIES: Final = "communities"
_STRUCTURE: Final = "structure"


class Memory:
    """The directory `.cache` in the directory of reports."""

    def __init__(self, directory: Path) -> None:
        """Take the directory of reports."""
        self._place = directory / ".cache"
        self._run = os.urandom(8).hex()
        """Of the model that was written or read last: a structure belongs to one."""

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
            head, _, data = (self._place / _MODEL).read_bytes().partition(b"\n")
            said, _, run = head.decode().rpartition(" ")
            if said != f"{self.version} {surroundings}":
                return None
            # Written by ourselves; other bytes are no memory.
            found = unpacked(marshal.loads(data))  # noqa: S302
        except (OSError, ValueError, EOFError, TypeError):
            return None
        self._run = run
        return found

    def structure(self) -> Structure | None:
        """Return the structure of the model that was returned; None where it is not remembered."""
        try:
            run, _, data = (self._place / _STRUCTURE).read_bytes().partition(b"\n")
            return Structure.unpacked(marshal.loads(data)) if run == self._run.encode() else None  # noqa: S302
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def structure_of(self, read: Read) -> Structure:
        """Return the structure of what was read: remembered where it is that of the earlier model."""
        if read.patch and read.patch.is_resized and (known := self.structure()):
            return known.resized(read.inventory, read.patch.changed)
        return Structure.of(read.inventory, self.communities)

    def keep_structure(self, structure: Structure) -> None:
        """Remember the structure of the model that was kept."""
        self._begin()
        self._keep(_STRUCTURE, f"{self._run}\n".encode() + marshal.dumps(structure.packed()))

    def keep_model(self, facts: Mapping[str, Kept], model: Inventory, surroundings: str) -> None:
        """Remember what was read, and the model that was made of it."""
        self._begin()
        # The model first: with older facts it is not found, as their number or digests differ from what is there.
        (self._place / _MODEL).unlink(missing_ok=True)
        kept_to(self._place / _FACTS, self.version, facts)
        head = f"{self.version} {surroundings} {self._run}\n".encode()
        self._keep(_MODEL, head + marshal.dumps(packed(model)))

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
        self._keep(_COMMUNITIES, wanted + marshal.dumps([found[name] for name in nodes]))
        return found

    def keep_state(self, state: str, files: Iterable[str]) -> None:
        """Remember the files that were written beside this directory for a state of the repository.

        What an earlier run wrote and this one did not, such as the page of a service that is none any more, is deleted,
        unless somebody changed it.
        """
        self._begin()
        written = list(files)
        before = self._written()
        for name in before.keys() - set(written):
            if _stamp(self._place.parent / name) == before[name]:
                (self._place.parent / name).unlink(missing_ok=True)
        known = {"state": state, "files": {name: _stamp(self._place.parent / name) for name in written}}
        self._keep(_STATE, json.dumps(known).encode())

    def _keep(self, name: str, data: bytes) -> None:
        beside = self._place / f"{name}.{os.getpid()}"
        beside.write_bytes(data)
        beside.replace(self._place / name)

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
        files = self._written(state)
        return bool(files) and all(_stamp(self._place.parent / name) == stamp for name, stamp in files.items())

    def _written(self, state: str | None = None) -> dict[str, list[int]]:
        """Return the files of an earlier run with size and time; nothing where it is unknown or of another state."""
        try:
            known = json.loads((self._place / _STATE).read_text("utf-8"))
            if state is not None and known["state"] != state:
                return {}
            return {str(name): list(stamp) for name, stamp in known["files"].items() if "/" not in name}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}


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
