"""Disagreements between a contract and code, as values, and where in both they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from protogate.crosscheck.values import listed
from protogate.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.crosscheck.shapes import Altered, Scalar, Unresolved
    from protogate.findings import Place

__all__ = ["Action", "Block", "Drift", "Drifts", "Fix", "Spot", "WirePath", "path_text"]

Block: TypeAlias = Literal["input", "output", "payload"]
"""The parts of a contract: what a server takes, what it answers, what an event carries."""

Action: TypeAlias = Literal["remove_extra", "expand_contract"]

WirePath: TypeAlias = tuple[str, ...]
"""Keys from the block down; `[]` is an item of an array, `{}` a value behind any key."""


_ERRORS: Final = frozenset({"output-beyond-contract", "contract-beyond-input", "emitted-value"})
"""The rules whose findings crash a client or make a server refuse; the others warn."""


class Fix(NamedTuple):
    """A change of one list of values in a contract that would end a drift."""

    block: Block
    path: str
    """As messages say it: `checks.database`."""
    place: Place
    """Where the list of values stands in the contract."""
    action: Action
    values: tuple[Scalar, ...]
    """Sorted."""
    severity: Severity
    """Of the finding that it ends."""
    rationale: str


class Drift(NamedTuple):
    """One disagreement, and the change of the contract that would end it, where there is one."""

    finding: Finding
    values: tuple[Scalar, ...] = ()
    """Those that one side has and the other has not; none where they are more than can be listed."""
    fix: Fix | None = None


class Spot(NamedTuple):
    """The same place of a document on both sides."""

    path: WirePath
    contract: Place
    """The nearest place in the contract."""
    code: Place | None
    """The nearest place in the code."""

    def below(self, step: str, contract: Place | None = None, code: Place | None = None) -> Spot:
        """Return the place of a part."""
        return Spot((*self.path, step), contract or self.contract, code or self.code)


class Drifts:
    """Collects what is found in one block; what could not be worked out is told once."""

    def __init__(self, element: str, block: Block) -> None:
        """Start with nothing found.

        Args:
            element: the contract's name.
            block: which of its parts.
        """
        self.found: list[Drift] = []
        self.block: Final = block
        self.element: Final = element
        self._told: set[tuple[str, Place]] = set()

    def find(  # noqa: PLR0913 - as a finding has
        self,
        rule: str,
        spot: Spot,
        message: str,
        hint: str,
        *,
        values: Sequence[Scalar] = (),
        fix: Fix | None = None,
    ) -> None:
        """Add a finding; the message goes on after the name of the place."""
        name = path_text(spot.path)
        subject = f"{self.block} '{name}'" if name else self.block
        element = ".".join(filter(None, (self.element, self.block, name)))
        severity = Severity.ERROR if rule in _ERRORS else Severity.WARNING
        finding = Finding(f"crosscheck/{rule}", spot.contract, f"{subject} {message}", hint, severity, element)
        self.found.append(Drift(finding, tuple(values), fix))

    def unresolved(self, spot: Spot, unknown: Unresolved) -> None:
        """Say once that a part of the code could not be worked out."""
        if (unknown.reason, unknown.place) not in self._told:
            self._told.add((unknown.reason, unknown.place))
            self.find(
                "unresolved",
                spot,
                f"lists values, and those of the code cannot be worked out: {unknown.reason} ({unknown.place})",
                "write the type so that it can be read without running the code",
            )

    def unread(self, spot: Spot, unknown: Unresolved) -> None:
        """Say once that a part of the contract says more than can be compared."""
        if (unknown.reason, unknown.place) not in self._told:
            self._told.add((unknown.reason, unknown.place))
            at = spot._replace(contract=unknown.place)
            self.find("unresolved", at, f"cannot be compared: {unknown.reason}", "compare this part by hand")

    def altered(self, spot: Spot, by: Altered, values: Sequence[Scalar] = ()) -> None:
        """Say that code stands between type and document, where the type alone would be wrong."""
        at = f" ({by.place})" if by.place.line else ""
        what = f" for {listed(values)}" if values else ""
        self.find(
            "unresolved",
            spot,
            f"lists values, and those of the code cannot be worked out{what}: {by.by} stands between{at}",
            "say in the types what it takes and returns, or compare by hand",
        )


def path_text(path: WirePath) -> str:
    """Return a path for people.

    >>> path_text(("checks", "[]", "state"))
    'checks[].state'
    """
    return ".".join(path).replace(".[]", "[]").replace(".{}", "{}")
