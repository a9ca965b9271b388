"""What a name means at a place of the code: a definition, a name that is known, or nobody can tell.

Names are looked up as Python does it: the body of a class sees itself and then the functions and the module around it,
a statement at the top of a module sees what was bound before it, a function what is bound in the end.
"""

from __future__ import annotations

import ast
import builtins
import os
import sys
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from protogate.crosscheck.python.conditions import Verdict, verdict
from protogate.crosscheck.python.memo import remember
from protogate.crosscheck.shapes import Unresolved
from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.crosscheck.python.modules import Binding, FunctionNode, Module, Scope
    from protogate.crosscheck.python.workspace import Workspace

__all__ = [
    "ClassDefinition",
    "Definition",
    "FunctionDefinition",
    "Known",
    "Meaning",
    "ModuleDefinition",
    "TypeParameterDefinition",
    "Variable",
    "class_of_scope",
    "definition_of_known",
    "function_scope",
    "lookup",
    "member",
    "resolve",
]


class Known(NamedTuple):
    """A name of the standard library, of pydantic, or of another package whose source need not be read."""

    name: str
    """Where it is documented: `str`, `typing.Literal`, `pydantic.BaseModel`, `datetime.datetime`."""


class ClassDefinition:
    """A class statement; one object for each."""

    __slots__ = ("cache", "module", "name", "node", "outer")

    def __init__(self, node: ast.ClassDef, outer: Scope) -> None:
        self.node = node
        self.outer = outer
        """The scope in which it is defined."""
        self.module = outer.module
        self.name = f"{outer.qualified_name}.{node.name}".lstrip(".")
        """Dotted, within its module."""
        self.cache: dict[object, object] = {}

    @property
    def scope(self) -> Scope:
        """Its body."""
        return self.outer.inner(self.node)

    @property
    def place(self) -> Place:
        """Where it is defined."""
        return self.module.place(self.node)

    def __repr__(self) -> str:
        return f"ClassDefinition({self.module.name}.{self.name})"


class FunctionDefinition:
    """A function or method; one object for each."""

    __slots__ = ("module", "name", "node", "outer")

    def __init__(self, node: FunctionNode, outer: Scope) -> None:
        self.node = node
        self.outer = outer
        """The scope in which it is defined: that of its decorators."""
        self.module = outer.module
        self.name = f"{outer.qualified_name}.{getattr(node, 'name', '<lambda>')}".lstrip(".")
        """Dotted, within its module."""

    @property
    def scope(self) -> Scope:
        """Its body, with its parameters."""
        return self.outer.inner(self.node)

    @property
    def place(self) -> Place:
        """Where it is defined."""
        return self.module.place(self.node)

    def __repr__(self) -> str:
        return f"FunctionDefinition({self.module.name}.{self.name})"


class Variable(NamedTuple):
    """What is assigned to a name: an alias, a constant, a TypeVar, the member of an enum."""

    name: str
    value: ast.expr | None
    annotation: ast.expr | None
    scope: Scope
    """Where both are looked up."""
    node: ast.AST
    """The statement, which tells it from others."""
    is_alias: bool = False
    """Whether it is a `type` statement."""

    @property
    def place(self) -> Place:
        """Where it is assigned."""
        return self.scope.module.place(self.node)


class TypeParameterDefinition(NamedTuple):
    """A name in the brackets of a class, a function or an alias: `class A[T]`."""

    name: str
    node: ast.AST
    scope: Scope


class Parameter(NamedTuple):
    """A parameter of a function, seen from its body."""

    name: str
    node: ast.arg
    scope: Scope
    """The scope of the function's body; its annotation is looked up in the one around it."""


class ModuleDefinition(NamedTuple):
    """A module or package; one without a file of its own is only its directories."""

    name: str
    module: Module | None
    workspace: Workspace
    directories: tuple[str, ...] = ()


Definition: TypeAlias = (
    ClassDefinition | FunctionDefinition | Variable | TypeParameterDefinition | Parameter | ModuleDefinition
)
Meaning: TypeAlias = Definition | Known | Unresolved

