"""What the server says of itself, and what it answers without keeping anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import ContextNotEmptyError, InvalidError, StoreError
from registry.server.answers import answer
from registry.server.http import Reply
from registry.server.lookups import context_in, page_of
from registry.server.routing import Route, Work

if TYPE_CHECKING:
    from registry.server.desk import Desk
    from registry.server.http import Call

__all__ = ["ROUTES"]


class _AssociationsNotKeptError(InvalidError):
    """Topics and subjects are matched by name here."""

    code = 42212


def _root(_desk: Desk, _call: Call) -> Reply:
    return answer({})


def _alive(_desk: Desk, _call: Call) -> Reply:
    return answer({"status": "alive"})


def _ready(desk: Desk, _call: Call) -> Reply:
    if not desk.store.is_alive():
        raise StoreError("the database does not answer")
    return answer({"status": "ready"})


def _contexts(desk: Desk, call: Call) -> Reply:
    return answer(page_of(call, [context or "." for context in desk.registry.contexts()]))


def _delete_context(desk: Desk, call: Call) -> Reply:
    context = context_in(call.params["context"])
    prefix = f":{context}:" if context else ""
    if not context or desk.registry.subjects(prefix, deleted=True):
        raise ContextNotEmptyError(f"context {context or '.'!r}: delete its subjects for good first")
    return Reply(204, b"")


def _server_id(_desk: Desk, _call: Call) -> Reply:
    cluster = {"kafka-cluster": "", "schema-registry-cluster": "protogate"}
    return answer({"id": "", "scope": {"path": [], "clusters": cluster}})


def _server_version(desk: Desk, _call: Call) -> Reply:
    return answer({"version": desk.program_version, "commitId": ""})


def _deployment(_desk: Desk, _call: Call) -> Reply:
    return answer({"attributes": ["deploymentScope:protogate"]})


def _no_associations(_desk: Desk, _call: Call) -> Reply:
    # Clients ask for every topic and take TopicNameStrategy when there is none.
    return answer([])


def _refuse_association(_desk: Desk, _call: Call) -> Reply:
    raise _AssociationsNotKeptError("associations are not kept: a topic finds its subject by name, <topic>-value")


def _forget_associations(_desk: Desk, _call: Call) -> Reply:
    return Reply(204, b"")


_ASSOCIATIONS = (
    "/associations/subjects/{name}",
    "/associations/resources/{name}",
    "/associations/resources/{name}/{resource}",
)

ROUTES = (
    Route("GET", "/", _root),
    Route("GET", "/livez", _alive),
    Route("GET", "/readyz", _ready),
    Route("GET", "/contexts", _contexts),
    Route("DELETE", "/contexts/{context}", _delete_context, Work.WRITE),
    Route("GET", "/v1/metadata/id", _server_id),
    Route("GET", "/v1/metadata/version", _server_version),
    Route("GET", "/v1/metadata/deployment", _deployment),
    Route("POST", "/associations", _refuse_association),
    Route("PUT", "/associations", _refuse_association),
    Route("POST", "/associations:batchMutate", _refuse_association),
    *(Route("GET", pattern, _no_associations) for pattern in _ASSOCIATIONS),
    *(Route("DELETE", pattern, _forget_associations) for pattern in _ASSOCIATIONS),
)
