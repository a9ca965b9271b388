"""What a method says about HTTP, as routes: paths, parameters, bodies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from protoc_gen_protogate.kit.methods import bindings, method_options, side_of
from protoc_gen_protogate.kit.output import NotCarried
from protoc_gen_protogate.kit.scalars import SCALAR_NAMES, WRAPPERS
from protogate.descriptors import Kind
from protogate.descriptors.rules import field_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protoc_gen_protogate.kit.methods import Binding
    from protogate.descriptors import Field, Message, Method

__all__ = ["PlannedParameter", "PlannedRoute", "plan_routes"]

_VARIABLE: Final = re.compile(r"\{([^}=]+)(?:=([^}]*))?\}")
_VERBS: Final = frozenset({"GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"})
_BODILESS: Final = frozenset({"GET", "HEAD", "DELETE"})
_KINDS: Final = {
    "bool": "boolean",
    "double": "number",
    "float": "number",
    "int32": "integer",
    "uint32": "integer",
}
"""Everything else is text in ProtoJSON, 64-bit integers too."""
_TEXTS: Final = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask"})
_DEEPEST: Final = 8
"""Messages inside of messages that may stand in a query; deeper ones have no place in a URL."""


class PlannedParameter(NamedTuple):
    """A field of the request that stands in the path or the query."""

    name: str
    place: str
    kind: str
    is_repeated: bool
    is_required: bool


class PlannedRoute(NamedTuple):
    """One way to call a method over HTTP."""

    method: Method
    verb: str
    path: str
    parameters: tuple[PlannedParameter, ...]
    body: str
    response_body: str
    side: str
    status: int
    emits: tuple[str, ...]
    idempotency_key: str


def plan_routes(method: Method) -> tuple[tuple[PlannedRoute, ...], tuple[NotCarried, ...]]:
    """The routes of a method, the main one first, and what HTTP cannot carry."""
    source = method.parent.file.name
    if method.client_streaming:
        reason = "a client cannot stream over plain HTTP; use the gRPC stubs"
        return (), (NotCarried(source, method.full_name, "stream", reason),)
    found = bindings(method)
    if not found:
        reason = "has no google.api.http; only gRPC can call it"
        return (), (NotCarried(source, method.full_name, "http", reason),)
    routes: list[PlannedRoute] = []
    gaps: list[NotCarried] = []
    for binding in found:
        route = _route(method, binding, gaps)
        if route is not None:
            routes.append(route)
    return tuple(routes), tuple(gaps)


def _route(method: Method, binding: Binding, gaps: list[NotCarried]) -> PlannedRoute | None:
    source = method.parent.file.name
    if binding.verb not in _VERBS:
        gaps.append(NotCarried(source, method.full_name, "http.custom", f"{binding.verb} is no method of HTTP"))
        return None
    pattern = next((one for one in _VARIABLE.findall(binding.path) if one[1] not in {"", "*", "**"}), None)
    if pattern is not None:
        reason = f"the variable {{{pattern[0]}={pattern[1]}}} has a pattern; FastAPI knows single and rest segments"
        gaps.append(NotCarried(source, method.full_name, "http.path", reason))
        return None
    options = method_options(method)
    in_path = [name.strip() for name, _ in _VARIABLE.findall(binding.path)]
    parameters = [_parameter(method.input, name, "path") for name in in_path]
    body = binding.body
    if body != "*":
        parameters += _query(method, {*in_path, body}, gaps)
    return PlannedRoute(
        method,
        binding.verb,
        _VARIABLE.sub(_segment, binding.path),
        tuple(parameters),
        body,
        binding.response_body,
        side_of(method),
        options.success_status or 200,
        options.emits,
        options.idempotency_key,
    )


def _segment(match: re.Match[str]) -> str:
    """A variable as FastAPI writes it; its names have no dots."""
    name = match[1].strip().replace(".", "__")
    return f"{{{name}:path}}" if match[2] == "**" else f"{{{name}}}"


def _parameter(request: Message, path: str, place: str) -> PlannedParameter:
    """The parameter of a field that the contract names, `book.id`."""
    message, field = request, None
    for name in path.split("."):
        field = next((one for one in message.fields if one.name == name), None)
        if field is None:
            break
        if field.kind in {Kind.MESSAGE, Kind.GROUP}:
            message = field.message
    if field is None:
        return PlannedParameter(path, place, "text", is_repeated=False, is_required=True)
    return PlannedParameter(path, place, _kind(field) or "text", field.is_repeated, is_required=True)


def _query(method: Method, elsewhere: set[str], gaps: list[NotCarried]) -> list[PlannedParameter]:
    """The parameters of all fields that stand neither in the path nor in the body."""
    found: list[PlannedParameter] = []
    for path, field in _leaves(method.input, "", elsewhere, ()):
        kind = None if field.is_map else _kind(field)
        if kind is None:
            reason = "maps, and messages that repeat or hold themselves, have no place in a query"
            gaps.append(NotCarried(method.parent.file.name, field.full_name, f"http.query of {method.name}", reason))
            continue
        rules = field_rules(field) if field.file.schema.options.knows("buf.validate.field") else None
        required = field.is_required or (rules is not None and rules.required)
        found.append(PlannedParameter(path, "query", kind, field.is_repeated, required and "." not in path))
    return found


def _leaves(message: Message, prefix: str, elsewhere: set[str], above: tuple[str, ...]) -> Iterator[tuple[str, Field]]:
    for field in message.fields:
        path = f"{prefix}{field.name}"
        if path in elsewhere:
            continue
        is_plain_message = field.kind in {Kind.MESSAGE, Kind.GROUP} and not field.is_repeated and not field.is_map
        if is_plain_message and _kind(field) is None:
            inner = field.message
            if inner.full_name not in above and len(above) < _DEEPEST and inner.fields:
                yield from _leaves(inner, f"{path}.", elsewhere, (*above, message.full_name))
                continue
        yield path, field


def _kind(field: Field) -> str | None:
    """How the text of a parameter is read; None where a field has no text form."""
    if field.kind is Kind.ENUM:
        return "text"
    if field.kind in {Kind.MESSAGE, Kind.GROUP}:
        wrapped = WRAPPERS.get(field.type_name)
        if wrapped is not None:
            return _KINDS.get(SCALAR_NAMES[wrapped], "text")
        return "text" if field.type_name in _TEXTS else None
    return _KINDS.get(SCALAR_NAMES[field.kind], "text")
