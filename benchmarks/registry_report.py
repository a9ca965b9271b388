"""`docs/registry-benchmarks.md`: compatibility, the server and the store, measured in one run."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import compat_speed, registry_speed
from benchmarks.process import ROOT, measure, tool
from benchmarks.registry_speed import Goal
from benchmarks.registry_store import measure_store, render_store
from benchmarks.speed_report import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.compat_speed import Figures

__all__ = ["measure_registry"]

_EXAMPLE = ROOT / "examples" / "shop"
_CHECKS_A_SECOND = 15_000
_TIMES_BUF = 20


def measure_registry(rounds: int, say: Callable[[str], None]) -> tuple[str, bool]:
    """Measure everything about the registry; give the page and whether every goal is met."""
    say("compatibility")
    figures = compat_speed.measure(rounds=rounds)
    say("protogate registry check")
    check = _unchanged_check(rounds)
    rows = registry_speed.measure(say, rounds=rounds)
    say("store")
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as folder:
        store = measure_store(Path(folder))
    compat = [*_compat_goals(figures), _at_most("`protogate registry check`, nothing changed, wall", 0.4, check, "s")]
    server = registry_speed.goals(rows)
    page = "\n".join(
        [
            "# Benchmarks of the registry",
            "",
            f"Written by `python -m benchmarks registry` on {datetime.now(UTC):%Y-%m-%d}; {machine()}.",
            "",
            f"Figures are medians of {rounds} rounds; the servers take turns in every round. The trivial server is",
            "FastAPI and sqlite3 with one insert or select a request, the empty one answers a constant. All run as one",
            "worker, asked over eight connections by a process of its own on the same two cores. The rates were",
            "promised where the trivial server takes 5,650 registrations and 10,700 reads a second.",
            "",
            "## Compatibility",
            "",
            *_goal_table(compat),
            "",
            "## Server",
            "",
            registry_speed.render(rows, server).rstrip(),
            "",
            "## Store: SQLite, 100,000 versions",
            "",
            render_store(store),
            "",
        ]
    )
    return page, all(goal.met for goal in (*compat, *server))


def _compat_goals(figures: Figures) -> list[Goal]:
    ratio = figures.buf_wall_ms / figures.one_changed_wall_ms
    fast = figures.user_checks_a_second
    return [
        Goal(
            "FULL check of a small contract, loaded",
            f">= {_CHECKS_A_SECOND:,}/s",
            f"{fast:,.0f}/s",
            met=fast >= _CHECKS_A_SECOND,
        ),
        _at_most("1,000 messages from bytes to verdict, none changed", 25, figures.unchanged_ms, "ms"),
        _at_most("1,000 messages from bytes to verdict, one changed", 25, figures.one_changed_ms, "ms"),
        Goal("1,000 messages, every one changed", "-", f"{figures.all_changed_ms:.1f} ms", met=True),
        Goal(
            "the same with `buf breaking` on images / one changed",
            f">= {_TIMES_BUF} x",
            f"{ratio:.0f} x",
            met=ratio >= _TIMES_BUF,
        ),
        _at_most("a version against 100 others, FULL", 10, figures.transitive_ms, "ms"),
    ]


def _at_most(what: str, limit: float, measured: float, unit: str) -> Goal:
    return Goal(what, f"<= {limit:g} {unit}", f"{measured:.3g} {unit}", met=measured <= limit)


def _goal_table(goals: Sequence[Goal]) -> list[str]:
    rows = [f"| {g.what} | {g.promised} | {g.measured} | {'met' if g.met else 'missed'} |" for g in goals]
    return ["| goal | promised | measured | |", "|---|---|---|---|", *rows]


def _unchanged_check(rounds: int) -> float:
    """Seconds of the whole process in a repository whose contracts are registered as they are."""
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        repository = Path(name, "shop")
        shutil.copytree(_EXAMPLE, repository, ignore=shutil.ignore_patterns(".protogate", "generated"))
        command = [tool("protogate"), "registry"]
        measure([*command, "register"], cwd=repository)
        measure([*command, "check"], cwd=repository)
        return statistics.median(measure([*command, "check"], cwd=repository).wall for _ in range(2 * rounds + 1))
