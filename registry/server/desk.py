"""What every handler works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.ports import Store
    from registry.service import Registry

__all__ = ["Desk"]


@dataclass(frozen=True, slots=True)
class Desk:
    """The registry, the store below it for lists that need no verdict, and who we are."""

    registry: Registry
    store: Store
    program_version: str
