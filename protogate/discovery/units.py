"""What can be a candidate at all, and what the graph says of each: the numbers behind every score.

A unit is a package with all below it, a boundary that crosses packages, or a single module with a life of its own.
Units lie within each other; every one is measured, and a plan later takes some that do not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import EdgeKind
from protogate.discovery.packages import above, directory, package_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.discovery.boundaries import Boundaries
    from protogate.discovery.graph import Graph
    from protogate.discovery.model import Inventory, Module

__all__ = ["LEAST_LINES", "Measures", "Unit", "measured", "units"]

LEAST_LINES: Final = 150
"""Lines of code from where on a single module is a unit; fewer are where it answers requests or keeps a table."""
_SAME: Final = 0.9
"""Overlap from where on a boundary is the package that it lies in, and no unit of its own."""


class Unit(NamedTuple):
    """Modules that may leave together."""

    name: str
    kind: str
    """`package`, `boundary`, `module`."""
    modules: frozenset[str]
    path: str
    """Directory or file; of a boundary the package that it is called after."""


class Measures(NamedTuple):
    """What is counted of a unit; pairs of modules, not lines, unless it says so."""

    files: int
    lines: int
    code_lines: int
    branches: int
    inbound_modules: int
    """Modules outside that refer to it."""
    inbound_references: float
    interface: int
    """Modules of it that are referred to from outside."""
    internal: int
    crossing: int
    """Pairs over its border in both directions, without hubs."""
    outward: int
    """Modules outside that it refers to, without hubs."""
    kernel: int
    """Hubs that it refers to."""
    tables: tuple[str, ...]
    """Declared in it."""
    shared_tables: tuple[str, ...]
    """Of these, the ones that others use."""
    foreign_tables: tuple[str, ...]
    """Declared elsewhere and used in it."""
    routes: int
    requests: int
    """Sent by it."""
    entry_points: int
    tests: int
    """Modules of tests that refer to it."""
    changes_inside: float
    changes_across: float
    commits: int
    leaves: int
    """Modules that extend the class that most of its modules extend."""
    base: str
    """That class."""
    mutual: int
    """Pairs of references among those leaves."""

    def with_sizes(self, modules: Sequence[Module]) -> Measures:
        """Return the measures of the same unit whose modules have other sizes."""
        return self._replace(
            lines=sum(one.lines for one in modules),
            code_lines=sum(one.code_lines for one in modules),
            branches=sum(one.branches for one in modules),
        )


def units(inventory: Inventory, boundaries: Boundaries, names: Iterable[str]) -> tuple[Unit, ...]:
    """Return the units of a repository, sorted by name.

    Args:
        inventory: the repository.
        boundaries: proposed.
        names: of the modules that count: neither tests nor generated.
    """
    modules = {one.name: one for one in inventory.modules}
    counted = sorted(names)
    called = package_names(inventory.modules)
    places: dict[str, set[str]] = defaultdict(set)
    for name in counted:
        place = directory(modules[name])
        for around in (place, *above(place)):
            places[around].add(name)
    own = {directory(modules[name]) for name in counted}
    inner = Counter(place.rpartition("/")[0] for place in places if place)
    found = {
        called[place]: Unit(called[place], "package", frozenset(those), place)
        for place, those in places.items()
        # A directory with nothing but one directory is that directory.
        if place and (place in own or inner[place] != 1)
    }
    known = set(counted)
    for name, those in boundaries.members.items():
        members = frozenset(those) & known
        if len(members) > 1 and name not in found and not _is_package(members, places, modules):
            package = name.partition(":")[0]
            found[name] = Unit(name, "boundary", members, found[package].path if package in found else package)
    alive = {one.module for one in inventory.routes} | {one.module for one in inventory.tables}
    for name in counted:
        one = modules[name]
        if name not in found and not one.is_init and (one.code_lines >= LEAST_LINES or name in alive):
            found[name] = Unit(name, "module", frozenset({name}), one.path)
    return tuple(found[name] for name in sorted(found))


def _is_package(members: frozenset[str], places: Mapping[str, set[str]], modules: Mapping[str, Module]) -> bool:
    near = {directory(modules[name]) for name in members}
    near |= {place.rpartition("/")[0] for place in near}
    return any(len(members & places[place]) >= _SAME * len(members | places[place]) for place in near if place)


def measured(inventory: Inventory, graph: Graph, those: Iterable[Unit]) -> dict[str, Measures]:
    """Return the measures of each unit by its name; linear in the edges, times the depth of the directories."""
    counted = list(those)
    of: dict[str, list[int]] = defaultdict(list)
    for index, unit in enumerate(counted):
        for module in unit.modules:
            of[module].append(index)
    tally = _Tally(len(counted), of, graph)
    tally.families(inventory)
    tally.references(graph)
    tally.data(inventory)
    tally.life(inventory)
    tally.changes(inventory)
    modules = {one.name: one for one in inventory.modules}
    return {
        unit.name: tally.measures(index, [modules[name] for name in unit.modules]) for index, unit in enumerate(counted)
    }


class _Tally:
    """Counts for all units at once; a unit is its index here."""

    def __init__(self, count: int, of: Mapping[str, list[int]], graph: Graph) -> None:
        self._sets = {name: frozenset(indexes) for name, indexes in of.items()}
        self._hubs = graph.hubs
        self.inbound: list[set[str]] = [set() for _ in range(count)]
        self.interface: list[set[str]] = [set() for _ in range(count)]
        self.outward: list[set[str]] = [set() for _ in range(count)]
        self.tests: list[set[str]] = [set() for _ in range(count)]
        self.owned: list[set[str]] = [set() for _ in range(count)]
        self.shared: list[set[str]] = [set() for _ in range(count)]
        self.foreign: list[set[str]] = [set() for _ in range(count)]
        self.weight = [0.0] * count
        self.internal = [0] * count
        self.crossing = [0] * count
        self.routes = [0] * count
        self.requests = [0] * count
        self.entry_points = [0] * count
        self.commits = [0] * count
        self.inside = [0.0] * count
        self.across = [0.0] * count
        self.leaves: list[tuple[str, frozenset[str]]] = [("", frozenset())] * count
        self.mutual = [0] * count

    def at(self, module: str) -> frozenset[int]:
        return self._sets.get(module, frozenset())

    def references(self, graph: Graph) -> None:
        sets, hubs, nothing = self._sets, self._hubs, frozenset[int]()
        leaves = [those for _, those in self.leaves]
        for (source, target), weight in graph.references.items():
            left, right = sets.get(source, nothing), sets.get(target, nothing)
            is_near = source not in hubs and target not in hubs
            both = left & right
            for index in both:
                self.internal[index] += 1
                if source in leaves[index] and target in leaves[index]:
                    self.mutual[index] += 1
            for index in right - both:
                self.inbound[index].add(source)
                self.interface[index].add(target)
                self.weight[index] += weight
                self.crossing[index] += is_near
            for index in left - both:
                self.outward[index].add(target)
                self.crossing[index] += is_near

    def data(self, inventory: Inventory) -> None:
        owners: dict[str, frozenset[int]] = {}
        for table in inventory.tables:
            owners[table.name] = owners.get(table.name, frozenset()) | self.at(table.module)
            for index in self.at(table.module):
                self.owned[index].add(table.name)
        for table in inventory.tables:
            for name in table.references:
                self._use(name, table.module, owners)
        for use in inventory.table_uses:
            self._use(use.table, use.module, owners)

    def _use(self, table: str, module: str, owners: Mapping[str, frozenset[int]]) -> None:
        own, users = owners.get(table, frozenset()), self.at(module)
        for index in own - users:
            self.shared[index].add(table)
        for index in users - own:
            self.foreign[index].add(table)

    def life(self, inventory: Inventory) -> None:
        for route in inventory.routes:
            for index in self.at(route.module):
                self.routes[index] += 1
        for call in inventory.http_calls:
            for index in self.at(call.module):
                self.requests[index] += 1
        for entry in inventory.entry_points:
            for index in self.at(entry.module):
                self.entry_points[index] += 1
        tests = {one.name for one in inventory.modules if one.is_test}
        for edge in inventory.edges if tests else ():
            if edge[0] in tests:
                for index in self.at(edge[1]):
                    self.tests[index].add(edge[0])

    def changes(self, inventory: Inventory) -> None:
        for name, history in inventory.history.items():
            for index in self.at(name):
                self.commits[index] += history.commits
        for pair in inventory.co_changes:
            left, right = self.at(pair.left), self.at(pair.right)
            for index in left & right:
                self.inside[index] += pair.weight
            for index in left ^ right:
                self.across[index] += pair.weight

    def families(self, inventory: Inventory) -> None:
        extended: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for edge in inventory.edges:
            if edge.kind == EdgeKind.SUBCLASS:
                # A base of its own makes no plugins of a unit: their host is elsewhere.
                for index in self.at(edge.source) - self.at(edge.target):
                    extended[index][f"{edge.target}.{edge.symbol}"].add(edge.source)
        models = {table.module for table in inventory.tables}
        for index, bases in extended.items():
            base = min(bases, key=lambda name: (-len(bases[name]), name))
            # Tables have a base in common too, and are no plugins.
            if 2 * len(bases[base] & models) < len(bases[base]):
                self.leaves[index] = base, frozenset(bases[base])

    def measures(self, index: int, modules: list[Module]) -> Measures:
        return Measures(
            len(modules),
            sum(one.lines for one in modules),
            sum(one.code_lines for one in modules),
            sum(one.branches for one in modules),
            len(self.inbound[index]),
            self.weight[index],
            len(self.interface[index]),
            self.internal[index],
            self.crossing[index],
            len(self.outward[index] - self._hubs),
            len(self.outward[index] & self._hubs),
            tuple(sorted(self.owned[index])),
            tuple(sorted(self.shared[index])),
            tuple(sorted(self.foreign[index])),
            self.routes[index],
            self.requests[index],
            self.entry_points[index],
            len(self.tests[index]),
            self.inside[index],
            self.across[index],
            self.commits[index],
            len(self.leaves[index][1]),
            self.leaves[index][0],
            self.mutual[index],
        )
