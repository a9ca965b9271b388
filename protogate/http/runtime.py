"""From requests to commands and queries, and from their answers to responses."""

from __future__ import annotations

import hashlib
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotations of endpoints
from starlette.responses import Response

from protogate.cqrs.errors import UnknownAggregateError
from protogate.cqrs.handling import Call, CommandRuntime
from protogate.cqrs.ids import uuid7
from protogate.cqrs.messages import Answer, Expectation, split_stream
from protogate.cqrs.replay import load
from protogate.http.binding import bind
from protogate.http.headers import expected_version, idempotency_key
from protogate.http.openapi import operation
from protogate.http.problems import BodyTooLargeError, MalformedBodyError, WrongMediaTypeError
from protogate.models.documents import CANONICAL, document_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from fastapi import APIRouter
    from fastapi.routing import APIRoute

    from protogate.cqrs.handling import Context, Decision
    from protogate.cqrs.messages import Committed, Expected
    from protogate.cqrs.ports import EventStore
    from protogate.cqrs.replay import Fold, Loaded
    from protogate.http.routes import Route
    from protogate.models import Message
    from protogate.models.documents import Style

__all__ = ["QueryContext", "Runtime"]

State = TypeVar("State")

_BODY_LIMIT: Final = 2 * 1024 * 1024
"""Bytes; what is larger belongs into an upload, not into a command."""
_JSON: Final = "application/json"
_WANTED_HEADERS: Final = frozenset(
    {b"idempotency-key", b"if-match", b"x-correlation-id", b"x-request-id", b"traceparent", b"tracestate"}
)
_NO_QUERY: Final[Mapping[str, str]] = {}
_LONGEST_HEADER: Final = 512
"""Characters of a header that goes along with events for ever; as W3C asks for `tracestate`."""


class QueryContext:
    """What a query may read and know."""

    def __init__(self, store: EventStore, principal: str, metadata: Mapping[str, Any]) -> None:
        """Answer one request."""
        self.store = store
        self.principal = principal
        self.metadata = metadata

    async def load(self, stream: str, fold: Fold[State]) -> Loaded[State]:
        """An aggregate as it is now; version 0 without events."""
        return await load(self.store, stream, fold)

    async def existing(self, stream: str, fold: Fold[State]) -> Loaded[State]:
        """An aggregate that has events.

        Raises:
            UnknownAggregateError: it has none.
        """
        loaded = await load(self.store, stream, fold)
        if not loaded.version:
            raise UnknownAggregateError(*split_stream(stream))
        return loaded


class _RequestContext(QueryContext):
    """Finds out what is about the request only when a query wants to know."""

    def __init__(self, store: EventStore, request: Request) -> None:
        self.store = store
        self._request = request

    @cached_property
    def principal(self) -> str:  # type: ignore[override]
        """Who asks."""
        return _principal(self._request)

    @cached_property
    def metadata(self) -> Mapping[str, Any]:  # type: ignore[override]
        """What would go along with events."""
        return _metadata(_headers(self._request), self.principal)


