"""The reference pages: each setting, variable and plugin option has its heading, and every link leads somewhere."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from gateway.commands.config import VARIABLES
from protogate.config import Config
from tests.e2e.test_docs import TARGETS, plugin

_DOCS = Path(__file__).parents[2] / "docs"
_PAGES = ("buf-rules", "errors", "findings", "plugin-options", "settings")


def _headings(page: Path) -> list[str]:
    return [re.sub(r"[`*]", "", text) for text in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)]


def _anchors(page: Path) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in _headings(page)}


def test_every_setting_and_variable_has_its_heading() -> None:
    headings = _headings(_DOCS / "settings.md")
    for field in fields(Config):
        assert f"tool.protogate: {field.name}" in headings
    for name in VARIABLES:
        assert any(re.search(rf"\b{name}\b", heading) for heading in headings), name


@pytest.mark.parametrize("target", TARGETS)
def test_every_option_of_a_plugin_has_its_heading(target: str) -> None:
    headings = _headings(_DOCS / "plugin-options.md")
    for option in plugin(target).options:
        assert any(re.search(rf"\b{option.name}\b", heading) for heading in headings), option.name


@pytest.mark.parametrize("name", _PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = _DOCS / f"{name}.md"
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if link.startswith("http"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in _anchors(target), link
