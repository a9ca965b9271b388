"""Two schemas and what changed between them: what profiles judge."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from protogate.compat.compare import compare

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.compat.changes import Change, Spot
    from protogate.descriptors import Schema

__all__ = ["Comparison"]

_Value = TypeVar("_Value")


class Comparison:
    """Two schemas and what changed between them."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old = old
        self.new = new
        self.changes: tuple[Change, ...] = compare(old, new)
        """Sorted."""
        self._told: dict[int, tuple[Spot, str]] = {}
        self._found: dict[object, object] = {}

    def once(self, key: object, make: Callable[[Comparison], _Value]) -> _Value:
        """What `make` finds in this comparison, found once for both directions."""
        if key not in self._found:
            self._found[key] = make(self)
        return cast("_Value", self._found[key])

    def tell(self, change: Change) -> tuple[Spot, str]:
        """`change.spot` and `change.sentence`, made once for all profiles and directions."""
        told = self._told.get(id(change))
        if told is None:
            told = self._told[id(change)] = change.spot, change.sentence
        return told

    @cached_property
    def swapped(self) -> Comparison:
        """The comparison of the new schema with the old one: another pass, for profiles that know no direction."""
        other = Comparison(self.new, self.old)
        other.__dict__["swapped"] = self
        return other
