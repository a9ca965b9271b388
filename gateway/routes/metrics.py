"""`/metrics`, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotations of endpoints
from starlette.responses import PlainTextResponse, Response

from gateway.metrics import CONTENT_TYPE
from gateway.routes.direct import DirectRoute
from protogate.cqrs.errors import CqrsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.health import Readiness
    from gateway.hub import Hub
    from gateway.metrics import Metrics
    from gateway.security import Access
    from protogate.cqrs.ports import EventStore
    from protogate.slices import ReadModel

__all__ = ["metrics_router"]

_LEGACY = "legacy"


def metrics_router(  # noqa: PLR0913 - all that is counted
    metrics: Metrics,
    *,
    store: EventStore,
    hub: Hub,
    readiness: Readiness,
    read_models: Mapping[str, ReadModel],
    access: Access,
    dead_letters: Callable[[str], Awaitable[int]],
) -> APIRouter:
    """Serve what was counted, with what can be seen of the store right now."""
    router = APIRouter(route_class=DirectRoute)

    async def counted(request: Request) -> Response:
        access.check(request.scope, "metrics", "read")
        metrics.listeners.set(hub.count)
        metrics.events.set(hub.told)
        try:
            metrics.position.set(await store.position())
            count, seconds = await readiness.lag()
            metrics.outbox.labels(_LEGACY).set(count)
            metrics.lag.labels(_LEGACY).set(seconds)
            metrics.dead.labels(_LEGACY).set(await dead_letters(_LEGACY))
            for name, model in read_models.items():
                metrics.read_models.labels(name).set(await model.position())
        except CqrsError:
            # A store that cannot answer must not hide what was counted: the last values stay.
            metrics.store_failures.inc()
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    router.add_api_route(
        "/metrics",
        counted,
        methods=["GET"],
        summary="Gives what was counted, for Prometheus.",
        operation_id="metrics",
        response_model=None,
        openapi_extra={"tags": ["health"]},
        response_class=PlainTextResponse,
    )
    return router
