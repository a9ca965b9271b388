from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.repository import Repository


@pytest.fixture(autouse=True)
def _dodo(repository: Repository) -> None:
    repository.write("dodo.py", "from protogate.tasks import *\n")


def doit(repository: Repository, *arguments: str) -> tuple[int, list[str], str]:
    """Exit code, lines of standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "doit", *arguments],
        cwd=repository.root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_plain_doit_generates_then_has_nothing_to_do(repository: Repository) -> None:
    code, out, _ = doit(repository)
    assert (code, out[:2]) == (0, [".  generate", "out/each  each  3 files, 3 written"])
    assert doit(repository) == (0, ["-- generate"], "")


@pytest.mark.parametrize("harm", ["change", "delete output", "new contract", "option"])
def test_doit_notices(repository: Repository, harm: str) -> None:
    doit(repository)
    match harm:
        case "change":
            repository.contract("acme/c/v1/c.proto", "C", "C2")
        case "delete output":
            repository.remove("out/each/acme/c/v1/c.txt")
        case "new contract":
            repository.contract("acme/d/v1/d.proto", "D")
        case _:
            repository.use_targets({"each": {"opt": ["word=x"]}})
    code, out, _ = doit(repository)
    assert (code, out[0]) == (0, ".  generate")
    assert doit(repository)[1] == ["-- generate"]


def test_broken_contract_fails_without_a_traceback(repository: Repository) -> None:
    doit(repository)
    before = repository.outputs()
    repository.write("contracts/acme/c/v1/c.proto", "message {")
    code, out, err = doit(repository)
    text = "\n".join(out) + err
    assert code == 2
    assert "contracts/acme/c/v1/c.proto:1:" in text
    assert "Traceback" not in text
    assert repository.outputs() == before


def test_list_reads_like_a_table_of_contents(repository: Repository) -> None:
    code, out, _ = doit(repository, "list")
    assert code == 0
    assert [line.split()[0] for line in out] == [
        "bootstrap_legacy",
        "ci",
        "contracts",
        "cross_check",
        "diff_legacy",
        "gateway",
        "generate",
        "generate_incremental",
        "json",
        "legacy_list",
        "legacy_register",
        "legacy_report",
        "lint",
        "proto",
        "proto_changed",
        "python",
        "registry_check",
        "registry_list",
        "registry_register",
        "sql",
        "sync_check",
        "testql",
        "vendor",
        "watch",
        "zod",
    ]
    assert all(len(line.split(maxsplit=1)[1]) > 5 for line in out)


def test_target_task_builds_its_target_only(repository: Repository) -> None:
    repository.use_targets({"protoc-gen-protogate-zod": {"plugin": "each", "out": "out/zod"}, "each": {}})
    repository.write(
        "dodo.py",
        "from protogate.tasks import *\nfrom protogate.tasks import generation_task\n"
        "def task_mine(): return generation_task('mine', 'each')\n",
    )
    assert doit(repository, "mine")[0] == 0


def test_task_of_a_target_that_is_not_there_says_so(repository: Repository) -> None:
    code, out, err = doit(repository, "zod")
    assert code == 2
    assert "no plugin for target 'zod'; the targets here are each" in "\n".join(out) + err


def test_clean_removes_outputs(repository: Repository) -> None:
    doit(repository)
    assert doit(repository, "clean")[0] == 0
    assert not (repository.root / "out/each").exists()
    assert doit(repository)[1][0] == ".  generate"


def test_lint_runs_again_only_when_a_contract_changed(repository: Repository) -> None:
    repository.format_contracts()
    assert doit(repository, "lint")[:2] == (0, [".  lint"])
    assert doit(repository, "lint")[:2] == (0, ["-- lint"])
    repository.write("contracts/acme/d/v1/d.proto", 'syntax = "proto3";\npackage wrong;\n')
    assert doit(repository, "lint")[0] == 1
    assert doit(repository, "lint")[0] == 1


def test_own_sequence_for_ci(repository: Repository) -> None:
    repository.write(
        "dodo.py",
        "from protogate.tasks import *\n"
        "from protogate.tasks import ci_task, command_task\n"
        "def task_first(): return command_task('first', ['true'])\n"
        "def task_second(): return command_task('second', ['false'], after=['first'])\n"
        "def task_ci(): return ci_task('generate', 'first', 'second')\n",
    )
    code, out, _ = doit(repository, "ci")
    assert code == 1
    assert [line for line in out if line.startswith(". ")] == [".  generate", ".  first", ".  second"]


class TestRegistry:
    def test_check_runs_again_only_when_contracts_or_versions_changed(self, repository: Repository) -> None:
        assert doit(repository, "registry_check")[1][-1] == "3 contracts: 3 new"
        assert doit(repository, "registry_check")[1] == ["-- registry_check"]
        assert doit(repository, "registry_register")[1][-1] == "3 contracts: 3 registered"
        assert doit(repository, "registry_check")[1][-1] == "3 contracts: 3 unchanged"
        assert doit(repository, "registry_check")[1] == ["-- registry_check"]
        repository.contract("acme/c/v1/c.proto", "C", "C2")
        assert doit(repository, "registry_check")[1][-1] == "3 contracts: 2 unchanged, 1 compatible"

    def test_break_stops_ci(self, repository: Repository) -> None:
        text = 'syntax = "proto3";\n\npackage acme.c.v1;\n\nmessage C {{\n  {0} x = 1;\n}}\n'
        repository.write("contracts/acme/c/v1/c.proto", text.format("string"))
        repository.format_contracts()
        assert doit(repository, "registry_register")[0] == 0
        assert doit(repository, "ci")[0] == 0
        repository.write("contracts/acme/c/v1/c.proto", text.format("int32"))
        code, out, err = doit(repository, "ci")
        assert code == 1
        assert "contracts/acme/c/v1/c.proto:6:3: " in "\n".join(out) + err

    def test_mistake_in_a_contract_is_one_clear_line(self, repository: Repository) -> None:
        repository.write("contracts/acme/c/v1/c.proto", "message {")
        code, out, err = doit(repository, "registry_check")
        text = "\n".join(out) + err
        assert code in {1, 2}
        assert "contracts/acme/c/v1/c.proto:1:9: " in text
        assert "Traceback" not in text


class TestContracts:
    """CQRS contracts in JSON, among the others."""

    QUERY = """\
{"query": "GetHealth", "kind": "CQRS_QUERY", "version": "1.0.0", "input": {},
 "output": {"status": {"type": "string", "enum": ["ok"]}},
 "transport": {"http": {"method": "GET", "endpoint": "/health"}}, "layers": {"python": "app.py::Health"}}
