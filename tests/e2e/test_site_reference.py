"""The reference pages as people see them: each thing that the program names has its heading in the built site."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import fields
from html import unescape
from typing import TYPE_CHECKING

import pytest

from gateway.commands.config import VARIABLES
from protogate.compat.profiles.buf.categories import RULES
from protogate.compat.profiles.confluent import EFFECTS
from protogate.compat.rules import Rule
from protogate.config import Config
from tests.e2e.conftest import ROOT
from tests.e2e.test_docs import COMMANDS, TARGETS, plugin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SOURCES = ("protogate", "protoc_gen_protogate", "gateway", "registry")
_HEADING = re.compile(r'<h[1-4] id="[^"]+">(.*?)</h[1-4]>', re.DOTALL)
_FINDING = re.compile(r'"((?:contract|crosscheck|codegen)/[a-z][a-z0-9-]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def _headings(page: Path) -> list[str]:
    """What a reader sees of the headings of a page."""
    found = _HEADING.findall(page.read_text(encoding="utf-8"))
    return [unescape(re.sub(r"<[^>]+>", "", text)).replace("¶", "").strip() for text in found]


def _sources() -> Iterator[Path]:
    for name in _SOURCES:
        yield from sorted(path for path in (ROOT / name).rglob("*.py") if "_gen" not in path.parts)


def _errors() -> set[str]:
    """Every public error: what is derived from `ProtogateError`, however far."""
    bases: dict[str, set[str]] = {}
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(ast.unparse(base) for base in node.bases)
    known = {"ProtogateError"}
    while more := {name for name, those in bases.items() if those & known} - known:
        known |= more
    return {name for name in known if not name.startswith("_")}


def test_plugins_and_their_options(site: Path) -> None:
    plugins, options = _headings(site / "plugins.html"), _headings(site / "plugin-options.html")
    for target in TARGETS:
        assert f"protoc-gen-protogate-{target}" in plugins
        for option in plugin(target).options:
            assert any(re.search(rf"\b{option.name}\b", one) for one in options), (target, option.name)


def test_commands(site: Path) -> None:
    headings = _headings(site / "commands.html")
    assert [name for name in COMMANDS if f"protogate {name}".strip() not in headings] == []


def test_settings(site: Path) -> None:
    headings = _headings(site / "settings.html")
    assert [one.name for one in fields(Config) if f"tool.protogate: {one.name}" not in headings] == []
    for name in VARIABLES:
        assert any(re.search(rf"\b{name}\b", one) for one in headings), name


def test_rules(site: Path) -> None:
    headings = set(_headings(site / "compatibility.html"))
    assert {str(rule) for rule in Rule} - headings == set()
    words = " ".join(_headings(site / "buf-rules.html"))
    assert [rule for rule in RULES if not re.search(rf"\b{rule}\b", words)] == []


def test_findings(site: Path) -> None:
    told = {rule for path in _sources() for rule in _FINDING.findall(path.read_text(encoding="utf-8"))}
    assert len(told) > 40
    told |= {f"confluent/{kind}" for kind in EFFECTS}
    assert told - set(_headings(site / "findings.html")) == set()


def test_errors(site: Path) -> None:
    errors = _errors()
    assert len(errors) > 40
    assert errors - set(_headings(site / "errors.html")) == set()
