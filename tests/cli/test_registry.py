"""`protogate registry ...`, as people type it; its process is entered in `TestProcess`, elsewhere only its code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protogate._apps import REGISTRY_COMMANDS, app_environment
from protogate.build.buf import find_buf
from protogate.build.identity import search_path
from protogate.console import guard
from registry.commands import run

if TYPE_CHECKING:
    from tests.support.postgres import PostgresServer
    from tests.support.repository import Repository

A, B, C = "acme/a/v1/a.proto", "acme/b/v1/b.proto", "acme/c/v1/c.proto"


class Desk:
    """Runs commands of the registry in one repository and keeps what they print."""

    def __init__(self, repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
        self.repository = repository
        self._capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What a command prints: standard output, or where it fails with 2 the error."""
        try:
            got = guard(run, arguments)
        except SystemExit as stop:
            got = int(stop.code or 0)
        out, err = self._capsys.readouterr()
        assert got == code, out + err
        assert "Traceback" not in err
        if code == 2:
            assert out == ""
            return err
        assert err == ""
        return out

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self(*arguments, code=code))
        return told

    def field(self, name: str, number: int, kind: str = "string") -> None:
        """Let the message of contract c hold one field."""
        self.repository.write(
            f"contracts/{C}",
            f'syntax = "proto3";\npackage acme.c.v1;\nmessage C {{\n  {kind} {name} = {number};\n}}\n',
        )


