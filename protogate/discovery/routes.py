"""Routes as they are answered, with the prefixes of all that they are mounted in; and requests matched to them."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from protogate.discovery.facts import ImportFact
from protogate.discovery.model import HttpCall, Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from protogate.discovery.facts import DefinitionFact, FileFacts, IncludeFact, RouteFact
    from protogate.discovery.python_names import Target

__all__ = ["Resolver", "compose", "match", "requests"]

_URLS: Final = "urlpatterns"
_DJANGO: Final = frozenset({"django", "drf"})
_PYTHON: Final = frozenset({"fastapi", "flask", *_DJANGO})
_FLASK: Final = frozenset({"flask", "quart"})
_MOST_HOPS: Final = 8
_DEEPEST: Final = 64
"""Of mounts, one within the other."""
_MOST_PREFIXES: Final = 16
"""Of one router; who mounts a router more often does it in tests."""
_MOST_ROUTES: Final = 3
"""That a request is said to mean."""
_FARTHEST_LIST: Final = 8
"""Lines between `path(` and the list in its `include`."""
_TRIVIAL: Final = re.compile(r"api|rest|v\d+(\.\d+)?")
_PARAMETER: Final = re.compile(r"\{[^{}]*\}")
_TYPED: Final = re.compile(r"\{(\w+):[^{}]*\}|<(?:[^<>:]*:)?(\w+)>")
"""`{path:path}` of FastAPI says the name first, `<int:pk>` of Flask and Django last."""
_UNNAMED: Final = re.compile(r"\{arg\d+\}")
_COLON: Final = re.compile(r":(\w+)(?:\([^()]*\)|\{[^{}]*\})?[?+*]?")
_GROUP: Final = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.)*\)|\((?:[^()?\\]|\\.)(?:[^()\\]|\\.)*\)")
_INNER: Final = re.compile(r"\b(?:re_)?(?:path|url)\(")
_ADDED: Final = re.compile(r"([A-Za-z_][\w.]*)\s*(?:\+|$)|\+\s*([A-Za-z_][\w.]*)")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_UNKNOWN: Final = "{}"
_ANY: Final = "ANY"


class Resolver(Protocol):
    """Names of one language: `python_names.Names`, `web_names.WebNames`."""

    @property
    def by_path(self) -> Mapping[str, str]:
        """The name of each module by its file."""
        ...

    def resolve(self, module: str, fact: ImportFact) -> Target | None:
        """Return what an import of a module means."""
        ...


def compose(facts: Mapping[str, FileFacts], names: Iterable[Resolver]) -> tuple[Route, ...]:
    """Return every route with its full path, sorted.

    A router that is mounted twice gives two routes; one that nothing mounts keeps its own prefix. Module, file and
    line are those of the handler's definition where it is found, which for Django is a module of views; else those of
    the line that declares the route. `handler` stays as it is written there.

    Args:
        facts: of every file, by path; files that no resolver knows are left out.
        names: the resolvers of the languages.
    """
    return tuple(sorted(set(_Mounts(_Program(facts, names)).routes())))


def requests(facts: Mapping[str, FileFacts], names: Iterable[Resolver]) -> Iterator[HttpCall]:
    """Yield the requests that files send, not yet matched, by file and line."""
    modules = {path: module for one in names for path, module in one.by_path.items()}
    for path in sorted(facts.keys() & modules.keys()):
        for fact in facts[path].http_calls:
            yield HttpCall(fact.method, fact.path, modules[path], path, fact.line, fact.via, ())


def match(calls: Iterable[HttpCall], routes: Iterable[Route]) -> tuple[HttpCall, ...]:
    """Return requests with the routes that may answer them, the best first, at most three.

    Only routes that fit equally well are said, and none where parameters are all that agrees. A request whose base is
    not known means the route whose end it is; of several such the one whose other segments the caller's file names.
    Requests of tests are weighed as any others: leave them out before, where they are not to count as callers.
    """
    index = _Index(sorted(set(routes)))
    return tuple(call._replace(routes=index.answers(call)) for call in calls)


# Names


class _Place(NamedTuple):
    """A name in a file, or the file as a whole where it is empty."""

    path: str
    symbol: str


class _Program:
    """All files, and what names in them mean."""

    def __init__(self, facts: Mapping[str, FileFacts], names: Iterable[Resolver]) -> None:
        self.facts: dict[str, FileFacts] = {}
        self.modules: dict[str, str] = {}
        self._resolvers: dict[str, Resolver] = {}
        self._paths: dict[int, dict[str, str]] = {}
        for resolver in names:
            known = {path: module for path, module in resolver.by_path.items() if path in facts}
            self._paths[id(resolver)] = {module: path for path, module in known.items()}
            self._resolvers |= dict.fromkeys(known, resolver)
            self.modules |= known
        self.facts = {path: facts[path] for path in sorted(self.modules)}
        self._definitions: dict[str, dict[str, DefinitionFact]] = {}
        self._imports: dict[str, dict[str, list[ImportFact]]] = {}

    def definitions(self, path: str) -> Mapping[str, DefinitionFact]:
        if path not in self._definitions:
            listed = self.facts[path].definitions
            self._definitions[path] = {one.name: one for one in reversed(listed) if one.kind != "re-export"}
        return self._definitions[path]

    def imports(self, path: str) -> Mapping[str, Sequence[ImportFact]]:
        """Return the imports of a file by what they are called there; those of everything as `*`."""
        if path not in self._imports:
            found: dict[str, list[ImportFact]] = defaultdict(list)
            for one in self.facts[path].imports:
                found[one.alias or one.name].append(one)
            self._imports[path] = dict(found)
        return self._imports[path]

    def find(self, path: str, written: str, hops: int = _MOST_HOPS) -> _Place | None:
        """Return what a name that is written in a file means: a file, and a name in it."""
        head, _, tail = written.partition(".")
        if head in self.definitions(path):
            return _Place(path, written)
        imports = self.imports(path)
        for fact in imports.get(head, ()):
            place = self._imported(path, fact, written, tail)
            if place is not None:
                further = self.find(place.path, place.symbol, hops - 1) if place.symbol and hops else None
                return further or place
        for fact in imports.get("*", ()) if hops else ():
            place = self._imported(path, fact, "", "")
            if place is not None and place.path != path and head in self.definitions(place.path):
                return _Place(place.path, written)
        return None

    def _imported(self, path: str, fact: ImportFact, written: str, tail: str) -> _Place | None:
        if not fact.name and written and "." in fact.module and fact.alias == fact.module.partition(".")[0]:
            return self.dotted(path, written)
        whole = fact._replace(module=".".join(filter(None, (fact.module, fact.name))), name="", alias="")
        place = self._whole(path, whole) if path.endswith(".py") and fact.name not in {"", "*"} else None
        if place is not None and not tail:
            return _Place(place, "")
        target = self._resolvers[path].resolve(self.modules[path], fact if place is None else whole)
        if target is None:
            return None
        paths = self._paths[id(self._resolvers[path])]
        module, symbol = target.module, target.symbol
        while not symbol and tail:
            head, _, rest = tail.partition(".")
            if f"{module}.{head}" not in paths:
                break
            module, tail = f"{module}.{head}", rest
        return _Place(paths[module], ".".join(filter(None, (symbol, tail)))) if module in paths else None

    def dotted(self, path: str, text: str) -> _Place | None:
        """Return what a whole dotted name means: `shop.orders.views.OrderList`."""
        parts = text.split(".")
        for end in range(len(parts), 0, -1):
            place = self.module(path, ".".join(parts[:end]))
            if place is not None:
                return _Place(place, ".".join(parts[end:]))
        return None

    def module(self, path: str, name: str) -> str | None:
        """Return the file of a module that is named as a whole: `shop.urls`, `./users`."""
        return self._whole(path, ImportFact(0, name, 0, "", "", is_type_only=False, is_lazy=False, references=0))

    def _whole(self, path: str, fact: ImportFact) -> str | None:
        """Return the file that an import of a module means, and not that of a package above it."""
        resolver = self._resolvers[path]
        target = resolver.resolve(self.modules[path], fact)
        if target is None or target.symbol:
            return None
        if path.endswith(".py") and fact.module and not f".{target.module}".endswith(f".{fact.module}"):
            return None
        return self._paths[id(resolver)].get(target.module)


# Mounts


class _Node(NamedTuple):
    """A router: a file, and its name there; empty for the application of a file of JavaScript."""

    path: str
    name: str


class _Mount(NamedTuple):
    """One place that a router is mounted in."""

    parent: _Node
    prefix: str
    is_django: bool


class _Span(NamedTuple):
    """The lines of a list of patterns, and the node that they belong to."""

    first: int
    last: int
    text: str
    """Of a list within `include`; empty for one that has a name."""
    node: _Node


class _Mounts:
    """Which router is mounted where."""

    def __init__(self, program: _Program) -> None:
        self._program = program
        self._routes: list[tuple[_Node, str, RouteFact]] = []
        self._mounts: dict[_Node, set[_Mount]] = defaultdict(set)
        self._own: dict[_Node, str] = {}
        self._includes: list[tuple[str, IncludeFact]] = []
        self._prefixes: dict[_Node, tuple[str, ...]] = {}
        self._spans: dict[str, list[_Span]] = {}
        self._nodes: set[_Node] = set()
        for path, facts in program.facts.items():
            if facts.routes or facts.includes:
                self._read(path, facts)
        self._by_path: dict[str, list[_Node]] = defaultdict(list)
        for node in sorted(self._nodes):
            self._by_path[node.path].append(node)
        for path, include in self._includes:
            self._mount(path, include)
        self._mount_the_rest()

    def routes(self) -> Iterator[Route]:
        """Yield every route, once for each place that it is mounted in."""
        for node, path, fact in self._routes:
            framework = self._framework(node, fact)
            place, line = self._handler(path, fact)
            for prefix in self._prefixes_of(node):
                full = _normal(_joined(prefix, fact.path, framework), framework)
                yield Route(fact.method, full, self._program.modules[place], place, line, fact.handler, framework)

    def _read(self, path: str, facts: FileFacts) -> None:
        self._spans[path] = sorted(self._list_spans(path, facts), key=lambda span: (span.last - span.first, span.first))
        for route in facts.routes:
            node = self._node(path, route.router, route.line)
            self._nodes.add(node)
            self._routes.append((node, path, route))
        for include in facts.includes:
            if include.router == include.target:
                node = _Node(path, include.router)
                self._own[node] = include.prefix
            else:
                node = self._node(path, include.router, include.line, include.target)
                self._includes.append((path, include))
            self._nodes.add(node)

    def _list_spans(self, path: str, facts: FileFacts) -> Iterator[_Span]:
        """Give the lists of patterns of Django that a file holds: those with a name, and those within `include`."""
        for named in facts.definitions:
            if named.kind == "constant" and named.name != _URLS:
                yield _Span(named.line, named.end, "", _Node(path, named.name))
        starts = sorted([*(route.line for route in facts.routes), *(include.line for include in facts.includes)])
        for include in facts.includes:
            _, bracket, inside = include.target.partition("[")
            inner = _INNER.search(inside)
            if include.router != _URLS or not bracket or inner is None:
                continue
            # The list may begin lines after its `path(`: where, the first pattern in it tells.
            first = next(iter(starts[starts.index(include.line) + 1 :]), include.line)
            first -= inside.count("\n", 0, inner.start())
            first = first if include.line <= first <= include.line + _FARTHEST_LIST else include.line
            yield _Span(first, first + inside.count("\n"), include.target, _inline(path, include))

    def _node(self, path: str, router: str, line: int, target: str = "") -> _Node:
        """Return the router that a line speaks of."""
        if router == _URLS:
            for span in self._spans[path]:
                if span.first <= line <= span.last and (
                    not span.text or (span.text != target and (not target or target in span.text))
                ):
                    return span.node
            return _Node(path, _URLS)
        place = self._program.find(path, router) if router else None
        return _Node(place.path, place.symbol) if place is not None and place.symbol else _Node(path, router)

    def _mount(self, path: str, include: IncludeFact) -> None:
        parent = self._node(path, include.router, include.line, include.target)
        for target in self._targets(path, include):
            if target != parent:
                self._mounts[target].add(_Mount(parent, include.prefix, include.router == _URLS))

    def _targets(self, path: str, include: IncludeFact) -> Iterator[_Node]:
        """Give the routers that an include names: `users.router`, `shop.urls`, `(shop_urls, "shop")`, `[path(...)]`."""
        written = include.target
        if include.router != _URLS:
            found = self._target(path, written)
            if found is not None:
                yield found
            return
        if written.startswith("("):
            written = written[1:].strip()
        if "[" in written and _INNER.search(written):
            yield _inline(path, include)
        for one, other in _ADDED.findall(written.partition("[")[0].partition(",")[0].strip()):
            found = self._target(path, one or other)
            if found is not None:
                yield found
        if written[:1] in "'\"":
            found = self._target(path, written[1:].partition(written[0])[0])
            if found is not None:
                yield found

    def _target(self, path: str, written: str) -> _Node | None:
        """Return the router that a name means."""
        local = self._known(path, written)
        if local is not None and "." not in written:
            return local
        place = self._program.find(path, written) or self._program.dotted(path, written)
        if place is None:
            whole = self._program.module(path, written)
            place = None if whole is None else _Place(whole, "")
        return local if place is None else self._known(place.path, place.symbol)

    def _known(self, path: str, symbol: str) -> _Node | None:
        """Return the router of a file that a name of it means; of the file as a whole the only one, or the main one."""
        nodes = self._by_path.get(path, ())
        shortened = symbol.rpartition(".")[0] if symbol.endswith((".urls", ".router", ".routes")) else symbol
        for name in (symbol, shortened):
            if name and _Node(path, name) in self._nodes:
                return _Node(path, name)
        names = [node.name for node in nodes if not node.name.startswith("@")]
        if path.endswith(".py"):
            is_urls = symbol in {"", _URLS}
            return _Node(path, _URLS) if is_urls and names else None
        definitions = self._program.definitions(path)
        if symbol not in {"", "default"}:
            is_plugin = symbol in definitions and definitions[symbol].kind == "function"
            return _Node(path, "") if is_plugin and "" in names else None
        exported = [name for name in names if name in definitions and definitions[name].is_exported] or names
        return _Node(path, exported[0] if len(exported) == 1 else "") if names else None

    def _mount_the_rest(self) -> None:
        """Take lists of patterns and routers of the REST framework that nothing includes as part of `urlpatterns`."""
        for node in sorted({node for node, _, fact in self._routes if fact.framework in _DJANGO}):
            if node.name != _URLS and not self._mounts.get(node):
                self._mounts[node].add(_Mount(_Node(node.path, _URLS), "", is_django=True))
        for path, include in self._includes:
            node = self._node(path, include.router, include.line, include.target)
            if include.router == _URLS and node.name != _URLS and not self._mounts.get(node):
                self._mounts[node].add(_Mount(_Node(path, _URLS), "", is_django=True))

    def _prefixes_of(self, node: _Node, depth: int = _DEEPEST) -> tuple[str, ...]:
        """Return what stands before the routes of a router; a circle of mounts ends where it began."""
        if node not in self._prefixes:
            self._prefixes[node] = ()  # Who comes back here while it is looked for comes by a circle.
            own = self._own.get(node, "")
            found: dict[str, None] = {}
            for parent, prefix, is_django in sorted(self._mounts.get(node, ())):
                # What Flask is told when it registers a blueprint stands in place of the blueprint's own prefix.
                inner = prefix if prefix and self._is_flask(node.path) else _joined(prefix, own, "")
                for outer in self._prefixes_of(parent, depth - 1) if depth else ():
                    found[_joined(outer, inner, "django" if is_django else "")] = None
            self._prefixes[node] = tuple(found)[:_MOST_PREFIXES] or (own,)
        return self._prefixes[node]

    def _is_flask(self, path: str) -> bool:
        return any(one.module.partition(".")[0] in _FLASK for one in self._program.facts[path].imports)

    def _framework(self, node: _Node, fact: RouteFact) -> str:
        """Return the framework: `@users.get` of Flask looks as that of FastAPI does, until its imports are seen."""
        return "flask" if fact.framework == "fastapi" and self._is_flask(node.path) else fact.framework

    def _handler(self, path: str, fact: RouteFact) -> tuple[str, int]:
        """Return file and line of the handler's definition, else those of the route."""
        program = self._program
        if not fact.handler:
            return path, fact.line
        place = program.find(path, fact.handler) or (
            program.dotted(path, fact.handler) if "." in fact.handler else None
        )
        if fact.framework in {"fastapi", "flask"} and (place is None or place.path == path):
            # A decorator stands on its handler.
            return path, fact.line
        definitions = program.definitions(place.path) if place is not None else {}
        definition = definitions.get(place.symbol.partition(".")[0]) if place is not None else None
        return (place.path, definition.line) if place is not None and definition is not None else (path, fact.line)


