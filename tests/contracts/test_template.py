"""The generation template names every target once, and the target that is not ours works with the contracts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Workspace

BETTERPROTO = "protoc-gen-python_betterproto2"


@pytest.fixture
def template(workspace: Workspace) -> dict[str, Any]:
    text = (workspace.root / "buf.gen.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_every_target_has_a_directory_of_its_own(template: dict[str, Any]) -> None:
    assert {plugin["local"]: plugin["out"] for plugin in template["plugins"]} == {
        "protoc-gen-protogate-grpc": "generated/grpc",
        "protoc-gen-protogate-pydantic": "generated/pydantic",
        "protoc-gen-protogate-zod": "generated/zod",
        "protoc-gen-protogate-jsonschema": "generated/jsonschema",
        "protoc-gen-protogate-sql": "generated/sql",
        BETTERPROTO: "generated/betterproto",
    }


def test_each_plugin_is_one_process_for_the_contracts_alone(template: dict[str, Any]) -> None:
    assert template["version"] == "v2"
    assert template["inputs"] == [{"directory": "contracts"}]
    assert {plugin["strategy"] for plugin in template["plugins"]} == {"all"}


def test_betterproto_messages_import_and_round_trip(
    own_workspace: Workspace, template: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = [plugin for plugin in template["plugins"] if plugin["local"] == BETTERPROTO]
    only = own_workspace.root / "only.gen.yaml"
    only.write_text(yaml.safe_dump({**template, "plugins": plugins}), encoding="utf-8")
    # The compiler looks for ruff on PATH.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    done = own_workspace.buf("generate", "--template", only.name)
    assert done.returncode == 0, done.stderr
    code = """if True:
        import betterproto.events.v1, betterproto.identification.v1, betterproto.search.v1
        import betterproto.legacy_bridge.user.v1, betterproto.user.v2
        from betterproto.user.v1 import CreateUserCommand
        command = CreateUserCommand(email="a@b.co", first_name="Ann", age=3)
        assert CreateUserCommand.parse(bytes(command)) == command
        print(command.to_json())
        """
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=own_workspace.root / "generated",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == (
        '{"email": "a@b.co", "firstName": "Ann", "age": 3}\n',
        "",
    )
