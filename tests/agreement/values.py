"""Pools of JSON texts for every kind of value: the shape that the two pools share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["KeyPool", "Pool", "Values"]


@dataclass(frozen=True, slots=True)
class Values:
    """JSON texts for one kind: texts, because 1.0, 1e0 and 1 are different documents.

    The halves only steer how often random documents pick them.
    """

    good: tuple[str, ...]
    bad: tuple[str, ...]

    @property
    def every(self) -> tuple[str, ...]:
        """All texts, the good ones first."""
        return self.good + self.bad


KeyPool = Mapping[str, Values]
"""Map keys by key kind; these are strings, not JSON texts."""


@dataclass(frozen=True, slots=True)
class Pool:
    """One independent set of values to probe with."""

    name: str
    kinds: Mapping[str, Values]
    keys: KeyPool
    enum_bad: tuple[str, ...]
    """Texts that name no value of any enum."""
    texts: tuple[str, ...]
    """Strings for rules on text; these are strings, not JSON texts."""
    any_wrong: tuple[str, ...]
    """Texts that are wrong for most kinds: wrong JSON types."""