def _inline(path: str, include: IncludeFact) -> _Node:
    return _Node(path, f"@{include.line}{include.prefix}")


def _joined(prefix: str, path: str, framework: str) -> str:
    """Put a path behind a prefix: Django puts nothing between them, the others one slash."""
    if framework in _DJANGO or not prefix or not path:
        return prefix + path
    return prefix.rstrip("/") + "/" + path.lstrip("/")


def _normal(path: str, framework: str) -> str:
    """Write parameters as `{name}`, and one slash where there is one."""
    if framework not in _PYTHON:
        path = _COLON.sub(r"{\1}", path)
        path = "/".join("{}" if part == "*" else part for part in path.split("/"))
    if framework in _DJANGO:
        path = _GROUP.sub(lambda found: "{" + (found[1] or "") + "}", path)
        path = _UNNAMED.sub("{}", path)
    path = _TYPED.sub(lambda found: "{" + (found[1] or found[2]) + "}", path)
    return "/" + re.sub("/{2,}", "/", path).lstrip("/")


# Requests


class _Known(NamedTuple):
    """A route, and its path in pieces."""

    route: Route
    segments: tuple[str, ...]
    """Parameters as `{}`."""


class _Tree(NamedTuple):
    """Routes by their segments, the last segment first: what stands before may be unknown."""

    below: dict[str, _Tree]
    mixed: list[str]
    """Those below that are patterns, such as `{}` and `{}.json`."""
    routes: list[_Known]

    def child(self, segment: str) -> _Tree:
        """Return what is below a segment; made where nothing is yet."""
        if segment not in self.below:
            self.below[segment] = _Tree({}, [], [])
            if _UNKNOWN in segment:
                self.mixed.append(segment)
        return self.below[segment]


