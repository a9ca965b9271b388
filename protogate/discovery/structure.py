"""How a repository hangs together, apart from how large its modules are: what a run remembers for the next one.

Most edits leave it as it is: a function grows, lines move, and who refers to whom stays. Then the graph, the boundaries
and all that is counted of units are those of the run before, and only sizes are summed up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protogate.discovery.boundaries import Boundaries, boundaries
from protogate.discovery.communities import communities
from protogate.discovery.graph import Graph, mixed_graph
from protogate.discovery.packing import named
from protogate.discovery.units import LEAST_LINES, Measures, Unit, measured, units

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from protogate.discovery.boundaries import Finder
    from protogate.discovery.model import Inventory, Module

__all__ = ["Structure"]


class Structure(NamedTuple):
    """Of one model."""

    graph: Graph
    """Its ties are empty where it was remembered: the boundaries are what they were for."""
    boundaries: Boundaries
    units: tuple[Unit, ...]
    measures: Mapping[str, Measures]
    """By the names of the units."""

    @classmethod
    def of(cls, inventory: Inventory, find: Finder = communities) -> Structure:
        """Return the structure of a repository.

        Args:
            inventory: the repository.
            find: what finds communities, or remembers them.
        """
        graph = mixed_graph(inventory)
        found = boundaries(inventory, graph, find)
        listed = units(inventory, found, graph.modules)
        return cls(graph, found, listed, measured(inventory, graph, listed))

    def resized(self, inventory: Inventory, modules: Collection[str]) -> Structure:
        """Return the structure of a repository that differs in the sizes of some modules only."""
        changed = frozenset(modules)
        sizes = {one.name: one for one in inventory.modules}
        if any(self._may_be_another_unit(sizes[name]) for name in changed):
            listed = units(inventory, self.boundaries, self.graph.modules)
            return self._replace(units=listed, measures=measured(inventory, self.graph, listed))
        fresh = {
            unit.name: self.measures[unit.name].with_sizes([sizes[name] for name in unit.modules])
            for unit in self.units
            if not changed.isdisjoint(unit.modules)
        }
        return self._replace(measures={**self.measures, **fresh})

    def _may_be_another_unit(self, module: Module) -> bool:
        """Tell whether a module may have become large enough to be a unit, or too small."""
        return (module.code_lines >= LEAST_LINES) != (module.name in self.measures)

    def packed(self) -> list[Any]:
        """Return it as lists, tuples, texts and numbers."""
        graph = self.graph
        return [
            graph.modules,
            sorted(graph.hubs),
            list(zip(*graph.references, strict=True)),
            list(graph.references.values()),
            dict(self.boundaries.of),
            dict(self.boundaries.members),
            [(*one[:2], tuple(one.modules), one.path) for one in self.units],
            list(zip(*self.measures.values(), strict=True)),
        ]

    @classmethod
    def unpacked(cls, plain: list[Any]) -> Structure:
        """Return the structure that was packed.

        Raises:
            TypeError, ValueError: the values are none of a structure.
        """
        modules, hubs, pairs, weights, of, members, listed, measures = plain
        found = tuple(Unit(name, kind, frozenset(those), path) for name, kind, those, path in listed)
        rows = named(Measures, zip(*measures, strict=True))
        references = dict(zip(zip(*pairs, strict=True), weights, strict=True))
        return cls(
            Graph(modules, frozenset(hubs), references, {}),
            Boundaries(of, members),
            found,
            {unit.name: row for unit, row in zip(found, rows, strict=True)},
        )
