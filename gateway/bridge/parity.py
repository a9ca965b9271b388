"""One verdict before a table is cut over: is everything there, does it stay in step, do both sides answer alike."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Evidence", "Verdict", "verdict"]


class Evidence(NamedTuple):
    """What was measured; None where nothing could be."""

    readiness: float
    """Of the schema for the message, from 0 to 1."""
    errors: tuple[str, ...]
    """Fields that keep rows from coming over."""
    rows: int
    different: int
    """Rows whose difference stays."""
    rejected: int
    """Rows that no event can carry."""
    unaccounted: tuple[str, ...]
    """Columns that the mapping forgets."""
    changes: int | None
    """Of the legacy side that wait to be taken over; None when nothing follows it."""
    outbox: int
    """Of ours that wait to be told to the legacy side."""
    dead: int
    """That could not be told."""
    phase: str
    compared: int
    """Answers of both sides."""
    matched: int
    bar: tuple[float, int]
    """The share that must be the same, and how many must have been compared."""


class Verdict(NamedTuple):
    """One line of the result."""

    name: str
    is_good: bool
    detail: str


def verdict(found: Evidence) -> tuple[Verdict, ...]:
    """Judge the evidence; ready when every line is good."""
    ratio, count = found.bar
    share = found.matched / found.compared if found.compared else 0.0
    schema = f"{found.readiness:.1%} ready" + (f"; errors: {', '.join(found.errors)}" if found.errors else "")
    columns = (
        f"{', '.join(found.unaccounted)}: neither mapped nor ignored" if found.unaccounted else "all accounted for"
    )
    lag = "nothing follows the legacy side" if found.changes is None else f"{found.changes} changes wait"
    is_live = found.phase == "live"
    answers = f"{found.matched} of {found.compared} answers are the same, {ratio:.1%} of at least {count} are wanted"
    if is_live:
        answers = "the slice is live, it answers everything already"
    return (
        Verdict("schema", not found.errors, schema),
        Verdict("columns", not found.unaccounted, columns),
        Verdict("rows", not (found.different or found.rejected), _rows(found)),
        Verdict("capture", found.changes == 0, lag),
        Verdict("outbox", not (found.outbox or found.dead), f"{found.outbox} wait, {found.dead} could not be told"),
        Verdict("answers", is_live or (found.compared >= count and share >= ratio), answers),
    )


def _rows(found: Evidence) -> str:
    return f"{found.rows:,} rows, {found.different:,} differ, {found.rejected:,} cannot be carried"
