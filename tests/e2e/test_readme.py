"""The README's own example, typed in by a machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from protogate.errors import EXIT_BUG, EXIT_FINDINGS, EXIT_OK, EXIT_USAGE
from tests.e2e.conftest import ROOT, Shell

if TYPE_CHECKING:
    from pathlib import Path

README = (ROOT / "README.md").read_text()
_MARKED = re.compile(r"<!-- (file: (?P<path>\S+)|run) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)


def test_example_of_the_readme_works(tmp_path: Path, installed: Path) -> None:
    shell = Shell(tmp_path, installed)
    ran = []
    for block in _MARKED.finditer(README):
        if block["path"]:
            target = tmp_path / block["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block["text"])
        else:
            ran.append(shell.run(block["text"]))
    assert len(ran) == 6
    assert "1 of 1 contract generated" in ran[0]
    assert "-- generate" in ran[3].splitlines()
    assert "1 contract: 1 registered" in ran[4]
    assert "1 contract: 1 unchanged" in ran[4]
    assert ran[5].count("Done: 1 ok, 0 failed") == 4
    assert {"python/acme/user/v1/user_models.py", "ts/acme/user/v1/user.zod.ts"} <= shell.files("generated").keys()


def test_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for line in re.findall(r"^make\b *(.*?)(?:#.*)?$", README, re.MULTILINE):
        target = line.strip() or "build"
        assert re.search(rf"^(?:\S+ )*{target}(?: \S+)*:", makefile, re.MULTILINE)


@pytest.mark.parametrize("code", [EXIT_OK, EXIT_FINDINGS, EXIT_USAGE, EXIT_BUG])
def test_exit_codes_are_documented(code: int) -> None:
    assert re.search(rf"^\| {code} \|", README, re.MULTILINE)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
