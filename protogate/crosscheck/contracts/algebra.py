"""Unions and intersections of shapes: what `anyOf`, `allOf` and keys beside each other mean for values.

What no value can satisfy is a choice without members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogate.crosscheck.shapes import (
    ANY,
    Altered,
    AnyOf,
    Anything,
    Choice,
    Field,
    Items,
    Mapping,
    Primitive,
    Record,
    Unresolved,
)
from protogate.crosscheck.values import fits, same

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from protogate.crosscheck.shapes import Kind, Member, Shape
    from protogate.findings import Place

__all__ = ["Intersections", "choice", "union"]

_MAX_BRANCHES: Final = 1000
"""Members of a union that intersections make; each further one in a row would multiply them."""


def choice(members: Iterable[Member], place: Place) -> Choice:
    """Return a choice that has each value once, where it stands first."""
    once: dict[Hashable, Member] = {}
    for member in members:
        once.setdefault(same(member.value), member)
    return Choice(tuple(once.values()), place)


def union(shapes: Iterable[Shape], place: Place) -> Shape:
    """Return a shape that has the values of all shapes: flat, with one choice, without what another member covers."""
    members = list(_flat(shapes))
    if any(isinstance(one, Anything) for one in members):
        return ANY
    primitives = _primitives(members)
    listed = _listed(members, primitives, place)
    kept: list[Shape] = [*primitives, *([listed] if listed.members else [])]
    kept += _distinct(one for one in members if not isinstance(one, Choice | Primitive))
    if not kept:
        return listed
    return kept[0] if len(kept) == 1 else AnyOf(tuple(kept))


def _flat(shapes: Iterable[Shape]) -> Iterator[Shape]:
    for shape in shapes:
        if isinstance(shape, AnyOf):
            yield from shape.members
        else:
            yield shape


def _primitives(shapes: Sequence[Shape]) -> list[Primitive]:
    """Return the types, none of which has all values of another one."""
    every = dict.fromkeys(one for one in shapes if isinstance(one, Primitive))
    return [one for one in every if not any(_covers(other, one) for other in every if other is not one)]


def _covers(wide: Primitive, narrow: Primitive) -> bool:
    return not wide.format and (wide.kind == narrow.kind or (wide.kind, narrow.kind) == ("number", "integer"))


def _listed(shapes: Sequence[Shape], primitives: Sequence[Primitive], place: Place) -> Choice:
    """Return all listed values that no type has anyway."""
    choices = [one for one in shapes if isinstance(one, Choice)]
    kinds: list[Kind] = [one.kind for one in primitives if not one.format]
    members = (member for one in choices for member in one.members)
    return choice(
        (member for member in members if not any(fits(member.value, kind) for kind in kinds)),
        choices[0].place if choices else place,
    )


def _distinct(shapes: Iterable[Shape]) -> Iterable[Shape]:
    # By identity: records may hold themselves.
    return {id(shape): shape for shape in shapes}.values()


class Intersections:
    """Makes intersections, each one once, so that records that hold themselves come to an end."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[Shape, Shape, Shape]] = {}

    def of(self, shapes: Sequence[Shape], place: Place) -> Shape:
        """Return a shape that has the values that all shapes have; anything where there is none."""
        if len(shapes) < 2:  # noqa: PLR2004 - nothing to pair
            return shapes[0] if shapes else ANY
        # By halves: records of records of records would be asked for their fields one inside the other.
        middle = len(shapes) // 2
        return self._both(self.of(shapes[:middle], place), self.of(shapes[middle:], place), place)

    def _both(self, one: Shape, other: Shape, place: Place) -> Shape:
        known = self._known.get((id(one), id(other)))
        if known is None:
            # The operands are kept as well: their ids stay theirs.
            known = self._known[id(one), id(other)] = (one, other, self._made(one, other, place))
        return known[2]

    def _made(self, one: Shape, other: Shape, place: Place) -> Shape:
        if one is other or isinstance(other, Anything):
            return one
        if isinstance(one, Anything):
            return other
        if isinstance(one, Altered | Unresolved):
            return self._with_unknown(one, other, place)
        if isinstance(other, Altered | Unresolved):
            return self._with_unknown(other, one, place)
        if isinstance(one, AnyOf) or isinstance(other, AnyOf):
            return self._of_unions(one, other, place)
        return self._of_single(one, other, place)

    def _with_unknown(self, unknown: Altered | Unresolved, shape: Shape, place: Place) -> Shape:
        if isinstance(unknown, Altered):
            return unknown._replace(shape=self._both(unknown.shape, shape, place))
        return unknown if isinstance(shape, Unresolved) else Altered(shape, unknown.reason, unknown.place)

    def _of_unions(self, one: Shape, other: Shape, place: Place) -> Shape:
        left = one.members if isinstance(one, AnyOf) else (one,)
        right = other.members if isinstance(other, AnyOf) else (other,)
        if len(left) * len(right) > _MAX_BRANCHES:
            return Unresolved(f"the unions that are combined here have more than {_MAX_BRANCHES:,} branches", place)
        return union([self._both(mine, theirs, place) for mine in left for theirs in right], place)

    def _of_single(self, one: Shape, other: Shape, place: Place) -> Shape:
        match one, other:
            case (Choice() | Primitive(), Choice() | Primitive()):
                return _scalars(one, other, place)
            case Items(), Items():
                return self._arrays(one, other, place)
            case Mapping(), Mapping():
                keys = self._both(one.keys, other.keys, place)
                return Mapping(keys, self._both(one.values, other.values, place))
            case Record(), Record():
                return self._records(one, other)
            case (Record() as record, Mapping()) | (Mapping(), Record() as record):
                return record
            case _:
                return Choice((), place)

    def _arrays(self, one: Items, other: Items, place: Place) -> Items:
        prefix = [
            self._both(_item(one, index), _item(other, index), place)
            for index in range(max(len(one.prefix), len(other.prefix)))
        ]
        return Items(self._both(one.items, other.items, place), tuple(prefix))

    def _records(self, one: Record, other: Record) -> Record:
        extra = "forbid" if "forbid" in {one.extra, other.extra} else one.extra
        return Record(one.name, one.place, lambda: tuple(self._fields(one, other)), extra)

    def _fields(self, one: Record, other: Record) -> Iterator[Field]:
        theirs = {field.name: field for field in other.fields}
        for field in one.fields:
            same_name = theirs.pop(field.name, None)
            if same_name is not None:
                shape = self._both(field.shape, same_name.shape, field.place)
                yield field._replace(shape=shape, required=field.required or same_name.required)
            else:
                yield from _alone(field, other)
        for field in theirs.values():
            yield from _alone(field, one)