@pytest.fixture
def desk(repository: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(repository.root)
    return Desk(repository, capsys)


class TestRegister:
    def test_every_contract_becomes_a_subject(self, desk: Desk) -> None:
        lines = desk("register").splitlines()
        digest = r"\(sha256=[0-9a-f]{12}…\)"
        assert [re.sub(digest, "", line) for line in lines] == [
            f"Registered {A} version 1 ",
            f"Registered {B} version 1 ",
            f"Registered {C} version 1 ",
            "3 contracts: 3 registered",
        ]
        assert Path(".protogate/registry.db").is_file()

    def test_registering_again_does_nothing(self, desk: Desk) -> None:
        desk("register")
        assert desk("register").splitlines()[-1] == "3 contracts: 3 unchanged"
        Path(".protogate/contents.json").unlink()
        assert desk("register").splitlines()[-1] == "3 contracts: 3 unchanged"

    def test_change_of_an_import_makes_versions_of_both(self, desk: Desk) -> None:
        desk("register")
        desk.repository.contract(A, "A", "A2")
        out = desk("register")
        assert f"Registered {A} version 2" in out
        assert f"Registered {B} version 2" in out
        assert f"Unchanged {C} version 1" in out
        assert f"imports {A}: {A} version 2" in desk("show", B)
        assert f"imports {A}: {A} version 1" in desk("show", f"{B}@1")

    def test_file_brings_what_it_imports(self, desk: Desk) -> None:
        out = desk("register", f"contracts/{B}")
        assert [line.split()[1] for line in out.splitlines()[:-1]] == [A, B]

    @pytest.mark.parametrize(
        "arguments", [["contracts/acme/c"], [f"contracts/{C}"], ["--proto", f"contracts/{C}"], ["--proto=contracts"]]
    )
    def test_place_chooses(self, desk: Desk, arguments: list[str]) -> None:
        assert f"Registered {C} version 1" in desk("register", *arguments)

    def test_old_content_is_its_old_version(self, desk: Desk) -> None:
        desk.field("id", 1)
        desk("register")
        desk.field("name", 1)
        desk("register", "--profile", "wire")
        desk.field("id", 1)
        assert f"Unchanged {C} version 1" in desk("register", "--profile", "wire")

    def test_one_incompatible_contract_keeps_all_out(self, desk: Desk) -> None:
        desk.field("id", 1)
        desk("register")
        desk.repository.contract(A, "A", "A2")
        desk.field("id", 1, "int32")
        out = desk("register", code=1)
        assert f"INCOMPATIBLE with {C} version 1 (BACKWARD):\n  contracts/{C}:4:3: " in out
        assert f"Not registered {A}" in out
        assert "1 version, newest 1" in desk("list", A)

    def test_mode_of_one_call_leaves_the_level(self, desk: Desk) -> None:
        desk.field("id", 1)
        desk("register")
        desk("mode", C, "FULL")
        desk.field("id", 1, "int32")
        assert f"Registered {C} version 2" in desk("register", "--mode", "none")
        assert desk("mode", C) == f"{C}: FULL\n"

    def test_loose_file_is_a_subject_by_its_name(self, desk: Desk, tmp_path: Path) -> None:
        place = tmp_path / "elsewhere"
        place.mkdir()
        (place / "user.proto").write_text('syntax = "proto3";\npackage user.v1;\nmessage U {}\n')
        (tmp_path / "buf.yaml").unlink()
        out = desk("register", "--proto", "user.proto", "--db", "schema_registry.db", "-C", str(place))
        assert out.startswith("Registered user.proto version 1 (sha256=")
        assert (place / "schema_registry.db").is_file()

    def test_vendored_imports_need_no_reference(self, desk: Desk) -> None:
        desk.repository.write("buf.yaml", "version: v2\nmodules:\n  - path: contracts\n  - path: .protogate/protos\n")
        desk.repository.write(
            f"contracts/{C}",
            """\
            syntax = "proto3";
            package acme.c.v1;
            import "acme/a/v1/a.proto";
            import "buf/validate/validate.proto";
            import "google/protobuf/timestamp.proto";
            message C {
              string id = 1 [(buf.validate.field).string.min_len = 1];
              google.protobuf.Timestamp time = 2;
              acme.a.v1.A a = 3;
            }
            """,
        )
        assert desk("register").splitlines()[-1] == "3 contracts: 3 registered"
        told = desk.json("show", C, "--format", "json")
        assert told["references"] == [{"name": A, "subject": A, "version": 1}]


class TestCheck:
    def test_without_a_registry_there_is_nothing_to_check_against(self, desk: Desk) -> None:
        out = desk("check")
        assert f"No existing schema for '{A}'; nothing to check against" in out
        assert not Path(".protogate/registry.db").exists()

    def test_unchanged_contracts_say_so(self, desk: Desk) -> None:
        desk("register")
        assert desk("check").splitlines()[-1] == "3 contracts: 3 unchanged"

    def test_check_stores_nothing(self, desk: Desk) -> None:
        desk("register")
        desk.repository.contract(A, "A", "A2")
        out = desk("check")
        assert f"Compatible with {A} version 1 (BACKWARD)" in out
        assert f"Compatible with {B} version 1 (BACKWARD)" in out
        assert "1 version, newest 1" in desk("list", A)

    def test_break_is_named_with_its_place(self, desk: Desk) -> None:
        desk.field("id", 1)
        desk("register")
        desk.field("id", 1, "int32")
        out = desk("check", code=1)
        assert f"INCOMPATIBLE with {C} version 1 (BACKWARD):\n  contracts/{C}:4:3: " in out
        assert out.splitlines()[-1] == "3 contracts: 2 unchanged, 1 incompatible"

    def test_break_is_told_once_for_all_that_import_it(self, desk: Desk) -> None:
        text = 'syntax = "proto3";\npackage acme.{0}.v1;\n{1}message {2} {{\n  {3} x = 1;\n}}\n'
        importing = 'import "acme/a/v1/a.proto";\n'
        desk.repository.write(f"contracts/{A}", text.format("a", "", "A", "string"))
        desk.repository.write(f"contracts/{B}", text.format("b", importing, "B", "acme.a.v1.A"))
        desk("register")
        desk.repository.write(f"contracts/{A}", text.format("a", "", "A", "int32"))
        out = desk("check", "--profile", "wire", code=1)
        assert out.count("(wire/") == 1
        assert f"INCOMPATIBLE with {B} version 1 (BACKWARD):\n  contracts/{A}: as reported there" in out
        alone = desk("check", "--profile", "wire", f"contracts/{B}", code=1)
        assert f"INCOMPATIBLE with {B} version 1 (BACKWARD):\n  contracts/{A}:4:3: " in alone

    def test_stored_level_decides(self, desk: Desk) -> None:
        desk.field("id", 1)
        desk("register")
        desk.field("id", 1, "int32")
        desk("mode", C, "NONE")
        assert f"Compatible with {C} version 1 (NONE)" in desk("check")
        assert f"INCOMPATIBLE with {C} version 1 (FULL)" in desk("check", "--mode", "FULL", code=1)

    def test_transitive_level_looks_at_every_version(self, desk: Desk) -> None:
        desk.field("id", 1)
        desk("register")
        desk.field("other", 2)
        desk("register", "--mode", "NONE")
        desk.field("id", 1, "int32")
        asked = ["check", "--profile", "wire"]
        assert f"Compatible with {C} version 2 (BACKWARD)" in desk(*asked)
        assert f"INCOMPATIBLE with {C} versions 1 to 2 (BACKWARD_TRANSITIVE)" in desk(
            *asked, "--mode", "BACKWARD_TRANSITIVE", code=1
        )

    def test_findings_for_programs(self, desk: Desk) -> None:
        desk.field("id", 1)
        desk("register")
        desk.field("id", 1, "int32")
        told = desk.json("check", "--format", "json", "--profile", "wire", code=1)
        assert told["compatible"] is False
        (finding,) = told["findings"]
        assert list(finding) == ["rule", "severity", "path", "file", "line", "message", "hint"]
        assert (finding["path"], finding["file"], finding["line"]) == ("acme.c.v1.C.id", f"contracts/{C}", 4)
        assert [one["status"] for one in told["subjects"]] == ["unchanged", "unchanged", "incompatible"]

    def test_findings_for_code_hosts(self, desk: Desk) -> None:
        desk.field("id", 1)
        desk("register")
        desk.field("id", 1, "int32")
        (log,) = desk.json("check", "--format", "sarif", code=1)["runs"]
        place = log["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == f"contracts/{C}"

    def test_new_database_is_never_taken_for_the_old_one(self, desk: Desk) -> None:
        desk("register")
        desk("check")
        Path(".protogate/registry.db").unlink()
        assert "3 contracts: 3 new" in desk("check")

    def test_version_of_somebody_else_is_noticed(self, desk: Desk) -> None:
        desk("register")
        desk("check")
        other = desk.repository.root / "other"
        (other / "acme/c/v1").mkdir(parents=True)
        (other / "acme/c/v1/c.proto").write_text('syntax = "proto3";\npackage acme.c.v1;\nmessage C {}\nmessage D {}\n')
        (other / "buf.yaml").write_text("version: v2\n")
        desk("register", "other", "--profile", "wire")
        assert f"Compatible with {C} version 2" in desk("check", "--profile", "wire")

    def test_setting_names_the_database(self, desk: Desk) -> None:
        desk.repository.write("pyproject.toml", '[tool.protogate]\nregistry = "versions.db"\n')
        desk("register")
        assert Path("versions.db").is_file()
        assert "3 unchanged" in desk("check")


class TestMistakes:
    @pytest.mark.parametrize("command", ["check", "register"])
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            pytest.param("message {}", f"contracts/{C}:1:9: ", id="syntax"),
            pytest.param('import "no/where.proto";', f"contracts/{C}: imports no/where.proto, which no", id="import"),
            pytest.param("message M { Nowhere x = 1; }", f"contracts/{C}:1:13: ", id="type"),
            pytest.param(f'import "{C}";', f"contracts/{C}: imports {C}, which imports it again", id="itself"),
        ],
    )
    def test_broken_contract_is_one_clear_line(self, desk: Desk, command: str, text: str, said: str) -> None:
        desk.repository.write(f"contracts/{C}", text)
        told = desk(command, code=2)
        assert told.startswith(said)
        assert not Path(".protogate/registry.db").exists() or "0 subjects" in desk("list")

    def test_contract_that_is_no_text_says_so(self, desk: Desk) -> None:
        (desk.repository.root / f"contracts/{C}").write_bytes(b'syntax = "proto3";\n// \xff\n')
        assert desk("check", code=2) == f"contracts/{C}: is not UTF-8 at byte 22; save it as UTF-8\n"

    def test_giant_contract_is_refused_before_it_is_compiled(self, desk: Desk) -> None:
        desk.repository.write(f"contracts/{C}", "//" + "x" * (8 * 1024 * 1024))
        said = desk("register", code=2)
        assert said == f"contracts/{C}: has 8,388,610 characters, the registry takes 8,388,608; split it\n"

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            pytest.param(["check", "nowhere"], "nowhere: no such file or directory", id="place"),
            pytest.param(["check", "buf.yaml"], "buf.yaml: is no contract", id="no contract"),
            pytest.param(["check", "--mode", "SIDEWAYS"], "invalid choice: 'SIDEWAYS'", id="mode"),
            pytest.param(["check", "--profile", "x"], "profile 'x' is not known; use wire", id="profile"),
            pytest.param(["check", "--db", "mysql://x/y"], "mysql://x/y", id="database"),
            pytest.param(["check", "--db", "typo.db"], "typo.db: no such registry", id="no database"),
            pytest.param(["register", "--db", "contracts"], "contracts", id="directory as database"),
            pytest.param(["show", "nowhere"], "'nowhere'", id="subject"),
            pytest.param(["show", f"{A}@9"], "9", id="version"),
            pytest.param(["show", f"{A}@x"], "version 'x': is none; use a number from 1, or latest", id="no version"),
            pytest.param(["diff", A, "1", "0"], "version '0': is none; use a number from 1, or latest", id="diff"),
            pytest.param(["mode", A, "SIDEWAYS"], "level 'SIDEWAYS' is not known; use one of NONE", id="level"),
            pytest.param(["mode", A, "FULL", "x"], "unrecognized arguments: x", id="words"),
            pytest.param(["mode", "FULL", "--unset"], "--unset: takes no level", id="unset"),
            pytest.param(["delete", f"{A}@1"], "give the version as --version 1", id="delete"),
            pytest.param(["delete", "nowhere"], "'nowhere'", id="delete nothing"),
            pytest.param(["import", "nowhere"], "nowhere: cannot be read: No such file", id="import"),
            pytest.param(["import", "buf.yaml"], "line 1", id="no export"),
            pytest.param(["export", "no/where"], "no/where: cannot be written: No such file", id="export"),
            pytest.param(["frobnicate"], "'frobnicate' is not a command; use one of register, check", id="command"),
            pytest.param([], "'' is not a command", id="nothing"),
        ],
    )
    def test_mistakes_exit_2(self, desk: Desk, arguments: list[str], said: str) -> None:
        desk("register")
        assert said in desk(*arguments, code=2)

    def test_question_to_a_registry_that_is_not_there_makes_none(self, desk: Desk) -> None:
        for arguments in (["show", A], ["diff", A, "1", "2"], ["delete", A], ["export", "-"]):
            assert "no such registry" in desk(*arguments, code=2)
        assert desk("list") == "0 subjects\n"
        assert not Path(".protogate").exists()

    def test_file_that_is_no_database_is_left_alone(self, desk: Desk) -> None:
        Path("notes.db").write_text("not a database, but somebody's notes " * 50)
        before = Path("notes.db").read_bytes()
        assert desk("register", "--db", "notes.db", code=2).startswith("notes.db: ")
        assert Path("notes.db").read_bytes() == before

    def test_damaged_memory_is_not_believed(self, desk: Desk) -> None:
        desk("register")
        for text in ("", "[]", "{", '{"format": "protogate 0.0", "contents": {}}'):
            Path(".protogate/contents.json").write_text(text)
            assert "3 unchanged" in desk("check")


