"""What a contract and what code say about the same JSON document, in the same words.

A shape describes the values that stand at one place of a document. Contracts give shapes (`contracts/facts.py`), and so
do Python types (`python/`); `compare.py` knows nothing else.

Whoever makes a shape has decided for which direction: a model accepts other documents (input) than it writes (output).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.findings import Place

__all__ = [
    "ANY",
    "Altered",
    "AnyOf",
    "Anything",
    "Choice",
    "Direction",
    "Extra",
    "Field",
    "Items",
    "Kind",
    "Mapping",
    "Member",
    "Primitive",
    "Record",
    "Scalar",
    "Shape",
    "Unresolved",
]

Scalar: TypeAlias = str | int | float | bool | None
"""What can stand in an `enum`: the values of JSON without structure. 1 and 1.0 are the same one, 1 and true are not."""

Direction: TypeAlias = Literal["input", "output"]
"""`input`: what the server takes (validation). `output`: what it writes (serialization); events are output."""

Kind: TypeAlias = Literal["string", "integer", "number", "boolean", "null"]
"""The types of JSON that have no structure; an integer is not a number here, so that drift between them shows."""

Extra: TypeAlias = Literal["ignore", "allow", "forbid"]
"""What becomes of keys that a record does not name."""


class Primitive(NamedTuple):
    """Any value of one type: `str`, `{"type": "string"}`."""

    kind: Kind
    format: str = ""
    """As JSON Schema says it: `date-time`, `uuid`, `byte`; empty where there is none."""


class Anything(NamedTuple):
    """Any value at all: `Any`, `object`, `{}`."""


class Member(NamedTuple):
    """One value of a choice."""

    value: Scalar
    place: Place
    """Where it is written: the string in the `enum`, the member of the Enum, the literal."""


class Choice(NamedTuple):
    """One of a few values: `Literal`, an Enum, `enum`, `const`. No two members are the same JSON value."""

    members: tuple[Member, ...]
    place: Place


class Items(NamedTuple):
    """An array: `list[X]`, `{"items": ...}`; a tuple has a shape for each of its first places."""

    items: Shape
    """What stands at each place, or behind the prefix."""
    prefix: tuple[Shape, ...] = ()


class Mapping(NamedTuple):
    """An object with any keys: `dict[str, X]`, `additionalProperties`."""

    keys: Shape
    values: Shape


class Field(NamedTuple):
    """One key of a record."""

    name: str
    """The key in documents: the alias, where there is one."""
    shape: Shape
    required: bool
    """Whether a document without it is refused (input), whether it is always written (output)."""
    place: Place
    python_name: str = ""
    """The attribute, where code was read."""
    other_names: tuple[str, ...] = ()
    """Further keys that are accepted for it: `AliasChoices`, `populate_by_name`. Input only."""
    has_known_key: bool = True
    """Whether `name` is certain; where it is not, `shape` says why."""


class Record:
    """An object with known keys: a model, a TypedDict, `properties`. One per type, so that it may hold itself.

    Two records are equal only if they are the same one: compare with `is`, remember pairs that were compared.
    """

    __slots__ = ("_fields", "_make", "extra", "name", "place")

    name: Final[str]
    """For messages: the class, or the pointer in the contract."""
    place: Final[Place]
    extra: Final[Extra]

    def __init__(self, name: str, place: Place, make: Callable[[], tuple[Field, ...]], extra: Extra = "ignore") -> None:
        """Describe a record whose fields are made when they are first asked for.

        Args:
            name: for messages.
            place: where it is defined.
            make: returns its fields in the order of their definition, no two of one name; called once.
            extra: what becomes of other keys.
        """
        self.name = name
        self.place = place
        self.extra = extra
        self._make = make
        self._fields: tuple[Field, ...] | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """The keys, in the order of their definition."""
        if self._fields is None:
            self._fields = self._make()
        return self._fields

    def __repr__(self) -> str:
        """Return the name only: a record may hold itself."""
        return f"Record({self.name!r})"


class AnyOf(NamedTuple):
    """One of several shapes: a union. Never nested, never of one member; `Optional` is a union with null."""

    members: tuple[Shape, ...]


class Altered(NamedTuple):
    """What the type says, though code stands between the type and the document.

    A validator that runs before may accept more; a serializer without a return type may write something else. Values
    beyond `shape` are then not known to be wrong: a finding about them is `unresolved`, not an error.
    """

    shape: Shape
    by: str
    """What it is, for people: `field_validator(mode="before") lower_case`."""
    place: Place


class Unresolved(NamedTuple):
    """Nobody can tell without running the code; a finding of its own where the contract asks for more."""

    reason: str
    """For people, in lower case: `int_enum() is called to make it`."""
    place: Place


Shape: TypeAlias = Primitive | Anything | Choice | Items | Mapping | Record | AnyOf | Altered | Unresolved

ANY: Final = Anything()
