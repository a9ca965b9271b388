from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate.build import identity
from protogate.build.identity import TargetKeys, search_path
from protogate.build.project import Input, Module, Project, Target

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the layout of our packages, in place of the installed ones."""
    for name in ("kit", "targets/zod", "targets/pydantic"):
        (tmp_path / "protoc_gen_protogate" / name).mkdir(parents=True)
        (tmp_path / "protoc_gen_protogate" / name / "code.py").write_text("1")
    (tmp_path / "protoc_gen_protogate/targets/sql.py").write_text("1")
    for name in ("descriptors", "cel", "models"):
        (tmp_path / "protogate" / name).mkdir(parents=True)
        (tmp_path / "protogate" / name / "code.py").write_text("1")
    monkeypatch.setattr(identity, "_package_root", lambda _package: str(tmp_path))
    return tmp_path


def key(root: Path, target: str, **plugin: object) -> str:
    """The key of one of our targets."""
    one = Target("out", (target,), ({"local": f"protoc-gen-protogate-{target}", "out": "out", **plugin},))
    project = Project("buf.gen.yaml", (Module("contracts"),), (Input("contracts"),), (one,), {})
    return TargetKeys(str(root), project, search_path(os.environ)).key(one)


@pytest.mark.parametrize(
    ("changed", "stale"),
    [
        ("protoc_gen_protogate/kit/code.py", {"zod", "sql", "pydantic"}),
        ("protogate/descriptors/code.py", {"zod", "sql", "pydantic"}),
        ("protogate/cel/code.py", {"zod", "sql", "pydantic"}),
        ("protoc_gen_protogate/targets/zod/code.py", {"zod"}),
        ("protoc_gen_protogate/targets/zod/runtime.ts", {"zod"}),
        ("protoc_gen_protogate/targets/sql.py", {"sql"}),
        ("protogate/models/code.py", set()),
        ("protoc_gen_protogate/kit/__pycache__/code.pyc", set()),
    ],
)
def test_sources_of_our_plugins_are_part_of_their_keys(installed: Path, changed: str, stale: set[str]) -> None:
    before = {target: key(installed, target) for target in ("zod", "sql", "pydantic")}
    (installed / changed).parent.mkdir(exist_ok=True)
    (installed / changed).write_text("2")
    after = {target: key(installed, target) for target in before}
    assert {target for target in before if before[target] != after[target]} == stale


def test_version_is_part_of_the_key(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(installed, "zod")
    monkeypatch.setattr(identity, "__version__", "9.9.9")
    assert key(installed, "zod") != before


def test_options_are_part_of_the_key_and_the_directory_is_not(installed: Path) -> None:
    assert key(installed, "zod", opt=["a=1"]) != key(installed, "zod", opt=["a=2"])
    assert key(installed, "zod", out="elsewhere") == key(installed, "zod")


@pytest.mark.parametrize("change", [Path.touch, lambda path: path.write_text("#!/bin/sh\n#more")])
def test_other_plugins_are_known_by_their_files(tmp_path: Path, change: Callable[[Path], object]) -> None:
    plugin = tmp_path / "bin/mine"
    plugin.parent.mkdir()
    plugin.write_text("#!/bin/sh\n")
    plugin.chmod(0o755)
    os.utime(plugin, (1, 1))
    one = Target("out", ("mine",), ({"local": "./bin/mine", "out": "out"},))
    project = Project("buf.gen.yaml", (), (), (one,), {})
    before = TargetKeys(str(tmp_path), project, "").key(one)
    assert TargetKeys(str(tmp_path), project, "").key(one) == before
    change(plugin)
    assert TargetKeys(str(tmp_path), project, "").key(one) != before


def test_own_scripts_come_first_on_the_path() -> None:
    path = search_path({"PATH": "/nowhere"})
    assert path.split(os.pathsep) == [str(Path(sys.executable).parent), "/nowhere"]
    assert shutil.which("protoc-gen-protogate-zod", path=path)