class _Fit(NamedTuple):
    """How well a route fits; the least is the best."""

    guesses: int
    """Segments that may be the same, but are not known to be."""
    literals: int
    """Negative: how many segments say the same."""
    unexplained: int
    """Segments of the route before the request's, of which the caller's file says nothing."""
    explained: int
    """Negative: those of which it does."""
    strange: bool
    """The caller's file does not bear the name of the handler's."""
    extra: int
    """How many segments stand before the request's."""
    known: _Known


class _Index:
    """Routes to be asked for."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._tree = _Tree({}, [], [])
        self._files = {route.file for route in routes}
        self._answers: dict[tuple[str, str, str], tuple[Route, ...]] = {}
        for route in routes:
            segments = tuple(_PARAMETER.sub(_UNKNOWN, one) for one in _segments(route.path))
            place = self._tree
            for segment in reversed(segments):
                place = place.child(segment)
            place.routes.append(_Known(route, segments))

    def answers(self, call: HttpCall) -> tuple[Route, ...]:
        """Return the routes that may answer a request, the best first."""
        key = (call.method, call.path, call.file)
        if key not in self._answers:
            self._answers[key] = tuple(self._look_for(call))
        return self._answers[key]

    def _look_for(self, call: HttpCall) -> list[Route]:
        segments = _segments(call.path)
        is_open = segments[:1] == (_UNKNOWN,)
        asked = segments[1:] if is_open else segments
        forms = [asked, *_without_query(asked)]
        attempts = [self._ends(form, call, is_sure=is_open) for form in forms]
        if not is_open:
            certain = [(fit for fit in self._wholes(form, call) if not fit.guesses) for form in forms]
            less = [one(form, call) for one in (self._wholes, self._stripped) for form in forms]
            attempts = [*certain, *attempts, *less]
        return next((found for fits in attempts if (found := _best(fits, is_open=is_open))), [])

    def _may_answer(self, route: Route, call: HttpCall) -> bool:
        """Tell whether the methods agree, and the caller is not a part of the server that passes requests on."""
        if call.method != route.method and _ANY not in {call.method, route.method}:
            return False
        return call.file != route.file and not (call.file in self._files and _are_one_program(call, route))

    def _wholes(self, asked: tuple[str, ...], call: HttpCall) -> Iterator[_Fit]:
        for place, guesses, literals in _walk(self._tree, asked):
            for known in place.routes:
                # A server asks itself nothing; what its Python asks others for may be called as its own routes are.
                if self._may_answer(known.route, call) and (literals > 1 or not _is_own(call, known.route)):
                    yield _Fit(guesses, -literals, 0, 0, strange=False, extra=0, known=known)

    def _ends(self, asked: tuple[str, ...], call: HttpCall, *, is_sure: bool) -> Iterator[_Fit]:
        """Find the routes whose end is asked for; all before it has to be explained, unless something surely is."""
        words = _words(call.file)
        places = [one for one in _walk(self._tree, asked) if one[2] > one[1]]
        found = ((known, guesses, literals) for tree, guesses, literals in places for known in _all_routes(tree))
        for known, guesses, literals in found:
            if not self._may_answer(known.route, call) or (not is_sure and _is_own(call, known.route)):
                continue
            before = known.segments[: len(known.segments) - len(asked)]
            telling = [one for one in before if not _TRIVIAL.fullmatch(one)]
            explained = sum(_UNKNOWN not in one and _words(one) <= words for one in telling)
            unexplained = len(telling) - explained
            if not unexplained or (is_sure and literals > 1):
                strange = not _words(posixpath.basename(posixpath.splitext(known.route.file)[0])) <= words
                yield _Fit(guesses, -literals, unexplained, -explained, strange, len(before), known)

    def _stripped(self, asked: tuple[str, ...], call: HttpCall) -> Iterator[_Fit]:
        """Find what a proxy leaves of `/api/users/all`; pages of Django bear such names too."""
        count = next((index for index, one in enumerate(asked) if not _TRIVIAL.fullmatch(one)), 0)
        for fit in self._wholes(asked[count:], call) if count else ():
            if fit.known.route.framework != "django" and not fit.guesses:
                yield fit


def _segments(path: str) -> tuple[str, ...]:
    return tuple(one for one in path.split("/") if one)


def _without_query(asked: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give `/users/all{}` without its end, which may be a query."""
    if asked and asked[-1].endswith(_UNKNOWN) and asked[-1] != _UNKNOWN:
        yield (*asked[:-1], asked[-1].removesuffix(_UNKNOWN))


