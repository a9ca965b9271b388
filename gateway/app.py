"""The ASGI application, put together of its parts; nothing is opened here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import WebSocketRoute

from protogate import __version__
from protogate.http import install_problems
from protogate.http.openapi import install_openapi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from protogate.http import Runtime

__all__ = ["SEARCH_PAGE", "make_app"]

SEARCH_PAGE: Final = "/static/search_v2.html"


def make_app(runtime: Runtime, routers: Iterable[APIRouter], websocket: ASGIApp) -> FastAPI:
    """Make the application.

    Args:
        runtime: describes the routes of contracts.
        routers: first match wins.
        websocket: answers at `/ws`.
    """
    app = FastAPI(
        title="Protogate gateway",
        version=__version__,
        description="Commands and queries of slices, and the events behind them.",
        redirect_slashes=False,
        # Their pages would run scripts of another host beside our own.
        docs_url=None,
        redoc_url=None,
    )
    for router in routers:
        # Not `include_router`, which would look through each router for each request.
        app.router.routes.extend(router.routes)
    app.router.routes.append(WebSocketRoute("/ws", websocket, name="ws"))

    async def home(_request: Request) -> RedirectResponse:
        return RedirectResponse(SEARCH_PAGE, 307)

    app.add_route("/", home, include_in_schema=False)
    install_problems(app)
    install_openapi(app, runtime)
    return app
