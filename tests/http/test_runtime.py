"""Generated routers over HTTP, with handlers that a reader can follow."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gateway._gen.user.v1.user_models import (
    ChangeEmailRequest,
    ChangeEmailResponse,
    CreateUserRequest,
    CreateUserResponse,
    DeactivateUserRequest,
    DeactivateUserResponse,
    DualCreateUserRequest,
    DualCreateUserResponse,
    GetUserRequest,
    GetUserResponse,
)
from gateway._gen.user.v1.user_routes import user_command_service_router, user_query_service_router
from protogate.cqrs.handling import Context, Decision
from protogate.cqrs.memory import MemoryStore
from protogate.cqrs.messages import Commit, Committed, NewEvent, StoredEvent, stream_name
from protogate.cqrs.replay import Fold
from protogate.http import QueryContext, Runtime, install_problems
from protogate.http.openapi import install_openapi
from protogate.models.documents import CANONICAL, PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLD: Fold[dict[str, Any]] = Fold("test", {}, lambda state, event: {**state, **event.data}, dict, dict)
BODY = {"email": "a@example.com", "first_name": "A", "last_name": "B"}


class Handlers:
    """One user, `u1`, that anybody may create again."""

    async def create_user(self, request: CreateUserRequest, context: Context) -> Decision[CreateUserResponse]:
        stream = stream_name("user", "u1")
        await context.load(stream, FOLD)

        def respond(events: tuple[StoredEvent, ...], position: int) -> CreateUserResponse:
            return CreateUserResponse(id="u1", event_id=events[-1].id, version=events[-1].version, position=position)

        event = NewEvent("UserCreated", {"email": request.command.email})
        return Decision((context.append(stream, event),), respond)

    async def dual_create_user(
        self, request: DualCreateUserRequest, context: Context
    ) -> Decision[DualCreateUserResponse]:
        event = NewEvent("UserCreated", {"email": request.command.email})
        return Decision(
            (context.append(stream_name("user", "u2"), event),),
            lambda events, _: DualCreateUserResponse(status="success", event_id=events[-1].id, aggregate_id="u2"),
        )

    async def change_email(self, request: ChangeEmailRequest, context: Context) -> Decision[ChangeEmailResponse]:
        stream = stream_name("user", request.id)
        await context.existing(stream, FOLD)
        event = NewEvent("EmailChanged", {"email": request.command.new_email})
        return Decision(
            (context.append(stream, event),),
            lambda events, _: ChangeEmailResponse(id=request.id, version=events[-1].version),
        )

    async def deactivate_user(
        self, request: DeactivateUserRequest, context: Context
    ) -> Decision[DeactivateUserResponse]:
        raise ZeroDivisionError(request.id, context)

    async def get_user(self, request: GetUserRequest, context: QueryContext) -> GetUserResponse:
        loaded = await context.existing(stream_name("user", request.id), FOLD)
        return GetUserResponse(id=request.id, email=loaded.state["email"], active=False, version=loaded.version)


def make_app(
    style: Style = PLAIN, body_limit: int = 10_000, store: MemoryStore | None = None
) -> tuple[FastAPI, MemoryStore]:
    store = store or MemoryStore()
    runtime = Runtime(store, style=style, body_limit=body_limit)
    app = FastAPI()
    app.include_router(user_command_service_router(Handlers(), runtime))
    app.include_router(user_query_service_router(Handlers(), runtime))
    install_problems(app)
    install_openapi(app, runtime)
    return app, store


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(make_app()[0], raise_server_exceptions=False) as client:
        yield client


def test_a_command_answers_with_positions_and_a_tag(client: TestClient) -> None:
    reply = client.post("/commands/user/create", json=BODY, headers={"X-Correlation-Id": "c1"})
    assert reply.status_code == 201
    assert reply.json() == {"id": "u1", "event_id": reply.json()["event_id"], "version": 1, "position": 1}
    assert reply.headers["etag"] == '"1"'
    assert reply.headers["x-correlation-id"] == "c1"
    assert reply.headers["content-type"] == "application/json"


def test_the_same_key_gets_the_same_answer(client: TestClient) -> None:
    first, again = (
        client.post("/commands/user/create", json=BODY, headers={"Idempotency-Key": key}) for key in ('"k1"', "k1")
    )
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["etag"] == again.headers["etag"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    # The order of keys and the space between them make no other body.
    text = json.dumps(dict(reversed(BODY.items())), indent=4)
    assert (
        client.post("/commands/user/create", content=text, headers={"Idempotency-Key": "k1"}).content == first.content
    )


def test_the_same_key_with_another_body_is_refused(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    client.post("/commands/user/create", json=BODY, headers=headers)
    reply = client.post("/commands/user/create", json={**BODY, "first_name": "C"}, headers=headers)
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:protogate:problem:key-reused")


def test_a_field_of_the_contract_may_be_the_key(client: TestClient) -> None:
    body = {**BODY, "command_id": "c1"}
    first, again = (client.post("/commands/user/dual-create", json=body) for _ in range(2))
    assert first.content == again.content
    odd = client.post("/commands/user/dual-create", json=body, headers={"Idempotency-Key": "other"})
    assert odd.status_code == 400


class SlowStore(MemoryStore):
    """Writes only when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_write = asyncio.Event()

    async def commit(self, commit: Commit) -> Committed:
        await self.may_write.wait()
        return await super().commit(commit)


