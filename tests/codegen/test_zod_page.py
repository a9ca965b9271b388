"""What docs/codegen.md says about JSON Schema and zod, typed in by a machine."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from protogate import __version__
from protogate.cli.codegen import run

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "codegen.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## JSON Schema from")[2].partition("\n## TypeScript")[0]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)


def test_commands_of_the_page_write_the_texts_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop").mkdir()
    Path("shop/orders.py").write_text(blocks("python")[0], encoding="utf-8")
    for command in blocks("sh"):
        assert run("codegen", shlex.split(command)[2:]) == 0
    assert [Path("schemas/_index.json").read_text(encoding="utf-8")] == blocks("json")
    module = Path("web/order.validator.ts").read_text(encoding="utf-8").replace(__version__, "VERSION")
    assert [module] == blocks("ts")


def test_page_explains_every_finding() -> None:
    sources = [*ROOT.glob("protogate/codegen/zod*.py"), *ROOT.glob("protogate/codegen/json_schema*.py")]
    rules = {rule for path in sources for rule in re.findall(r'"(codegen/[a-z-]+)"', path.read_text(encoding="utf-8"))}
    assert len(rules) > 15
    assert {rule for rule in rules if f"`{rule}`" not in SECTION} == set()
