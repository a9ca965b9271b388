"""Spans of requests by OpenTelemetry, which reads its own settings from the environment (`OTEL_...`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind

from protogate import __version__

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from starlette.types import Scope

__all__ = ["OpenTelemetryTracer"]

_NAME: Final = "protogate.gateway"


class OpenTelemetryTracer:
    """Makes spans; what becomes of them the SDK decides, if one is installed."""

    def __init__(self) -> None:
        """Start the SDK if it is there and nobody did."""
        _start_sdk()
        self._tracer = trace.get_tracer(_NAME, __version__)

    def span(self, scope: Scope) -> AbstractContextManager[Any]:
        """Open while a request is answered; a child of the span that its `traceparent` names."""
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return self._tracer.start_as_current_span(
            f"{scope['method']} {scope['path']}",
            context=propagate.extract(carrier),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": scope["method"], "url.path": scope["path"]},
        )


def _start_sdk() -> None:
    """Configure the SDK by its own entry point, as `opentelemetry-instrument` does."""
    try:
        from opentelemetry.sdk._configuration import (  # type: ignore[import-not-found]  # noqa: PLC0415 - may be missing
            _initialize_components,
        )
    except ImportError:
        return
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        _initialize_components()