class TestReading:
    @pytest.fixture(autouse=True)
    def _two_versions(self, desk: Desk) -> None:
        desk("register")
        desk.repository.contract(A, "A", "A2")
        desk("register")

    def test_list_names_subjects(self, desk: Desk) -> None:
        assert desk("list").splitlines() == [
            f"{A}  2 versions, newest 2  BACKWARD",
            f"{B}  2 versions, newest 2  BACKWARD",
            f"{C}  1 version, newest 1  BACKWARD",
            "3 subjects",
        ]
        assert desk("list", "acme/b").splitlines()[-1] == "1 subject"
        rows = desk.json("list", "--json", A)["subjects"]
        assert [row["versions"] for row in rows] == [[1, 2]]

    def test_show_gives_the_source_as_it_was(self, desk: Desk) -> None:
        text = Path(f"contracts/{A}").read_text()
        assert desk("show", A, "--format", "proto") == text
        assert desk("show", f"{A}@latest", "--format", "proto") == text
        assert desk("show", f"{A}@1", "--format", "proto") == text.replace("message A2 {}\n", "")

    def test_show_for_people_and_programs(self, desk: Desk) -> None:
        told = desk.json("show", B, "--format", "json")
        assert (told["subject"], told["version"], told["deleted"]) == (B, 2, False)
        assert desk("show", B).startswith(f"{B} version 2\nid {told['id']}, sha256 {told['sha256']}\nimports {A}: ")

    def test_image_is_what_buf_compares_with(self, desk: Desk, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "registry", "show", f"{B}@1", "--format", "image"]
        environment = app_environment(os.environ)
        image = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, check=True).stdout
        assert [file.name for file in FileDescriptorSet.FromString(image).file] == [A, B]
        Path("old.binpb").write_bytes(image)
        buf = [find_buf(search_path(os.environ)), "breaking", "contracts", "--against", "old.binpb"]
        assert subprocess.run(buf, cwd=tmp_path, check=False).returncode == 0
        desk.repository.contract(B, "Renamed", imports=(A,))
        assert subprocess.run(buf, cwd=tmp_path, check=False, capture_output=True).returncode == 100

    def test_diff_shows_lines_and_findings(self, desk: Desk) -> None:
        out = desk("diff", A, "1", "2")
        assert f"--- {A}@1\n+++ {A}@2\n" in out
        assert "\n+message A2 {}\n" in out
        assert re.fullmatch(rf"{re.escape(A)} version 1 to 2: \d+ findings?", out.splitlines()[-1])
        assert desk.json("diff", A, "2", "latest", "--format", "json") == {"compatible": True, "findings": []}

    def test_delete_hides_and_permanent_removes(self, desk: Desk) -> None:
        assert desk("delete", C, "--version", "1") == f"Deleted {C} version 1\n"
        assert "is not" in desk("show", C, code=2) or "deleted" in desk("show", C, code=2)
        assert desk("show", f"{C}@1", "--deleted").startswith(f"{C} version 1, deleted\n")
        assert f"{C}  1 version, newest 1, 1 deleted" in desk("list", "--deleted")
        assert desk.json("delete", C, "--permanent", "--json") == {"subject": C, "deleted": [1], "permanent": True}
        desk("show", f"{C}@1", "--deleted", code=2)

    def test_what_others_import_is_not_deleted(self, desk: Desk) -> None:
        assert "refer" in desk("delete", A, code=2)