class Runtime:
    """Makes endpoints of handlers; one for an application."""

    def __init__(  # noqa: PLR0913 - all but the store have a default
        self,
        store: EventStore,
        *,
        commands: CommandRuntime | None = None,
        body_limit: int = _BODY_LIMIT,
        style: Style = CANONICAL,
        admit: Callable[[Request, Route], Awaitable[None] | None] | None = None,
        route_class: type[APIRoute] | None = None,
    ) -> None:
        """Work on a store.

        Args:
            store: where events are.
            commands: carries out commands; by default one on the store.
            body_limit: bytes of a body at most.
            style: how documents are written; every style is read.
            admit: called before anything of a request is read; raises what refuses it, or gives what to wait for.
            route_class: of the routes, if the application has its own.
        """
        self.store = store
        self.commands = commands or CommandRuntime(store)
        self.routes: list[Route] = []
        self.style = style
        self._body_limit = body_limit
        self._admit = admit
        self._route_class = route_class

    def add_command(
        self, router: APIRouter, route: Route, handler: Callable[[Any, Context], Awaitable[Decision[Any]]]
    ) -> None:
        """Carry out a command at its route."""

        def encode(response: Message) -> Answer:
            headers = (("content-type", _JSON), *_version_header(response))
            return Answer(route.status, self._document(route, response), headers)

        async def endpoint(request: Request) -> Response:
            body = await self._body(request)
            message = self._bound(route, request, _query(route, request), body)
            call = _call(route, request, message, body)
            committed = await self.commands.execute(call, lambda context: handler(message, context), encode)
            return _response(committed, call)

        self.add_endpoint(router, route, endpoint)

    def add_query(
        self, router: APIRouter, route: Route, handler: Callable[[Any, QueryContext], Awaitable[Any]]
    ) -> None:
        """Answer a query at its route."""

        async def endpoint(request: Request) -> Response:
            body = await self._body(request) if route.body else None
            message = self._bound(route, request, _query(route, request), body)
            response = await handler(message, self._query_context(request))
            return Response(self._document(route, response), route.status, dict(_version_header(response)), _JSON)

        self.add_endpoint(router, route, endpoint)

    def add_stream(
        self, router: APIRouter, route: Route, handler: Callable[[Any, QueryContext], AsyncIterator[Any]]
    ) -> None:
        """Answer a query with a stream of server-sent events; the id of each is its `position`, if it has one."""
        from sse_starlette import EventSourceResponse  # noqa: PLC0415 - only where something streams

        async def endpoint(request: Request) -> Response:
            query = dict(request.query_params)
            resumed = request.headers.get("last-event-id")
            if resumed and any(parameter.name == "after" for parameter in route.parameters):
                query["after"] = resumed
            message = self._bound(route, request, query, None)
            answers = handler(message, self._query_context(request))

            async def frames() -> AsyncIterator[bytes]:
                async for answer in answers:
                    yield self._frame(route, answer)

            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            response: Response = EventSourceResponse(frames(), headers=headers)
            return response

        self.add_endpoint(router, route, endpoint)

    def add_endpoint(self, router: APIRouter, route: Route, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        """Answer requests at a route by other means than handlers; the contract describes it all the same."""
        # A method that can be called in several ways has an operation for each.
        again = any(one.full_name == route.full_name for one in self.routes)
        self.routes.append(route)
        router.add_api_route(
            route.path,
            endpoint if self._admit is None else _admitted(endpoint, route, self._admit),
            methods=[route.verb],
            status_code=route.status,
            name=route.full_name,
            summary=route.summary or route.method,
            operation_id=f"{route.full_name} {route.verb} {route.path}" if again else route.full_name,
            response_model=None,
            openapi_extra=operation(route),
            route_class_override=self._route_class,
        )

    def _bound(
        self,
        route: Route,
        request: Request,
        query: Mapping[str, str],
        body: Any,  # noqa: ANN401 - as parsed
    ) -> Message:
        return bind(route, request.path_params, query, body, proto_names=self.style.proto_names)

    def _query_context(self, request: Request) -> QueryContext:
        return _RequestContext(self.store, request)

    def _document(self, route: Route, response: Message) -> bytes:
        document: Any = document_of(response, self.style)
        if route.response_body:
            name = route.response_body
            document = document.get(name, document.get(_json_name(name)))
        return orjson.dumps(document)

    def _frame(self, route: Route, answer: Message) -> bytes:
        position = getattr(answer, "position", None)
        name = b"" if position is None else b"id: %d\n" % position
        return name + b"data: " + self._document(route, answer) + b"\n\n"

    async def _body(self, request: Request) -> Any:  # noqa: ANN401 - what the JSON holds
        """Read and parse a body; None where there is none."""
        declared = _header(request, b"content-length")
        if declared.isdecimal() and int(declared) > self._body_limit:
            raise BodyTooLargeError(f"the body has {declared} bytes; {self._body_limit} are taken at most")
        chunks = bytearray()
        async for chunk in request.stream():
            chunks += chunk
            if len(chunks) > self._body_limit:
                raise BodyTooLargeError(f"the body has more than {self._body_limit} bytes, which are taken at most")
        if not chunks:
            return None
        kind = _header(request, b"content-type", _JSON).partition(";")[0].strip().lower()
        if kind != _JSON and not kind.endswith("+json"):
            raise WrongMediaTypeError(f"the body is said to be {kind!r}; send {_JSON}")
        try:
            return orjson.loads(chunks)
        except orjson.JSONDecodeError as error:
            raise MalformedBodyError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None


def _admitted(
    endpoint: Callable[[Request], Awaitable[Response]],
    route: Route,
    admit: Callable[[Request, Route], Awaitable[None] | None],
) -> Callable[[Request], Awaitable[Response]]:
    async def admitted(request: Request) -> Response:
        waiting = admit(request, route)
        if waiting is not None:
            await waiting
        return await endpoint(request)

    return admitted


def _call(route: Route, request: Request, message: Message, body: Any) -> Call:  # noqa: ANN401 - as parsed
    """What came with the request beside its body."""
    headers = _headers(request)
    key = idempotency_key(headers.get(b"idempotency-key"))
    in_body = _at(message, route.idempotency_key) if route.idempotency_key else ""
    if key and in_body and key != in_body:
        raise HTTPException(400, f"Idempotency-Key is {key!r} and {route.idempotency_key} is {in_body!r}; send one")
    expected: Expected = expected_version(headers.get(b"if-match"))
    in_message = message.__dict__.get("expected_version")
    if in_message is not None:
        if expected not in {Expectation.ANY, in_message}:
            raise HTTPException(400, f"If-Match and expected_version {in_message} are at odds; send one")
        expected = in_message
    key = key or in_body
    principal = _principal(request)
    return Call(
        f"{route.verb} {route.path}",
        _fingerprint(request, body) if key else b"",
        key,
        expected,
        principal,
        _metadata(headers, principal),
    )


def _fingerprint(request: Request, body: Any) -> bytes:  # noqa: ANN401 - as parsed
    """What tells one command from another with the same key: the path, and the body in any order of its members."""
    text = orjson.dumps([request.scope["path"], body], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=16).digest()


def _response(committed: Committed, call: Call) -> Response:
    answer = committed.answer
    if answer is None:
        raise AssertionError("a command always has an answer")
    headers = {**dict(answer.headers), "x-correlation-id": call.metadata["correlation_id"]}
    if committed.is_replay:
        headers["idempotent-replayed"] = "true"
    return Response(answer.body, answer.status, headers)


def _query(route: Route, request: Request) -> Mapping[str, str]:
    """The query, where a route has something in it."""
    return request.query_params if any(one.place == "query" for one in route.parameters) else _NO_QUERY


def _header(request: Request, wanted: bytes, default: str = "") -> str:
    """A header; of those that come twice the first one."""
    for name, value in request.scope["headers"]:
        if name == wanted:
            return str(value, "latin-1")
    return default


def _headers(request: Request) -> dict[bytes, str]:
    """The headers that matter here, found in one walk; of those that come twice the first one."""
    found: dict[bytes, str] = {}
    for name, value in request.scope["headers"]:
        if name in _WANTED_HEADERS and name not in found:
            found[name] = value.decode("latin-1")
    return found


def _metadata(headers: Mapping[bytes, str], principal: str) -> dict[str, Any]:
    """What goes along with each event."""
    correlation_id = headers.get(b"x-correlation-id") or headers.get(b"x-request-id") or ""
    if not 0 < len(correlation_id) <= _LONGEST_HEADER:
        correlation_id = _fresh_id()
    found = {"correlation_id": correlation_id}
    for header in (b"traceparent", b"tracestate"):
        text = headers.get(header, "")
        if 0 < len(text) <= _LONGEST_HEADER:
            found[header.decode()] = text
    return {**found, "actor": principal} if principal else found


def _fresh_id() -> str:
    return uuid7(time.time_ns() // 1000)


def _principal(request: Request) -> str:
    return str(getattr(request.state, "principal", "") or "")


def _version_header(response: Message) -> tuple[tuple[str, str], ...]:
    version = getattr(response, "version", None)
    return (("etag", f'"{version}"'),) if isinstance(version, int) and version else ()


def _at(message: Any, path: str) -> str:  # noqa: ANN401 - a message or a part of one
    """The text at a path of fields; empty where it is not set."""
    for name in path.split("."):
        message = getattr(message, name, None)
        if message is None:
            return ""
    return str(message)


def _json_name(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)
