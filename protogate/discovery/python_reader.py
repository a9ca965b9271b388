"""What one file of Python says, of any version of the language: a syntax tree, one query, no import.

Tree-sitter reads Python 2 and 3 alike and carries on behind an error, where `ast` refuses the whole file.

Names, calls and texts are most of a tree, and few of them matter. So the source is searched for those that may, and
the tree is asked what stands there; only where it has errors, and calls and texts may look odd, a query finds them all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import tree_sitter
import tree_sitter_python

from protogate.discovery import sql_text
from protogate.discovery.facts import (
    DefinitionFact,
    EntryPointFact,
    EventFact,
    FileFacts,
    HttpCallFact,
    ImportFact,
    IncludeFact,
    ProblemFact,
    RouteFact,
    StringFact,
    TableFact,
    TableUseFact,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Places", "read_python"]

_QUERY: Final = """
(import_statement) @import
(import_from_statement) @from
(class_definition) @class
(function_definition) @function
(decorator) @decorator
(module (if_statement) @main)
(module (expression_statement (assignment left: (identifier) right: (_)) @constant))
[(if_statement) (elif_clause) (for_statement) (while_statement) (except_clause) (boolean_operator)
 (conditional_expression)] @branch
"""
_QUERY_OF_ALL: Final = """
(call) @call
(string) @string
"""
_VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "websocket"})
_ROUTES: Final = frozenset({*_VERBS, "route", "api_route"})
_DJANGO_PATHS: Final = frozenset({"path", "re_path", "url"})
_CLIENTS: Final = frozenset({"requests", "httpx", "session", "client", "http"})
_COLUMNS: Final = frozenset(
    {"Column", "mapped_column", "relationship", "ForeignKey", "OneToOneField", "ManyToManyField"}
)
_READS: Final = frozenset({"query", "select", "get", "filter", "all", "exclude", "values", "count", "first", "exists"})
_WRITES: Final = frozenset(
    {"insert", "update", "delete", "create", "bulk_create", "get_or_create", "update_or_create", "add", "save"}
)
_INCLUDES: Final = frozenset({"include_router", "register_blueprint", "mount"})
_ADDS: Final = frozenset({"add_url_rule", "add_api_route"})
_EVENTS: Final = frozenset({"connect", "send", "delay", "apply_async", "emit", "publish", "dispatch"})
_OF_SESSIONS: Final = frozenset({"query", "select", "insert", "update", "delete", "get"})
_FUNCTIONS: Final = frozenset(name.encode() for name in (*_OF_SESSIONS, *_DJANGO_PATHS))
"""What is read also where it is the method of nothing."""
_METHODS: Final = frozenset(
    name.encode() for name in (*_INCLUDES, *_ADDS, *_EVENTS, *_VERBS, *_READS, *_WRITES, *_DJANGO_PATHS, "register")
)
_MOST_USES: Final = 8
_FIELDS_BEFORE_USES: Final = ImportFact._fields.index("references")
_PATH_AND_HANDLER: Final = 2
_SHORTEST: Final = len("'a.b'")
_LONGEST_NAME: Final = 120
_LONGEST_SHOWN: Final = 60
_LONGEST_CALLED: Final = 10_000
"""How long that which is called may be: each link of a generated chain has all links before it in its text."""
_LONGEST_FUNCTION: Final = max(map(len, _FUNCTIONS)) + 1
_MOST_STEPS: Final = 20_000_000
"""How many nodes may be passed on the way from a root to places; no tree is deeper than its file is long."""
_DEEPEST_REFERENCE: Final = 32
_MOST_ATTRIBUTES: Final = 64
"""How far `a.b.c` is followed: generated ones have thousands of links, and each would be followed."""
_MOST_SIGNS: Final = 10_000
"""How many single signs an error may hold: a query looks at those that follow for each of them."""
_MOST_ERRORS: Final = 1_000
"""How many nodes with errors are looked at to find one that holds too many signs."""
_LENGTH_OF_HEAD: Final = 24
"""Where in a text of SQL its first word must have ended."""

_START_OF: Final = attrgetter("start_byte")
_LETTERS: Final = b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IS_IN_WORD: Final = bytes(byte in _LETTERS for byte in range(256))
_SPACES: Final = b" \t\r\n\f\\"
_NOT_IN_WORDS: Final = bytes(byte if byte in _LETTERS else ord(" ") for byte in range(256))
_EMPTY_LINE: Final = re.compile(rb"\n[ \t\r\f\v]*+(?=[#\n]|\Z)")
"""Also one with nothing but a comment."""
_GET_MODEL: Final = re.compile(r"""(?:\w+\.)*get_model\(\s*['"]([\w.]+)['"]\s*(?:,\s*['"](\w+)['"]\s*,?\s*)?\)""")
_FIELDS: Final = ("Field", "ForeignKey")
_NO_USES: Final = frozenset({"aliased_import", "default_parameter", "import_statement", "parameters"})

# Each pattern begins with one sign: those are found fast.
_CALL_OF_METHOD: Final = re.compile(rb"\.(%b)\b(?=[\s\\]*+[(#\x80-\xff])" % b"|".join(sorted(_METHODS)))
_CALL_OF_FUNCTION: Final = re.compile(
    rb"\((?<=(?:%b|.[%b][\s\\]|.[\s\\][\s\\])\()"
    % (
        b"|".join(sorted({name[-3:] for name in _FUNCTIONS})),
        b"".join(sorted({name[-1:] for name in _FUNCTIONS})),
    ),
    re.DOTALL,
)
_TEXTS: Final = tuple(
    re.compile(
        rb"%b(?:[\w:\x80-\xff]*+\.[\w:.\x80-\xff]*+(?=%b)|(?=[rRuUbBfF'\"\n \t]{0,%d}+(?i:%b)))"
        % (quote, quote, _LENGTH_OF_HEAD, b"|".join(sql_text.VERBS))
    )
    for quote in (b"'", b'"')
)
"""Texts with a dot and nothing but names, and those that begin with a verb of SQL."""


def read_python(source: bytes) -> FileFacts:
    """Return what a file says; never raises, whatever the bytes are."""
    return _Reader(source).facts()


@cache
def _language() -> tree_sitter.Language:
    return tree_sitter.Language(tree_sitter_python.language())


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(_language())


@cache
def _query(text: str) -> tree_sitter.Query:
    return tree_sitter.Query(_language(), text)


def _captures(root: tree_sitter.Node, text: str) -> dict[str, list[tree_sitter.Node]]:
    return tree_sitter.QueryCursor(_query(text)).captures(root)


class Places:
    """What stands where in a tree, asked for in the order of the file.

    The tree finds a place from its root, which is fast, but takes as long as it is deep; of a deep tree with many
    places the way down is kept, which is the same from one place to the next but for its end.
    """

    def __init__(self, root: tree_sitter.Node) -> None:
        self.root = root
        self.left = _MOST_STEPS // (root.end_byte + 1)
        self.cursor: tree_sitter.TreeCursor | None = None
        self.way: list[tree_sitter.Node] = []

    def at(self, start: int, end: int) -> tree_sitter.Node:
        """Return the smallest node that holds a place."""
        self.left -= 1
        if self.left > 0:
            return self.root.descendant_for_byte_range(start, end) or self.root
        if self.cursor is None:
            self.cursor, self.way = self.root.walk(), [self.root]
        cursor, way = self.cursor, self.way
        while len(way) > 1 and way[-1].end_byte < end:
            cursor.goto_parent()
            way.pop()
        while cursor.goto_first_child_for_byte(start) is not None:
            node = cursor.node
            if node is None or node.start_byte > start or node.end_byte < end:
                cursor.goto_parent()
                break
            way.append(node)
        return way[-1]

    def above(self, node: tree_sitter.Node) -> tree_sitter.Node | None:
        """Return what holds a node that was found at the last place, or above it."""
        if self.cursor is None:
            return node.parent
        place = len(self.way) - 1
        while place and self.way[place] != node:
            place -= 1
        return self.way[place - 1] if place else None


class _Reader:
    """One file while it is read."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.root = _parser().parse(source).root_node
        self.is_rubbish = self.root.has_error and _is_rubbish(self.root)
        self.captures = _captures(self.root, _QUERY) if not self.is_rubbish else {}
        self.all = _captures(self.root, _QUERY_OF_ALL) if self.root.has_error and not self.is_rubbish else None
        functions = self.captures.get("function", ())
        self.tops = _outermost([*functions, *self.captures.get("class", ())])
        self.functions = _Ranges(functions)
        self.for_types = _Ranges(self._conditions_of_types())
        self.has_table_names = b"__tablename__" in source or b"db_table" in source
        self.imports: list[ImportFact] = []
        self.routes: list[RouteFact] = []
        self.includes: list[IncludeFact] = []
        self.http_calls: list[HttpCallFact] = []
        self.tables: list[TableFact] = []
        self.table_uses: list[TableUseFact] = []
        self.events: list[EventFact] = []
        self.entry_points: list[EntryPointFact] = []

    def facts(self) -> FileFacts:
        """Return everything, sorted by line."""
        found = self.captures
        self.imports = [*self._plain_imports(), *self._from_imports()]
        self.frameworks = _frameworks(self.imports)
        definitions = [*self._classes(), *self._functions(), *self._constants()]
        self._read_decorators()
        for node in self._calls():
            self._read_call(node)
        strings = list(self._strings())
        self._read_main()
        lines = self.source.count(b"\n") + (0 if self.source.endswith(b"\n") or not self.source else 1)
        return FileFacts(
            language="python",
            lines=lines,
            code_lines=_code_lines(self.source),
            branches=len(found.get("branch", ())),
            imports=tuple(sorted(self._counted_imports())),
            definitions=tuple(sorted(definitions)),
            strings=tuple(sorted(set(strings))),
            routes=tuple(sorted(set(self.routes))),
            includes=tuple(sorted(set(self.includes))),
            http_calls=tuple(sorted(set(self.http_calls))),
            tables=tuple(sorted(set(self.tables))),
            table_uses=tuple(sorted(set(self.table_uses))),
            events=tuple(sorted(set(self.events))),
            entry_points=tuple(sorted(set(self.entry_points))),
            problems=_problems(self.root, is_rubbish=self.is_rubbish),
        )

    def text(self, node: tree_sitter.Node | None) -> str:
        """Return the text of a node."""
        return "" if node is None else self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    # Imports

    def _plain_imports(self) -> Iterator[ImportFact]:
        for node in self.captures.get("import", ()):
            lazy, type_only = node in self.functions, node in self.for_types
            for name in node.children_by_field_name("name"):
                aliased = name.type == "aliased_import"
                module = self.text(name.child_by_field_name("name") if aliased else name)
                alias = self.text(name.child_by_field_name("alias")) if aliased else module.partition(".")[0]
                yield ImportFact(_line(node), module, 0, "", alias, type_only, lazy, 0)

    def _from_imports(self) -> Iterator[ImportFact]:
        for node in self.captures.get("from", ()):
            place = node.child_by_field_name("module_name")
            written = self.text(place)
            module = written.lstrip(". ")
            level = len(written) - len(written.lstrip("."))
            if module == "__future__":
                continue
            lazy, type_only = node in self.functions, node in self.for_types
            names = node.children_by_field_name("name")
            if not names:
                yield ImportFact(_line(node), module, level, "*", "", type_only, lazy, 0)
            for name in names:
                aliased = name.type == "aliased_import"
                taken = self.text(name.child_by_field_name("name") if aliased else name)
                alias = self.text(name.child_by_field_name("alias")) if aliased else taken
                yield ImportFact(_line(name), module, level, taken, alias, type_only, lazy, 0)

    def _conditions_of_types(self) -> list[tree_sitter.Node]:
        """Return each `if TYPE_CHECKING:`."""
        if b"TYPE_CHECKING" not in self.source:
            return []
        found = [node for node in self.captures.get("branch", ()) if node.type == "if_statement"]
        return [node for node in found if "TYPE_CHECKING" in self.text(node.child_by_field_name("condition"))]

    def _counted_imports(self) -> Iterator[ImportFact]:
        """Yield the imports with their uses, which are looked at once."""
        chains = [_chain(one) for one in self.imports]
        needs_all = {one.alias for one, chain in zip(self.imports, chains, strict=True) if chain}
        counts = dict.fromkeys((one.alias for one in self.imports if one.alias), 0)
        uses: dict[str, list[tuple[int, str, str]]] = {}
        places = Places(self.root)
        for start, end, alias in self._words(counts):
            node = places.at(start, end)
            if node.type != "identifier" or node.end_byte != end or node.start_byte != start:
                continue
            parent = places.above(node)
            if not _is_use(node, parent):
                continue
            counts[alias] += 1
            if counts[alias] <= _MOST_USES or alias in needs_all:
                uses.setdefault(alias, []).append((_line(node), *_symbol(node, parent, places)))
        for one, chain in zip(self.imports, chains, strict=True):
            rows, count = uses.get(one.alias, []), counts.get(one.alias, 0)
            if chain:
                rows = [row for row in rows if f"{row[1]}.".startswith(f"{chain}.")]
                count = len(rows)
            shown = [(line, symbol[:_LONGEST_NAME], kind) for line, symbol, kind in rows[:_MOST_USES]]
            yield ImportFact._make((*one[:_FIELDS_BEFORE_USES], count, tuple(shown)))

    def _words(self, words: Iterable[str]) -> list[tuple[int, int, str]]:
        """Return where words stand, in order: not in imports, but in comments and texts too."""
        source, is_in_word = self._without_imports(), _IS_IN_WORD
        find = source.find
        found: list[tuple[int, int, str]] = []
        for word in words:
            name = word.encode()
            length = len(name)
            start = find(name)
            while start >= 0:
                end = start + length
                if not is_in_word[source[end]] and not is_in_word[source[start - 1]]:
                    found.append((start, end, word))
                start = find(name, end)
        found.sort()
        return found

    def _without_imports(self) -> bytes:
        """Return the source with blanks for its imports, whose names are no uses, and with a last line."""
        source = self.source
        kept: list[bytes] = []
        position = 0
        for node in sorted((*self.captures.get("import", ()), *self.captures.get("from", ())), key=_START_OF):
            start, end = node.start_byte, node.end_byte
            if start >= position:
                kept += (source[position:start], b" " * (end - start))
                position = end
        return b"".join((*kept, source[position:], b"\n"))

    # Definitions and tables

    def _classes(self) -> Iterator[DefinitionFact]:
        for node in self.captures.get("class", ()):
            name = self.text(node.child_by_field_name("name"))
            listed = node.child_by_field_name("superclasses")
            bases = tuple(self.text(one) for one in _arguments(listed) if one.type != "keyword_argument")
            keywords = {self.text(one.child_by_field_name("name")): one for one in _arguments(listed)}
            if node.id in self.tops:
                yield DefinitionFact(
                    _line(node), _end(node), "class", name, bases, is_exported=not name.startswith("_")
                )
            self._read_table(node, name, bases, is_table="table" in keywords)

    def _functions(self) -> Iterator[DefinitionFact]:
        for node in self.captures.get("function", ()):
            if node.id in self.tops:
                name = self.text(node.child_by_field_name("name"))
                yield DefinitionFact(
                    _line(node), _end(node), "function", name, (), is_exported=not name.startswith("_")
                )

    def _constants(self) -> Iterator[DefinitionFact]:
        for node in self.captures.get("constant", ()):
            name = self.text(node.child_by_field_name("left"))
            yield DefinitionFact(_line(node), _end(node), "constant", name, (), is_exported=not name.startswith("_"))
            self._read_router(node, name)

    def _read_table(self, node: tree_sitter.Node, model: str, bases: Sequence[str], *, is_table: bool) -> None:
        django = "django" in self.frameworks or any(base.endswith("models.Model") for base in bases)
        is_model = any(base.rpartition(".")[2].endswith("Model") for base in bases)
        # A base of their own, abstract, is often called otherwise; then its fields tell.
        if not (is_table or (django and bases) or self.has_table_names):
            return
        body = node.child_by_field_name("body")
        name, is_abstract = self._read_meta(body)
        columns: list[str] = []
        references: list[str] = []
        for column, value in self._assignments(body):
            if column == "__tablename__":
                name = _literal(self.text(value))
            if column == "__abstract__":
                is_abstract = True
            called = self._called(value)
            is_model |= django and self.text(value).startswith("models.") and called.endswith(_FIELDS)
            if called in _COLUMNS or called.endswith("Field") or (is_table and not column.startswith("_")):
                columns.append(column)
                references += self._references(value)
        framework = "sqlmodel" if is_table else "sqlalchemy" if name and not django else "django" if django else ""
        if is_abstract or not framework:
            return
        if is_table or (name and framework == "sqlalchemy") or (django and is_model and columns) or (name and columns):
            self.tables.append(
                TableFact(_line(node), name, model, tuple(columns), tuple(dict.fromkeys(references)), framework)
            )

    def _read_meta(self, body: tree_sitter.Node | None) -> tuple[str, bool]:
        """Return the table that Django's `class Meta` names, and whether it says that there is none."""
        name, is_abstract = "", False
        for statement in body.named_children if body is not None else ():
            if _type(statement) == "class_definition" and self.text(statement.child_by_field_name("name")) == "Meta":
                for column, value in self._assignments(statement.child_by_field_name("body")):
                    is_abstract |= column == "abstract" and self.text(value) == "True"
                    name = _literal(self.text(value)) if column == "db_table" else name
        return name, is_abstract

    def _assignments(self, body: tree_sitter.Node | None) -> Iterator[tuple[str, tree_sitter.Node | None]]:
        for statement in body.named_children if body is not None else ():
            first = statement.child(0) if statement.type == "expression_statement" else None
            if first is not None and first.type == "assignment":
                left = first.child_by_field_name("left")
                if left is not None and left.type == "identifier":
                    yield self.text(left), first.child_by_field_name("right")

    def _called(self, node: tree_sitter.Node | None) -> str:
        if node is None or node.type != "call":
            return ""
        return self.text(node.child_by_field_name("function")).rpartition(".")[2]

    def _references(self, node: tree_sitter.Node | None, depth: int = 0) -> list[str]:
        """Return what foreign keys in an expression point to, as written."""
        if node is None or node.type != "call" or depth > _DEEPEST_REFERENCE:
            return []
        called = self._called(node)
        found: list[str] = []
        arguments = _arguments(node.child_by_field_name("arguments"))
        if called in {"ForeignKey", "OneToOneField", "ManyToManyField", "relationship"}:
            first = [one for one in arguments[:1] if one.type != "keyword_argument"]
            found += [_literal(self.text(one)) or self.text(one) for one in first]
            found += [_literal(self.text(v)) or self.text(v) for k, v in self._keywords(node).items() if k == "to"]
        found += [_literal(self.text(v)) for k, v in self._keywords(node).items() if k == "foreign_key"]
        for one in arguments:
            found += self._references(one, depth + 1)
        return [one for one in found if one and "(" not in one]

    # Routes, requests, events

    def _keywords(self, call: tree_sitter.Node) -> dict[str, tree_sitter.Node]:
        found = {}
        for one in _arguments(call.child_by_field_name("arguments")):
            value = one.child_by_field_name("value") if one.type == "keyword_argument" else None
            if value is not None:
                found[self.text(one.child_by_field_name("name"))] = value
        return found

    def _read_router(self, node: tree_sitter.Node, name: str) -> None:
        value = node.child_by_field_name("right")
        called = self._called(value)
        if value is None or not called:
            return
        keywords = self._keywords(value)
        # Projects make routers of their own, which take a prefix as those do that they extend.
        if called in {"APIRouter", "Blueprint"} or (called.endswith("Router") and "prefix" in keywords):
            prefix = self.text(keywords.get("prefix") or keywords.get("url_prefix"))
            self.includes.append(IncludeFact(_line(node), name, _literal(prefix), name))
        if called in {"FastAPI", "Flask", "Starlette", "Sanic", "Quart"}:
            self.entry_points.append(EntryPointFact(_line(node), "app", name))

    def _read_decorators(self) -> None:
        for node in self.captures.get("decorator", ()):
            call = next(iter(node.named_children), None)
            target = node.parent.child_by_field_name("definition") if node.parent is not None else None
            handler = self.text(target.child_by_field_name("name")) if target is not None else ""
            if call is None:
                continue
            name = self.text(call.child_by_field_name("function") if call.type == "call" else call)
            owner, _, verb = name.rpartition(".")
            if call.type == "call" and verb in _ROUTES and owner:
                self._read_route(call, owner, verb, handler)
            elif verb in {"receiver", "on_event", "subscribe", "listens_for"}:
                for one in _arguments(call.child_by_field_name("arguments"))[:1]:
                    self.events.append(
                        EventFact(_line(node), _literal(self.text(one)) or self.text(one), "handles", "signal")
                    )
            elif verb in {"task", "shared_task", "periodic_task"}:
                self.entry_points.append(EntryPointFact(_line(node), "task", handler))
            elif verb in {"command", "group"} and owner:
                self.entry_points.append(EntryPointFact(_line(node), "command", handler))

    def _read_route(self, call: tree_sitter.Node, owner: str, verb: str, handler: str) -> None:
        keywords = self._keywords(call)
        first = next((one for one in _arguments(call.child_by_field_name("arguments"))[:1]), None)
        place = first if first is not None and first.type != "keyword_argument" else keywords.get("path")
        written = self.text(place)
        path = _literal(written)
        if place is None or not _is_literal(written) or (path and not path.startswith("/")):
            return
        listed = keywords.get("methods")
        if verb in {"route", "api_route"}:
            methods = [_literal(self.text(one)).upper() for one in listed.named_children] if listed else ["GET"]
        else:
            methods = ["GET" if verb == "websocket" else verb.upper()]
        framework = "flask" if "flask" in self.frameworks and verb == "route" else "fastapi"
        for method in methods:
            self.routes.append(RouteFact(_line(call), method, _braced(path), owner, handler, framework))

    def _read_added(self, call: tree_sitter.Node, owner: str, called: str) -> None:
        """Read a route that a call adds: `app.add_url_rule("/orders/<id>", view_func=OrderView.as_view("o"))`."""
        keywords = self._keywords(call)
        given = [one for one in _arguments(call.child_by_field_name("arguments")) if one.type != "keyword_argument"]
        written = self.text(given[0] if given else keywords.get("rule") or keywords.get("path"))
        path = _literal(written)
        # Flask takes the name of the endpoint before the function.
        at, name = (2, "view_func") if called == "add_url_rule" else (1, "endpoint")
        view = self.text(keywords.get(name) or (given[at] if len(given) > at else None))
        if not view or not _is_literal(written) or (path and not path.startswith("/")):
            return
        listed = keywords.get("methods")
        methods = [_literal(self.text(one)).upper() for one in listed.named_children] if listed else []
        if not methods:
            # A class answers what it has methods for.
            methods = ["ANY" if ".as_view" in view else "GET"]
        handler = view.partition(".as_view")[0].partition("(")[0]
        framework = "flask" if called == "add_url_rule" else "fastapi"
        for method in methods:
            self.routes.append(RouteFact(_line(call), method, _braced(path), owner, handler, framework))

    def _calls(self) -> Iterator[tree_sitter.Node]:
        """Yield calls: at least all of methods and functions that are read."""
        if self.all is not None:
            yield from self.all.get("call", ())
            return
        places = Places(self.root)
        for start, end in sorted((*self._called_methods(), *self._called_functions())):
            function = places.at(start, end)
            call = places.above(function)
            while call is not None and call.end_byte == end:
                function, call = call, places.above(call)
            if call is not None and call.type == "call" and call.child_by_field_name("function") == function:
                yield call

    def _called_methods(self) -> Iterator[tuple[int, int]]:
        return (found.span(1) for found in _CALL_OF_METHOD.finditer(self.source))

    def _called_functions(self) -> Iterator[tuple[int, int]]:
        source = self.source
        for found in _CALL_OF_FUNCTION.finditer(source):
            before = source[max(0, found.start() - _LONGEST_NAME) : found.start()].rstrip(_SPACES)
            word = before[-_LONGEST_FUNCTION:].translate(_NOT_IN_WORDS).rpartition(b" ")[2]
            if word in _FUNCTIONS:
                end = max(0, found.start() - _LONGEST_NAME) + len(before)
                yield end - len(word), end

    def _read_call(self, node: tree_sitter.Node) -> None:
        function = node.child_by_field_name("function")
        if function is None or function.end_byte - function.start_byte > _LONGEST_CALLED:
            return
        written = self.source[function.start_byte : function.end_byte]
        if written.rpartition(b".")[2] not in _METHODS:
            return
        name = written.decode("utf-8", "replace")
        owner, _, last = name.rpartition(".")
        if last in _INCLUDES and owner:
            self._read_include(node, owner)
        elif last in _ADDS and owner:
            self._read_added(node, owner, last)
        elif last in _DJANGO_PATHS and "django" in self.frameworks:
            self._read_django(node, last)
        elif last == "register" and owner and "django" in self.frameworks:
            self._read_viewset(node, owner)
        elif last in _VERBS and owner.rpartition(".")[2] in _CLIENTS:
            self._read_request(node, last, name)
        elif last in _EVENTS and owner:
            self._read_event(node, owner, last)
        elif last in _READS or last in _WRITES:
            self._read_model_use(node, owner, last)

    def _read_include(self, node: tree_sitter.Node, owner: str) -> None:
        keywords = self._keywords(node)
        arguments = [one for one in _arguments(node.child_by_field_name("arguments")) if one.type != "keyword_argument"]
        mounts = self.text(node.child_by_field_name("function")).endswith(".mount")
        prefix = (
            self.text(arguments[0])
            if mounts and arguments
            else self.text(keywords.get("prefix") or keywords.get("url_prefix"))
        )
        target = arguments[-1] if arguments else keywords.get("router") or keywords.get("blueprint")
        if target is not None and _type(target) in {"identifier", "attribute"}:
            self.includes.append(IncludeFact(_line(node), owner, _literal(prefix), self.text(target)))

    def _read_django(self, node: tree_sitter.Node, called: str) -> None:
        arguments = [one for one in _arguments(node.child_by_field_name("arguments")) if one.type != "keyword_argument"]
        if len(arguments) < _PATH_AND_HANDLER or not _is_literal(self.text(arguments[0])):
            return
        path = _literal(self.text(arguments[0]))
        path = _braced(path) if called == "path" else _unpatterned(path)
        view = arguments[1]
        if self._called(view) == "include":
            given = _arguments(view.child_by_field_name("arguments"))
            if given:
                target = _literal(self.text(given[0])) or self.text(given[0])
                target = target.removesuffix(".urls") if target.endswith("router.urls") else target
                self.includes.append(IncludeFact(_line(node), "urlpatterns", path, target))
            return
        handler = _literal(self.text(view)) or self.text(view).partition(".as_view")[0].partition("(")[0]
        if _type(view) == "call" and not self.text(view.child_by_field_name("function")).endswith("as_view"):
            inner = _arguments(view.child_by_field_name("arguments"))
            handler = self.text(inner[0]).partition(".as_view")[0].partition("(")[0] if inner else handler
        self.routes.append(RouteFact(_line(node), "ANY", path, "urlpatterns", handler, "django"))

    def _read_viewset(self, node: tree_sitter.Node, owner: str) -> None:
        arguments = _arguments(node.child_by_field_name("arguments"))
        if (
            len(arguments) < _PATH_AND_HANDLER
            or not _is_literal(self.text(arguments[0]))
            or "router" not in owner.lower()
        ):
            return
        path, handler = _unpatterned(_literal(self.text(arguments[0]))), self.text(arguments[1])
        for tail in ("/", "/{pk}/"):
            self.routes.append(RouteFact(_line(node), "ANY", path.rstrip("/") + tail, owner, handler, "drf"))

    def _read_request(self, node: tree_sitter.Node, verb: str, name: str) -> None:
        arguments = _arguments(node.child_by_field_name("arguments"))
        written = self.text(arguments[0]) if arguments else ""
        path = _url_path(_format(written))
        if path:
            self.http_calls.append(HttpCallFact(_line(node), verb.upper(), path, name))

    def _read_event(self, node: tree_sitter.Node, owner: str, last: str) -> None:
        signal = owner.rpartition(".")[2]
        if last in {"connect", "send"} and not (
            signal.endswith(("signal", "_save", "_delete", "_init")) or "signals" in owner
        ):
            return
        arguments = _arguments(node.child_by_field_name("arguments"))
        first = _literal(self.text(arguments[0])) if arguments else ""
        if last in {"emit", "publish", "dispatch"} and not first:
            return
        name = first if last in {"emit", "publish", "dispatch"} else signal
        kind = "task" if last in {"delay", "apply_async"} else "signal" if last in {"connect", "send"} else "event"
        self.events.append(EventFact(_line(node), name, "handles" if last == "connect" else "emits", kind))

    def _read_model_use(self, node: tree_sitter.Node, owner: str, last: str) -> None:
        mode = "write" if last in _WRITES else "read"
        head, _, tail = owner.partition(".objects")
        if tail or owner.endswith(".objects"):
            label = _GET_MODEL.match(head)
            head = ".".join(filter(None, label.groups())) if label else head
            self.table_uses.append(TableUseFact(_line(node), head, mode, is_sql=False))
            return
        if last in _OF_SESSIONS and ("session" in owner or not owner):
            for one in _arguments(node.child_by_field_name("arguments"))[:1]:
                name = self.text(one)
                if _type(one) in {"identifier", "attribute"} and name.rpartition(".")[2][:1].isupper():
                    self.table_uses.append(TableUseFact(_line(node), name, mode, is_sql=False))
        elif last == "add" and "session" in owner:
            for one in _arguments(node.child_by_field_name("arguments"))[:1]:
                if _type(one) == "call" and self.text(one)[:1].isupper():
                    name = self.text(one.child_by_field_name("function"))
                    self.table_uses.append(TableUseFact(_line(node), name, "write", is_sql=False))

    # Texts

    def _texts(self) -> Iterator[tree_sitter.Node]:
        """Yield texts: at least all that may name a module or be SQL."""
        if self.all is not None:
            yield from self.all.get("string", ())
            return
        places = Places(self.root)
        for start in sorted(found.start() for texts in _TEXTS for found in texts.finditer(self.source)):
            opening = places.at(start, start + 1)
            if opening.type == "string_start" and (node := places.above(opening)) is not None:
                yield node

    def _strings(self) -> Iterator[StringFact]:
        source = self.source
        for node in self._texts():
            start, end = node.start_byte, node.end_byte
            if end - start < _SHORTEST:
                continue
            if end - start <= _LONGEST_NAME:
                text = _literal(self.text(node))
                if "." in text and _is_dotted(text):
                    yield StringFact(_line(node), text)
                    continue
            head = source[start : start + _LENGTH_OF_HEAD].lstrip(b"rRuUbBfF'\"\n \t").upper()
            if head.startswith(sql_text.VERBS):
                for table, mode in sql_text.tables(_literal(self.text(node))):
                    self.table_uses.append(TableUseFact(_line(node), table, mode, is_sql=True))

    def _read_main(self) -> None:
        for node in self.captures.get("main", ()):
            condition = self.text(node.child_by_field_name("condition"))
            if "__name__" in condition and "__main__" in condition:
                self.entry_points.append(EntryPointFact(_line(node), "main", "__main__"))


def _is_rubbish(root: tree_sitter.Node) -> bool:
    """Tell whether a tree has an error that is so long that queries would take minutes."""
    waiting = [root]
    for _ in range(_MOST_ERRORS):
        if not waiting:
            break
        node = waiting.pop()
        if node.type == "ERROR" and node.child_count - node.named_child_count > _MOST_SIGNS:
            return True
        waiting += (inner for inner in node.children if inner.has_error)
    return False


def _problems(root: tree_sitter.Node, *, is_rubbish: bool) -> tuple[ProblemFact, ...]:
    """Return the first fault, and how many more there are: one gap of the grammar may make many."""
    if not root.has_error:
        return ()
    node = root
    while node.type != "ERROR":
        inner = next((one for one in node.children if one.has_error or one.is_missing), None)
        if inner is None:
            break
        node = inner
    written = _text(node).strip().partition("\n")[0][:_LONGEST_SHOWN]
    message = f"is not Python that can be read: {written!r}; what is around it was read"
    more = 0 if is_rubbish else _faults(root) - 1
    return (ProblemFact(_line(node), f"{message} ... and {more} more" if more > 0 else message),)


def _faults(root: tree_sitter.Node) -> int:
    """Return how many faults a tree has, those within others not counted; at most so many as are looked at."""
    count = 0
    waiting = [root]
    for _ in range(_MOST_ERRORS):
        if not waiting:
            break
        node = waiting.pop()
        if node.type == "ERROR" or node.is_missing:
            count += 1
        else:
            waiting += (inner for inner in node.children if inner.has_error or inner.is_missing)
    return count


def _chain(one: ImportFact) -> str:
    """Return the names that a use of `import a.b.c` must begin with; empty for other imports."""
    is_chain = not one.name and "." in one.module and one.alias == one.module.partition(".")[0]
    return one.module if is_chain else ""


def _symbol(node: tree_sitter.Node, parent: tree_sitter.Node | None, places: Places) -> tuple[str, str]:
    """Return what is used of a name, and how."""
    outer = node
    for _ in range(_MOST_ATTRIBUTES):
        if parent is None or parent.type != "attribute" or parent.child(0) != outer:
            break
        outer, parent = parent, places.above(parent)
    symbol = _text(outer)
    if not symbol.isidentifier():
        symbol = symbol.replace("\n", "").replace(" ", "")
    kind = "" if parent is None else parent.type
    if parent is not None and kind == "call" and parent.child(0) == outer:
        return symbol, "call"
    if parent is not None and kind == "argument_list" and _type(places.above(parent)) == "class_definition":
        return symbol, "subclass"
    return symbol, "import"


def _line(node: tree_sitter.Node) -> int:
    return node.start_point[0] + 1


def _text(node: tree_sitter.Node | None) -> str:
    return "" if node is None else (node.text or b"").decode("utf-8", "replace")


def _end(node: tree_sitter.Node) -> int:
    return node.end_point[0] + 1


def _type(node: tree_sitter.Node | None) -> str:
    return "" if node is None else node.type


def _arguments(listed: tree_sitter.Node | None) -> list[tree_sitter.Node]:
    return [one for one in listed.named_children if one.type != "comment"] if listed is not None else []


def _outermost(nodes: Iterable[tree_sitter.Node]) -> dict[int, tree_sitter.Node]:
    """Return those that are in no other, by their identity and in their order."""
    found: dict[int, tree_sitter.Node] = {}
    end = 0
    for node in sorted(nodes, key=_START_OF):
        if node.start_byte >= end:
            found[node.id] = node
            end = node.end_byte
    return found


class _Ranges:
    """What stands within some nodes."""

    def __init__(self, nodes: Iterable[tree_sitter.Node]) -> None:
        outermost = _outermost(nodes).values()
        self.starts = [node.start_byte for node in outermost]
        self.ends = [node.end_byte for node in outermost]

    def __contains__(self, node: tree_sitter.Node) -> bool:
        place = bisect_right(self.starts, node.start_byte) - 1
        return place >= 0 and node.end_byte <= self.ends[place]


def _is_use(node: tree_sitter.Node, parent: tree_sitter.Node | None) -> bool:
    """Tell whether a name is used here, and is not the attribute or keyword of something else."""
    kind = "" if parent is None else parent.type
    if parent is not None and kind == "attribute":
        return parent.child(0) == node
    if parent is not None and kind == "keyword_argument":
        return parent.child(0) != node
    return kind not in _NO_USES


def _frameworks(imports: Iterable[ImportFact]) -> frozenset[str]:
    return frozenset(one.module.partition(".")[0] for one in imports if not one.level) | (
        {"django"} if any(one.module == "rest_framework" for one in imports) else frozenset()
    )


def _is_literal(written: str) -> bool:
    stripped = written.lstrip("rRuUbB")
    return stripped[:1] in {"'", '"'} and stripped[-1:] == stripped[:1]


def _literal(written: str) -> str:
    """Return what a literal says; empty where it is no plain literal."""
    if not _is_literal(written):
        return ""
    stripped = written.lstrip("rRuUbB")
    quote = stripped[:3] if stripped[:3] in {"'''", '"""'} else stripped[:1]
    return stripped[len(quote) : -len(quote)] if len(stripped) >= 2 * len(quote) else ""


def _format(written: str) -> str:
    """Return an f-string with `{}` for what it computes; other literals as they are."""
    if written[:1] in {"f", "F"}:
        return _braces(_literal(written[1:]))
    return _literal(written)


def _braces(text: str) -> str:
    out: list[str] = []
    depth = 0
    for char in text:
        if char == "{":
            depth += 1
            if depth == 1:
                out.append("{}")
        elif char == "}":
            depth = max(0, depth - 1)
        elif not depth:
            out.append(char)
    return "".join(out)


def _url_path(url: str) -> str:
    """Return the path of a URL: without scheme, host, query; empty where there is none."""
    bare = url.partition("?")[0].partition("#")[0]
    if "://" in bare:
        rest = bare.partition("://")[2]
        return "/" + rest.partition("/")[2] if "/" in rest else ""
    if bare.startswith("{}/"):
        return bare[2:]
    return bare if bare.startswith("/") else ""


def _braced(path: str) -> str:
    """Return a path with parameters as `{name}`: of `<int:pk>` and `{path:path}` the name is kept."""
    path = path.replace("<", "{").replace(">", "}")
    out: list[str] = []
    for part in path.split("{"):
        inside, closed, after = part.partition("}")
        if not closed or not out:
            out.append(part)
            continue
        head, colon, tail = inside.partition(":")
        name = tail if colon and tail.isidentifier() and head in _CONVERTERS else head
        out.append(name + "}" + after)
    return "{".join(out)


_CONVERTERS: Final = frozenset({"int", "str", "string", "slug", "uuid", "path", "float", "any"})


def _unpatterned(pattern: str) -> str:
    """Return the path that a pattern of Django stands for: groups become parameters."""
    out: list[str] = []
    index, groups, text = 0, 0, pattern.removeprefix("^").removesuffix("$")
    while index < len(text):
        char = text[index]
        if char == "(":
            depth, end = 1, index + 1
            while end < len(text) and depth:
                depth += {"(": 1, ")": -1}.get(text[end], 0) if text[end - 1] != "\\" else 0
                end += 1
            group = text[index + 1 : end - 1]
            if group.startswith("?P<"):
                out.append("{" + group[3:].partition(">")[0] + "}")
            elif not group.startswith("?"):
                groups += 1
                out.append("{" + f"arg{groups}" + "}")
            elif group.startswith("?:"):
                out.append("{}")
            index = end
        elif char == "\\":
            out.append(text[index + 1 : index + 2])
            index += 2
        else:
            out.append("" if char in "?^$+*" else char)
            index += 1
    return "".join(out)


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.replace(":", ".").split("."))


def _code_lines(source: bytes) -> int:
    lines = b"\n" + source
    return lines.count(b"\n") - len(_EMPTY_LINE.findall(lines))
