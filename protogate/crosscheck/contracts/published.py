"""The published JSON Schemas of contracts: for editors, and for tools that do not run Protogate."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protogate.crosscheck.contracts.validate import Word

__all__ = ["schema_path", "schema_text"]


def schema_path(word: Word) -> str:
    """Return the file that holds the schema of commands, queries or events; it needs no other file."""
    return os.path.join(os.path.dirname(__file__), "schemas", f"{word}.schema.json")


def schema_text(word: Word) -> str:
    """Return the schema of commands, queries or events."""
    with open(schema_path(word), encoding="utf-8") as file:
        return file.read()