_DEEPEST: Final = 60
"""Steps from a name to its definition: re-exports and aliases, far more than anybody writes."""


def function_scope(definition: FunctionDefinition) -> Scope:
    """Return the scope in which the body of a function is looked up."""
    return definition.scope


def resolve(expression: ast.expr | str, scope: Scope, *, line: int | None = None, quoted: bool = False) -> Meaning:
    """Return what a name or a dotted name means.

    Aliases at the top of modules are followed: `Model = BaseModel` means BaseModel.

    Args:
        expression: a name, an attribute, or their text.
        scope: where it stands.
        line: where it is evaluated, for what is bound before; None for the end of the module.
        quoted: whether it was evaluated from text, which also sees the class around a class.
    """
    return _resolve(expression, scope, line, quoted=quoted, depth=0)


def _resolve(expression: ast.expr | str, scope: Scope, line: int | None, *, quoted: bool, depth: int) -> Meaning:
    if isinstance(expression, str):
        return _resolve_text(expression, scope, line, quoted=quoted, depth=depth)
    if isinstance(expression, ast.Name):
        return lookup(expression.id, scope, line, node=expression, quoted=quoted, depth=depth)
    if isinstance(expression, ast.Attribute):
        owner = _resolve(expression.value, scope, line, quoted=quoted, depth=depth + 1)
        return member(owner, expression.attr, scope.module.place(expression), depth + 1)
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return _resolve_text(expression.value, scope, line, quoted=True, depth=depth)
    return Unresolved(f"{shown(expression)} is worked out when the code runs", scope.module.place(expression))


def _resolve_text(text: str, scope: Scope, line: int | None, *, quoted: bool, depth: int) -> Meaning:
    head, *attributes = text.strip().split(".")
    meaning = lookup(head, scope, line, quoted=quoted, depth=depth)
    for attribute in attributes:
        meaning = member(meaning, attribute, scope.module.place(scope.node), depth + 1)
    return meaning


def lookup(  # noqa: PLR0913 - a name has a place, a time and a way to be read
    name: str,
    scope: Scope,
    line: int | None = None,
    *,
    node: ast.AST | None = None,
    quoted: bool = False,
    depth: int = 0,
) -> Meaning:
    """Return what a name means in a scope; see `resolve`."""
    at: Scope | None = scope
    while at is not None:
        if at is scope or quoted or at.kind != "class":
            # What a function reads when it runs is bound by then; a class sees what it has bound so far.
            is_strict = at.kind == "class" and not quoted
            found = in_scope(at, name, None if at.kind == "function" else line, depth=depth, is_strict=is_strict)
            if found is not None:
                return found
        at = at.parent
    if name in _BUILTINS:
        return Known(name)
    return Unresolved(f"'{name}' is not defined", scope.module.place(node or scope.node))


_BUILTINS: Final = frozenset(dir(builtins))


def in_scope(
    scope: Scope, name: str, line: int | None = None, *, depth: int = 0, is_strict: bool = False
) -> Meaning | None:
    """Return what a name means that is bound in this very scope, None when it is not.

    Args:
        scope: a module, a class, a function.
        name: the name.
        line: what is bound later counts only if nothing is bound before; None for the end.
        depth: steps that led here.
        is_strict: what is bound later does not count at all.
    """
    if depth > _DEEPEST:
        return Unresolved(f"'{name}' leads back to itself", scope.module.place(scope.node))
    own = scope.bindings.get(name)
    if not own and not scope.stars:
        return None
    if line is not None and not is_strict and (not own or (len(own) == 1 and not scope.stars)):
        # One binding is the same at all times.
        line = None
    key = (name, line, is_strict)
    if key in scope.cache:
        cached = scope.cache[key]
        if cached is _WORKING:
            return Unresolved(f"'{name}' leads back to itself", scope.module.place(scope.node))
        return cached  # type: ignore[return-value]  # what this function put there
    scope.cache[key] = _WORKING
    found: Meaning | None = None
    try:
        found = _choose(scope, name, _candidates(scope, name, line), depth)
        if found is None and line is not None and not is_strict:
            # A forward reference: whatever it is in the end.
            found = _choose(scope, name, _candidates(scope, name, None), depth)
    finally:
        del scope.cache[key]
    if depth == 0 or not _is_circular(found):
        scope.cache[key] = found
    return found


