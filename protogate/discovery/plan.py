"""What it takes to move each slice: its contract, its cuts, its data, its order, its price, and the way back."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.candidates import UI
from protogate.discovery.cuts import Cutter, Remedy, points_of
from protogate.discovery.rows import candidate_row
from protogate.discovery.scores import PLUGINS
from protogate.discovery.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from protogate.discovery.boundaries import Boundaries
    from protogate.discovery.cuts import Cut
    from protogate.discovery.graph import Graph
    from protogate.discovery.model import Inventory, Module, Table
    from protogate.discovery.slices import Slice

__all__ = ["PlannedSlice", "Planner", "slice_name"]

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_QUERY_WORDS: Final = frozenset(
    {
        "all",
        "can",
        "count",
        "exists",
        "fetch",
        "find",
        "get",
        "has",
        "is",
        "list",
        "load",
        "lookup",
        "query",
        "read",
        "search",
    }
)
_MOVED_POINTS: Final = 2.0
"""Per thousand lines of code that move, as many again where nothing tests them."""
_TABLE_POINTS: Final = {"take": 2, "share-read": 5, "share-write": 7}
_MOST_NEIGHBOURS: Final = 3
_HOT: Final = 0.1
"""Share of all commits from where on a slice is a moving target."""
_SHORT_HISTORY: Final = 200
_SPREAD: Final = 1.4
_SPREAD_PER_RISK: Final = 0.15
_LAYERS: Final = frozenset(
    {
        "api",
        "app",
        "backends",
        "client",
        "components",
        "controllers",
        "handlers",
        "js",
        "lib",
        "management",
        "migrations",
        "models",
        "pages",
        "routers",
        "routes",
        "services",
        "src",
        "static",
        "ts",
        "views",
    }
)
"""Names that say what kind of code there is, not what it is about."""


class PlannedSlice(NamedTuple):
    """A slice and everything that was found of it."""

    name: str
    """Of the contract: lower case words joined by `_`."""
    slice: Slice
    cuts: tuple[Cut, ...]
    points: Mapping[tuple[str, str, Remedy], int]
    needs: Mapping[str, float]
    """Names of other planned slices that it uses, and what these seams cost."""
    risk: float
    row: dict[str, object]


def slice_name(unit: str, taken: Collection[str] = ()) -> str:
    """Return what a contract calls a unit: its innermost name that says more than a layer.

    >>> slice_name("frontend/src/modules/connect-config"), slice_name("shop.orders:refund")
    ('connect_config', 'refund')
    >>> slice_name("shop.rb.models")
    'rb'
    >>> slice_name("shop.admin.orders", {"orders"})
    'admin_orders'
    """
    written = [re.sub(r"[^a-z0-9]+", "_", part.lower()).strip("_") for part in re.split(r"[./:]", unit)]
    parts = [part for part in written if part] or ["slice"]
    while len(parts) > 1 and parts[-1] in _LAYERS:
        parts.pop()
    parts = [part if part[0].isalpha() else f"s_{part}" for part in parts]
    found, number = parts[-1], 1
    if found in taken and len(parts) > 1:
        found = f"{parts[-2]}_{parts[-1]}"
    plain = found
    while found in taken:
        number += 1
        found = f"{plain}_{number}"
    return found


class Planner:
    """Plans all slices of a repository together, as each is a neighbour of the others."""

    def __init__(self, inventory: Inventory, graph: Graph, boundaries: Boundaries) -> None:
        """Take what was found."""
        self._inventory = inventory
        self._boundaries = boundaries
        self._cutter = Cutter(inventory, graph)
        self._modules = {one.name: one for one in inventory.modules}
        self._lines = {(one.module, one.name): one.line for one in inventory.symbols}
        self._tests: dict[str, set[str]] = defaultdict(set)
        tests = {one.name for one in inventory.modules if one.is_test}
        for edge in inventory.edges if tests else ():
            if edge[0] in tests:
                self._tests[edge[1]].add(edge[0])
        self._commits = sum(one.commits for one in inventory.history.values()) or 1

    def plan(self, slices: Sequence[Slice], patterns: Mapping[str, Mapping[str, object]]) -> tuple[PlannedSlice, ...]:
        """Return the plan of each slice.

        Args:
            slices: that do not overlap.
            patterns: of each unit its row of `cqrs-pattern-clusters.json`.
        """
        names: list[str] = []
        for one in slices:
            names.append(slice_name(one.candidate.unit.name, names))
        owner = {module: names[index] for index, one in enumerate(slices) for module in one.modules}
        found = self._cutter.all_cuts(self._inventory.edges, owner)
        cuts = [found.get(name, ()) for name in names]
        points = [points_of(each) for each in cuts]
        seams = {name: self._between(each, owner) for name, each in zip(names, cuts, strict=True)}
        total = {name: sum(each.values()) for name, each in zip(names, points, strict=True)}
        planned = []
        for name, one, each, price in zip(names, slices, cuts, points, strict=True):
            pattern = patterns.get(one.candidate.unit.name, {})
            draft = _Draft(self, name, one, each, price, seams, total, pattern)
            planned.append(PlannedSlice(name, one, each, price, draft.needs, draft.risk, draft.row()))
        return tuple(planned)

    @staticmethod
    def _between(cuts: Iterable[Cut], owner: Mapping[str, str]) -> dict[str, list[Cut]]:
        """Return the outbound cuts of a slice by the slice that they lead to."""
        found: dict[str, list[Cut]] = defaultdict(list)
        for cut in cuts:
            if cut.direction == "outbound" and cut.edge.target in owner:
                found[owner[cut.edge.target]].append(cut)
        return dict(found)

    def module(self, name: str) -> Module:
        """Return a module by its name."""
        return self._modules[name]

    def line(self, module: str, symbol: str) -> int:
        """Return where a module defines a symbol; 0 where it only passes it on."""
        return self._lines.get((module, symbol), 0)

    @property
    def inventory(self) -> Inventory:
        """Return the repository."""
        return self._inventory

    @property
    def boundaries(self) -> Boundaries:
        """Return the proposed boundaries."""
        return self._boundaries

    def tests_of(self, modules: Iterable[str]) -> list[str]:
        """Return the paths of the tests that use any of these modules."""
        return sorted({self._modules[test].path for name in modules for test in self._tests.get(name, ())})

    def heat(self, modules: Iterable[str]) -> float:
        """Return the share of the changes of all modules that these had."""
        history = self._inventory.history
        return sum(history[name].commits for name in modules if name in history) / self._commits


class _Draft:
    """One row of the plan, part by part."""

    def __init__(
        self,
        planner: Planner,
        name: str,
        one: Slice,
        cuts: tuple[Cut, ...],
        points: Mapping[tuple[str, str, Remedy], int],
        seams: Mapping[str, Mapping[str, list[Cut]]],
        total: Mapping[str, int],
        pattern: Mapping[str, object],
    ) -> None:
        self._planner = planner
        self._name = name
        self._slice = one
        self._inside = frozenset(one.modules)
        self._cuts = cuts
        self._points = points
        self._seams = seams
        self._total = total
        self._pattern = pattern
        inventory = planner.inventory
        self._routes = [route for route in inventory.routes if route.module in self._inside]
        self._owned = [table for table in inventory.tables if table.module in self._inside]
        self._tests = planner.tests_of(one.modules)
        costs = {other: float(sum(points_of(each).values())) for other, each in sorted(seams[name].items())}
        # What is only copied makes nobody wait.
        self.needs = {other: cost for other, cost in costs.items() if cost}
        self._tables = self._data()
        self._risks = self._found_risks()
        self.risk = float(len(self._risks)) + sum(points.values()) / 100.0

    def row(self) -> dict[str, object]:
        """Return the row of `delegation-plan.generated.json`."""
        one = self._slice.candidate
        effort = self._effort()
        interface = self._interface()
        return {
            **candidate_row(one),
            "slice": {
                "slice_name": self._name,
                "contract_dir": f"contracts/{self._name}/v1",
                "gateway": {**interface, "health": f"/health/modules/{self._name}"},
                "frontend": self._frontend(),
                "migration": {"legacy_host": self._planner.inventory.root, "checklist": self._checklist(interface)},
            },
            "cqrs": {
                "pattern": self._pattern.get("pattern", "none"),
                "shared_types_package": f"{self._name}.v1",
                "command_count": self._pattern.get("command_count", len(interface["commands"])),
                "event_count": self._pattern.get("event_count", 0),
                "cluster_size": len(_list(self._pattern.get("cluster_members"))),
            },
            "readiness": {
                "score": round(one.score, 3),
                "phase": one.phase,
                "effort": one.effort,
                "reasons": [risk["evidence"] for risk in self._risks],
            },
            "contents": self._contents(),
            "cuts": [cut_row(cut) for cut in self._cuts],
            "cut_counts": _counts(self._cuts),
            "data": self._tables,
            "shared_code": self._shared_code(),
            "order": self._order(),
            "effort_basis": effort,
            "risks": self._risks,
            "confidence": self._confidence(),
            "parity": self._parity(),
            "rollback": self._rollback(),
        }

    def _contents(self) -> dict[str, object]:
        modules = [self._planner.module(name) for name in self._slice.modules]
        groups: dict[str, list[str]] = defaultdict(list)
        if self._slice.candidate.archetype == PLUGINS:
            for name in self._slice.modules:
                groups[self._planner.boundaries.of[name]].append(name)
        return {
            "modules": [
                {
                    "module": one.name,
                    "path": one.path,
                    "code_lines": one.code_lines,
                    "why": self._slice.reasons[one.name],
                }
                for one in modules
            ],
            "plugins": [{"boundary": name, "modules": groups[name]} for name in sorted(groups)],
            "tests": self._tests,
            "code_lines": sum(one.code_lines for one in modules),
            "touched": sorted({cut.edge.path for cut in self._cuts if cut.direction == "inbound"}),
        }

    def _interface(self) -> dict[str, list[dict[str, object]]]:
        """Return commands and queries: of routes, and of what the legacy side calls."""
        found: dict[str, list[dict[str, object]]] = {"commands": [], "queries": []}
        taken: set[str] = set()
        for route in self._routes:
            is_query = route.method in _READS
            name = _unique(_camel(route.handler or f"{route.method} {route.path}"), taken)
            side = "queries" if is_query else "commands"
            found[side].append(
                {
                    "name": name,
                    "gateway": f"{'GET' if is_query else 'POST'} /{side}/{self._name}/{_kebab(name)}",
                    "method": route.method,
                    "path": route.path,
                    "handler": route.handler,
                    "file": route.file,
                    "line": route.line,
                }
            )
        called = Counter(
            (cut.edge.target, cut.edge.symbol)
            for cut in self._cuts
            if cut.direction == "inbound" and cut.remedy is Remedy.API and cut.edge.symbol
        )
        for (module, symbol), count in sorted(called.items()):
            is_query = bool(_QUERY_WORDS.intersection(_snake(symbol).split("_")[:1])) or symbol[:1].isupper()
            side = "queries" if is_query else "commands"
            name = _unique(_camel(f"get {symbol}" if symbol[:1].isupper() else symbol), taken)
            found[side].append(
                {
                    "name": name,
                    "gateway": f"{'GET' if is_query else 'POST'} /{side}/{self._name}/{_kebab(name)}",
                    "method": "",
                    "path": "",
                    "handler": symbol,
                    "file": self._planner.module(module).path,
                    "line": self._planner.line(module, symbol),
                    "callers": count,
                }
            )
        return found

    def _frontend(self) -> dict[str, object]:
        one = self._slice.candidate
        callers = sorted(
            {cut.edge.path for cut in self._cuts if cut.remedy is Remedy.ROUTE and cut.direction == "inbound"}
        )
        if one.archetype == UI:
            return {"strategy": "microfrontend", "host_mode": "shell", "callers": callers}
        return {
            "strategy": "keep" if callers else "none",
            "host_mode": "gateway" if callers else "none",
            "callers": callers,
        }

    def _data(self) -> list[dict[str, object]]:
        inventory = self._planner.inventory
        found = []
        for table in self._owned:
            uses = [use for use in inventory.table_uses if use.table == table.name and use.module not in self._inside]
            keys = [other for other in inventory.tables if table.name in other.references and other not in self._owned]
            writers = [use for use in uses if use.mode == "write"]
            verdict = "share-write" if writers else "share-read" if uses or keys else "take"
            found.append(
                {
                    "table": table.name,
                    "owner": "slice",
                    "verdict": verdict,
                    "points": _TABLE_POINTS[verdict],
                    "model": table.model,
                    "file": table.file,
                    "line": table.line,
                    "columns": list(table.columns),
                    "references": list(table.references),
                    "readers": _places((use.file, use.line) for use in uses if use.mode != "write"),
                    "writers": _places((use.file, use.line) for use in writers),
                    "referenced_by": _places((other.file, other.line) for other in keys),
                    "sync": _sync(verdict),
                }
            )
        return found + self._foreign()

    def _foreign(self) -> list[dict[str, object]]:
        inventory = self._planner.inventory
        own = {table.name for table in self._owned}
        declared: dict[str, Table] = {}
        for table in inventory.tables:
            declared.setdefault(table.name, table)
        used: dict[str, list[tuple[str, int]]] = defaultdict(list)
        written: set[str] = set()
        for use in inventory.table_uses:
            if use.module in self._inside and use.table not in own:
                used[use.table].append((use.file, use.line))
                if use.mode == "write":
                    written.add(use.table)
        for table in self._owned:
            for name in table.references:
                if name not in own:
                    used[name].append((table.file, table.line))
        rows = []
        for name in sorted(used):
            other = declared.get(name)
            verdict = "share-write" if name in written else "share-read"
            rows.append(
                {
                    "table": name,
                    "owner": "legacy-host",
                    "verdict": verdict,
                    "points": 0,
                    "model": other.model if other is not None else "",
                    "file": other.file if other is not None else "",
                    "line": other.line if other is not None else 0,
                    "columns": [],
                    "references": [],
                    "readers": _places(used[name]),
                    "writers": [],
                    "referenced_by": [],
                    "sync": "asked through the adapter; its price is among the cuts",
                }
            )
        return rows

    def _shared_code(self) -> list[dict[str, object]]:
        """Return what is published or copied, each module once, with what of it is used."""
        found: dict[tuple[str, Remedy], set[str]] = defaultdict(set)
        for cut in self._cuts:
            if cut.direction == "outbound" and cut.remedy in {Remedy.PACKAGE, Remedy.COPY}:
                found[cut.edge.target, cut.remedy].add(cut.edge.symbol)
        return [
            {
                "module": name,
                "path": self._planner.module(name).path,
                "remedy": remedy.value,
                "code_lines": self._planner.module(name).code_lines,
                "symbols": sorted(found[name, remedy] - {""}),
            }
            for name, remedy in sorted(found, key=lambda key: (key[0], key[1].value))
        ]

    def _order(self) -> dict[str, object]:
        users = sorted(other for other, those in self._seams.items() if self._name in those)
        alone = self._total[self._name]
        joint = []
        for other in sorted({*self.needs, *users}):
            between = [*self._seams[self._name].get(other, ()), *self._seams[other].get(self._name, ())]
            # Both sides count a line between them: the one as outbound, the other as inbound.
            saved = 2 * sum(points_of(between).values())
            joint.append((saved, other, alone + self._total[other]))
        joint.sort(key=lambda row: (-row[0], row[1]))
        return {
            "needs": [{"slice": name, "points": cost} for name, cost in self.needs.items()],
            "needed_by": users,
            "together": [
                {"with": other, "apart": apart, "together": max(0, apart - saved)}
                for saved, other, apart in joint[:_MOST_NEIGHBOURS]
            ],
        }

    def _effort(self) -> dict[str, object]:
        lines = sum(self._planner.module(name).code_lines for name in self._slice.modules)
        terms = [
            ("seams", float(sum(self._points.values())), f"{len(self._points)} seams of {len(self._cuts)} lines"),
            (
                "tables",
                float(sum(_TABLE_POINTS[str(row["verdict"])] for row in self._tables if row["owner"] == "slice")),
                f"{len(self._owned)} tables",
            ),
            ("routes", float(len(self._routes)), f"{len(self._routes)} routes, 1 point each"),
            ("code", _MOVED_POINTS * lines / 1000, f"{lines} lines of code, 2 points a thousand"),
        ]
        if not self._tests:
            terms.append(("missing tests", _MOVED_POINTS * lines / 1000, "nothing tests it: as much again"))
        p50 = sum(points for _, points, _ in terms)
        p90 = p50 * (_SPREAD + _SPREAD_PER_RISK * len(self._risks))
        return {
            "unit": "points",
            "p50": round(p50, 1),
            "p90": round(p90, 1),
            "is_calibrated": False,
            "terms": [{"term": name, "points": round(points, 1), "basis": basis} for name, points, basis in terms],
        }

    def _found_risks(self) -> list[dict[str, str]]:
        found = []
        strings = [cut for cut in self._cuts if cut.edge.kind == "string"]
        if not self._tests and self._slice.candidate.archetype != UI:
            found.append(("no-tests", "no module of tests uses it"))
        if strings:
            first = strings[0].edge
            found.append(("dynamic-references", f"{len(strings)} texts name a module, first {first.path}:{first.line}"))
        shared = [str(row["table"]) for row in self._tables if row["verdict"] == "share-write"]
        if shared:
            found.append(("shared-writes", f"both sides write {', '.join(shared)}"))
        heat = self._planner.heat(self._slice.modules)
        if heat >= _HOT:
            found.append(("moving-target", f"{heat:.0%} of all changes of the history touch it"))
        mutual = sorted(other for other in self.needs if self._name in self._seams[other])
        if mutual:
            found.append(("circle", f"needs {mutual[0]}, which needs it"))
        owners = self._slice.candidate.owners
        if len(owners) > 2 and heat:  # noqa: PLR2004 - more than a pair
            found.append(("many-owners", f"changed by {', '.join(owners)}"))
        return [{"risk": name, "evidence": evidence} for name, evidence in found]

    def _confidence(self) -> dict[str, str]:
        inventory = self._planner.inventory
        doubts = []
        if inventory.commits < _SHORT_HISTORY:
            doubts.append(f"{inventory.commits} commits of history")
        if not self._tests:
            doubts.append("no tests")
        unread = {one.path for one in inventory.problems} & {self._planner.module(m).path for m in self._slice.modules}
        if unread:
            doubts.append(f"{len(unread)} of its files were not read whole")
        level = ("high", "medium", "low")[min(2, len(doubts))]
        return {"level": level, "why": "; ".join(doubts) or "a long history, tests, every file read"}

    def _parity(self) -> list[dict[str, object]]:
        checks: list[dict[str, object]] = [
            {
                "check": "answers",
                "subject": f"{route.method} {route.path}",
                "file": route.file,
                "line": route.line,
                "how": "record answers of the legacy host, compare those of the slice field by field",
            }
            for route in self._routes
        ]
        checks += [
            {
                "check": "rows",
                "subject": table.name,
                "file": table.file,
                "line": table.line,
                "how": "count rows and hash them on both sides after the bootstrap, and daily while both are written",
            }
            for table in self._owned
        ]
        return checks

    def _rollback(self) -> dict[str, str]:
        has_data = bool(self._owned)
        return {
            "switch": f"protogate slice phase {self._name} planned",
            "data": "dual write keeps the legacy tables whole until the slice is live"
            if has_data
            else "none to take back",
            "point_of_no_return": "the first write that only the slice knows" if has_data else "none",
            "threshold": "answers agree in less than 99.5 % of at least 100 compared requests",
        }

    def _checklist(self, interface: Mapping[str, Sequence[object]]) -> list[str]:
        counts = Counter(cut.remedy for cut in self._cuts)
        take = [str(row["table"]) for row in self._tables if row["owner"] == "slice"]
        adapters = len({cut.edge.target for cut in self._cuts if cut.remedy is Remedy.ADAPTER})
        packages = len({cut.edge.target for cut in self._cuts if cut.remedy is Remedy.PACKAGE})
        asked = f"{len(interface['commands'])} commands and {len(interface['queries'])} queries"
        calls = f"{counts[Remedy.API]} calls, {counts[Remedy.ROUTE]} requests and {counts[Remedy.SHIM]} imports"
        return [
            f"Write {asked} in contracts/{self._name}/v1.",
            f"Record parity answers of {len(self._routes)} routes before anything moves.",
            f"Publish {packages} modules as packages and copy {counts[Remedy.COPY]} helpers.",
            f"Write adapters for {adapters} modules of the legacy side.",
            f"Move {len(self._slice.modules)} modules and {len(self._tests)} tests.",
            f"Take {len(take)} tables by bootstrap and dual write{': ' + ', '.join(take[:5]) if take else ''}.",
            f"Turn {calls} to the slice.",
            f"Run protogate slice phase {self._name} phase-1, then phase-2, then live while parity holds.",
        ]


def cut_row(cut: Cut) -> dict[str, object]:
    """Return a line of the cut list."""
    edge = cut.edge
    return {
        "direction": cut.direction,
        "file": edge.path,
        "line": edge.line,
        "symbol": edge.symbol,
        "source": edge.source,
        "target": edge.target,
        "kind": edge.kind,
        "references": edge.references,
        "is_lazy": edge.is_lazy,
        "remedy": cut.remedy.value,
        "points": cut.points,
        "why": cut.why,
    }


def _counts(cuts: Iterable[Cut]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {"inbound": Counter(), "outbound": Counter()}
    for cut in cuts:
        found[cut.direction][cut.remedy.value] += 1
    return {side: dict(sorted(counts.items())) for side, counts in found.items()}


def _places(rows: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{file}:{line}" for file, line in sorted(set(rows))]


def _sync(verdict: str) -> str:
    return {
        "take": "bootstrap, then only the slice writes",
        "share-read": "bootstrap and dual write until the readers ask the slice",
        "share-write": "dual write, and a sync check until the writers send commands",
    }[verdict]


def _snake(name: str) -> str:
    return "_".join(words(name)) or name.lower()


def _camel(text: str) -> str:
    parts = [part for part in re.split(r"[\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)) if part]
    return "".join(part[:1].upper() + part[1:] for part in parts) or "Call"


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _unique(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}{number}"
    taken.add(found)
    return found


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
