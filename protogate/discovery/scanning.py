"""Looks at what there is to read; apart from what reads it, so that the one may begin while the other is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protogate.discovery import builds
from protogate.discovery.files import IGNORED, Source, sources_of, walked
from protogate.discovery.model import Problem
from protogate.discovery.packing import columns, named

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["Scan", "scan"]


class Scan(NamedTuple):
    """What there is to read."""

    sources: tuple[Source, ...]
    manifests: tuple[str, ...]
    problems: tuple[Problem, ...]

    def packed(self) -> list[Any]:
        """Return it as lists, tuples, texts and numbers."""
        return [columns(self.sources), self.manifests, columns(self.problems)]

    @classmethod
    def unpacked(cls, plain: list[Any]) -> Scan:
        """Return what was packed."""
        sources, manifests, problems = plain
        return cls(named(Source, zip(*sources, strict=True)), manifests, named(Problem, zip(*problems, strict=True)))


def scan(root: Path, ignored: Collection[str] = ()) -> Scan:
    """Return the files of a repository that say something.

    Args:
        root: its directory.
        ignored: names of directories to leave out, beside those that always are.

    Raises:
        UserError: the root cannot be read.
    """
    left_out = IGNORED | frozenset(ignored)
    directories, problems = walked(root, left_out)
    sources, too_large = sources_of(directories)
    return Scan(sources, builds.manifest_paths(directories), tuple(sorted([*problems, *too_large])))
