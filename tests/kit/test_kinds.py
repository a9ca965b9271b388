"""What part a message plays, by its name and by what its contract says."""

from __future__ import annotations

import pytest

from protoc_gen_protogate.kit.kinds import MessageKind, kind_by_name, only_taken, said_kind
from tests.support.compiler import schema_of

NAMES = {
    "CreateUserCommand": MessageKind.COMMAND,
    "ListUsersQuery": MessageKind.QUERY,
    "UserCreatedEvent": MessageKind.EVENT,
    "GetUserRequest": MessageKind.REQUEST,
    "GetUserReq": MessageKind.REQUEST,
    "GetUserResponse": MessageKind.RESPONSE,
    "SearchResult": MessageKind.RESPONSE,
    "UserCreated": MessageKind.EVENT,
    "OrderPaid": MessageKind.EVENT,
    "User": MessageKind.UNSPECIFIED,
    "Created": MessageKind.UNSPECIFIED,
    "UserFeed": MessageKind.UNSPECIFIED,
    "SeedBed": MessageKind.UNSPECIFIED,
    "OneHundred": MessageKind.UNSPECIFIED,
}


@pytest.mark.parametrize(("name", "kind"), NAMES.items())
def test_names(name: str, kind: MessageKind) -> None:
    assert kind_by_name(name) is kind


def test_the_contract_counts_and_newer_kinds_than_ours_are_not_said() -> None:
    options = """
        syntax = "proto3"; package protogate.options.v1;
        import "google/protobuf/descriptor.proto";
        message MessageOptions { int32 kind = 1; }
        extend google.protobuf.MessageOptions { MessageOptions message = 51701; }
    """
    text = """
        syntax = "proto3"; package t; import "options.proto";
        message Known { option (protogate.options.v1.message).kind = 5; }
        message Newer { option (protogate.options.v1.message).kind = 99; }
        message Silent { option deprecated = true; }
    """
    schema = schema_of({"options.proto": options, "t.proto": text})
    assert [said_kind(schema.messages[f"t.{name}"]) for name in ("Known", "Newer", "Silent")] == [
        MessageKind.EVENT,
        MessageKind.UNSPECIFIED,
        MessageKind.UNSPECIFIED,
    ]


def test_a_message_that_is_given_too_is_more_than_a_request() -> None:
    methods = "rpc A(X) returns (Y); rpc B(Y) returns (Y);"
    schema = schema_of({"t.proto": f'syntax = "proto3"; service S {{ {methods} }} message X {{}} message Y {{}}'})
    assert only_taken(schema.files["t.proto"]) == {"X"}