def _alone(field: Field, other: Record) -> Iterator[Field]:
    """Yield a field that the other record does not name."""
    if other.extra != "forbid":
        yield field
    elif field.required:
        # It must be there and must not: no document is both.
        yield field._replace(shape=Choice((), field.place))


def _scalars(one: Choice | Primitive, other: Choice | Primitive, place: Place) -> Shape:
    if isinstance(one, Choice):
        return _chosen(one, other)
    return _chosen(other, one) if isinstance(other, Choice) else _narrower(one, other, place)


def _chosen(listed: Choice, other: Choice | Primitive) -> Choice:
    if isinstance(other, Primitive):
        kept = [member for member in listed.members if fits(member.value, other.kind)]
    else:
        values = {same(member.value) for member in other.members}
        kept = [member for member in listed.members if same(member.value) in values]
    return listed if len(kept) == len(listed.members) else Choice(tuple(kept), listed.place)


def _narrower(one: Primitive, other: Primitive, place: Place) -> Shape:
    if one.kind == other.kind:
        return one if one.format else other
    integer = next((shape for shape in (one, other) if shape.kind == "integer"), None)
    return integer if integer and "number" in {one.kind, other.kind} else Choice((), place)


def _item(array: Items, index: int) -> Shape:
    return array.prefix[index] if index < len(array.prefix) else array.items
