"""The process around a generator: protocol, errors, replay, help."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorResponse

import protogate
from protoc_gen_protogate.kit import Flag, NotCarried, OutputFile, Plugin, respond
from protogate.errors import UserError
from tests.support.compiler import compile_protos, request_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from protogate.descriptors import Schema

A = {"a.proto": 'syntax = "proto3"; message A { string x = 1; }'}
STAND_IN = """
import sys
from protoc_gen_protogate.kit import OutputFile, Plugin
def generate(schema, options):
    if any(file.name == "crash.proto" for file in schema.files_to_generate):
        raise ZeroDivisionError("boom")
    yield OutputFile("a.txt", "made")
sys.exit(Plugin("standin", "a stand-in", (), generate).main())
"""


def _generate(schema: Schema, options: Mapping[str, str | bool]) -> Iterator[OutputFile | NotCarried]:
    for file in schema.files_to_generate:
        if options["fail"]:
            raise UserError(f"{file.name}:1: not like this")
        yield NotCarried(file.name, "A.x", "string.email", "no regular expressions here")
        yield NotCarried(file.name, "A.a", "cel:b", "no functions here")
        yield OutputFile(f"{file.stem}.txt", file.name)


PLUGIN = Plugin("test", "writes names", (Flag("fail", "refuse everything"),), _generate)


def _respond(plugin: Plugin = PLUGIN, parameter: str = "") -> CodeGeneratorResponse:
    data = request_for(compile_protos(A), A, parameter=parameter).SerializeToString()
    return CodeGeneratorResponse.FromString(respond(plugin, data))


def test_declares_every_edition_from_proto2_to_2024() -> None:
    response = _respond()
    assert response.supported_features == 3
    assert (response.minimum_edition, response.maximum_edition) == (998, 1001)


def test_what_is_not_carried_is_reported_beside_the_output() -> None:
    files = {file.name: file.content for file in _respond().file}
    assert sorted(files) == ["a.test-report.json", "a.txt"]
    report = json.loads(files["a.test-report.json"])
    assert report.pop("$comment").endswith("source: a.proto")
    assert report == {
        "target": "test",
        "source": "a.proto",
        "not_carried": [
            {"element": "A.a", "rule": "cel:b", "reason": "no functions here"},
            {"element": "A.x", "rule": "string.email", "reason": "no regular expressions here"},
        ],
    }


@pytest.mark.parametrize(
    ("parameter", "error"),
    [
        ("fail", "protoc-gen-protogate-test: a.proto:1: not like this"),
        ("fial", "protoc-gen-protogate-test: option 'fial' is not known; use one of fail"),
    ],
)
def test_a_users_mistake_is_one_line_and_no_file(parameter: str, error: str) -> None:
    response = _respond(parameter=parameter)
    assert response.error == error
    assert not response.file


def test_two_outputs_of_one_name_are_refused() -> None:
    def generate(schema: Schema, _: Mapping[str, str | bool]) -> Iterator[OutputFile]:
        yield OutputFile("same.txt", str(schema))
        yield OutputFile("same.txt", "again")

    response = _respond(Plugin("test", "clashes", (), generate))
    assert response.error.endswith("same.txt: two contracts lead to this one output; rename one of them")


def _process(stdin: bytes, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", STAND_IN, *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), **environment},
    )


def test_answers_on_standard_output() -> None:
    finished = _process(request_for(compile_protos(A), A).SerializeToString())
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert CodeGeneratorResponse.FromString(finished.stdout).file[0].content == "made"


def test_a_dump_replays_to_the_same_answer(tmp_path: Path) -> None:
    data = request_for(compile_protos(A), A).SerializeToString()
    dump = tmp_path / "request.binpb"
    first = _process(data, PROTOGATE_DUMP=str(dump))
    assert dump.read_bytes() == data
    assert _process(dump.read_bytes()).stdout == first.stdout


def test_a_dump_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    data = request_for(compile_protos(A), A).SerializeToString()
    finished = _process(data, PROTOGATE_DUMP=str(tmp_path / "no" / "such" / "folder"))
    assert finished.returncode == 0
    assert "PROTOGATE_DUMP" in CodeGeneratorResponse.FromString(finished.stdout).error


def test_a_defect_shows_its_traceback_and_never_looks_like_success() -> None:
    source = {"crash.proto": 'syntax = "proto3";'}
    finished = _process(request_for(compile_protos(source), source).SerializeToString())
    assert finished.returncode == 70
    assert finished.stdout == b""
    assert b"ZeroDivisionError: boom" in finished.stderr
    assert b"please report it" in finished.stderr


def test_noise_on_standard_input_is_one_clear_error() -> None:
    finished = _process(b"hello world, this is no request")
    assert finished.returncode == 0
    assert CodeGeneratorResponse.FromString(finished.stdout).error.startswith(
        "protoc-gen-protogate-standin: standard input holds no CodeGeneratorRequest"
    )


@pytest.mark.parametrize(
    ("argument", "code", "text"),
    [
        ("--version", 0, f"protoc-gen-protogate-standin {protogate.__version__}\n"),
        ("--help", 0, "a stand-in"),
        ("--frob", 2, "argument '--frob' is not known; use --help or --version\n"),
    ],
)
def test_arguments(argument: str, code: int, text: str) -> None:
    finished = _process(b"", argument)
    assert finished.returncode == code
    assert text in (finished.stdout + finished.stderr).decode()
