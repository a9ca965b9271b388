"""Stands before the gateway and decides who answers a request: the gateway itself, a slice, or the legacy application.

====================  ==================================================================================
a path of             goes to
====================  ==================================================================================
the gateway           the gateway: `/health`, `/delegation`, `/events` and so on, not `/` and `/favicon.ico`
a slice, planned      the legacy application
a slice, phase-1      the legacy application; the slice runs beside it
a slice, phase-2      the slice for its share of callers; for the others as in phase-1
a slice, live         the slice
nobody                the legacy application
====================  ==================================================================================
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.routing import WebSocketRoute, compile_path

from gateway.delegation.parity import Observation
from gateway.delegation.routing import is_among
from gateway.delegation.shadow import STATUS, request_text
from protogate.comparison import Difference

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gateway.delegation.phases import Phases, Standing
    from gateway.delegation.proxy import Proxy
    from gateway.delegation.routing import Hit, RouteTable
    from gateway.delegation.shadow import Shadows
    from gateway.delegation.websockets import WebSocketProxy

__all__ = ["Legacy", "OwnPaths", "Strangler"]

_LOG: Final = logging.getLogger(__name__)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FAILED: Final = 500
_EVERYBODYS: Final = frozenset({"/", "/favicon.ico"})
"""Paths that the legacy application has as well, and whose visitors come for it."""


class OwnPaths:
    """The paths of the gateway itself, with whatever method."""

    def __init__(self, routes: Iterable[BaseRoute], table: RouteTable) -> None:
        """Take the routes of an application, but those of slices and those that every application has."""
        self.table = table
        left_out = _EVERYBODYS | table.paths
        plain: set[tuple[str, str]] = set()
        patterns: list[tuple[str, re.Pattern[str]]] = []
        for route in routes:
            path = getattr(route, "path", None)
            if path is None or path in left_out:
                continue
            kind = "websocket" if isinstance(route, WebSocketRoute) else "http"
            if "{" in path:
                patterns.append((kind, compile_path(path)[0]))
            else:
                plain.add((kind, path))
        self._plain = frozenset(plain)
        self._patterns = tuple(patterns)

    def has(self, scope: Scope) -> bool:
        """Whether a route of the gateway is meant."""
        kind, path = scope["type"], scope["path"]
        return (kind, path) in self._plain or any(
            kind == wanted and pattern.match(path) for wanted, pattern in self._patterns
        )


class Legacy(NamedTuple):
    """The legacy application, seen from here."""

    proxy: Proxy
    websockets: WebSocketProxy
    shadows: Shadows
    """Runs slices beside it."""


class Strangler:
    """The ASGI application in front."""

    def __init__(
        self, app: ASGIApp, own: OwnPaths, phases: Phases, legacy: Legacy, caller: Callable[[Scope], str]
    ) -> None:
        """Stand before the gateway.

        Args:
            app: the gateway, its guard included.
            own: its own paths, and those of slices.
            phases: how far each slice has come.
            legacy: the legacy application.
            caller: names who sends a request, empty for nobody in particular.
        """
        self._app = _Hardened(app)
        self._own = own
        self._phases = phases
        self._proxy, self._websockets, self._shadows = legacy
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to whoever answers it."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket" and not self._own.has(scope):
            await self._websockets(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        hit = self._own.table.find(_asked_method(scope), scope["path"])
        if hit is None:
            await (self._app if self._own.has(scope) else self._proxy)(scope, receive, send)
            return
        standing = self._phases.get(hit.slice)
        if standing is None or standing.phase == "live":
            await self._app(_question(scope), receive, send)
        elif standing.phase == "phase-2" and is_among(hit.slice, self._who(scope, hit), standing.percent):
            await self._slice(scope, receive, send, hit, standing)
        else:
            await self._legacy(scope, receive, send, hit, standing)

    async def _legacy(self, scope: Scope, receive: Receive, send: Send, hit: Hit, standing: Standing) -> None:
        is_compared = standing.is_shadowed and scope["method"] != "OPTIONS"
        run = self._shadows.begin(scope, hit, standing.window) if is_compared else None
        await self._proxy(scope, receive, send, listener=run)

    async def _slice(self, scope: Scope, receive: Receive, send: Send, hit: Hit, standing: Standing) -> None:
        """Let the slice answer; a question that it fails to answer goes to the legacy application after all.

        A command is not sent to both: nobody knows what became of it when the slice failed.
        """
        if scope["method"] not in _SAFE or _has_body(scope) or hit.route.is_stream:
            await self._app(scope, receive, send)
            return
        attempt = _Attempt(send)
        try:
            await self._app(_question(scope), receive, attempt)
        except Exception:
            if attempt.is_passing:
                raise
            _LOG.exception("slice %s: %s failed", hit.slice, hit.name)
        if not attempt.is_passing:
            failure = Difference(STATUS, "value", None, attempt.status or _FAILED)
            self._shadows.record(
                Observation(hit.slice, hit.name, standing.window, request_text(scope, hit), (failure,))
            )
            await self._proxy(scope, receive, send)

    def _who(self, scope: Scope, hit: Hit) -> str:
        """Who or what stays on one side: the principal, else the aggregate in the path, else the address."""
        caller = self._caller(scope)
        if caller:
            return f"principal {caller}"
        first = next(iter(hit.parameters.values()), "")
        if first:
            return f"aggregate {first}"
        client = scope.get("client")
        return f"address {client[0] if client else ''}"


class _Hardened:
    """An application whose answers browsers must take for what they say they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"x-content-type-options", b"nosniff")]}
            await send(message)

        await self._app(scope, receive, tell if scope["type"] == "http" else send)


class _Attempt:
    """Passes an answer on, unless it is a failure."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.is_passing = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.is_passing = self.status < _FAILED
        if self.is_passing:
            await self._send(message)


def _asked_method(scope: Scope) -> str:
    """The method that matters: a preflight asks for another one."""
    if scope["method"] == "OPTIONS":
        for name, value in scope["headers"]:
            if name == b"access-control-request-method":
                return str(value.decode("latin-1"))
    return str(scope["method"])


def _question(scope: Scope) -> Scope:
    """`HEAD` as the `GET` that it is; the server leaves the body out."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


def _has_body(scope: Scope) -> bool:
    return any(
        (name == b"content-length" and value.strip() != b"0") or name == b"transfer-encoding"
        for name, value in scope["headers"]
    )
