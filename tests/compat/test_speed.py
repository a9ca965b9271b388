"""What compat may cost. The limits are far from the figures of a quiet machine (docs/benchmarks.md): a test that
fails must mean that the code got slower, not that the machine was busy. The ratio to buf is of one run and is exact."""

from __future__ import annotations

import pytest

from benchmarks.compat_speed import Figures, measure


@pytest.fixture(scope="module")
def figures() -> Figures:
    return measure(rounds=5)


def test_a_small_contract_is_checked_thousands_of_times_a_second(figures: Figures) -> None:
    assert figures.user_checks_a_second >= 4_000


def test_a_thousand_messages_take_milliseconds(figures: Figures) -> None:
    assert figures.unchanged_ms <= 60
    assert figures.one_changed_ms <= 75
    assert figures.all_changed_ms <= 250


def test_a_hundred_versions_take_milliseconds(figures: Figures) -> None:
    assert figures.transitive_ms <= 40


def test_buf_takes_twenty_times_as_long(figures: Figures) -> None:
    assert figures.buf_wall_ms >= 20 * figures.one_changed_wall_ms
