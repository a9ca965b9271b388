"""The schema of the stores as numbered steps, see `protogate.schema_steps`."""

from __future__ import annotations

from protogate.schema_steps import load_steps

__all__ = ["load_migrations"]


def load_migrations(dialect: str) -> tuple[tuple[str, ...], ...]:
    """Give the statements of every step, in order."""
    return load_steps(__name__, dialect)
