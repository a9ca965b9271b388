"""The request parser: what buf sends becomes a schema, anything else one clear error."""

from __future__ import annotations

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from hypothesis import given
from hypothesis import strategies as st

from protoc_gen_protogate.kit.request import parse_request
from protogate.errors import UserError
from tests.support.compiler import compile_protos, request_for

SOURCES = {
    "b.proto": 'syntax = "proto3";\npackage b;\n// A thing.\nmessage Thing { string id = 1; }\n',
    "a.proto": 'syntax = "proto3";\npackage a;\nimport "b.proto";\nmessage Box { b.Thing thing = 1; }\n',
}


def _request() -> CodeGeneratorRequest:
    return request_for(compile_protos(SOURCES), SOURCES, parameter="x=1")


def test_keeps_everything_but_the_second_copy() -> None:
    request = _request()
    assert request.source_file_descriptors
    parsed = parse_request(request.SerializeToString())
    assert parsed.parameter == "x=1"
    assert [file.name for file in parsed.schema.files_to_generate] == ["a.proto", "b.proto"]
    assert parsed.schema.messages["b.Thing"].doc == "A thing."
    for name, file in parsed.schema.files.items():
        original = next(f for f in request.proto_file if f.name == name)
        assert file.source_info == original.source_code_info.SerializeToString()
        original.ClearField("source_code_info")
        assert file.proto == original


def test_fields_may_come_in_any_order() -> None:
    whole = _request()
    parts = [CodeGeneratorRequest(proto_file=[file]).SerializeToString() for file in whole.proto_file]
    head = CodeGeneratorRequest(file_to_generate=["a.proto"]).SerializeToString()
    assert parse_request(b"".join([*parts, head])).schema.files_to_generate[0].name == "a.proto"


@given(st.binary(min_size=1, max_size=60))
def test_noise_is_an_error_or_a_request(data: bytes) -> None:
    try:
        parse_request(data)
    except UserError:
        return
    CodeGeneratorRequest.FromString(data)


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_a_request_cut_short_is_one_clear_error(keep: float) -> None:
    data = _request().SerializeToString()
    with pytest.raises(UserError, match="standard input holds no CodeGeneratorRequest"):
        parse_request(data[: int(len(data) * keep)])
