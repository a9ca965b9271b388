"""How well a module of pages would live in a frame of its own, and how it should be delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DECOMPOSE", "FEDERATION", "IFRAME", "LIBRARY", "SHELL", "Part", "Score", "Signals", "delivery", "score"]

IFRAME: Final = "iframe-first"
SHELL: Final = "shell-first"
DECOMPOSE: Final = "decompose-before-extract"
FEDERATION: Final = "module-federation"
LIBRARY: Final = "library"

_GOOD: Final = 70.0
_POOR: Final = 45.0
_MOST_TARGETS: Final = 2
"""Other modules that a module may use and still leave on its own."""
_MOST_EVIDENCE: Final = 8


class Signals(NamedTuple):
    """What was counted of a module, each with the places where it was seen."""

    has_routes: bool
    """A file of routes, pages that a framework finds by their path, or a router that mounts its pages."""
    mounts: tuple[str, ...] = ()
    """Places outside of feature modules that import it."""
    mounting_files: int = 0
    crossings: tuple[str, ...] = ()
    """Uses of other modules, and by them."""
    stores: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    dom: tuple[str, ...] = ()
    dom_uses: int = 0
    auth: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    style_uses: int = 0
    shared: tuple[str, ...] = ()
    """Uses of shared code."""
    shared_files: int = 0
    """That would have to come along: those it uses, and those that they use."""
    code_lines: int = 0
    pages: int = 0
    targets: int = 0
    """Other modules that it uses."""
    users: int = 0
    """Other modules that use it."""
    circle: tuple[str, ...] = ()
    """Modules that it uses and that use it."""


class Part(NamedTuple):
    """One reason of a score."""

    name: str
    value: int
    """What was counted; the less, the better."""
    points: float
    most: int
    evidence: tuple[str, ...]
    """Places with their line, at most eight."""


class Score(NamedTuple):
    """A score from 0 to 100 and what it is made of."""

    total: float
    parts: tuple[Part, ...]


def score(of: Signals) -> Score:
    """Return how well a module would live in a frame of its own.

    Each part gives `most / (1 + count / half)` points: all of them where nothing was counted, half of them at `half`,
    and never none. So every count that differs makes a score that differs, and nothing is cut off at an end. What
    counts are obstacles; pages are not among them, and more lines give fewer points, so no module is better for being
    larger.
    """
    routes = 0 if of.has_routes else 3
    places = max(0, of.mounting_files - 1)
    parts = (
        _part("own routes", 14, routes + places, 3, of.mounts if routes + places else ()),
        _part("no imports across modules", 20, len(of.crossings), 4, of.crossings),
        _part("no shared store", 18, len(of.stores), 2, of.stores),
        _part("no events across modules", 10, len(of.events), 2, of.events),
        _part("no document or window", 6, of.dom_uses, 20, of.dom),
        _part("no session of the host", 8, len(of.auth), 3, of.auth),
        _part("no global styles", 4, of.style_uses, 2, of.styles),
        _part("little shared code", 12, of.shared_files, 40, of.shared),
        _part("size", 8, of.code_lines, 4_000, (f"{of.code_lines:,} lines of code",)),
    )
    return Score(sum(part.points for part in parts), parts)


def _part(name: str, most: int, value: int, half: int, evidence: Sequence[str]) -> Part:
    return Part(name, value, most / (1 + value / half), most, tuple(evidence[:_MOST_EVIDENCE]))


def delivery(of: Signals, total: float) -> tuple[str, str]:
    """Return how a module should be delivered, and why.

    `library` is reached by no route, but other modules use it: it is installed, not shown. What is to be decomposed
    before is used by what it uses, or uses many modules, or has little that speaks for it. `module-federation` shares
    a store or events with others while it runs, which a frame would cut and a common process keeps. `iframe-first` has
    nothing of that; `shell-first` has few obstacles, but needs its host for now.
    """
    shares = " and ".join(name for name, found in (("a store", of.stores), ("events", of.events)) if found)
    verdicts = (
        (not of.has_routes and of.users > 0, LIBRARY, f"no route leads to it, and other modules use it: {of.users}"),
        (bool(of.circle), DECOMPOSE, f"uses {', '.join(of.circle)} and is used by it"),
        (of.targets > _MOST_TARGETS, DECOMPOSE, f"uses {of.targets} other modules"),
        (total < _POOR, DECOMPOSE, f"its score is below {_POOR:.0f}"),
        (bool(shares), FEDERATION, f"shares {shares} with its host while it runs"),
        (total < _GOOD, SHELL, f"its score is below {_GOOD:.0f}"),
        (of.targets > 1, SHELL, f"uses {of.targets} other modules"),
    )
    whole = (IFRAME, f"its score is at least {_GOOD:.0f}, and it shares no state")
    return next(((mode, reason) for is_so, mode, reason in verdicts if is_so), whole)
