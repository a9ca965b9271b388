"""`docs/cross-check-benchmarks.md`: how long the cross-check takes, and how much of real models it reads."""

from __future__ import annotations

import os
import statistics
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cross_check_project import CONTRACTS, write_project
from benchmarks.process import measure, tool
from benchmarks.speed_report import machine
from protogate.crosscheck.memory import MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["measure_cross_check"]

_CHECK = ("codegen", "registry", "contracts", "--cross-check-pydantic")
_IMPORT = """
import importlib, pathlib
from pydantic import BaseModel
for path in sorted(pathlib.Path("services").glob("*.py")):
    module = importlib.import_module(f"services.{path.stem}")
    for one in list(vars(module).values()):
        if isinstance(one, type) and issubclass(one, BaseModel) and one.__module__ == module.__name__:
            one.model_json_schema(mode="validation"), one.model_json_schema(mode="serialization")
"""
"""The same question asked at run time: import everything, let pydantic tell."""


@dataclass(frozen=True, slots=True)
class _Row:
    what: str
    wall: float
    cpu: float
    limit: float | None = None

    @property
    def met(self) -> bool:
        """Whether it stays below its limit."""
        return self.limit is None or self.wall <= self.limit


def measure_cross_check(rounds: int, say: Callable[[str], None]) -> tuple[str, bool]:
    """Measure everything; give the section of the page and whether every limit is kept."""
    rows = [_timed("`python -c pass`", [tool("python"), "-c", "pass"], Path.cwd(), rounds)]
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        for modules, limit in ((10, 0.5), (500, 1.0)):
            say(f"cross-check: {CONTRACTS} contracts over {modules} modules")
            rows += _project(Path(name, str(modules)), modules, limit, rounds)
    return "\n".join(_page(rows, rounds)), all(row.met for row in rows)


def _project(root: Path, modules: int, limit: float, rounds: int) -> list[_Row]:
    root.mkdir()
    write_project(root, modules)
    command = [tool("protogate"), *_CHECK]
    measure(command, cwd=root)
    check = [*command, "--check"]
    size = f"{CONTRACTS} contracts, {modules} modules"
    python = [tool("python"), "-c", _IMPORT]
    ruff = [tool("ruff"), "check", "--no-cache", "--exit-zero", "--quiet", "services"]
    mypy = ["sh", "-c", f"{tool('mypy')} --no-incremental --cache-dir={os.devnull} services || true"]
    return [
        _timed(f"{size}: nothing remembered", check, root, rounds, limit, forget=True),
        _timed(f"{size}: nothing changed", check, root, rounds, 0.25),
        _timed(f"{size}: `ruff check`, no cache", ruff, root, rounds),
        _timed(f"{size}: imported, asked of pydantic", python, root, min(rounds, 3)),
        _timed(f"{size}: `mypy`, no cache", mypy, root, 1),
    ]


def _timed(  # noqa: PLR0913 - what, how, where, how often, how long
    what: str,
    command: Sequence[str],
    root: Path,
    rounds: int,
    limit: float | None = None,
    *,
    forget: bool = False,
) -> _Row:
    costs = []
    for _ in range(rounds):
        if forget:
            (root / MEMORY).unlink(missing_ok=True)
        costs.append(measure(command, cwd=root))
    wall = statistics.median(one.wall for one in costs)
    cpu = statistics.median(one.cpu for one in costs)
    return _Row(what, wall, cpu, limit)


def _page(rows: Sequence[_Row], rounds: int) -> list[str]:
    load = os.getloadavg()[1]
    return [
        "# Benchmarks of the contract cross-check",
        "",
        f"Written by `python -m benchmarks cross-check` on {datetime.now(UTC):%Y-%m-%d}; {machine()};",
        f"{load:.1f} processes wanted to run at a time: where that is more than the cores, wall times say little.",
        "",
        "## Speed",
        "",
        f"`protogate codegen registry contracts --check --cross-check-pydantic`, whole process, medians of {rounds}",
        f"rounds (three where everything is imported, one of mypy). Each of the {CONTRACTS} contracts has code of its",
        "own: a route with the models that it takes and returns, or an event and the function that makes it. The",
        "others answer other questions about the same modules: they show scale, not who is better.",
        "",
        "| what | wall s | CPU s | wall at most | |",
        "|---|---|---|---|---|",
        *map(_line, rows),
    ]


def _line(row: _Row) -> str:
    limit = "" if row.limit is None else f"{row.limit:g}"
    verdict = "" if row.limit is None else "met" if row.met else "missed"
    return f"| {row.what} | {row.wall:.3f} | {row.cpu:.3f} | {limit} | {verdict} |"
