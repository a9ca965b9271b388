"""The verdicts of the last runs, and whether they still hold: a warm run looks at files without reading them.

A verdict holds while every file that it depends on is what it was, and what was looked for in vain is still not there.
A memory that is damaged, of another version or made elsewhere is no memory; two runs at once cost one of them its own.
"""

from __future__ import annotations

import json
import os
import stat
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate import __version__
from protogate.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.crosscheck.drifts import Action

__all__ = ["MEMORY", "Evidence", "Verdict", "are_current", "digest", "recall", "remember"]

MEMORY: Final = ".protogate/cross-check.json"

_FORMAT: Final = 1
_KEPT: Final = 4
"""Runs with different options: two tasks, an editor, a hook."""
_SETTLED: Final = 2_000_000_000
"""Nanoseconds after which one more change of a file shows in its time; FAT counts in twos of seconds."""


class Evidence(NamedTuple):
    """What a verdict depends on."""

    read: Mapping[str, str]
    """Digest by path of every file that was read."""
    present: frozenset[str]
    """Paths that were only looked for, and are there."""
    absent: frozenset[str]
    """Paths that were looked for in vain."""


class Verdict(NamedTuple):
    """What a run found."""

    findings: tuple[Finding, ...]
    actions: frozenset[Action]
    """The kinds of fixes that would change a contract."""
    counts: Mapping[str, int]
    listings: Mapping[str, str]
    """Digest by name of what would be generated; nothing while a contract is wrong."""


def digest(content: bytes) -> str:
    """Return what stands for a content."""
    return blake2b(content, digest_size=16).hexdigest()


def recall(key: Sequence[object]) -> Verdict | None:
    """Return the verdict of an earlier run with these options, when it still holds.

    Args:
        key: the options, and all else but files that a verdict depends on.
    """
    try:
        entry = _load().get(_name(key))
        if entry is None or not _holds(entry):
            return None
        return _verdict(entry)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def are_current(output: str, listings: Mapping[str, str]) -> bool:
    """Tell whether a directory holds these files, given the digest of each by name."""
    return all(_is_same(os.path.join(output, name), -1, 0, 0, content) for name, content in listings.items())


def remember(key: Sequence[object], verdict: Verdict, evidence: Evidence, *, started: int) -> None:
    """Keep a verdict for the next run; where nothing can be written, the next run is not a warm one.

    Args:
        key: as for `recall`.
        verdict: what was found.
        evidence: what it depends on.
        started: when the first file was read, in nanoseconds since 1970.
    """
    entries = _load()
    name = _name(key)
    entries.pop(name, None)
    kept = dict(list(entries.items())[-(_KEPT - 1) :])
    kept[name] = {
        "read": {path: [*_stamp(path, started), content] for path, content in evidence.read.items()},
        "present": sorted(evidence.present),
        "absent": sorted(evidence.absent),
        "findings": [[*one[:1], list(one.place), *one[2:]] for one in verdict.findings],
        "actions": sorted(verdict.actions),
        "counts": dict(verdict.counts),
        "listings": dict(verdict.listings),
    }
    _save({"format": _FORMAT, "version": __version__, "entries": kept})


def _name(key: Sequence[object]) -> str:
    return digest(json.dumps([os.getcwd(), *key], default=list).encode())


def _load() -> dict[str, Any]:
    try:
        with open(MEMORY, "rb") as file:
            memory = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(memory, dict) or (memory.get("format"), memory.get("version")) != (_FORMAT, __version__):
        return {}
    entries = memory.get("entries")
    return entries if isinstance(entries, dict) else {}


def _save(memory: Mapping[str, Any]) -> None:
    temporary = f"{MEMORY}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(MEMORY), exist_ok=True)
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(memory, file)
        os.replace(temporary, MEMORY)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _holds(entry: Mapping[str, Any]) -> bool:
    return (
        all(os.path.exists(path) for path in entry["present"])
        and not any(map(os.path.lexists, entry["absent"]))
        and all(_is_same(path, *remembered) for path, remembered in entry["read"].items())
    )


def _is_same(path: str, size: int, modified: int, changed: int, content: str) -> bool:
    try:
        status = os.stat(path)
        if status.st_size == size and status.st_mtime_ns == modified and status.st_ctime_ns == changed:
            return True
        if not stat.S_ISREG(status.st_mode):
            return False
        with open(path, "rb") as file:
            return digest(file.read()) == content
    except OSError:
        return False


def _stamp(path: str, started: int) -> tuple[int, int, int]:
    """Return size and times of a file; none where it may have changed while it was read, or in the same tick."""
    try:
        status = os.stat(path)
    except OSError:
        return (-1, 0, 0)
    if started - max(status.st_mtime_ns, status.st_ctime_ns) < _SETTLED:
        return (-1, 0, 0)
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _verdict(entry: Mapping[str, Any]) -> Verdict:
    return Verdict(
        tuple(_finding(*one) for one in entry["findings"]),
        frozenset(entry["actions"]),
        entry["counts"],
        entry["listings"],
    )


def _finding(rule: str, place: Iterable[Any], message: str, hint: str, severity: int, path: str) -> Finding:  # noqa: PLR0913, PLR0917 - as a finding has
    return Finding(rule, Place(*place), message, hint, Severity(severity), path)