_WORKING: Final = object()


def _is_circular(found: Meaning | None) -> bool:
    return isinstance(found, Unresolved) and found.reason.endswith("leads back to itself")


def _candidates(scope: Scope, name: str, line: int | None) -> list[Binding]:
    """All that may bind a name, the last first."""
    own = scope.bindings.get(name, [])
    merged = [*own, *scope.stars] if scope.stars else own
    if line is not None:
        merged = [one for one in merged if one.line < line]
    return sorted(merged, key=lambda one: one.line, reverse=True) if scope.stars else merged[::-1]


def _choose(scope: Scope, name: str, candidates: list[Binding], depth: int) -> Meaning | None:
    """The meaning of the last binding that is made; None when there is none."""
    undecided: list[Meaning] = []
    only_checked: Meaning | None = None
    for binding in candidates:
        made = verdict(scope, binding.conditions)
        if made is Verdict.NO:
            continue
        meaning = _meaning(scope, name, binding, depth)
        if meaning is None:
            continue
        if made is Verdict.TYPE_CHECKING:
            # Only type checkers see it: it counts where nothing else binds the name.
            only_checked = meaning if only_checked is None else only_checked
            continue
        undecided.append(meaning)
        if made is Verdict.YES:
            break
    else:
        if not undecided:
            return only_checked
    first = undecided[0]
    if all(_same(first, other) for other in undecided[1:]):
        return first
    return Unresolved(f"'{name}' depends on a condition", scope.module.place(candidates[0].node))


def _same(one: Meaning, other: Meaning) -> bool:
    return one is other or (isinstance(one, Known) and one == other)


def _meaning(scope: Scope, name: str, binding: Binding, depth: int) -> Meaning | None:  # noqa: C901, PLR0911
    """What a binding binds; None for a star import that does not bring this name."""
    module, node = scope.module, binding.node
    match binding.kind:
        case "class":
            assert isinstance(node, ast.ClassDef)  # noqa: S101
            return definition_of_class(scope, node)
        case "function":
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))  # noqa: S101
            return definition_of_function(scope, node)
        case "value":
            return _variable(scope, name, node, depth)
        case "alias":
            value: ast.expr | None = getattr(node, "value", None)
            return Variable(name, value, None, scope.around(node), node, is_alias=True)
        case "from":
            assert isinstance(node, ast.ImportFrom)  # noqa: S101
            return _imported(module, node, binding.name, depth)
        case "star":
            assert isinstance(node, ast.ImportFrom)  # noqa: S101
            return _starred(module, node, name, depth)
        case "import":
            return import_module(module, binding.name, module.place(node))
        case "type-parameter":
            return TypeParameterDefinition(name, node, scope)
        case "parameter":
            assert isinstance(node, ast.arg)  # noqa: S101
            return Parameter(name, node, scope)
        case "deleted":
            return Unresolved(f"'{name}' is deleted", module.place(node))
        case _:
            return Unresolved(f"'{name}' is made by a statement that has to run", module.place(node))


def definition_of_class(scope: Scope, node: ast.ClassDef) -> ClassDefinition:
    """Return the one definition of a class statement in a scope."""
    key = ("class", node)
    found = scope.cache.get(key)
    if not isinstance(found, ClassDefinition):
        found = scope.cache[key] = ClassDefinition(node, scope)
    return found


def class_of_scope(scope: Scope) -> ClassDefinition | None:
    """Return the class whose body a scope is."""
    outer = scope.parent
    if not isinstance(scope.node, ast.ClassDef) or outer is None:
        return None
    if outer.kind == "parameters" and outer.node is scope.node and outer.parent is not None:
        outer = outer.parent
    return definition_of_class(outer, scope.node)


def definition_of_function(scope: Scope, node: FunctionNode) -> FunctionDefinition:
    """Return the one definition of a function in a scope."""
    key = ("function", node)
    found = scope.cache.get(key)
    if not isinstance(found, FunctionDefinition):
        found = scope.cache[key] = FunctionDefinition(node, scope)
    return found


