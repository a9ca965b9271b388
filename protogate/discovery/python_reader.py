"""What one file of Python says, of any version of the language: a syntax tree, one query, no import.

Tree-sitter reads Python 2 and 3 alike and carries on behind an error, where `ast` refuses the whole file.
"""

from __future__ import annotations

from functools import cache
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

__all__ = ["read_python"]

_QUERY: Final = """
(import_statement) @import
(import_from_statement) @from
(class_definition) @class
(function_definition) @function
(decorator) @decorator
(call) @call
(string) @string
(identifier) @name
(module (if_statement) @main)
(module (expression_statement (assignment left: (identifier) right: (_)) @constant))
[(if_statement) (elif_clause) (for_statement) (while_statement) (except_clause) (boolean_operator)
 (conditional_expression)] @branch
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
_MOST_USES: Final = 8
_PATH_AND_HANDLER: Final = 2
_SHORTEST: Final = len("'a.b'")
_LONGEST_NAME: Final = 120


def read_python(source: bytes) -> FileFacts:
    """Return what a file says; never raises, whatever the bytes are."""
    return _Reader(source).facts()


@cache
def _parser() -> tuple[tree_sitter.Parser, tree_sitter.Query]:
    language = tree_sitter.Language(tree_sitter_python.language())
    return tree_sitter.Parser(language), tree_sitter.Query(language, _QUERY)


class _Reader:
    """One file while it is read."""

    def __init__(self, source: bytes) -> None:
        parser, query = _parser()
        self.source = source
        self.tree = parser.parse(source)
        self.captures = tree_sitter.QueryCursor(query).captures(self.tree.root_node)
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
        for node in found.get("call", ()):
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
            problems=self._problems(),
        )

    def text(self, node: tree_sitter.Node | None) -> str:
        """Return the text of a node."""
        return "" if node is None else self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    # Imports

    def _plain_imports(self) -> Iterator[ImportFact]:
        for node in self.captures.get("import", ()):
            lazy, type_only = _surroundings(node, self.source)
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
            lazy, type_only = _surroundings(node, self.source)
            names = node.children_by_field_name("name")
            if not names:
                yield ImportFact(_line(node), module, level, "*", "", type_only, lazy, 0)
            for name in names:
                aliased = name.type == "aliased_import"
                taken = self.text(name.child_by_field_name("name") if aliased else name)
                alias = self.text(name.child_by_field_name("alias")) if aliased else taken
                yield ImportFact(_line(name), module, level, taken, alias, type_only, lazy, 0)

    def _counted_imports(self) -> Iterator[ImportFact]:
        """Yield the imports with their uses: each name of the file is looked at once."""
        source = self.source
        aliases = {one.alias.encode() for one in self.imports if one.alias}
        uses: dict[bytes, list[tree_sitter.Node]] = {}
        for node in self.captures.get("name", ()):
            name = source[node.start_byte : node.end_byte]
            if name in aliases:
                uses.setdefault(name, []).append(node)
        for one in self.imports:
            nodes = [node for node in uses.get(one.alias.encode(), ()) if _is_use(node)]
            chain = one.module if not one.name and one.alias == one.module.partition(".")[0] else ""
            rows = [row for node in nodes if (row := self._use(node, chain)) is not None]
            yield one._replace(references=len(rows), uses=tuple(rows[:_MOST_USES]))

    def _use(self, node: tree_sitter.Node, chain: str) -> tuple[int, str, str] | None:
        """Return line, symbol and kind of one use; None where `import a.b` and the use is of `a.c`."""
        outer = node
        while outer.parent is not None and outer.parent.type == "attribute" and outer.parent.child(0) == outer:
            outer = outer.parent
        symbol = self.text(outer).replace("\n", "").replace(" ", "")
        if "." in chain and not (symbol + ".").startswith(chain + "."):
            return None
        parent = outer.parent
        kind = "import"
        if parent is not None and parent.type == "call" and parent.child_by_field_name("function") == outer:
            kind = "call"
        elif parent is not None and parent.type == "argument_list" and _type(parent.parent) == "class_definition":
            kind = "subclass"
        return _line(node), symbol[:_LONGEST_NAME], kind

    # Definitions and tables

    def _classes(self) -> Iterator[DefinitionFact]:
        for node in self.captures.get("class", ()):
            name = self.text(node.child_by_field_name("name"))
            listed = node.child_by_field_name("superclasses")
            bases = tuple(self.text(one) for one in _arguments(listed) if one.type != "keyword_argument")
            keywords = {self.text(one.child_by_field_name("name")): one for one in _arguments(listed)}
            if _is_top(node):
                yield DefinitionFact(
                    _line(node), _end(node), "class", name, bases, is_exported=not name.startswith("_")
                )
            self._read_table(node, name, bases, is_table="table" in keywords)

    def _functions(self) -> Iterator[DefinitionFact]:
        for node in self.captures.get("function", ()):
            if _is_top(node):
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
        body = node.child_by_field_name("body")
        name, is_abstract = "", False
        columns: list[str] = []
        references: list[str] = []
        for statement in body.named_children if body is not None else ():
            if _type(statement) == "class_definition" and self.text(statement.child_by_field_name("name")) == "Meta":
                for column, value in self._assignments(statement.child_by_field_name("body")):
                    is_abstract |= column == "abstract" and self.text(value) == "True"
                    name = _literal(self.text(value)) if column == "db_table" else name
        for column, value in self._assignments(body):
            if column == "__tablename__":
                name = _literal(self.text(value))
            if column == "__abstract__":
                is_abstract = True
            called = self._called(value)
            if called in _COLUMNS or called.endswith("Field") or (is_table and not column.startswith("_")):
                columns.append(column)
                references += self._references(value)
        django = "django" in self.frameworks or any(base.endswith("models.Model") for base in bases)
        is_model = any(base.rpartition(".")[2].endswith("Model") for base in bases)
        framework = "sqlmodel" if is_table else "sqlalchemy" if name and not django else "django" if django else ""
        if is_abstract or not framework:
            return
        if is_table or (name and framework == "sqlalchemy") or (django and is_model and columns) or (name and columns):
            self.tables.append(
                TableFact(_line(node), name, model, tuple(columns), tuple(dict.fromkeys(references)), framework)
            )

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

    def _references(self, node: tree_sitter.Node | None) -> list[str]:
        """Return what foreign keys in an expression point to, as written."""
        if node is None or node.type != "call":
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
            found += self._references(one)
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
        if called in {"APIRouter", "Blueprint"}:
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

    def _read_call(self, node: tree_sitter.Node) -> None:
        function = node.child_by_field_name("function")
        name = self.text(function)
        owner, _, last = name.rpartition(".")
        if last in {"include_router", "register_blueprint", "mount"} and owner:
            self._read_include(node, owner)
        elif last in _DJANGO_PATHS and "django" in self.frameworks:
            self._read_django(node, last)
        elif last == "register" and owner and "django" in self.frameworks:
            self._read_viewset(node, owner)
        elif last in _VERBS and owner.rpartition(".")[2] in _CLIENTS:
            self._read_request(node, last, name)
        elif last in {"connect", "send", "delay", "apply_async", "emit", "publish", "dispatch"} and owner:
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
            self.table_uses.append(TableUseFact(_line(node), head, mode, is_sql=False))
            return
        if last in {"query", "select", "insert", "update", "delete", "get"} and ("session" in owner or not owner):
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

    def _strings(self) -> Iterator[StringFact]:
        source = self.source
        for node in self.captures.get("string", ()):
            start, end = node.start_byte, node.end_byte
            if end - start < _SHORTEST:
                continue
            if end - start <= _LONGEST_NAME:
                text = _literal(self.text(node))
                if "." in text and _is_dotted(text):
                    yield StringFact(_line(node), text)
                    continue
            head = source[start : start + 24].lstrip(b"rRuUbBfF'\"\n \t").upper()
            if head.startswith(sql_text.VERBS):
                for table, mode in sql_text.tables(_literal(self.text(node))):
                    self.table_uses.append(TableUseFact(_line(node), table, mode, is_sql=True))

    def _read_main(self) -> None:
        for node in self.captures.get("main", ()):
            condition = self.text(node.child_by_field_name("condition"))
            if "__name__" in condition and "__main__" in condition:
                self.entry_points.append(EntryPointFact(_line(node), "main", "__main__"))

    def _problems(self) -> tuple[ProblemFact, ...]:
        root = self.tree.root_node
        if not root.has_error:
            return ()
        node = root
        while True:
            inner = next((one for one in node.children if one.has_error or one.is_missing), None)
            if inner is None or node.type == "ERROR":
                break
            node = inner
        written = self.text(node).strip().partition("\n")[0][:60]
        return (ProblemFact(_line(node), f"is not Python that can be read: {written!r}; what is around it was read"),)


def _line(node: tree_sitter.Node) -> int:
    return node.start_point[0] + 1


def _end(node: tree_sitter.Node) -> int:
    return node.end_point[0] + 1


def _type(node: tree_sitter.Node | None) -> str:
    return "" if node is None else node.type


def _arguments(listed: tree_sitter.Node | None) -> list[tree_sitter.Node]:
    return [one for one in listed.named_children if one.type != "comment"] if listed is not None else []


def _is_top(node: tree_sitter.Node) -> bool:
    """Tell whether a definition belongs to the module, perhaps decorated or under a condition."""
    parent = node.parent
    while parent is not None and parent.type != "module":
        if parent.type in {"class_definition", "function_definition"}:
            return False
        parent = parent.parent
    return True


def _surroundings(node: tree_sitter.Node, source: bytes) -> tuple[bool, bool]:
    """Tell whether an import waits for a call, and whether only type checkers see it."""
    lazy = type_only = False
    parent = node.parent
    while parent is not None and parent.type != "module":
        if parent.type == "function_definition":
            lazy = True
        elif parent.type == "if_statement":
            condition = parent.child_by_field_name("condition")
            type_only |= condition is not None and b"TYPE_CHECKING" in source[condition.start_byte : condition.end_byte]
        parent = parent.parent
    return lazy, type_only


def _is_use(node: tree_sitter.Node) -> bool:
    """Tell whether a name is used here, not imported, and not the attribute or keyword of something else."""
    parent = node.parent
    if parent is None:
        return True
    kind = parent.type
    if kind == "attribute":
        return parent.child(0) == node
    if kind == "keyword_argument":
        return parent.child(0) != node
    return kind not in {"dotted_name", "aliased_import", "import_statement", "parameters", "default_parameter"} or (
        kind == "dotted_name"
        and _type(parent.parent) not in {"import_statement", "import_from_statement", "aliased_import"}
    )


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
    return sum(1 for line in source.split(b"\n") if (bare := line.strip()) and not bare.startswith(b"#"))
