"""The examples of docs/registry.md, typed in by a machine, the server included."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import yaml

from protogate._apps import REGISTRY_COMMANDS
from protogate.cli import _COMMANDS
from tests.e2e.conftest import ROOT, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = (ROOT / "docs/registry.md").read_text()
_MARKED = re.compile(
    r"<!-- (?:file: (?P<path>\S+)|(?P<kind>run|serve|python|output)(?:: (?P<code>\d))?) -->\n"
    r"```\w+\n(?P<text>.*?)```",
    re.DOTALL,
)
_ADDRESS = "127.0.0.1:8081"


@contextmanager
def serving(scripts: Path, root: Path) -> Iterator[str]:
    """The address of a server that runs while the rest of the page is read."""
    command = [str(scripts / "protogate"), "registry", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            yield process.stderr.readline().strip().removeprefix("serving http://")
        finally:
            process.terminate()


def test_examples_of_the_registry_page_work(tmp_path: Path, installed: Path) -> None:
    shell = Shell(tmp_path, installed)
    before, _, after = PAGE.partition("<!-- serve -->")
    said = ""
    for block in _MARKED.finditer(before):
        said = play(block, shell, said, _ADDRESS)
    with serving(installed, tmp_path) as address:
        for block in _MARKED.finditer(after):
            said = play(block, shell, said, address)
    assert (tmp_path / "registry.jsonl.gz").stat().st_size > 0


def play(block: re.Match[str], shell: Shell, said: str, address: str) -> str:
    """Do what a block says; give what it prints."""
    text = block["text"].replace(_ADDRESS, address)
    if block["path"]:
        target = shell.directory / block["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return said
    match block["kind"]:
        case "output":
            for line in text.splitlines():
                assert line.removesuffix("...") in said
            return said
        case "python":
            done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout
        case _:
            return shell.run(text, code=int(block["code"] or 0))


def test_hooks_of_the_page_exist_and_run_a_command() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    named = set(re.findall(r"- id: (\S+)", PAGE))
    assert named <= hooks.keys()
    for hook in hooks.values():
        program, command, *rest = hook["entry"].split()
        assert program == "protogate"
        assert command in _COMMANDS
        assert command != "registry" or rest[0] in REGISTRY_COMMANDS
        contract = "contracts/a.query.json" if command == "codegen" else "contracts/a.proto"
        assert (hook["pass_filenames"], re.search(hook["files"], contract) is not None) == (False, True)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:|#)([^)#]+)", PAGE))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()
