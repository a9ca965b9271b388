"""The benchmark of the registry's server runs; what it measures is for `doit bench` to say."""

from __future__ import annotations

from benchmarks.registry_speed import goals, measure, render


def test_all_servers_are_measured_and_every_goal_is_judged() -> None:
    said: list[str] = []
    rows = measure(said.append, scale=0.02, rounds=1)
    measured = {(row.what, row.server) for row in rows if row.rate > 0}
    assert measured >= {
        ("read by id", "empty"),
        ("register", "trivial"),
        ("read by id", "trivial"),
        ("register", "registry"),
        ("read by id", "registry"),
        ("read latest", "registry"),
        ("lookup by id", "registry"),
    }
    found = goals(rows)
    assert len(found) == 9
    table = render(rows, found)
    assert all(goal.what in table for goal in found)
