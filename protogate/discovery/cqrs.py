"""What kind of work a unit does, told by what its code does: data grids, reports, managers, configuration.

Everything that a unit answers, asks, declares, tells or hears is read as an operation: a verb on a thing.
`POST /orders/filter` searches orders, `DELETE /orders/{id}` and `OrderDeleted` delete one, `PUT /settings/mail` sets
mail. Each pattern has verbs of its own (the core) and verbs that go along with it (the company):

| pattern | core | company |
|---|---|---|
| data-grid | list, search (filter, sort, page, count) | get |
| reports | export, aggregate (statistics, charts, summaries) | list, search, get |
| manager | create, update, delete | list, search, get |
| config | set, consult (read a setting) | |

The score of a pattern is 0 to 100, the sum of five parts. An answered route and a message count 1, a request 0.5.

- operations, 35: `core / (core + 2) * (core + company / 2) / all`, so that a few of many say little.
- resources, 25. Of a manager: the best resource, how many of create, update, delete (two at least) and read it has, of
  four. Of configuration: `n / (n + 1)` of n things that are both read and set. Of a data grid: `n / (n + 1)` where a
  searched thing counts 1 and one with list and item 0.5, times the share of reading; of reports: `core / (core + 2)`
  times that share. A write weighs as two reads.
- messages, 10: `core / (core + 2) * core / all`, of commands, queries and events alone.
- data, 15: how far uses of tables lean to reading, or to writing; for configuration half as much.
- names, 15: words of symbols. The weakest: with the data they never reach a verdict.

A unit has the pattern that is ahead by three points, with 25 points, two operations of its core and points for
resources; else none. Events that scripts of the web tell and no type declares count for the score, but not as one of
these two: libraries of widgets have `childRemoved`, too.

The score is thus how completely the pattern is there: a unit that does all of it and nothing else leaves in one piece
(phase-1 from 55 on), one that does much beside it has to be taken apart first (phase-2 from 40 on, phase-3). Units
without a pattern are always phase-3. A pattern of the user counts 100 times the share of its messages that are there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from protogate.discovery.kinds import BROWSER_EVENTS
from protogate.discovery.words import last_part, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from protogate.discovery.model import Event, HttpCall, Inventory, Route, Symbol, TableUse

__all__ = [
    "Cluster",
    "CqrsClusters",
    "CqrsRow",
    "CqrsSettings",
    "Evidence",
    "Part",
    "cqrs_document",
    "cqrs_markdown",
    "cqrs_rows",
]

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
"""The patterns in the order in which they are shown, and words that names of each have."""
_CORE: Final[Mapping[str, frozenset[str]]] = {
    "data-grid": frozenset({"list", "search"}),
    "reports": frozenset({"export", "aggregate"}),
    "manager": frozenset({"create", "update", "delete"}),
    "config": frozenset({"set", "consult"}),
}
_COMPANY: Final[Mapping[str, frozenset[str]]] = {
    "data-grid": frozenset({"get"}),
    "reports": frozenset({"list", "search", "get"}),
    "manager": frozenset({"list", "search", "get"}),
    "config": frozenset(),
}
_TARGETS: Final = {
    "data-grid": "shared-grid-package",
    "reports": "read-model-service",
    "manager": "command-service",
    "config": "configuration-service",
    _NONE: "none",
}
_CHANGES: Final = ("create", "update", "delete")
_READING: Final = frozenset({"list", "search", "get", "export", "aggregate", "consult"})
_VERBS: Final[Mapping[str, str]] = {
    word: verb
    for verb, listed in {
        "create": "add clone copy create duplicate import insert invite new register upload upsert",
        "update": "archive assign change edit modify move patch rename reorder restore save update",
        "delete": "delete destroy discard remove revoke",
        "export": "csv download export pdf print xlsx",
        "aggregate": "aggregate analytics chart dashboard histogram leaderboard metric report stat statistic stats"
        " statistics summary trend usage",
        "search": "autocomplete column count filter find lookup page paginate pagination paging query search sort",
        "list": "all browse index list load",
        "get": "detail fetch get read show",
    }.items()
    for word in listed.split()
}
_SETTINGS: Final = frozenset({"config", "configuration", "configure", "preference", "setting", "settings"})
_SWITCHES: Final = frozenset({"set", "toggle", "enable", "disable"})
"""Verbs that change a setting where nothing else is said: `ThemeSet`; of an item they change it."""
_SUMMARIES: Final = frozenset({"analytics", "metric", "report", "stat", "statistic", "statistics", "stats"})
"""Whatever is read below a path with one of these is a report: `/analytics/daily`."""
_FILLERS: Final = frozenset(
    "ajax and api endpoint for form handler rest route self submit the view viewset views".split()
)
"""Words of paths and handlers that tell no thing."""
_ORDER: Final = (*_CHANGES, "export", "aggregate", "search", "list", "get")
"""Which verb a name with several means: `create_report` creates, `list_exports` exports."""
_KINDS: Final = {"command": "command", "query": "query", "event": "event", "signal": "event"}
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_REST: Final = {"GET": "get", "HEAD": "get", "OPTIONS": "get", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
_SHORTEST_PLURAL: Final = 4
_NO_PLURALS: Final = frozenset({"news", "alias", "series"})
_LONG_PLURALS: Final = ("ches", "shes", "sses", "xes")
_LEAST: Final = 25.0
"""Points from where on a pattern is one."""
_LEAST_CORE: Final = 2
"""Operations of the core; one is a coincidence."""
_LEAST_LEAD: Final = 3.0
"""Points ahead of the next pattern; closer ones are no verdict."""
_EARLY: Final = 55.0
_MIDDLE: Final = 40.0
_HINTS: Final = {"phase-1": "early", "phase-2": "middle", "phase-3": "later"}
_LEAST_CHANGES: Final = 2
"""Of create, update and delete, from where on a resource is managed."""
_LEAST_COMMON: Final = 2
"""Words of a vocabulary; one event that two units hear makes them no kin."""
_PARTS: Final = {"operations": 35, "resources": 25, "messages": 10, "data": 15, "names": 15}
"""Parts of a score, and the points that each can add."""
_RESOURCE: Final = 1
"""Place of the resources among these."""
_MOST_EVIDENCE: Final = 12
_MOST_NAMES: Final = 200
"""Units with a word, from where on it is everybody's and says nothing."""
_MOST_ROWS: Final = 80
_MOST_MEMBERS: Final = 10


