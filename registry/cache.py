"""A cache that forgets what was not asked for lately, by weight instead of by number."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["WeightedCache"]

Value = TypeVar("Value")


class WeightedCache(Generic[Value]):
    """Values by key, as many as `capacity` allows; threads may share it."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        """Give a value, which is then the last one to be forgotten."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Value, weight: int = 1) -> Value:
        """Keep a value, unless it alone is too heavy, and give it back."""
        with self._lock:
            _, before = self._kept.pop(key, (None, 0))
            self._weight -= before
            if weight <= self._capacity:
                self._kept[key] = (value, weight)
                self._weight += weight
            while self._weight > self._capacity:
                _, (_, forgotten) = self._kept.popitem(last=False)
                self._weight -= forgotten
        return value

    @property
    def weight(self) -> int:
        """What is kept weighs this much."""
        return self._weight

    def __len__(self) -> int:
        return len(self._kept)
