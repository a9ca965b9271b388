"""buf.validate options become plain values, whatever their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.descriptors.rules import (
    CelRule,
    Ignore,
    MessageOneofRule,
    Span,
    field_rules,
    message_rules,
    oneof_is_required,
)
from tests.support.compiler import schema_of

if TYPE_CHECKING:
    from protogate.descriptors import Field

TEXT = """
syntax = "proto2";
package acme;
import "buf/validate/validate.proto";
import "google/protobuf/duration.proto";
extend buf.validate.StringRules {
  optional int32 max_words = 80048952 [(buf.validate.predefined).cel = {
    id: "string.max_words", message: "too wordy", expression: "this.split(' ').size() <= rule"
  }];
}
message User {
  option (buf.validate.message).cel = {id: "user.x", message: "no", expression: "this.a != this.b"};
  option (buf.validate.message).cel_expression = "this.a != 'x'";
  option (buf.validate.message).oneof = {fields: ["a", "b"], required: true};
  optional string a = 1 [(buf.validate.field).string = {min_len: 1, in: ["x", "y"], email: true, example: "z"}];
  optional string b = 2 [(buf.validate.field).string.(max_words) = 3, (buf.validate.field).required = true];
  repeated string c = 3 [(buf.validate.field).repeated = {min_items: 1, items: {string: {prefix: "p"}}}];
  map<string, int32> d = 4 [(buf.validate.field).map = {keys: {string: {len: 2}}, values: {int32: {gt: 0}}}];
  optional google.protobuf.Duration e = 5 [(buf.validate.field).duration = {
    lt: {seconds: 1, nanos: 5}, in: [{seconds: 2}]
  }];
  optional int32 f = 6 [(buf.validate.field) = {ignore: IGNORE_ALWAYS, int32: {gt: 0}}];
  optional int32 g = 7 [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, int32: {gt: 0}}];
  optional int32 h = 8 [deprecated = true];
  oneof choice {
    option (buf.validate.oneof).required = true;
    string left = 9;
    string right = 10 [(buf.validate.field).cel = {id: "r", message: "m", expression: "this != ''"}];
  }
  oneof free { string one = 11; }
}
"""


def test_standard_rules_come_by_name() -> None:
    fields = _fields()
    rules = field_rules(fields["a"])
    assert rules is not None
    assert rules.kind == "string"
    assert rules.standard == {"min_len": 1, "in": ("x", "y"), "email": True}
    assert rules.examples == ("z",)
    assert rules.ignore is Ignore.UNSPECIFIED


def test_predefined_rules_bring_their_value() -> None:
    rules = field_rules(_fields()["b"])
    assert rules is not None
    assert rules.required
    assert rules.cel == (CelRule("string.max_words", "too wordy", "this.split(' ').size() <= rule", 3),)


def test_items_keys_and_values_have_rules_of_their_own() -> None:
    fields = _fields()
    items = field_rules(fields["c"])
    pairs = field_rules(fields["d"])
    assert items is not None
    assert items.items is not None
    assert items.standard == {"min_items": 1}
    assert items.items.standard == {"prefix": "p"}
    assert pairs is not None
    assert pairs.keys is not None
    assert pairs.values is not None
    assert (pairs.keys.standard, pairs.values.standard) == ({"len": 2}, {"gt": 0})


def test_spans_of_time_are_seconds_and_nanos() -> None:
    rules = field_rules(_fields()["e"])
    assert rules is not None
    assert rules.standard == {"lt": Span(1, 5), "in": (Span(2, 0),)}


def test_rules_that_are_always_ignored_are_none() -> None:
    fields = _fields()
    assert field_rules(fields["f"]) is None
    ignored_at_zero = field_rules(fields["g"])
    assert ignored_at_zero is not None
    assert ignored_at_zero.ignore is Ignore.IF_ZERO_VALUE
    assert field_rules(fields["h"]) is None


def test_messages_and_oneofs_have_rules() -> None:
    message = schema_of({"a.proto": TEXT}).messages["acme.User"]
    rules = message_rules(message)
    assert rules is not None
    assert rules.cel == (
        CelRule("user.x", "no", "this.a != this.b", None),
        CelRule("this.a != 'x'", "", "this.a != 'x'", None),
    )
    assert rules.oneofs == (MessageOneofRule(("a", "b"), required=True),)
    assert [oneof_is_required(oneof) for oneof in message.oneofs] == [True, False]


def test_a_contract_without_the_import_has_no_rules() -> None:
    schema = schema_of({"a.proto": 'syntax = "proto3"; message A { string x = 1 [deprecated = true]; }'})
    assert field_rules(schema.messages["A"].fields[0]) is None
    assert not schema.options.knows("buf.validate.field")


def _fields() -> dict[str, Field]:
    return {field.name: field for field in schema_of({"a.proto": TEXT}).messages["acme.User"].fields}
