"""Run the plugin on one file written in a test."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorResponse

from protoc_gen_protogate.kit import respond
from protoc_gen_protogate.targets.sql import PLUGIN
from tests.support.compiler import compile_protos, request_for

__all__ = ["OPTIONS", "ddl_of", "respond_to", "table_names"]

_CONTRACTS = Path(__file__).parents[3] / "contracts"

OPTIONS = 'import "protogate/options/v1/options.proto";'


def respond_to(text: str, options: str = "") -> CodeGeneratorResponse:
    """The answer to the file `a.proto` of package `a.v1`."""
    files = {"a.proto": f'syntax = "proto3"; package a.v1; {text}'}
    request = request_for(compile_protos(files, include=[_CONTRACTS]), files, parameter=options)
    return CodeGeneratorResponse.FromString(respond(PLUGIN, request.SerializeToString()))


def ddl_of(text: str, options: str = "") -> str:
    """The DDL, empty when no message is a table."""
    response = respond_to(text, options)
    assert not response.error, response.error
    return next((file.content for file in response.file if file.name == "a.sql"), "")


def table_names(text: str, options: str = "") -> list[str]:
    """The names of the tables, in order."""
    return [line.split()[2] for line in ddl_of(text, options).splitlines() if line.startswith("CREATE TABLE")]