class TestMode:
    def test_level_of_all_and_of_one(self, desk: Desk) -> None:
        assert desk("mode") == "all subjects: BACKWARD, the default\n"
        assert desk("mode", "full") == "all subjects: FULL\n"
        assert desk("mode", A) == f"{A}: FULL, as for all subjects\n"
        assert desk("mode", A, "FORWARD_TRANSITIVE") == f"{A}: FORWARD_TRANSITIVE\n"
        assert desk.json("mode", A, "--json") == {
            "subject": A,
            "level": "FORWARD_TRANSITIVE",
            "own": "FORWARD_TRANSITIVE",
        }
        assert desk("mode", A, "--unset") == f"{A}: FULL, as for all subjects\n"


class TestExport:
    def test_export_moves_everything(self, desk: Desk) -> None:
        desk("register")
        desk.repository.contract(A, "A", "A2")
        desk("register")
        desk("mode", C, "FULL")
        assert re.fullmatch(r"all\.jsonl: \d+ lines\n", desk("export", "all.jsonl"))
        assert desk("import", "all.jsonl", "--db", "copy.db") == "all.jsonl: 5 versions imported\n"
        assert desk("export", "-", "--db", "copy.db") == Path("all.jsonl").read_text()
        assert desk("import", "all.jsonl") == "all.jsonl: 0 versions imported\n"

    def test_export_of_a_subject_stands_on_its_own(self, desk: Desk) -> None:
        desk("register")
        desk("export", "b.jsonl", "--subject", B)
        desk("import", "b.jsonl", "--db", "copy.db")
        assert [line.split()[0] for line in desk("list", "--db", "copy.db").splitlines()] == [A, B, "2"]

    @pytest.mark.postgres
    def test_postgresql_is_a_database_like_any_other(self, desk: Desk, postgres_server: PostgresServer) -> None:
        there = ["--db", postgres_server.url]
        desk.field("id", 1)
        assert "3 contracts: 3 registered" in desk("register", *there)
        assert "3 contracts: 3 unchanged" in desk("check", *there)
        desk.field("id", 1, "int32")
        assert f"INCOMPATIBLE with {C} version 1" in desk("check", *there, code=1)
        desk("export", "all.jsonl", *there)
        assert desk("import", "all.jsonl") == "all.jsonl: 3 versions imported\n"


