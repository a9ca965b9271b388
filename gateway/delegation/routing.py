"""Which slice a request is about, and whose side a caller is on."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.routing import compile_path

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

    from protogate.http import Route
    from protogate.slices import Slice

__all__ = ["Hit", "RouteTable", "is_among", "share_of"]

_BUCKETS: Final = 10_000
"""A share can be told to a hundredth of a percent."""


class Hit(NamedTuple):
    """A request that is about a slice."""

    slice: str
    route: Route
    parameters: Mapping[str, str]
    """The variables of the path."""

    @property
    def name(self) -> str:
        """As counts call it: `GET /queries/user/{id}`."""
        return f"{self.route.verb} {self.route.path}"


class RouteTable:
    """The routes of all slices."""

    def __init__(self, slices: Iterable[Slice]) -> None:
        """Know the routes of these slices; where two have one, the first answers, as it does behind us."""
        self._plain: dict[tuple[str, str], Hit] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], str, Route]]] = {}
        for one in slices:
            for route in one.routes:
                if "{" in route.path:
                    pattern, _, _ = compile_path(route.path)
                    self._patterns.setdefault(route.verb, []).append((pattern, one.name, route))
                else:
                    self._plain.setdefault((route.verb, route.path), Hit(one.name, route, {}))

    @property
    def paths(self) -> frozenset[str]:
        """The paths of all slices, with their variables."""
        patterns = (route.path for routes in self._patterns.values() for _, _, route in routes)
        return frozenset((*(path for _, path in self._plain), *patterns))

    def find(self, verb: str, path: str) -> Hit | None:
        """The route of a slice for a method and a decoded path; `HEAD` is a question like `GET`."""
        verb = "GET" if verb == "HEAD" else verb
        plain = self._plain.get((verb, path))
        if plain is not None:
            return plain
        for pattern, name, route in self._patterns.get(verb, ()):
            found = pattern.match(path)
            if found is not None:
                return Hit(name, route, found.groupdict())
        return None


def share_of(name: str, who: str) -> int:
    """Where somebody stands among all callers of a slice, from 0 to 9999, always the same.

    Each slice deals anew, so it is not the same people who try out everything.
    """
    return int.from_bytes(blake2b(f"{name}\0{who}".encode("utf-8", "replace"), digest_size=8).digest()) % _BUCKETS


def is_among(name: str, who: str, percent: float) -> bool:
    """Whether somebody belongs to the first percent of the callers of a slice.

    A larger share holds everybody of a smaller one: who was moved stays.
    """
    return share_of(name, who) < round(percent * _BUCKETS / 100)
