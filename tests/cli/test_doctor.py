"""`protogate doctor` tells what is missing, one line and one way out each, and changes nothing."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from protogate.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def looked(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    capsys.readouterr()
    code = main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["is_well"] is (code == 0)
    return code, {check["name"]: check for check in told["checks"]}


def test_what_init_wrote_is_all_that_is_needed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "--quiet"], check=True, cwd=repository)  # noqa: S607 - the one on the path
    main(["init"])
    before = sorted(repository.rglob("*.proto"))
    code, checks = looked(capsys)
    assert (code, checks["contracts"]["detail"]) == (0, "1 compile")
    assert checks["pre-commit"] == {
        "name": "pre-commit",
        "state": "advice",
        "detail": "its hooks are not installed here",
        "hint": "pre-commit install",
    }
    assert [path for path in sorted(repository.rglob("*.proto")) if ".protogate" not in path.parts] == before


def test_an_empty_directory_needs_init(capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = looked(capsys)
    missing = {name: one["hint"] for name, one in checks.items() if one["state"] == "missing"}
    assert (code, missing) == (1, dict.fromkeys(["buf.yaml", "buf.gen.yaml", "contracts"], "protogate init"))


@pytest.mark.parametrize(
    ("file", "name", "said"),
    [
        (("contracts/example/v1/b.proto", 'syntax = "proto3";\nmessage {\n'), "contracts", "b.proto:2:1"),
        (("buf.gen.yaml", "version: v2\nplugins:\n  - local: nowhere\n    out: x\n"), "nowhere", "is not on PATH"),
        (("buf.gen.yaml", "version: v2\nplugins: ["), "template", "buf.gen.yaml"),
        (("pyproject.toml", "[tool.protogate]\nbase = 1\n"), "settings", "base is 1; a text is expected"),
        (("pyproject.toml", "[tool.protogate]\nregistry = 'postgresql://db/a'\n"), "postgres", "is not installed"),
    ],
    ids=["contract", "plugin", "template", "settings", "postgres"],
)
def test_what_is_wrong_is_named_with_its_way_out(  # noqa: PLR0913, PLR0917 - three are fixtures
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    file: tuple[str, str],
    name: str,
    said: str,
) -> None:
    main(["init"])
    path, text = file
    (repository / path).write_text(text)
    # As on a machine without the extra.
    monkeypatch.setattr("protogate.cli.checkup.is_installed", lambda module: module != "psycopg")
    code, checks = looked(capsys)
    assert (code, checks[name]["state"]) == (1, "missing")
    assert said in checks[name]["detail"]
    assert checks[name]["hint"]


def test_a_task_file_of_somebody_else_is_advice(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "dodo.py").write_text("x = 1\n")
    main(["init"])
    code, checks = looked(capsys)
    assert (code, checks["dodo.py"]["state"]) == (0, "advice")


def test_people_read_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "3 missing"
    assert "missing  buf.yaml      is not there" in lines
