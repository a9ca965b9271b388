"""What comes out of the grpc target works: it imports, serves calls, and says clearly when it cannot be written."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorResponse

from protoc_gen_protogate.kit import respond
from protoc_gen_protogate.targets.grpc import PLUGIN
from tests.support.compiler import compile_protos, request_for, run_plugin

if TYPE_CHECKING:
    from collections.abc import Mapping

GREETER = """
edition = "2023";
package protogate.test.greeting;
message Name { string text = 1; }
// Greets.
service Greeter {
  rpc Greet(Name) returns (Name);
}
"""
PLAIN = 'syntax = "proto3"; package protogate.test.plain; message Plain { int64 number = 1; }'


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _error(files: Mapping[str, str], parameter: str = "") -> str:
    request = request_for(compile_protos(files), files, parameter=parameter)
    response = CodeGeneratorResponse.FromString(respond(PLUGIN, request.SerializeToString()))
    assert not response.file
    return response.error


def test_stubs_and_servicer_talk_to_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, run_plugin(PLUGIN, {"greeting_of_the_test.proto": GREETER}))
    monkeypatch.syspath_prepend(str(tmp_path))
    messages = importlib.import_module("greeting_of_the_test_pb2")
    stubs = importlib.import_module("greeting_of_the_test_pb2_grpc")

    class Greeter(stubs.GreeterServicer):  # type: ignore[name-defined, misc] # generated a moment ago
        def Greet(self, request: object, context: object) -> object:  # noqa: ARG002, N802 - gRPC's names
            return messages.Name(text=f"hello {request.text}")  # type: ignore[attr-defined]

    server = grpc.server(ThreadPoolExecutor(max_workers=1))
    stubs.add_GreeterServicer_to_server(Greeter(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            answer = stubs.GreeterStub(channel).Greet(messages.Name(text="you"), timeout=10)
    finally:
        server.stop(None)
    assert answer.text == "hello you"


def test_modules_in_packages_named_by_keywords_import(tmp_path: Path) -> None:
    text = GREETER.replace("protogate.test.greeting", "protogate.test.keyword")
    _write(tmp_path, run_plugin(PLUGIN, {"acme/import/class.proto": text}))
    program = "import importlib; importlib.import_module('acme.import.class_pb2_grpc').GreeterStub"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)


@pytest.mark.parametrize(
    ("parameter", "suffixes"),
    [
        pytest.param("", {"_pb2.py", "_pb2.pyi", "_pb2_grpc.py"}, id="everything"),
        pytest.param("stubs=false", {"_pb2.py", "_pb2.pyi"}, id="no stubs"),
        pytest.param("pyi=false", {"_pb2.py", "_pb2_grpc.py"}, id="no types"),
        pytest.param("pyi=false,stubs=false", {"_pb2.py"}, id="messages only"),
    ],
)
def test_options_switch_parts_off(parameter: str, suffixes: set[str]) -> None:
    outputs = run_plugin(PLUGIN, {"a.proto": GREETER}, parameter=parameter)
    assert {name.removeprefix("a") for name in outputs} == suffixes


def test_a_file_without_services_has_no_stubs() -> None:
    assert set(run_plugin(PLUGIN, {"plain.proto": PLAIN})) == {"plain_pb2.py", "plain_pb2.pyi"}


def test_every_output_names_its_contract_in_the_first_kilobyte() -> None:
    for text in run_plugin(PLUGIN, {"a/b-c.proto": GREETER}).values():
        assert "# source: a/b-c.proto\n" in text[:1000]


def test_comments_of_services_reach_the_stubs() -> None:
    assert "Greets." in run_plugin(PLUGIN, {"a.proto": GREETER})["a_pb2_grpc.py"]


def test_output_does_not_depend_on_the_other_files_of_the_request() -> None:
    alone = run_plugin(PLUGIN, {"a.proto": GREETER})
    together = run_plugin(PLUGIN, {"a.proto": GREETER, "plain.proto": PLAIN})
    assert {name: together[name] for name in alone} == alone


def test_two_contracts_for_one_module_are_an_error_that_names_it() -> None:
    error = _error({"a-b.proto": GREETER, "a_b.proto": PLAIN})
    assert "a_b_pb2.py" in error


def test_an_unknown_option_lists_the_known_ones() -> None:
    assert _error({"a.proto": PLAIN}, "stub=true") == (
        "protoc-gen-protogate-grpc: option 'stub' is not known; use one of stubs, pyi"
    )


def test_nothing_is_left_in_the_temporary_directory() -> None:
    folder = Path(tempfile.gettempdir())
    before = set(folder.glob("protogate-grpc-*"))
    run_plugin(PLUGIN, {"a.proto": GREETER})
    assert set(folder.glob("protogate-grpc-*")) <= before
