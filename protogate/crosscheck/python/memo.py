"""Works things out once, also those that need themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    Meanwhile = TypeVar("Meanwhile")
    Value = TypeVar("Value")

__all__ = ["remember"]


def remember(
    cache: dict[object, object], key: object, meanwhile: Meanwhile, make: Callable[[], Value]
) -> Meanwhile | Value:
    """Return what is kept under a key, made when it is first asked for.

    Args:
        cache: where it is kept.
        key: what tells it from others.
        meanwhile: what whoever asks while it is being made gets.
        make: makes it.
    """
    if key not in cache:
        cache[key] = meanwhile
        cache[key] = make()
    return cast("Meanwhile | Value", cache[key])