def _walk(tree: _Tree, asked: tuple[str, ...]) -> list[tuple[_Tree, int, int]]:
    """Return where a request leads, how many of its segments are guessed there, and how many literals agree.

    One segment may be guessed, and at least one literal that tells something has to agree.
    """
    places = [(tree, 0, 0)]
    if all(_UNKNOWN in one or _TRIVIAL.fullmatch(one) for one in asked):
        return []
    for segment in reversed(asked):
        telling = int(_UNKNOWN not in segment and not _TRIVIAL.fullmatch(segment))
        further: list[tuple[_Tree, int, int]] = []
        for place, guesses, literals in places:
            if (same := place.below.get(segment)) is not None:
                further.append((same, guesses, literals + telling))
            others = _others(place, segment)
            further += ((one, guesses + cost, literals) for one, cost in others if guesses + cost <= 1)
        places = further
    return [one for one in places if one[2]]


def _all_routes(tree: _Tree) -> Iterator[_Known]:
    """Yield the routes of a place and of all below it."""
    waiting = [tree]
    while waiting:
        place = waiting.pop()
        yield from place.routes
        waiting.extend(place.below.values())


def _others(place: _Tree, segment: str) -> Iterator[tuple[_Tree, int]]:
    """Give what a segment may mean beside itself, and what that costs: nothing for a parameter that has a prefix."""
    if segment == _UNKNOWN:
        yield from ((one, 1) for name, one in place.below.items() if name != segment)
        return
    for name in place.mixed:
        if name == _UNKNOWN and _UNKNOWN in segment:
            yield place.below[name], 0
        elif name != segment and _is_pattern_of(name, segment):
            yield place.below[name], 1