def _variable(scope: Scope, name: str, node: ast.AST, depth: int) -> Meaning | None:
    if isinstance(node, ast.AnnAssign):
        if node.value is None:
            # Declares a type, binds nothing.
            return None
        value, annotation = node.value, node.annotation
    elif isinstance(node, ast.Assign):
        value, annotation = node.value, None
    else:
        return None
    variable = Variable(name, value, annotation, scope, node)
    if scope.kind == "class" or not isinstance(value, (ast.Name, ast.Attribute)):
        # In a class an assignment makes an attribute or a member, even of something that has another name.
        return variable
    target = _resolve(value, scope, node.lineno, quoted=False, depth=depth + 1)
    return variable if isinstance(target, (Unresolved, Variable)) and _is_value(target) else target


def _is_value(target: Unresolved | Variable) -> bool:
    """Whether the end of a chain of names is better seen from its beginning: members of classes are."""
    return isinstance(target, Unresolved) or target.scope.kind == "class"


def member(owner: Meaning, name: str, place: Place, depth: int = 0) -> Meaning:
    """Return what an attribute of a module or a class means."""
    if isinstance(owner, Unresolved):
        return owner
    if isinstance(owner, Known):
        return Known(canonical(f"{owner.name}.{name}"))
    if isinstance(owner, ModuleDefinition):
        found = _in_module(owner, name, depth)
        return Unresolved(f"module '{owner.name}' has no '{name}'", place) if found is None else found
    if isinstance(owner, ClassDefinition):
        found = in_scope(owner.scope, name, depth=depth + 1)
        if found is None:
            found = _inherited(owner, name, place, depth)
        return Unresolved(f"class '{owner.name}' has no '{name}'", place) if found is None else found
    return Unresolved(f"'.{name}' of '{owner.name}' is worked out when the code runs", place)


def _inherited(owner: ClassDefinition, name: str, place: Place, depth: int) -> Meaning | None:
    if depth > _DEEPEST:
        return Unresolved(f"'{owner.name}' inherits from itself", place)
    for expression in owner.node.bases:
        base = expression.value if isinstance(expression, ast.Subscript) else expression
        meaning = _resolve(base, owner.outer.around(owner.node), owner.node.lineno, quoted=False, depth=depth + 1)
        if isinstance(meaning, ClassDefinition):
            found = in_scope(meaning.scope, name, depth=depth + 1)
            found = _inherited(meaning, name, place, depth + 1) if found is None else found
            if found is not None:
                return found
    return None


def _in_module(owner: ModuleDefinition, name: str, depth: int) -> Meaning | None:
    if owner.module is not None:
        found = in_scope(owner.module.scope, name, depth=depth + 1)
        if found is not None:
            return found
    return _submodule(owner, name)


def _submodule(owner: ModuleDefinition, name: str) -> ModuleDefinition | Unresolved | None:
    if not owner.directories:
        return None
    found = owner.workspace.search.find_in(owner.directories, name)
    if found is None:
        return None
    return owner.workspace.definition_of_module(f"{owner.name}.{name}", found)


def import_module(importer: Module, name: str, place: Place) -> Meaning:
    """Return the module of an absolute name."""
    if is_known(name):
        return Known(canonical(name))
    workspace = importer.workspace
    found = workspace.search.find(name, importer.path)
    if found is None:
        return Unresolved(f"module '{name}' is not installed", place)
    return workspace.definition_of_module(name, found)


def _imported(module: Module, node: ast.ImportFrom, name: str, depth: int) -> Meaning:
    """What `from x import name` brings."""
    source = imported_module(module, node)
    if isinstance(source, Known):
        return Known(canonical(f"{source.name}.{name}"))
    if not isinstance(source, ModuleDefinition):
        return source
    # A package that imports from itself means its modules: it has no other names yet.
    found = _submodule(source, name) if source.module is module else _in_module(source, name, depth + 1)
    if found is None:
        return Unresolved(f"module '{source.name}' has no '{name}'", module.place(node))
    return found


