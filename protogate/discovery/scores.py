"""How well a unit comes out: three scores for three ways of leaving, each a sum of parts that are shown.

No part is cut off at an end: each is a smooth share between 0 and 1 of its points, so that two units are equal only
where all their counts are. The points of all parts of a score add up to 100. Extractions that really happened have a
narrow inbound seam rather than low coupling in all (nova.volume left with 6 inbound and 93 outbound edges), which is
why the seam weighs most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from protogate.discovery.units import Measures

__all__ = ["LIBRARY", "PLUGINS", "SERVICE", "Part", "Score", "library_score", "plugin_score", "service_score"]

SERVICE: Final = "service-slice"
LIBRARY: Final = "shared-library"
PLUGINS: Final = "plugin-family"


class Part(NamedTuple):
    """One reason of a score."""

    name: str
    share: float
    """Of its points, 0 to 1."""
    points: float
    """What it adds to the score."""
    most: int
    """Points that it can add."""
    evidence: str
    """The counts behind it, in words."""


class Score(NamedTuple):
    """A score and what it is made of."""

    total: float
    """0 to 100."""
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, *rows: tuple[str, int, float, str]) -> Score:
        """Return the score of parts: name, points, share, evidence."""
        parts = tuple(Part(name, share, most * share, most, evidence) for name, most, share, evidence in rows)
        return cls(sum(part.points for part in parts), parts)


def service_score(of: Measures) -> Score:
    """Return how well a unit would come out as a service of its own."""
    kept = of.internal + 0.5
    across = of.crossing + 0.5
    own = len(of.tables) - len(of.shared_tables)
    touched = len(of.tables) + len(of.foreign_tables)
    vertical = (of.routes > 0) + (of.entry_points > 0) + (len(of.tables) > 0)
    return Score.of(
        (
            "inbound seam",
            30,
            _falling(of.inbound_modules, 3),
            f"{_count(of.inbound_modules, 'module')} outside use {_count(of.interface, 'module')} of it",
        ),
        (
            "cohesion",
            20,
            kept / (kept + across),
            f"{_count(of.internal, 'pair')} inside, {of.crossing} across, hubs left out",
        ),
        (
            "outward seam",
            15,
            _falling(of.outward, 10),
            f"uses {_count(of.outward, 'module')} outside and {_count(of.kernel, 'hub')}",
        ),
        (
            "data ownership",
            10,
            (own + 0.5) / (touched + 1.0),
            _data(of, own),
        ),
        (
            "vertical",
            10,
            1.0 - 0.4**vertical,
            _life(of),
        ),
        (
            "change coupling",
            5,
            (of.changes_inside + 0.5) / (of.changes_inside + of.changes_across + 1.0),
            _changes(of),
        ),
        ("tests", 5, _rising(of.tests, 3), f"{_count(of.tests, 'module')} of tests use it"),
        ("substance", 5, _rising(of.code_lines, 500), f"{_count(of.code_lines, 'line')} of code"),
    )


def library_score(of: Measures) -> Score:
    """Return how well a unit would come out as a package that everybody installs."""
    return Score.of(
        (
            "dependents",
            35,
            _rising(of.inbound_modules, 10),
            f"{_count(of.inbound_modules, 'module')} outside use it",
        ),
        (
            "independence",
            25,
            _falling(of.outward + of.kernel, 3),
            f"uses {_count(of.outward + of.kernel, 'module')} outside",
        ),
        (
            "no state",
            15,
            0.5 ** (len(of.tables) + of.routes),
            f"{_count(len(of.tables), 'table')}, {_count(of.routes, 'route')}",
        ),
        (
            "width of interface",
            10,
            (of.interface + 0.5) / (of.files + 1.0),
            f"{of.interface} of {_count(of.files, 'module')} are used from outside",
        ),
        (
            "change coupling",
            10,
            (of.changes_inside + 0.5) / (of.changes_inside + of.changes_across + 1.0),
            _changes(of),
        ),
        ("tests", 5, _rising(of.tests, 3), f"{_count(of.tests, 'module')} of tests use it"),
    )


def plugin_score(of: Measures) -> Score:
    """Return how well a unit would come out as plugins: many leaves of one base that do not know each other."""
    return Score.of(
        ("leaves", 35, _rising(of.leaves, 8), f"{_count(of.leaves, 'module')} extend {of.base or 'one class'}"),
        (
            "common base",
            30,
            of.leaves / (of.files + 1.0),
            f"{of.leaves} of {_count(of.files, 'module')} extend it",
        ),
        (
            "mutual independence",
            25,
            _falling(of.mutual, of.leaves + 1.0) * _rising(of.leaves, 3),
            f"{_count(of.mutual, 'reference')} among them",
        ),
        (
            "inbound seam",
            10,
            _falling(of.inbound_modules, of.leaves + 1.0),
            f"{_count(of.inbound_modules, 'module')} outside use them",
        ),
    )


def _data(of: Measures, own: int) -> str:
    shared, foreign = len(of.shared_tables), len(of.foreign_tables)
    return f"{_count(own, 'table')} of its own, {shared} that others use, {foreign} of others"


def _life(of: Measures) -> str:
    return ", ".join(
        (_count(of.routes, "route"), _count(of.entry_points, "entry point"), _count(len(of.tables), "table"))
    )


def _changes(of: Measures) -> str:
    pairs = f"changes together {of.changes_inside:.1f} inside and {of.changes_across:.1f} across"
    return f"{pairs}, in {_count(of.commits, 'commit')}"


def _falling(value: float, half: float) -> float:
    """Return 1 at 0, a half at `half`, and ever less."""
    return half / (half + value)


def _rising(value: float, half: float) -> float:
    """Return 0 at 0, a half at `half`, and ever nearer to 1."""
    return value / (half + value)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
