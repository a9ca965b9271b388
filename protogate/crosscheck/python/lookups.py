"""What following a function needs to know of the code around it: functions, classes, their fields and constants."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from protogate.crosscheck.python.annotations import (
    BASE_MODELS,
    ENUMS,
    Annotation,
    data_members,
    is_class_of,
    is_dataclass,
    type_of,
)
from protogate.crosscheck.python.constants import EnumMember, constant, json_value
from protogate.crosscheck.python.decorators import passes_through
from protogate.crosscheck.python.enums import enum_facts
from protogate.crosscheck.python.lineage import lineage
from protogate.crosscheck.python.making import facts_of
from protogate.crosscheck.python.names import (
    ClassDefinition,
    FunctionDefinition,
    Known,
    Variable,
    class_of_scope,
    definition_of_class,
    definition_of_function,
    in_scope,
    resolve,
)
from protogate.crosscheck.python.replies import is_generator
from protogate.crosscheck.python.routes import is_route
from protogate.crosscheck.python.terms import ClassType
from protogate.crosscheck.shapes import Unresolved
from protogate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.python.making import ModelFacts
    from protogate.crosscheck.python.modules import FunctionNode, Module, Scope
    from protogate.crosscheck.python.workspace import Workspace
    from protogate.crosscheck.shapes import Record, Scalar
    from protogate.findings import Place

__all__ = [
    "ConstantTarget",
    "ExpressionTarget",
    "FunctionTarget",
    "Kind",
    "KnownTarget",
    "Lookups",
]

ConstantValue: TypeAlias = "str | int | float | bool | bytes | tuple[Any, ...] | dict[str, Any] | EnumMember | None"
Kind: TypeAlias = Literal["enum", "typed dict", "protocol", "model", "dataclass", "plain"]


class FunctionTarget:
    """A function that can be followed; one object for each."""

    __slots__ = (
        "defaults",
        "definition",
        "generator",
        "is_property",
        "local_names",
        "node",
        "of_class",
        "opaque",
        "outer_names",
        "owner",
        "parameters",
        "positional",
        "scope",
        "static",
    )

    def __init__(self, definition: FunctionDefinition, owner: ClassDefinition | None, *, readable: bool) -> None:
        """Look at a function.

        Args:
            definition: the function.
            owner: the class whose body defines it.
            readable: whether its body may be followed: not that of a package, nor a declaration in a Protocol.
        """
        self.definition = definition
        self.node: FunctionNode = definition.node
        self.scope: Scope = definition.scope
        self.owner = owner
        """The class whose body defines it."""
        names = _decorators(definition)
        self.static = "staticmethod" in names
        self.of_class = "classmethod" in names
        self.is_property = bool(names & _PROPERTIES)
        self.opaque = not readable or bool(names - _TRANSPARENT)
        """Whether a decorator may change what it returns, or it is only declared."""
        # Few modules have the word at all, and a function is walked through only to look for it.
        self.generator = b"yield" in self.scope.module.data and is_generator(self.node)
        arguments = self.node.args
        self.positional = len(arguments.posonlyargs) + len(arguments.args)
        """How many of its parameters can be given by position."""
        self.parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        self.defaults = _defaults(arguments)
        self.local_names, self.outer_names = _names(self.node)


class ConstantTarget(NamedTuple):
    """A value that is certain."""

    value: Scalar
    member: str


class ExpressionTarget(NamedTuple):
    """What a name of a module is bound to, once and for all."""

    node: ast.expr
    scope: Scope


class KnownTarget(NamedTuple):
    """A name of the standard library, of FastAPI or of pydantic."""

    name: str


_PROPERTIES: Final = frozenset({"property", "functools.cached_property", "pydantic.computed_field"})
_TRANSPARENT: Final = _PROPERTIES | {
    "staticmethod",
    "classmethod",
    "functools.cache",
    "functools.lru_cache",
    "functools.wraps",
    "typing.final",
    "typing.override",
    "typing.no_type_check",
    "route",
}
_TYPED_DICTS: Final = frozenset({"typing.TypedDict"})
_PROTOCOLS: Final = frozenset({"typing.Protocol"})
_CHANGES: Final = frozenset(
    {
        "update",
        "pop",
        "setdefault",
        "clear",
        "append",
        "extend",
        "insert",
        "remove",
        "add",
        "discard",
        "popitem",
        "sort",
        "reverse",
    }
)


class Lookups:
    """Answers questions about the code of one workspace; each is worked out once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._root = workspace.layers_root.rstrip(os.sep) + os.sep
        self._functions: dict[ast.AST, FunctionTarget] = {}
        self._kinds: dict[ClassDefinition, Kind] = {}
        self._models: dict[ClassDefinition, ModelFacts | None] = {}
        self._changed: dict[Module, frozenset[str]] = {}
        self._attributes: dict[ClassDefinition, dict[str, ClassDefinition]] = {}

    @classmethod
    def of(cls, workspace: Workspace) -> Lookups:
        """Return the one of a workspace."""
        found = workspace.shapes.get(_KEY)
        if not isinstance(found, Lookups):
            found = workspace.shapes[_KEY] = cls(workspace)
        return found

    # -- names

    def place(self, node: ast.AST, scope: Scope) -> Place:
        """Return where a node is."""
        return scope.module.place(node)

    def resolve(
        self, node: ast.expr, scope: Scope
    ) -> ConstantTarget | ExpressionTarget | FunctionTarget | KnownTarget | ClassDefinition | None:
        """Return what a name means that is bound outside of functions; None where that may change or is not known."""
        meaning = resolve(node, scope) if isinstance(node, ast.Name | ast.Attribute) else None
        match meaning:
            case ClassDefinition():
                return meaning
            case FunctionDefinition():
                return self.function(meaning)
            case Known(name=name):
                return self.constant(node, scope) or KnownTarget(name)
            case Variable():
                return self._variable(node, scope, meaning)
            case Unresolved():
                # The `.value` of a member.
                return self.constant(node, scope) if isinstance(node, ast.Attribute) else None
            case _:
                return None

    def _variable(self, node: ast.expr, scope: Scope, meaning: Variable) -> ConstantTarget | ExpressionTarget | None:
        if meaning.value is None or meaning.scope.kind == "function":
            return None
        if meaning.scope.kind == "module" and meaning.name in self._changing(meaning.scope.module):
            return None
        return self.constant(node, scope) or ExpressionTarget(meaning.value, meaning.scope)

    def constant(self, node: ast.expr, scope: Scope) -> ConstantTarget | None:
        """Return the value of an expression of constants."""
        if isinstance(node, ast.Name | ast.Attribute) and self._may_change(node, scope):
            return None
        found = constant(node, scope)
        if isinstance(found, Unresolved):
            return None
        value = json_value(found.value)
        if isinstance(value, Unresolved) or isinstance(found.value, bytes):
            return None
        return ConstantTarget(value, _member_name(found.value))

    def _may_change(self, node: ast.Name | ast.Attribute, scope: Scope) -> bool:
        meaning = resolve(node, scope)
        if not isinstance(meaning, Variable):
            return False
        return meaning.scope.kind == "module" and meaning.name in self._changing(meaning.scope.module)

    def _changing(self, module: Module) -> frozenset[str]:
        """Return the names of a module that its functions bind anew, or whose objects they change."""
        found = self._changed.get(module)
        if found is None:
            found = self._changed[module] = frozenset(_changing(module))
        return found

    # -- functions

    def function(self, definition: FunctionDefinition) -> FunctionTarget:
        """Return a function as it is followed."""
        found = self._functions.get(definition.node)
        if found is None:
            owner = class_of_scope(definition.outer) if definition.outer.kind == "class" else None
            declared = owner is not None and self.kind(owner) == "protocol"
            is_own = self._is_own(definition.module)
            found = self._functions[definition.node] = FunctionTarget(
                definition, owner, readable=is_own and not declared
            )
        return found

    def _is_own(self, module: Module) -> bool:
        """Return whether a module is code of the layers, not of a package that they import."""
        return module.path.startswith(self._root) and not any(part in module.path for part in _PACKAGES)

    def nested(self, node: FunctionNode, scope: Scope) -> FunctionTarget:
        """Return a function that is defined in another one."""
        return self.function(definition_of_function(scope, node))

    def method(self, cls: ClassDefinition, name: str) -> FunctionTarget | None:
        """Return what a method of a class is, by the order in which it inherits."""
        for one in self.line(cls):
            found = in_scope(one.scope, name)
            if isinstance(found, FunctionDefinition):
                return self.function(found)
            if found is not None:
                return None
        return None

    def is_overridden(self, cls: ClassDefinition, name: str) -> bool:
        """Return whether a class beside it inherits from a class and has its own method: objects may be of that."""
        for statement in cls.module.tree.body:
            if not isinstance(statement, ast.ClassDef) or statement is cls.node or not statement.bases:
                continue
            other = in_scope(cls.module.scope, statement.name)
            if isinstance(other, ClassDefinition) and in_scope(other.scope, name) is not None:
                above = lineage(other)
                if isinstance(above, Unresolved) or cls in above:
                    return True
        return False

    def line(self, cls: ClassDefinition) -> Iterator[ClassDefinition]:
        """Yield a class and what it inherits from, as far as the code of all is known."""
        above = lineage(cls)
        if isinstance(above, Unresolved):
            yield cls
            return
        for one in above:
            if isinstance(one, ClassDefinition):
                yield one

    def is_replaced(self, definition: FunctionDefinition) -> bool:
        """Return whether a decorator of the code itself may give back something else than a function does."""
        if isinstance(definition.node, ast.Lambda):
            return False
        return not all(passes_through(one, definition.outer) for one in definition.node.decorator_list)

    # -- classes

    def class_at(self, record: Record) -> ClassDefinition | None:
        """Return the class that a record describes."""
        module = self._workspace.module(record.place.file)
        if isinstance(module, Finding):
            return None
        return self._class_at(module.scope, record.place.line)

    def _class_at(self, scope: Scope, line: int) -> ClassDefinition | None:
        for node in getattr(scope.node, "body", ()):
            if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or node.lineno):
                return (
                    definition_of_class(scope, node) if node.lineno == line else self._class_at(scope.inner(node), line)
                )
        return None

    def kind(self, cls: ClassDefinition) -> Kind:
        """Return what objects of a class are."""
        found = self._kinds.get(cls)
        if found is None:
            found = self._kinds[cls] = self._kind(cls)
        return found

    def _kind(self, cls: ClassDefinition) -> Kind:
        if is_class_of(cls, ENUMS):
            return "enum"
        if is_class_of(cls, _TYPED_DICTS):
            return "typed dict"
        if is_class_of(cls, BASE_MODELS):
            return "model"
        if is_dataclass(cls):
            return "dataclass"
        # `Protocol` does not stand in the order of inheritance.
        is_protocol = any(
            isinstance(base, ast.Name | ast.Attribute) and resolve(base, cls.outer) == Known("typing.Protocol")
            for base in (one.value if isinstance(one, ast.Subscript) else one for one in cls.node.bases)
        )
        return "protocol" if is_protocol else "plain"

    def model(self, cls: ClassDefinition) -> ModelFacts | None:
        """Return what becomes of the values that a model or dataclass is made of; None for other classes."""
        if cls not in self._models:
            # Itself, in case that a default makes another object of the same class.
            self._models[cls] = None
            self._models[cls] = facts_of(self._workspace, cls) if self.kind(cls) in {"model", "dataclass"} else None
        return self._models[cls]

    def annotation_class(self, annotation: ast.expr, scope: Scope) -> ClassDefinition | None:
        """Return the one class that an annotation names, alone or with None."""
        at = scope.parent if scope.kind == "function" and scope.parent is not None else scope
        kinds = data_members(type_of(Annotation(annotation, at)))
        if len(kinds) == 1 and isinstance(kinds[0], ClassType) and self.kind(kinds[0].definition) != "enum":
            return kinds[0].definition
        return None

    def attribute_class(self, cls: ClassDefinition, name: str) -> ClassDefinition | None:
        """Return the class of an attribute: by its annotation, or by that of the parameter that `__init__` assigns."""
        for one in self.line(cls):
            for statement in one.node.body:
                if (
                    isinstance(statement, ast.AnnAssign)
                    and isinstance(statement.target, ast.Name)
                    and statement.target.id == name
                ):
                    return self.annotation_class(statement.annotation, one.scope)
            found = self._assigned(one).get(name)
            if found is not None:
                return found
        return None

    def _assigned(self, cls: ClassDefinition) -> dict[str, ClassDefinition]:
        """Return the classes of what `__init__` assigns to attributes, where each is assigned once in the class."""
        found = self._attributes.get(cls)
        if found is None:
            found = self._attributes[cls] = {}
            init = in_scope(cls.scope, "__init__")
            if isinstance(init, FunctionDefinition):
                found.update(self._init_attributes(cls, init))
        return found

    def _init_attributes(self, cls: ClassDefinition, init: FunctionDefinition) -> Iterator[tuple[str, ClassDefinition]]:
        arguments = init.node.args
        annotations = {
            one.arg: one.annotation for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        }
        stored = [
            node.attr
            for node in ast.walk(cls.node)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        ]
        for node in ast.walk(init.node):
            match node:
                case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name), annotation=annotation):
                    found = self.annotation_class(annotation, init.scope)
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.Name(id=given)
                ):
                    given_type = annotations.get(given)
                    found = None if given_type is None else self.annotation_class(given_type, init.scope)
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.Call(func=func)
                ):
                    made = self.resolve(func, init.scope)
                    found = made if isinstance(made, ClassDefinition) else None
                case _:
                    continue
            if found is not None and stored.count(name) == 1:
                yield name, found

    def class_constant(self, cls: ClassDefinition, name: str) -> ConstantTarget | None:
        """Return a constant of the body of a class that is no model, if no code assigns an attribute of that name."""
        if self.kind(cls) != "plain":
            return None
        for one in self.line(cls):
            found = in_scope(one.scope, name)
            if isinstance(found, Variable) and found.value is not None:
                is_stored = any(
                    isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)
                    for node in ast.walk(one.module.tree)
                )
                return None if is_stored else self.constant(found.value, found.scope)
            if found is not None:
                return None
        return None

    def enum_members(self, cls: ClassDefinition) -> dict[str, ConstantValue]:
        """Return the values of an Enum by the names of its members."""
        facts = enum_facts(cls)
        if isinstance(facts, Unresolved):
            return {}
        return {name: one.value for name, one in facts.by_name.items()}

    def enum_member(self, cls: ClassDefinition, name: str) -> ConstantTarget | None:
        """Return the value of a member of an Enum by its name."""
        value = self.enum_members(cls).get(name)
        if isinstance(value, str | int | float):
            return ConstantTarget(value, f"{cls.name}.{name}")
        return None