"""
    MODEL = """\
from typing import Literal
from pydantic import BaseModel
class Health(BaseModel):
    status: Literal["ok"]
"""

    @pytest.fixture(autouse=True)
    def _contract(self, repository: Repository) -> None:
        repository.write("contracts/GetHealth.query.json", self.QUERY)
        repository.write("app.py", self.MODEL)

    def test_listings_are_written_after_generation(self, repository: Repository) -> None:
        code, out, _ = doit(repository, "contracts")
        assert (code, out[0]) == (0, ".  generate")
        assert out[-3:] == [
            "wrote contracts/registry.json",
            "wrote contracts/REGISTRY.md",
            "0 commands, 1 query, 0 events",
        ]

    def test_stale_listing_stops_ci(self, repository: Repository) -> None:
        repository.format_contracts()
        doit(repository, "contracts")
        assert doit(repository, "ci")[0] == 0
        repository.write("contracts/GetHealth.query.json", self.QUERY.replace("/health", "/status"))
        code, out, err = doit(repository, "ci")
        assert code == 1
        assert "(contract/stale)" in "\n".join(out) + err

    def test_drift_stops_ci(self, repository: Repository) -> None:
        repository.format_contracts()
        doit(repository, "contracts")
        repository.write("app.py", self.MODEL.replace('["ok"]', '["ok", "bad"]'))
        code, out, err = doit(repository, "ci")
        assert code == 1
        assert "(crosscheck/output-beyond-contract)" in "\n".join(out) + err

    def test_repository_without_contracts_passes(self, repository: Repository) -> None:
        repository.remove("contracts/GetHealth.query.json")
        code, out, _ = doit(repository, "cross_check")
        assert (code, out[-1]) == (0, "contracts: no contracts (*.command.json, *.query.json, *.event.json)")


class TestGateway:
    """A repository with a slice of its own."""

    SLICE = """\
