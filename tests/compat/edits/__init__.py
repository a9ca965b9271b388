"""Random edits of a contract: each takes a set of file descriptors and changes one thing, or finds nothing to change.

An edit keeps what depends on it whole (references, imports, oneof indexes), so that the text printed from the edited
descriptors compiles.
"""

from __future__ import annotations

# Each module makes its edits known when it is imported; their order is part of what a seed means.
from tests.compat.edits import fields, oneofs, enums, messages, extensions, services, files  # isort: skip
from tests.compat.edits.contract import EDITS, Contract, Edit, Unfit

__all__ = [
    "EDITS",
    "Contract",
    "Edit",
    "Unfit",
    "enums",
    "extensions",
    "fields",
    "files",
    "messages",
    "oneofs",
    "services",
]
