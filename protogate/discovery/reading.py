"""Reads the files of a repository in all processors, and keeps what each one says by its digest.

The memory is one file beside the reports. It is thrown away where it was written by another version, so it can be
deleted at any time; what it holds is only what the bytes of the files say again.
"""

from __future__ import annotations

import gc
import hashlib
import marshal
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from protogate.discovery import facts
from protogate.discovery.facts import FileFacts, ProblemFact
from protogate.discovery.files import read_source
from protogate.discovery.packing import named
from protogate.discovery.python_reader import read_python
from protogate.discovery.sql_reader import read_sql
from protogate.discovery.web_reader import read_web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from protogate.discovery.files import Source

__all__ = ["Kept", "facts_of", "kept_from", "kept_to", "read_files"]

_BATCH: Final = 400_000
"""Bytes that a process reads before it answers: about a tenth of a second."""
_WORTH_PROCESSES: Final = 1_500_000
"""Bytes; less is read sooner than processes begin."""
_KINDS: Final[tuple[type[tuple[object, ...]], ...]] = (
    facts.ImportFact,
    facts.DefinitionFact,
    facts.CallFact,
    facts.StringFact,
    facts.RouteFact,
    facts.IncludeFact,
    facts.HttpCallFact,
    facts.TableFact,
    facts.TableUseFact,
    facts.EventFact,
    facts.EntryPointFact,
    facts.ProblemFact,
)
_PLAIN: Final = 4
"""Fields of `FileFacts` before the collections."""


class Kept(NamedTuple):
    """What is remembered of a file."""

    size: int
    modified: int
    digest: bytes
    facts: bytes
    """`FileFacts` as plain tuples, by marshal."""


def read_files(
    root: Path,
    sources: Sequence[Source],
    kept: Mapping[str, Kept],
    tell: Callable[[int, int], None],
    workers: int = 0,
) -> dict[str, Kept]:
    """Return what each file says; only files that changed are read, only those with other bytes are parsed.

    Args:
        root: the repository.
        sources: its files.
        kept: what an earlier run returned.
        tell: is called with the files done and the files to do.
        workers: processes; 0 for as many as there are processors.
    """
    found = {}
    wanted = []
    for source in sources:
        known = kept.get(source.path)
        if known is not None and known.size == source.size and known.modified == source.modified:
            found[source.path] = known
        else:
            wanted.append((source, known.digest if known is not None else b""))
    done = 0
    for answers in _answers(root, wanted, workers or _processors()):
        for path, one in answers:
            found[path] = one if one.facts else kept[path]._replace(size=one.size, modified=one.modified)
        done += len(answers)
        tell(done, len(wanted))
    return found


def facts_of(kept: Kept) -> FileFacts:
    """Return the facts that were remembered."""
    plain = marshal.loads(kept.facts)  # noqa: S302 - written by ourselves, of plain values only
    kinds = map(named, _KINDS, plain[_PLAIN:-1])
    return FileFacts._make((*plain[:_PLAIN], *kinds, plain[-1]))


def kept_from(path: Path, version: str) -> dict[str, Kept]:
    """Return what an earlier run of the same version remembered; nothing where it cannot be read."""
    try:
        data = path.read_bytes()
        head, rows = marshal.loads(data)  # noqa: S302 - written by ourselves; other bytes are no memory
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    return dict(zip(rows, named(Kept, rows.values()), strict=True)) if head == version else {}


def kept_to(path: Path, version: str, kept: Mapping[str, Kept]) -> None:
    """Remember for the next run; written beside, then renamed."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(marshal.dumps((version, {name: tuple(one) for name, one in sorted(kept.items())})))
    beside.replace(path)


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _answers(root: Path, wanted: Sequence[tuple[Source, bytes]], workers: int) -> Iterable[list[tuple[str, Kept]]]:
    batches = _batches(wanted)
    if workers == 1 or sum(source.size for source, _ in wanted) < _WORTH_PROCESSES:
        return map(partial(_read_batch, root), batches)
    return _in_processes(root, batches, workers)


def _in_processes(
    root: Path, batches: list[list[tuple[Source, bytes]]], workers: int
) -> Iterator[list[tuple[str, Kept]]]:
    with ProcessPoolExecutor(workers, initializer=gc.disable) as pool:
        yield from pool.map(partial(_read_batch, root), batches)


def _batches(wanted: Sequence[tuple[Source, bytes]]) -> list[list[tuple[Source, bytes]]]:
    batches: list[list[tuple[Source, bytes]]] = []
    room = 0
    for one in wanted:
        if room <= 0:
            batches.append([])
            room = _BATCH
        batches[-1].append(one)
        room -= one[0].size
    return batches


def _read_batch(root: Path, batch: list[tuple[Source, bytes]]) -> list[tuple[str, Kept]]:
    return [(source.path, _read(root, source, digest)) for source, digest in batch]


def _read(root: Path, source: Source, digest: bytes) -> Kept:
    data, reason = read_source(root, source.path)
    now = hashlib.blake2b(data, digest_size=16).digest()
    if now == digest:
        return Kept(source.size, source.modified, now, b"")
    said = _parsed(source.path, data) if not reason else _unread(reason)
    return Kept(source.size, source.modified, now, marshal.dumps(cast("tuple[str, ...]", _plain(said))))


def _parsed(path: str, data: bytes) -> FileFacts:
    suffix = path[path.rfind(".") :]
    try:
        if suffix == ".py":
            return read_python(data)
        return read_sql(data) if suffix == ".sql" else read_web(data, suffix)
    except RecursionError:
        return _unread("is nested too deeply to be read")


def _unread(reason: str) -> FileFacts:
    return FileFacts("", 0, 0, 0, problems=(ProblemFact(0, reason),))


def _plain(said: FileFacts) -> tuple[object, ...]:
    """Return the facts as tuples that marshal takes: it knows no named ones."""
    kinds = (tuple(map(tuple, rows)) for rows in said[_PLAIN:-1])
    return (*said[:_PLAIN], *kinds, said[-1])
