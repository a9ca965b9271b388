"""`protogate gateway`: hands over to the gateway, which runs as a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate._apps import become_app

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(_command: str, arguments: Sequence[str]) -> int:
    """Become the gateway."""
    return become_app("gateway", arguments)
