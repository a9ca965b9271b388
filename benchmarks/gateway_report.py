"""`docs/gateway-benchmarks.md`: commands, queries, stores, streams and search of the gateway, measured in one run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.gateway_figures import render_part
from benchmarks.gateway_http import measure_http
from benchmarks.gateway_search import measure_search
from benchmarks.gateway_stores import measure_stores
from benchmarks.gateway_streams import measure_streams
from benchmarks.speed_report import machine

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["measure_gateway"]


def measure_gateway(rounds: int, say: Callable[[str], object], *, scale: float = 1.0) -> tuple[str, bool]:
    """Measure everything about the gateway; give the page and whether every goal is met."""
    parts = [
        measure(say, rounds=rounds, scale=scale)
        for measure in (measure_http, measure_stores, measure_streams, measure_search)
    ]
    quick = "" if scale == 1 else f" A quick look at {scale:g} of the load."
    page = [
        "# Benchmarks of the gateway",
        "",
        f"Written by `python -m benchmarks gateway` on {datetime.now(UTC):%Y-%m-%d}; {machine()}.{quick}",
        "",
        f"Figures are medians of {rounds} rounds. In every round the floors and the gateway take turns, and a ratio is",
        "the median of the ratios of the rounds, so that a busy moment strikes both halves. The gateway runs as one",
        "worker with its defaults: metrics on, `synchronous = FULL`. Load comes from a process of its own on the same",
        "cores. CPU is that of the server, and what a busy machine disturbs least.",
        "",
    ]
    for part in parts:
        page += render_part(part)
    return "\n".join(page), all(goal.met for part in parts for goal in part.goals)
