"""From a method and the segments of a path to a handler: a tree, walked once a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from protogate.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from registry.server.desk import Desk
    from registry.server.http import Call, Reply

    Handler = Callable[[Desk, Call], Reply | Callable[[], Reply]]
    """A step is given back by what is prepared, see `Work`."""

__all__ = ["Found", "Route", "Router", "Work"]


_SUBJECT_AT: Final = {"subjects": 1, "config": 1, "mode": 1, "compatibility": 2}
"""Where a subject stands in a path, by its first word."""


class Work(Enum):
    """What a handler does to the store: it decides which thread runs it."""

    READ = "read"
    WRITE = "write"
    PREPARED = "prepared"
    """What takes time is done like a read; the step that it gives back is done like a write."""


@dataclass(frozen=True, slots=True)
class Route:
    """`pattern` is made of words, `{name}` for one segment and, at the end, `{name...}` for all that follow."""

    method: str
    pattern: str
    handler: Handler
    work: Work = Work.READ


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    name: str = ""
    """Of the parameter that any other segment fills; with dots at its end it takes all that follow."""
    any: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the tree: what it answers by method, and what the path filled in."""

    routes: Mapping[str, Route]
    params: Mapping[str, str]


class Router:
    """Finds routes; words win over names."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def find(self, segments: Sequence[str]) -> Found | None:
        """The place of a path, None where there is none."""
        for candidate in (segments, *_joined(segments)):
            params: dict[str, str] = {}
            node = _walk(self._root, candidate, 0, params)
            if node is not None:
                return Found(node.routes, params)
        return None

    def _add(self, route: Route) -> None:
        node = self._root
        for part in route.pattern.split("/")[1:]:
            if not part.startswith("{"):
                node = node.words.setdefault(part, _Node()) if part else node
                continue
            name = part[1:-1]
            if node.name not in ("", name):
                raise InternalError(f"{route.pattern}: {{{node.name}}} already stands where {{{name}}} does")
            node.any = node.any or _Node()
            node.name, node = name, node.any
        node.routes[route.method] = route


def _joined(segments: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The same path with a subject of more and more segments: some clients send its slashes as they are."""
    start = _SUBJECT_AT.get(segments[0]) if segments else None
    if start is not None:
        for end in range(start + 2, len(segments) + 1):
            yield (*segments[:start], "/".join(segments[start:end]), *segments[end:])


def _walk(node: _Node, segments: Sequence[str], at: int, params: dict[str, str]) -> _Node | None:
    if at == len(segments):
        return node if node.routes else None
    segment = segments[at]
    word = node.words.get(segment)
    if word is not None:
        found = _walk(word, segments, at + 1, params)
        if found is not None:
            return found
    if node.any is None:
        return None
    if node.name.endswith("..."):
        params[node.name[:-3]] = "/".join(segments[at:])
        return node.any
    params[node.name] = segment
    return _walk(node.any, segments, at + 1, params)
