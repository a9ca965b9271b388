"""The generation template names every target once, and the target that is not ours works with the contracts."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contracts.conftest import Workspace

BETTERPROTO = "protoc-gen-python_betterproto2"


@pytest.fixture
def template(workspace: Workspace) -> dict[str, Any]:
    text = (workspace.root / "buf.gen.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_every_target_has_a_directory_of_its_own(template: dict[str, Any]) -> None:
    # What the gateway serves stands beside it: routers and the models that they import.
    assert [(plugin["local"], plugin["out"]) for plugin in template["plugins"]] == [
        ("protoc-gen-protogate-grpc", "generated/grpc"),
        ("protoc-gen-protogate-pydantic", "generated/pydantic"),
        ("protoc-gen-protogate-zod", "generated/zod"),
        ("protoc-gen-protogate-jsonschema", "generated/jsonschema"),
        ("protoc-gen-protogate-sql", "generated/sql"),
        ("protoc-gen-protogate-contract", "generated/contracts"),
        (BETTERPROTO, "generated/betterproto"),
        ("protoc-gen-protogate-pydantic", "gateway/_gen"),
        ("protoc-gen-protogate-fastapi", "gateway/_gen"),
    ]


def test_each_plugin_is_one_process_for_the_contracts_alone(template: dict[str, Any]) -> None:
    assert template["version"] == "v2"
    assert template["inputs"] == [{"directory": "contracts"}]
    assert {plugin["strategy"] for plugin in template["plugins"]} == {"all"}


def test_messages_and_stubs_import_with_all_that_they_import(
    own_workspace: Workspace, template: dict[str, Any]
) -> None:
    generate(own_workspace, template, "protoc-gen-protogate-grpc")
    code = """if True:
        import events.v1.events_pb2_grpc, identification.v1.identification_pb2_grpc
        import search.v1.search_pb2_grpc, legacy_bridge.user.v1.user_pb2
        import user.v1.user_pb2_grpc, user.v2.user_pb2_grpc
        from user.v1.user_pb2 import CreateUserCommand
        command = CreateUserCommand(email="a@b.co", age=3)
        assert CreateUserCommand.FromString(command.SerializeToString()) == command
        """
    run_python(code, own_workspace.root / "generated/grpc")


def test_betterproto_messages_import_and_round_trip(own_workspace: Workspace, template: dict[str, Any]) -> None:
    generate(own_workspace, template, BETTERPROTO)
    code = """if True:
        import betterproto.events.v1, betterproto.identification.v1, betterproto.search.v1
        import betterproto.legacy_bridge.user.v1, betterproto.user.v2
        from betterproto.user.v1 import CreateUserCommand
        command = CreateUserCommand(email="a@b.co", first_name="Ann", age=3)
        assert CreateUserCommand.parse(bytes(command)) == command
        assert command.to_json() == '{"email": "a@b.co", "firstName": "Ann", "age": 3}'
        """
    run_python(code, own_workspace.root / "generated")


def generate(workspace: Workspace, template: dict[str, Any], plugin: str) -> None:
    plugins = [each for each in template["plugins"] if each["local"] == plugin]
    only = workspace.root / "only.gen.yaml"
    only.write_text(yaml.safe_dump({**template, "plugins": plugins}), encoding="utf-8")
    done = workspace.buf("generate", "--template", only.name)
    assert done.returncode == 0, done.stderr


def run_python(code: str, directory: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", code]
    ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