def _starred(module: Module, node: ast.ImportFrom, name: str, depth: int) -> Meaning | None:
    source = imported_module(module, node)
    if isinstance(source, Known):
        return Known(canonical(f"{source.name}.{name}")) if name in _exports_of_known(module, source.name) else None
    if not isinstance(source, ModuleDefinition):
        # Any name may come from there, unless it is bound elsewhere.
        return source if name not in _BUILTINS else None
    if source.module is None or source.module is module:
        return None
    exported = exports(source.module)
    if exported is not None and name not in exported:
        return None
    if exported is None and name.startswith("_"):
        return None
    found = in_scope(source.module.scope, name, depth=depth + 1)
    # Modules that import each other with a star: at that time the other one had no such name yet.
    return None if _is_circular(found) else found


def _exports_of_known(module: Module, name: str) -> frozenset[str]:
    """What a star import of a known module brings, as its source says."""
    found = module.workspace.search.find(name)
    source = module.workspace.definition_of_module(name, found) if found is not None else None
    if not isinstance(source, ModuleDefinition) or source.module is None:
        return frozenset()
    exported = exports(source.module)
    if exported is not None:
        return exported
    return frozenset(one for one in source.module.scope.bindings if not one.startswith("_"))


def imported_module(module: Module, node: ast.ImportFrom) -> Meaning:
    """Return the module that `from x import y` names."""
    place = module.place(node)
    if not node.level:
        return import_module(module, node.module or "", place)
    directory = module.directory
    for _ in range(node.level - 1):
        directory = os.path.dirname(directory)
    found = module.workspace.search.find_in((directory,), node.module or "")
    name = node.module or os.path.basename(directory)
    if found is None:
        return Unresolved(f"there is no module '{'.' * node.level}{node.module or ''}'", place)
    if not node.module:
        package = module.workspace.search.find_in((os.path.dirname(directory),), os.path.basename(directory))
        found = package if package is not None else found
    return module.workspace.definition_of_module(name, found)


def imported_name(module: Module, node: ast.ImportFrom, name: str) -> Meaning:
    """Return what `from x import name` brings."""
    return _imported(module, node, name, 0)


def exists(meaning: Meaning) -> bool:
    """Whether importing something works: the module is there, and has the name."""
    if isinstance(meaning, Unresolved):
        return False
    if not isinstance(meaning, Known):
        return True
    head, _, rest = meaning.name.partition(".")
    if head not in sys.stdlib_module_names:
        return True
    # Newer names of the standard library are what such code asks for.
    import importlib

    owner: object = importlib.import_module(head) if head in _ASKED_FOR else None
    return owner is None or not rest or hasattr(owner, rest.partition(".")[0])


_ASKED_FOR: Final = frozenset({"typing", "enum", "datetime", "types", "functools", "zoneinfo", "warnings"})


def exports(module: Module) -> frozenset[str] | None:
    """Return what `__all__` lists; None when there is none, or when it has to be run to be known."""
    return remember(module.scope.cache, "exports", None, lambda: _exports(module))


def _exports(module: Module) -> frozenset[str] | None:
    if "__all__" not in module.scope.bindings:
        return None
    names: set[str] = set()
    for statement in module.tree.body:
        value = _all_value(statement)
        if value is not None:
            listed = _listed_names(value, module)
            if listed is None:
                return None
            names |= listed
    return frozenset(names)


def _all_value(statement: ast.stmt) -> ast.expr | None:
    """What a statement puts into `__all__` or adds to it."""
    if isinstance(statement, ast.Assign) and any(_is_all(target) for target in statement.targets):
        return statement.value
    if isinstance(statement, (ast.AugAssign, ast.AnnAssign)) and _is_all(statement.target):
        return statement.value
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and _is_all(call.func.value) and call.args:
        return call.args[0] if call.func.attr == "extend" else ast.Tuple([call.args[0]], ast.Load())
    return None


