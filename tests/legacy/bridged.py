"""One contract and one way to write a legacy schema, for the tests of what compares both."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from protogate.legacy.sources import read_schemas
from tests.support.compiler import schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from protogate.descriptors import Message
    from protogate.legacy.model import LegacySchema

__all__ = ["CONTRACT", "json_schema", "message"]

CONTRACT = """syntax = "proto3";
package acme.v1;
import "buf/validate/validate.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
message Name { string name = 1; }
message Numbers {
  int32 a = 1; sint64 b = 2; fixed32 c = 3; sfixed64 d = 4; uint32 e = 5; uint64 f = 6; float g = 7; double h = 8;
}
message Plain {
  string name = 1;
  int32 age = 2;
}
message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; COLOR_GREEN = 2; }
message Kinds {
  google.protobuf.Timestamp at = 1;
  Color color = 2;
  sint32 count = 3;
  optional string nick = 4;
  repeated string tags = 5;
  google.protobuf.Duration span = 6;
  google.protobuf.Int64Value wrapped = 7;
  google.protobuf.Struct open = 8;
  map<string, int32> sizes = 9;
  Date born = 10;
  bytes raw = 11;
  google.protobuf.Value whatever = 12;
}
message Rules {
  string mail = 1 [(buf.validate.field).required = true, (buf.validate.field).string = {email: true, max_len: 20}];
  int32 age = 2 [(buf.validate.field).int32 = {gte: 0, lte: 150}];
  string code = 3 [(buf.validate.field).string.pattern = "^[A-Z]+$"];
  repeated string tags = 4 [(buf.validate.field).repeated.items.string.max_len = 5];
}
message Node {
  string label = 1;
  Node left = 2;
  repeated Node others = 3;
}
message Address { string street = 1; int32 number = 2; }
message Person {
  reserved 100, 102 to 104;
  reserved "old";
  string first_name = 1;
  Address address = 2;
  int32 taken = 101;
}
"""


@cache
def _messages() -> dict[str, Message]:
    return dict(schema_of({"acme.proto": CONTRACT}).messages)


def message(name: str) -> Message:
    """A message of the contract."""
    return _messages()[f"acme.v1.{name}"]


def json_schema(folder: Path, properties: dict[str, Any], *required: str) -> LegacySchema:
    """The schema of an object, read as a user's file is."""
    path = folder / "old.schema.json"
    path.write_text(json.dumps({"type": "object", "properties": properties, "required": list(required)}, indent=1))
    (found,) = read_schemas(str(path))
    return found