class TestProcess:
    """What only a process of its own can show."""

    @staticmethod
    def protogate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "protogate", "registry", *arguments]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    def test_commands_and_their_help(self, repository: Repository) -> None:
        for name in REGISTRY_COMMANDS:
            done = self.protogate(repository.root, name, "--help")
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout.startswith(f"usage: protogate registry {name} ")
            assert f"examples:\n  protogate registry {name}" in done.stdout

    def test_folder_of_the_user_is_not_taken_for_the_registry(self, repository: Repository) -> None:
        repository.write("registry/__init__.py", "raise SystemExit('the wrong one')\n")
        repository.write("registry/__main__.py", "raise SystemExit('the wrong one')\n")
        done = self.protogate(repository.root, "check")
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 contracts: 3 new")

    def test_many_may_register_at_once(self, repository: Repository, desk: Desk) -> None:
        command = [sys.executable, "-m", "protogate", "registry", "register"]
        pipe = subprocess.PIPE
        running = [
            subprocess.Popen(command, cwd=repository.root, stdout=pipe, stderr=pipe, text=True) for _ in range(6)
        ]
        said = [process.communicate() for process in running]
        assert [process.returncode for process in running] == [0] * 6, said
        assert [sum(f"Registered {name}" in out for out, _ in said) for name in (A, B, C)] == [1, 1, 1]
        assert [row["versions"] for row in desk.json("list", "--json")["subjects"]] == [[1], [1], [1]]

    def test_unchanged_repository_takes_no_time(self, repository: Repository) -> None:
        self.protogate(repository.root, "register")
        spent = []
        for _ in range(3):
            before, started = os.times(), time.perf_counter()
            assert self.protogate(repository.root, "check").returncode == 0
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            spent.append((used, time.perf_counter() - started))
        # Processor time, which a busy machine stretches less than the clock.
        assert min(spent)[0] < 0.4, spent

    def test_reader_that_leaves_early_is_no_error(self, repository: Repository) -> None:
        command = f"{sys.executable} -m protogate registry check | head -n 1; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(
            ["/bin/bash", "-c", command], cwd=repository.root, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
