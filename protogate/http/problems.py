"""Problem documents (RFC 9457): one table from errors to statuses, and the handlers that apply it to everything."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from protogate.cqrs.conflicts import UnresolvableConflictError
from protogate.cqrs.errors import (
    ConflictError,
    CqrsError,
    DataError,
    KeyReusedError,
    RefusedError,
    StoreUnavailableError,
    UnknownAggregateError,
)
from protogate.cqrs.handling import KeyInFlightError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.applications import Starlette
    from starlette.requests import HTTPConnection, Request

__all__ = [
    "MEDIA_TYPE",
    "MOST_MISTAKES",
    "BodyTooLargeError",
    "MalformedBodyError",
    "Problem",
    "WrongMediaTypeError",
    "install_problems",
    "problem_of",
    "problem_response",
]

MEDIA_TYPE: Final = "application/problem+json"
MOST_MISTAKES: Final = 100
"""That are told: a body of a megabyte can have a hundred thousand."""
_SPACE: Final = "urn:protogate:problem:"
_LOG: Final = logging.getLogger(__name__)


class MalformedBodyError(CqrsError):
    """The body is no JSON."""


class WrongMediaTypeError(CqrsError):
    """The body is said to be something else than JSON."""


class BodyTooLargeError(CqrsError):
    """The body has more bytes than are taken."""


class Problem(NamedTuple):
    """One problem document."""

    status: int
    kind: str
    """The end of its `type`, stable."""
    title: str
    detail: str
    errors: tuple[Mapping[str, Any], ...] = ()
    """Each mistake in a document: `pointer` (RFC 6901) or `parameter`, and `detail`."""
    more: Mapping[str, Any] = {}
    """Further members."""
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, instance: str) -> bytes:
        """The document about a request to a path."""
        document: dict[str, Any] = {
            "type": f"{_SPACE}{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.more,
        }
        if self.errors:
            document["errors"] = list(self.errors)
        return orjson.dumps(document)


class _Row(NamedTuple):
    error: type[Exception]
    status: int
    kind: str
    title: str


_TABLE: Final = (
    _Row(UnknownAggregateError, 404, "unknown-aggregate", "There is no such thing"),
    _Row(UnresolvableConflictError, 409, "unresolvable-conflict", "Changes that nobody can merge"),
    _Row(ConflictError, 409, "version-conflict", "It has changed meanwhile"),
    _Row(KeyInFlightError, 409, "key-in-flight", "The first command with this key is not done yet"),
    _Row(KeyReusedError, 422, "key-reused", "The idempotency key was used for another command"),
    _Row(RefusedError, 409, "refused", "Not possible in this state"),
    _Row(MalformedBodyError, 400, "malformed-body", "The body is no JSON"),
    _Row(WrongMediaTypeError, 415, "wrong-media-type", "The body must be JSON"),
    _Row(BodyTooLargeError, 413, "body-too-large", "The body is too large"),
    _Row(DataError, 422, "invalid", "The request breaks a rule"),
    _Row(ClientDisconnect, 400, "cut-off", "The request ended before it was whole"),
    _Row(StoreUnavailableError, 503, "unavailable", "Cannot be done right now"),
)
"""First match wins, so what is more special stands above."""


def problem_of(error: Exception) -> Problem:
    """Say what a failure means to the caller; what is not in the table is a defect and says nothing of the inside."""
    if isinstance(error, RequestValidationError | ValidationError):
        return _invalid(error.errors())
    if isinstance(error, HTTPException):
        return _plain(error.status_code, str(error.detail), error.headers or {})
    row = next((row for row in _TABLE if isinstance(error, row.error)), None)
    if row is None:
        return Problem(500, "defect", "A defect of the server", "The request could not be carried out; see its log.")
    more: dict[str, Any] = {}
    if isinstance(error, ConflictError):
        more = {"current_version": error.actual}
    elif isinstance(error, UnresolvableConflictError):
        more = {"conflicts": [one.as_dict() for one in error.conflicts]}
    # A place in a file system or the address of a database is nobody's business outside.
    detail = "The event store cannot answer; nothing was written." if row.status == 503 else str(error) or row.title  # noqa: PLR2004
    retry = getattr(error, "retry_after", None)
    headers = (("Retry-After", str(max(1, round(retry)))),) if retry is not None else ()
    return Problem(row.status, row.kind, row.title, detail, more=more, headers=headers)


def problem_response(problem: Problem, instance: str) -> Response:
    """Answer with a problem document."""
    response = Response(problem.body(instance), problem.status, media_type=MEDIA_TYPE)
    for name, value in problem.headers:
        response.headers[name] = value
    return response


def answer_error(connection: HTTPConnection, error: Exception) -> Response:
    """Answer a request that failed; defects and an unavailable store go to the log."""
    problem = problem_of(error)
    if problem.kind == "defect":
        _LOG.error("%s failed", connection.url.path, exc_info=error)
    elif problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.warning("%s: %s", connection.url.path, error)
    return problem_response(problem, connection.url.path)


def install_problems(app: Starlette) -> None:
    """Make every failure of an application a problem document."""

    async def handle(request: Request, error: Exception) -> Response:
        return answer_error(request, error)

    for kind in (HTTPException, RequestValidationError, ValidationError, CqrsError, Exception):
        app.add_exception_handler(kind, handle)


def pointer(parts: Sequence[str | int]) -> str:
    """A JSON Pointer.

    >>> pointer(["a/b", 0])
    '/a~1b/0'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _invalid(errors: Sequence[Any]) -> Problem:
    listed = tuple(_mistake(one) for one in errors[:MOST_MISTAKES])
    first = listed[0] if listed else {"detail": "invalid"}
    place = first.get("pointer") or first.get("parameter") or "the document"
    return Problem(422, "invalid", "The request breaks a rule", f"{place}: {first['detail']}", listed)


def _mistake(error: Any) -> dict[str, Any]:  # noqa: ANN401 - what pydantic lists
    where = tuple(error["loc"])
    if where and where[0] in {"query", "path", "header"}:
        return {"parameter": ".".join(map(str, where[1:])), "in": where[0], "detail": error["msg"]}
    return {"pointer": pointer(where[1:] if where[:1] == ("body",) else where), "detail": error["msg"]}


def _plain(status: int, detail: str, headers: Mapping[str, str]) -> Problem:
    phrase = HTTPStatus(status).phrase
    said = detail if detail != phrase else f"{phrase}."
    return Problem(status, f"http-{status}", phrase, said, headers=tuple(headers.items()))
