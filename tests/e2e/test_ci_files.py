"""What CI servers read: our action, our template, and the workflows that `protogate init` writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from protogate.scaffold.project import plan_project

ROOT = Path(__file__).resolve().parents[2]
CHECKER = Path(sys.executable).with_name("check-jsonschema")


def check(schema: str, path: Path, *more: str) -> None:
    command = [str(CHECKER), "--builtin-schema", f"vendor.{schema}", *more, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_is_one() -> None:
    check("github-actions", ROOT / "action.yml")


def test_the_template_is_one() -> None:
    check("gitlab-ci", ROOT / "ci/gitlab.yml", "--data-transform", "gitlab-ci")


@pytest.mark.parametrize(
    ("ci", "path", "schema", "more"),
    [
        ("github", ".github/workflows/protogate.yml", "github-workflows", []),
        ("gitlab", ".gitlab-ci.yml", "gitlab-ci", ["--data-transform", "gitlab-ci"]),
    ],
)
def test_workflows_of_new_repositories(tmp_path: Path, ci: str, path: str, schema: str, more: list[str]) -> None:
    written = tmp_path / "workflow.yml"
    written.write_text(plan_project(tmp_path, ci=ci).created[path])
    check(schema, written, *more)
    assert "protogate ci" in written.read_text()
