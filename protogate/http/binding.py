"""From path, query and body to the request message of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from protogate.http.problems import MOST_MISTAKES
from protogate.models import Message
from protogate.models.layout import layout_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import QueryParams

    from protogate.http.routes import Parameter, Route
    from protogate.models.layout import FieldLayout

__all__ = ["bind"]

_WORDS: Final = {"true": True, "false": False}


def bind(
    route: Route,
    path: Mapping[str, str],
    query: QueryParams | Mapping[str, str],
    body: Any,  # noqa: ANN401 - as parsed
    *,
    proto_names: bool = False,
) -> Message:
    """Make the request message.

    Args:
        route: says what stands where.
        path: its variables.
        query: its parameters; those that the contract does not know are left alone, as links pick them up on the way.
        body: parsed JSON, None without a body.
        proto_names: whether mistakes name what is missing as the contract does, rather than as ProtoJSON does.

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
        mistakes = [
            {**one, "loc": _as_written(route.request, one["loc"], document, proto_names=proto_names)}
            for one in error.errors(include_url=False, include_input=False)[:MOST_MISTAKES]
        ]
        raise RequestValidationError([_placed(route, one) for one in mistakes]) from None


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


def _as_written(
    model: type[Message] | None,
    where: Sequence[str | int],
    document: Any,  # noqa: ANN401 - as parsed
    *,
    proto_names: bool,
) -> tuple[str | int, ...]:
    """The place of a mistake with the names that the caller uses, who may spell a field in two ways."""
    found: list[str | int] = []
    for part in where:
        field = _field_of(model, part)
        name = part
        if field is not None:
            spelled = [
                one for one in (field.json_name, field.proto_name) if isinstance(document, dict) and one in document
            ]
            name = spelled[0] if spelled else field.proto_name if proto_names else field.json_name
        found.append(name)
        document = _member(document, name)
        if field is not None:
            model = None if model is None else _message_in(model.model_fields[field.attribute].annotation)
    return tuple(found)


def _field_of(model: type[Message] | None, part: str | int) -> FieldLayout | None:
    if model is None:
        return None
    return next((one for one in layout_of(model).fields if part in {one.json_name, one.proto_name}), None)


def _member(document: Any, name: str | int) -> Any:  # noqa: ANN401 - as parsed
    if isinstance(document, dict):
        return document.get(name)
    if isinstance(document, list) and isinstance(name, int) and name < len(document):
        return document[name]
    return None


def _message_in(annotation: Any) -> type[Message] | None:  # noqa: ANN401 - a type of whatever form
    """The model of which a field is made, alone, in a list or in a map."""
    if isinstance(annotation, type) and issubclass(annotation, Message):
        return annotation
    return next(filter(None, map(_message_in, get_args(annotation))), None)


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