class CqrsSettings(NamedTuple):
    """What a repository can set: the table `cqrs` of its settings."""

    cluster_similarity_threshold: float = 0.5
    """Share of the vocabulary that two units have in common, from where on they are one cluster."""
    patterns: tuple[Mapping[str, Any], ...] = ()
    """Patterns of the user, which win where they match, the first one first: `name`, `extraction_target`, `commands`,
    `events`, `min_command_matches`, `min_event_matches`."""
    custom_extraction_target: str = "custom-slice"
    types_glob: str = ""
    """Of files whose declared types count; empty for all."""


class Part(NamedTuple):
    """A part of a score."""

    name: str
    points: float
    most: int
    evidence: str


class Evidence(NamedTuple):
    """A line of code that speaks for a verdict."""

    place: str
    """`shop/api.py:12`."""
    why: str


class CqrsRow(NamedTuple):
    """The verdict on a unit."""

    module: str
    """Name of the unit."""
    pattern: str
    extraction_target: str
    score: float
    phase: str
    priority_hint: str
    confidence: float
    """How far the pattern is ahead of the next, 0 to 1; of a pattern of the user the share of its messages."""
    commands: tuple[str, ...]
    queries: tuple[str, ...]
    events: tuple[str, ...]
    routes: tuple[str, ...]
    """`GET /api/orders/{id}`."""
    command_count: int
    query_count: int
    event_count: int
    scores: Mapping[str, float]
    """Of all patterns that are not the user's."""
    parts: tuple[Part, ...]
    """Of the score; their points add up to it."""
    evidence: tuple[Evidence, ...]
    """The most telling first, at most twelve."""
    cluster_members: tuple[str, ...]


class Cluster(NamedTuple):
    """Units that are alike."""

    cluster_id: str
    members: tuple[str, ...]
    size: int
    pattern: str
    """Of most members."""


class CqrsClusters(NamedTuple):
    """All verdicts, the best score first, and clusters: each unit is in one."""

    rows: tuple[CqrsRow, ...]
    clusters: tuple[Cluster, ...]