_KEY: Final = "lookups"
_PACKAGES: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


def _member_name(value: ConstantValue) -> str:
    # Members of Enums of the standard library have no class that is read.
    return f"{getattr(value.owner, 'name', '')}.{value.name}" if isinstance(value, EnumMember) else ""


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    named = [*arguments.posonlyargs, *arguments.args]
    found = dict(zip([one.arg for one in reversed(named)], reversed(arguments.defaults), strict=False))
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return found | {one.arg: default for one, default in pairs if default is not None}


def _decorators(definition: FunctionDefinition) -> frozenset[str]:
    """Return what stands above a function: known names, `route`, and `?` for whatever may change what it returns."""
    node = definition.node
    if isinstance(node, ast.Lambda):
        return frozenset()
    return frozenset(_decorator(one, definition.outer) for one in node.decorator_list)


def _decorator(node: ast.expr, scope: Scope) -> str:
    call = node if isinstance(node, ast.Call) else None
    func = node.func if isinstance(node, ast.Call) else node
    if call is not None and is_route(call, scope):
        return "route"
    if isinstance(func, ast.Attribute) and func.attr in {"setter", "deleter", "getter"}:
        return "?"
    meaning = resolve(func, scope) if isinstance(func, ast.Name | ast.Attribute) else None
    return meaning.name if isinstance(meaning, Known) else "?"


_LEAVES: Final = (ast.Constant, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


def _names(node: FunctionNode) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a function binds itself, and those that it takes from outside by `global` or `nonlocal`."""
    bound: set[str] = set()
    outer: set[str] = set()
    arguments = node.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    bound.update(one.arg for one in listed if one is not None)
    waiting: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    while waiting:
        one = waiting.pop()
        if isinstance(one, _LEAVES):
            continue  # nine nodes of ten
        match one:
            case ast.Name(id=name):
                if not isinstance(one.ctx, ast.Load):
                    bound.add(name)
                continue
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bound.add(name)
                continue
            case ast.ClassDef() | ast.Lambda():
                continue
            case (
                ast.ExceptHandler(name=str() as name)
                | ast.MatchAs(name=str() as name)
                | ast.MatchStar(name=str() as name)
            ):
                bound.add(name)
            case ast.MatchMapping(rest=str() as name):
                bound.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                outer.update(names)
            case _:
                pass
        waiting.extend(ast.iter_child_nodes(one))
    return frozenset(bound - outer), frozenset(outer)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _changing(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Global(names=names):
                yield from names
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                yield from _root(node)
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if attribute in _CHANGES:
                yield name
            case _:
                pass
