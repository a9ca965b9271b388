"""What git says, by the real git: who changed what together."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from protogate.discovery.history import Commit, co_changes, module_histories, read_history
from protogate.discovery.model import CoChange, ModuleHistory

if TYPE_CHECKING:
    from pathlib import Path

_MODULES = {"a.py": "a", "b.py": "b", "ü c.py": "c"}


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)  # noqa: S607 - the one on the path


def _commit(root: Path, author: str, *names: str) -> None:
    for name in names:
        with (root / name).open("a", encoding="utf-8") as file:
            file.write("x\n")
    _git(root, "add", ".")
    _git(root, "-c", f"user.name={author}", "-c", "user.email=a@example.com", "commit", "-qm", "x")


def test_a_repository(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    _commit(tmp_path, "Ann", "a.py", "b.py")
    _commit(tmp_path, "Bob", "a.py", "b.py", "ü c.py")
    _commit(tmp_path, "Ann", "a.py")
    commits = read_history(tmp_path)
    assert commits == (
        Commit("Ann", ("a.py",)),
        Commit("Bob", ("a.py", "b.py", "ü c.py")),
        Commit("Ann", ("a.py", "b.py")),
    )
    assert co_changes(commits, _MODULES) == (
        CoChange("a", "b", 1.5, 2),
        CoChange("a", "c", 0.5, 1),
        CoChange("b", "c", 0.5, 1),
    )
    assert module_histories(commits, _MODULES)["a"] == ModuleHistory(3, ("Ann", "Bob"))


def test_a_commit_of_many_files_says_nothing() -> None:
    many = tuple(f"{index}.py" for index in range(31))
    assert co_changes([Commit("Ann", many)], {"0.py": "x", "1.py": "y"}) == ()


def test_nothing_is_known_without_git(tmp_path: Path) -> None:
    assert read_history(tmp_path) == ()


def test_nothing_is_known_without_commits(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    assert read_history(tmp_path) == ()
