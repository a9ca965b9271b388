"""What the outbox says of a row of the legacy database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.cqrs.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DESTINATION", "LegacyRow", "row_of"]

DESTINATION: Final = "legacy"
"""Of the outbox entries."""


class LegacyRow(NamedTuple):
    """A row as it is after a version of its aggregate: all values, not only those that changed."""

    table: str
    key: Mapping[str, Any]
    """Its primary key: columns and values."""
    version: int
    values: Mapping[str, Any]

    def __str__(self) -> str:
        """For messages: `users id=42`."""
        return f"{self.table} {', '.join(f'{name}={value}' for name, value in self.key.items())}"


def row_of(body: Mapping[str, Any]) -> LegacyRow:
    """Read the body of an outbox entry.

    Raises:
        DataError: it describes no row.
    """
    table, key, version, values = (body.get(name) for name in ("table", "key", "version", "values"))
    if not isinstance(table, str) or not table:
        raise DataError("the entry names no table")
    if not isinstance(key, dict) or not key or not isinstance(values, dict):
        raise DataError("the entry has no key or no values")
    if not isinstance(version, int) or version < 1:
        raise DataError(f"the entry has version {version!r}, which is no whole number from 1")
    return LegacyRow(table, key, version, values)
