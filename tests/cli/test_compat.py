from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate.build.buf import find_buf
from protogate.build.identity import search_path
from protogate.cli import main
from protogate.compat import Mode
from protogate.console import MODES

if TYPE_CHECKING:
    from tests.support.repository import Repository

OLD = 'syntax = "proto3";\npackage acme.x.v1;\nmessage X {\n  string id = 1;\n  int32 count = 2;\n}\n'
WIDER = OLD.replace("}", "  string note = 3;\n}")
BROKEN = OLD.replace("int32 count", "string count")
RENAMED = OLD.replace("int32 count", "int32 amount")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {"old": OLD, "wider": WIDER, "broken": BROKEN, "renamed": RENAMED}.items():
        (tmp_path / f"{name}.proto").write_text(text)


def compat(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    try:
        code = main(["compat", *arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_compatible_change_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = compat(capsys, "old.proto", "wider.proto")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("compatible (BACKWARD; confluent, wire")


def test_same_contract_has_no_findings(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = compat(capsys, "old.proto", "old.proto", "--mode", "FULL", "--format", "json")
    assert (code, json.loads(out)) == (0, {"compatible": True, "findings": []})


def test_breaking_change_exits_1_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = compat(capsys, "old.proto", "broken.proto")
    assert (code, err) == (1, "")
    *findings, last = out.splitlines()
    assert all(re.match(r"broken\.proto:5:3: \S", line) for line in findings)
    assert re.match(r"INCOMPATIBLE \(BACKWARD; .*\): \d+ findings$", last)


def test_findings_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = compat(capsys, "old.proto", "broken.proto", "--format", "json", "--profile", "wire")
    told = json.loads(out)
    assert code == 1
    assert told.keys() == {"compatible", "findings"}
    assert told["compatible"] is False
    (finding,) = told["findings"]
    assert list(finding) == ["rule", "severity", "path", "file", "line", "message", "hint"]
    assert finding["rule"].startswith("wire/")
    assert (finding["severity"], finding["path"]) == ("error", "acme.x.v1.X.count")
    assert (finding["file"], finding["line"]) == ("broken.proto", 5)


def test_findings_for_code_hosts(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = compat(capsys, "old.proto", "broken.proto", "--format", "sarif")
    (run,) = json.loads(out)["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "broken.proto"
    assert place["region"]["startLine"] == 5


def test_warnings_do_not_fail(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = compat(capsys, "old.proto", "renamed.proto")
    assert code == 0
    assert re.search(r"\(wire_json/\w+\) \[warning\]$", out, re.MULTILINE)


def test_profiles_are_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--profile", "buf:WIRE", "--profile", "wire_json"]
    code, out, _ = compat(capsys, "old.proto", "renamed.proto", *asked)
    assert code == 1
    assert "(wire_json/" in out
    assert compat(capsys, "old.proto", "renamed.proto", "--profile", "buf:WIRE")[0] == 0


@pytest.mark.parametrize(
    ("mode", "code"), [("BACKWARD", 0), ("forward", 1), ("FULL", 1), ("NONE", 0), ("FULL_TRANSITIVE", 1)]
)
def test_mode_has_a_direction(capsys: pytest.CaptureFixture[str], tmp_path: Path, mode: str, code: int) -> None:
    (tmp_path / "required.proto").write_text('syntax = "proto2";\nmessage X { required int32 a = 1; }\n')
    (tmp_path / "optional.proto").write_text('syntax = "proto2";\nmessage X { optional int32 a = 1; }\n')
    asked = ["required.proto", "optional.proto", "--profile", "wire", "--mode", mode]
    assert compat(capsys, *asked)[0] == code


@pytest.mark.parametrize("suffix", ["binpb", "json", "binpb.gz"])
def test_images_are_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path, suffix: str) -> None:
    for name, text in (("old", OLD), ("new", BROKEN)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.proto").write_text(text)
        buf = find_buf(search_path(os.environ))
        subprocess.run([buf, "build", name, "-o", f"{name}.{suffix}"], cwd=tmp_path, check=True)
    code, out, _ = compat(capsys, f"old.{suffix}", f"new.{suffix}")
    assert code == 1
    assert out.startswith("x.proto:5:3: ")
    assert compat(capsys, f"old.{suffix}", "old")[0] == 0


def test_branch_is_compared_with_a_revision(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, repository: Repository
) -> None:
    repository.write("contracts/acme/x/v1/x.proto", OLD)
    who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)  # noqa: S607
    assert compat(capsys, "git:HEAD", ".")[0] == 0
    repository.write("contracts/acme/x/v1/x.proto", BROKEN)
    code, out, _ = compat(capsys, "git:HEAD", ".", "-C", str(repository.root))
    assert code == 1
    assert out.startswith("contracts/acme/x/v1/x.proto:5:3: ")


@pytest.mark.usefixtures("repository")
def test_what_was_deleted_is_named_by_its_old_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before/buf.yaml").write_text("version: v2\nmodules:\n  - path: protos\n")
    (tmp_path / "before/protos/acme/x/v1").mkdir(parents=True)
    (tmp_path / "before/protos/acme/x/v1/x.proto").write_text(OLD)
    code, out, _ = compat(capsys, "before", "contracts", "--profile", "buf:FILE")
    assert code == 1
    assert re.search(r"^before/protos/acme/x/v1/x\.proto\b.*buf:FILE/FILE_NO_DELETE", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["old.proto", "nowhere"], "nowhere: no such file or directory", id="missing"),
        pytest.param(["old.proto", "git:HEAD"], "is in no git repository", id="no git"),
        pytest.param(["old.proto", "old.proto", "--profile", "x"], "profile 'x' is not known; use", id="profile"),
        pytest.param(["old.proto", "old.proto", "--mode", "x"], "invalid choice: 'X'", id="mode"),
        pytest.param(["old.proto"], "the following arguments are required: NEW", id="one version"),
    ],
)
def test_mistakes_exit_2(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    code, out, err = compat(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_broken_contract_names_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.proto").write_text(OLD.replace("int32 count = 2", "int32 count = x"))
    code, _, err = compat(capsys, "old.proto", "broken.proto")
    assert code == 2
    assert re.fullmatch(r"broken\.proto:5:\d+: \S.*\n", err)


def test_every_mode_can_be_asked_for() -> None:
    assert tuple(Mode) == MODES


def test_without_versions_the_branch_is_compared_with_where_it_began(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)  # noqa: S607 - the one on the path

    git("init", "--quiet", "--initial-branch=main")
    assert compat(capsys)[:2] == (0, "nothing to compare with: there were no contracts where this branch began\n")
    contract = project / "a.proto"
    contract.write_text('syntax = "proto3";\nmessage A {\n  int32 a = 1;\n}\n')
    git("add", ".")
    git("commit", "--quiet", "--message=one")
    git("checkout", "--quiet", "-b", "mine")
    contract.write_text('syntax = "proto3";\nmessage A {\n  string a = 1;\n}\n')
    git("commit", "--quiet", "--all", "--message=two")
    code, out, _ = compat(capsys)
    assert (code, "a.proto:3" in out) == (1, True)