class _Operation(NamedTuple):
    """A verb on a thing, and where the code says so."""

    verb: str
    """Of `_CORE` and `_COMPANY`; `act` for everything else."""
    stem: str
    """The thing: `order`; empty where it is not told."""
    source: str
    """`answers`, `asks`; of messages `declares`, `emits`, `handles`."""
    file: str
    line: int
    what: str


class _Unit(NamedTuple):
    """What is known of a unit."""

    name: str
    commands: tuple[str, ...]
    queries: tuple[str, ...]
    events: tuple[str, ...]
    routes: tuple[str, ...]
    operations: tuple[_Operation, ...]
    reads: int
    writes: int
    words: Mapping[str, int]
    """Words of symbols, and how often each stands."""
    tables: tuple[_Operation, ...]
    """Uses of tables, for the evidence."""

    def weights(self) -> Counter[str]:
        """Return how often each verb stands, in halves: a request is one, everything else two."""
        found: Counter[str] = Counter()
        for one in self.operations:
            found[one.verb] += 1 if one.source == "asks" else 2
        return found


def cqrs_document(
    inventory: Inventory, units: Mapping[str, Sequence[str]], settings: CqrsSettings
) -> dict[str, object]:
    """Return `cqrs-pattern-clusters.json`.

    Args:
        inventory: the repository.
        units: names of the modules of each unit; a module is in one.
        settings: of the run.
    """
    found = cqrs_rows(inventory, units, settings)
    return {
        "meta": {
            "tool": "protogate discovery",
            "patterns": [*(str(one.get("name", "")) for one in settings.patterns), *_WORDS],
            "cluster_similarity_threshold": settings.cluster_similarity_threshold,
        },
        "rows": [_listed(row) for row in found.rows],
        "clusters": [{**cluster._asdict(), "members": list(cluster.members)} for cluster in found.clusters],
    }


def _listed(row: CqrsRow) -> dict[str, object]:
    table = {key: list(value) if isinstance(value, tuple) else value for key, value in row._asdict().items()}
    return {
        **table,
        "scores": dict(row.scores),
        "parts": [{**part._asdict(), "points": round(part.points, 3)} for part in row.parts],
        "evidence": [one._asdict() for one in row.evidence],
    }


def cqrs_rows(inventory: Inventory, units: Mapping[str, Sequence[str]], settings: CqrsSettings) -> CqrsClusters:
    """Return the pattern of each unit that says anything, and which units are alike.

    Args:
        inventory: the repository.
        units: names of the modules of each unit; a module is in one.
        settings: of the run.
    """
    collector = _Collector(inventory, units, settings.types_glob)
    known = [one for one in map(collector.unit, sorted(units)) if one.operations or one.events or one.words]
    rows = [_row(one, settings) for one in known]
    clusters = _clusters(known, rows, settings.cluster_similarity_threshold)
    members = {name: cluster.members for cluster in clusters for name in cluster.members}
    rows = [row._replace(cluster_members=members[row.module]) for row in rows]
    return CqrsClusters(tuple(sorted(rows, key=lambda row: (-row.score, row.module))), clusters)


# Gathering


