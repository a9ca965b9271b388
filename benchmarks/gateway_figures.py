"""What the benchmarks of the gateway have in common: figures, goals and their tables."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.registry_speed import Goal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.http_load import Load

__all__ = ["Part", "at_least", "at_most", "load_table", "median_ratio", "render_part"]


class Part(NamedTuple):
    """One part of the page."""

    title: str
    text: str
    """How it was measured."""
    goals: list[Goal]
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


def median_ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the ratios of each round, whose halves saw the same moment."""
    return statistics.median(mine / theirs for mine, theirs in zip(ours, floor, strict=True))


def at_least(what: str, limit: float, measured: float, unit: str = "x") -> Goal:
    """A goal that is met from a figure on."""
    return Goal(what, f">= {limit:,g} {unit}".rstrip(), f"{_shown(measured)} {unit}".rstrip(), met=measured >= limit)


def at_most(what: str, limit: float, measured: float, unit: str = "x") -> Goal:
    """A goal that is met up to a figure."""
    return Goal(what, f"<= {limit:,g} {unit}".rstrip(), f"{_shown(measured)} {unit}".rstrip(), met=measured <= limit)


def load_table(loads: Mapping[str, Load]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of what a load generator saw."""
    rows: list[tuple[str, ...]] = [
        (what, f"{load.rate:,.0f}", f"{load.p50:.2f}", f"{load.p99:.2f}", f"{load.cpu:,.0f}")
        for what, load in loads.items()
    ]
    return ("what", "requests/s", "p50 ms", "p99 ms", "server CPU us"), rows


def render_part(part: Part) -> list[str]:
    """The lines of a part of the page."""
    goals = [("goal", "promised", "measured", "")]
    goals += [(one.what, one.promised, one.measured, "met" if one.met else "missed") for one in part.goals]
    return [f"## {part.title}", "", part.text, "", *_table(goals), "", *_table([part.header, *part.rows]), ""]


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]


def _shown(value: float) -> str:
    is_whole = value >= 100 or value == int(value)  # noqa: PLR2004 - three digits say enough
    return f"{value:,.0f}" if is_whole else f"{value:.2f}"
