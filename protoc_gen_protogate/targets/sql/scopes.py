"""Where the fields of one message went, and how SQL tells whether the message is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from protoc_gen_protogate.targets.sql.annotations import FieldSql
    from protoc_gen_protogate.targets.sql.tables import Column
    from protogate.descriptors import Field, Message
    from protogate.descriptors.rules import FieldRules

__all__ = ["Element", "Group", "Place", "Scope"]


class Group:
    """Columns that are NULL together, because the message that they come from is not set.

    The columns of the row's own message, which is always there, form a group that is never absent.
    """

    __slots__ = ("absent", "flag", "flags", "may", "must", "optional", "present")

    def __init__(self, *, optional: bool) -> None:
        self.optional: Final = optional
        """Whether the message may be absent."""
        self.flag: str | None = None
        """The SQL name of the column that tells it, when no field of the message does."""
        self.must: Final[list[str]] = []
        """SQL names of the columns that hold a value whenever the message is set."""
        self.may: Final[list[str]] = []
        """SQL names of the columns that may be NULL even then."""
        self.flags: Final[list[str]] = []
        """The flags of messages inside of this one."""
        self.present: str | None = None
        """The condition that the message is set; None when it always is, and until the group is closed."""
        self.absent: str | None = None
        """The opposite."""


class Scope:
    """The fields of one message in the table."""

    __slots__ = ("active", "group", "is_snapshot", "lenient", "message", "path", "places", "prefix")

    def __init__(  # noqa: PLR0913 - it is what it knows
        self,
        message: Message,
        group: Group,
        *,
        prefix: str,
        path: tuple[str, ...],
        active: tuple[str, ...],
        lenient: frozenset[str],
        is_snapshot: bool,
    ) -> None:
        self.message: Final = message
        self.prefix: Final = prefix
        """What the names of its columns start with."""
        self.path: Final = path
        """JSON names from the row's object to the message."""
        self.group: Final = group
        self.active: Final = active
        """The messages around this one and itself: a field that holds one of these closes a circle."""
        self.lenient: Final = lenient
        """Fields of a message-level oneof rule: their own rules do not apply to zero values."""
        self.is_snapshot: Final = is_snapshot
        """Whether the message has a table of its own, whose keys and indexes are not repeated here."""
        self.places: Final[dict[str, Place]] = {}
        """By the name of the field."""


class Place(NamedTuple):
    """Where one field went: into a column, into the columns of a scope, or (neither) into a table of its own."""

    field: Field
    sql: FieldSql
    rules: FieldRules | None
    column: Column | None
    scope: Scope | None


class Element(NamedTuple):
    """A column that holds the elements of a list, or the keys or values of a map."""

    owner: Field
    """The list or map."""
    field: Field
    """The list itself, or the key or value of the map's entry."""
    column: Column
    rules: FieldRules | None
