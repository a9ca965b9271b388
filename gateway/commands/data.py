"""Opens what a gateway keeps, for commands that look at it or put it right."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from protogate.errors import UserError

if TYPE_CHECKING:
    from gateway.settings import Settings
    from protogate.cqrs.ports import EventStore

__all__ = ["open_present_store"]


async def open_present_store(settings: Settings) -> EventStore:
    """Open an event store that exists: a name that was mistyped must not pass as an empty one.

    Raises:
        UserError: there is none, or it cannot be opened.
    """
    from gateway.wiring import open_store

    _check_present(settings.database)
    return await open_store(settings.database)


def _check_present(database: str) -> None:
    path = database.removeprefix("sqlite:///")
    if "://" not in path and not os.path.isfile(path):
        raise UserError(f"{path}: there is no event store; name its place by --data-dir or --db")
