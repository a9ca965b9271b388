"""Where exactly a slice is cut out: every line that crosses its border, and what takes the place of each.

Every crossing has one remedy and one price. The prices are the story points that Windup gives findings of a migration:
0 is for information, 1 trivial, 3 complex, 5 a redesign, 7 a rearchitecture, 13 unknown.
"""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from protogate.discovery.graph import Graph
    from protogate.discovery.model import Edge, Inventory, Module

__all__ = ["Cut", "Cutter", "Remedy", "points_of"]

_TRIVIAL_CALLS: Final = 3
"""References up to which a call is taken for one of plain values."""
_COPIED_LINES: Final = 150
"""Lines of code up to which a helper is copied rather than published."""
_COPIED_USERS: Final = 12
_PUBLISHED_USERS: Final = 4
"""Users from where on a helper without state is published as a package."""


class Remedy(enum.Enum):
    """What takes the place of a reference across the border."""

    API = "api"
    """The legacy side asks the slice: a query or command of the contract, through the gateway."""
    ROUTE = "gateway-route"
    """A request to a route: the gateway answers under the same path, nothing changes for the caller."""
    EVENT = "event"
    """What is told stays told: the slice publishes, or subscribes to, an event of the contract."""
    ADAPTER = "anti-corruption-layer"
    """The slice asks the legacy side through an adapter of its own, in its own words."""
    PACKAGE = "shared-package"
    """Code without state that both sides need is published, and both install it."""
    COPY = "copy"
    """A small helper is copied into the slice and goes its own way."""
    SHIM = "shim"
    """A module of the old name stays behind and passes on, for what is named in settings and texts."""


class _Price(NamedTuple):
    remedy: Remedy
    points: int
    why: str


class Cut(NamedTuple):
    """One line that crosses the border of a slice."""

    direction: str
    """`inbound`: the legacy side uses the slice; `outbound`: the slice uses the legacy side."""
    edge: Edge
    remedy: Remedy
    points: int
    why: str


_INBOUND: Final = {
    EdgeKind.TYPE: _Price(Remedy.PACKAGE, 0, "a type only: it is generated from the contract"),
    EdgeKind.HTTP: _Price(Remedy.ROUTE, 0, "a request: the gateway answers under the same path"),
    EdgeKind.EVENT: _Price(Remedy.EVENT, 1, "listens to it: the slice publishes the event"),
    EdgeKind.STRING: _Price(Remedy.SHIM, 3, "named in a text: a module of that name stays behind"),
    EdgeKind.SUBCLASS: _Price(Remedy.PACKAGE, 5, "extends a class of the slice: the class becomes a package"),
    EdgeKind.MODEL: _Price(
        Remedy.API, 5, "a foreign key into the slice: it becomes an id, and what it joined, a query"
    ),
}
_OUTBOUND: Final = {
    EdgeKind.TYPE: _Price(Remedy.PACKAGE, 0, "a type only: it is generated from a contract"),
    EdgeKind.HTTP: _Price(Remedy.ROUTE, 0, "a request: it goes to the gateway under the same path"),
    EdgeKind.EVENT: _Price(Remedy.EVENT, 1, "listens to it: the slice subscribes to the event"),
    EdgeKind.STRING: _Price(Remedy.ADAPTER, 3, "loads it by name: the adapter names it"),
    EdgeKind.MODEL: _Price(
        Remedy.ADAPTER, 5, "a foreign key out of the slice: it becomes an id that the adapter resolves"
    ),
}


