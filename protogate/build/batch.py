"""Generates one directory from another without configuration; a broken contract fails alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from protogate.build.identity import search_path
from protogate.build.includes import (
    PROTOC,
    compiler_messages,
    import_root,
    include_roots,
    read_imports,
    well_known_protos,
)
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.build.plan import Staged

__all__ = ["BatchResult", "Failure", "find_contracts", "generate_batch"]

_PLACE = re.compile(r"^(?P<file>\S.*?\.proto):(?:(?P<line>\d+):)?(?:(?P<column>\d+):)?\s*(?P<text>.*)")
_MAX_ARGUMENT_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Failure:
    """A contract that could not be generated, and why in one line."""

    contract: str
    message: str


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a directory."""

    generated: Mapping[str, tuple[str, ...]]
    """Each contract that compiled, with the outputs that were made from it."""
    shared: tuple[str, ...]
    """Outputs that belong to no single contract."""
    failures: tuple[Failure, ...]


@dataclass(slots=True)
class _Batch:
    plugin: str
    options: str
    includes: tuple[str, ...]
    headers: Mapping[str, tuple[str, ...]]
    """Imports by contract."""
    staging: str
    failures: dict[str, str] = field(default_factory=dict)
    runs: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Directory and contracts of each run that succeeded."""


def find_contracts(directory: str) -> tuple[str, tuple[str, ...]]:
    """Return the directory that holds contracts, and them, relative to it and sorted.

    An empty `contracts` falls back to its sibling `proto`, then to the newest `swop/proto` below
    a sibling `reports`, because older layouts kept them there.
    """
    if not os.path.isdir(directory):
        raise UserError(f"{directory}: no such directory; give one that holds .proto files")
    for candidate in _candidates(Path(directory)):
        found = tuple(sorted(str(path.relative_to(candidate)) for path in candidate.rglob("*.proto")))
        if found:
            return str(candidate), found
    raise UserError(f"{directory}: holds no .proto file; give a directory that does")


def generate_batch(directory: str, contracts: Sequence[str], out: str, plugin: str, options: str = "") -> BatchResult:
    """Run one plugin over contracts; whatever compiles is generated, the rest is told.

    Args:
        directory: where the contracts are.
        contracts: their paths relative to it.
        out: where the outputs go; nothing else there is touched.
        plugin: short name of the target, such as `zod`.
        options: the plugin's options, joined with commas.
    """
    name = f"protoc-gen-protogate-{plugin}"
    program = shutil.which(name, path=search_path(os.environ))
    if program is None:
        raise UserError(f"{name}: not found on PATH; reinstall protogate")
    root, names = import_root(directory, contracts)
    with tempfile.TemporaryDirectory(prefix="protogate-") as staging:
        headers = {one: read_imports(os.path.join(root, one)) for one in names}
        includes = include_roots(root, headers, staging)
        batch = _Batch(program, options, includes, headers, staging)
        _attempt(batch, tuple(headers))
        return _collect(batch, out)


def _candidates(directory: Path) -> Iterable[Path]:
    yield directory
    if directory.resolve().name == "contracts":
        parent = directory.resolve().parent
        yield parent / "proto"
        reports = (path for path in parent.glob("reports/**/swop/proto") if path.is_dir())
        yield from sorted(reports, key=lambda path: (path.stat().st_mtime, str(path)), reverse=True)


def _attempt(batch: _Batch, names: tuple[str, ...]) -> None:
    """Generate these contracts; set aside what is broken and go on with the others."""
    while names:
        if sum(len(name) + 1 for name in names) > _MAX_ARGUMENT_BYTES:
            _attempt_halves(batch, names)
            return
        out = os.path.join(batch.staging, f"run-{len(batch.runs)}-{len(batch.failures)}")
        os.makedirs(out, exist_ok=True)
        complaint = _protoc(batch, names, out)
        if complaint is None:
            batch.runs.append((out, names))
            return
        if len(names) == 1:
            batch.failures[names[0]] = _first_line(complaint, names[0])
            return
        broken = _broken(batch, names, complaint)
        if not broken:
            _attempt_halves(batch, names)
            return
        batch.failures.update(broken)
        names = tuple(name for name in names if name not in broken)


def _attempt_halves(batch: _Batch, names: tuple[str, ...]) -> None:
    middle = len(names) // 2
    _attempt(batch, names[:middle])
    _attempt(batch, names[middle:])


def _protoc(batch: _Batch, names: Sequence[str], out: str) -> str | None:
    """Run protoc with the plugin; return its complaint if it fails."""
    option = f"{batch.options}:" if batch.options else ""
    command = [
        sys.executable,
        "-c",
        PROTOC,
        "-I.",  # protoc then names contracts as we do
        *(f"-I{place}" for place in batch.includes[1:]),
        f"-I{well_known_protos()}",
        f"--plugin=protoc-gen-protogate={batch.plugin}",
        f"--protogate_out={option}{out}",
        *names,
    ]
    done = subprocess.run(command, cwd=batch.includes[0], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode == 0:
        return None
    return (done.stderr or done.stdout).decode("utf-8", "replace")


def _broken(batch: _Batch, names: Sequence[str], complaint: str) -> dict[str, str]:
    """Return the contracts that the compiler complains of, and those that import them."""
    known = set(names)
    broken: dict[str, str] = {}
    for line in compiler_messages(complaint):
        match = _PLACE.match(line)
        if match and match["file"] in known and "was not found or had errors" not in line:
            broken.setdefault(match["file"], line)
    if not broken:
        return {}
    changed = True
    while changed:
        changed = False
        for name in names:
            culprit = next((one for one in batch.headers[name] if one in broken), None)
            if name not in broken and culprit:
                broken[name] = f"{name}: imports {culprit}, which does not compile"
                changed = True
    return broken


def _first_line(complaint: str, name: str) -> str:
    lines = compiler_messages(complaint)
    placed = [line for line in lines if _PLACE.match(line)]
    own = [line for line in placed if line.startswith(f"{name}:")]
    if own or placed:
        return (own or placed)[0]
    # A plugin that broke wrote its traceback first; its last line says more than protoc does.
    told = [line for line in lines if "Plugin failed with status code" not in line] or lines
    return f"{name}: {told[-1] if told else 'protoc failed and said nothing'}"


def _collect(batch: _Batch, out: str) -> BatchResult:
    """Move the outputs of all runs into place, refusing two different files for one path."""
    from protogate.build.outputs import Owners, read_staged

    owners = Owners(batch.headers)
    found: dict[str, list[tuple[str, Staged]]] = {}
    for directory, _names in batch.runs:
        for path, staged in read_staged(directory, owners).items():
            found.setdefault(path, []).append((os.path.join(directory, path), staged))
    for path, candidates in found.items():
        if len({staged.digest for _, staged in candidates}) > 1:
            _refuse(batch, path, [owner for _, staged in candidates for owner in staged.owners])
    generated: dict[str, list[str]] = {name: [] for _, names in batch.runs for name in names}
    shared: list[str] = []
    for path, [(source, staged), *_] in found.items():
        if staged.owners and all(owner in batch.failures for owner in staged.owners):
            continue
        _move_into(source, os.path.join(out, path))
        for owner in staged.owners:
            generated.setdefault(owner, []).append(path)
        if not staged.owners:
            shared.append(path)
    return BatchResult(
        {name: tuple(paths) for name, paths in sorted(generated.items()) if name not in batch.failures},
        tuple(shared),
        tuple(Failure(name, message) for name, message in sorted(batch.failures.items())),
    )


def _refuse(batch: _Batch, path: str, owners: Sequence[str]) -> None:
    for owner in owners:
        others = ", ".join(one for one in owners if one != owner)
        batch.failures[owner] = f"{owner}: writes {path} as {others} does; rename one of them"


def _move_into(source: str, target: str) -> None:
    try:
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        shutil.move(source, target)
    except OSError as error:
        raise UserError(f"{target}: cannot be written: {error.strerror}") from error
