"""The slice `user`, as the gateway mounts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway._gen.user.v1.user_routes import ROUTES, user_command_service_router, user_query_service_router
from gateway.slices.user.handlers import UserCommands, UserQueries
from protogate.slices import Slice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from protogate.http import Runtime
    from protogate.slices import Resources

__all__ = ["SLICE"]


def _mount(runtime: Runtime, _resources: Resources) -> Sequence[APIRouter]:
    return (
        user_command_service_router(UserCommands(), runtime),
        user_query_service_router(UserQueries(), runtime),
    )


SLICE: Final = Slice(
    name="user",
    phase="live",
    routes=ROUTES,
    mount=_mount,
    read_models=("events",),
    smoke_checks=("GET /health/modules/user",),
    transports=("http", "ws", "sse"),
)
