"""Models as bodies and answers of FastAPI, and the OpenAPI document that says so."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import jsonschema_rs
import pytest
from fastapi import Body, FastAPI
from httpx import ASGITransport, AsyncClient, Response

from tests.targets.pydantic.generated import models

CONTRACT = """
syntax = "proto3";
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/struct.proto";
package api.v1;
enum Kind { KIND_UNSPECIFIED = 0; KIND_PLAIN = 1; }
// A user of the system.
message User {
  // Who it is.
  string user_id = 1 [(buf.validate.field).string.min_len = 1];
  int64 size = 2;
  bytes data = 3;
  google.protobuf.Timestamp created_at = 4;
  Kind kind = 5;
  repeated User friends = 6;
  optional string nick = 7 [deprecated = true];
  google.protobuf.Value extra = 8;
  double ratio = 9;
  map<int64, Kind> kinds = 10;
}
message Empty {}
"""

MODULE = models(CONTRACT)
User: Any = MODULE.User

FULL = {
    "userId": "x",
    "size": "9007199254740993",
    "data": "AAE=",
    "createdAt": "2020-01-01T00:00:00.500Z",
    "kind": "KIND_PLAIN",
    "friends": [{"userId": "y", "kind": 99}],
    "nick": "n",
    "extra": None,
    "ratio": "NaN",
    "kinds": {"-1": "KIND_PLAIN"},
}


class Client:
    """Asks an application in process."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def get(self, path: str) -> Response:
        return asyncio.run(self._ask("GET", path))

    def post(self, path: str, json: object) -> Response:
        return asyncio.run(self._ask("POST", path, json))

    async def _ask(self, method: str, path: str, json: object = None) -> Response:
        async with AsyncClient(transport=ASGITransport(self.app), base_url="http://test") as client:
            return await client.request(method, path, json=json)


@pytest.fixture(scope="module")
def client() -> Client:
    app = FastAPI()

    def echo(user: Annotated[User, Body()]) -> User:
        return user

    def listing(users: Annotated[list[User], Body()]) -> list[User]:
        return users

    def partial(user: Annotated[User, Body()]) -> User:
        return user

    app.post("/echo")(echo)
    app.post("/list")(listing)
    app.post("/partial", response_model_exclude={"data"})(partial)
    return Client(app)


def test_a_document_goes_in_and_comes_out(client: Client) -> None:
    answer = client.post("/echo", json=FULL)
    assert (answer.status_code, answer.json()) == (200, FULL)


def test_defaults_are_left_out_of_the_answer(client: Client) -> None:
    assert client.post("/echo", json={"user_id": "x", "size": 0, "nick": None}).json() == {"userId": "x"}


def test_lists_of_models_work(client: Client) -> None:
    assert client.post("/list", json=[{"userId": "x", "size": 5}]).json() == [{"userId": "x", "size": "5"}]


def test_a_route_may_leave_fields_out(client: Client) -> None:
    assert client.post("/partial", json={"userId": "x", "data": "AA=="}).json() == {"userId": "x"}


def test_a_bad_document_is_told_with_its_path(client: Client) -> None:
    answer = client.post("/echo", json={"friends": [{"userId": ""}], "data": "!", "userId": "x"})
    assert answer.status_code == 422
    assert [(found["loc"], found["type"]) for found in answer.json()["detail"]] == [
        (["body", "data"], "protobuf_bytes"),
        (["body", "friends", 0, "userId"], "string_too_short"),
    ]


def _component(client: Client, name: str) -> jsonschema_rs.Validator:
    document = client.get("/openapi.json").json()
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


@pytest.fixture(scope="module")
def incoming(client: Client) -> jsonschema_rs.Validator:
    return _component(client, "User-Input")


@pytest.fixture(scope="module")
def outgoing(client: Client) -> jsonschema_rs.Validator:
    return _component(client, "User-Output")


def test_openapi_describes_canonical_documents_both_ways(
    incoming: jsonschema_rs.Validator, outgoing: jsonschema_rs.Validator
) -> None:
    for document in (FULL, {"userId": "x"}):
        assert incoming.is_valid(document)
        assert outgoing.is_valid(document)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"size": 5}, id="64 bits as number"),
        pytest.param({"nick": None}, id="null"),
        pytest.param({"ratio": "1.5"}, id="number as text"),
    ],
)
def test_openapi_tells_what_is_only_read(
    incoming: jsonschema_rs.Validator, outgoing: jsonschema_rs.Validator, change: dict[str, object]
) -> None:
    assert incoming.is_valid({**FULL, **change})
    assert not outgoing.is_valid({**FULL, **change})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"size": "x"}, id="text that is no number"),
        pytest.param({"kind": "KIND_NONE"}, id="unknown enum name"),
        pytest.param({"createdAt": "yesterday"}, id="no timestamp"),
        pytest.param({"unknown": 1}, id="unknown name"),
        pytest.param({"userId": ""}, id="broken rule"),
        pytest.param({"kinds": {"a": "KIND_PLAIN"}}, id="bad key"),
    ],
)
def test_openapi_refuses_what_models_refuse(incoming: jsonschema_rs.Validator, change: dict[str, object]) -> None:
    assert not incoming.is_valid({**FULL, **change})


def test_openapi_has_the_words_of_the_contract(client: Client) -> None:
    user = client.get("/openapi.json").json()["components"]["schemas"]["User-Input"]
    assert user["description"] == "A user of the system."
    assert user["properties"]["userId"]["description"] == "Who it is."
    assert user["properties"]["nick"]["deprecated"] is True
    assert user["additionalProperties"] is False
