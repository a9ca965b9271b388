"""The schema of the stores as numbered steps, one file each; a step that was released never changes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["load_migrations"]

_COMMENT: Final = "--"


@cache
def load_migrations(dialect: str) -> tuple[tuple[str, ...], ...]:
    """Give the statements of every step, in order: `0001_*.sql` first."""
    folder = files(__name__) / dialect
    steps = sorted(each.name for each in folder.iterdir() if each.name.endswith(".sql"))
    return tuple(_statements((folder / name).read_text(encoding="utf-8")) for name in steps)


def _statements(text: str) -> tuple[str, ...]:
    """Cut at semicolons, of which our statements hold none inside."""
    lines = (line for line in text.splitlines() if not line.startswith(_COMMENT))
    return tuple(part.strip() for part in "\n".join(lines).split(";") if part.strip())
