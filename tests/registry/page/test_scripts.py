"""The scripts of the page are plain, and checked like typed ones."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.registry.page.conftest import PAGE
from tests.support.node import node_modules

if TYPE_CHECKING:
    from pathlib import Path

_STRICT = (
    *("--noEmit", "--allowJs", "--checkJs", "--strict", "--noUncheckedIndexedAccess", "--noImplicitReturns"),
    *("--noUnusedLocals", "--noUnusedParameters", "--target", "esnext", "--module", "esnext"),
    *("--moduleResolution", "bundler", "--lib", "esnext,dom,dom.iterable", "--types", ""),
)


def _check(*scripts: Path) -> str:
    command = ["node", str(node_modules() / "typescript" / "bin" / "tsc"), *_STRICT, *map(str, scripts)]
    return subprocess.run(command, cwd=PAGE, capture_output=True, text=True, check=False).stdout


@pytest.mark.node
def test_the_scripts_have_no_type_errors() -> None:
    assert _check(*sorted(PAGE.glob("*.js"))) == ""


@pytest.mark.node
def test_the_check_finds_type_errors(tmp_path: Path) -> None:
    script = tmp_path / "wrong.js"
    script.write_text("/** @type {number} */\nexport const wrong = 'text';\n")
    assert "TS2322" in _check(script)


def test_the_page_is_whole_and_has_nothing_inline() -> None:
    text = (PAGE / "index.html").read_text()
    named = set(re.findall(r'(?:src|href)="([^"#]+)"', text))
    assert named == {"icon.svg", "style.css", "app.js"}
    assert all((PAGE / name).is_file() for name in named)
    assert not re.search(r"<style|\son\w+=|\sstyle=|<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("script", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_scripts_never_make_markup_of_text(script: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script.read_text()
    )
