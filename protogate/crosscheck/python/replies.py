"""What a handler writes: its response model or return type, as the options of its route change it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from protogate.crosscheck.python.annotations import Annotation, data_members, type_of
from protogate.crosscheck.python.constants import constant
from protogate.crosscheck.python.expressions import annotation_term
from protogate.crosscheck.python.parameters import is_response
from protogate.crosscheck.python.terms import KnownType, UnionType
from protogate.crosscheck.python.types import shaper_of
from protogate.crosscheck.shapes import Altered, AnyOf, Field, Items, Mapping, Primitive, Record, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogate.crosscheck.python.names import FunctionDefinition
    from protogate.crosscheck.python.routes import Route
    from protogate.crosscheck.python.terms import Term
    from protogate.crosscheck.python.workspace import Workspace
    from protogate.crosscheck.shapes import Shape
    from protogate.findings import Place

__all__ = ["Reply", "is_generator", "is_none", "leaves_out_defaults", "reply_of"]

_ANYTHING: Final = frozenset({"typing.Any", "object"})
_STREAMS: Final = frozenset(
    f"{module}.{name}"
    for module in ("typing", "collections.abc")
    for name in ("AsyncGenerator", "AsyncIterable", "AsyncIterator", "Generator", "Iterable", "Iterator")
)
_WAITS: Final = frozenset(
    f"{module}.{name}" for module in ("typing", "collections.abc") for name in ("Awaitable", "Coroutine")
)
_NO_CONTENT: Final = frozenset({204, 205, 304})
_NOTHING: Final = Primitive("null")


class Reply(NamedTuple):
    """What a handler writes."""

    shape: Shape
    """An `Unresolved` where no type says it."""
    typed: bool
    """Whether a type says it; else its dictionaries may."""
    model: Term | None = None
    """The type; None where there is none, and for what is no data."""


def reply_of(workspace: Workspace, function: FunctionDefinition, route: Route | None) -> Reply:
    """Return what a function writes, by its route and its annotations."""
    place = function.place
    if route is None:
        return _annotated(workspace, function)
    if not route.complete:
        return Reply(Unresolved("the options of the route are not written out", place), typed=False)
    if _status(route) in _NO_CONTENT:
        return Reply(_NOTHING, typed=True)
    given = route.options.get("response_model")
    if given is None:
        reply = _annotated(workspace, function)
    elif is_none(given):
        reply = Reply(
            Unresolved("response_model=None: what is returned is written without a check", place), typed=False
        )
    else:
        reply = _of_type(workspace, Annotation(given, route.scope), function.module.place(given))
    return reply if not reply.typed else reply._replace(shape=_by_options(workspace, reply, route, place))


def leaves_out_defaults(route: Route) -> bool:
    """Return whether a route does not write fields that hold their default, or may not."""
    options = ("response_model_exclude_unset", "response_model_exclude_defaults")
    return any(_flag(route, name, default=False) is not False for name in options)


def is_none(node: ast.expr) -> bool:
    """Return whether an expression is None."""
    return isinstance(node, ast.Constant) and node.value is None


def is_generator(node: ast.AST) -> bool:
    """Return whether a function yields."""
    if isinstance(node, ast.Lambda):
        return False
    waiting: list[ast.AST] = list(getattr(node, "body", []))
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(one))
    return False


def _status(route: Route) -> object:
    """Return the number of `status_code`, by itself or by its name in `fastapi.status`; None where it is not known."""
    node = route.options.get("status_code")
    if node is None:
        return None
    if isinstance(node, ast.Attribute) and node.attr.startswith("HTTP_"):
        digits = node.attr.split("_")[1]
        return int(digits) if digits.isdigit() else None
    if isinstance(node, ast.Attribute) and node.attr in {"NO_CONTENT", "RESET_CONTENT", "NOT_MODIFIED"}:
        return {"NO_CONTENT": 204, "RESET_CONTENT": 205, "NOT_MODIFIED": 304}[node.attr]
    found = constant(node, route.scope)
    return None if isinstance(found, Unresolved) else found.value


def _annotated(workspace: Workspace, function: FunctionDefinition) -> Reply:
    node = function.node
    place = function.place
    if isinstance(node, ast.Lambda) or node.returns is None:
        return Reply(Unresolved("it has no return annotation and no response_model", place), typed=False)
    annotation = Annotation(node.returns, function.outer.around(node))
    term = type_of(annotation)
    at = function.module.place(node.returns)
    for _ in range(4):
        if isinstance(term, KnownType) and term.name in _WAITS and term.arguments:
            term = term.arguments[-1]
        elif isinstance(term, KnownType) and term.name in _STREAMS and is_generator(node):
            if not term.arguments:
                return Reply(Unresolved("the items of its stream have no type", place), typed=False)
            term = term.arguments[0]
        else:
            return _of_term(workspace, term, at)
    return _of_term(workspace, term, at)


def _of_type(workspace: Workspace, annotation: Annotation, place: Place) -> Reply:
    return _of_term(workspace, annotation_term(*annotation), place)


def _of_term(workspace: Workspace, term: Term, place: Place) -> Reply:
    """Return what a type writes; responses among the members of a union are written by themselves."""
    kinds = data_members(term)
    data = [one for one in kinds if not is_response(one)]
    if not kinds:
        return Reply(_NOTHING, typed=True)
    if not data:
        return Reply(Unresolved("a response object is written as it is", place), typed=False)
    if any(isinstance(one, KnownType) and one.name in _ANYTHING for one in data):
        return Reply(Unresolved("its type allows anything", place), typed=False)
    if len(data) < len(kinds):
        term = data[0] if len(data) == 1 else UnionType(tuple(data))
    return Reply(shaper_of(workspace, "output").shape(term), typed=True, model=term)


# -- options of routes


def _by_options(workspace: Workspace, reply: Reply, route: Route, place: Place) -> Shape:
    """Return what is left of a shape after `response_model_exclude_none` and the like."""
    shape = reply.shape
    for name in ("response_model_include", "response_model_exclude"):
        node = route.options.get(name)
        if node is None or is_none(node):
            continue
        keys = _keys(node)
        if keys is None:
            return Unresolved(f"{name} is not written out", place)
        shape = _selected(shape, keys, keep=name.endswith("include"))
    if (by_alias := _flag(route, "response_model_by_alias", default=True)) is None:
        return Unresolved("response_model_by_alias is not written out", place)
    no_none = _flag(route, "response_model_exclude_none", default=False)
    unset = _flag(route, "response_model_exclude_unset", default=False)
    defaults = _flag(route, "response_model_exclude_defaults", default=False)
    if by_alias and no_none is False and unset is False and defaults is False:
        return shape
    optional: Callable[[Record], frozenset[str]] = lambda _: frozenset()  # noqa: E731
    if unset is not False or defaults is not False:
        optional = _Defaults(workspace, reply).of
    return _rewritten(shape, _Options(by_alias, no_none is not False, optional), {})


def _flag(route: Route, name: str, *, default: bool) -> bool | None:
    """Return an option that is True or False; None where it is worked out."""
    node = route.options.get(name)
    if node is None:
        return default
    found = constant(node, route.scope)
    return found.value if not isinstance(found, Unresolved) and isinstance(found.value, bool) else None


_Keys: TypeAlias = "dict[str, _Keys | None]"


def _keys(node: ast.expr) -> _Keys | None:
    """Return the names in `{"a", "b"}` or `{"a": {"b"}}`; None where they are not written out."""
    if isinstance(node, ast.Set | ast.List | ast.Tuple):
        names = [one.value if isinstance(one, ast.Constant) else None for one in node.elts]
        return {name: None for name in names if isinstance(name, str)} if all(map(_is_text, names)) else None
    if isinstance(node, ast.Dict):
        found: _Keys = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            whole = isinstance(value, ast.Constant) and value.value in {True, ...}
            inner = None if whole else _keys(value)
            if inner is None and not whole:
                return None
            found[key.value] = inner
        return found
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _selected(shape: Shape, keys: _Keys, *, keep: bool) -> Shape:
    """Return a shape with only some of its fields, or without them; names are those of Python."""
    match shape:
        case Record():

            def make() -> tuple[Field, ...]:
                fields: list[Field] = []
                for field in shape.fields:
                    name = field.python_name or field.name
                    inner = keys.get(name)
                    if inner is not None:
                        fields.append(field._replace(shape=_selected(field.shape, inner, keep=keep)))
                    elif (name in keys) is keep:
                        fields.append(field)
                return tuple(fields)

            return Record(shape.name, shape.place, make, shape.extra)
        case AnyOf(members=kinds):
            return AnyOf(tuple(_selected(one, keys, keep=keep) for one in kinds))
        case Altered():
            return shape._replace(shape=_selected(shape.shape, keys, keep=keep))
        case Items() if "__all__" in keys:
            inner = keys["__all__"]
            return shape if inner is None else Items(_selected(shape.items, inner, keep=keep), shape.prefix)
        case Items():
            # FastAPI hands the option to each item.
            return Items(_selected(shape.items, keys, keep=keep), shape.prefix)
        case _:
            return shape


class _Options(NamedTuple):
    by_alias: bool
    no_none: bool
    optional: Callable[[Record], frozenset[str]]
    """The Python names of fields that have a default, and are left out when it stands there."""


class _Defaults:
    """Which fields of records have defaults: those that a document need not have when it is read."""

    def __init__(self, workspace: Workspace, reply: Reply) -> None:
        self._by_place: dict[Place, frozenset[str]] = {}
        self._seen: set[int] = set()
        if reply.model is not None:
            self._read(shaper_of(workspace, "input").shape(reply.model))

    def of(self, record: Record) -> frozenset[str]:
        return self._by_place.get(record.place, frozenset())

    def _read(self, shape: Shape) -> None:
        match shape:
            case Record():
                if id(shape) in self._seen:
                    return
                self._seen.add(id(shape))
                self._by_place[shape.place] = frozenset(one.python_name for one in shape.fields if not one.required)
                for field in shape.fields:
                    self._read(field.shape)
            case AnyOf(members=kinds):
                for one in kinds:
                    self._read(one)
            case Altered(shape=inner):
                self._read(inner)
            case Items():
                for one in (*shape.prefix, shape.items):
                    self._read(one)
            case Mapping():
                self._read(shape.values)
            case _:
                pass


def _rewritten(shape: Shape, options: _Options, done: dict[int, Record]) -> Shape:
    match shape:
        case Record():
            known = done.get(id(shape))
            if known is None:
                known = done[id(shape)] = Record(
                    shape.name,
                    shape.place,
                    lambda: tuple(_rewritten_field(one, shape, options, done) for one in shape.fields),
                    shape.extra,
                )
            return known
        case AnyOf(members=kinds):
            return AnyOf(tuple(_rewritten(one, options, done) for one in kinds))
        case Altered():
            return shape._replace(shape=_rewritten(shape.shape, options, done))
        case Items():
            return Items(
                _rewritten(shape.items, options, done),
                tuple(_rewritten(one, options, done) for one in shape.prefix),
            )
        case Mapping():
            return Mapping(shape.keys, _rewritten(shape.values, options, done))
        case _:
            return shape


def _rewritten_field(field: Field, record: Record, options: _Options, done: dict[int, Record]) -> Field:
    shape = _rewritten(field.shape, options, done)
    required = field.required and field.python_name not in options.optional(record)
    if options.no_none:
        left = _without_null(shape)
        required, shape = (required and left is shape), left
    name = field.name if options.by_alias else field.python_name or field.name
    return field._replace(name=name, shape=shape, required=required)


def _without_null(shape: Shape) -> Shape:
    if not isinstance(shape, AnyOf) or _NOTHING not in shape.members:
        return shape
    left = tuple(one for one in shape.members if one != _NOTHING)
    return left[0] if len(left) == 1 else AnyOf(left)
