"""What the sections of the discovery's benchmarks have in common: goals, tables, and how they are written."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.registry_speed import Goal

__all__ = ["Section", "middle_and_least", "render_section"]


class Section(NamedTuple):
    """One section of the page."""

    title: str
    text: str
    """How it was measured."""
    goals: tuple[Goal, ...]
    """What was promised; a section may promise nothing."""
    tables: tuple[Sequence[tuple[str, ...]], ...]
    """Each with its header first."""


def render_section(section: Section) -> list[str]:
    """Return the lines of a section."""
    lines = [f"## {section.title}", "", section.text, ""]
    if section.goals:
        rows = [(one.what, one.promised, one.measured, "met" if one.met else "missed") for one in section.goals]
        lines += [*_table([("goal", "limit", "measured", "verdict"), *rows]), ""]
    for table in section.tables:
        lines += [*_table(table), ""]
    return lines


def middle_and_least(values: Sequence[float]) -> str:
    """Return the median, and the least where it is another."""
    middle, least = f"{statistics.median(values):.2f}", f"{min(values):.2f}"
    return middle if middle == least else f"{middle} (least {least})"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]
