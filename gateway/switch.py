"""Finds the endpoint of a request by tables, without a walk through all routes and layers of the framework.

Only routes whose endpoints need nothing of the framework are found here (`DirectRoute`); everything else, and every
method that a route does not know, is left to the application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from gateway.routes.direct import DirectRoute
from protogate.http.problems import answer_error

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send

__all__ = ["Switch"]


class Switch:
    """An ASGI application before another."""

    def __init__(self, app: Starlette) -> None:
        """Know the direct routes of an application, which must have all of them."""
        self._app = app
        self._exact: dict[tuple[str, str], DirectRoute] = {}
        self._below: dict[str, list[tuple[str, DirectRoute]]] = {}
        for route in app.routes:
            if not isinstance(route, DirectRoute):
                continue
            prefix, brace, _ = route.path.partition("{")
            for method in route.methods or ():
                if brace:
                    self._below.setdefault(method, []).append((prefix, route))
                else:
                    self._exact.setdefault((method, route.path), route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        route = self._find(scope) if scope["type"] == "http" and not scope.get("root_path") else None
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        scope["app"] = self._app
        is_started = False
        request = Request(scope, receive, send)
        try:
            response = await route.endpoint(request)
            is_started = True
            await response(scope, receive, send)
        except Exception as error:
            if is_started:
                raise
            await answer_error(request, error)(scope, receive, send)

    def _find(self, scope: Scope) -> DirectRoute | None:
        method, path = scope["method"], scope["path"]
        if method == "HEAD":
            # The same headers; the server leaves the body out.
            method = "GET"
        route = self._exact.get((method, path))
        if route is not None:
            scope["path_params"] = {}
            return route
        for prefix, candidate in self._below.get(method, ()):
            if path.startswith(prefix):
                match = candidate.path_regex.match(path)
                if match is not None:
                    convertors = candidate.param_convertors
                    scope["path_params"] = {
                        name: convertors[name].convert(text) for name, text in match.groupdict().items()
                    }
                    return candidate
        return None
