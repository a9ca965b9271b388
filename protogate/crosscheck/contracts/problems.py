"""What is wrong with one contract: collected by pointers, reported with lines and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.crosscheck.contracts.positions import Positions
from protogate.crosscheck.values import show
from protogate.findings import Finding, Place, Severity, sort_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.crosscheck.contracts.documents import Document
    from protogate.crosscheck.contracts.positions import Pointer

__all__ = ["MAX_PROBLEMS", "Problem", "Problems", "described", "nearest", "path_of"]

MAX_PROBLEMS: Final = 1000
"""Of one contract. A file that is something else altogether has one at each of its million values."""

_SHOWN: Final = 60
"""Characters of a value that a message shows."""


class Problem(NamedTuple):
    """Something that is wrong with the value at a pointer."""

    pointer: Pointer
    rule: str
    message: str
    hint: str
    severity: Severity
    at_key: bool
    """Whether the key is meant rather than the value."""


class Problems:
    """Collects the problems of a document. Positions cost more than the checks: they are made for problems only."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._more = False
        self.failed = False
        """Whether one of them is an error."""

    def error(self, rule: str, pointer: Pointer, message: str, hint: str = "", *, at_key: bool = False) -> None:
        """Add something that makes the contract unusable."""
        self.failed = True
        self._add(Problem(pointer, rule, message, hint, Severity.ERROR, at_key))

    def warn(self, rule: str, pointer: Pointer, message: str, hint: str = "", *, at_key: bool = False) -> None:
        """Add something that is most likely a slip."""
        self._add(Problem(pointer, rule, message, hint, Severity.WARNING, at_key))

    def wrong_shape(self, pointer: Pointer, value: object, expected: str, hint: str = "") -> None:
        """Add a value that has not the shape that a contract has there."""
        message = f"{path_of(pointer)!r} is {described(value)}; {expected} is expected"
        self.error("contract/wrong-shape", pointer, message, hint)

    def findings(self, document: Document) -> tuple[Finding, ...]:
        """Return them by place."""
        if not self._problems:
            return ()
        positions = Positions(document.text)
        found = sort_findings(
            Finding(
                one.rule,
                Place(document.path, *positions.place(one.pointer, key=one.at_key)),
                one.message,
                one.hint,
                one.severity,
                path_of(one.pointer),
            )
            for one in self._problems
        )
        return (*found, *self._rest(document))

    def has_room(self) -> bool:
        """Tell whether one more would be shown; where not, it is remembered that there are more."""
        self._more = self._more or len(self._problems) >= MAX_PROBLEMS
        return not self._more

    def _add(self, problem: Problem) -> None:
        if self.has_room():
            self._problems.append(problem)

    def _rest(self, document: Document) -> tuple[Finding, ...]:
        if not self._more:
            return ()
        message = f"there are more than {MAX_PROBLEMS:,} findings, the rest of them is not shown"
        severity = Severity.ERROR if self.failed else Severity.WARNING
        return (Finding("contract/too-many", Place(document.path), message, "see to the others first", severity),)


def path_of(pointer: Pointer) -> str:
    """Return how people write the way to a value.

    >>> path_of(("output", "status", "enum", 0))
    'output.status.enum[0]'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part[:_SHOWN]}" for part in pointer)
    return text.removeprefix(".")


def described(value: Any) -> str:  # noqa: ANN401 - whatever JSON has
    """Return what a value is, for messages.

    >>> described([1]), described("x")
    ('an array', 'the string "x"')
    """
    match value:
        case list():
            return "an array" if value else "an empty array"
        case dict():
            return "an object"
        case str():
            text = show(value)
            return "the string " + (text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
        case bool() | None:
            return show(value)
        case _:
            return f"the number {show(value)[:_SHOWN]}"


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the hint that names what was probably meant, or all that is known."""
    import difflib

    found = difflib.get_close_matches(word.lower(), known, 1)
    return f"{found[0]!r} is probably meant" if found else f"known are {', '.join(known)}"
