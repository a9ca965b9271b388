"""`protogate init` writes what is missing, shows what it changes, and leaves a repository that builds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from protogate.cli import main

DOIT = [sys.executable, "-m", "doit"]


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_empty_directory_generates_at_once(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    assert "new     contracts/example/v1/example.proto" in out
    assert "doit    # generates what is stale" in out
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(DOIT, capture_output=True, text=True, check=False, env={"PATH": path})
    assert done.returncode == 0, done.stderr
    for made in (
        "python/example/v1/example_models.py",
        "ts/example/v1/example.zod.ts",
        "schema/example/v1/example.schema.json",
        "sql/example/v1/example.sql",
    ):
        assert (repository / "generated" / made).exists()
    assert main(["lint"]) == 0
    assert main(["init"]) == 0
    assert capsys.readouterr().out.endswith("nothing is missing\n")


def test_check_writes_nothing_and_says_what_is_missing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--check"]) == 1
    assert "missing buf.gen.yaml" in capsys.readouterr().out
    assert not list(repository.iterdir())


def test_a_changed_file_is_shown_as_a_diff(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / ".gitignore").write_text("*.pyc\n")
    assert main(["init"]) == 0
    assert "edited  .gitignore\n--- a/.gitignore\n+++ b/.gitignore\n@@ -1 +1,3 @@\n *.pyc\n+.protogate/" in (
        capsys.readouterr().out
    )


def test_programs_read_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--json", "--ci", "none"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"created", "edited", "diff", "notes"}
    assert "dodo.py" in told["created"]


def test_a_directory_where_a_file_should_be_is_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "dodo.py").mkdir()
    assert main(["init"]) == 2
    assert capsys.readouterr().err == "dodo.py: is a directory\n"
    assert [path.name for path in repository.iterdir()] == ["dodo.py"]


def test_it_says_what_the_example_needs_and_the_machine_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("protogate.cli.checkup.is_installed", lambda module: module != "protovalidate")
    assert main(["init"]) == 0
    assert '\n  pip install "protogate[protos]"' in capsys.readouterr().out
