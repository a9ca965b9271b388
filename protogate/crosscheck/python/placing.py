"""Gives shapes of types without a place of their own, such as those of the standard library, that of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.crosscheck.shapes import Altered, AnyOf, Choice, Items, Mapping, Unresolved

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Shape
    from protogate.findings import Place

__all__ = ["placed"]


def placed(shape: Shape, place: Place) -> Shape:  # noqa: PLR0911 - one for each kind of shape
    """Return a shape of which every part that findings are placed at has a file."""
    match shape:
        case Unresolved(_, here):
            return shape if here.file else shape._replace(place=place)
        case Altered(inner, by, here):
            return Altered(placed(inner, place), by, here if here.file else place)
        case Choice(members, here):
            if here.file and all(one.place.file for one in members):
                return shape
            kept = tuple(one if one.place.file else one._replace(place=place) for one in members)
            return Choice(kept, here if here.file else place)
        case Items(items, prefix):
            return Items(placed(items, place), tuple(placed(one, place) for one in prefix))
        case Mapping(keys, values):
            return Mapping(placed(keys, place), placed(values, place))
        case AnyOf(members):
            return AnyOf(tuple(placed(one, place) for one in members))
        case _:
            return shape
