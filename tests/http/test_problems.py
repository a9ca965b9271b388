from __future__ import annotations

import json

import pytest
from starlette.exceptions import HTTPException

from protogate.cqrs.conflicts import UnresolvableConflictError
from protogate.cqrs.errors import (
    ClaimedError,
    ConflictError,
    DataError,
    KeyReusedError,
    RefusedError,
    StoreUnavailableError,
    UnknownAggregateError,
)
from protogate.cqrs.handling import KeyInFlightError
from protogate.http.problems import BodyTooLargeError, MalformedBodyError, WrongMediaTypeError, pointer, problem_of


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (UnknownAggregateError("user", "1"), 404, "unknown-aggregate"),
        (ConflictError("user/1", "version 1", 2), 409, "version-conflict"),
        (KeyInFlightError("k"), 409, "key-in-flight"),
        (KeyReusedError("POST /x", "k"), 422, "key-reused"),
        (ClaimedError("user.email", "a@x"), 409, "refused"),
        (RefusedError("no"), 409, "refused"),
        (UnresolvableConflictError(()), 409, "unresolvable-conflict"),
        (DataError("bad"), 422, "invalid"),
        (MalformedBodyError("bad"), 400, "malformed-body"),
        (WrongMediaTypeError("bad"), 415, "wrong-media-type"),
        (BodyTooLargeError("big"), 413, "body-too-large"),
        (StoreUnavailableError("/secret/events.db: the disk is full", retry_after=2.4), 503, "unavailable"),
        (HTTPException(405), 405, "http-405"),
        (ZeroDivisionError("secret"), 500, "defect"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_failure_has_its_status(error: Exception, status: int, kind: str) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.kind) == (status, kind)
    document = json.loads(problem.body("/here"))
    assert document["type"] == f"urn:protogate:problem:{kind}"
    assert document["status"] == status
    assert document["instance"] == "/here"
    assert document["title"]
    assert document["detail"]


def test_what_is_inside_stays_inside() -> None:
    for error in (StoreUnavailableError("/secret/events.db"), ZeroDivisionError("secret")):
        assert b"secret" not in problem_of(error).body("/")


def test_a_conflict_tells_the_present_version() -> None:
    assert json.loads(problem_of(ConflictError("user/1", "version 1", 7)).body("/"))["current_version"] == 7


def test_who_may_try_again_hears_when() -> None:
    assert problem_of(StoreUnavailableError("x", retry_after=2.4)).headers == (("Retry-After", "2"),)
    assert problem_of(StoreUnavailableError("x")).headers == (("Retry-After", "1"),)
    assert problem_of(KeyInFlightError("k", retry_after=0.2)).headers == (("Retry-After", "1"),)


def test_pointers_escape_what_they_must() -> None:
    assert pointer(["a/b", "~", 0]) == "/a~1b/~0/0"
