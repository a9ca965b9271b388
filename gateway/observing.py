"""The outermost side of the application: counts answers, writes the access log, and traces where it is asked to."""

from __future__ import annotations

import logging
import os
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final, Protocol

from gateway.logs import ACCESS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gateway.metrics import Metrics

__all__ = ["Observer", "Tracer", "tracer_of"]

_LOG: Final = logging.getLogger(__name__)
_REPLAYED: Final = b"idempotent-replayed"


class Tracer(Protocol):
    """Makes a span of a request."""

    def span(self, scope: Scope) -> AbstractContextManager[Any]:
        """Open while the request is answered."""
        ...


class Observer:
    """Watches an application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracer: Tracer | None = None) -> None:
        """Stand around an application."""
        self._app = app
        self._metrics = metrics
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        is_started = False

        async def tell(message: Message) -> None:
            nonlocal is_started
            if not is_started and message["type"] == "http.response.start":
                is_started = True
                self._count(scope, message, time.perf_counter() - begun)
            await send(message)

        try:
            with self._tracer.span(scope) if self._tracer is not None else _NOTHING:
                await self._app(scope, receive, tell)
        except Exception as error:
            # The application has answered it and written it to the log; only what it could not answer is news.
            if is_started:
                return
            _LOG.exception("%s failed", scope["path"], exc_info=error)
            raise

    def _count(self, scope: Scope, message: Message, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None)
        method, status = scope["method"], message["status"]
        is_replay = method == "POST" and any(name == _REPLAYED for name, _ in message.get("headers", ()))
        self._metrics.answered(method, route, status, seconds, is_replay=is_replay)
        if ACCESS.isEnabledFor(logging.INFO):
            ACCESS.info("%s %s %d %.1f ms", method, scope["path"], status, seconds * 1000)


_NOTHING: Final = nullcontext()


def tracer_of(environment: Mapping[str, str] = os.environ) -> Tracer | None:
    """The tracer that the environment asks for by `OTEL_...`, if the packages of OpenTelemetry are there."""
    if not any(name.startswith("OTEL_") for name in environment) or environment.get("OTEL_SDK_DISABLED") == "true":
        return None
    try:
        from gateway.tracing import OpenTelemetryTracer  # noqa: PLC0415 - only where it is asked for
    except ImportError as error:
        _LOG.warning('OTEL_... is set, but %s is missing; try: pip install "protogate[tracing]"', error.name)
        return None
    return OpenTelemetryTracer()
