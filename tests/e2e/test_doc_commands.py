"""Every command line that a page shows is one that the program understands, whether a test types it in or not."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import ROOT
from tests.e2e.test_docs import COMMANDS, help_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_INLINE = re.compile(r"`((?:protogate|doit) [^`\n]+)`")
_OPTION = re.compile(r"--[a-z][a-z0-9-]*")
_KNOWN = {*COMMANDS, "gateway serve", "gateway phase"} - {""}
_PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "DESIGN.md", "SECURITY.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("examples/*/README.md")),
]


def lines(page: str) -> Iterator[str]:
    """Yield what a reader may type in."""
    for block in _BLOCK.findall(page):
        yield from re.sub(r"\\\n\s*", " ", block).splitlines()
    yield from _INLINE.findall(page)


def typed(page: str) -> Iterator[list[str]]:
    """Yield the words of each command line of Protogate on a page."""
    for line in lines(page):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            # A text with a single quotation mark: the end of a program in another language.
            continue
        part: list[str] = []
        for word in [*words, ";"]:
            if word not in {"|", "&&", "||", ";", "&"}:
                part.append(word)
                continue
            while part and re.fullmatch(r"\w+=.*", part[0]):
                part.pop(0)
            if part and part[0] == "protogate":
                yield part[1:]
            part = []


def command_of(words: list[str]) -> str | None:
    """The longest command that a line begins with; none where it shows a placeholder or only an option."""
    named = [word for word in words[:2] if re.fullmatch(r"[a-z][a-z-]*", word)]
    for length in (2, 1):
        if len(named) >= length and " ".join(named[:length]) in _KNOWN:
            return " ".join(named[:length])
    return None


@cache
def options_of(command: str) -> frozenset[str]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        plain = {"gateway serve": "gateway", "gateway phase": "slice phase"}.get(command, command)
        text = help_text(plain, monkeypatch)
        if command == "legacy sync-check":
            # With `--data` it is another command, in the process of the gateway.
            text += help_text("gateway bridge compare", monkeypatch)
    return frozenset(_OPTION.findall(text)) | {"--help"}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_command_lines_of_a_page_are_understood(page: Path) -> None:
    for words in typed(page.read_text(encoding="utf-8")):
        shown = " ".join(["protogate", *words])
        if not words or words[0].startswith("-") or words[0].isupper() or words[0].startswith(("...", "_")):
            continue
        command = command_of(words)
        assert command, f"{page.name}: {shown}: is no command"
        for option in (word.partition("=")[0] for word in words if _OPTION.match(word)):
            assert option in options_of(command), f"{page.name}: {shown}: {command} has no {option}"


def test_something_is_looked_at() -> None:
    found = [words for page in _PAGES for words in typed(page.read_text(encoding="utf-8"))]
    assert len(found) > 150
    assert sum(any(_OPTION.match(word) for word in words) for words in found) > 40
