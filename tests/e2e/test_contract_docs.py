"""docs/contract-cross-check.md, typed in by a machine, and the rules that it lists; examples/devices, as it is."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.e2e.conftest import ROOT, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = (ROOT / "docs/contract-cross-check.md").read_text()
_MARKED = re.compile(
    r"<!-- (?:file: (?P<path>\S+)|(?P<kind>run|output)(?:: (?P<code>\d))?) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL
)
_RULE = re.compile(r"(?:contract|crosscheck)/[a-z0-9-]+")
_SOURCES = [*ROOT.glob("protogate/crosscheck/**/*.py"), ROOT / "protogate/cli/codegen_registry.py"]
_FINDERS = {"find", "_find", "warn", "error", "_tell", "told"}
"""Methods whose first argument is a rule of `crosscheck/`, written without it."""


@pytest.fixture
def shell(tmp_path: Path, installed: Path) -> Shell:
    return Shell(tmp_path, installed)


def test_examples_of_the_page_work(shell: Shell) -> None:
    said = ""
    blocks = list(_MARKED.finditer(PAGE))
    for block in blocks:
        if block["path"]:
            target = shell.directory / block["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block["text"])
        elif block["kind"] == "run":
            said = shell.run(block["text"], code=int(block["code"] or 0))
        else:
            for line in block["text"].splitlines():
                assert line.removesuffix("...") in said
    assert len(blocks) == PAGE.count("\n<!-- ")
    assert '"enum": ["ok", "degraded"]' in (shell.directory / "contracts/GetHealth.query.json").read_text()


def test_rules_of_the_code_and_of_the_page_are_the_same() -> None:
    written = {rule for source in _SOURCES for rule in rules_of(ast.parse(source.read_text()))}
    rows = set(re.findall(r"^\| `([a-z]+/[a-z0-9-]+)` \|", PAGE, re.MULTILINE))
    assert rows == written


def rules_of(tree: ast.Module) -> Iterator[str]:
    """Yield the rules that a module names: as a whole, or as the first argument of what makes findings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _RULE.fullmatch(node.value):
            yield node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            yield from rules_found(node.func.attr, node.args[0])


def rules_found(method: str, argument: ast.expr) -> Iterator[str]:
    words = [one.value for one in ast.walk(argument) if isinstance(one, ast.Constant)]
    if method in _FINDERS:
        yield from (f"crosscheck/{word}" for word in words if isinstance(word, str) and re.fullmatch(r"[a-z-]+", word))


@pytest.mark.parametrize("rule", sorted(set(_RULE.findall(PAGE))))
def test_rules_that_the_page_speaks_of_have_a_row(rule: str) -> None:
    assert f"\n| `{rule}` |" in PAGE


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:|#)([^)#]+)", PAGE))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()


def test_variables_of_the_page_are_those_of_the_code() -> None:
    code = (ROOT / "protogate/cli/pfix.py").read_text()
    assert set(re.findall(r"^\| `(PFIX_\w+)`", PAGE, re.MULTILINE)) == set(re.findall(r"PFIX_[A-Z]+(?:_[A-Z]+)*", code))


def test_hooks_of_the_page_exist() -> None:
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert set(re.findall(r"- id: (\S+)", PAGE)) <= hooks


def test_example_repository_is_clean(shell: Shell) -> None:
    shutil.copytree(ROOT / "examples/devices", shell.directory, dirs_exist_ok=True)
    said = shell.run("protogate codegen registry contracts --check --cross-check-pydantic --drift")
    assert "1 command, 1 query, 1 event, 3 compared with code" in said
    assert "warning" not in said


def test_example_repository_does_what_its_readme_says(shell: Shell) -> None:
    shutil.copytree(ROOT / "examples/devices", shell.directory, dirs_exist_ok=True)
    readme = (ROOT / "examples/devices/README.md").read_text()
    commands = re.findall(r"^(doit.*?)(?: +#.*)?$", readme, re.MULTILINE)
    assert commands
    for command in commands:
        shell.run(command)


def test_example_repository_catches_a_drift(shell: Shell) -> None:
    shutil.copytree(ROOT / "examples/devices", shell.directory, dirs_exist_ok=True)
    models = shell.directory / "backend/api/models.py"
    models.write_text(models.read_text().replace('EXISTS = "exists"', 'EXISTS = "exists"\n    QUEUED = "queued"'))
    said = shell.run("protogate codegen registry contracts --check --cross-check-pydantic", code=1)
    assert "CreateDevice.command.json:13" in said
    assert '"queued"' in said


def test_example_service_runs(shell: Shell, installed: Path) -> None:
    shutil.copytree(ROOT / "examples/devices", shell.directory, dirs_exist_ok=True)
    code = (
        "from fastapi.testclient import TestClient\n"
        "from backend.main import app\n"
        "client = TestClient(app)\n"
        "device = {'serial': 's1', 'mode': 'auto'}\n"
        "answers = [client.post('/api/v3/data/devices', json=device).json()['status'] for _ in range(2)]\n"
        "print(answers, client.get('/api/v3/id/health').json())\n"
    )
    done = subprocess.run(
        [installed / "python", "-c", code], cwd=shell.directory, capture_output=True, text=True, check=False
    )
    assert done.stdout == "['created', 'exists'] {'status': 'ok', 'checks': {'database': 'ok'}}\n", done.stderr
