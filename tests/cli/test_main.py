from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogate import __version__, cli
from protogate.build import lint
from protogate.cli import main

if TYPE_CHECKING:
    from tests.support.repository import Repository

ROOT = Path(__file__).parents[2]
COMMANDS = [
    "init",
    "doctor",
    "config",
    "generate",
    "watch",
    "lint",
    "ci",
    "clean",
    "vendor",
    "compat",
    "registry",
    "gateway",
    "slice",
    "legacy",
    "discovery",
    "migration-candidates",
    "service-boundaries",
    "cqrs-clusters",
    "delegation-plan",
    "wave-plan",
    "shared-ts-candidates",
    "sql",
    "codegen",
    "generate-pydantic",
    "generate-zod",
    "generate-json-schema",
    "generate-sql",
]


@pytest.fixture(autouse=True)
def _stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Come back after a command went to its project."""
    monkeypatch.chdir(ROOT)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("help",)])
def test_help_names_every_command(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    assert all(re.search(rf"^  {command} ", out, re.MULTILINE) for command in COMMANDS)
    assert "examples:" in out


# The help of these two is that of another process: tests/e2e/test_docs.py looks at it.
@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in {"gateway", "config"}])
def test_every_command_has_help_with_examples(capsys: pytest.CaptureFixture[str], command: str) -> None:
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    assert out.startswith(f"usage: protogate {command} ")
    assert re.search(rf"^examples:\n  protogate {command}\b", out, re.MULTILINE)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"protogate {__version__}\n", "")
    assert (ROOT / "VERSION").read_text().strip() == __version__


def test_unknown_command_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "genrate")
    assert (code, out) == (2, "")
    assert err == f"protogate: 'genrate' is not a command; use one of {', '.join(COMMANDS)}\n"


def test_unknown_target_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "generate", "zodd")
    assert code == 2
    assert "zodd" in err


def test_start_is_quick_and_light() -> None:
    code = "import sys, protogate.cli as c; c.main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # 0.04 s on an idle machine; the bound leaves room for a busy one.
    assert time.perf_counter() - started < 1.5
    heavy = {"argparse", "doit", "yaml", "pydantic", "google.protobuf", "json", "dataclasses", "subprocess"}
    assert heavy.isdisjoint(re.findall(r"'([^']+)'", done.stderr))


def test_generate_says_what_was_made(capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
    code, out, err = run(capsys, "generate", "-C", str(repository.root))
    assert (code, err) == (0, "")
    first, total = out.splitlines()
    assert first == "out/each  each  3 files, 3 written"
    assert re.fullmatch(r"3 of 3 contracts generated in \d+\.\d s", total)
    _, again, _ = run(capsys, "generate")
    assert again.splitlines() == ["out/each  each  3 files, unchanged", "3 contracts: nothing to generate"]


def test_generate_incremental_names_what_is_stale(capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
    repository.build()
    repository.contract("acme/a/v1/a.proto", "A", "A2")
    _, out, _ = run(capsys, "generate", "incremental", "-C", str(repository.root))
    assert out.splitlines()[:2] == ["stale: acme/a/v1/a.proto", "stale: acme/b/v1/b.proto"]


def test_generate_for_programs(capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
    code, out, _ = run(capsys, "generate", "all", "--json", "-C", str(repository.root))
    told = json.loads(out)
    assert code == 0
    assert told.keys() == {"contracts", "rebuilt", "seconds", "targets", "messages"}
    assert told["targets"] == [
        {"name": "each", "out": "out/each", "files": 3, "written": 3, "removed": 0, "not_carried": 0}
    ]


def test_generate_of_a_broken_contract_is_one_line(capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
    repository.write("contracts/acme/c/v1/c.proto", 'syntax = "proto3";\npackage acme.c.v1;\nmessage {}\n')
    code, out, err = run(capsys, "generate", "-C", str(repository.root))
    assert (code, out) == (2, "")
    assert re.fullmatch(r"contracts/acme/c/v1/c\.proto:3:\d+: \S.*\n", err)


def test_generate_outside_a_project_names_the_way_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, "generate", "-C", str(tmp_path))
    assert code == 2
    assert err.startswith("buf.gen.yaml: no such file")


def test_settings_choose_the_template(capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
    (repository.root / "buf.gen.yaml").rename(repository.root / "other.yaml")
    repository.write("pyproject.toml", '[tool.protogate]\ntemplate = "other.yaml"\n')
    assert run(capsys, "generate", "-C", str(repository.root))[0] == 0


def test_clean_removes_what_was_made(capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
    repository.build()
    assert run(capsys, "clean", "-C", str(repository.root)) == (0, "3 generated files removed\n", "")
    assert not (repository.root / "out/each").exists()
    assert run(capsys, "clean", "--json") == (0, '{\n  "removed": 0\n}\n', "")


def test_vendor_writes_contracts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "vendor", "protos", "--json", "-C", str(tmp_path))
    files = json.loads(out)["files"]
    assert code == 0
    assert "protos/buf/validate/validate.proto" in files
    assert all((tmp_path / path).is_file() for path in files)


class TestLint:
    @pytest.fixture(autouse=True)
    def _unformatted(self, repository: Repository) -> None:
        repository.write("contracts/acme/c/v1/c.proto", 'syntax = "proto3";\npackage wrong;\nmessage   C {}\n')

    def test_findings_exit_1(self, capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
        code, out, err = run(capsys, "lint", "-C", str(repository.root))
        assert (code, err) == (1, "")
        assert re.search(r"^contracts/acme/c/v1/c\.proto:2:1: .* \(lint/PACKAGE_DIRECTORY_MATCH\)$", out, re.MULTILINE)
        assert re.search(
            r"^contracts/acme/c/v1/c\.proto:\d+: not in buf's format; run .* \(format\)$", out, re.MULTILINE
        )

    def test_findings_for_programs(self, capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
        _, out, _ = run(capsys, "lint", "--json", "-C", str(repository.root))
        assert {one["rule"] for one in json.loads(out)} >= {"format", "lint/PACKAGE_DIRECTORY_MATCH"}
        _, out, _ = run(capsys, "lint", "--sarif")
        assert json.loads(out)["runs"][0]["results"][0]["locations"]

    def test_broken_contract_is_a_finding(self, capsys: pytest.CaptureFixture[str], repository: Repository) -> None:
        repository.write("contracts/acme/c/v1/c.proto", "message {")
        code, out, _ = run(capsys, "lint", "-C", str(repository.root))
        assert code == 1
        assert "(lint/COMPILE)" in out

    def test_clean_contracts_exit_0(self, repository: Repository) -> None:
        repository.remove("contracts/acme/c/v1/c.proto")
        repository.format_contracts()
        assert lint.lint(str(repository.root)) == ()


def test_ci_without_a_dodo_file_lints_then_generates(repository: Repository) -> None:
    for path in (repository.root / "contracts").rglob("*.proto"):
        path.write_text(path.read_text() + "// no newline rules\n")
    command = [sys.executable, "-m", "protogate", "ci", "-C", str(repository.root)]
    failing = subprocess.run(command, capture_output=True, text=True, check=False)
    assert failing.returncode == 1
    assert "not in buf's format" in failing.stdout + failing.stderr
    assert not (repository.root / "out").exists()
    repository.format_contracts()
    passing = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (passing.returncode, passing.stdout.splitlines()[0]) == (0, ".  lint")
    assert repository.is_current()


def test_defect_shows_its_traceback_and_asks_for_a_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_command: str) -> object:
        raise KeyError("surprise")

    monkeypatch.setattr(cli, "import_module", broken)
    code, _, err = run(capsys, "generate")
    assert code == 70
    assert "KeyError: 'surprise'" in err
    assert "please report" in err


def test_interrupt_is_quiet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_command: str) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "import_module", interrupted)
    assert run(capsys, "generate") == (130, "", "")


def test_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m protogate --help | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
