"""Runs the plugin on requests and on `.proto` text."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse

from protoc_gen_protogate.kit import respond
from protoc_gen_protogate.targets.contract import PLUGIN
from tests.support.compiler import compile_protos, request_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protoc_gen_protogate.kit import Plugin

__all__ = ["contracts_of", "error_of", "files_of", "service"]

IMPORTS = ("google/api/annotations.proto", "google/protobuf/empty.proto", "google/protobuf/struct.proto")


def service(body: str, *, package: str = "acme.user.v1") -> str:
    """A proto3 file with everything imported that a service may need."""
    lines = "".join(f'import "{name}";' for name in (*IMPORTS, "buf/validate/validate.proto"))
    return f'syntax = "proto3"; {f"package {package};" if package else ""} {lines} {body}'


def files_of(plugin: Plugin, request: CodeGeneratorRequest) -> dict[str, str]:
    """All outputs by path; an error fails the test."""
    response = _answer(plugin, request)
    assert not response.error, response.error
    return {file.name: file.content for file in response.file}


def contracts_of(files: Mapping[str, str] | str, parameter: str = "") -> dict[str, Any]:
    """The contracts and reports of `.proto` text, parsed, by path; text alone is `acme/user/v1/user.proto`."""
    request = _request(files, parameter)
    return {name: json.loads(text) for name, text in files_of(PLUGIN, request).items()}


def error_of(files: Mapping[str, str] | str, parameter: str = "") -> str:
    """What the plugin has against the request."""
    return _answer(PLUGIN, _request(files, parameter)).error


def _request(files: Mapping[str, str] | str, parameter: str) -> CodeGeneratorRequest:
    named = {"acme/user/v1/user.proto": files} if isinstance(files, str) else dict(files)
    return CodeGeneratorRequest.FromString(_compiled(tuple(named.items()), parameter))


@cache
def _compiled(files: tuple[tuple[str, str], ...], parameter: str) -> bytes:
    return request_for(compile_protos(dict(files)), dict(files), parameter=parameter).SerializeToString()


def _answer(plugin: Plugin, request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    return CodeGeneratorResponse.FromString(respond(plugin, request.SerializeToString()))
