"""What the gateway counts, for Prometheus. Labels are bound once; to count costs a microsecond.

With several workers the counters of all stand in files that `PROMETHEUS_MULTIPROC_DIR` names, and whichever worker is
asked answers for all.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogate.http import Route

__all__ = ["CONTENT_TYPE", "MULTIPROCESS", "Metrics"]

MULTIPROCESS: Final = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SPACE: Final = "protogate_gateway"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_NO_ROUTE: Final = "(none)"
_OUTCOMES: Final = {404: "unknown", 409: "conflict", 412: "conflict", 401: "forbidden", 403: "forbidden"}


class _Bound(NamedTuple):
    """What is counted when a request to a route was answered with a status."""

    requests: Counter
    seconds: Histogram
    commands: Counter | None


class Metrics:
    """Counters of one process."""

    def __init__(self) -> None:
        """Start at zero."""
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            namespace=_SPACE,
            registry=registry,
        )
        self._seconds = Histogram(
            "request_seconds",
            "Seconds until an answer began.",
            ("method", "route"),
            namespace=_SPACE,
            buckets=_BUCKETS,
            registry=registry,
        )
        self._commands = Counter(
            "commands", "Commands by what became of them.", ("route", "outcome"), namespace=_SPACE, registry=registry
        )
        self.position = self._gauge("position", "Of the newest event.", "mostrecent")
        self.read_models = self._gauge("read_model_position", "Of the last event it knows.", "mostrecent", "read_model")
        self.outbox = self._gauge("outbox_entries", "That another system has to hear.", "mostrecent", "destination")
        self.lag = self._gauge("outbox_lag_seconds", "Since when the oldest waits.", "mostrecent", "destination")
        self.dead = self._gauge("outbox_dead_letters", "That it refused.", "mostrecent", "destination")
        self.listeners = self._gauge("listeners", "Who hear events as they happen.", "livesum")
        self.events = self._gauge("events_followed", "Events that a process told its listeners of.", "livemax")
        self.store_failures = Counter(
            "store_failures", "How often the store could not be asked.", namespace=_SPACE, registry=registry
        )
        self._bound: dict[tuple[str, str, int, bool], _Bound] = {}
        self._command_paths: frozenset[str] = frozenset()

    def know(self, routes: Iterable[Route]) -> None:
        """Count commands at these routes."""
        self._command_paths |= {route.path for route in routes if route.side == "command"}

    def answered(self, method: str, route: str | None, status: int, seconds: float, *, is_replay: bool = False) -> None:
        """Count an answer."""
        name = method, route or _NO_ROUTE, status, is_replay
        bound = self._bound.get(name)
        if bound is None:
            bound = self._bound[name] = self._bind(*name)
        bound.requests.inc()
        bound.seconds.observe(seconds)
        if bound.commands is not None:
            bound.commands.inc()

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        if MULTIPROCESS not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)

    def _bind(self, method: str, route: str, status: int, is_replay: bool) -> _Bound:  # noqa: FBT001 - a part of a key
        # Anybody can send a method that nobody knows: it must not make a series of its own.
        known = method if method in _METHODS else "other"
        return _Bound(
            self._requests.labels(known, route, str(status)),
            self._seconds.labels(known, route),
            self._commands.labels(route, _outcome(status, is_replay=is_replay))
            if route in self._command_paths
            else None,
        )

    def _gauge(self, name: str, text: str, mode: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, namespace=_SPACE, registry=self._registry, multiprocess_mode=mode)  # type: ignore[arg-type]


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _outcome(status: int, *, is_replay: bool) -> str:
    if status < 300:  # noqa: PLR2004 - a status
        return "replayed" if is_replay else "done"
    if status >= 500:  # noqa: PLR2004 - a status
        return "unavailable" if status == 503 else "failed"  # noqa: PLR2004 - a status
    return _OUTCOMES.get(status, "invalid")
