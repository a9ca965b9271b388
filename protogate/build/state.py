"""The memory between two builds: one small file, written atomically, checked when read."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from protogate.build.sources import SourceFile
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protogate.build.project import Document

__all__ = ["Output", "State", "TargetState", "load_state", "save_state", "state_directory"]

_FORMAT = "protogate-state 1"
_NAME = "state"
_PENDING = "pending"


class Output(NamedTuple):
    """What is remembered of one generated file."""

    size: int
    mtime_ns: int
    digest: str
    owners: tuple[str, ...]
    """Import names of the contracts that it was made from; empty when it does not say."""
    not_carried: int = 0
    """For a report: how many rules the target could not carry."""


@dataclass(slots=True)
class TargetState:
    """One target as the last good build left it."""

    key: str
    built: Mapping[str, str] = field(default_factory=dict)
    """Digest by import name at the time of the build."""
    outputs: dict[str, dict[str, Output]] = field(default_factory=dict)
    """By directory and file name, relative to the output directory."""

    def paths(self) -> Iterator[tuple[str, Output]]:
        """Yield every output with its path relative to the output directory."""
        for directory, entries in self.outputs.items():
            prefix = directory + "/" if directory else ""
            for name, output in entries.items():
                yield prefix + name, output

    def add(self, path: str, output: Output) -> None:
        """Remember an output."""
        directory, name = os.path.split(path)
        self.outputs.setdefault(directory, {})[name] = output

    def discard(self, path: str) -> None:
        """Forget an output."""
        directory, name = os.path.split(path)
        entries = self.outputs.get(directory, {})
        entries.pop(name, None)
        if not entries:
            self.outputs.pop(directory, None)

    def get(self, path: str) -> Output | None:
        """Return what is remembered of an output."""
        directory, name = os.path.split(path)
        return self.outputs.get(directory, {}).get(name)


@dataclass(slots=True)
class State:
    """Everything that is remembered between two builds."""

    yaml: dict[str, tuple[str, Document]] = field(default_factory=dict)
    files: dict[str, SourceFile] = field(default_factory=dict)
    targets: dict[str, TargetState] = field(default_factory=dict)
    note: str = ""
    """Why nothing is remembered, when that deserves a word."""


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
    state = _decode(json.loads(payload))
    _recall_pending(root, state)
    return state


def save_state(root: str, state: State) -> None:
    """Write the state in one step; the pending outputs are then settled."""
    payload = json.dumps(_encode(state), separators=(",", ":"), ensure_ascii=True).encode()
    header = f"{_FORMAT} {_checksum(payload)}\n".encode()
    _write(os.path.join(state_directory(root), _NAME), header + payload)
    _remove_quietly(os.path.join(state_directory(root), _PENDING))


def announce_outputs(root: str, paths: Mapping[str, list[str]]) -> None:
    """Note which new outputs are about to appear, by target.

    A build that is killed while it moves them leaves no file that nobody owns.
    """
    content = json.dumps(paths).encode()
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
    for out, paths in json.loads(payload).items():
        target = state.targets.setdefault(out, TargetState(key=""))
        for path in paths:
            if target.get(path) is None:
                # No file has this size, so whatever is found there counts as touched.
                target.add(path, Output(-1, 0, "", ()))


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
        targets[out] = {
            "key": target.key,
            "built": tables.index(target.built),
            "outputs": target.outputs,
        }
    return {"yaml": state.yaml, "files": state.files, "targets": targets, "tables": tables}


def _decode(data: dict[str, Any]) -> State:
    tables = data["tables"]
    return State(
        yaml={name: (digest, document) for name, (digest, document) in data["yaml"].items()},
        files={
            path: SourceFile(size, mtime_ns, sha256, tuple(imports), package)
            for path, (size, mtime_ns, sha256, imports, package) in data["files"].items()
        },
        targets={
            out: TargetState(
                key=target["key"],
                built=tables[target["built"]],
                outputs={
                    directory: {
                        name: Output(size, mtime_ns, digest, tuple(owners), not_carried)
                        for name, (size, mtime_ns, digest, owners, not_carried) in entries.items()
                    }
                    for directory, entries in target["outputs"].items()
                },
            )
            for out, target in data["targets"].items()
        },
    )
