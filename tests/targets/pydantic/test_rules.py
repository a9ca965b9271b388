"""The rules of a contract in its models. How far they agree with protovalidate is measured in tests/agreement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from protoc_gen_protogate.targets.pydantic import PLUGIN
from tests.support.compiler import run_plugin
from tests.targets.pydantic.generated import models

if TYPE_CHECKING:
    from types import ModuleType

USER = """
syntax = "proto3";
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
message Account {
  option (buf.validate.message).cel = {
    id: "account.dates"
    message: "closed {before} it was opened"
    expression: "!has(this.closed) || !has(this.opened) || this.closed >= this.opened"
  };
  option (buf.validate.message).oneof = { fields: ["street", "box"], required: true };
  string email = 1 [(buf.validate.field).string.email = true, (buf.validate.field).required = true];
  string code = 2 [(buf.validate.field).string = { min_len: 2, max_len: 4, pattern: "^[a-z]+$" }];
  optional int32 age = 3 [(buf.validate.field).int32 = { gte: 18, lt: 150 }];
  int64 outside = 4 [
    (buf.validate.field).int64 = { gt: 10, lt: 0 }, (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE
  ];
  repeated string tags = 5 [(buf.validate.field).repeated = {
    max_items: 2, unique: true, items: { string: { min_len: 1 } }
  }];
  map<string, int32> scores = 6 [(buf.validate.field).map = {
    keys: { string: { prefix: "a" } }, values: { int32: { in: [1, 2] } }
  }];
  google.protobuf.Timestamp opened = 7 [(buf.validate.field).required = true];
  google.protobuf.Timestamp closed = 8;
  string street = 9;
  string box = 10;
  bytes digest = 11 [(buf.validate.field).bytes.len = 2, (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE];
  string even = 12 [(buf.validate.field).cel = {
    id: "account.even", message: "must have an even length", expression: "size(this) % 2 == 0"
  }];
  oneof contact {
    option (buf.validate.oneof).required = true;
    string phone = 13;
    string mail = 14;
  }
}
"""

VALID: dict[str, object] = {
    "email": "a@example.com",
    "code": "ab",
    "opened": "2020-01-01T00:00:00Z",
    "street": "s",
    "phone": "1",
}


@pytest.fixture(scope="module")
def account() -> Any:
    return models(USER).Account


def broken(model: Any, **changes: object) -> list[tuple[tuple[int | str, ...], str, str]]:
    document = {name: value for name, value in {**VALID, **changes}.items() if value is not None}
    try:
        model.model_validate_json(json.dumps(document))
    except ValidationError as error:
        return [(found["loc"], found["type"], found["msg"]) for found in error.errors()]
    return []


@pytest.mark.parametrize(
    ("changes", "where", "rule"),
    [
        pytest.param({"email": "x"}, ("email",), "string.email", id="format"),
        pytest.param({"email": None}, ("email",), "missing", id="required"),
        pytest.param({"email": ""}, ("email",), "string_too_short", id="empty is not set"),
        pytest.param({"opened": None}, ("opened",), "missing", id="required message"),
        pytest.param({"code": "a"}, ("code",), "string_too_short", id="min_len"),
        pytest.param({"code": None}, ("code",), "string_too_short", id="rule of a field that is left out"),
        pytest.param({"code": "12"}, ("code",), "string_pattern_mismatch", id="pattern"),
        pytest.param({"age": 17}, ("age",), "int32.gte_lt", id="range"),
        pytest.param({"outside": "5"}, ("outside",), "int64.gt_lt_exclusive", id="outer range"),
        pytest.param({"tags": ["a", "b", "c"]}, ("tags",), "too_long", id="max_items"),
        pytest.param({"tags": ["a", "a"]}, ("tags",), "repeated.unique", id="unique"),
        pytest.param({"tags": ["a", ""]}, ("tags", 1), "string_too_short", id="items"),
        pytest.param({"scores": {"b": 1}}, ("scores", "b", "[key]"), "string.prefix", id="keys"),
        pytest.param({"scores": {"a": 3}}, ("scores", "a"), "int32.in", id="values"),
        pytest.param({"closed": "2019-01-01T00:00:00Z"}, (), "account.dates", id="message in CEL"),
        pytest.param({"box": "b"}, (), "message.oneof", id="two of a message oneof"),
        pytest.param({"street": None}, (), "message.oneof", id="none of a message oneof"),
        pytest.param({"digest": "AA=="}, ("digest",), "bytes.len", id="bytes"),
        pytest.param({"even": "a"}, ("even",), "account.even", id="field in CEL"),
        pytest.param({"phone": None}, (), "required", id="required oneof"),
    ],
)
def test_broken_rule_is_named_where_it_is_broken(
    account: Any, changes: dict[str, object], where: tuple[int | str, ...], rule: str
) -> None:
    assert [(loc, kind) for loc, kind, _ in broken(account, **changes)] == [(where, rule)]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="as it is"),
        pytest.param({"age": 18}, id="lower limit"),
        pytest.param({"outside": "11"}, id="above the outer range"),
        pytest.param({"outside": "0"}, id="zero that is ignored"),
        pytest.param({"tags": ["a", "b"], "scores": {"ab": 1}}, id="collections"),
        pytest.param({"digest": "AAA="}, id="bytes"),
    ],
)
def test_valid_documents_pass(account: Any, changes: dict[str, object]) -> None:
    assert broken(account, **changes) == []


def test_message_is_that_of_the_contract(account: Any) -> None:
    assert broken(account, closed="2019-01-01T00:00:00Z")[0][2] == "closed {before} it was opened"
    assert broken(account, age=17)[0][2] == "must be greater than or equal to 18 and less than 150"


def test_all_broken_rules_are_told_at_once(account: Any) -> None:
    assert [kind for _, kind, _ in broken(account, age=1, code="A", tags=["", ""])] == [
        "string_too_short",
        "int32.gte_lt",
        "string_too_short",
        "string_too_short",
    ]


def test_rules_stand_in_the_schema(account: Any) -> None:
    properties = account.model_json_schema()["properties"]
    assert properties["code"] == {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"}
    assert properties["email"] == {"type": "string", "minLength": 1, "format": "email"}
    assert properties["tags"]["maxItems"] == 2
    assert properties["tags"]["uniqueItems"] is True
    assert properties["age"]["anyOf"][0] | {"minimum": 18, "exclusiveMaximum": 150} == {
        "type": "integer",
        "minimum": 18,
        "maximum": 2147483647,
        "exclusiveMaximum": 150,
        "allOf": [{"minimum": 18}],
    }
    assert account.model_json_schema()["required"] == ["email", "opened"]


def test_rules_can_be_left_out() -> None:
    module: ModuleType = models(USER, parameter="rules=false")
    assert module.Account.model_validate({"email": "x", "tags": ["", ""]}).email == "x"


def test_a_rule_that_python_cannot_say_is_reported() -> None:
    outputs = run_plugin(
        PLUGIN,
        {
            "r/t.proto": """syntax = "proto3"; package r; import "buf/validate/validate.proto";
            import "google/protobuf/struct.proto";
            message M {
              google.protobuf.Struct s = 1 [(buf.validate.field).cel = {
                id: "dyn", message: "m", expression: "this.a > 1"
              }];
            }"""
        },
    )
    report = json.loads(outputs["r/t.pydantic-report.json"])
    assert [(entry["element"], entry["rule"]) for entry in report["not_carried"]] == [("r.M.s", "cel:dyn")]
    assert "_r." not in outputs["r/t_models.py"]


IGNORED = """
syntax = "proto3";
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
message Strict {
  string name = 1 [(buf.validate.field).string.min_len = 2];
  google.protobuf.Timestamp at = 2 [(buf.validate.field).required = true];
  repeated Strict more = 3 [(buf.validate.field).repeated.max_items = 1];
  string class = 4;
}
message Lax {
  Strict one = 1 [(buf.validate.field).ignore = IGNORE_ALWAYS];
  repeated Strict many = 2 [(buf.validate.field).repeated.items.ignore = IGNORE_ALWAYS];
  map<string, Strict> by_name = 3 [(buf.validate.field).map.values.ignore = IGNORE_ALWAYS];
  Strict checked = 4;
}
"""


@pytest.mark.parametrize(
    "document",
    [
        {"one": {}},
        {"one": {"name": "a", "class": "c", "more": [{}, {"name": "b"}]}},
        {"many": [{"name": "a"}]},
        {"byName": {"k": {"at": "2020-01-01T00:00:00Z"}}},
    ],
)
def test_rules_of_a_message_can_be_ignored_where_it_stands(document: dict[str, object]) -> None:
    module = models(IGNORED)
    lax = module.Lax.model_validate_json(json.dumps(document))
    assert lax.to_json_dict() == document
    assert module.Lax(**dict(lax)) == lax


def test_an_ignored_message_is_of_its_class_and_still_a_document() -> None:
    module = models(IGNORED)
    assert type(module.Lax.model_validate({"one": {"more": [{}]}}).one.more[0]) is module.Strict
    with pytest.raises(ValidationError) as raised:
        module.Lax.model_validate({"one": {"more": [{"name": 1}]}, "checked": {}})
    assert [(found["loc"], found["type"]) for found in raised.value.errors()] == [
        (("one", "more", 0, "name"), "string_type"),
        (("checked", "name"), "string_too_short"),
        (("checked", "at"), "missing"),
    ]