class Cutter:
    """Knows of each module what it takes to be cut off from it."""

    def __init__(self, inventory: Inventory, graph: Graph) -> None:
        """Take a repository and its graph."""
        self._modules: Mapping[str, Module] = {one.name: one for one in inventory.modules}
        self._tables: dict[str, set[str]] = defaultdict(set)
        for table in inventory.tables:
            self._tables[table.module].add(table.model or table.name)
        self._users = Counter([target for _, target in graph.references])
        self._uses = Counter([source for source, _ in graph.references])
        self._writes = {(use.module, use.table) for use in inventory.table_uses if use.mode == "write"}
        self._names = {(table.module, table.model or table.name): table.name for table in inventory.tables}
        self._stateful = {one.module for one in inventory.tables} | {one.module for one in inventory.routes}
        self._stateful |= {use.module for use in inventory.table_uses} | {call.module for call in inventory.http_calls}

    def all_cuts(self, edges: Iterable[Edge], owners: Mapping[str, str]) -> dict[str, tuple[Cut, ...]]:
        """Return what crosses the border of each slice, by file and line; tests cut nothing.

        Args:
            edges: of the repository.
            owners: of modules the slice that each is in; a module is in one.
        """
        crossing: dict[str, list[Edge]] = defaultdict(list)
        find = owners.get
        for edge in edges:
            left, right = find(edge[0]), find(edge[1])
            if left != right and not self._is_test(edge):
                if left is not None:
                    crossing[left].append(edge)
                if right is not None:
                    crossing[right].append(edge)
        names = {name: {module for module, owner in owners.items() if owner == name} for name in crossing}
        return {name: self._cuts(crossing[name], names[name]) for name in crossing}

    def _cuts(self, crossing: list[Edge], modules: Collection[str]) -> tuple[Cut, ...]:
        calls: Counter[tuple[str, str, str]] = Counter()
        for edge in crossing:
            calls[edge.source, edge.target, edge.symbol] += edge.references
        crossing.sort(key=lambda edge: (edge.path, edge.line, edge.target, edge.symbol))
        return tuple(
            self._cut(edge, calls[edge.source, edge.target, edge.symbol], is_inbound=edge.target in modules)
            for edge in crossing
        )

    def _is_test(self, edge: Edge) -> bool:
        return any(name in self._modules and self._modules[name].is_test for name in (edge.source, edge.target))

    def _cut(self, edge: Edge, calls: int, *, is_inbound: bool) -> Cut:
        if is_inbound:
            return Cut("inbound", edge, *self._inbound(edge, calls))
        return Cut("outbound", edge, *self._outbound(edge, calls))

    def _inbound(self, edge: Edge, calls: int) -> _Price:
        plain = _INBOUND.get(edge.kind)
        if plain is not None:
            return plain
        data = self._data(edge)
        if data is not None:
            return data
        if edge.kind == EdgeKind.IMPORT:
            return _Price(Remedy.SHIM, 1, "imports it without calling it: the name stays behind and passes on")
        if calls <= _TRIVIAL_CALLS:
            return _Price(Remedy.API, 1, "calls it: a command or query of the contract")
        return _Price(Remedy.API, 3, f"calls it {calls} times: commands and queries of the contract")

    def _outbound(self, edge: Edge, calls: int) -> _Price:
        plain = _OUTBOUND.get(edge.kind)
        if plain is not None:
            return plain
        data = self._data(edge)
        return data._replace(remedy=Remedy.ADAPTER) if data is not None else self._helper(edge, calls)

    def _data(self, edge: Edge) -> _Price | None:
        """Return what a use of a table costs; None where the edge is none."""
        if edge.symbol not in self._tables.get(edge.target, ()):
            return None
        table = self._names[edge.target, edge.symbol]
        if edge.kind == EdgeKind.SUBCLASS:
            return _Price(
                Remedy.API, 13, f"extends the table {table}: rows of both sides are one, and have to be parted first"
            )
        if (edge.source, table) in self._writes:
            return _Price(Remedy.API, 7, f"writes the table {table} of the other side: it becomes a command")
        return _Price(Remedy.API, 5, f"reads the table {table} of the other side: it becomes a query")

    def _helper(self, edge: Edge, calls: int) -> _Price:
        """Return the remedy for code that the slice uses: published, copied, or asked through an adapter."""
        target = self._modules[edge.target]
        users = self._users[edge.target]
        if edge.kind == EdgeKind.SUBCLASS:
            return _Price(Remedy.PACKAGE, 5, f"extends a class that {users} modules use: it becomes a package")
        if edge.target not in self._stateful:
            if users >= _PUBLISHED_USERS:
                return _Price(Remedy.PACKAGE, 1, f"used by {users} modules and without state: it becomes a package")
            if target.code_lines <= _COPIED_LINES and self._uses[edge.target] <= _COPIED_USERS:
                return _Price(Remedy.COPY, 0, f"{target.code_lines} lines without state: they are copied")
        points = 1 if calls <= _TRIVIAL_CALLS else 3
        return _Price(Remedy.ADAPTER, points, "code of the legacy side: an adapter of the slice asks it")


def points_of(cuts: Iterable[Cut]) -> dict[tuple[str, str, Remedy], int]:
    """Return the price of each seam, by its dearest line.

    Two modules and a remedy are bridged once; what is published or copied, once for the whole slice (source is empty).
    """
    found: dict[tuple[str, str, Remedy], int] = {}
    for cut in cuts:
        is_once = cut.direction == "outbound" and cut.remedy in {Remedy.PACKAGE, Remedy.COPY}
        key = ("" if is_once else cut.edge.source, cut.edge.target, cut.remedy)
        found[key] = max(found.get(key, 0), cut.points)
    return found
