"""What the routes of contracts say in an OpenAPI document: their own models, and every answer that they may give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from protogate.http.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI

    from protogate.http.routes import Parameter, Route
    from protogate.http.runtime import Runtime

__all__ = ["install_openapi", "operation"]

_REF: Final = "#/components/schemas/{model}"
_EXTENSION: Final = "x-protogate-route"
"""Stands in an operation until the models of all routes are known, and then gives way to references to them."""
_PROBLEM: Final = {
    "title": "Problem",
    "description": "RFC 9457",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_PROBLEMS: Final = {
    "400": "The body is no JSON, or a header is malformed",
    "401": "No valid token came with the request",
    "403": "The token does not allow this",
    "404": "There is no such thing",
    "409": "Not possible in this state: another version, a refusal, or a key that is in flight",
    "413": "The body is too large",
    "415": "The body is not JSON",
    "422": "The request breaks a rule",
    "429": "Too many requests",
    "500": "A defect of the server",
    "503": "Cannot be done right now; see Retry-After",
}
_ONLY_COMMANDS: Final = frozenset({"409", "413", "415"})
_ALWAYS: Final = ("401", "403", "500", "503")
_JSON: Final = "application/json"
_PROBLEM_CONTENT: Final = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
_KINDS: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
}


def operation(route: Route) -> dict[str, Any]:
    """What a route adds to its operation; references to models are put in by `install_openapi`."""
    return {_EXTENSION: _place(route), "tags": [route.service]}


def install_openapi(app: FastAPI, runtime: Runtime) -> None:
    """Let the application describe all routes that the runtime has."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            app.openapi_schema = _completed(document, runtime)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _completed(document: dict[str, Any], runtime: Runtime) -> dict[str, Any]:
    routes = {_place(route): route for route in runtime.routes}
    names, definitions = _models(runtime)
    for path in document.get("paths", {}).values():
        for verb, described in path.items():
            route = routes.get(described.pop(_EXTENSION, ""))
            if route is not None:
                path[verb] = {**described, **_details(route, names, definitions, runtime)}
            else:
                _may_always_fail(described)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(definitions)
    schemas["Problem"] = _PROBLEM
    return document


def _place(route: Route) -> str:
    """Tells the ways to call one method apart."""
    return f"{route.verb} {route.path}"


def _models(runtime: Runtime) -> tuple[dict[Any, Any], dict[str, Any]]:
    """References to the models of all routes, by model and mode, and their definitions."""
    wanted = {(route.request, "validation") for route in runtime.routes}
    wanted |= {(route.response, _mode(runtime)) for route in runtime.routes}
    ordered: Any = sorted(wanted, key=lambda one: (one[0].__proto__, one[1]))
    references, definitions = models_json_schema(ordered, by_alias=not runtime.style.proto_names, ref_template=_REF)
    described: dict[str, Any] = definitions.get("$defs", {})
    for definition in described.values():
        _require_what_has_no_default(definition)
    return dict(references), described


def _require_what_has_no_default(definition: dict[str, Any]) -> None:
    """A field whose zero breaks its own rules cannot be left out, whatever the model's default is."""
    required = definition.get("required", [])
    properties = definition.get("properties", {})
    needed = [name for name, schema in properties.items() if name in required or not _takes_zero(schema)]
    if needed:
        definition["required"] = needed
    for name in needed:
        properties[name].pop("default", None)


def _takes_zero(schema: dict[str, Any]) -> bool:
    """Whether the default of a field, the zero of its type, passes the rules that stand in its schema."""
    kind = schema.get("type")
    if kind == "string":
        pattern = schema.get("pattern", "")
        return not schema.get("minLength") and (not pattern or re.search(pattern, "") is not None)
    if kind in {"integer", "number"}:
        parts = [schema, *schema.get("allOf", ())]
        return all(_meets(0, part) for part in parts)
    if kind == "array":
        return not schema.get("minItems")
    return kind != "object" or not schema.get("minProperties")


def _meets(value: int, bounds: dict[str, Any]) -> bool:
    return (
        bounds.get("minimum", value) <= value <= bounds.get("maximum", value)
        and ("exclusiveMinimum" not in bounds or bounds["exclusiveMinimum"] < value)
        and ("exclusiveMaximum" not in bounds or value < bounds["exclusiveMaximum"])
    )


