"""Which side a method is on, what callers send and get, and what is said about the call."""

from __future__ import annotations

from typing import Any

import pytest

from tests.targets.contract.outputs import contracts_of, service

EMPTY = "google.protobuf.Empty"
MESSAGES = (
    "message In { string id = 1; Body body = 2; string note = 3; } message Body { string text = 1; int32 n = 2; }"
)


def http(rule: str) -> str:
    return f"option (google.api.http) = {{ {rule} }};"


def rpc(options: str, *, name: str = "Do", request: str = "In", response: str = "Body") -> dict[str, Any]:
    """The one contract of a service with one method."""
    found = contracts_of(
        service(f"service S {{ rpc {name}({request}) returns ({response}) {{ {options} }} }} {MESSAGES}")
    )
    (contract,) = (one for path, one in found.items() if not path.endswith("-report.json"))
    return dict(contract)


SIDES = {
    "GET asks": (http('get: "/x"'), "Do", "query"),
    "POST changes": (http('post: "/x"'), "Do", "command"),
    "the HTTP method counts more than the name": (http('post: "/x"'), "GetIt", "command"),
    "HEAD asks": (http('custom: {kind: "head", path: "/x"}'), "Do", "query"),
    "any other method changes": (http('custom: {kind: "PURGE", path: "/x"}'), "Do", "command"),
    "a rule without a path says nothing": (http('body: "*"'), "ListIt", "query"),
    "by name": ("", "ListUsers", "query"),
    "by name, in one word": ("", "Search", "query"),
    "a longer word is another one": ("", "Listen", "command"),
    "nothing says otherwise": ("", "Do", "command"),
}


@pytest.mark.parametrize(("options", "name", "side"), SIDES.values(), ids=SIDES)
def test_side(options: str, name: str, side: str) -> None:
    assert rpc(options, name=name)[side] == name


INPUTS: dict[str, tuple[str, dict[str, bool]]] = {
    "without HTTP": ("", {"id": False, "body": False, "note": False}),
    "all in the query": (http('get: "/x"'), {"id": False, "body": False, "note": False}),
    "all in the body": (http('post: "/x" body: "*"'), {"id": False, "body": False, "note": False}),
    "a variable must be there": (http('post: "/{id}" body: "*"'), {"id": True, "body": False, "note": False}),
    "a variable with a pattern": (http('get: "/{id=a/*}:b"'), {"id": True, "body": False, "note": False}),
    "the body stands at the top": (
        http('post: "/{id}" body: "body"'),
        {"text": False, "n": False, "id": True, "note": False},
    ),
    "a variable inside of the body": (
        http('patch: "/{body.text}" body: "body"'),
        {"text": True, "n": False, "id": False, "note": False},
    ),
    "a body that is no object": (http('post: "/{id}" body: "note"'), {"id": True, "body": False, "note": False}),
}


@pytest.mark.parametrize(("options", "required"), INPUTS.values(), ids=INPUTS)
def test_input(options: str, required: dict[str, bool]) -> None:
    found = rpc(options)["input"]
    assert {name: node.get("required", False) for name, node in found.items()} == required


def test_what_stands_beside_a_body_says_where() -> None:
    found = rpc(http('post: "/{id}" body: "body"'))["input"]
    assert {name: node.get("in") for name, node in found.items()} == {
        "text": None,
        "n": None,
        "id": "path",
        "note": "query",
    }


def test_a_body_that_may_be_missing_asks_for_nothing() -> None:
    rule = "[(buf.validate.field).required = true]"
    for label, asks in (("", False), (rule, True)):
        text = f"message In {{ Body body = 1 {label}; string id = 2; }} message Body {{ string text = 1 {rule}; }}"
        rule_of_http = http('post: "/x" body: "body"')
        method = f"service S {{ rpc Do(In) returns (Body) {{ {rule_of_http} }} }}"
        found = contracts_of(service(f"{method} {text}"))["acme/user/v1/Do.command.json"]
        assert found["input"]["text"].get("required", False) is asks


def test_further_ways_to_call_are_listed() -> None:
    rule = 'get: "/a" additional_bindings: {post: "/b" body: "*"} additional_bindings: {delete: "/c"}'
    assert rpc(http(rule))["transport"]["http"] == {
        "method": "GET",
        "endpoint": "/a",
        "additional": [{"method": "POST", "endpoint": "/b"}, {"method": "DELETE", "endpoint": "/c"}],
    }


def test_a_response_body_is_the_output() -> None:
    assert list(rpc(http('get: "/x" response_body: "body"'), response="In")["output"]) == ["text", "n"]


def test_without_http_there_is_grpc() -> None:
    assert rpc("")["transport"] == {
        "grpc": {"method": "acme.user.v1.S/Do"},
        "ws": {"channel": "—"},
    }


@pytest.mark.parametrize("response", ["google.protobuf.Struct", EMPTY])
def test_messages_without_fields_of_their_own(response: str) -> None:
    assert rpc("", request=EMPTY, response=response)["output"] == {}


def test_what_is_no_object_of_known_fields_is_reported() -> None:
    text = service("service S { rpc Do(google.protobuf.Value) returns (google.protobuf.Empty); }")
    report = contracts_of(text)["acme/user/v1/user.contract-report.json"]
    assert [(one["element"], one["rule"]) for one in report["not_carried"]] == [
        ("acme.user.v1.S.Do", "google.protobuf.Value")
    ]
