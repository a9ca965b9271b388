"""What a frontend asks of the backend: groups of routes, and the requests that a module really sends.

A module sends what its own files send, and what the functions of shared files send that it imports, by symbol, one
behind the other. A shared file as a whole says nothing: one file with all requests of an application would make every
module need every route. What shared components send, such as a layout that asks who is logged in, is known but not the
module's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.frontend_layout import COMPONENTS
from protogate.discovery.model import EdgeKind
from protogate.discovery.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from protogate.discovery.facts import FileFacts
    from protogate.discovery.model import Edge, HttpCall, Inventory, Module, Route

__all__ = ["Claim", "Claims", "RouteGroup", "group_of", "route_groups"]

USED: Final = frozenset({EdgeKind.IMPORT, EdgeKind.CALL, EdgeKind.SUBCLASS})
"""Why a file needs another while it runs."""

_TRIVIAL: Final = re.compile(r"api|rest|v\d+(\.\d+)?", re.IGNORECASE)
_PREFIX_SEGMENTS: Final = 2
"""`api` and a version."""
_MOST_HOPS: Final = 4
_MOST_GROUPS: Final = 3
"""Of one function or object; what asks for more is a client of everything, and says nothing of who imports it."""
_MOST_ROOTS: Final = 10
_HOOK: Final = re.compile(r"use[A-Z]")


_NO_CODE: Final = frozenset({"re-export", "interface", "type"})
_VERBS: Final = frozenset(
    {
        *("use", "get", "fetch", "load", "post", "put", "patch", "create", "update", "delete", "remove", "save"),
        *("list", "query", "mutation", "api", "client", "service", "store", "request", "all", "add", "set", "default"),
    }
)
"""What names of functions say beside their subject."""


class RouteGroup(NamedTuple):
    """Routes of the backend with one prefix."""

    name: str
    """`orders` of `/api/v1/orders/{id}`; `root` for `/`."""
    prefixes: tuple[str, ...]
    files: tuple[str, ...]
    modules: tuple[str, ...]
    routes: tuple[Route, ...]
    import_roots: tuple[str, ...]
    """What its files import most, packages of others and first names of the own code."""


class Claim(NamedTuple):
    """A request that a module sends, and by which import where it does not send it itself."""

    call: HttpCall
    api: str
    """The prefix that is asked for: `/api/v1/orders`; empty where it is not known."""
    group: str
    """Of the routes that answer; empty where none is known."""
    via: Edge | None
    is_shown: bool = False
    """By way of a shared component."""


def group_of(path: str, depth: int) -> tuple[str, str]:
    """Return the name of the group of a path, and its prefix.

    The name is of the first segments that are neither `api`, a version nor a parameter. How many is said by the depth,
    of which two segments stand for `api` and the version, so that paths with and without them are grouped alike.

    >>> group_of("/api/v1/orders/{id}/lines", 3), group_of("/orders/{id}", 3)
    (('orders', '/api/v1/orders'), ('orders', '/orders'))
    >>> group_of("/api/v1/orders/export/all", 4)[0], group_of("/", 3)
    ('orders/export', ('root', '/'))
    """
    segments = [one for one in path.split("/") if one]
    telling: list[str] = []
    end = 0
    for index, segment in enumerate(segments):
        if len(telling) == max(1, depth - _PREFIX_SEGMENTS) or ("{" in segment and telling):
            break
        if "{" not in segment and (telling or not _TRIVIAL.fullmatch(segment)):
            telling.append(segment)
            end = index + 1
    return "/".join(telling) or "root", "/" + "/".join(segments[:end])


def route_groups(inventory: Inventory, depth: int, path_regex: str = "") -> tuple[RouteGroup, ...]:
    """Return the groups of the backend's routes, sorted by name; a file without a route is in none.

    Args:
        inventory: the repository.
        depth: see `group_of`.
        path_regex: what paths of the API look like; empty for all.
    """
    modules = {one.name: one for one in inventory.modules}
    wanted = re.compile(path_regex)
    members: dict[str, list[Route]] = defaultdict(list)
    for route in inventory.routes:
        module = modules.get(route.module)
        if (module is None or not module.is_test) and wanted.search(route.path):
            members[group_of(route.path, depth)[0]].append(route)
    targets = _targets(inventory.edges) if members else {}
    return tuple(_group(name, routes, depth, modules, targets) for name, routes in sorted(members.items()))


def _group(
    name: str,
    routes: Iterable[Route],
    depth: int,
    modules: Mapping[str, Module],
    targets: Mapping[str, Collection[str]],
) -> RouteGroup:
    listed = tuple(sorted(routes))
    names = sorted({route.module for route in listed})
    return RouteGroup(
        name,
        tuple(sorted({group_of(route.path, depth)[1] for route in listed})),
        tuple(sorted({route.file for route in listed})),
        tuple(names),
        listed,
        import_roots(names, modules, targets),
    )


def import_roots(
    names: Iterable[str], modules: Mapping[str, Module], targets: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """Return the packages that modules import, those that most of them do first; at most ten."""
    counts: Counter[str] = Counter()
    for name in names:
        own = {re.split(r"[./]", target, maxsplit=1)[0] for target in targets.get(name, ())}
        counts.update(own | set(modules[name].externals if name in modules else ()))
    return tuple(sorted(counts, key=lambda root: (-counts[root], root))[:_MOST_ROOTS])


def _targets(edges: Iterable[Edge]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.kind in USED:
            found[edge.source].add(edge.target)
    return found


class Claims:
    """Finds what modules ask for."""

    def __init__(
        self,
        inventory: Inventory,
        depth: int,
        path_regex: str,
        owners: Mapping[str, str],
        facts: Mapping[str, FileFacts],
    ) -> None:
        """Take the repository.

        Args:
            inventory: the repository.
            depth: see `group_of`.
            path_regex: what paths of the API look like.
            owners: of files that belong to a feature module, its name.
            facts: of files by path, for the lines of functions; without them a shared file counts as one function.
        """
        self._depth = depth
        self._owners = owners
        self._wanted = re.compile(path_regex)
        self._paths = {one.name: one.path for one in inventory.modules}
        self._spans = _Spans(facts)
        self._calls: dict[str, list[HttpCall]] = defaultdict(list)
        for call in inventory.http_calls:
            self._calls[call.module].append(call)
        self._edges: dict[str, list[Edge]] = defaultdict(list)
        for edge in inventory.edges if owners else ():
            if edge.kind in USED:
                self._edges[edge.source].append(edge)

    def of(self, owned: Iterable[str]) -> tuple[tuple[Claim, ...], tuple[Edge, ...]]:
        """Return what some files ask for, and the imports of clients of everything, which are not followed."""
        found: list[Claim] = []
        vague: list[Edge] = []
        waiting: list[tuple[Edge, Edge, int, bool]] = []
        for name in sorted(owned):
            found += self._claims(self._calls.get(name, ()), None)
            waiting += [
                (edge, edge, 1, self._is_shown(edge))
                for edge in self._edges.get(name, ())
                if edge.target not in self._owners
            ]
        seen: set[tuple[str, str, bool]] = set()
        for edge, first, hops, is_shown in waiting:
            if (edge.target, edge.symbol, is_shown) in seen:
                continue
            seen.add((edge.target, edge.symbol, is_shown))
            path = self._paths.get(edge.target, "")
            span = self._spans.of(path, edge.symbol)
            claims = self._claims([one for one in self._calls.get(edge.target, ()) if span.holds(one.line)], first)
            if len({claim.group or claim.api for claim in claims}) > _MOST_GROUPS:
                vague.append(first)
            else:
                found += [claim._replace(is_shown=is_shown) for claim in claims]
            if hops < _MOST_HOPS:
                # The list grows while it is read: what is found is followed in turn.
                waiting.extend(
                    (one, first, hops + 1, is_shown or self._is_shown(one))
                    for one in self._edges.get(edge.target, ())
                    if one.target not in self._owners and self._spans.uses(path, edge.symbol, one.line, one.symbol)
                )
        return tuple(found), tuple(dict.fromkeys(vague))

    def _is_shown(self, edge: Edge) -> bool:
        """Tell whether an import is one of a component, which hooks are not even where they lie beside components."""
        return self._paths.get(edge.target, "").endswith(COMPONENTS) and not _HOOK.match(edge.symbol)

    def _claims(self, calls: Iterable[HttpCall], via: Edge | None) -> list[Claim]:
        return [claim for call in calls if (claim := self._claim(call, via)) is not None]

    def _claim(self, call: HttpCall, via: Edge | None) -> Claim | None:
        route = call.routes[0] if call.routes else None
        name, prefix = group_of(call.path.removeprefix("{}"), self._depth)
        if not self._wanted.search(call.path) and (route is None or not self._wanted.search(route.path)):
            return None
        if route is None:
            return Claim(call, "" if name == "root" else prefix, "", via)
        return Claim(call, prefix, group_of(route.path, self._depth)[0], via)


def _subject(name: str) -> set[str]:
    return {word.removesuffix("s") for word in words(name)} - _VERBS


class _Span(NamedTuple):
    first: int
    last: int

    def holds(self, line: int) -> bool:
        return self.first <= line <= self.last


_WHOLE: Final = _Span(0, 1 << 31)


class _Spans:
    """The lines of what a file defines."""

    def __init__(self, facts: Mapping[str, FileFacts]) -> None:
        self._facts = facts
        self._known: dict[str, dict[str, _Span]] = {}
        self._shown: dict[str, int] = {}
        """How much each file exports."""

    def of(self, path: str, symbol: str) -> _Span:
        """Return the lines of a name; of what is not known, those of the file."""
        if path not in self._known:
            self._known[path] = dict(self._named(path))
            facts = self._facts.get(path)
            listed = facts.definitions if facts is not None else ()
            self._shown[path] = len({one.line for one in listed if one.is_exported and one.kind not in _NO_CODE})
        return self._known[path].get(symbol, _WHOLE)

    def uses(self, path: str, symbol: str, line: int, other: str) -> bool:
        """Tell whether a name uses what a file imports at a line.

        Where it is used inside of a definition, its lines tell; where only the import is known, the name that is alone
        in its file uses all, and one of several uses what is about the same: `useOrders` uses `getOrders`.
        """
        spans = self._known.get(path, {})
        if symbol not in spans or spans[symbol].holds(line):
            return True
        if any(span.holds(line) for span in spans.values()):
            return False
        asked = _subject(other)
        return self._shown[path] == 1 or bool(asked and asked <= _subject(symbol))

    def _named(self, path: str) -> Iterator[tuple[str, _Span]]:
        facts = self._facts.get(path)
        for one in reversed(facts.definitions) if facts is not None else ():
            if one.kind not in _NO_CODE:
                yield one.name, _Span(one.line, one.end)