def _mode(runtime: Runtime) -> str:
    """Which schema describes answers: where 64-bit integers may be numbers, that of all that readers accept."""
    return "validation" if runtime.style.numbers else "serialization"


def _details(route: Route, names: dict[Any, Any], definitions: dict[str, Any], runtime: Runtime) -> dict[str, Any]:
    request = names[route.request, "validation"]
    details: dict[str, Any] = {
        "parameters": [*(_parameter(one, request, definitions) for one in route.parameters), *_headers(route)],
        "responses": _responses(route, _part(names[route.response, _mode(runtime)], route.response_body)),
    }
    if route.body:
        whole = route.body == "*"
        name = route.body if runtime.style.proto_names else _camel(route.body)
        schema = request if whole else _part(request, name)
        required = _resolved(request, definitions).get("required", [])
        details["requestBody"] = {
            "required": bool(required) if whole else name in required,
            "content": {_JSON: {"schema": schema}},
        }
    return details


def _part(reference: dict[str, Any], field: str) -> dict[str, Any]:
    """A reference to a field of a model."""
    return {"$ref": f"{reference['$ref']}/properties/{field}"} if field else reference


def _parameter(parameter: Parameter, request: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A parameter with the rules that its field has in the contract."""
    field = _field(parameter.name, request, definitions)
    schema = _as_text(field) or _KINDS[parameter.kind]
    if parameter.is_repeated and schema.get("type") != "array":
        schema = {"type": "array", "items": schema}
    described = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.is_required or parameter.place == "path",
        "schema": schema,
    }
    if "description" in field:
        described["description"] = field["description"]
    return described


def _field(path: str, request: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a field at a path of names; empty if it has none of its own."""
    schema = request
    for name in path.split("."):
        properties = _resolved(schema, definitions).get("properties", {})
        schema = properties.get(name) or properties.get(_camel(name)) or {}
    return schema


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The definition behind a reference, also behind one that may be null."""
    for part in (schema, *schema.get("anyOf", ())):
        if "$ref" in part:
            found: dict[str, Any] = definitions[part["$ref"].rpartition("/")[2]]
            return found
    return schema


def _as_text(field: dict[str, Any]) -> dict[str, Any]:
    """What of a field's schema a parameter can be: never null, and a number rather than its text in a document."""
    schema = {name: value for name, value in field.items() if name not in {"default", "description", "title"}}
    kinds = [one for one in schema.pop("anyOf", ()) if one.get("type") != "null"]
    if kinds:
        schema |= next((one for one in kinds if one.get("type") == "integer"), kinds[0])
    for bounds in schema.pop("allOf", ()):
        for name, value in bounds.items():
            closest = {"minimum": max, "maximum": min}.get(name, _latter)
            schema[name] = closest(schema[name], value) if name in schema else value
    return schema


def _latter(_one: object, other: object) -> object:
    return other


def _headers(route: Route) -> list[dict[str, Any]]:
    if route.side != "command":
        return []
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key and body get the same answer, and the command is carried out once.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-\\[\\]-~]+$"},
        },
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The version that the aggregate must have, as its ETag says; * for any.",
            "schema": {"type": "string", "pattern": '^(\\*|"[1-9][0-9]{0,8}")$'},
        },
    ]


def _may_always_fail(described: dict[str, Any]) -> None:
    """What can happen to every request, on a route that is in no contract."""
    for status in _ALWAYS:
        described.setdefault("responses", {}).setdefault(
            status, {"description": _PROBLEMS[status], "content": _PROBLEM_CONTENT}
        )


def _responses(route: Route, schema: dict[str, Any]) -> dict[str, Any]:
    kind = "text/event-stream" if route.is_stream else _JSON
    content: dict[str, Any] = {kind: {} if route.is_stream else {"schema": schema}}
    answers: dict[str, Any] = {str(route.status): {"description": "Done", "content": content}}
    for status, words in _PROBLEMS.items():
        if route.side == "command" or status not in _ONLY_COMMANDS:
            answers[status] = {"description": words, "content": _PROBLEM_CONTENT}
    return answers


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def described_routes(runtime: Runtime) -> Sequence[Route]:
    """The routes that an application describes, in the order in which they were added."""
    return tuple(runtime.routes)