class _Collector:
    """Gathers what is known of units, in one pass over each list of the model."""

    def __init__(self, inventory: Inventory, units: Mapping[str, Sequence[str]], types_glob: str) -> None:
        self._types_glob = types_glob
        self._owner = {module: name for name, modules in units.items() for module in modules}
        self._told: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._operations: dict[str, list[_Operation]] = defaultdict(list)
        self._tables: dict[str, list[_Operation]] = defaultdict(list)
        self._events(inventory)
        self._routes(inventory)
        self._requests(inventory)
        for use, unit in self._owned(inventory.table_uses):
            verb = {"read": "reads", "write": "writes"}.get(use.mode, "")
            if verb:
                self._tables[unit].append(_Operation(verb, "", verb, use.file, use.line, f"the table {use.table}"))
        listed: dict[str, list[str]] = defaultdict(list)
        for symbol, unit in self._owned(inventory.symbols):
            if symbol.kind in {"class", "function", "component"}:
                listed[unit].extend(words(symbol.name))
        self._words = {unit: Counter(those) for unit, those in listed.items()}

    def _owned(self, rows: Iterable[_Placed]) -> Iterator[tuple[_Placed, str]]:
        find = self._owner.get
        for one in rows:
            unit = find(one.module)
            if unit is not None:
                yield one, unit

    def _events(self, inventory: Inventory) -> None:
        seen: set[tuple[str, str]] = set()
        for one, unit in sorted(self._owned(inventory.events)):
            is_elsewhere = one.side == "declares" and not fnmatch(one.file, self._types_glob or "*")
            if is_elsewhere or one.kind not in _KINDS or one.name.lower() in BROWSER_EVENTS:
                continue
            self._told[unit][_KINDS[one.kind]].add(one.name)
            verb, stem = _message(one.name)
            # A word alone is an event of some library: `zoomend`, `remove`. Who tells and hears the same counts once.
            if (stem or one.side == "declares") and (verb or one.kind != "event") and (unit, one.name) not in seen:
                seen.add((unit, one.name))
                what = f"the {one.kind} {one.name}"
                self._operations[unit].append(_Operation(verb or "act", stem, one.side, one.file, one.line, what))

    def _routes(self, inventory: Inventory) -> None:
        rows = sorted(self._owned(inventory.routes))
        shapes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for one, unit in rows:
            shapes[unit][_shape(one.path)].add(one.method)
        for one, unit in rows:
            reader = _Path(one.method, one.path, one.handler, shapes[unit])
            shown = f"{one.method} {one.path}"
            self._told[unit]["route"].add(shown)
            verbs, stem = reader.verbs(is_viewset=one.framework == "drf"), reader.stem() or _subject(unit)
            for verb in verbs:
                self._operations[unit].append(_Operation(verb, stem, "answers", one.file, one.line, shown))
            kind = "query" if _READING.issuperset(verbs) or one.method in _READS else "command"
            self._told[unit][kind].add(one.handler or shown)

    def _requests(self, inventory: Inventory) -> None:
        scripts = {one.name for one in inventory.modules if one.language != "python"}
        # What a server asks of others says nothing of its own work.
        rows = sorted(
            (one, unit) for one, unit in self._owned(inventory.http_calls) if one.routes or one.module in scripts
        )
        shapes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for one, unit in rows:
            shapes[unit][_shape(one.path)].add(one.method)
        for one, unit in rows:
            handler = one.routes[0].handler if one.routes else ""
            reader = _Path(one.method, one.path, handler, shapes[unit])
            shown = f"{one.method} {one.path}"
            for verb in reader.verbs(is_viewset=False):
                self._operations[unit].append(_Operation(verb, reader.stem(), "asks", one.file, one.line, shown))

    def unit(self, name: str) -> _Unit:
        """Return what is known of a unit."""
        told = self._told[name]
        modes = Counter(one.verb for one in self._tables[name])
        return _Unit(
            name,
            tuple(sorted(told["command"])),
            tuple(sorted(told["query"])),
            tuple(sorted(told["event"])),
            tuple(sorted(told["route"])),
            tuple(sorted(self._operations[name])),
            modes["reads"],
            modes["writes"],
            self._words.get(name, {}),
            tuple(sorted(self._tables[name])),
        )


def _lemma(word: str) -> str:
    """Return the word that a dictionary has: `create` of `created`, `order` of `orders`."""
    if word in _VERBS or word in _SETTINGS or word in _SWITCHES:
        return word
    if word.endswith("ed"):
        for stem in (word[:-1], word[:-2], word[:-3]):
            if stem in _VERBS or stem in _SWITCHES:
                return stem
    if (
        len(word) < _SHORTEST_PLURAL
        or word in _NO_PLURALS
        or not word.endswith("s")
        or word.endswith(("ss", "us", "is"))
    ):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(_LONG_PLURALS) else word[:-1]


