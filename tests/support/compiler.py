"""Compile `.proto` text written in a test, and run a plugin on it in process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protoc_gen_protogate.kit import respond
from protogate.descriptors import Schema
from protogate.vendor import write_vendored_protos

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protoc_gen_protogate.kit import Plugin

__all__ = ["compile_protos", "request_for", "run_plugin", "schema_of", "vendored_protos"]


def vendored_protos() -> Path:
    """The folder with buf/validate and google/api, written when it is not there yet."""
    folder = Path(tempfile.gettempdir()) / "protogate-tests" / "vendored-protos"
    write_vendored_protos(folder)
    return folder


def compile_protos(files: Mapping[str, str], *, include: Iterable[Path] = ()) -> FileDescriptorSet:
    """The file set of `files` (path to text) and everything that they import, comments included."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return compile_folder([root, vendored_protos(), *include], files)


def compile_folder(roots: Iterable[Path], names: Iterable[str]) -> FileDescriptorSet:
    """The file set of the `.proto` files `names`, found below `roots`."""
    with tempfile.TemporaryDirectory() as name:
        image = Path(name) / "image.binpb"
        finished = subprocess.run(
            [
                sys.executable,
                "-m",
                "grpc_tools.protoc",
                *(f"-I{root}" for root in roots),
                "--include_imports",
                "--include_source_info",
                "--experimental_editions",
                f"--descriptor_set_out={image}",
                *names,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise AssertionError(f"the test's protos do not compile:\n{finished.stderr}")
        return FileDescriptorSet.FromString(image.read_bytes())


def schema_of(files: Mapping[str, str], *, include: Iterable[Path] = ()) -> Schema:
    """The schema of `files`, all of them to be generated."""
    return Schema(compile_protos(files, include=include).file, files)


def request_for(image: FileDescriptorSet, to_generate: Iterable[str], *, parameter: str = "") -> CodeGeneratorRequest:
    """A plugin request as buf sends it, the second copy of the files (field 17) included."""
    request = CodeGeneratorRequest(parameter=parameter, file_to_generate=sorted(to_generate))
    request.proto_file.extend(image.file)
    wanted = set(request.file_to_generate)
    request.source_file_descriptors.extend(file for file in image.file if file.name in wanted)
    return request


def run_plugin(plugin: Plugin, files: Mapping[str, str], *, parameter: str = "") -> dict[str, str]:
    """The outputs (path to text) of a plugin for `files`; its error fails the test."""
    request = request_for(compile_protos(files), files, parameter=parameter)
    response = CodeGeneratorResponse.FromString(respond(plugin, request.SerializeToString()))
    assert not response.error, response.error
    return {file.name: file.content for file in response.file}
