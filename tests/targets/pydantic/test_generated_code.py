"""Generated modules satisfy the strictest checkers of Python."""

from __future__ import annotations

import compileall
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protoc_gen_protogate.targets.pydantic import PLUGIN
from protogate.models import Message
from tests.support.compiler import run_plugin
from tests.targets.pydantic.generated import importable

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
SOURCES = (ROOT / "tests" / "agreement" / "protos" / "fixtures", ROOT / "tests" / "agreement" / "protos" / "rules")

# What a user writes; the checkers have to see the types behind it.
USE = """
from typing import assert_type

import protogate.models as pg
from agreement.modern.v1.modern_models import Color, Implicit

model = Implicit(int32_field=1, color=Color.COLOR_RED, bytes_field=b"x")
assert_type(model.int32_field, int)
assert_type(model.bytes_field, bytes)
assert_type(model.color, Color)
assert_type(Implicit.model_validate_json("{}"), Implicit)
assert_type(pg.Timestamp.now() < pg.Timestamp(), bool)
"""


@pytest.fixture(scope="module")
def output() -> Iterator[Path]:
    protos = {
        path.relative_to(root).as_posix(): path.read_text("utf-8") for root in SOURCES for path in root.rglob("*.proto")
    }
    with importable({**run_plugin(PLUGIN, protos), "use.py": USE}) as root:
        yield root


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False)


def test_modules_compile(output: Path) -> None:
    assert compileall.compile_dir(output, quiet=1)


def test_modules_import_and_build_with_warnings_as_errors(output: Path) -> None:
    for path in output.rglob("*_models.py"):
        module = importlib.import_module(path.relative_to(output).with_suffix("").as_posix().replace("/", "."))
        for thing in list(vars(module).values()):
            if isinstance(thing, type) and issubclass(thing, Message):
                thing.model_rebuild(force=True)
                thing.model_json_schema(mode="validation")
                thing.model_json_schema(mode="serialization")


def test_modules_satisfy_mypy_strict(output: Path) -> None:
    (output / "mypy.ini").write_text(
        "[mypy]\nstrict = true\nexplicit_package_bases = true\nnamespace_packages = true\n", encoding="utf-8"
    )
    done = run("mypy", "--config-file", "mypy.ini", "--cache-dir", str(output / ".cache"), ".", cwd=output)
    assert done.returncode == 0, done.stdout


def test_modules_satisfy_pyright_strict(output: Path) -> None:
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "extraPaths": [str(ROOT), "."],
        "venvPath": str(Path(sys.prefix).parent),
        "venv": Path(sys.prefix).name,
    }
    (output / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = run("pyright", "-p", ".", cwd=output)
    assert done.returncode == 0, done.stdout


def test_modules_satisfy_ruff(output: Path) -> None:
    done = run("ruff", "check", "--isolated", "--ignore-noqa", "--select", "E9,F", ".", cwd=output)
    assert done.returncode == 0, done.stdout
