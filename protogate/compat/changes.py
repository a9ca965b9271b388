"""What changed between two versions of a contract: atomic changes, found once and judged by many profiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors.comments import Path
    from protogate.descriptors.model import File

__all__ = ["Change", "Direction", "Effect", "Fact", "Mode", "Spot"]


class Direction(Enum):
    """Who reads what whom wrote."""

    BACKWARD = "backward"
    """Code of the new version reads data of the old one."""
    FORWARD = "forward"
    """Code of the old version reads data of the new one."""


class Mode(StrEnum):
    """How far compatibility is asked for; `_TRANSITIVE` means every version that is kept, not just the latest."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that must hold."""
        return _DIRECTIONS[self.value.removesuffix("_TRANSITIVE")]

    @property
    def transitive(self) -> bool:
        """Whether all versions count."""
        return self.value.endswith("_TRANSITIVE")


_DIRECTIONS = {
    "NONE": (),
    "BACKWARD": (Direction.BACKWARD,),
    "FORWARD": (Direction.FORWARD,),
    "FULL": (Direction.BACKWARD, Direction.FORWARD),
}


class Effect(Enum):
    """What becomes of a value that one version wrote and the other reads."""

    OK = "ok"
    DROP = "drop"
    """Kept as an unknown field, invisible to the application."""
    UNKNOWN = "unknown"
    """An enum number without a name, kept."""
    NAME = "name"
    """The symbol is another one, the number is the same."""
    RANGE = "range"
    """Right while the value is in range, else truncated."""
    LAST = "last"
    """Only the last element arrives."""
    RAW = "raw"
    """Arrives as the bytes of the encoded message."""
    SWAP = "swap"
    """Arrives with the meaning of another field or value."""
    LOST = "lost"
    """Gone or wrong."""
    ERROR = "error"
    """The reader refuses the whole document."""
    KEY = "key"
    """JSON: a key or a symbol that a strict reader refuses."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A descriptor in a file: where it stands is looked up only when somebody asks."""

    file: File
    path: Path


Fact = bool | int | str | tuple[str, ...] | None
"""What a profile may need to know of a change beyond its rule, such as whether the number is reserved now."""


@dataclass(frozen=True, slots=True)
class Change:
    """One atomic difference.

    `rule` names what happened (`FIELD_REMOVED`); `element` is the full name of what it happened to, in the old version
    where there is one, else in the new; `old` and `new` show the two values to people.
    """

    rule: str
    element: str
    old_spot: Spot | None
    new_spot: Spot | None
    old: str = ""
    new: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
