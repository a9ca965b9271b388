"""Pairs of contracts compiled in two calls of protoc, one for each side, and compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from protogate.compat import Comparison
from protogate.descriptors import Schema
from tests.compat.catalogue import ROWS, rooted
from tests.compat.generated_pairs import Pair
from tests.support.compiler import compile_protos

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

__all__ = ["CompiledPair", "compile_pairs", "pairs_of_rows"]


@dataclass(frozen=True)
class CompiledPair:
    """Two versions as descriptors: the files of each, imports first, and the paths of those that are their own."""

    label: str
    old: Sequence[FileDescriptorProto]
    new: Sequence[FileDescriptorProto]
    old_main: Sequence[str]
    new_main: Sequence[str]

    @cached_property
    def comparison(self) -> Comparison:
        return Comparison(Schema(self.old, self.old_main), Schema(self.new, self.new_main))

    def of_subject(self, path: str) -> Comparison:
        """The comparison in which one file is the subject and all others are imports."""
        return Comparison(Schema(_reachable(self.old, [path]), [path]), Schema(_reachable(self.new, [path]), [path]))


def pairs_of_rows() -> tuple[Pair, ...]:
    """The rows of the catalogue, each below a package of its own."""
    pairs = []
    for index, row in enumerate(ROWS):
        root = f"s{index:06}"
        old, new = rooted(row, root)
        pairs.append(Pair(root, row.name, old, new))
    return tuple(pairs)


def compile_pairs(pairs: Sequence[Pair]) -> tuple[CompiledPair, ...]:
    old = compile_protos({path: text for pair in pairs for path, text in pair.old.items()}).file
    new = compile_protos({path: text for pair in pairs for path, text in pair.new.items()}).file
    return tuple(
        CompiledPair(
            pair.label, _reachable(old, pair.old), _reachable(new, pair.new), sorted(pair.old), sorted(pair.new)
        )
        for pair in pairs
    )


def _reachable(files: Iterable[FileDescriptorProto], names: Iterable[str]) -> list[FileDescriptorProto]:
    by_name = {file.name: file for file in files}
    found: dict[str, FileDescriptorProto] = {}
    for name in names:
        _add(name, by_name, found)
    return list(found.values())


def _add(name: str, known: Mapping[str, FileDescriptorProto], found: dict[str, FileDescriptorProto]) -> None:
    if name not in found:
        for imported in known[name].dependency:
            _add(imported, known, found)
        found[name] = known[name]
