"""Shapes laid open: what a union holds, sorted by what it is, so that two of them can stand side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protogate.crosscheck.shapes import (
    ANY,
    Altered,
    AnyOf,
    Anything,
    Choice,
    Items,
    Mapping,
    Primitive,
    Record,
    Unresolved,
)
from protogate.crosscheck.values import same

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from protogate.crosscheck.shapes import Field, Member, Shape
    from protogate.findings import Place

__all__ = ["Branches", "View", "branches", "field_named", "lists_values", "look", "place_of"]


class View(NamedTuple):
    """The members of one or more shapes, by what they are."""

    choices: tuple[Choice, ...]
    primitives: tuple[Primitive, ...]
    records: tuple[Record, ...]
    mappings: tuple[Mapping, ...]
    arrays: tuple[Items, ...]
    anything: bool
    unresolved: tuple[Unresolved, ...]
    altered: tuple[Altered, ...]
    """What stood around any of them."""

    def members(self) -> list[Member]:
        """Return the listed values but null, which the enum rules do not compare."""
        return [member for choice in self.choices for member in choice.members if member.value is not None]

    def below(self, shapes: Iterable[Shape]) -> tuple[Shape, ...]:
        """Return the shapes of a part of the document, together with what is unknown about the whole."""
        unknown: tuple[Shape, ...] = (*((ANY,) if self.anything else ()), *self.unresolved)
        if not self.altered:
            return (*shapes, *unknown)
        by = self.altered[0]
        return (*(Altered(shape, by.by, by.place) for shape in shapes), *unknown)


def look(shapes: Sequence[Shape]) -> View:
    """Lay open a union of shapes."""
    # Asked a dozen times for each field of each contract, and nine times in ten there is one shape.
    if len(shapes) == 1:
        alone = shapes[0]
        if isinstance(alone, Choice):
            return View((alone,), (), (), (), (), False, (), ())  # noqa: FBT003 - in the order of a view
        if isinstance(alone, Record):
            return View((), (), (alone,), (), (), False, (), ())  # noqa: FBT003 - as above
        if isinstance(alone, Primitive):
            return View((), (alone,), (), (), (), False, (), ())  # noqa: FBT003 - as above
    found: dict[type[Shape], list[Any]] = {}
    waiting = list(shapes)
    for shape in waiting:
        if isinstance(shape, AnyOf):
            waiting.extend(shape.members)
            continue
        if isinstance(shape, Altered):
            waiting.append(shape.shape)
        found.setdefault(type(shape), []).append(shape)
    records = found.get(Record, ())
    return View(
        tuple(found.get(Choice, ())),
        tuple(found.get(Primitive, ())),
        tuple({id(one): one for one in records}.values()) if records else (),
        tuple(found.get(Mapping, ())),
        tuple(found.get(Items, ())),
        Anything in found,
        tuple(found.get(Unresolved, ())),
        tuple(found.get(Altered, ())),
    )


def place_of(shape: Shape) -> Place | None:
    """Return where a shape is written, for those that know it."""
    return shape.place if isinstance(shape, (Choice, Record, Altered, Unresolved)) else None


def field_named(record: Record, name: str) -> Field | None:
    """Return the field that documents call by this name."""
    other = None
    for field in record.fields:
        if field.name == name:
            return field
        if name in field.other_names:
            other = field
    return other


def lists_values(shapes: Iterable[Shape]) -> bool:
    """Tell whether a contract lists values other than null at a place or below it, or may do so."""
    seen: set[int] = set()
    waiting = list(shapes)
    for shape in waiting:
        kind = type(shape)
        if kind is Primitive or kind is Anything:
            continue
        if isinstance(shape, Unresolved) or (
            isinstance(shape, Choice) and any(member.value is not None for member in shape.members)
        ):
            return True
        if id(shape) not in seen:
            seen.add(id(shape))
            waiting.extend(_parts(shape))
    return False


def _parts(shape: Shape) -> Iterable[Shape]:
    match shape:
        case Record():
            return [field.shape for field in shape.fields]
        case AnyOf():
            return shape.members
        case Mapping():
            return (shape.values,)
        case Items():
            return (*shape.prefix, shape.items)
        case Altered():
            return (shape.shape,)
        case _:
            return ()


class Branches(NamedTuple):
    """Records of a contract and of code that describe the same documents."""

    contract: tuple[Record, ...]
    code: tuple[Record, ...]


def branches(contract: Sequence[Record], code: Sequence[Record]) -> tuple[str, tuple[Branches, ...]]:
    """Pair the members of two unions of records by a key whose values tell them apart on both sides.

    Returns:
        The key, and pairs of what shares a value of it; an empty key and one pair of everything where there is none.
    """
    everything = Branches(tuple(contract), tuple(code))
    if len(contract) < 2 or len(code) < 2:  # noqa: PLR2004 - a union
        return "", (everything,)
    for field in contract[0].fields:
        tags = [_tags(record, field.name) for record in (*contract, *code)]
        told = [tag for tag in tags if tag]
        if len(told) == len(tags) and _disjoint(told[: len(contract)]) and _disjoint(told[len(contract) :]):
            return field.name, _by_tag(everything, told)
    return "", (everything,)


def _tags(record: Record, name: str) -> frozenset[Hashable]:
    """Return the values that a key of a record can have; none where it is not a choice."""
    field = field_named(record, name)
    if field is None:
        return frozenset()
    view = look((field.shape,))
    if view.primitives or view.anything or view.unresolved or view.records or view.mappings or view.arrays:
        return frozenset()
    return frozenset(same(member.value) for member in view.members())


def _disjoint(sets: Sequence[frozenset[Hashable]]) -> bool:
    return sum(map(len, sets)) == len(frozenset().union(*sets))


def _by_tag(everything: Branches, tags: Sequence[frozenset[Hashable]]) -> tuple[Branches, ...]:
    """Return what is connected by common values; a branch without a partner is told by the values of the key."""
    contract = list(zip(everything.contract, tags, strict=False))
    code = list(zip(everything.code, tags[len(contract) :], strict=True))
    found: list[Branches] = []
    while contract:
        record, reach = contract.pop(0)
        ours, theirs = [record], []
        grown = True
        while grown:
            near = [one for one in code if one[1] & reach]
            reach = reach.union(*(tag for _, tag in near))
            theirs += [one for one, _ in near]
            code = [one for one in code if all(one[0] is not taken for taken in theirs)]
            more = [one for one in contract if one[1] & reach]
            reach = reach.union(*(tag for _, tag in more))
            ours += [one for one, _ in more]
            contract = [one for one in contract if all(one[0] is not taken for taken in ours)]
            grown = bool(near or more)
        if theirs:
            found.append(Branches(tuple(ours), tuple(theirs)))
    return tuple(found)
