"""The user slice, as the gateway mounts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway._gen.user.v1.user_routes import ROUTES, user_command_service_router, user_query_service_router
from gateway.slices.user.handlers import UserCommands, UserQueries
from protogate.slices import Slice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from protogate.http import Runtime
    from protogate.slices import Resources

__all__ = ["SLICE"]


def _mount(runtime: Runtime, resources: Resources) -> Sequence[APIRouter]:  # noqa: ARG001 - events are all it needs
    return (
        user_command_service_router(UserCommands(), runtime),
        user_query_service_router(UserQueries(), runtime),
    )


SLICE = Slice(
    name="user",
    phase="live",
    routes=ROUTES,
    mount=_mount,
    read_models=("events",),
    transports=("http", "ws", "sse"),
    smoke_checks=(
        "GET /queries/user/absent -> 404 type, title, status, detail",
        (
            'POST /commands/user/create {"email": "smoke-{unique}@example.com", "first_name": "A", "last_name": "B"}'
            " -> 201 id, event_id, version, state, position"
        ),
        "GET /events?limit=1",
        "GET /events/stream",
    ),
)