def _is_pattern_of(segment: str, text: str) -> bool:
    """Tell whether a known segment is a value of a parameter, or of `{}.json`."""
    head, found, tail = segment.partition(_UNKNOWN)
    is_known = bool(found) and _UNKNOWN not in text and _UNKNOWN not in tail
    return is_known and text.startswith(head) and text.endswith(tail) and len(text) > len(head) + len(tail)


def _best(fits: Iterable[_Fit], *, is_open: bool) -> list[Route]:
    """Return the routes that fit best; none where different ones do, unless the request says all of their path."""
    listed = sorted(fits)
    best = [fit for fit in listed if fit[:-1] == listed[0][:-1]]
    answers = {(fit.known.segments, fit.known.route.module) for fit in best}
    is_vague = is_open or any(fit.extra or fit.guesses for fit in best)
    if len(answers) > (1 if is_vague else _MOST_ROUTES):
        return []
    return sorted((fit.known.route for fit in best), key=lambda route: (route.method == _ANY, route))[:_MOST_ROUTES]


def _are_one_program(call: HttpCall, route: Route) -> bool:
    """Tell whether a caller and a handler of one language lie beside each other, or one below the other."""
    if call.file.rpartition(".")[2] != route.file.rpartition(".")[2]:
        return False
    here, there = call.file.rpartition("/")[0], route.file.rpartition("/")[0]
    return f"{here}/".startswith(f"{there}/") or f"{there}/".startswith(f"{here}/") or not here or not there


def _is_own(call: HttpCall, route: Route) -> bool:
    """Tell whether both are Python of one package, or of directories one within the other."""
    if not (call.file.endswith(".py") and route.file.endswith(".py")):
        return False
    return call.module.partition(".")[0] == route.module.partition(".")[0] or _are_one_program(call, route)


def _words(text: str) -> set[str]:
    """Return the words of a name or a path, without the `s` of plurals."""
    return {word.lower().rstrip("s") for word in _WORDS.findall(text)}
