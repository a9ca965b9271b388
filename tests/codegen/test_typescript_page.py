"""What docs/codegen.md says about TypeScript, typed in by a machine."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from protogate.cli.codegen_typescript import run
from protogate.codegen.typescript import TypeScriptEmitter
from tests.codegen.typescript.project import compiler_errors

PAGE = Path(__file__).parents[2] / "docs" / "codegen.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("\n## TypeScript from Python types\n")[2].partition("\n## ")[0]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    models, script = blocks("python")
    for name, text in (("shop/models.py", models), ("scripts/shop_types.py", script)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_of_the_page_write_and_check_the_text_of_the_page(shop: Path) -> None:
    for command in blocks("sh"):
        protogate, codegen, ts, *arguments = shlex.split(command)
        assert (protogate, codegen, ts) == ("protogate", "codegen", "ts")
        assert run("codegen ts", arguments) == 0
    assert [(shop / "web" / "shop.ts").read_text(encoding="utf-8")] == blocks("ts")


@pytest.mark.node
def test_text_of_the_page_compiles(tmp_path: Path) -> None:
    assert compiler_errors(tmp_path, {"shop.ts": blocks("ts")[0]}) == ""


def test_methods_of_the_page_are_all_there_are() -> None:
    public = {name for name in vars(TypeScriptEmitter) if not name.startswith("_")}
    assert {name for name in public if f"`{name}" in SECTION or f"{name}(" in SECTION} == public - {"header"}