def test_a_command_that_is_not_done_yet_is_not_done_again() -> None:
    store = SlowStore()
    app, _ = make_app(store=store)

    async def work() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"Idempotency-Key": "k1"}
            first = asyncio.create_task(client.post("/commands/user/create", json=BODY, headers=headers))
            await asyncio.sleep(0.05)
            second = await client.post("/commands/user/create", json=BODY, headers=headers)
            assert (second.status_code, second.headers["retry-after"]) == (409, "1")
            store.may_write.set()
            assert (await first).status_code == 201

    asyncio.run(work())


def test_versions_are_held_to(client: TestClient) -> None:
    client.post("/commands/user/create", json=BODY)
    change = {"new_email": "x@example.com"}
    path = "/commands/user/u1/change-email"
    stale = client.post(path, json=change, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["current_version"]) == (409, 1)
    assert client.post(f"{path}?expected_version=7", json=change).status_code == 409
    assert client.post(f"{path}?expected_version=1", json=change, headers={"If-Match": '"2"'}).status_code == 400
    good = client.post(f"{path}?expected_version=1", json=change, headers={"If-Match": '"1"'})
    assert (good.status_code, good.headers["etag"]) == (200, '"2"')


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({**BODY, "email": "bad"}, 422, "/email"),
        ({**BODY, "age": 200}, 422, "/age"),
        ({**BODY, "agee": 2}, 422, "/agee"),
        ({"first_name": "A"}, 422, "/email"),
        ([], 422, ""),
    ],
    ids=["email", "age", "unknown", "missing", "array"],
)
def test_mistakes_stand_at_their_place(client: TestClient, body: object, status: int, pointer: str) -> None:
    reply = client.post("/commands/user/create", json=body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert pointer in [one.get("pointer") for one in reply.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "style", "pointers"),
    [
        ({"email": "a@example.com"}, PLAIN, ["/first_name", "/last_name"]),
        ({"email": "a@example.com"}, CANONICAL, ["/firstName", "/lastName"]),
        ({"email": "a@example.com", "first_name": "", "lastName": ""}, PLAIN, ["/first_name", "/lastName"]),
        ({"email": "a@example.com", "first_name": "", "lastName": ""}, CANONICAL, ["/first_name", "/lastName"]),
    ],
    ids=["missing-plain", "missing-canonical", "written-plain", "written-canonical"],
)
def test_mistakes_have_the_names_that_callers_use(body: object, style: Style, pointers: list[str]) -> None:
    with TestClient(make_app(style)[0]) as client:
        errors = client.post("/commands/user/create", json=body).json()["errors"]
    assert [one["pointer"] for one in errors] == pointers


