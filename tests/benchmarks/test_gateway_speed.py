"""The benchmark of the gateway runs; what it measures is for `doit bench` to say."""

from __future__ import annotations

import re

import pytest

from benchmarks.gateway_figures import Part, at_least, at_most, median_ratio, render_part
from benchmarks.gateway_report import measure_gateway


@pytest.mark.postgres
@pytest.mark.slow
def test_every_goal_is_measured_and_judged() -> None:
    said: list[str] = []
    page, met = measure_gateway(1, said.append, scale=0.01)
    goals = re.findall(r"^\| (T\d+|/health).* \| (met|missed) \|$", page, re.MULTILINE)
    assert {name for name, _ in goals} == {*(f"T{number}" for number in range(1, 14)), "/health"}
    assert met == all(result == "met" for _, result in goals)
    for heading in ("Commands and queries over HTTP", "Event stores", "Event streams, and the end", "Search"):
        assert f"## {heading}" in page
    # Losing something is no matter of how fast a machine is.
    for what in ("acknowledged commands that were lost", "events that a reader behind them missed"):
        assert re.search(rf"{what} \| <= 0 \w+ \| 0 \w+ \| met", page)


def test_a_ratio_is_that_of_the_middle_round() -> None:
    assert median_ratio([10, 1, 6], [10, 10, 10]) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("measured", "is_enough", "is_low"), [(0.4, False, True), (0.5, True, True), (0.6, True, False)]
)
def test_a_goal_is_met_from_its_limit_on(measured: float, is_enough: bool, is_low: bool) -> None:  # noqa: FBT001 - a table
    assert at_least("x", 0.5, measured).met is is_enough
    assert at_most("x", 0.5, measured).met is is_low


def test_a_part_shows_what_was_missed() -> None:
    part = Part("Title", "Text.", [at_least("fast", 2, 1.5)], ("what", "rate"), [("a", "1")])
    assert render_part(part) == [
        "## Title",
        "",
        "Text.",
        "",
        "| goal | promised | measured |  |",
        "|---|---|---|---|",
        "| fast | >= 2 x | 1.50 x | missed |",
        "",
        "| what | rate |",
        "|---|---|",
        "| a | 1 |",
        "",
    ]
