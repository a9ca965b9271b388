"""What `protogate init` adds to repositories of all sorts: nothing of anybody's is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from protogate.errors import UserError
from protogate.scaffold.plan import write_files
from protogate.scaffold.project import CI_SYSTEMS, plan_project

if TYPE_CHECKING:
    from pathlib import Path

BUF_USER = {
    "buf.yaml": "version: v2\nmodules:\n  - path: proto # ours\nlint:\n  use: [MINIMAL]\n",
    "buf.gen.yaml": "version: v2\ninputs:\n  - directory: proto\nplugins:\n  - local: protoc-gen-go\n    out: gen\n",
    "proto/acme/v1/a.proto": 'syntax = "proto3";\npackage acme.v1;\nmessage A {}\n',
}
REPOSITORIES: dict[str, dict[str, str]] = {
    "empty": {},
    "buf": BUF_USER,
    "hooks": {".pre-commit-config.yaml": "repos:\n- repo: https://example.com/a\n  rev: v1\n  hooks:\n  - id: b\n"},
    "doit": {"dodo.py": "def task_mine():\n    return {'actions': ['true']}\n"},
    "gitlab": {".gitlab-ci.yml": "build:\n  script: [make]\n"},
    "ignored": {".gitignore": "*.pyc\n/generated\n.protogate"},
}


def fill(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def contents(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("files", REPOSITORIES.values(), ids=REPOSITORIES)
@pytest.mark.parametrize("ci", ["", *CI_SYSTEMS])
def test_a_second_run_changes_nothing(tmp_path: Path, files: dict[str, str], ci: str) -> None:
    fill(tmp_path, files)
    plan = plan_project(tmp_path, ci=ci)
    assert not plan.created.keys() & files.keys()
    write_files(tmp_path, {**plan.created, **plan.edited})
    again = plan_project(tmp_path, ci=ci)
    assert (again.created, again.edited) == ({}, {})


@pytest.mark.parametrize("files", REPOSITORIES.values(), ids=REPOSITORIES)
def test_every_line_of_the_repository_stays(tmp_path: Path, files: dict[str, str]) -> None:
    fill(tmp_path, files)
    plan = plan_project(tmp_path)
    write_files(tmp_path, {**plan.created, **plan.edited})
    for path, text in contents(tmp_path).items():
        kept = iter(text.splitlines())
        assert all(line in kept for line in files.get(path, "").splitlines()), path


def test_who_uses_buf_already_gets_plugins_and_keeps_the_own_contracts(tmp_path: Path) -> None:
    fill(tmp_path, BUF_USER)
    plan = plan_project(tmp_path)
    template = yaml.safe_load(plan.edited["buf.gen.yaml"])
    locals_ = [plugin["local"] for plugin in template["plugins"]]
    assert locals_ == ["protoc-gen-go", "protoc-gen-protogate-pydantic", "protoc-gen-protogate-zod"]
    assert yaml.safe_load(plan.edited["buf.yaml"])["modules"][0] == {"path": "proto"}
    assert not [path for path in plan.created if path.endswith(".proto")]


def test_files_that_only_a_person_can_change_are_named(tmp_path: Path) -> None:
    fill(tmp_path, REPOSITORIES["doit"] | REPOSITORIES["gitlab"])
    notes = "\n".join(plan_project(tmp_path).notes)
    assert "dodo.py: add the line `from protogate.tasks import *`" in notes
    assert ".gitlab-ci.yml: add a job that runs `protogate ci`" in notes


def test_hooks_can_be_left_out(tmp_path: Path) -> None:
    assert ".pre-commit-config.yaml" not in plan_project(tmp_path, pre_commit=False).created


def test_what_cannot_be_added_to_is_told_and_nothing_is_planned(tmp_path: Path) -> None:
    fill(tmp_path, {".pre-commit-config.yaml": "repos: {a: b}\n"})
    with pytest.raises(UserError, match=r"\.pre-commit-config\.yaml: has no list 'repos'"):
        plan_project(tmp_path)
