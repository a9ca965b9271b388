"""`docs/discovery-benchmarks.md`: how fast the discovery is, and how often it is right, measured in one run."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.discovery_figures import render_section
from benchmarks.discovery_flat import flat_section
from benchmarks.discovery_samples import precision_section
from benchmarks.discovery_speed import python_section, web_section
from benchmarks.discovery_truth import truth_section
from benchmarks.speed_report import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.discovery_figures import Section

__all__ = ["TITLES", "measure_discovery", "page"]

TITLES = ("Speed: Python", "Speed: TypeScript", "Ground truth", "A flattened monolith", "Precision, by hand")
"""Of the sections, in their order."""


def measure_discovery(rounds: int, say: Callable[[str], object]) -> tuple[str, bool]:
    """Measure everything about the discovery; give the page and whether every limit is kept."""
    sections = [python_section(rounds, say), web_section(rounds, say), truth_section(say), flat_section(say)]
    sections.append(precision_section())
    return page(sections), all(goal.met for one in sections for goal in one.goals)


def page(sections: Sequence[Section]) -> str:
    """Return the page."""
    tools = f"protogate {version('protogate')}, networkx {version('networkx')}"
    lines = [
        "# Benchmarks of the discovery",
        "",
        f"Written by `python -m benchmarks discovery` on {datetime.now(UTC):%Y-%m-%d}; {machine()};",
        f"{tools}; {os.getloadavg()[1]:.1f} processes wanted to run at a time:",
        "where that is more than the cores, wall times say little.",
        "",
    ]
    for section in sections:
        lines += render_section(section)
    return "\n".join(lines)
