"""How users stand in the legacy database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.slices.user.state import CATEGORY, IN_LEGACY, USER, User
from protogate.cqrs.messages import Outgoing, stream_name
from protogate.cqrs.replay import load

if TYPE_CHECKING:
    from protogate.cqrs.messages import StoredEvent
    from protogate.cqrs.ports import EventStore

__all__ = ["KEY", "TABLE", "is_first", "legacy_row", "present_row"]

TABLE: Final = "users"
KEY: Final = "id"
_DESTINATION: Final = "legacy"


def legacy_row(user_id: str, user: User, *, version: int) -> Outgoing:
    """The row of a user as it is after a version."""
    values = {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "age": user.age,
        "is_active": user.is_active,
    }
    return Outgoing(_DESTINATION, {"table": TABLE, "key": {KEY: user_id}, "version": version, "values": values})


def is_first(event: StoredEvent) -> bool:
    """Whether an event begins a user that the legacy database has to have."""
    return event.type == "UserCreated" and bool(event.metadata.get(IN_LEGACY, False))


async def present_row(store: EventStore, user_id: str) -> Outgoing | None:
    """The row of a user as it must be now; None where the legacy database has none of it."""
    loaded = await load(store, stream_name(CATEGORY, user_id), USER)
    return legacy_row(user_id, loaded.state, version=loaded.version) if loaded.state.is_in_legacy else None
