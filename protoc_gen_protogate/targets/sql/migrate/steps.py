"""What a migration is made of: steps, and the decisions that only a person can take."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = ["Decision", "Migration", "Note", "Phase", "Stage", "Step"]


class Phase(IntEnum):
    """How far a step goes."""

    SAFE = 1
    """Succeeds whatever the rows hold, and changes none of them."""
    DATA = 2
    """Rewrites rows, or fails when a row does not fit."""
    DESTRUCTIVE = 3
    """Loses what rows hold."""


class Stage(IntEnum):
    """When a step runs inside its phase."""

    BEFORE = 1
    """Before anything else: what would be in the way of all tables."""
    TABLE = 2
    """Table by table."""
    AFTER = 3
    """When all tables stand: foreign keys, and tables that go."""


class Step(NamedTuple):
    """Statements that belong together."""

    phase: Phase
    stage: Stage
    rank: int
    """The order inside the stage."""
    table: str
    """As it is written in SQL, under its new name."""
    sql: tuple[str, ...]
    note: str = ""
    """What a reader should know: what is lost, what may fail."""


class Decision(NamedTuple):
    """A question that the contracts leave open."""

    rule: str
    """`drop_table`, `drop_column`, `lossy`, `convert` or `not_null`."""
    table: str
    column: str
    """Empty for a whole table."""
    message: str
    hint: str
    chosen: bool
    """Whether the caller has answered it."""


class Note(NamedTuple):
    """Something that old rows may be refused for."""

    table: str
    constraint: str
    query: str
    """Gives the rows that are in the way."""


class Migration(NamedTuple):
    """All steps in order, and what a person has to know."""

    steps: tuple[Step, ...]
    decisions: tuple[Decision, ...]
    notes: tuple[Note, ...]

    @property
    def open_decisions(self) -> tuple[Decision, ...]:
        """The decisions that nobody has taken."""
        return tuple(decision for decision in self.decisions if not decision.chosen)
