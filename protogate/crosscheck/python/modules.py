"""One parsed module: its scopes, and what each name in them is bound to, in the order of the text.

Nothing is resolved here; function bodies are looked into only when their scope is asked for.
"""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from protogate.crosscheck.python.newer_syntax import ALIAS_STATEMENTS, type_parameters
from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protogate.crosscheck.python.workspace import Workspace

__all__ = ["Binding", "Condition", "FunctionNode", "Module", "Scope"]

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
BindingKind: TypeAlias = Literal[
    "import", "from", "star", "class", "function", "value", "alias", "parameter", "type-parameter", "opaque", "deleted"
]


class Condition(NamedTuple):
    """An arm of an `if` or a `try` that must be taken for a binding to be made."""

    node: ast.expr | ast.Try
    """The test, or the statement."""
    arm: Literal["then", "else", "body", "handler"]


class Binding(NamedTuple):
    """One statement that gives a name a meaning."""

    kind: BindingKind
    node: ast.AST
    """The statement; of `opaque` whatever binds."""
    name: str
    """Of imports the name at the other end; else the name itself."""
    line: int
    """The last of the statement: it holds from there on."""
    conditions: tuple[Condition, ...]


class Module:
    """A parsed file."""

    __slots__ = (
        "_lines",
        "_starts",
        "data",
        "directory",
        "is_package",
        "name",
        "path",
        "scope",
        "shown",
        "tree",
        "workspace",
    )

    def __init__(self, workspace: Workspace, path: str, name: str, tree: ast.Module, data: bytes) -> None:
        """Describe a file.

        Args:
            workspace: where further modules come from.
            path: the file, absolute.
            name: its dotted name, for messages.
            tree: its code.
            data: its bytes.
        """
        self.workspace = workspace
        self.path = path
        self.shown = workspace.shown(path)
        """What findings call it."""
        self.name = name
        self.tree = tree
        self.data = data
        self.is_package = os.path.basename(path) == "__init__.py"
        self.directory = os.path.dirname(path)
        self.scope = Scope(self, "module", tree, None)
        self._lines: list[bytes] | None = None

    def place(self, node: ast.AST) -> Place:
        """Return where a node is, in lines and characters from 1."""
        line = getattr(node, "lineno", 0)
        offset = getattr(node, "col_offset", 0)
        if not line:
            return Place(self.shown)
        if offset:
            if self._lines is None:
                self._lines = self.data.removeprefix(b"\xef\xbb\xbf").splitlines()
            if line <= len(self._lines):
                start = self._lines[line - 1][:offset]
                if not start.isascii():
                    offset = len(start.decode("utf-8", "replace"))
        return Place(self.shown, line, offset + 1)

    def __repr__(self) -> str:
        return f"Module({self.name!r})"


