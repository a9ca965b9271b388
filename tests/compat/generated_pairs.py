"""Pairs of contracts, before and after: random edits of a rich contract, and the single changes of the catalogue.

Every pair has a root package and a folder of its own, so many pairs can be compiled and judged in one process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from protogate.vendor.printer import print_file
from tests.compat.base_contract import BASE_FILES, ROOT
from tests.compat.edits import EDITS, Contract, Unfit
from tests.support.compiler import compile_protos

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Pair", "generated_pairs"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of a contract, as files by path."""

    root: str
    """The first folder of every path and the first word of every package."""
    label: str
    """What was changed."""
    old: Mapping[str, str]
    new: Mapping[str, str]


def generated_pairs(seed: int, count: int, *, first: int = 0) -> tuple[Pair, ...]:
    """`count` pairs of one to four edits; the same seed gives the same pairs.

    Every edit stands alone in at least one pair when `count` allows. Half of the old versions were edited before, and
    a third of the pairs is turned around, so additions become removals. Roots are numbered from `first`.
    """
    random = Random(seed)
    labels = list(EDITS)
    random.shuffle(labels)
    singles = labels[:count]
    return tuple(
        _pair(random, first + index, [singles[index]] if index < len(singles) else None) for index in range(count)
    )


def _pair(random: Random, index: int, first: Sequence[str] | None) -> Pair:
    root = f"c{index:06}"
    while True:
        old: Sequence[FileDescriptorProto] = _base()
        if first is None or random.random() < 0.5:
            old, _ = _edited(old, random, random.choices(list(EDITS), k=random.randrange(1, 5)))
        wanted = first or random.choices(list(EDITS), k=random.choice((1, 1, 2, 2, 3, 4)))
        new, applied = _edited(old, random, wanted)
        if not applied:
            continue
        kept = _kept(old, new, random)
        before, after = ({name: text for name, text in _texts(files).items() if name in kept} for files in (old, new))
        label = " + ".join(applied)
        if random.random() < 0.33:
            before, after, label = after, before, f"undo: {label}"
        return Pair(root, label, _rooted(before, root), _rooted(after, root))


def _kept(old: Sequence[FileDescriptorProto], new: Sequence[FileDescriptorProto], random: Random) -> set[str]:
    """Names of the files that differ, of some others, and of all that these import: smaller pairs compile faster."""
    before, after = ({file.name: file for file in files} for files in (old, new))
    kept = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    kept |= {file.name for file in old if random.random() < 0.25}
    kept.add(random.choice([name for name in before if name in after]))
    size = 0
    while len(kept) > size:
        size = len(kept)
        for files in (before, after):
            for name in kept & files.keys():
                kept = kept | {file.name for file in _imports(files[name], files)} - _libraries().keys()
    return kept


def _edited(
    files: Sequence[FileDescriptorProto], random: Random, labels: Sequence[str]
) -> tuple[Sequence[FileDescriptorProto], list[str]]:
    """The files with the edits that fit, and their labels."""
    applied: list[str] = []
    for label in labels:
        contract = Contract(_copy(files), random)
        try:
            EDITS[label](contract)
            _texts(contract.files)
        except (Unfit, TypeError):
            # The pool refuses what no compiler would accept.
            continue
        files = contract.files
        applied.append(label)
    return files, applied


@cache
def _base() -> tuple[FileDescriptorProto, ...]:
    return tuple(file for file in _compiled(BASE_FILES) if file.name in BASE_FILES)


@cache
def _libraries() -> Mapping[str, FileDescriptorProto]:
    """The files of protobuf that edits may import."""
    lines = [f'import "google/protobuf/{name}.proto";' for name in ("cpp_features", "java_features", "timestamp")]
    return {file.name: file for file in _compiled({"libraries.proto": "\n".join(('edition = "2023";', *lines))})}


def _compiled(files: Mapping[str, str]) -> tuple[FileDescriptorProto, ...]:
    compiled = compile_protos(files).file
    for file in compiled:
        file.ClearField("source_code_info")
    return tuple(compiled)


def _copy(files: Sequence[FileDescriptorProto]) -> list[FileDescriptorProto]:
    return [FileDescriptorProto.FromString(file.SerializeToString()) for file in files]


_PRINTED: dict[bytes, str] = {}


def _texts(files: Sequence[FileDescriptorProto]) -> dict[str, str]:
    by_name = {file.name: file for file in files}
    return {file.name: _text(file, _imports(file, by_name)) for file in files}


def _imports(file: FileDescriptorProto, files: Mapping[str, FileDescriptorProto]) -> list[FileDescriptorProto]:
    """The files that `file` imports, transitively, each once and imports first."""
    found: dict[str, FileDescriptorProto] = {}
    for name in file.dependency:
        imported = files.get(name) or _libraries()[name]
        for one in (*_imports(imported, files), imported):
            found.setdefault(one.name, one)
    return list(found.values())


def _text(file: FileDescriptorProto, imports: Sequence[FileDescriptorProto]) -> str:
    key = b"".join(one.SerializeToString(deterministic=True) for one in (file, *imports))
    text = _PRINTED.get(key)
    if text is None:
        text = _PRINTED[key] = print_file(file, imports)
    return text


def _rooted(files: Mapping[str, str], root: str) -> dict[str, str]:
    return {name.replace(ROOT, root): text.replace(ROOT, root) for name, text in files.items()}
