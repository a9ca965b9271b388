"""The hooks that `protogate init` writes, run by the real pre-commit in a real repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CONTRACT = "contracts/example/v1/example.proto"


class Repository:
    """A git repository that `protogate init` has set up, with its hooks installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.com",
            "PRE_COMMIT_HOME": str(root / ".git" / "pre-commit"),
        }
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.run("protogate", "init")
        self.run("pre-commit", "install")

    def run(self, *command: str, code: int = 0) -> str:
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        return said

    def commit(self, *, code: int = 0) -> str:
        self.run("git", "add", "--all")
        return self.run("git", "commit", "--quiet", "--message=change", code=code)

    def edit(self, old: str, new: str) -> None:
        path = self.root / CONTRACT
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_breaking_change_does_not_get_into_the_repository(repository: Repository) -> None:
    repository.commit()
    repository.edit("int64 price = 3", "string price = 3")
    repository.edit(".int64.gte = 0", ".string.min_len = 1")
    said = repository.commit(code=1)
    assert "contracts break nobody" in said
    assert f"{CONTRACT}:21" in said
    assert repository.run("git", "log", "--oneline").count("\n") == 1


def test_a_good_change_does(repository: Repository) -> None:
    repository.commit()
    repository.edit(
        "  // Since when", "  // What it weighs, in grams.\n  optional uint32 weight = 6;\n\n  // Since when"
    )
    assert "Failed" not in repository.commit()


def test_a_contract_that_is_badly_formatted_is_stopped(repository: Repository) -> None:
    repository.edit("  // What people", "      // What people")
    assert "lint and format of contracts" in repository.commit(code=1)


def test_generated_code_that_is_in_git_must_be_up_to_date(repository: Repository) -> None:
    (repository.root / ".gitignore").write_text(".protogate/\n")
    repository.run("protogate", "generate", "all")
    repository.commit()
    repository.edit(
        "  // Since when", "  // What it weighs, in grams.\n  optional uint32 weight = 6;\n\n  // Since when"
    )
    assert "files were modified by this hook" in repository.commit(code=1)
    assert "Failed" not in repository.commit()


def test_what_is_not_staged_is_not_looked_at(repository: Repository) -> None:
    repository.commit()
    repository.edit("int64 price = 3", "bytes price = 3")
    (repository.root / "notes.txt").write_text("a")
    repository.run("git", "add", "notes.txt")
    repository.run("git", "commit", "--quiet", "--message=notes")


def test_the_published_hooks_are_what_pre_commit_takes() -> None:
    subprocess.run([str(BIN / "pre-commit"), "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], check=True)
