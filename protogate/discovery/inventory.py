"""Facts of single files become one model of the repository: names are resolved, and everything gets its place."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from protogate.discovery import history, python_names
from protogate.discovery.kinds import BROWSER_EVENTS, is_generated, is_test
from protogate.discovery.model import (
    Edge,
    EdgeKind,
    EntryPoint,
    Event,
    Inventory,
    Module,
    Problem,
    Symbol,
    Table,
    TableUse,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from protogate.discovery.facts import FileFacts, ImportFact, TableFact
    from protogate.discovery.history import Commit
    from protogate.discovery.model import HttpCall, Manifest, Route

__all__ = ["Patch", "build", "patched"]

Row = TypeVar("Row", Edge, EntryPoint, Problem)

_MOST_TELLERS: Final = 3
"""Modules that tell one event; a name that more of them tell, such as `error`, says nothing."""
_FEWEST_USES: Final = 2
"""Texts of SQL with a table that nobody declares; one alone may be no SQL."""
_SENTENCE: Final = frozenset(
    "all and any are dual each every existing from here into its new not one only our own row rows same"
    " select self some table tables than that the their them then there these this those unnest values where which"
    " with you your".split()
)
_ORM: Final = frozenset({"django", "sqlalchemy", "sqlmodel", "peewee", "tortoise", "typeorm", "prisma"})


class _Aliases:
    """What a name that a file of Python has imported means; looked up when it is asked for."""

    def __init__(self, names: python_names.Names, facts: Mapping[str, FileFacts]) -> None:
        self._names = names
        self._facts = facts
        self._imports: dict[str, dict[str, ImportFact]] = {}

    def target(self, path: str, written: str) -> python_names.Target | None:
        """Return the module and the name in it of `Order` or `models.Order`; None for what is not imported."""
        if path not in self._imports:
            self._imports[path] = {one.alias: one for one in self._facts[path].imports if one.alias}
        first, _, rest = written.partition(".")
        fact = self._imports[path].get(first)
        if fact is None or path not in self._names.by_path:
            return None
        found = self._names.resolve(self._names.by_path[path], fact)
        if found is None or not rest or found.symbol:
            return found
        return python_names.Target(found.module, rest.partition(".")[0])


class _Tables(NamedTuple):
    """The tables of a repository, by the ways in which code names them."""

    all: tuple[Table, ...]
    by_model: Mapping[tuple[str, str], Table]
    """Module and class."""
    by_label: Mapping[str, Table]
    """`shop.order`, the name that Django gives: the last part of the package, and the class in small letters."""
    by_name: Mapping[str, Table]
    """In small letters."""

    @classmethod
    def of(cls, rows: tuple[Table, ...]) -> _Tables:
        by_name: dict[str, Table] = {}
        for row in rows:
            by_name.setdefault(row.name.lower(), row)
        return cls(
            rows,
            {(row.module, row.model): row for row in rows if row.model},
            {_label(row.module, row.model): row for row in rows if row.model},
            by_name,
        )


def build(
    root: str,
    facts: Mapping[str, FileFacts],
    names: Mapping[str, str],
    edges: Iterable[Edge],
    routes: tuple[Route, ...],
    http_calls: tuple[HttpCall, ...],
    python: python_names.Names,
    commits: Sequence[Commit],
    manifests: tuple[Manifest, ...],
    problems: Iterable[Problem],
) -> Inventory:
    """Return the model of a repository.

    Args:
        root: its name.
        facts: what each file says, by path.
        names: the module that each path is.
        edges: between modules, of imports.
        routes: composed.
        http_calls: with the routes that may answer them.
        python: names of Python.
        commits: newest first.
        manifests: of builds.
        problems: found before.
    """
    aliases = _Aliases(python, facts)
    own = _own_packages(names)
    tables = _tables(facts, names, aliases)
    uses = tuple(sorted(_uses(facts, names, tables, aliases)))
    events = tuple(
        sorted(
            Event(one.name, one.side, one.kind, names[path], path, one.line)
            for path, each in facts.items()
            for one in each.events
        )
    )
    more = [
        *_strings(facts, names, tables),
        *_foreign_keys(tables),
        *_sql(uses, tables, facts),
        *_events(one for one in events if not is_generated(one.file, facts[one.file])),
        *_requests(http_calls),
    ]
    return Inventory(
        root,
        tuple(sorted(_module(path, names[path], each, own) for path, each in facts.items() if each.language)),
        # In the order in which they come, file after file, they are nearly sorted: a set would shuffle them.
        tuple(sorted(dict.fromkeys((*edges, *more)))),
        routes,
        http_calls,
        tables.all,
        uses,
        events,
        tuple(
            sorted(
                EntryPoint(one.kind, one.name, names[path], path, one.line)
                for path, each in facts.items()
                for one in each.entry_points
            )
        ),
        manifests,
        history.co_changes(commits, names),
        history.module_histories(commits, names),
        len(commits),
        tuple(sorted({*problems, *_problems(facts)})),
        tuple(one for path in sorted(facts) for one in _symbols(path, names[path], facts[path])),
    )


class Patch(NamedTuple):
    """A model after a few files changed."""

    model: Inventory
    changed: frozenset[str]
    """Modules of these files."""
    is_resized: bool
    """Whether these modules differ in their sizes, names and lines only, and hang together with others as before."""


def patched(
    earlier: Inventory,
    names: Mapping[str, str],
    python: python_names.Names,
    before: Mapping[str, FileFacts],
    now: Mapping[str, FileFacts],
) -> Patch | None:
    """Return the model after a few files changed, equal to what `build` returns; None where that is not known.

    What a file says of routes, requests, tables and events, and what a package passes on, may change what others mean:
    then everything has to be put together again. Imports, uses, texts and sizes concern the file alone.

    Args:
        earlier: the model before.
        names: the module that each path is; the same paths as before.
        python: names of Python, now.
        before: what each changed file said.
        now: what each says.
    """
    if not all(_is_local(path, before[path], now[path]) for path in now):
        return None
    own = _own_packages(names)
    edges = {*python_names.edges(python, now), *_strings(now, names, _Tables.of(earlier.tables))}
    entries = [
        EntryPoint(one.kind, one.name, names[path], path, one.line)
        for path, each in now.items()
        for one in each.entry_points
    ]
    symbols = {path: list(_symbols(path, names[path], each)) for path, each in now.items()}
    rows = {path: _module(path, names[path], each, own) for path, each in now.items() if each.language}
    model = earlier._replace(
        modules=tuple([rows.get(one.path, one) for one in earlier.modules]),
        edges=_exchanged(earlier.edges, edges, names, now),
        entry_points=_merged([one for one in earlier.entry_points if one.file not in now], entries),
        problems=_merged([one for one in earlier.problems if one.path not in now], set(_problems(now))),
        symbols=_with_symbols(earlier.symbols, symbols),
    )
    is_resized = all(_hangs(earlier, path, names[path]) == _hangs(model, path, names[path]) for path in now)
    return Patch(model, frozenset(names[path] for path in now), is_resized)


def _exchanged(
    rows: tuple[Edge, ...], fresh: Iterable[Edge], names: Mapping[str, str], paths: Collection[str]
) -> tuple[Edge, ...]:
    """Return sorted edges of which those of a few files are others: what is before and behind is not looked at."""
    added: dict[str, list[Edge]] = defaultdict(list)
    for edge in fresh:
        added[edge.source].append(edge)
    for name in sorted({names[path] for path in paths} | added.keys()):
        low, high = bisect_left(rows, name, key=_source), bisect_right(rows, name, key=_source)
        # Two files may be one module: `a.py` beside `a/__init__.py`.
        kept = [edge for edge in rows[low:high] if edge.path not in paths]
        rows = rows[:low] + _merged(kept, added[name]) + rows[high:]
    return rows


def _with_symbols(rows: tuple[Symbol, ...], fresh: Mapping[str, list[Symbol]]) -> tuple[Symbol, ...]:
    """Return symbols, sorted by their files, of which those of a few files are others."""
    for path, those in fresh.items():
        low, high = bisect_left(rows, path, key=_file), bisect_right(rows, path, key=_file)
        rows = rows[:low] + tuple(those) + rows[high:]
    return rows


def _hangs(model: Inventory, path: str, name: str) -> tuple[object, ...]:
    """Return all that says how the module of a file hangs together with others; no sizes, no lines."""
    low, high = bisect_left(model.edges, name, key=_source), bisect_right(model.edges, name, key=_source)
    return (
        [(one.name, one.package, one.is_test, one.is_generated) for one in model.modules if one.path == path],
        sorted(edge._replace(line=0) for edge in model.edges[low:high]),
        sorted(one._replace(line=0) for one in model.entry_points if one.file == path),
    )


def _merged(kept: list[Row], fresh: Iterable[Row]) -> tuple[Row, ...]:
    """Return sorted rows and a few more; sorting two sorted runs only merges them."""
    kept.extend(sorted(fresh))
    kept.sort()
    return tuple(kept)


def _source(one: Edge) -> str:
    return one.source


def _file(one: Symbol) -> str:
    return one.file


def _is_local(path: str, before: FileFacts, now: FileFacts) -> bool:
    """Tell whether what changed in a file concerns no other one."""
    if not path.endswith(".py") or any(
        each.routes or each.includes or each.http_calls or each.tables or each.table_uses or each.events
        for each in (before, now)
    ):
        return False
    if bool(before.language) != bool(now.language):
        return False
    return not path.endswith("__init__.py") or _passed_on(before) == _passed_on(now)


def _passed_on(facts: FileFacts) -> tuple[object, ...]:
    imports = tuple((one.module, one.level, one.name, one.alias) for one in facts.imports)
    return imports, tuple(one.name for one in facts.definitions)


def _symbols(path: str, module: str, facts: FileFacts) -> Iterator[Symbol]:
    for one in facts.definitions:
        yield Symbol(module, one.name, one.kind, path, one.line, one.end)


def _problems(facts: Mapping[str, FileFacts]) -> Iterator[Problem]:
    for path, each in facts.items():
        for one in each.problems:
            yield Problem(path, one.line, one.message)


def _own_packages(names: Mapping[str, str]) -> frozenset[str]:
    """Return the first names that imports of Python may begin with and mean this repository."""
    return frozenset(part for path, name in names.items() if path.endswith(".py") for part in name.split("."))


def _externals(facts: FileFacts, own: frozenset[str]) -> tuple[str, ...]:
    """Return what others publish: of `google.cloud.storage` the first name, of `@scope/name/x` the first two."""
    found = set()
    for one in facts.imports:
        if facts.language == "python":
            first = one.module.partition(".")[0]
            if not one.level and first and first not in own and first not in sys.stdlib_module_names:
                found.add(first)
        elif one.module[:1] not in {"", ".", "/", "~", "#", "$"} and not one.module.startswith(("@/", "src/", "node:")):
            found.add("/".join(one.module.split("/")[: 2 if one.module[0] == "@" else 1]))
    return tuple(sorted(found))


def _module(path: str, name: str, facts: FileFacts, own: frozenset[str]) -> Module:
    directory, _, file = path.rpartition("/")
    package = name.rpartition(".")[0] if facts.language == "python" else directory
    is_init = file.partition(".")[0] in {"__init__", "index"}
    if facts.language == "python" and is_init:
        package = name
    return Module(
        name,
        path,
        facts.language,
        package,
        facts.lines,
        facts.code_lines,
        facts.branches,
        len(facts.definitions),
        is_test(path),
        is_generated(path, facts),
        is_init,
        dict(sorted(facts.features)),
        _externals(facts, own),
    )


def _tables(facts: Mapping[str, FileFacts], names: Mapping[str, str], aliases: _Aliases) -> _Tables:
    declared = [(path, fact) for path in sorted(facts) for fact in facts[path].tables]
    named = {(names[path], fact.model): _table_name(names[path], fact) for path, fact in declared if fact.model}
    labels = {_label(names[path], fact.model): named[names[path], fact.model] for path, fact in declared if fact.model}
    rows = []
    for path, fact in declared:
        module = names[path]
        references = {_referred(path, module, one, named, labels, aliases) for one in fact.references} - {""}
        name = named.get((module, fact.model)) or _table_name(module, fact)
        row = Table(name, fact.model, module, path, fact.line, fact.columns, tuple(sorted(references)), fact.framework)
        rows.append(row)
    # Of a class and a script that declare the same table, the class is the one that code names.
    rows.sort(key=lambda row: (row.name, row.framework not in _ORM, row.module, row.line))
    return _Tables.of(tuple(rows))


def _table_name(module: str, fact: TableFact) -> str:
    if fact.name:
        return fact.name
    return _label(module, fact.model).replace(".", "_") if fact.framework == "django" else fact.model.lower()


def _label(module: str, model: str) -> str:
    """Return what Django calls a model: the application is the package that holds `models`."""
    parts = module.split(".")
    application = parts[: parts.index("models")] if "models" in parts else parts[:-1]
    return f"{application[-1] if application else parts[0]}.{model}".lower()


def _referred(
    path: str,
    module: str,
    written: str,
    named: Mapping[tuple[str, str], str],
    labels: Mapping[str, str],
    aliases: _Aliases,
) -> str:
    """Return the table that a foreign key means; empty where it is not known."""
    if (module, written) in named:
        return named[module, written]
    target = aliases.target(path, written)
    if target is not None and (target.module, target.symbol) in named:
        return named[target.module, target.symbol]
    if written.lower() in labels:
        return labels[written.lower()]
    first = written.partition(".")[0]
    return first if first in named.values() else ""


def _uses(
    facts: Mapping[str, FileFacts], names: Mapping[str, str], tables: _Tables, aliases: _Aliases
) -> Iterator[TableUse]:
    unknown = Counter(_bare(one.name) for each in facts.values() for one in each.table_uses if one.is_sql)
    for path, each in facts.items():
        module = names[path]
        for one in each.table_uses:
            if one.is_sql:
                bare = _bare(one.name)
                table = tables.by_name.get(bare)
                if table is not None or (unknown[bare] >= _FEWEST_USES and _is_name(bare)):
                    yield TableUse(table.name if table is not None else bare, module, path, one.line, one.mode)
                continue
            table = tables.by_model.get((module, one.name))
            if table is None:
                target = aliases.target(path, one.name)
                table = tables.by_model.get((target.module, target.symbol)) if target is not None else None
                # `apps.get_model("shop", "Order")`
                table = table or (tables.by_label.get(one.name.lower()) if one.name.count(".") == 1 else None)
            if table is not None:
                yield TableUse(table.name, module, path, one.line, one.mode)


def _is_name(bare: str) -> bool:
    """Tell a table that nobody declares from a word of a sentence that begins like SQL: `update the row`."""
    return len(bare) > 2 and bare not in _SENTENCE  # noqa: PLR2004 - an alias, or a word


def _bare(name: str) -> str:
    return name.rpartition(".")[2].strip('"`[]').lower()


def _strings(facts: Mapping[str, FileFacts], names: Mapping[str, str], tables: _Tables) -> Iterator[Edge]:
    """Yield what texts name: modules by their whole name or by an end that only one has, and models of the ORM."""
    known = {name for path, name in names.items() if path.endswith(".py")}
    ends: dict[str, set[str]] = defaultdict(set)
    for name in known:
        parts = name.split(".")
        for begin in range(1, len(parts) - 1):
            ends[".".join(parts[begin:])].add(name)
    for path, each in facts.items():
        module = names[path]
        for one in each.strings:
            found = _named(one.text, known, ends)
            if found is None:
                table = tables.by_label.get(one.text.lower()) if one.text.count(".") == 1 else None
                if table is not None and table.module != module:
                    yield Edge(module, table.module, EdgeKind.MODEL, path, one.line, table.model, 1)
            elif found[0] != module:
                yield Edge(module, found[0], EdgeKind.STRING, path, one.line, found[1], 1)


def _named(text: str, known: set[str], ends: Mapping[str, set[str]]) -> tuple[str, str] | None:
    parts = text.split(".")
    for left in (len(parts), len(parts) - 1, len(parts) - 2):
        if left < 2:  # noqa: PLR2004 - a module alone is a word
            return None
        name = ".".join(parts[:left])
        symbol = ".".join(parts[left:])
        if name in known:
            return name, symbol
        places = ends.get(name, ())
        if len(places) == 1:
            return next(iter(places)), symbol
    return None


def _foreign_keys(tables: _Tables) -> Iterator[Edge]:
    for table in tables.all:
        for name in table.references:
            other = tables.by_name.get(name.lower())
            if other is not None and other.module != table.module:
                yield Edge(
                    table.module, other.module, EdgeKind.MODEL, table.file, table.line, other.model or other.name, 1
                )


def _sql(uses: Iterable[TableUse], tables: _Tables, facts: Mapping[str, FileFacts]) -> Iterator[Edge]:
    lines = {(path, one.line) for path, each in facts.items() for one in each.table_uses if one.is_sql}
    for use in uses:
        table = tables.by_name.get(use.table.lower())
        if table is not None and table.module != use.module and (use.file, use.line) in lines:
            yield Edge(use.module, table.module, EdgeKind.SQL, use.file, use.line, table.name, 1)


def _events(events: Iterable[Event]) -> Iterator[Edge]:
    """Yield from who listens to who tells."""
    tellers: dict[str, set[str]] = defaultdict(set)
    listeners = []
    for one in events:
        if one.name.lower() in BROWSER_EVENTS:
            continue
        if one.side == "emits":
            tellers[one.name].add(one.module)
        elif one.side == "handles":
            listeners.append(one)
    for one in listeners:
        told = tellers.get(one.name, set())
        if len(told) <= _MOST_TELLERS:
            for module in sorted(told - {one.module}):
                yield Edge(one.module, module, EdgeKind.EVENT, one.file, one.line, one.name, 1)


def _requests(calls: Iterable[HttpCall]) -> Iterator[Edge]:
    for call in calls:
        for route in call.routes[:1]:
            if route.module != call.module:
                symbol = f"{call.method} {route.path}"
                yield Edge(call.module, route.module, EdgeKind.HTTP, call.file, call.line, symbol, 1)
