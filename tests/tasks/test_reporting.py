"""What `doit ci` leaves behind: a table, JUnit XML that other programs read, and findings as SARIF."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml, Skipped

from protogate.cli import main
from protogate.tasks.reporting import Stage, junit_xml, summary_table

BIN = Path(sys.executable).parent
CONTRACT = "contracts/example/v1/example.proto"
RESULTS = ["ok", "up to date", "failed", "not run"]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    return tmp_path


def ci(repository: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "doit", *(arguments or ["ci"])],
        cwd=repository,
        env={**os.environ, "PATH": path, "GITHUB_ACTIONS": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def break_layout(repository: Path) -> None:
    path = repository / CONTRACT
    path.write_text(path.read_text().replace("  // What people", "      // What people"))


def cases(repository: Path) -> dict[str, str]:
    """What another reader of JUnit XML takes from the file."""
    report = JUnitXml.fromfile(str(repository / ".protogate/ci/junit.xml"))
    kinds = {Failure: "failed", Skipped: "not run"}
    return {
        case.name: kinds[type(case.result[0])] if case.result else "ok" for suite in report for case in suite
    }  # fmt: skip


def test_a_good_run_ends_with_a_table(repository: Path) -> None:
    out = ci(repository)
    assert [line.split()[:2] for line in out.splitlines()[-5:]] == [
        ["stage", "result"],
        ["lint", "ok"],
        ["generate", "ok"],
        ["registry_check", "ok"],
        ["cross_check", "ok"],
    ]
    assert cases(repository) == dict.fromkeys(["lint", "generate", "registry_check", "cross_check"], "ok")
    sarif = json.loads((repository / ".protogate/ci/findings.sarif").read_text())
    assert sarif["runs"][0]["results"] == []


def test_a_stage_that_fails_is_in_all_reports(repository: Path) -> None:
    break_layout(repository)
    out = ci(repository, code=1)
    assert cases(repository) == {"lint": "failed"} | dict.fromkeys(
        ["generate", "registry_check", "cross_check"], "not run"
    )
    assert "::error" not in out
    (result,) = json.loads((repository / ".protogate/ci/findings.sarif").read_text())["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]
    assert (location["artifactLocation"]["uri"], location["region"]["startLine"]) == (CONTRACT, 11)


def test_github_shows_findings_beside_their_lines(repository: Path) -> None:
    break_layout(repository)
    assert f"::error file={CONTRACT},line=11,title=format::" in ci(repository, code=1, GITHUB_ACTIONS="true")


def test_findings_of_processes_of_their_own_are_collected(repository: Path) -> None:
    assert main(["registry", "--help"]) == 0
    ci(repository, "registry_register")
    path = repository / CONTRACT
    path.write_text(
        path.read_text().replace("int64 price = 3", "bytes price = 3").replace("int64.gte = 0", "bytes.len = 8")
    )
    out = ci(repository, code=1)
    assert "registry_check  failed" in out
    results = json.loads((repository / ".protogate/ci/findings.sarif").read_text())["runs"][0]["results"]
    assert {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results} == {CONTRACT}
    assert {"confluent/FIELD_TYPE_CHANGED", "wire/FIELD_TYPE_CHANGED"} & {result["ruleId"] for result in results}


def test_other_tasks_leave_nothing_behind(repository: Path) -> None:
    assert "result" not in ci(repository, "lint")
    assert not (repository / ".protogate/ci").exists()


@given(st.lists(st.builds(Stage, st.text(), st.sampled_from(RESULTS), st.floats(0, 9), st.text(), st.text())))
def test_whatever_stages_say_the_report_is_xml(stages: list[Stage]) -> None:
    report = JUnitXml.fromstring(junit_xml(stages).encode())
    assert sum(suite.tests for suite in report) == len(stages)
    assert sum(suite.failures for suite in report) == sum(one.result == "failed" for one in stages)


def test_a_table_of_no_stages_is_its_head() -> None:
    assert summary_table([]) == "stage  result  seconds\n"


def test_the_tasks_of_the_readme_are_those_of_this_repository_too() -> None:
    root = Path(__file__).resolve().parents[2]
    table = [line for line in (root / "README.md").read_text().splitlines() if line.startswith("| `")]
    rows = [line.split("|")[1] for line in table[table.index(next(one for one in table if "| `generate` |" in one)) :]]
    named = {word.strip(" `") for row in rows for word in row.split(",")}
    ours = (root / "dodo.py").read_text()
    missing = [name for name in named if name.isidentifier() and f"task_{name}" not in ours]
    assert {"sync_check", "bootstrap_legacy", "watch"} <= named
    assert missing == []
