"""Renders what the benchmark measured as a page of documentation."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.contenders import PARSE_ONLY
from benchmarks.process import NODE, tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.build_graph import BuildTimes
    from benchmarks.speed import Series, SpeedResult

__all__ = ["Goal", "goals", "machine", "render"]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that we promise."""

    what: str
    limit: float
    unit: str
    measured: float | None

    @property
    def met(self) -> bool:
        """Whether the measured figure keeps the limit."""
        return self.measured is not None and self.measured <= self.limit


def render(results: Sequence[SpeedResult], build: BuildTimes | None, goals: Sequence[Goal], command: str) -> str:
    """The page: goals first, then the tables of each corpus."""
    parts = [_introduction(command), _goals(goals)]
    parts += [_corpus(result) for result in results]
    parts += [_build(build)] if build else []
    return "\n\n".join(parts) + "\n"


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _introduction(command: str) -> str:
    tools = ", ".join(
        [
            f"protogate {version('protogate')}",
            f"protobuf {version('protobuf')}",
            f"buf {_said([tool('buf'), '--version'])}",
            f"node {_said([tool('node'), '--version'])}",
        ]
    )
    return f"""# Benchmarks

Written by `{command}` on {datetime.now(UTC):%Y-%m-%d}; {machine()}; {tools}.

Every plugin runs in turn, round after round, through `buf generate IMAGE` with `strategy: all` into an empty folder.
Figures are medians over the runs in column *n*; wall and CPU are seconds of the whole process tree, peak is the
largest process. *null* answers nothing and shows what buf itself costs; *parse-only* is a Python plugin that parses the
request and answers nothing. The peers write other things than Protogate does (messages, not models of them): they
show scale, not who is better. *protogate-grpc* is Google's own compiler behind the plugin protocol: it is measured, and
the goals speak of the other four."""


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=NODE).stdout.strip()


def _goals(goals: Sequence[Goal]) -> str:
    rows = [
        f"| {goal.what} | {goal.limit:g} {goal.unit} | {_figure(goal)} | {'yes' if goal.met else 'NO'} |"
        for goal in goals
    ]
    return "\n".join(["## Goals", "", "| figure | at most | measured | met |", "|---|---|---|---|", *rows])


def _figure(goal: Goal) -> str:
    return "not measured" if goal.measured is None else f"{goal.measured:.3g} {goal.unit}"


def _corpus(result: SpeedResult) -> str:
    corpus = result.corpus
    title = f"## {corpus.name.capitalize()}: {corpus.package}, {corpus.files} files, {result.fields:,} fields"
    head = "| plugin | n | wall s | CPU s | peak MB | alone: CPU s | alone: peak MB |"
    rows = [_row(name, series, result.alone.get(name)) for name, series in result.under_buf.items()]
    return "\n".join([title, "", head, "|---|---|---|---|---|---|---|", *rows])


def _row(name: str, series: Series, alone: Series | None) -> str:
    if not series.runs:
        return f"| {name} | 0 | failed | | | | |"
    figures = f"| {name} | {len(series.runs)} | {series.wall:.2f} | {series.cpu:.2f} | {series.peak / 1e6:,.0f}"
    if alone is None or not alone.runs:
        return f"{figures} | | |"
    return f"{figures} | {alone.cpu:.2f} | {alone.peak / 1e6:,.0f} |"


def _build(build: BuildTimes) -> str:
    return f"""## The build graph: `doit` over {build.files} contracts, five targets

| run | n | wall s |
|---|---|---|
| everything from nothing | 1 | {build.everything:.2f} |
| nothing to do | {build.rounds} | {build.nothing:.2f} |
| one leaf changed (`{build.leaf_name}`) | {build.rounds} | {build.leaf:.2f} |"""


def goals(results: Sequence[SpeedResult], build: BuildTimes | None) -> list[Goal]:
    """The promised figures, for the slowest of our plugins where they speak of one plugin."""
    by_name = {result.corpus.name: result for result in results}
    found: list[Goal] = []
    if "large" in by_name:
        large = by_name["large"]
        found += [
            Goal("large: slowest protogate plugin / protoc-gen-py, wall", 0.10, "x", _versus(large, "protoc-gen-py")),
            Goal("large: slowest protogate plugin / protoc-gen-es, wall", 0.05, "x", _versus(large, "protoc-gen-es")),
            Goal("large: slowest protogate plugin alone / parse-only alone, CPU", 8, "x", _over_parsing(large)),
            Goal("large: largest protogate plugin alone, peak", 1.5, "GB", _peak(large)),
        ]
    if "medium" in by_name:
        medium = by_name["medium"]
        found.append(
            Goal("medium: slowest protogate plugin / protoc-gen-es, wall", 0.35, "x", _versus(medium, "protoc-gen-es"))
        )
    if {"medium", "large"} <= by_name.keys():
        medium, large = by_name["medium"], by_name["large"]
        ratio = large.fields / medium.fields
        found.append(Goal("CPU of large / CPU of medium, per field", 1.3, "x", _growth(medium, large, ratio)))
    if build:
        found.append(Goal(f"doit with nothing to do, {build.files} contracts", 0.5, "s", build.nothing))
        found.append(Goal(f"doit after one leaf changed, {build.files} contracts", 1.5, "s", build.leaf))
    return found


def _ours(series: dict[str, Series]) -> list[Series]:
    """Our own generators; the gRPC one is Google's compiler behind our protocol and is measured, not promised."""
    return [
        one for one in series.values() if one.contender.ours and one.runs and not one.contender.name.endswith("grpc")
    ]


def _versus(result: SpeedResult, peer: str) -> float | None:
    theirs = result.under_buf.get(peer)
    ours = _ours(result.under_buf)
    return max(one.wall for one in ours) / theirs.wall if theirs and theirs.runs and ours else None


def _over_parsing(result: SpeedResult) -> float | None:
    ours = _ours(result.alone)
    return max(one.cpu for one in ours) / result.alone[PARSE_ONLY].cpu if ours else None


def _peak(result: SpeedResult) -> float | None:
    ours = _ours(result.alone)
    return max(one.peak for one in ours) / 1e9 if ours else None


def _growth(medium: SpeedResult, large: SpeedResult, ratio: float) -> float | None:
    small_runs = {one.contender.name: one.cpu for one in _ours(medium.alone)}
    ratios = [one.cpu / small_runs[one.contender.name] / ratio for one in _ours(large.alone)]
    return max(ratios, default=None)
