"""The memory between two builds: one small file, written atomically, checked when read."""

from __future__ import annotations

import gc
import hashlib
import marshal
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from protogate.build.sources import SourceFile
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.build.project import Document

__all__ = [
    "NEVER_SETTLED",
    "Output",
    "State",
    "TargetState",
    "load_state",
    "save_state",
    "state_directory",
    "state_stamp",
]

# marshal loads five times as fast as json; its format belongs to the interpreter, hence the version.
_FORMAT = f"protogate-state 2 marshal {marshal.version}"
_NAME = "state"
_PENDING = "pending"

NEVER_SETTLED = -1
"""The size of an output that a killed build announced: no file has it, so it counts as touched."""


class Output(NamedTuple):
    """What is remembered of one generated file."""

    size: int
    mtime_ns: int
    digest: str
    owners: tuple[str, ...]
    """Import names of the contracts that it was made from; empty when it does not say."""
    not_carried: int = 0
    """For a report: how many rules the target could not carry."""


RawOutput = tuple[int, int, str, tuple[str, ...], int]
"""The fields of an Output as they are stored: a build with nothing to do makes 20,000 of them."""


@dataclass(slots=True)
class TargetState:
    """One target as the last good build left it."""

    key: str
    built: Mapping[str, str] = field(default_factory=dict)
    """Digest by import name at the time of the build."""
    outputs: dict[str, dict[str, RawOutput]] = field(default_factory=dict)
    """By directory and file name, relative to the output directory."""

    def paths(self) -> Iterator[tuple[str, Output]]:
        """Yield every output with its path relative to the output directory."""
        for directory, entries in self.outputs.items():
            prefix = directory + "/" if directory else ""
            for name, raw in entries.items():
                yield prefix + name, Output(*raw)

    def add(self, path: str, output: Output) -> None:
        """Remember an output."""
        directory, name = os.path.split(path)
        self.outputs.setdefault(directory, {})[name] = (
            output.size,
            output.mtime_ns,
            output.digest,
            output.owners,
            output.not_carried,
        )

    def discard(self, path: str) -> None:
        """Forget an output."""
        directory, name = os.path.split(path)
        entries = self.outputs.get(directory, {})
        entries.pop(name, None)
        if not entries:
            self.outputs.pop(directory, None)

    def count(self) -> int:
        """Return how many outputs there are."""
        return sum(map(len, self.outputs.values()))

    def not_carried(self) -> int:
        """Return how many rules the reports name."""
        return sum(raw[4] for entries in self.outputs.values() for raw in entries.values())

    def get(self, path: str) -> Output | None:
        """Return what is remembered of an output."""
        directory, name = os.path.split(path)
        raw = self.outputs.get(directory, {}).get(name)
        return None if raw is None else Output(*raw)


@dataclass(slots=True)
class State:
    """Everything that is remembered between two builds."""

    yaml: dict[str, tuple[str, Document]] = field(default_factory=dict)
    files: dict[str, SourceFile] = field(default_factory=dict)
    targets: dict[str, TargetState] = field(default_factory=dict)
    note: str = ""
    """Why nothing is remembered, when that deserves a word."""


def state_stamp(root: str) -> tuple[object, ...]:
    """Return what changes whenever a build writes its state or is killed while it moves outputs."""
    stamps: list[object] = []
    for name in (_NAME, _PENDING):
        try:
            status = os.stat(os.path.join(state_directory(root), name))
        except OSError:
            stamps.append(None)
        else:
            stamps.append((status.st_ino, status.st_mtime_ns))
    return tuple(stamps)


def state_directory(root: str) -> str:
    """Return the directory of everything that Protogate keeps for a project."""
    return os.path.join(root, ".protogate")


def load_state(root: str) -> State:
    """Read the last good state; a missing, damaged or older one is an empty state."""
    try:
        with open(os.path.join(state_directory(root), _NAME), "rb") as file:
            header, _, payload = file.read().partition(b"\n")
    except FileNotFoundError:
        return State()
    except OSError as error:
        return State(note=f".protogate/state: cannot be read ({error.strerror}); building anew")
    name, _, checksum = header.decode("ascii", "replace").rpartition(" ")
    if name != _FORMAT:
        return State(note=".protogate/state: written by another version; building anew")
    if checksum != _checksum(payload):
        return State(note=".protogate/state: damaged; building anew")
    with _no_collection():
        state = _decode(marshal.loads(payload))  # noqa: S302 - our own file, and its checksum is right
    _recall_pending(root, state)
    return state


def save_state(root: str, state: State) -> None:
    """Write the state in one step; the pending outputs are then settled."""
    payload = marshal.dumps(_encode(state))
    header = f"{_FORMAT} {_checksum(payload)}\n".encode()
    _write(os.path.join(state_directory(root), _NAME), header + payload)
    _remove_quietly(os.path.join(state_directory(root), _PENDING))


def announce_outputs(root: str, paths: Mapping[str, list[str]]) -> None:
    """Note which new outputs are about to appear, by target.

    A build that is killed while it moves them leaves no file that nobody owns.
    """
    content = marshal.dumps(dict(paths))
    header = f"{_FORMAT} {_checksum(content)}\n".encode()
    _write(os.path.join(state_directory(root), _PENDING), header + content)


def _recall_pending(root: str, state: State) -> None:
    try:
        with open(os.path.join(state_directory(root), _PENDING), "rb") as file:
            header, _, payload = file.read().partition(b"\n")
    except OSError:
        return
    if header.decode("ascii", "replace") != f"{_FORMAT} {_checksum(payload)}":
        return
    for out, paths in marshal.loads(payload).items():  # noqa: S302 - as above
        target = state.targets.setdefault(out, TargetState(key=""))
        for path in paths:
            if target.get(path) is None:
                target.add(path, Output(NEVER_SETTLED, 0, "", ()))


def _write(path: str, content: bytes) -> None:
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError as error:
        _remove_quietly(temporary)
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error


def _remove_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _checksum(payload: bytes) -> str:
    return hashlib.blake2b(payload, digest_size=16).hexdigest()


def _encode(state: State) -> dict[str, Any]:
    tables: list[Mapping[str, str]] = []
    targets = {}
    for out, target in state.targets.items():
        if target.built not in tables:
            tables.append(target.built)
        targets[out] = (target.key, tables.index(target.built), target.outputs)
    return {
        "yaml": {name: tuple(known) for name, known in state.yaml.items()},
        "files": {path: tuple(source) for path, source in state.files.items()},
        "targets": targets,
        "tables": [dict(table) for table in tables],
    }


def _decode(data: dict[str, Any]) -> State:
    return State(
        yaml=data["yaml"],
        files={path: SourceFile(*source) for path, source in data["files"].items()},
        targets={
            out: TargetState(key, data["tables"][table], outputs)
            for out, (key, table, outputs) in data["targets"].items()
        },
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector from walking tens of thousands of new objects that all stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