def test_mistakes_in_the_query_name_the_parameter(client: TestClient) -> None:
    reply = client.post("/commands/user/u1/change-email?expected_version=x", json={"new_email": "a@example.com"})
    assert (reply.status_code, reply.json()["errors"][0]["parameter"]) == (422, "expected_version")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"\xff", {}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b" " * 10_001, {}, 413),
        (json.dumps(BODY).encode(), {"Content-Type": "application/vnd.acme+json; charset=utf-8"}, 201),
        (json.dumps(BODY).encode(), {"Idempotency-Key": '"'}, 400),
        (json.dumps(BODY).encode(), {"If-Match": "x"}, 400),
    ],
    ids=["cut", "not-utf-8", "not-json", "too-large", "other-json", "bad-key", "bad-version"],
)
def test_bodies_and_headers_are_checked(
    client: TestClient, content: bytes, headers: dict[str, str], status: int
) -> None:
    reply = client.post("/commands/user/create", content=content, headers=headers)
    assert reply.status_code == status
    assert status == 201 or reply.json()["status"] == status


def test_a_body_without_a_length_is_bounded_too(client: TestClient) -> None:
    reply = client.post("/commands/user/create", content=(b" " * 1000 for _ in range(50)))
    assert reply.status_code == 413


def test_an_unknown_aggregate_and_a_defect_are_problems(client: TestClient) -> None:
    assert client.post("/commands/user/zz/change-email", json={"new_email": "x@example.com"}).status_code == 404
    assert client.get("/queries/user/zz").json()["detail"] == "user 'zz' does not exist"
    defect = client.post("/commands/user/u1/deactivate")
    assert (defect.status_code, defect.json()["type"]) == (500, "urn:protogate:problem:defect")
    assert client.get("/nowhere").headers["content-type"] == "application/problem+json"
    assert client.put("/queries/user/u1").status_code == 405


def test_documents_have_the_names_and_zeros_of_the_style() -> None:
    for style, expected in (
        (PLAIN, {"id": "u1", "email": "a@example.com", "active": False, "version": 1}),
        (CANONICAL, {"id": "u1", "email": "a@example.com", "version": 1}),
    ):
        with TestClient(make_app(style)[0]) as client:
            client.post("/commands/user/create", json=BODY)
            reply = client.get("/queries/user/u1")
            assert reply.json() == expected
            assert reply.headers["etag"] == '"1"'


def test_parameters_have_the_rules_of_the_contract(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    identifier, version, *_ = document["paths"]["/commands/user/{id}/change-email"]["post"]["parameters"]
    assert identifier["schema"] == {"type": "string", "minLength": 1, "maxLength": 64}
    assert version["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**32 - 1}
    assert version["description"].startswith("Refuses the command")


def test_what_a_rule_needs_is_required(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    # The zero of a name breaks its own rule, whether the contract says `required` or not.
    command = document["components"]["schemas"]["CreateUserCommand"]
    assert command["required"] == ["email", "first_name", "last_name"]
    paths = document["paths"]
    assert paths["/commands/user/create"]["post"]["requestBody"]["required"]
    assert not paths["/commands/user/{id}/deactivate"]["post"]["requestBody"]["required"]


def test_the_openapi_document_names_models_and_problems(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    create = document["paths"]["/commands/user/create"]["post"]
    assert create["operationId"] == "user.v1.UserCommandService.CreateUser"
    body = create["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert body == "#/components/schemas/CreateUserRequest/properties/command"
    assert {"201", "400", "409", "422", "503"} <= set(create["responses"])
    names = [one["name"] for one in document["paths"]["/commands/user/{id}/change-email"]["post"]["parameters"]]
    assert names == ["id", "expected_version", "Idempotency-Key", "If-Match"]
    assert "event_id" in document["components"]["schemas"]["CreateUserResponse"]["properties"]
    assert "x-protogate-route" not in json.dumps(document)