class Scope:
    """The names of a module, of the body of a class, of a function, or of type parameters in brackets."""

    __slots__ = ("_bindings", "_stars", "cache", "kind", "module", "name", "node", "parent")

    def __init__(
        self,
        module: Module,
        kind: Literal["module", "class", "function", "parameters"],
        node: ast.AST,
        parent: Scope | None,
    ) -> None:
        self.module = module
        self.kind = kind
        self.node = node
        self.parent = parent
        self.name: str = getattr(node, "name", "")
        self.cache: dict[object, object] = {}
        """What was worked out about this scope, by whoever works it out."""
        self._bindings: dict[str, list[Binding]] | None = None
        self._stars: list[Binding] = []

    @property
    def bindings(self) -> dict[str, list[Binding]]:
        """All that binds each name, in the order of the text; star imports are not among it."""
        if self._bindings is None:
            self._bindings = {}
            self._index()
        return self._bindings

    @property
    def stars(self) -> list[Binding]:
        """The star imports, in the order of the text."""
        if self._bindings is None:
            self._bindings = {}
            self._index()
        return self._stars

    @property
    def qualified_name(self) -> str:
        """The dotted name within the module."""
        names = [self.name] if self.kind in {"class", "function"} else []
        above = self.parent
        while above is not None:
            if above.kind in {"class", "function"}:
                names.append(above.name)
            above = above.parent
        return ".".join(reversed(names))

    def inner(self, node: ast.ClassDef | FunctionNode) -> Scope:
        """Return the scope of a class or function that is defined in this one."""
        key = ("inner", node)
        scope = self.cache.get(key)
        if not isinstance(scope, Scope):
            kind: Literal["class", "function"] = "class" if isinstance(node, ast.ClassDef) else "function"
            scope = Scope(self.module, kind, node, self.around(node))
            self.cache[key] = scope
        return scope

    def around(self, node: ast.AST) -> Scope:
        """Return where bases and annotations of a definition in this scope are looked up: with its type parameters."""
        if not type_parameters(node):
            return self
        key = ("around", node)
        scope = self.cache.get(key)
        if not isinstance(scope, Scope):
            scope = Scope(self.module, "parameters", node, self)
            self.cache[key] = scope
        return scope

    def __repr__(self) -> str:
        return f"Scope({self.module.name!r}, {self.qualified_name!r})"

    def _index(self) -> None:
        if self.kind == "parameters":
            for one in type_parameters(self.node):
                self._bind(one.name, Binding("type-parameter", one.node, one.name, 0, ()))
        elif isinstance(self.node, ast.Lambda):
            self._index_arguments(self.node.args)
        else:
            if isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._index_arguments(self.node.args)
            self._index_body(getattr(self.node, "body", []), ())

    def _index_arguments(self, arguments: ast.arguments) -> None:
        listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        listed += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        for argument in listed:
            self._bind(argument.arg, Binding("parameter", argument, argument.arg, 0, ()))

    def _index_body(self, body: Sequence[ast.stmt], conditions: tuple[Condition, ...]) -> None:
        for statement in body:
            handler = _INDEXERS.get(type(statement))
            if handler is not None:
                getattr(self, handler)(statement, conditions)

    def _bind(self, name: str, binding: Binding) -> None:
        bindings = self._bindings
        assert bindings is not None  # noqa: S101 - only called while they are made
        listed = bindings.get(name)
        if listed is None:
            bindings[name] = [binding]
        else:
            listed.append(binding)

    def _import(self, statement: ast.Import, conditions: tuple[Condition, ...]) -> None:
        for alias in statement.names:
            # `import a.b` binds a, `import a.b as c` binds what a.b is.
            name = alias.asname or alias.name.partition(".")[0]
            target = alias.name if alias.asname else name
            self._bind(name, Binding("import", statement, target, statement.lineno, conditions))

    def _import_from(self, statement: ast.ImportFrom, conditions: tuple[Condition, ...]) -> None:
        for alias in statement.names:
            if alias.name == "*":
                self._stars.append(Binding("star", statement, "*", statement.lineno, conditions))
            else:
                binding = Binding("from", statement, alias.name, statement.lineno, conditions)
                self._bind(alias.asname or alias.name, binding)

    def _class(self, statement: ast.ClassDef, conditions: tuple[Condition, ...]) -> None:
        self._bind(statement.name, Binding("class", statement, statement.name, _end(statement), conditions))

    def _function(self, statement: ast.FunctionDef | ast.AsyncFunctionDef, conditions: tuple[Condition, ...]) -> None:
        self._bind(statement.name, Binding("function", statement, statement.name, _end(statement), conditions))

    def _assign(self, statement: ast.Assign, conditions: tuple[Condition, ...]) -> None:
        for target in statement.targets:
            if isinstance(target, ast.Name):
                self._bind(target.id, Binding("value", statement, target.id, _end(statement), conditions))
            else:
                self._index_target(target, statement, conditions)

    def _annotated(self, statement: ast.AnnAssign, conditions: tuple[Condition, ...]) -> None:
        if isinstance(statement.target, ast.Name):
            name = statement.target.id
            self._bind(name, Binding("value", statement, name, _end(statement), conditions))

    def _alias(self, statement: ast.stmt, conditions: tuple[Condition, ...]) -> None:
        target = getattr(statement, "name", None)
        if isinstance(target, ast.Name):
            self._bind(target.id, Binding("alias", statement, target.id, _end(statement), conditions))

    def _augmented(self, statement: ast.AugAssign, conditions: tuple[Condition, ...]) -> None:
        self._index_target(statement.target, statement, conditions)

    def _delete(self, statement: ast.Delete, conditions: tuple[Condition, ...]) -> None:
        for target in statement.targets:
            if isinstance(target, ast.Name):
                self._bind(target.id, Binding("deleted", statement, target.id, _end(statement), conditions))

    def _if(self, statement: ast.If, conditions: tuple[Condition, ...]) -> None:
        self._index_body(statement.body, (*conditions, Condition(statement.test, "then")))
        if statement.orelse:
            self._index_body(statement.orelse, (*conditions, Condition(statement.test, "else")))

    def _try(self, statement: ast.Try, conditions: tuple[Condition, ...]) -> None:
        body = (*conditions, Condition(statement, "body"))
        self._index_body(statement.body, body)
        for handler in statement.handlers:
            self._index_body(handler.body, (*conditions, Condition(statement, "handler")))
        self._index_body(statement.orelse, body)
        self._index_body(statement.finalbody, conditions)

    def _with(self, statement: ast.With | ast.AsyncWith, conditions: tuple[Condition, ...]) -> None:
        for item in statement.items:
            if item.optional_vars is not None:
                self._index_target(item.optional_vars, statement, conditions)
        self._index_body(statement.body, conditions)

    def _loop(self, statement: ast.For | ast.AsyncFor, conditions: tuple[Condition, ...]) -> None:
        self._index_target(statement.target, statement, conditions)
        self._index_body(statement.body, (*conditions, Condition(statement.iter, "then")))
        self._index_body(statement.orelse, conditions)

    def _while(self, statement: ast.While, conditions: tuple[Condition, ...]) -> None:
        self._index_body(statement.body, (*conditions, Condition(statement.test, "then")))
        self._index_body(statement.orelse, conditions)

    def _match(self, statement: ast.Match, conditions: tuple[Condition, ...]) -> None:
        for case in statement.cases:
            self._index_body(case.body, (*conditions, Condition(statement.subject, "then")))

    def _index_target(self, target: ast.expr, statement: ast.stmt, conditions: tuple[Condition, ...]) -> None:
        for name in _names(target):
            self._bind(name, Binding("opaque", statement, name, statement.lineno, conditions))


def _names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for one in target.elts:
            yield from _names(one)
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


_INDEXERS: Final[dict[type[ast.stmt], str]] = {
    ast.Import: "_import",
    ast.ImportFrom: "_import_from",
    ast.ClassDef: "_class",
    ast.FunctionDef: "_function",
    ast.AsyncFunctionDef: "_function",
    ast.Assign: "_assign",
    ast.AnnAssign: "_annotated",
    ast.AugAssign: "_augmented",
    ast.Delete: "_delete",
    ast.If: "_if",
    ast.Try: "_try",
    ast.TryStar: "_try",
    ast.With: "_with",
    ast.AsyncWith: "_with",
    ast.For: "_loop",
    ast.AsyncFor: "_loop",
    ast.While: "_while",
    ast.Match: "_match",
    **dict.fromkeys(ALIAS_STATEMENTS, "_alias"),
}
"""The method of a scope that looks at a kind of statement; others bind nothing."""
