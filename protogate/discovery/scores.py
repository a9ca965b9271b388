"""How well a unit comes out: three scores for three ways of leaving, each a sum of parts that are shown.

No part is cut off at an end: each is a smooth share between 0 and 1 of its points, so that two units are equal only
where all their counts are. The points of all parts of a score add up to 100. Extractions that really happened have a
narrow inbound seam rather than low coupling in all (nova.volume left with 6 inbound and 93 outbound edges), which is
why the seam weighs most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Rule(NamedTuple):
    """How a part of a score is found."""

    name: str
    most: int
    """Points that it can add."""
    share: Callable[[Measures], float]
    """Of these points, 0 to 1."""
    evidence: Callable[[Measures], str]
    """The counts behind it, in words."""


class Score(NamedTuple):
    """A score and what it is made of."""

    total: float
    """0 to 100."""
    of: Measures
    rules: tuple[Rule, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return what the score is made of; put into words when somebody asks, as most units are only ranked."""
        of = self.of
        return tuple(
            [Part(name, share(of), most * share(of), most, evidence(of)) for name, most, share, evidence in self.rules]
        )

    def told(self) -> list[tuple[str, float, int, str]]:
        """Return of each part its name, its points, how many it can add, and the evidence: what documents show."""
        of = self.of
        return [(name, most * share(of), most, evidence(of)) for name, most, share, evidence in self.rules]


def service_score(of: Measures) -> Score:
    """Return how well a unit would come out as a service of its own."""
    return _score(of, _SERVICE_RULES)


def library_score(of: Measures) -> Score:
    """Return how well a unit would come out as a package that everybody installs."""
    return _score(of, _LIBRARY_RULES)


def plugin_score(of: Measures) -> Score:
    """Return how well a unit would come out as plugins: many leaves of one base that do not know each other."""
    return _score(of, _PLUGIN_RULES)


def _score(of: Measures, rules: tuple[Rule, ...]) -> Score:
    return Score(sum([rule.most * rule.share(of) for rule in rules]), of, rules)


def _ownership(of: Measures) -> float:
    own, touched = len(of.tables) - len(of.shared_tables), len(of.tables) + len(of.foreign_tables)
    return (own + 0.5) / (touched + 1.0)


def _vertical(of: Measures) -> float:
    return 1.0 - float(0.4 ** ((of.routes > 0) + (of.entry_points > 0) + (len(of.tables) > 0)))


def _coupling(of: Measures) -> float:
    return (of.changes_inside + 0.5) / (of.changes_inside + of.changes_across + 1.0)


def _data(of: Measures) -> str:
    shared, foreign = len(of.shared_tables), len(of.foreign_tables)
    return f"{_count(len(of.tables) - shared, 'table')} of its own, {shared} that others use, {foreign} of others"


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


_SERVICE_RULES: Final = (
    Rule(
        "inbound seam",
        30,
        lambda of: _falling(of.inbound_modules, 3),
        lambda of: f"{_count(of.inbound_modules, 'module')} outside use {_count(of.interface, 'module')} of it",
    ),
    Rule(
        "cohesion",
        20,
        lambda of: (of.internal + 0.5) / (of.internal + of.crossing + 1.0),
        lambda of: f"{_count(of.internal, 'pair')} inside, {of.crossing} across, hubs left out",
    ),
    Rule(
        "outward seam",
        15,
        lambda of: _falling(of.outward, 10),
        lambda of: f"uses {_count(of.outward, 'module')} outside and {_count(of.kernel, 'hub')}",
    ),
    Rule("data ownership", 10, _ownership, _data),
    Rule("vertical", 10, _vertical, _life),
    Rule("change coupling", 5, _coupling, _changes),
    Rule("tests", 5, lambda of: _rising(of.tests, 3), lambda of: f"{_count(of.tests, 'module')} of tests use it"),
    Rule(
        "substance",
        5,
        lambda of: _rising(of.code_lines, 500),
        lambda of: f"{_count(of.code_lines, 'line')} of code",
    ),
)
_LIBRARY_RULES: Final = (
    Rule(
        "dependents",
        35,
        lambda of: _rising(of.inbound_modules, 10),
        lambda of: f"{_count(of.inbound_modules, 'module')} outside use it",
    ),
    Rule(
        "independence",
        25,
        lambda of: _falling(of.outward + of.kernel, 3),
        lambda of: f"uses {_count(of.outward + of.kernel, 'module')} outside",
    ),
    Rule(
        "no state",
        15,
        lambda of: float(0.5 ** (len(of.tables) + of.routes)),
        lambda of: f"{_count(len(of.tables), 'table')}, {_count(of.routes, 'route')}",
    ),
    Rule(
        "width of interface",
        10,
        lambda of: (of.interface + 0.5) / (of.files + 1.0),
        lambda of: f"{of.interface} of {_count(of.files, 'module')} are used from outside",
    ),
    Rule("change coupling", 10, _coupling, _changes),
    Rule("tests", 5, lambda of: _rising(of.tests, 3), lambda of: f"{_count(of.tests, 'module')} of tests use it"),
)
_PLUGIN_RULES: Final = (
    Rule(
        "leaves",
        35,
        lambda of: _rising(of.leaves, 8),
        lambda of: f"{_count(of.leaves, 'module')} extend {of.base or 'one class'}",
    ),
    Rule(
        "common base",
        30,
        lambda of: of.leaves / (of.files + 1.0),
        lambda of: f"{of.leaves} of {_count(of.files, 'module')} extend it",
    ),
    Rule(
        "mutual independence",
        25,
        lambda of: _falling(of.mutual, of.leaves + 1.0) * _rising(of.leaves, 3),
        lambda of: f"{_count(of.mutual, 'reference')} among them",
    ),
    Rule(
        "inbound seam",
        10,
        lambda of: _falling(of.inbound_modules, of.leaves + 1.0),
        lambda of: f"{_count(of.inbound_modules, 'module')} outside use them",
    ),
)
