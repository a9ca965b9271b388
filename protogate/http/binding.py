"""From path, query and body to the request message of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import QueryParams

    from protogate.http.routes import Parameter, Route
    from protogate.models import Message

__all__ = ["bind"]

_WORDS: Final = {"true": True, "false": False}


def bind(
    route: Route,
    path: Mapping[str, str],
    query: QueryParams | Mapping[str, str],
    body: Any,  # noqa: ANN401 - as parsed
) -> Message:
    """Make the request message.

    Args:
        route: says what stands where.
        path: its variables.
        query: its parameters; those that the contract does not know are left alone, as links pick them up on the way.
        body: parsed JSON, None without a body.

    Raises:
        RequestValidationError: a part breaks a rule; the places are those of the caller: path, query or body.
    """
    document: dict[str, Any] = {}
    if route.body == "*":
        document = _whole_body(body)
    elif route.body and body is not None:
        document[route.body] = body
    elif route.body:
        # An empty body is an empty message, which may be all that a command needs.
        document[route.body] = {}
    for parameter in route.parameters:
        in_path = parameter.place == "path"
        value = path.get(parameter.name.replace(".", "__")) if in_path else _from_query(parameter, query)
        if value is not None:
            _put(document, parameter.name.split("."), _read(parameter, value))
    try:
        return route.request.model_validate(document)
    except ValidationError as error:
        raise RequestValidationError([_placed(route, one) for one in error.errors()]) from None


def _whole_body(body: Any) -> dict[str, Any]:  # noqa: ANN401 - as parsed
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise RequestValidationError([{"loc": ("body",), "msg": "must be a JSON object", "type": "object"}])
    return dict(body)


def _from_query(parameter: Parameter, query: QueryParams | Mapping[str, str]) -> str | list[str] | None:
    if parameter.name not in query:
        return None
    if not parameter.is_repeated:
        return query[parameter.name]
    getlist = getattr(query, "getlist", None)
    return list(getlist(parameter.name)) if getlist else [query[parameter.name]]


def _read(parameter: Parameter, value: str | list[str]) -> Any:  # noqa: ANN401 - what ProtoJSON takes
    """Texts as ProtoJSON takes them: only booleans have no text form there; numbers do."""
    if isinstance(value, list):
        return [_read(parameter._replace(is_repeated=False), one) for one in value]
    if parameter.kind == "boolean":
        return _WORDS.get(value, value)
    return value


def _put(document: dict[str, Any], path: Sequence[str], value: object) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value


def _placed(route: Route, error: Any) -> dict[str, Any]:  # noqa: ANN401 - what pydantic lists
    """The mistake, at the place where the caller wrote it."""
    where = tuple(error["loc"])
    named = {parameter.name: parameter for parameter in route.parameters}
    for count in range(len(where), 0, -1):
        parameter = named.get(".".join(map(str, where[:count]))) or named.get(_snake(where[:count]))
        if parameter is not None:
            return {**error, "loc": (parameter.place, parameter.name, *where[count:])}
    if route.body not in {"", "*"} and where and str(where[0]) in {route.body, _camel(route.body)}:
        where = where[1:]
    return {**error, "loc": ("body", *where)}


def _snake(where: Sequence[str | int]) -> str:
    return ".".join(
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in str(part)) for part in where
    )


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)
