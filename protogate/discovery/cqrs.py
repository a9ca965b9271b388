"""What kind of work a unit does, told by what its code does: data grids, reports, managers, configuration.

The evidence is what is declared, told and heard (commands, queries, events), the routes and their verbs, the tables
that are read and written, the requests that are sent, and, weakest, the words of names. Each pattern gets a score of
parts. A unit has the pattern that is ahead, or none where too little speaks for any.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from protogate.discovery.kinds import BROWSER_EVENTS
from protogate.discovery.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from protogate.discovery.model import Event, HttpCall, Inventory, Route, Symbol, TableUse

__all__ = ["CqrsSettings", "cqrs_document", "cqrs_markdown"]

_Placed = TypeVar("_Placed", "Event", "HttpCall", "Route", "Symbol", "TableUse")

_NONE: Final = "none"
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "data-grid": frozenset(
        "cell cells column columns datagrid filter filters grid page paginate pagination paging row rows search sort"
        " sorted sorting table view".split()
    ),
    "reports": frozenset(
        "aggregate analytics chart charts csv dashboard download downloads export exports graph pdf report reporting"
        " reports statistics stats summary".split()
    ),
    "manager": frozenset(
        "add assign cancel create delete edit insert move remove rename restore save update upsert".split()
    ),
    "config": frozenset(
        "config configs configuration configure disable enable option options preference preferences setting settings"
        " setup toggle".split()
    ),
}
_TARGETS: Final = {
    "data-grid": "shared-grid-package",
    "reports": "read-model-service",
    "manager": "command-service",
    "config": "configuration-service",
    _NONE: "none",
}
_KINDS: Final = {"command": "command", "query": "query", "event": "event", "signal": "event"}
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LEAST: Final = 20.0
"""Points from where on a pattern is one."""
_LEAST_LEAD: Final = 3.0
"""Points ahead of the next pattern; closer ones are no verdict."""
_EARLY: Final = 55.0
_MIDDLE: Final = 40.0
_MOST_EVIDENCE: Final = 12
_MOST_NAMES: Final = 200
_MOST_ROWS: Final = 80


class CqrsSettings(NamedTuple):
    """What a repository can set: the table `cqrs` of its settings."""

    cluster_similarity_threshold: float = 0.5
    """Share of the vocabulary that two units have in common, from where on they are one cluster."""
    patterns: tuple[Mapping[str, Any], ...] = ()
    """Patterns of the user, which win where they match: `name`, `extraction_target`, `commands`, `events`,
    `min_command_matches`, `min_event_matches`."""
    custom_extraction_target: str = "custom-slice"
    types_glob: str = ""
    """Of files whose declared types count; empty for all."""


class _Part(NamedTuple):
    name: str
    points: float
    most: int
    evidence: str


class _Unit(NamedTuple):
    """What is known of a unit."""

    name: str
    commands: tuple[str, ...]
    queries: tuple[str, ...]
    events: tuple[str, ...]
    routes: tuple[str, ...]
    """`GET /api/orders/{id}`."""
    sent: tuple[str, ...]
    """Verbs of requests."""
    reads: int
    writes: int
    names: Mapping[str, int]
    """Words of symbols, commands, queries, events and last parts of routes, and how often each stands."""
    evidence: tuple[tuple[str, str], ...]
    """`file:line`, and why."""


def cqrs_document(
    inventory: Inventory, units: Mapping[str, Sequence[str]], settings: CqrsSettings
) -> dict[str, object]:
    """Return `cqrs-pattern-clusters.json`.

    Args:
        inventory: the repository.
        units: names of the modules of each unit; a module is in one.
        settings: of the run.
    """
    collector = _Collector(inventory, units, settings.types_glob)
    found = [collector.unit(name) for name in sorted(units)]
    known = [one for one in found if one.commands or one.queries or one.events or one.names]
    rows = [_row(one, settings) for one in known]
    clusters = _clusters(known, rows, settings.cluster_similarity_threshold)
    members = {name: cluster for cluster in clusters for name in _texts(cluster["members"])}
    for row in rows:
        cluster = members.get(str(row["module"]))
        row["cluster_members"] = [] if cluster is None else cluster["members"]
    rows.sort(key=lambda row: (-_float(row["score"]), str(row["module"])))
    return {
        "meta": {
            "tool": "protogate discovery",
            "patterns": [*(str(one.get("name", "")) for one in settings.patterns), *_WORDS],
            "cluster_similarity_threshold": settings.cluster_similarity_threshold,
        },
        "rows": rows,
        "clusters": clusters,
    }


class _Collector:
    """Gathers what is known of units, in one pass over each list of the model."""

    def __init__(self, inventory: Inventory, units: Mapping[str, Sequence[str]], types_glob: str) -> None:
        self._types_glob = types_glob
        self._owner = {module: name for name, modules in units.items() for module in modules}
        self._told: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
        self._evidence: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._names: dict[str, Counter[str]] = defaultdict(Counter)
        self._sent: dict[str, list[str]] = defaultdict(list)
        self._modes: dict[str, Counter[str]] = defaultdict(Counter)
        self._events(inventory)
        self._routes(inventory)
        for call, unit in self._owned(inventory.http_calls):
            self._sent[unit].append(call.method)
            self._evidence[unit].append((f"{call.file}:{call.line}", f"asks {call.method} {call.path}"))
        for use, unit in self._owned(inventory.table_uses):
            self._modes[unit][use.mode] += 1
        for symbol, unit in self._owned(inventory.symbols):
            if symbol.kind in {"class", "function", "component"}:
                self._names[unit].update(words(symbol.name))

    def _owned(self, rows: Iterable[_Placed]) -> Iterator[tuple[_Placed, str]]:
        for one in rows:
            unit = self._owner.get(one.module)
            if unit is not None:
                yield one, unit

    def _events(self, inventory: Inventory) -> None:
        for event, unit in self._owned(inventory.events):
            is_elsewhere = event.side == "declares" and not fnmatch(event.file, self._types_glob or "*")
            if is_elsewhere or event.kind not in _KINDS or event.name.lower() in BROWSER_EVENTS:
                continue
            self._told[unit][_KINDS[event.kind]][event.name] = None
            self._names[unit].update(words(event.name))
            self._evidence[unit].append((f"{event.file}:{event.line}", f"{event.side} the {event.kind} {event.name}"))

    def _routes(self, inventory: Inventory) -> None:
        for route, unit in self._owned(inventory.routes):
            kind = "query" if route.method in _READS else "command"
            self._told[unit][kind][route.handler or f"{route.method} {route.path}"] = None
            self._told[unit]["route"][f"{route.method} {route.path}"] = None
            self._names[unit].update((*words(route.handler), *words(route.path.rpartition("/")[2])))
            self._evidence[unit].append((f"{route.file}:{route.line}", f"answers {route.method} {route.path}"))

    def unit(self, name: str) -> _Unit:
        """Return what is known of a unit."""
        told = self._told[name]
        return _Unit(
            name,
            tuple(sorted(told["command"])),
            tuple(sorted(told["query"])),
            tuple(sorted(told["event"])),
            tuple(sorted(told["route"])),
            tuple(sorted(self._sent[name])),
            self._modes[name]["read"],
            self._modes[name]["write"],
            self._names[name],
            tuple(sorted(self._evidence[name])),
        )


def _row(one: _Unit, settings: CqrsSettings) -> dict[str, object]:
    scores = {name: _parts(name, one) for name in _WORDS}
    totals = sorted(((sum(part.points for part in parts), name) for name, parts in scores.items()), reverse=True)
    (best, name), (next_best, _) = totals[0], totals[1]
    pattern = name if best >= _LEAST and best - next_best >= _LEAST_LEAD else _NONE
    target = _TARGETS[pattern]
    custom = next((row for row in settings.patterns if _is_match(row, one)), None)
    if custom is not None:
        pattern = str(custom.get("name", "custom"))
        target = str(custom.get("extraction_target") or settings.custom_extraction_target)
    score = round(best, 3)
    phase = "phase-1" if score >= _EARLY else "phase-2" if score >= _MIDDLE else "phase-3"
    hint = {"phase-1": "early", "phase-2": "middle", "phase-3": "later"}[phase]
    shown = scores[name]
    return {
        "module": one.name,
        "pattern": pattern,
        "extraction_target": target,
        "score": score,
        "phase": phase,
        "priority_hint": hint,
        "confidence": round(min(1.0, (best - next_best) / _LEAST) if pattern != _NONE else 0.0, 3),
        "commands": list(one.commands),
        "queries": list(one.queries),
        "events": list(one.events),
        "routes": list(one.routes),
        "command_count": len(one.commands),
        "query_count": len(one.queries),
        "event_count": len(one.events),
        "scores": {total_name: round(total, 3) for total, total_name in sorted(totals, key=lambda row: row[1])},
        "parts": [
            {"name": part.name, "points": round(part.points, 3), "most": part.most, "evidence": part.evidence}
            for part in shown
        ],
        "evidence": [{"place": place, "why": why} for place, why in one.evidence[:_MOST_EVIDENCE]],
        "cluster_members": [],
    }


def _parts(pattern: str, one: _Unit) -> list[_Part]:
    """Return what speaks for a pattern: words 40, verbs of routes 35, data 15, requests 10 points."""
    listed = _WORDS[pattern]
    hits = {word: count for word, count in one.names.items() if word in listed}
    share = sum(hits.values()) / max(1, sum(one.names.values()))
    variety = len(hits) / (len(hits) + 2.0)
    most = ", ".join(sorted(hits, key=lambda word: (-hits[word], word))[:5]) or "none"
    verbs, why = _verbs(pattern, one)
    data, data_why = _data(pattern, one)
    asked = sum(method in _READS for method in one.sent), sum(method not in _READS for method in one.sent)
    requests = _lean(asked[1], asked[0]) if pattern in {"manager", "config"} else _lean(asked[0], asked[1])
    return [
        _Part("words", 40 * variety * share / (share + 0.15), 40, f"{sum(hits.values())} names: {most}"),
        _Part("verbs of routes", 35 * verbs, 35, why),
        _Part("data", 15 * data, 15, data_why),
        _Part("requests", 10 * requests, 10, f"{asked[0]} that read, {asked[1]} that write"),
    ]


def _verbs(pattern: str, one: _Unit) -> tuple[float, str]:
    """Return how well the routes of a unit fit a pattern, 0 to 1, and which do."""
    by_path: dict[str, set[str]] = defaultdict(set)
    for route in one.routes:
        method, _, path = route.partition(" ")
        by_path[path.rstrip("/") or "/"].add(method)
    items = {path for path in by_path if path.endswith("}")}
    lists = {path.rpartition("/")[0] for path in items} & by_path.keys()
    reading = sum("GET" in methods for methods in by_path.values())
    writing = sum(bool(methods - _READS) for methods in by_path.values())
    if pattern == "manager":
        full = sum(bool(by_path[path] & {"PUT", "PATCH"}) + ("DELETE" in by_path[path]) for path in items)
        made = sum("POST" in by_path[path] for path in lists)
        return (full + made) / (full + made + 2.0), f"{made} that create, {full} that change or remove one"
    if pattern == "config":
        single = [path for path in by_path if "{" not in path and "GET" in by_path[path] and by_path[path] - _READS]
        single = [path for path in single if path not in lists]
        return len(single) / (len(single) + 2.0), f"{len(single)} single things that are read and set"
    if pattern == "data-grid":
        return len(lists) / (len(lists) + 2.0) * _lean(reading, writing), f"{len(lists)} lists with items"
    return reading / (reading + 3.0) * _lean(reading, 2 * writing), f"{reading} that read, {writing} that write"


def _data(pattern: str, one: _Unit) -> tuple[float, str]:
    why = f"{one.reads} reads and {one.writes} writes of tables"
    if pattern in {"manager", "config"}:
        return _lean(one.writes, one.reads / 2), why
    return _lean(one.reads, 2 * one.writes), why


def _lean(toward: float, away: float) -> float:
    """Return how far counts lean to one side, 0 to 1; 0 without any."""
    return toward / (toward + away + 1.0)


def _is_match(row: Mapping[str, Any], one: _Unit) -> bool:
    commands = len(set(_texts(row.get("commands"))) & set(one.commands))
    events = len(set(_texts(row.get("events"))) & set(one.events))
    least = int(row.get("min_command_matches", 1)), int(row.get("min_event_matches", 0))
    return commands + events > 0 and commands >= least[0] and events >= least[1]


def _clusters(
    units: Sequence[_Unit], rows: Sequence[Mapping[str, object]], threshold: float
) -> list[dict[str, object]]:
    """Return units that share a vocabulary: names of commands, queries and events. Each unit is in one cluster."""
    pattern = {str(row["module"]): str(row["pattern"]) for row in rows}
    terms = {one.name: frozenset({*one.commands, *one.queries, *one.events}) for one in units}
    users: dict[str, list[str]] = defaultdict(list)
    for name, those in terms.items():
        for term in those:
            users[term].append(name)
    parent = {name: name for name in terms}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    common: Counter[tuple[str, str]] = Counter()
    for listed in users.values():
        if len(listed) <= _MOST_NAMES:
            common.update((left, right) for index, left in enumerate(listed) for right in listed[index + 1 :])
    for (left, right), count in sorted(common.items()):
        if count >= threshold * len(terms[left] | terms[right]):
            one, other = sorted((root(left), root(right)))
            parent[other] = one
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(terms):
        groups[root(name)].append(name)
    found = [members for members in groups.values() if terms[members[0]]]
    return [
        {
            "cluster_id": f"cluster-{number}",
            "members": members,
            "size": len(members),
            "pattern": Counter(pattern[name] for name in members).most_common(1)[0][0],
        }
        for number, members in enumerate(sorted(found, key=lambda one: (-len(one), one)), start=1)
    ]


def cqrs_markdown(document: Mapping[str, object]) -> str:
    """Return `cqrs-pattern-clusters.md`."""
    rows = _rows(document["rows"])
    lines = ["# CQRS pattern clusters", "", f"{len(rows)} units.", "", "## Rows", ""]
    lines += _table(
        ("module", "pattern", "target", "score", "phase", "commands", "queries", "events"),
        [
            (
                f"`{row['module']}`",
                row["pattern"],
                row["extraction_target"],
                f"{_float(row['score']):.1f}",
                row["phase"],
                row["command_count"],
                row["query_count"],
                row["event_count"],
            )
            for row in rows[:_MOST_ROWS]
        ],
        len(rows),
    )
    clusters = _rows(document["clusters"])
    lines += ["", "## Clusters", ""]
    shown = [
        (row["cluster_id"], row["pattern"], row["size"], ", ".join(f"`{name}`" for name in _texts(row["members"])[:10]))
        for row in clusters[:_MOST_ROWS]
    ]
    lines += _table(("cluster", "pattern", "size", "members"), shown, len(clusters))
    return "\n".join(lines).rstrip() + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]], count: int) -> list[str]:
    if not rows:
        return ["None."]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(value).replace('|', '/') for value in row)} |" for row in rows]
    return [*lines, "", f"... and {count - len(rows)} more in the JSON document."] if count > len(rows) else lines


def _rows(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list | tuple) else []


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple | set | frozenset) else []


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
