"""What changed between two versions of a contract: atomic changes, found once and judged by many profiles."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.compat.rules import SENTENCES
from protogate.descriptors import model
from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.compat.rules import Rule
    from protogate.descriptors.comments import Path

__all__ = [
    "NO_FACTS",
    "Carrier",
    "Change",
    "Descriptor",
    "Direction",
    "Effect",
    "Fact",
    "Mode",
    "Paired",
    "Spot",
    "spot_of",
]

Descriptor = (
    model.File | model.Message | model.Field | model.Oneof | model.Enum | model.EnumValue | model.Service | model.Method
)
"""Whatever can change."""


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
        return _DIRECTIONS[self]

    @property
    def transitive(self) -> bool:
        """Whether all versions count."""
        return self.value.endswith("_TRANSITIVE")


_DIRECTIONS: Final[Mapping[Mode, tuple[Direction, ...]]] = {
    Mode.NONE: (),
    Mode.BACKWARD: (Direction.BACKWARD,),
    Mode.BACKWARD_TRANSITIVE: (Direction.BACKWARD,),
    Mode.FORWARD: (Direction.FORWARD,),
    Mode.FORWARD_TRANSITIVE: (Direction.FORWARD,),
    Mode.FULL: (Direction.BACKWARD, Direction.FORWARD),
    Mode.FULL_TRANSITIVE: (Direction.BACKWARD, Direction.FORWARD),
}


class Effect(StrEnum):
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


class Paired(Enum):
    """Why two types were compared with each other."""

    NAME = "name"
    """They have the same full name, or what changed has nothing to do with types."""
    PACKAGE = "package"
    """The package of their file changed, their name inside the package did not."""
    FIELD = "field"
    """A field held the one and now holds the other."""


class Carrier(StrEnum):
    """Which form of the data pairs the two fields; numbers pair them on the wire, keys in JSON."""

    BOTH = "both"
    WIRE = "wire"
    """Same number, other key: JSON never reads the one as the other."""
    JSON = "json"
    """Same key, other number: the wire never reads the one as the other."""


class Spot(NamedTuple):
    """A descriptor in a file: where it stands is looked up only when somebody asks."""

    file: model.File
    path: Path
    instead: Path | None = None
    """What to show when the source info does not know `path`, where that is not what surrounds it."""

    @property
    def place(self) -> Place:
        """File, line and column; those of what surrounds it where the source info does not know it."""
        path = self.path
        if self.instead is not None and not self.file.positions.find(path)[0]:
            path = self.instead
        line, column = self.file.position_of(path)
        return Place(self.file.name, line, column)


def spot_of(descriptor: Descriptor) -> Spot:
    """Where a descriptor stands."""
    if isinstance(descriptor, model.File):
        return Spot(descriptor, ())
    if isinstance(descriptor, _IN_FILE):
        return Spot(descriptor.file, descriptor.path)
    return Spot(descriptor.parent.file, descriptor.path)


_IN_FILE: Final = (model.Field, model.Message, model.Enum, model.Service)


Fact = bool | int | str | tuple[str, ...] | None
"""What a profile may need to know of a change beyond its rule and its descriptors."""

NO_FACTS: Final[Mapping[str, Fact]] = {}


class Change(NamedTuple):
    """One atomic difference.

    The two descriptors tell most of it (`before.kind`, `after.is_packed`); `facts` holds what cannot be seen from
    them. A named tuple, because a check of a thousand changed messages makes thousands of these.
    """

    rule: Rule
    element: str
    """Full name of what changed: in the old version where there is one, else in the new."""
    before: Descriptor | None
    """It in the old version; None when it was added."""
    after: Descriptor | None
    """It in the new version; None when it was removed."""
    old_scope: Descriptor | None = None
    """What holds it in the old version, or would: message, enum, service or file. None when that is missing too."""
    new_scope: Descriptor | None = None
    """What holds it in the new version, or would."""
    old: str = ""
    """The old value, for people."""
    new: str = ""
    """The new value, for people."""
    facts: Mapping[str, Fact] = NO_FACTS
    """See `FACTS` for the keys of each rule."""
    paired: Paired = Paired.NAME
    """Why the scopes were compared; buf compares those of equal full names only."""
    carrier: Carrier = Carrier.BOTH

    @property
    def old_spot(self) -> Spot | None:
        """Where it stood."""
        return None if self.before is None else spot_of(self.before)

    @property
    def new_spot(self) -> Spot | None:
        """Where it stands now."""
        return None if self.after is None else spot_of(self.after)

    @property
    def spot(self) -> Spot:
        """Where to show it: in the new version, at what held it when it is gone, else in the old version."""
        descriptor = self.after or self.new_scope or self.before or self.old_scope
        if isinstance(self.new_scope, model.Field):  # a part of this map field
            descriptor = self.new_scope
        assert descriptor is not None, "a change is about something"  # noqa: S101 - an invariant, not a check of input
        return spot_of(descriptor)

    @property
    def sentence(self) -> str:
        """What happened, without what follows from it."""
        return _TEMPLATES[self.rule].format(self.element, self.old, self.new)


# Numbered fields are filled in half the time of named ones.
_TEMPLATES: Final = {
    rule: text.replace("{element", "{0").replace("{old", "{1").replace("{new", "{2") for rule, text in SENTENCES.items()
}
