from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from protogate.cli import main
from protogate.crosscheck.memory import MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY = """\
{
  "query": "GetHealth",
  "kind": "CQRS_QUERY",
  "version": "1.0.0",
  "input": {},
  "output": {
    "status": {"type": "string", "enum": ["ok", "degraded"]},
    "mode": {"type": "string", "enum": [
      "auto",
      "manual"
    ]}
  },
  "transport": {"http": {"method": "GET", "endpoint": "/health"}},
  "layers": {"python": "app.py::Health"}
}
"""
MODEL = """\
from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    status: Literal["ok"]
    mode: Literal["auto", "manual", "eco"]
"""
AGREED = MODEL.replace('["ok"]', '["ok", "degraded"]').replace(', "eco"', "")
CONTRACT = Path("contracts/GetHealth.query.json")


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("PFIX_"):
            monkeypatch.delenv(name)
    CONTRACT.parent.mkdir()
    CONTRACT.write_text(QUERY)
    Path("app.py").write_text(MODEL)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    def registry(*arguments: str) -> Done:
        try:
            code = main(["codegen", "registry", *arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Done(code, *capsys.readouterr())

    return registry


def agree() -> None:
    """Let model and contract say the same."""
    Path("app.py").write_text(AGREED)


def files() -> dict[str, bytes]:
    """All files but what runs remember."""
    return {
        str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file() and ".protogate" not in path.parts
    }


class TestListings:
    def test_are_written(self, run: Callable[..., Done]) -> None:
        done = run("contracts")
        assert (done.code, done.err) == (0, "")
        assert done.lines == [
            "wrote contracts/registry.json",
            "wrote contracts/REGISTRY.md",
            "0 commands, 1 query, 0 events",
        ]
        assert json.loads(Path("contracts/registry.json").read_text())["queries"].keys() == {"GetHealth"}

    def test_are_written_once(self, run: Callable[..., Done]) -> None:
        run("contracts")
        times = [path.stat().st_mtime_ns for path in CONTRACT.parent.iterdir()]
        assert run("contracts").lines == ["0 commands, 1 query, 0 events"]
        assert [path.stat().st_mtime_ns for path in CONTRACT.parent.iterdir()] == times

    def test_go_where_they_are_wanted(self, run: Callable[..., Done]) -> None:
        assert run("contracts", "--output-dir", "docs/api").code == 0
        assert sorted(path.name for path in Path("docs/api").iterdir()) == ["REGISTRY.md", "registry.json"]
        assert run("contracts", "--output-dir", "docs/api", "--check").code == 0
        assert run("contracts", "--check").code == 1

    @pytest.mark.parametrize("name", ["registry.json", "REGISTRY.md"])
    def test_stale_one_fails_a_check(self, run: Callable[..., Done], name: str) -> None:
        run("contracts")
        for harm in ("changed", None):
            path = Path("contracts", name)
            path.write_text(harm) if harm else path.unlink()
            before = files()
            done = run("contracts", "--check")
            assert done.code == 1
            assert done.lines[0].startswith(f"contracts/{name}")
            assert "(contract/stale)" in done.lines[0]
            assert files() == before
            run("contracts")
            assert run("contracts", "--check").code == 0

    def test_changed_contract_makes_them_stale(self, run: Callable[..., Done]) -> None:
        run("contracts")
        CONTRACT.write_text(QUERY.replace("/health", "/status"))
        assert run("contracts", "--check").code == 1
        assert run("contracts").code == 0
        assert "/status" in Path("contracts/REGISTRY.md").read_text()

    def test_deleted_contract_makes_them_stale(self, run: Callable[..., Done]) -> None:
        Path("contracts/Two.query.json").write_text(QUERY.replace("GetHealth", "Two"))
        run("contracts")
        assert run("contracts", "--check").code == 0
        Path("contracts/Two.query.json").unlink()
        assert run("contracts", "--check").code == 1

    def test_nothing_is_written_while_a_contract_is_wrong(self, run: Callable[..., Done]) -> None:
        Path("contracts/Bad.query.json").write_text("{")
        before = files()
        done = run("contracts", "--fix-safe")
        assert done.code == 1
        assert done.lines[0].startswith("contracts/Bad.query.json:1:2: ")
        assert files() == before


class TestCrossCheck:
    def test_drift_is_told_to_the_column(self, run: Callable[..., Done]) -> None:
        done = run("contracts", "--cross-check-pydantic")
        assert done.code == 1
        warning, error, _, _, last = done.lines
        assert error.startswith(f"{CONTRACT}:8:40: output 'mode' may be \"eco\" (app.py:8:")
        assert error.endswith("(crosscheck/output-beyond-contract)")
        assert warning.startswith(f"{CONTRACT}:7:49: output 'status' lists \"degraded\", which the code never writes")
        assert warning.endswith("(crosscheck/contract-beyond-output) [warning]")
        assert last == "0 commands, 1 query, 0 events, 1 compared with code, 1 error, 1 warning"

    def test_warnings_do_not_fail(self, run: Callable[..., Done]) -> None:
        Path("app.py").write_text(MODEL.replace(', "eco"', ""))
        done = run("contracts", "--cross-check-pydantic")
        assert done.code == 0
        assert "(crosscheck/contract-beyond-output) [warning]" in done.lines[0]

    def test_agreement_is_quiet(self, run: Callable[..., Done]) -> None:
        agree()
        run("contracts")
        done = run("contracts", "--check", "--cross-check-pydantic")
        assert (done.code, done.lines) == (0, ["0 commands, 1 query, 0 events, 1 compared with code"])

    def test_drift_of_types_is_told_by_flag(self, run: Callable[..., Done]) -> None:
        Path("app.py").write_text(AGREED + "    size: int\n")
        assert run("contracts", "--cross-check-pydantic").code == 0
        done = run("contracts", "--drift")
        assert "(crosscheck/unknown-field) [warning]" in done.out
        assert "--cross-check-pydantic is on" in done.err

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("class Health(:\n", "python-syntax"),
            ("class Heal: ...\n", "symbol-not-found"),
        ],
        ids=["syntax", "symbol"],
    )
    def test_code_that_cannot_be_read_fails_and_nothing_is_written(
        self, run: Callable[..., Done], text: str, rule: str
    ) -> None:
        Path("app.py").write_text(text)
        before = files()
        done = run("contracts", "--fix-safe")
        assert done.code == 1
        assert f"(crosscheck/{rule})" in done.lines[0]
        assert files() == before


