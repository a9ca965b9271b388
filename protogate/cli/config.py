"""`protogate config`: hands over to the gateway, which knows its own settings beside those of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate._apps import become_app

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Become the gateway's command."""
    return become_app("gateway", [command, *arguments])
