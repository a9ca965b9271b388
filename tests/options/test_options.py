"""The compiled options that the wheel carries are those of the contract."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from protogate.options import PROTO_PATH, proto_text
from protogate.options.v1 import options_pb2
from tests.support.compiler import compile_folder

CONTRACTS = Path(__file__).parents[2] / "contracts"


def test_the_compiled_module_is_up_to_date() -> None:
    image = compile_folder([CONTRACTS], [PROTO_PATH])
    expected = next(file for file in image.file if file.name == PROTO_PATH)
    expected.ClearField("source_code_info")  # protoc leaves comments and JSON names out of a module
    for field in [*(f for message in expected.message_type for f in message.field), *expected.extension]:
        field.ClearField("json_name")
    assert FileDescriptorProto.FromString(options_pb2.DESCRIPTOR.serialized_pb) == expected


def test_the_text_is_at_hand() -> None:
    assert "package protogate.options.v1;" in proto_text()