class TestFixes:
    def test_dead_values_are_removed_and_nothing_else_changes(self, run: Callable[..., Done]) -> None:
        done = run("contracts", "--cross-check-pydantic", "--fix-safe")
        assert done.code == 1
        assert CONTRACT.read_text() == QUERY.replace('["ok", "degraded"]', '["ok"]')
        assert Path("app.py").read_text() == MODEL
        fixed = (
            "fixed contracts/GetHealth.query.json: output 'status': \"degraded\" removed, as the code never writes them"
        )
        assert fixed in done.lines
        assert "contract-beyond-output" not in done.out
        assert "output-beyond-contract" in done.out

    def test_values_beyond_are_added_when_asked_for(self, run: Callable[..., Done]) -> None:
        done = run("contracts", "--fix-safe", "--auto-expand-output")
        assert done.code == 0
        expected = QUERY.replace('["ok", "degraded"]', '["ok"]')
        assert CONTRACT.read_text() == expected.replace('"manual"\n', '"manual",\n      "eco"\n')
        assert run("contracts", "--check", "--cross-check-pydantic").code == 0

    def test_second_run_has_nothing_to_do(self, run: Callable[..., Done]) -> None:
        run("contracts", "--fix-safe", "--auto-expand-output")
        before = files()
        done = run("contracts", "--fix-safe", "--auto-expand-output")
        assert (done.code, done.lines) == (0, ["0 commands, 1 query, 0 events, 1 compared with code"])
        assert files() == before

    def test_listings_are_those_of_the_fixed_contracts(self, run: Callable[..., Done]) -> None:
        run("contracts", "--fix-safe", "--auto-expand-output")
        assert run("contracts", "--check").code == 0

    def test_check_writes_nothing_and_says_what_it_would_do(self, run: Callable[..., Done]) -> None:
        run("contracts")
        before = files()
        done = run("contracts", "--check", "--fix-safe")
        assert done.code == 1
        assert files() == before
        assert any(line.startswith("would fix contracts/GetHealth.query.json: output 'status'") for line in done.lines)
        assert "(crosscheck/contract-beyond-output) [warning]" in done.out

    def test_input_is_never_touched(self, run: Callable[..., Done]) -> None:
        CONTRACT.write_text(
            QUERY.replace('"input": {}', '"input": {"status": {"enum": ["ok", "x"]}}').replace("Health", "Both")
        )
        Path("app.py").write_text(MODEL.replace("Health", "Both"))
        text = QUERY.replace('"output": {', '"output": {}, "x": {').replace(
            '"input": {}', '"input": {"status": {"enum": ["ok", "x"]}}'
        )
        CONTRACT.write_text(text)
        Path("app.py").write_text(MODEL)
        done = run("contracts", "--fix-safe", "--auto-expand-output")
        assert "crosscheck/contract-beyond-input" in done.out
        assert CONTRACT.read_text() == text

    def test_needs_no_second_flag_and_says_so(self, run: Callable[..., Done]) -> None:
        assert "--cross-check-pydantic is on" in run("contracts", "--fix-safe").err

    def test_last_value_stays_and_is_told(self, run: Callable[..., Done]) -> None:
        Path("app.py").write_text(MODEL.replace('["ok"]', '["other"]'))
        done = run("contracts", "--fix-safe")
        assert done.code == 1
        assert "(crosscheck/not-fixed) [warning]" in done.out
        assert CONTRACT.read_text() == QUERY

    def test_mode_of_the_file_and_links_to_it_stay(self, run: Callable[..., Done]) -> None:
        kept = Path("contracts/kept/Health.txt")
        kept.parent.mkdir()
        CONTRACT.rename(kept)
        kept.chmod(0o640)
        CONTRACT.symlink_to("kept/Health.txt")
        run("contracts", "--fix-safe")
        assert CONTRACT.is_symlink()
        assert '["ok"]' in kept.read_text()
        assert kept.stat().st_mode & 0o777 == 0o640

    def test_value_that_a_handler_writes_is_not_removed(self, run: Callable[..., Done]) -> None:
        CONTRACT.write_text(QUERY.replace("::Health", "::health"))
        handler = '\n\ndef health() -> Health:\n    return Health(status="degraded", mode="auto")  # type: ignore\n'
        Path("app.py").write_text(MODEL.replace(', "eco"', "") + handler)
        done = run("contracts", "--fix-safe")
        assert "(crosscheck/emitted-value)" in done.out
        assert '["ok", "degraded"]' in CONTRACT.read_text()


