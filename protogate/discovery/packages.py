"""Directories, and what they are called: `shop.orders` where Python lives in one, `frontend/src/orders` elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogate.discovery.model import Module

__all__ = ["above", "directory", "package_names"]


def directory(module: Module) -> str:
    """Return the directory that a module lies in; empty for the root."""
    return module.path.rpartition("/")[0]


def above(place: str) -> Iterator[str]:
    """Yield the directories around one, the nearest first, without the root."""
    place = place.rpartition("/")[0]
    while place:
        yield place
        place = place.rpartition("/")[0]


def package_names(modules: Iterable[Module]) -> dict[str, str]:
    """Return the name of each directory that has modules in or below it: no two have the same."""
    listed = list(modules)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for one in sorted((one for one in listed if one.language == "python"), key=lambda one: one.path):
        place, package = directory(one), one.package
        while place and package and place not in found:
            found[place] = package if package not in taken else place
            taken.add(found[place])
            place, package = place.rpartition("/")[0], package.rpartition(".")[0]
    for place in {directory(one) for one in listed}:
        for around in (place, *above(place)):
            if around:
                found.setdefault(around, around)
    return found