def _meaning(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the verb of a name, empty if it has none, and its other words."""
    told = [word for word in map(_lemma, words(name)) if word not in _FILLERS]
    verbs = {_VERBS[word] for word in told if word in _VERBS}
    verb = next((one for one in _ORDER if one in verbs), "")
    return verb, tuple(word for word in told if word not in _VERBS)


def _message(name: str) -> tuple[str, str]:
    """Return the verb and the thing of a command, query or event."""
    verb, rest = _meaning(name)
    told = set(rest)
    if told & _SETTINGS:
        verb = "consult" if verb in {"get", "list"} else "set"
    elif not verb and told & _SWITCHES:
        verb = "set"
    return verb, "-".join(word for word in rest if word not in _SWITCHES)


def _subject(unit: str) -> str:
    """Return the thing that a unit is called after, which paths like `/create` and `/{pk}/delete` leave out."""
    return "-".join(map(_lemma, words(last_part(unit).rpartition(":")[2])))


def _shape(path: str) -> str:
    """Return a path without the names of its parameters, to find the ones around it."""
    return "/" + "/".join("{}" if "{" in part else part for part in path.split("/") if part)


class _Path:
    """A path that is answered or asked for, among the other paths of its unit."""

    def __init__(self, method: str, path: str, handler: str, around: Mapping[str, set[str]]) -> None:
        self._method = method
        self._around = around
        self._shape = _shape(path)
        parts = [part for part in path.split("/") if part]
        self._fixed = [part for part in parts if "{" not in part]
        self._is_item = bool(parts) and "{" in parts[-1]
        self._tail = parts[-1] if parts and not self._is_item else ""
        self._before = parts[-2] if self._is_item and len(parts) > 1 and "{" not in parts[-2] else ""
        self._handler = _meaning(handler)
        self._topics = {_lemma(word) for part in self._fixed for word in words(part)}

    def verbs(self, *, is_viewset: bool) -> tuple[str, ...]:
        """Return what is done; several verbs where one line answers for all methods."""
        told = self._setting() or self._summary() or self._named()
        if told:
            return (told,)
        if self._method == "ANY":
            if self._handler[0] or not is_viewset:
                return (self._handler[0] or "act",)
            # A viewset answers all that REST has, unless it says otherwise.
            return ("get", "update", "delete") if self._is_item else ("list", "create")
        return (self._of_item() if self._is_item else self._of_list(),)

    def stem(self) -> str:
        """Return the thing: the last part that is no verb, else what the handler is called after."""
        verb_part = (self._tail or self._before) if self._named() else ""
        for part in reversed(self._fixed):
            rest = [one for one in map(_lemma, words(part)) if one not in _FILLERS]
            if part == verb_part or not rest:
                continue
            if things := [one for one in rest if one not in _VERBS and one not in _SWITCHES]:
                return "-".join(things)
            # `/saved_searches` and `/imports` are things, `/update` is what is done to one.
            if _VERBS.get(rest[-1]) not in _CHANGES or part.endswith("s"):
                return "-".join(rest)
        return "-".join(self._handler[1])

    def _is_collection(self, shape: str) -> bool:
        return f"{shape.rstrip('/')}/{{}}" in self._around

    def _parent(self) -> str:
        return self._shape.rpartition("/")[0] or "/"

    def _setting(self) -> str:
        if not self._topics & _SETTINGS:
            return ""
        # Settings that are made and removed one by one are things that somebody manages.
        place = self._parent() if self._is_item else self._shape
        if self._is_collection(place) and self._around.get(place, set()) & {"POST"}:
            return ""
        return "consult" if self._method in _READS else "set"

    def _summary(self) -> str:
        below = {method for shape, those in self._around.items() if shape.startswith(self._shape) for method in those}
        is_read = self._method in _READS and not below & {"PUT", "PATCH", "DELETE", "POST"}
        return "aggregate" if is_read and self._topics & _SUMMARIES and self._named() != "export" else ""

    def _named(self) -> str:
        """Return the verb that the path ends with: `/orders/filter`, `/orders/{id}/delete`, `/delete/{id}`."""
        if self._method in {"PUT", "PATCH", "DELETE"}:
            return ""
        last = self._tail or ("" if self._parent() in self._around else self._before)
        if not last or (self._tail and self._is_collection(self._shape)):
            return ""
        told = {_lemma(word) for word in words(last)}
        if told & _SWITCHES and self._method not in _READS:
            return "update" if "{" in self._shape else "set"
        verb, _ = _meaning(last)
        is_thing = self._method == "POST" and bool(self._around.get(self._shape, set()) & _READS)
        if is_thing or (self._method in _READS and verb in _CHANGES):
            return ""
        return verb

    def _of_item(self) -> str:
        if self._method in _REST:
            return _REST[self._method]
        is_kept = bool(self._around.get(self._shape, set()) & {"PUT", "PATCH", "DELETE"})
        return self._handler[0] or ("create" if is_kept else "act")

    def _of_list(self) -> str:
        verb, _ = self._handler
        here = self._around.get(self._shape, set())
        is_list = self._is_collection(self._shape) or "POST" in here
        is_single = not is_list and bool(here & _READS) and bool(here & {"PUT", "PATCH"})
        if self._method in _READS:
            # `list_reports` lists what others of the same path make; `search_reports` searches them.
            if verb == "search" or (verb in {"export", "aggregate"} and not is_list):
                return verb
            is_many = is_list or (bool(self._tail) and _lemma(self._tail.lower()) != self._tail.lower())
            return "list" if is_many else "consult" if is_single else "get"
        if self._method in {"PUT", "PATCH"}:
            return "set" if is_single else "update"
        if self._method == "DELETE":
            return "delete"
        if verb in {*_CHANGES, "search", "list", "get"}:
            return verb
        return "create" if self._is_collection(self._shape) or here & _READS else "act"


# Scores


def _row(one: _Unit, settings: CqrsSettings) -> CqrsRow:
    weights, told = one.weights(), sum(one.words.values())
    points = {name: _points(name, one, weights, told) for name in _WORDS}
    totals = {name: round(sum(those), 3) for name, those in points.items()}
    # Sorting is stable: of equal patterns the first one of the table is shown, and none is the verdict.
    best, following, *_ = sorted(totals, key=lambda name: -totals[name])
    lead = totals[best] - totals[following]
    telling = sum(row.verb in _CORE[best] and not _is_loose(row) for row in one.operations)
    is_told = totals[best] >= _LEAST and lead >= _LEAST_LEAD and telling >= _LEAST_CORE and points[best][_RESOURCE] > 0
    row = CqrsRow(
        one.name,
        best if is_told else _NONE,
        _TARGETS[best if is_told else _NONE],
        totals[best],
        _phase(totals[best]) if is_told else "phase-3",
        "",
        round(min(1.0, lead / _LEAST), 3) if is_told else 0.0,
        one.commands,
        one.queries,
        one.events,
        one.routes,
        len(one.commands),
        len(one.queries),
        len(one.events),
        totals,
        _parts(best, one, weights, points[best]),
        _evidence(one, _CORE[best]),
        (),
    )
    custom = next((part for part in (_custom(given, one, settings) for given in settings.patterns) if part), None)
    row = row._replace(**custom) if custom else row
    return row._replace(priority_hint=_HINTS[row.phase])


def _is_loose(row: _Operation) -> bool:
    """Tell an event that a script tells or hears, and that no type declares."""
    return row.source in {"emits", "handles"} and not row.file.endswith(".py")


def _phase(score: float) -> str:
    return "phase-1" if score >= _EARLY else "phase-2" if score >= _MIDDLE else "phase-3"


def _custom(given: Mapping[str, Any], one: _Unit, settings: CqrsSettings) -> dict[str, Any]:
    """Return what a pattern of the user makes of a row; empty where it does not match."""
    commands, events = set(_texts(given.get("commands"))), set(_texts(given.get("events")))
    found = len(commands & set(one.commands)), len(events & set(one.events))
    least = (
        _whole(given.get("min_command_matches"), bool(commands)),
        _whole(given.get("min_event_matches"), not commands),
    )
    if sum(found) == 0 or found[0] < least[0] or found[1] < least[1]:
        return {}
    share = sum(found) / len([*commands, *events])
    why = f"{found[0]} of {len(commands)} commands, {found[1]} of {len(events)} events"
    score = round(100 * share, 3)
    return {
        "pattern": str(given.get("name") or "custom"),
        "extraction_target": str(given.get("extraction_target") or settings.custom_extraction_target),
        "score": score,
        "phase": _phase(score),
        "confidence": round(share, 3),
        "parts": (Part("messages of the pattern", score, 100, why),),
    }


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) else int(default)


def _points(pattern: str, one: _Unit, weights: Mapping[str, int], told: int) -> tuple[float, ...]:
    """Return what each part adds to the score of a pattern; the text above the module has the formula.

    Args:
        pattern: to look for.
        one: the unit.
        weights: of its verbs.
        told: words of its symbols.
    """
    core = sum([weights[verb] for verb in _CORE[pattern] & weights.keys()]) / 2
    company = sum([weights[verb] for verb in _COMPANY[pattern] & weights.keys()]) / 2
    every = sum(weights.values()) / 2
    share = (core + company / 2) / every if every else 0.0
    messages, fitting = _messages(pattern, one)
    hits = _WORDS[pattern] & one.words.keys()
    named = sum([one.words[word] for word in hits]) / max(1, told)
    return (
        35 * _most(core) * share,
        25 * _RESOURCES[pattern](one)[0],
        10 * _most(fitting) * fitting / max(1, messages),
        15 * _data(pattern, one),
        15 * len(hits) / (len(hits) + 2.0) * named / (named + 0.15),
    )


def _parts(pattern: str, one: _Unit, weights: Mapping[str, int], points: Iterable[float]) -> tuple[Part, ...]:
    """Return the parts of a score with the counts behind them; put into words for the best pattern only."""
    messages, fitting = _messages(pattern, one)
    hits = {word: one.words[word] for word in _WORDS[pattern] & one.words.keys()}
    most = ", ".join(sorted(hits, key=lambda word: (-hits[word], word))[:5]) or "none"
    evidence = (
        _shown(pattern, weights, sum(weights.values()) / 2),
        _RESOURCES[pattern](one)[1],
        f"{fitting} of {messages} commands, queries and events",
        f"{one.reads} reads and {one.writes} writes of tables",
        f"{sum(hits.values())} words of symbols: {most}",
    )
    return tuple(map(Part, _PARTS, points, _PARTS.values(), evidence))


def _messages(pattern: str, one: _Unit) -> tuple[int, int]:
    """Return how many messages a unit has, and how many of them are of the core of a pattern."""
    verbs = [row.verb for row in one.operations if row.source not in {"answers", "asks"}]
    return len(verbs), sum([verb in _CORE[pattern] for verb in verbs])


def _most(count: float) -> float:
    """Return a number from 0 to 1 that grows with a count, half at two."""
    return count / (count + 2.0)


def _shown(pattern: str, weights: Mapping[str, int], every: float) -> str:
    told = [f"{verb} {weights[verb] / 2:g}" for verb in sorted(_CORE[pattern]) if verb in weights]
    return f"{', '.join(told) or 'none of its own'}; {every:g} in all"


def _things(one: _Unit) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for operation in one.operations:
        if operation.stem:
            found[operation.stem].add(operation.verb)
    return found


def _managed(one: _Unit) -> tuple[float, str]:
    best, name = 0, ""
    for stem, verbs in sorted(_things(one).items()):
        changes = len(verbs & _CORE["manager"])
        count = changes + bool(verbs & _READING) if changes >= _LEAST_CHANGES else 0
        best, name = max((best, name), (count, stem), key=lambda pair: pair[0])
    return best / 4, f"{best} of create, update, delete and read {name}" if best else "none that is managed"


def _kept(one: _Unit) -> tuple[float, str]:
    count = sum(_CORE["config"] <= verbs for verbs in _things(one).values())
    return count / (count + 1), f"{count} that are both read and set"


def _searched(one: _Unit) -> tuple[float, str]:
    things = _things(one).values()
    searched = sum("search" in verbs for verbs in things)
    opened = sum({"list", "get"} <= verbs and "search" not in verbs for verbs in things)
    count = searched + opened / 2
    return count / (count + 1) * _reading(one), f"{searched} that are searched, {opened} with list and item"


def _reported(one: _Unit) -> tuple[float, str]:
    core = sum(operation.verb in _CORE["reports"] for operation in one.operations)
    return _most(core) * _reading(one), f"{_reading(one):.0%} of the operations read"


_RESOURCES: Final[Mapping[str, Callable[[_Unit], tuple[float, str]]]] = {
    "data-grid": _searched,
    "reports": _reported,
    "manager": _managed,
    "config": _kept,
}


def _reading(one: _Unit) -> float:
    """Return how much of what is done reads; a write weighs as two reads."""
    reads = sum(operation.verb in _READING for operation in one.operations)
    writes = len(one.operations) - reads
    return reads / (reads + 2 * writes) if one.operations else 0.0


def _data(pattern: str, one: _Unit) -> float:
    if pattern in {"manager", "config"}:
        return _lean(one.writes, one.reads / 2) * (1.0 if pattern == "manager" else 0.5)
    return _lean(one.reads, 2 * one.writes)


def _lean(toward: float, away: float) -> float:
    """Return how far counts lean to one side, 0 to 1; 0 without any."""
    return toward / (toward + away + 1.0)


def _evidence(one: _Unit, core: frozenset[str]) -> tuple[Evidence, ...]:
    """Return the lines that say most: the verbs of the pattern, other operations, then uses of tables."""
    listed = [*sorted(one.operations, key=lambda row: (row.verb not in core, row.file, row.line)), *one.tables]
    found: dict[tuple[str, str], None] = {}
    for row in listed:
        read = f": {row.verb} {row.stem}".rstrip() if row.verb not in {"act", row.source} else ""
        found[f"{row.file}:{row.line}", f"{row.source} {row.what}{read}"] = None
    return tuple(Evidence(*pair) for pair in list(found)[:_MOST_EVIDENCE])


# Clusters


def _clusters(units: Sequence[_Unit], rows: Sequence[CqrsRow], threshold: float) -> tuple[Cluster, ...]:
    """Return which units are alike; each is in one cluster.

    Two are, where their names of messages and handlers, or their operations, have enough in common, or where they have
    one pattern and work on the same things.
    """
    pattern = {row.module: row.pattern for row in rows}
    parent = {one.name: one.name for one in units}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    named = {
        one.name: frozenset(name for name in (*one.commands, *one.queries, *one.events) if _meaning(name)[1])
        for one in units
    }
    done = {
        one.name: frozenset(f"{row.verb} {row.stem}" for row in one.operations if row.stem and row.verb != "act")
        for one in units
    }
    pairs = [*_alike(named, threshold), *_alike(done, threshold)]
    kin: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for one in units:
        things = frozenset(row.stem for row in one.operations if row.stem)
        if things and pattern[one.name] != _NONE:
            kin[pattern[one.name], things].append(one.name)
    pairs += [(those[0], other) for those in kin.values() for other in those[1:]]
    for left, right in pairs:
        first, second = sorted((root(left), root(right)))
        parent[second] = first
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(parent):
        groups[root(name)].append(name)
    return tuple(
        Cluster(f"cluster-{number}", tuple(members), len(members), _commonest(pattern[name] for name in members))
        for number, members in enumerate(sorted(groups.values(), key=lambda those: (-len(those), those)), start=1)
    )


def _commonest(patterns: Iterable[str]) -> str:
    """Return what most are; of equal ones a pattern before none, and then by name."""
    counts = Counter(patterns)
    return min(counts, key=lambda name: (-counts[name], name == _NONE, name))


def _alike(vocabularies: Mapping[str, frozenset[str]], threshold: float) -> Iterator[tuple[str, str]]:
    """Yield pairs whose words have this share in common; only pairs with a common word are compared."""
    users: dict[str, list[str]] = defaultdict(list)
    for name in sorted(vocabularies):
        for word in vocabularies[name]:
            users[word].append(name)
    common: Counter[tuple[str, str]] = Counter()
    for listed in users.values():
        if len(listed) <= _MOST_NAMES:
            common.update((left, right) for index, left in enumerate(listed) for right in listed[index + 1 :])
    for (left, right), count in common.items():
        if count >= _LEAST_COMMON and count >= threshold * len(vocabularies[left] | vocabularies[right]):
            yield left, right


# Markdown


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
        (row["cluster_id"], row["pattern"], row["size"], _members(_texts(row["members"])))
        for row in clusters[:_MOST_ROWS]
    ]
    lines += _table(("cluster", "pattern", "size", "members"), shown, len(clusters))
    return "\n".join(lines).rstrip() + "\n"


def _members(names: Sequence[str]) -> str:
    more = f", ... and {len(names) - _MOST_MEMBERS} more" if len(names) > _MOST_MEMBERS else ""
    return ", ".join(f"`{name}`" for name in names[:_MOST_MEMBERS]) + more


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
