"""Same request, same bytes; and the output for a file depends on that file and its imports alone."""

from __future__ import annotations

import importlib
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse

from protoc_gen_protogate.kit import Plugin, respond
from tests.support.compiler import compile_folder, request_for, vendored_protos

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

ROOT = Path(__file__).parents[2]
TARGETS = ("pydantic", "zod", "jsonschema", "sql", "grpc", "contract", "fastapi")
SHARED = {f"protogate/{name}.ts" for name in ("protojson", "rules", "formats", "cel")}
"""Runtime files that belong to the output tree, not to one contract."""


@cache
def _contracts() -> tuple[FileDescriptorSet, tuple[str, ...]]:
    folder = ROOT / "contracts"
    names = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.proto")))
    return compile_folder([folder, vendored_protos()], names), names


def _plugin(target: str) -> Plugin:
    plugin = importlib.import_module(f"protoc_gen_protogate.targets.{target}").PLUGIN
    assert isinstance(plugin, Plugin)
    return plugin


def _files(response: bytes) -> dict[str, str]:
    parsed = CodeGeneratorResponse.FromString(response)
    assert not parsed.error, parsed.error
    return {file.name: file.content for file in parsed.file}


@cache
def _whole(target: str) -> dict[str, str]:
    image, names = _contracts()
    return _files(respond(_plugin(target), request_for(image, names).SerializeToString()))


@pytest.mark.parametrize("target", TARGETS)
def test_the_order_of_files_does_not_matter(target: str) -> None:
    image, names = _contracts()
    request = request_for(image, names)
    shuffled = CodeGeneratorRequest(parameter=request.parameter)
    files, wanted = list(request.proto_file), list(names)
    random.Random(7).shuffle(wanted)
    shuffled.file_to_generate.extend(wanted)
    if target == "grpc":  # protoc itself wants imports before those who import them
        shuffled.proto_file.extend(files)
    else:
        random.Random(7).shuffle(files)
        shuffled.proto_file.extend(files)
    assert _files(respond(_plugin(target), shuffled.SerializeToString())) == _whole(target)


@pytest.mark.parametrize("target", TARGETS)
def test_the_process_around_it_does_not_matter(target: str, tmp_path: Path) -> None:
    image, names = _contracts()
    request = request_for(image, names).SerializeToString()
    code = f"import sys; from protoc_gen_protogate.targets.{target} import main; sys.exit(main())"
    answers = []
    for seed, folder in (("0", ROOT), ("1", tmp_path)):
        finished = subprocess.run(
            [sys.executable, "-c", code],
            input=request,
            capture_output=True,
            check=True,
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": f"UTC{seed}"},
        )
        answers.append(finished.stdout)
    assert answers[0] == answers[1]
    assert _files(answers[0]) == _whole(target)


@pytest.mark.parametrize("target", TARGETS)
def test_one_file_at_a_time_gives_the_same_files(target: str) -> None:
    image, names = _contracts()
    apart: dict[str, str] = {}
    for name in names:
        for path, content in _files(respond(_plugin(target), request_for(image, [name]).SerializeToString())).items():
            assert path not in apart or path in SHARED, path
            apart[path] = content
    assert apart == _whole(target)


@pytest.mark.parametrize("target", TARGETS)
def test_every_output_names_its_contract(target: str) -> None:
    _, names = _contracts()
    for path, content in _whole(target).items():
        if path not in SHARED:
            assert any(f"source: {name}" in content[:1024] for name in names), path