from protogate.slices import Slice

SLICE = Slice("shop", "live", (), lambda runtime, resources: [], smoke_checks=("GET /livez -> 200 status",))
"""

    @pytest.fixture(autouse=True)
    def _slice(self, repository: Repository) -> None:
        repository.write("shop.py", self.SLICE)
        repository.write("pyproject.toml", '[tool.protogate]\nslices = ["shop:SLICE"]\n')

    def test_slices_are_asked_at_the_end_of_ci(self, repository: Repository) -> None:
        repository.format_contracts()
        code, out, err = doit(repository, "ci")
        assert code == 0, "\n".join([*out, err])
        stages = [line[3:] for line in out if line.startswith(".  ")]
        assert stages == ["lint", "generate", "registry_check", "cross_check", "gateway"]
        assert any(line.startswith("ok    shop       GET /livez  200, ") for line in out)
        assert any(line.startswith("3 slices: ") for line in out)
        assert "failed" not in out[-1]

    def test_slices_of_the_gateway_are_well_beside_a_registry_of_the_project(self, repository: Repository) -> None:
        assert doit(repository, "registry_register")[0] == 0
        assert doit(repository, "gateway")[0] == 0

    def test_promise_that_is_not_kept_stops_ci(self, repository: Repository) -> None:
        repository.write("shop.py", self.SLICE.replace("-> 200 status", "-> 201"))
        code, out, err = doit(repository, "gateway")
        assert code == 1
        assert "expected 201" in "\n".join(out) + err

    def test_gateway_is_left_out_where_there_are_no_slices(self, repository: Repository) -> None:
        repository.format_contracts()
        repository.remove("pyproject.toml")
        code, out, _ = doit(repository, "ci")
        assert code == 0
        assert [line[3:] for line in out if line.startswith(".  ")][-1] == "cross_check"


class TestChangedContracts:
    @pytest.fixture(autouse=True)
    def _repository_with_history(self, repository: Repository) -> None:
        self.git(repository, "init", "-q", "-b", "main")
        self.git(repository, "add", "contracts")
        self.git(repository, "commit", "-qm", "first")

    @staticmethod
    def git(repository: Repository, *arguments: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=repository.root, check=True)  # noqa: S607

    def changed(self, repository: Repository, *arguments: str) -> list[str]:
        code, out, err = doit(repository, "proto_changed", *arguments)
        assert code == 0, err
        return out[1:]

    def test_nothing_changed(self, repository: Repository) -> None:
        assert self.changed(repository) == []

    def test_changed_new_and_deleted_ones_are_listed(self, repository: Repository) -> None:
        repository.contract("acme/a/v1/a.proto", "A", "A2")
        repository.contract("acme/d/v1/d.proto", "D")
        repository.remove("contracts/acme/c/v1/c.proto")
        assert self.changed(repository) == [
            "contracts/acme/a/v1/a.proto",
            "contracts/acme/c/v1/c.proto",
            "contracts/acme/d/v1/d.proto",
        ]

    def test_branch_is_compared_with_where_it_left_the_base(self, repository: Repository) -> None:
        self.git(repository, "checkout", "-qb", "topic")
        repository.contract("acme/a/v1/a.proto", "A", "A2")
        self.git(repository, "commit", "-qam", "second")
        assert self.changed(repository) == ["contracts/acme/a/v1/a.proto"]
        assert self.changed(repository, "--ref", "HEAD") == []

    def test_unknown_revision_is_named(self, repository: Repository) -> None:
        code, out, err = doit(repository, "proto_changed", "--ref", "nowhere")
        assert code == 2
        assert "nowhere" in "\n".join(out) + err
        assert "Traceback" not in err
