"""Where FastAPI takes the parameters of a handler from: path, query, headers, cookies, body, form, dependencies."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from protogate.crosscheck.python.annotations import (
    BASE_MODELS,
    Annotation,
    class_names,
    data_members,
    is_a,
    is_class_of,
    is_dataclass,
    metadata_of,
    type_of,
)
from protogate.crosscheck.python.expressions import term_of
from protogate.crosscheck.python.lineage import lineage
from protogate.crosscheck.python.names import ClassDefinition, FunctionDefinition, Known, Variable, member, resolve
from protogate.crosscheck.python.routes import is_fastapi
from protogate.crosscheck.python.terms import ClassType, KnownType
from protogate.crosscheck.shapes import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogate.crosscheck.python.modules import Scope
    from protogate.crosscheck.python.names import Meaning
    from protogate.crosscheck.python.terms import Term
    from protogate.findings import Place

__all__ = ["Source", "Taken", "dependency", "is_model", "is_response", "marks", "parameters", "taken"]

Source: TypeAlias = Literal["path", "query", "header", "cookie", "body", "form"]

_MARKERS: Final[dict[str, Source]] = {
    "Path": "path",
    "Query": "query",
    "Header": "header",
    "Cookie": "cookie",
    "Body": "body",
    "Form": "form",
    "File": "form",
}
_SPECIAL: Final = ("Request", "WebSocket", "HTTPConnection", "Response", "BackgroundTasks", "SecurityScopes")
_SEQUENCES: Final = frozenset(
    [
        "list",
        "tuple",
        "set",
        "frozenset",
        "collections.deque",
        "typing.List",
        "typing.Tuple",
        "typing.Set",
        "typing.FrozenSet",
        "typing.Deque",
        "typing.Sequence",
        "collections.abc.Sequence",
        "typing.MutableSequence",
        "collections.abc.MutableSequence",
        "typing.NamedTuple",
    ]
)
_MAPPINGS: Final = frozenset(
    [
        "dict",
        "typing.Dict",
        "typing.Mapping",
        "collections.abc.Mapping",
        "typing.MutableMapping",
        "collections.abc.MutableMapping",
        "collections.OrderedDict",
        "typing.OrderedDict",
        "collections.defaultdict",
        "typing.DefaultDict",
        "collections.Counter",
        "typing.Counter",
        "collections.ChainMap",
        "typing.ChainMap",
        "typing.TypedDict",
    ]
)
_DEEPEST: Final = 10
"""Dependencies of dependencies."""


class Taken(NamedTuple):
    """One parameter that comes out of the request."""

    name: str
    source: Source
    wire: str
    """The name in the request."""
    annotation: Annotation
    """The type as it is written, with `Annotated`."""
    required: bool
    place: Place
    embed: bool = False
    """`Body(embed=True)`: under its name, although it is alone."""
    explicit: bool = False
    """Whether `Query()` or another marker says where it comes from."""
    other_names: tuple[str, ...] = ()
    hyphens: bool = False
    """Whether names of a model of headers are written with hyphens."""


class _Marker(NamedTuple):
    """`Query(...)`, `Depends(...)`."""

    name: str
    call: ast.Call
    scope: Scope


def taken(function: FunctionDefinition, path: frozenset[str], *, skip_first: bool) -> tuple[Taken, ...]:
    """Return what FastAPI takes from a request for a function and all that it depends on.

    Args:
        function: the handler.
        path: the names in the path of its route.
        skip_first: whether its first parameter is `self`.
    """
    return tuple(_taken(function, path, skip_first=skip_first, depth=0))


def marks(function: FunctionDefinition) -> bool:
    """Return whether a parameter of a function is marked for FastAPI."""
    return any(
        _marker(default, function.outer) is not None or _annotated_marker(one.annotation, function) is not None
        for one, default in parameters(function)
    )


def parameters(function: FunctionDefinition) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """Yield the parameters of a function with their defaults, in the order of the text."""
    arguments = function.node.args
    named = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(named) - len(arguments.defaults))
    yield from zip(named, [*missing, *arguments.defaults], strict=True)
    if arguments.vararg:
        yield arguments.vararg, None
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    if arguments.kwarg:
        yield arguments.kwarg, None


def is_model(annotation: Annotation) -> bool:
    """Return whether a type is a pydantic model, or one or None."""
    kinds = data_members(type_of(annotation))
    return len(kinds) == 1 and is_a(kinds[0], BASE_MODELS)


def is_response(term: Term) -> bool:
    """Return whether a class is a response of FastAPI or Starlette."""
    return any(name.startswith(("fastapi.", "starlette.")) and name.endswith("Response") for name in class_names(term))


def _taken(function: FunctionDefinition, path: frozenset[str], *, skip_first: bool, depth: int) -> Iterator[Taken]:
    if depth > _DEEPEST:
        return
    for index, (parameter, default) in enumerate(parameters(function)):
        if index == 0 and skip_first:
            continue
        yield from _parameter(parameter, default, function, path, depth)


def _parameter(
    parameter: ast.arg, default: ast.expr | None, function: FunctionDefinition, path: frozenset[str], depth: int
) -> Iterator[Taken]:
    scope = function.outer.around(function.node)
    marker = _marker(default, function.outer) if default is not None else None
    by_default = marker is not None
    marker = marker or _annotated_marker(parameter.annotation, function)
    if marker is not None and marker.name in {"Depends", "Security"}:
        yield from _dependency(marker, parameter.annotation, scope, path, depth)
        return
    anything = ast.copy_location(ast.Name("object", ast.Load()), parameter)
    annotation = Annotation(parameter.annotation or anything, scope)
    if marker is None and _is_special(type_of(annotation)):
        return
    name = parameter.arg
    source: Source
    if marker is not None:
        source = "path" if name in path else _MARKERS[marker.name]
    elif name in path:
        source = "path"
    elif _is_upload(annotation):
        source = "form"
    else:
        source = "body" if is_complex(annotation) else "query"
    has_default = (default is not None and not by_default and not _is_ellipsis(default)) or (
        marker is not None and _has_default(marker)
    )
    wire, others = _wire(name, marker, source)
    yield Taken(
        name,
        source,
        wire,
        annotation,
        required=source == "path" or not has_default,
        place=function.module.place(parameter),
        embed=marker is not None and _is_true(_option(marker, "embed")),
        explicit=marker is not None,
        other_names=others,
        hyphens=source == "header" and not _is_false(_option(marker, "convert_underscores")),
    )


def _wire(name: str, marker: _Marker | None, source: Source) -> tuple[str, tuple[str, ...]]:
    """Return the name in the request, and further ones that are taken for it."""
    if marker is None:
        return name, ()
    by_validation = _option(marker, "validation_alias")
    if by_validation is not None:
        names = _texts(by_validation)
        if names:
            return names[0], tuple(names[1:])
    alias = _texts(_option(marker, "alias"))
    if alias:
        return alias[0], ()
    if source == "header" and not _is_false(_option(marker, "convert_underscores")):
        return name.replace("_", "-"), ()
    return name, ()


def _texts(node: ast.expr | None) -> list[str]:
    """Return the text, or the texts of `AliasChoices("a", "b")`."""
    if isinstance(node, ast.Call):
        return [text for one in node.args for text in _texts(one)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _has_default(marker: _Marker) -> bool:
    default = marker.call.args[0] if marker.call.args else _option(marker, "default")
    if default is not None:
        return not _is_ellipsis(default)
    return _option(marker, "default_factory") is not None


def _option(marker: _Marker | None, name: str) -> ast.expr | None:
    if marker is None:
        return None
    return next((keyword.value for keyword in marker.call.keywords if keyword.arg == name), None)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _annotated_marker(annotation: ast.expr | None, function: FunctionDefinition) -> _Marker | None:
    """Return the last marker of FastAPI in `Annotated`."""
    if annotation is None:
        return None
    metadata = metadata_of(Annotation(annotation, function.outer.around(function.node)))
    found = [_marker(one.expression, one.scope) for one in metadata]
    return next((one for one in reversed(found) if one is not None), None)


def _marker(node: ast.expr | None, scope: Scope) -> _Marker | None:
    if node is None:
        return None
    if isinstance(node, ast.Name | ast.Attribute):
        variable = resolve(node, scope)
        if not isinstance(variable, Variable) or variable.value is None:
            return None
        node, scope = variable.value, variable.scope
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return None
    meaning = resolve(node.func, scope)
    if isinstance(meaning, Known) and is_fastapi(meaning.name, *_MARKERS, "Depends", "Security"):
        return _Marker(meaning.name.rpartition(".")[2], node, scope)
    return None


def _dependency(
    marker: _Marker, annotation: ast.expr | None, scope: Scope, path: frozenset[str], depth: int
) -> Iterator[Taken]:
    node = marker.call.args[0] if marker.call.args else _option(marker, "dependency")
    if node is not None:
        yield from dependency(node, marker.scope, path, depth + 1)
    elif annotation is not None:
        term = type_of(Annotation(annotation, scope))
        if isinstance(term, ClassType):
            yield from _called(term.definition, path, depth + 1)


def dependency(node: ast.expr, scope: Scope, path: frozenset[str], depth: int = 0) -> Iterator[Taken]:
    """Yield what a dependency takes from the request; nothing where its code is not in sight."""
    if isinstance(node, ast.Call):
        # An object of a class: FastAPI calls it.
        meaning = resolve(node.func, scope) if isinstance(node.func, ast.Name | ast.Attribute) else None
        if isinstance(meaning, ClassDefinition):
            yield from _method(meaning, "__call__", path, depth)
        return
    if not isinstance(node, ast.Name | ast.Attribute):
        term = term_of(node, scope)
        if isinstance(term, ClassType):
            yield from _called(term.definition, path, depth)
        return
    meaning = resolve(node, scope)
    if isinstance(meaning, FunctionDefinition):
        yield from _taken(meaning, path, skip_first=False, depth=depth)
    elif isinstance(meaning, ClassDefinition):
        yield from _called(meaning, path, depth)
    elif isinstance(meaning, Variable) and isinstance(meaning.value, ast.Call):
        yield from dependency(meaning.value, meaning.scope, path, depth)


def _called(cls: ClassDefinition, path: frozenset[str], depth: int) -> Iterator[Taken]:
    """Yield what the call of a class takes."""
    if _generated_init(cls) and not isinstance(_own(cls, "__init__"), FunctionDefinition):
        yield from _fields(cls, path)
    else:
        yield from _method(cls, "__init__", path, depth)


def _own(cls: ClassDefinition, name: str) -> Meaning:
    return member(cls, name, cls.place)


def _method(cls: ClassDefinition, name: str, path: frozenset[str], depth: int) -> Iterator[Taken]:
    meaning = _own(cls, name)
    if isinstance(meaning, FunctionDefinition):
        yield from _taken(meaning, path, skip_first=True, depth=depth)


def _fields(cls: ClassDefinition, path: frozenset[str]) -> Iterator[Taken]:
    """Yield the fields of a model or dataclass that is called as a dependency: each is a parameter."""
    seen: set[str] = set()
    above = lineage(cls)
    for one in reversed((cls,) if isinstance(above, Unresolved) else above):
        if not isinstance(one, ClassDefinition):
            continue
        for statement in one.node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            name = statement.target.id
            if name in seen or name.startswith("_") or name == "model_config":
                continue
            seen.add(name)
            annotation = Annotation(statement.annotation, one.scope)
            source: Source = "path" if name in path else "body" if is_complex(annotation) else "query"
            yield Taken(
                name, source, name, annotation, required=statement.value is None, place=one.module.place(statement)
            )


def _generated_init(cls: ClassDefinition) -> bool:
    return is_class_of(cls, BASE_MODELS) or is_dataclass(cls)


def _is_special(term: Term) -> bool:
    return is_response(term) or any(is_fastapi(name, *_SPECIAL) for name in class_names(term))


def _is_upload(annotation: Annotation) -> bool:
    """Return whether a type is an uploaded file, one or None, or a list of them."""
    return any(_is_upload_class(one) or _is_uploads(one) for one in data_members(type_of(annotation)))


def _is_uploads(term: Term) -> bool:
    if not isinstance(term, KnownType) or term.name not in _SEQUENCES or not term.arguments:
        return False
    return any(map(_is_upload_class, data_members(term.arguments[0])))


def _is_upload_class(term: Term) -> bool:
    return any(is_fastapi(name, "UploadFile") for name in class_names(term))


def is_complex(annotation: Annotation) -> bool:
    """Return whether FastAPI takes a type from the body when nothing else is said."""
    return any(map(_is_complex, data_members(type_of(annotation))))


def _is_complex(term: Term) -> bool:
    if is_a(term, BASE_MODELS | _SEQUENCES | _MAPPINGS) or _is_upload_class(term):
        return True
    return isinstance(term, ClassType) and is_dataclass(term.definition)
