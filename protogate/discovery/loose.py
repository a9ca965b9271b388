"""Parts of documents as the types that they should have: people edit documents, and what is missing there is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["count", "figure", "items", "rows", "table", "text", "texts"]


def table(value: object) -> Mapping[str, object]:
    """Return an object of JSON."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """Return a list of JSON."""
    return list(value) if isinstance(value, list | tuple) else []


def rows(value: object) -> list[Mapping[str, object]]:
    """Return a list of objects; what is no object in it is left out."""
    return [one for one in items(value) if isinstance(one, dict)]


def texts(value: object) -> list[str]:
    """Return a list of texts."""
    return [text(one) for one in items(value)]


def text(value: object) -> str:
    """Return a text; empty for null."""
    return "" if value is None else str(value)


def figure(value: object) -> float:
    """Return a number."""
    return float(value) if isinstance(value, int | float) else 0.0


def count(value: object) -> int:
    """Return a whole number."""
    return int(figure(value))