class TestEnvironment:
    def test_fixes_can_be_switched_off(self, run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PFIX_ENABLED", "false")
        done = run("contracts", "--fix-safe")
        assert "PFIX_ENABLED is false: nothing is fixed" in done.err
        assert CONTRACT.read_text() == QUERY

    def test_value_that_is_no_flag_is_a_usage_error(
        self, run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PFIX_AUTO_APPLY", "perhaps")
        done = run("contracts", "--fix-safe")
        assert (done.code, done.err.splitlines()[-1]) == (
            2,
            "PFIX_AUTO_APPLY='perhaps' is not known; use true or false",
        )

    def test_without_a_terminal_nobody_is_asked(
        self, run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PFIX_AUTO_APPLY", "false")
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        done = run("contracts", "--fix-safe")
        assert "there is no terminal to ask on: nothing is fixed" in done.err
        assert CONTRACT.read_text() == QUERY
        assert "(crosscheck/contract-beyond-output)" in done.out

    def test_a_person_decides_file_by_file(self, run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
        other = Path("contracts/A.query.json")
        other.write_text(QUERY.replace("GetHealth", "A"))
        monkeypatch.setenv("PFIX_AUTO_APPLY", "false")
        answers = io.StringIO("n\ny\n")
        monkeypatch.setattr(answers, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", answers)
        done = run("contracts", "--fix-safe")
        assert "change contracts/A.query.json? [y/N]" in done.err
        assert other.read_text() == QUERY.replace("GetHealth", "A")
        assert '["ok"]' in CONTRACT.read_text()
        assert [line.split(": ")[0] for line in done.lines if line.startswith("fixed")] == [f"fixed {CONTRACT}"]

    @staticmethod
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout  # noqa: S607

    @pytest.fixture
    def _history(self) -> None:
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "x")
        self.git("config", "user.email", "x@example.com")
        self.git("add", ".")
        self.git("commit", "-qm", "first")

    @pytest.mark.usefixtures("_history")
    def test_exactly_the_fixed_contracts_are_committed(
        self, run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path("app.py").write_text(MODEL + "\n")
        self.git("add", "app.py")
        monkeypatch.setenv("PFIX_GIT_COMMIT", "true")
        monkeypatch.setenv("PFIX_GIT_PREFIX", "contracts: ")
        run("contracts", "--fix-safe")
        assert self.git("show", "--name-only", "--format=%s").split("\n\n") == [
            "contracts: values of GetHealth.query.json as the code has them",
            f"{CONTRACT}\n",
        ]
        assert self.git("diff", "--cached", "--name-only") == "app.py\n"

    @pytest.mark.usefixtures("_history")
    def test_check_commits_nothing(self, run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PFIX_GIT_COMMIT", "true")
        run("contracts", "--check", "--fix-safe")
        assert self.git("log", "--format=%s") == "first\n"

    def test_failing_git_is_one_line(self, run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PFIX_GIT_COMMIT", "true")
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
        done = run("contracts", "--fix-safe")
        assert done.code == 2
        assert done.err.splitlines()[-1].startswith("PFIX_GIT_COMMIT: the contracts are fixed, and git add says: ")
        assert '["ok"]' in CONTRACT.read_text()


class TestForms:
    def test_json(self, run: Callable[..., Done]) -> None:
        told: dict[str, Any] = json.loads(run("contracts", "--fix-safe", "--check", "--format", "json").out)
        assert list(told) == ["compatible", "counts", "findings", "would_fix", "written"]
        assert told["compatible"] is False
        assert told["counts"] == {"commands": 0, "queries": 1, "events": 0, "compared": 1}
        assert {(one["rule"], one["line"], one["column"]) for one in told["findings"]} >= {
            ("crosscheck/output-beyond-contract", 8, 40),
            ("crosscheck/contract-beyond-output", 7, 49),
        }
        assert told["would_fix"] == [
            {
                "file": str(CONTRACT),
                "block_kind": "output",
                "field_path": "status",
                "action": "remove_extra",
                "values": ["degraded"],
                "severity": "warning",
                "rationale": "the code never writes them",
            }
        ]

    def test_sarif(self, run: Callable[..., Done]) -> None:
        (told,) = json.loads(run("contracts", "--cross-check-pydantic", "--format", "sarif").out)["runs"]
        regions = [one["locations"][0]["physicalLocation"]["region"] for one in told["results"]]
        assert {"startLine": 8, "startColumn": 40} in regions

    def test_github(self, run: Callable[..., Done]) -> None:
        done = run("contracts", "--cross-check-pydantic", "--format", "github")
        assert done.lines[1].startswith(
            f"::error file={CONTRACT},line=8,col=40,title=crosscheck/output-beyond-contract::output 'mode'"
        )
        assert done.lines[0].startswith("::warning file=contracts/GetHealth.query.json,line=7,col=49,")

    @pytest.mark.parametrize("form", ["text", "github"])
    def test_quiet_prints_errors_only(self, run: Callable[..., Done], form: str) -> None:
        done = run("contracts", "--fix-safe", "--quiet", "--format", form)
        assert (len(done.lines), done.err) == (1, "")
        assert "output-beyond-contract" in done.out
        agree()
        CONTRACT.write_text(QUERY)
        assert run("contracts", "--cross-check-pydantic", "--quiet") == Done(0, "", "")


class TestUsage:
    def test_directory_that_is_not_there(self, run: Callable[..., Done]) -> None:
        done = run("nowhere")
        assert (done.code, done.out) == (2, "")
        assert done.err == "nowhere: no such directory; give the directory of the contracts\n"

    def test_layers_root_that_is_not_there(self, run: Callable[..., Done]) -> None:
        assert run("contracts", "--layers-root", "nowhere").code == 2

    def test_file_is_no_directory(self, run: Callable[..., Done]) -> None:
        assert run(str(CONTRACT)).code == 2

    def test_no_contracts_are_fine(self, run: Callable[..., Done]) -> None:
        Path("empty").mkdir()
        done = run("empty", "--check")
        assert done == Done(0, "empty: no contracts (*.command.json, *.query.json, *.event.json)\n", "")
        assert json.loads(run("empty", "--format", "json").out)["compatible"] is True
        assert run("empty", "--quiet") == Done(0, "", "")
        assert list(Path("empty").iterdir()) == []

    def test_usual_directory_need_not_be_named_nor_be_there(self, run: Callable[..., Done]) -> None:
        assert run().code == 0
        Path("contracts").rename("elsewhere")
        done = run("--check")
        assert (done.code, done.out.split(",")[0]) == (0, "contracts: no such directory")

    def test_settings_of_the_project(self, run: Callable[..., Done]) -> None:
        agree()
        Path("contracts").rename("promises")
        Path("src").mkdir()
        Path("app.py").rename("src/app.py")
        Path("pyproject.toml").write_text('[tool.protogate]\ncqrs = "promises"\nlayers_root = "src"\n')
        assert run("--cross-check-pydantic").lines[-1] == "0 commands, 1 query, 0 events, 1 compared with code"
        Path("promises").rename("elsewhere")
        assert run("--check").code == 2

    def test_unknown_command_of_codegen(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["codegen", "regstry"]) == 2
        assert "'regstry' is not a command; use one of registry," in capsys.readouterr().err


class TestWarmRuns:
    """What an earlier run found is told again, as long as nothing has changed."""

    @pytest.fixture(autouse=True)
    def _cold_runs_are_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from protogate.crosscheck import run  # noqa: PLC0415 - as the command does

        self.cold = 0
        whole = run.check

        def check(options: run.Options) -> run.Report:
            self.cold += 1
            return whole(options)

        monkeypatch.setattr(run, "check", check)

    def test_second_run_says_the_same(self, run: Callable[..., Done]) -> None:
        run("contracts")
        arguments = ("contracts", "--check", "--cross-check-pydantic")
        first, second = run(*arguments), run(*arguments)
        assert first == second
        assert first.code == 1
        assert self.cold == 2

    @pytest.mark.parametrize(
        "change",
        [
            lambda: Path("app.py").write_text(AGREED),
            lambda: CONTRACT.write_text(QUERY.replace('"manual"', '"manual", "eco"')),
            lambda: Path("contracts/Two.query.json").write_text(QUERY.replace("GetHealth", "Two")),
            lambda: Path("contracts/registry.json").unlink(),
        ],
        ids=["code", "contract", "new contract", "listing"],
    )
    def test_change_is_seen(self, run: Callable[..., Done], change: Callable[[], object]) -> None:
        run("contracts")
        arguments = ("contracts", "--check", "--cross-check-pydantic")
        before = run(*arguments)
        change()
        after = run(*arguments)
        assert after != before
        Path(MEMORY).unlink()
        assert run(*arguments) == after

    def test_module_that_appears_where_one_was_missing_is_seen(self, run: Callable[..., Done]) -> None:
        Path("app.py").write_text(
            AGREED.replace('Literal["ok", "degraded"]', "Status") + "\n\nfrom states import Status\n"
        )
        arguments = ("contracts", "--cross-check-pydantic")
        run("contracts")
        assert "(crosscheck/unresolved)" in run(*arguments).out
        Path("states.py").write_text('from typing import Literal\n\nStatus = Literal["ok", "bad"]\n')
        assert "(crosscheck/output-beyond-contract)" in run(*arguments).out

    def test_fixes_are_not_skipped(self, run: Callable[..., Done]) -> None:
        run("contracts", "--cross-check-pydantic")
        assert "fixed" in run("contracts", "--fix-safe").out

    def test_broken_contracts_are_looked_at_each_time(self, run: Callable[..., Done]) -> None:
        Path("contracts/Bad.query.json").write_text("{")
        run("contracts")
        run("contracts")
        assert self.cold == 2


def test_runs_at_once_do_not_disturb_each_other() -> None:
    agree()
    command = [sys.executable, "-m", "protogate", "codegen", "registry", "contracts", "--cross-check-pydantic"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    said = [one.communicate(timeout=60) for one in runs]
    assert [one.returncode for one in runs] == [0] * 4, said
    assert sorted(path.name for path in Path("contracts").iterdir()) == [
        "GetHealth.query.json",
        "REGISTRY.md",
        "registry.json",
    ]
    assert [path.name for path in Path(".protogate").iterdir()] == ["cross-check.json"]
