"""How far the legacy database is behind, from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotations of endpoints
from starlette.responses import Response

from gateway.routes.direct import DirectRoute

if TYPE_CHECKING:
    from gateway.relay import Relay

__all__ = ["legacy_router"]

_UNAVAILABLE: Final = {
    "description": "Cannot be done right now",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def legacy_router(relay: Relay) -> APIRouter:
    """Serve `/health/legacy`: 200 whatever the state, as other databases are no reason to restart this process."""
    router = APIRouter(route_class=DirectRoute)

    async def health_legacy(_: Request) -> Response:
        status = await relay.status()
        # Reasons of failures may name values of rows: they are for the log and the command line.
        document = {
            "status": "degraded" if status.dead or status.failures or status.holder is None else "ok",
            "legacy": "pending" if status.waiting else "applied",
            "waiting": status.waiting,
            "lag_seconds": round(status.lag_seconds, 3),
            "dead_letters": status.dead,
            "relay": "none" if status.holder is None else "this process" if status.is_ours else "another process",
        }
        return Response(orjson.dumps(document), media_type="application/json")

    router.add_api_route(
        "/health/legacy",
        health_legacy,
        methods=["GET"],
        summary="Says how far the legacy database is behind.",
        operation_id="health_legacy",
        response_model=None,
        openapi_extra={"tags": ["health"], "responses": {"503": _UNAVAILABLE}},
    )
    return router