def _is_all(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "__all__"


def _listed_names(value: ast.expr, module: Module) -> frozenset[str] | None:
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        names: set[str] = set()
        for one in value.elts:
            part = _listed_names(one.value, module) if isinstance(one, ast.Starred) else _text_of(one)
            if part is None:
                return None
            names |= part
        return frozenset(names)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = _listed_names(value.left, module), _listed_names(value.right, module)
        return None if left is None or right is None else left | right
    if isinstance(value, ast.Attribute) and value.attr == "__all__":
        source = resolve(value.value, module.scope)
        return exports(source.module) if isinstance(source, ModuleDefinition) and source.module is not None else None
    return None


def _text_of(value: ast.expr) -> frozenset[str] | None:
    return frozenset({value.value}) if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


_KNOWN_PACKAGES: Final = frozenset(
    {"typing_extensions", "pydantic", "pydantic_core", "annotated_types", "fastapi", "starlette", "mypy_extensions"}
)
"""Packages that the tables know; the source of what they do not know is read all the same, where it is installed."""


def is_known(name: str) -> bool:
    """Whether a module is of the standard library or of a package that the tables know."""
    head = name.partition(".")[0]
    return head in _KNOWN_PACKAGES or head in sys.stdlib_module_names


def canonical(name: str) -> str:
    """Return the name under which something is documented.

    >>> canonical("pydantic.main.BaseModel"), canonical("typing_extensions.Literal")
    ('pydantic.BaseModel', 'typing.Literal')
    """
    parts = name.split(".")
    match parts:
        case ["builtins", *rest] if rest:
            return ".".join(rest)
        case [("typing_extensions" | "mypy_extensions"), last]:
            return f"typing.{last}"
        case ["pydantic", ("v1" | "dataclasses" | "deprecated"), *_]:
            return name
        case ["pydantic", module, last] if module in _PYDANTIC_MODULES:
            return f"pydantic.{last}"
        case _:
            return name


_PYDANTIC_MODULES: Final = (
    "main", "fields", "types", "networks", "config", "root_model", "functional_validators", "color",
    "functional_serializers", "aliases", "json_schema", "type_adapter", "annotated_handlers",
)  # fmt: skip


_LONGEST: Final = 60
"""Characters of code in a message."""


def shown(expression: ast.AST) -> str:
    """Return a piece of code for a message, on one line and not too long."""
    if isinstance(expression, ast.Call):
        return f"{shown(expression.func)}()"
    try:
        text = " ".join(ast.unparse(expression).split())
    except (RecursionError, ValueError):
        return "an expression"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def definition_of_known(workspace: Workspace, name: str) -> Meaning | None:
    """Return what a known name means in the source of its package; None where that cannot be read."""
    return remember(workspace.shapes, ("known", name), None, lambda: _definition_of_known(workspace, name))


def _definition_of_known(workspace: Workspace, name: str) -> Meaning | None:
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        found = workspace.search.find(".".join(parts[:length]))
        if found is None:
            continue
        meaning: Meaning = workspace.definition_of_module(".".join(parts[:length]), found)
        for part in parts[length:]:
            if not isinstance(meaning, (ModuleDefinition, ClassDefinition)):
                return None
            meaning = member(meaning, part, Place(""))
        if isinstance(meaning, Known) and meaning.name != name:
            # Packages export from inside of themselves.
            return definition_of_known(workspace, meaning.name)
        if not isinstance(meaning, (Unresolved, Known)):
            return meaning
    if parts[0] == "pydantic" and len(parts) == 2:  # noqa: PLR2004 - a package and a name
        # The tables know it by its last name: it is of one of the modules.
        return next((one for one in map(_within(workspace, parts[1]), _PYDANTIC_MODULES) if one is not None), None)
    return None


def _within(workspace: Workspace, name: str) -> Callable[[str], Meaning | None]:
    def look(module: str) -> Meaning | None:
        found = workspace.search.find(f"pydantic.{module}")
        source = workspace.definition_of_module(f"pydantic.{module}", found) if found is not None else None
        if not isinstance(source, ModuleDefinition) or source.module is None:
            return None
        meaning = in_scope(source.module.scope, name)
        return None if isinstance(meaning, (Unresolved, Known)) else meaning

    return look
