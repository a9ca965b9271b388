"""The model says of every descriptor what protobuf's own runtime says of it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from protogate.descriptors import Kind, Schema
from protogate.errors import UserError
from tests.support.compiler import compile_folder, compile_protos, schema_of

if TYPE_CHECKING:
    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.descriptor_pb2 import Edition, FileDescriptorSet

    from protogate.descriptors import Field, Message

PROTO2 = """
syntax = "proto2";
package acme;
message Old {
  required string key = 1;
  optional int32 number = 2 [default = -7];
  optional bytes raw = 3 [default = "a\\000\\xff\\n"];
  optional double ratio = 4 [default = inf];
  optional bool on = 5 [default = true];
  optional Color color = 6 [default = BLUE];
  optional string text = 7 [default = "x\\ty"];
  repeated int32 loose = 8;
  repeated int32 tight = 9 [packed = true];
  optional group Sub = 10 { optional string a = 1; }
  oneof choice { string left = 11; Old right = 12; }
  map<int64, Old> children = 13;
  extensions 100 to 199;
  enum Color { RED = 1; BLUE = 2; }
}
extend Old { optional Old.Color tint = 100; repeated sint64 many = 101; }
"""
PROTO3 = """
syntax = "proto3";
package acme;
message New {
  string plain = 1;
  optional string maybe = 2;
  repeated fixed64 tight = 3;
  repeated fixed64 loose = 4 [packed = false];
  New child = 5;
  oneof choice { bool yes = 6; Mood mood = 7; }
  map<string, Mood> moods = 8;
  string odd_name_1x = 9 [json_name = "@odd"];
  enum Mood { MOOD_UNSPECIFIED = 0; MOOD_GOOD = 1; }
}
"""
EDITION_2023 = """
edition = "2023";
package acme.ed;
option features.enum_type = CLOSED;
option features.field_presence = IMPLICIT;
message Mixed {
  string explicit = 1 [features.field_presence = EXPLICIT];
  string implicit = 2 [features.field_presence = IMPLICIT];
  string must = 3 [features.field_presence = LEGACY_REQUIRED];
  repeated int32 packed = 4;
  repeated int32 expanded = 5 [features.repeated_field_encoding = EXPANDED];
  Mixed delimited = 6 [features.message_encoding = DELIMITED];
  map<int32, Mixed> map = 7;
  Open open = 8;
  Closed closed = 9 [features.field_presence = EXPLICIT];
  enum Open { option features.enum_type = OPEN; ZERO = 0; }
  enum Closed { ONE = 1; }
  message Inherits { string implicit = 1; }
}
message FromFile { string implicit = 1; Mixed message = 2; oneof o { string member = 3; } }
"""
EDITION_2024 = """
edition = "2024";
package acme.next;
message Item {
  string name = 1;
  repeated Item items = 2;
  Level level = 3;
  enum Level { LEVEL_UNSPECIFIED = 0; }
}
"""
SOURCES = {"p2.proto": PROTO2, "p3.proto": PROTO3, "e23.proto": EDITION_2023, "e24.proto": EDITION_2024}


def _common_protos() -> FileDescriptorSet:
    spec = importlib.util.find_spec("google.api")  # a namespace package of googleapis-common-protos
    assert spec is not None
    assert spec.submodule_search_locations is not None
    root = Path(next(iter(spec.submodule_search_locations))).parent.parent
    names = [path.relative_to(root).as_posix() for path in root.glob("google/*/*.proto")]
    return compile_folder([root], names)


@pytest.fixture(scope="module", params=[*SOURCES, "googleapis"])
def image(request: pytest.FixtureRequest) -> FileDescriptorSet:
    if request.param == "googleapis":
        return _common_protos()
    return compile_protos({request.param: SOURCES[request.param]})


@pytest.fixture
def pool(image: FileDescriptorSet) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for file in image.file:
        pool.Add(file)
    return pool


def test_fields_are_what_the_runtime_says(image: FileDescriptorSet, pool: descriptor_pool.DescriptorPool) -> None:
    schema = Schema(image.file, [file.name for file in image.file])
    compared = 0
    for name, message in schema.messages.items():
        reference = pool.FindMessageTypeByName(name)
        assert message.is_map_entry == reference.GetOptions().map_entry
        assert [o.name for o in message.oneofs] == [o.name for o in reference.oneofs if _is_written(o)]
        for field in message.fields:
            _assert_same(field, reference.fields_by_name[field.name])
            compared += 1
    assert compared >= 3


def test_extensions_are_what_the_runtime_says() -> None:
    image = compile_protos({"p2.proto": PROTO2})
    pool = descriptor_pool.DescriptorPool()
    pool.Add(image.file[0])
    for extension in Schema(image.file, ["p2.proto"]).files["p2.proto"].extensions:
        assert extension.is_extension
        _assert_same(extension, pool.FindExtensionByName(extension.full_name))


def test_enums_are_what_the_runtime_says(image: FileDescriptorSet, pool: descriptor_pool.DescriptorPool) -> None:
    for name, enum in Schema(image.file, []).enums.items():
        reference = pool.FindEnumTypeByName(name)
        assert enum.is_closed == reference.is_closed
        assert [(v.name, v.number) for v in enum.values] == [(v.name, v.number) for v in reference.values]


def _is_written(oneof: object) -> bool:
    fields = oneof.fields  # type: ignore[attr-defined] # OneofDescriptor
    copy = FileDescriptorProto()
    fields[0].file.CopyToProto(copy)
    path = fields[0].containing_type.full_name.removeprefix(f"{copy.package}.").split(".")
    message = next(m for m in copy.message_type if m.name == path[0])
    for part in path[1:]:
        message = next(m for m in message.nested_type if m.name == part)
    return not any(f.proto3_optional for f in message.field if f.name == fields[0].name)


def _assert_same(field: Field, reference: FieldDescriptor) -> None:
    assert field.full_name == reference.full_name
    assert field.kind == reference.type or (field.is_delimited and reference.type == Kind.GROUP)
    assert field.json_name == reference.json_name
    assert field.number == reference.number
    assert field.presence == reference.has_presence
    assert field.is_required == reference.is_required
    assert field.is_packed == reference.is_packed
    assert (field.is_repeated or field.is_map) == reference.is_repeated
    assert field.type_name == (reference.message_type or reference.enum_type or _Unnamed).full_name
    if field.default is not None:
        assert _number_of(field, field.default) == reference.default_value
    elif not field.is_repeated and not field.is_map and reference.message_type is None:
        assert _number_of(field, field.zero) == reference.default_value


class _Unnamed:
    full_name = ""


def _number_of(field: Field, value: object) -> object:
    if field.kind is Kind.ENUM:
        return next(v.number for v in field.enum.values if v.name == value)
    return value


def test_maps_know_their_key_and_value() -> None:
    field = _field(schema_of({"p2.proto": PROTO2}), "acme.Old", "children")
    assert field.is_map
    assert not field.is_repeated
    assert field.map_key is not None
    assert field.map_key.kind is Kind.INT64
    assert field.map_value is not None
    assert field.map_value.message.full_name == "acme.Old"


def test_a_synthetic_oneof_is_no_oneof() -> None:
    message = schema_of({"p3.proto": PROTO3}).messages["acme.New"]
    assert [oneof.name for oneof in message.oneofs] == ["choice"]
    maybe = _field(schema_of({"p3.proto": PROTO3}), "acme.New", "maybe")
    assert maybe.presence
    assert maybe.oneof is None


def test_walk_visits_nested_messages_and_leaves_out_map_entries() -> None:
    file = schema_of({"e23.proto": EDITION_2023}).files["e23.proto"]
    assert [message.local_name for message in file.all_messages()] == ["Mixed", "Mixed.Inherits", "FromFile"]
    assert [enum.local_name for enum in file.all_enums()] == ["Mixed.Open", "Mixed.Closed"]


def test_a_file_that_is_not_in_the_request_is_a_clear_error() -> None:
    with pytest.raises(UserError, match=r"^b\.proto: is to be generated but the request does not hold it$"):
        Schema([], ["b.proto"])


def test_a_type_that_is_not_in_the_request_names_the_field() -> None:
    file = compile_protos({"a.proto": 'syntax = "proto3";\nmessage A {\n  B b = 1;\n}\nmessage B {}\n'}).file[0]
    del file.message_type[1]
    field = Schema([file], ["a.proto"]).messages["A"].fields[0]
    with pytest.raises(UserError, match=r"^a\.proto:3: field A\.b: message B is not in the request$"):
        _ = field.message


def test_an_edition_of_the_future_is_a_clear_error() -> None:
    file = FileDescriptorProto(name="x.proto", syntax="editions", edition=cast("Edition.ValueType", 1002))
    with pytest.raises(UserError, match=r"^x\.proto:1: edition 1002 is not supported"):
        Schema([file], ["x.proto"])


def _field(schema: Schema, message: str, name: str) -> Field:
    return next(field for field in _message(schema, message).fields if field.name == name)


def _message(schema: Schema, name: str) -> Message:
    return schema.messages[name]
