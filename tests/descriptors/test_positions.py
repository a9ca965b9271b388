from __future__ import annotations

from random import Random

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from protogate.descriptors import Schema
from protogate.descriptors.comments import Path, Positions
from tests.support.compiler import compile_protos, schema_of

_MESSAGES = "\n".join(f"// Number {i}.\nmessage M{i} {{ int32 a = 1; enum E {{ Z = 0; }} }}" for i in range(300))


@pytest.fixture(scope="module")
def large() -> Schema:
    return schema_of({"a.proto": f'syntax = "proto3";\n{_MESSAGES}\nservice S {{}}\n'})


def _known(schema: Schema) -> dict[Path, tuple[int, int]]:
    """As protobuf's own messages tell it."""
    found: dict[Path, tuple[int, int]] = {}
    for location in schema.raw[0].source_code_info.location:
        found.setdefault(tuple(location.path), (location.span[0] + 1, location.span[1] + 1))
    del found[()]
    return found


@pytest.mark.parametrize("order", ["file", "reverse", "random"])
def test_positions_are_those_of_the_source_info_in_any_order(order: str, large: Schema) -> None:
    known = _known(large)
    paths = list(known)
    if order == "reverse":
        paths.reverse()
    elif order == "random":
        Random(1).shuffle(paths)
    positions = Positions(large.files["a.proto"].source_info)
    assert {path: positions.find(path) for path in paths} == known


def test_unknown_paths_have_no_position(large: Schema) -> None:
    positions = Positions(large.files["a.proto"].source_info)
    for _ in range(20):
        assert positions.find((4, 1000)) == (0, 0)
    assert positions.find(()) == (0, 0)
    assert positions.find((4, 0)) == (3, 1)


def test_a_file_without_source_info_has_no_positions() -> None:
    image = compile_protos({"a.proto": 'syntax = "proto3"; message M {}'})
    image.file[0].ClearField("source_code_info")
    file = Schema(image.file, ["a.proto"]).files["a.proto"]
    assert file.positions.none
    assert file.position_of((4, 0)) == (0, 0)


def test_what_the_source_info_does_not_know_stands_where_its_parent_does(large: Schema) -> None:
    assert large.files["a.proto"].position_of((4, 0, 2, 0, 99)) == (3, 14)


def test_fields_are_found_without_building_all() -> None:
    schema = schema_of({"a.proto": 'syntax = "proto3"; message M { int32 a_b = 3; oneof o { string c = 1; } }'})
    message = schema.messages["M"]
    one = message.field_at(1)
    assert (one.name, one.oneof_name) == ("c", "o")
    assert message.field_at(1) is one
    index = message.field_index
    assert (index.by_number, index.by_name) == ({3: 0, 1: 1}, {"a_b": 0, "c": 1})
    assert index.by_key == {"a_b": 0, "aB": 0, "c": 1}
    assert message.field_at(0).number == message.fields[0].number == 3
    assert message.field_at(0) is message.fields[0]


@pytest.mark.parametrize("with_source_info", [True, False])
def test_encoded_messages_are_the_serialized_descriptors(with_source_info: bool) -> None:  # noqa: FBT001 - a parameter of the test
    text = 'syntax = "proto3"; enum E { Z = 0; } message A { int32 a = 1; message N {} } message B {} service S {}'
    image = compile_protos({"a.proto": text})
    if not with_source_info:
        image.file[0].ClearField("source_code_info")
    schema = Schema(image.file, ["a.proto"])
    for message in (schema.messages[name] for name in ("B", "A.N", "A")):
        assert message.encoded == message.proto.SerializeToString()


def test_encoded_messages_survive_unknown_groups() -> None:
    unknown_group = bytes((0xFB, 0x3E, 0xFC, 0x3E))  # start and end of field 1007
    file = FileDescriptorProto.FromString(
        FileDescriptorProto(name="a.proto").SerializeToString()
        + unknown_group
        + FileDescriptorProto(message_type=[DescriptorProto(name="M")]).SerializeToString()
    )
    message = Schema([file], ["a.proto"]).messages["M"]
    assert message.encoded == message.proto.SerializeToString()


def test_ranges_include_both_ends() -> None:
    text = """
      syntax = "proto2";
      message M { reserved 2, 5 to 7; extensions 100 to 199; extend M { optional int32 inner = 100; } }
      enum E { A = 1; reserved -3 to -1; }
      extend M { optional int32 outer = 101; }
      service S { rpc X(stream M) returns (M); }
    """
    file = schema_of({"a.proto": text}).files["a.proto"]
    assert file.messages[0].reserved_ranges == ((2, 2), (5, 7))
    assert file.messages[0].extension_ranges == ((100, 199),)
    assert file.enums[0].reserved_ranges == ((-3, -1),)
    assert [one.full_name for one in file.all_extensions()] == ["outer", "M.inner"]
    method = file.services[0].methods[0]
    assert (method.client_streaming, method.server_streaming) == (True, False)
