"""What `layers.python = path::Symbol` means: a model, or a handler with what it takes and what it writes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from protogate.crosscheck.python.annotations import (
    BASE_MODELS,
    ENUMS,
    Annotation,
    data_members,
    is_a,
    is_class_of,
    is_dataclass,
    type_of,
)
from protogate.crosscheck.python.literals import written
from protogate.crosscheck.python.names import (
    ClassDefinition,
    FunctionDefinition,
    ModuleDefinition,
    Parameter,
    TypeParameterDefinition,
    in_scope,
    member,
)
from protogate.crosscheck.python.parameters import (
    Taken,
    dependency,
    is_model,
    marks,
    parameters,
    taken,
)
from protogate.crosscheck.python.replies import reply_of
from protogate.crosscheck.python.routes import path_names, route_of
from protogate.crosscheck.python.terms import ClassType, KnownType, LiteralType, MadeType
from protogate.crosscheck.shapes import (
    Altered,
    AnyOf,
    Anything,
    Field,
    Mapping,
    Primitive,
    Record,
    Unresolved,
)
from protogate.findings import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogate.crosscheck.python.names import Definition
    from protogate.crosscheck.python.routes import Route
    from protogate.crosscheck.python.terms import Term
    from protogate.crosscheck.python.workspace import Workspace
    from protogate.crosscheck.shapes import Extra, Shape

__all__ = ["Interface", "handler_of", "interface"]

_METHODS: Final = ("handle", "execute", "__call__")
"""What a class that handles commands calls its one method."""
_MESSAGES: Final = frozenset(
    {"cmd", "command", "message", "query", "event", "payload", "request", "dto", "data", "body"}
)
_DATA: Final = BASE_MODELS | ENUMS | {"typing.TypedDict", "typing.NamedTuple"}
_VALUES: Final = frozenset(
    [
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "list",
        "dict",
        "tuple",
        "set",
        "frozenset",
        "typing.Literal",
        "typing.List",
        "typing.Dict",
        "typing.Tuple",
        "typing.Set",
        "typing.FrozenSet",
        "typing.Sequence",
        "collections.abc.Sequence",
        "typing.Mapping",
        "collections.abc.Mapping",
        "typing.Iterable",
        "collections.abc.Iterable",
        "typing.Any",
        "object",
    ]
)
_VALUE_MODULES: Final = ("datetime.", "decimal.", "uuid.", "pydantic.", "ipaddress.", "pathlib.")


class Interface(NamedTuple):
    """Which documents stand behind a symbol."""

    kind: Literal["model", "handler"]
    input: Shape | None
    output: Shape | None
    place: Place
    name: str


def interface(workspace: Workspace, path: str, dotted: str) -> Interface | Finding:
    """Return what a symbol of a file takes and writes; a finding when there is no such symbol.

    Args:
        workspace: where code is read.
        path: the file, relative to the root of the layers.
        dotted: `Class`, `function`, `Class.method`.
    """
    definition = workspace.symbol(path, dotted)
    if isinstance(definition, Finding):
        return definition
    function = handler_of(definition)
    if function is None:
        place = Place(path) if isinstance(definition, ModuleDefinition) else _place(definition)
        shapes = (workspace.shape_of(definition, "input"), workspace.shape_of(definition, "output"))
        return Interface("model", *shapes, place, dotted)
    route = route_of(function)
    reply = reply_of(workspace, function, route)
    output = reply.shape if reply.typed else written(workspace, function) or reply.shape
    return Interface("handler", _input(workspace, function, route), output, function.place, dotted)


def handler_of(definition: Definition) -> FunctionDefinition | None:
    """Return the function that a symbol stands for: itself, or the one method of a class that handles messages."""
    if isinstance(definition, FunctionDefinition):
        return definition
    if not isinstance(definition, ClassDefinition) or _is_data(definition):
        return None
    methods = [member(definition, name, definition.place) for name in _METHODS]
    found = [one for one in methods if isinstance(one, FunctionDefinition)]
    return found[0] if len(found) == 1 else None


def _place(definition: Definition) -> Place:
    if isinstance(definition, TypeParameterDefinition | Parameter):
        return definition.scope.module.place(definition.node)
    return Place("") if isinstance(definition, ModuleDefinition) else definition.place


def _is_data(definition: ClassDefinition) -> bool:
    """Return whether a class stands for documents: a model, a dataclass, a TypedDict, an Enum."""
    return is_class_of(definition, _DATA) or (is_dataclass(definition) and not _has_handler(definition))


def _has_handler(definition: ClassDefinition) -> bool:
    """Return whether a dataclass only holds what a handler needs."""
    return any(isinstance(in_scope(definition.scope, name), FunctionDefinition) for name in _METHODS)


# -- input


def _input(workspace: Workspace, function: FunctionDefinition, route: Route | None) -> Shape:
    skip = is_method(function)
    if route is None and not marks(function):
        return _message(workspace, function, skip_first=skip)
    path = path_names(route.path) if route is not None else frozenset()
    found = [*taken(function, path, skip_first=skip)]
    if route is not None:
        found += _route_dependencies(route, path)
    return request_shape(workspace, found, function.name, function.place)


def is_method(function: FunctionDefinition) -> bool:
    """Return whether the first parameter of a function is `self` or `cls`."""
    if function.outer.kind != "class" or isinstance(function.node, ast.Lambda):
        return False
    names = {decorator.id for decorator in function.node.decorator_list if isinstance(decorator, ast.Name)}
    return "staticmethod" not in names


def _route_dependencies(route: Route, path: frozenset[str]) -> list[Taken]:
    """Return what `dependencies=[Depends(...)]` of a route takes."""
    node = route.options.get("dependencies")
    if not isinstance(node, ast.List | ast.Tuple):
        return []
    found: list[Taken] = []
    for one in node.elts:
        if isinstance(one, ast.Call) and one.args:
            found += dependency(one.args[0], route.scope, path)
    return found


def request_shape(workspace: Workspace, found: Sequence[Taken], name: str, place: Place) -> Shape:
    """Return the document of all that a request carries, by the names that clients write."""
    bodies = [one for one in found if one.source in {"body", "form"}]
    outside = [one for one in found if one.source not in {"body", "form"}]
    fields = [field for one in outside for field in _outside(workspace, one)]
    if not _embeds(bodies):
        return _joined(_body(workspace, bodies[0]), fields, name, place) if bodies else _record(name, place, fields)
    for one in bodies:
        if one.source == "form" and is_model(one.annotation):
            fields += _fields(_body(workspace, one))
        else:
            fields.append(_field(workspace, one))
    return _record(name, place, fields)


def _embeds(bodies: Sequence[Taken]) -> bool:
    """Return whether the parts of a body stand under their names."""
    if len({one.name for one in bodies}) > 1:
        return True
    return bool(bodies) and (bodies[0].embed or (bodies[0].source == "form" and not is_model(bodies[0].annotation)))


def _outside(workspace: Workspace, one: Taken) -> Iterable[Field]:
    """Yield a parameter of the path, query, headers or cookies; a model of them gives one for each field."""
    if one.explicit and one.source != "path" and is_model(one.annotation):
        for field in _fields(_shape(workspace, one)):
            name = field.name.replace("_", "-") if one.hyphens and field.name == field.python_name else field.name
            yield field._replace(name=name, required=field.required and one.required)
    else:
        yield _field(workspace, one)


def _field(workspace: Workspace, one: Taken) -> Field:
    return Field(one.wire, _shape(workspace, one), one.required, one.place, one.name, one.other_names)


def _shape(workspace: Workspace, one: Taken) -> Shape:
    return workspace.shape_of(one.annotation.node, "input", scope=one.annotation.scope)


def _body(workspace: Workspace, one: Taken) -> Shape:
    """Return the shape of a body that stands alone; the fields of one that may be left out are not required."""
    shape = _shape(workspace, one)
    return shape if one.required else _optional(shape)


def _optional(shape: Shape) -> Shape:
    match shape:
        case Record():
            return Record(
                shape.name,
                shape.place,
                lambda: tuple(field._replace(required=False) for field in shape.fields),
                shape.extra,
            )
        case AnyOf(members=kinds):
            return AnyOf(tuple(map(_optional, kinds)))
        case Altered():
            return shape._replace(shape=_optional(shape.shape))
        case _:
            return shape


def _fields(shape: Shape) -> tuple[Field, ...]:
    """Return the fields of a model, also of one that may be null or is checked by code."""
    match shape:
        case Record():
            return shape.fields
        case AnyOf(members=kinds):
            return tuple(field for one in kinds for field in _fields(one))
        case Altered(by=by, place=place):
            return tuple(field._replace(shape=Altered(field.shape, by, place)) for field in _fields(shape.shape))
        case _:
            return ()


def _joined(body: Shape, fields: Sequence[Field], name: str, place: Place) -> Shape:  # noqa: PLR0911 - one for each
    """Return a body together with the parameters beside it; a body wins where both have a name."""
    if not fields:
        return body
    match body:
        case Record():
            return _record(name, place, fields, body)
        case AnyOf(members=kinds):
            parts = [_joined(one, fields, name, place) for one in kinds if one != Primitive("null")]
            return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))
        case Altered():
            return body._replace(shape=_joined(body.shape, fields, name, place))
        case Mapping() | Anything():
            return _record(name, place, fields, extra="allow")
        case Unresolved():
            return body
        case _:
            return Unresolved("its body is no object, and there are parameters beside it", place)


def _record(
    name: str, place: Place, fields: Sequence[Field], body: Record | None = None, extra: Extra = "ignore"
) -> Record:
    def make() -> tuple[Field, ...]:
        found = {field.name: field for field in fields}
        found |= {field.name: field for field in (body.fields if body is not None else ())}
        return tuple(found.values())

    return Record(name, place, make, extra if body is None else body.extra)


def _message(workspace: Workspace, function: FunctionDefinition, *, skip_first: bool) -> Shape:
    """Return what a handler takes that knows nothing of HTTP: its message, and values beside it."""
    arguments = [one for one, _ in parameters(function)][1 if skip_first else 0 :]
    required = {one.arg for one, default in parameters(function) if default is None}
    scope = function.outer.around(function.node)
    messages: list[tuple[ast.arg, Shape]] = []
    fields: list[Field] = []
    for parameter in arguments:
        if parameter.annotation is None:
            if parameter is not function.node.args.vararg and parameter is not function.node.args.kwarg:
                reason = f"parameter '{parameter.arg}' has no annotation"
                fields.append(_untyped(function, parameter, reason, parameter.arg in required))
            continue
        kind = _kind(Annotation(parameter.annotation, scope))
        if kind == "nothing":
            continue
        shape = workspace.shape_of(parameter.annotation, "input", scope=scope)
        if kind == "message":
            messages.append((parameter, shape))
        else:
            place = function.module.place(parameter)
            fields.append(Field(parameter.arg, shape, parameter.arg in required, place, parameter.arg))
    if len(messages) > 1:
        messages = [one for one in messages if one[0].arg in _MESSAGES] or messages
    if len(messages) > 1:
        names = ", ".join(f"'{one.arg}'" for one, _ in messages)
        return Unresolved(f"it takes more than one message: {names}", function.place)
    if not messages:
        only = fields[0].shape if len(fields) == 1 and len(arguments) == 1 else None
        if isinstance(only, Unresolved) or (isinstance(only, Mapping) and fields[0].name in _MESSAGES):
            return only
        return _record(function.name, function.place, fields)
    return _joined(
        messages[0][1], [one for one in fields if not isinstance(one.shape, Unresolved)], function.name, function.place
    )


def _untyped(function: FunctionDefinition, parameter: ast.arg, reason: str, required: bool) -> Field:  # noqa: FBT001
    place = function.module.place(parameter)
    return Field(parameter.arg, Unresolved(reason, place), required, place, parameter.arg)


def _kind(annotation: Annotation) -> Literal["message", "value", "nothing"]:
    """Return what a parameter is: a model, a value, or something that is no data, such as a session."""
    kinds = {_kind_of(one) for one in data_members(type_of(annotation))}
    return "message" if "message" in kinds else "value" if "value" in kinds else "nothing"


def _kind_of(term: Term) -> Literal["message", "value", "nothing"]:
    match term:
        case MadeType():
            return "value" if term.maker in ENUMS else "message"
        case ClassType(definition=definition):
            if is_a(term, ENUMS):
                return "value"
            return "message" if is_a(term, _DATA) or is_dataclass(definition) else "nothing"
        case KnownType(name=name):
            return "value" if name in _VALUES or name.startswith(_VALUE_MODULES) else "nothing"
        case LiteralType():
            return "value"
        case _:
            return "nothing"
