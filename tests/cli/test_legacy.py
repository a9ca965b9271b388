"""`protogate legacy ...`, as people type it."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

import protogate.legacy
from protogate.cli import main
from protogate.console import guard

if TYPE_CHECKING:
    from tests.support.repository import Repository

CONTRACT = """\
syntax = "proto3";
package acme.user.v1;
message UserCreated {
  string user_id = 1;
  string email = 2;
  optional int32 age = 3;
}
"""
TABLE = "CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL, age INTEGER, fax TEXT);\n"
MAPPING = """\
subject: user.legacy
source: users.sql
table: users
message: acme.user.v1.UserCreated
stream: {category: user, key: [id]}
columns:
  id: user_id
  email: email
  age: age
ignored:
  fax: nobody has one
"""
IGNORED = "ignored:\n  fax: nobody has one\n"


class Desk:
    """Runs commands in one repository and keeps what they print."""

    def __init__(self, repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
        self.repository = repository
        self._capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What a command prints: standard output, or where it fails with 2 the error."""
        try:
            got = guard(main, ["legacy", *arguments])
        except SystemExit as stop:
            got = int(stop.code or 0)
        out, err = self._capsys.readouterr()
        assert got == code, out + err
        assert "Traceback" not in err
        return err if code == 2 else out


@pytest.fixture
def legacy(repository: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(repository.root)
    monkeypatch.delenv("LEGACY_DB_PATH", raising=False)
    repository.write("contracts/acme/user/v1/user.proto", CONTRACT)
    repository.write("contracts/legacy_bridge/users.sql", TABLE)
    repository.write("contracts/legacy_bridge/user.mapping.yaml", MAPPING)
    return Desk(repository, capsys)


def test_the_way_from_registration_to_a_check(legacy: Desk) -> None:
    assert legacy("register") == (
        "Registered user.legacy version 1: 4 fields\n"
        "  contracts/legacy_bridge/users.sql: read as postgres; name another with --dialect\n"
    )
    assert legacy("register", "--dialect", "postgres") == "Unchanged user.legacy version 1: 4 fields\n"
    assert "Migration Readiness: 100.0%\n" in legacy("diff")
    assert "No critical errors detected. Ready for migration!\n" in legacy("diff")
    assert legacy("sync-check") == "LEGACY SYNC OK\n"
    listed = "user.legacy version 1, ddl, 4 fields, 100.0% ready for acme.user.v1.UserCreated\n1 subjects\n"
    assert legacy("list") == listed


def test_a_column_that_nobody_has_decided_on(legacy: Desk) -> None:
    legacy.repository.write("contracts/legacy_bridge/user.mapping.yaml", MAPPING.replace(IGNORED, ""))
    legacy("register")
    out = legacy("sync-check", code=1)
    assert out == (
        "OUT OF SYNC: 75.0%\n  user.legacy: [MISSING_IN_PROTO] fax: is in the legacy schema and not in the contract\n"
    )
    assert "  - [MISSING_IN_PROTO] fax: " in legacy("diff", code=1)
    document = json.loads(legacy("sync-check", "--json", code=1))
    assert document == {
        "in_sync": False,
        "readiness": 0.75,
        "subjects": [{"subject": "user.legacy", "readiness": 0.75}],
    }


def test_a_schema_that_changes_gets_a_version(legacy: Desk) -> None:
    legacy("register")
    legacy.repository.write("contracts/legacy_bridge/users.sql", TABLE.replace("fax TEXT", "fax TEXT, iban TEXT"))
    assert legacy("register").startswith("Registered user.legacy version 2: 5 fields\n")
    assert legacy("sync-check", code=1).startswith("OUT OF SYNC: 75.0%\n")


def test_without_a_registry_the_check_says_how_to_make_one(legacy: Desk) -> None:
    out = legacy("sync-check", code=1)
    assert out == ".protogate/legacy.db: no such registry; `protogate legacy register` makes it\n"
    assert not Path(".protogate/legacy.db").exists()


def test_one_subject_and_one_message(legacy: Desk) -> None:
    legacy("register", "old", "contracts/legacy_bridge/users.sql", "--author", "ann", "--desc", "first")
    out = legacy("diff", "old", "acme.user.v1.UserCreated", code=1)
    # id is not user_id without a mapping, and fax is nothing.
    assert "Migration Readiness: 60.0%\nTotal Issues: 3\nCritical Errors: 2\n" in out
    (listed,) = json.loads(legacy("list", "--json"))
    assert (listed["author"], listed["description"], listed["readiness"]) == ("ann", "first", 0.6)


def test_each_table_of_a_database_has_a_subject(legacy: Desk) -> None:
    with sqlite3.connect("old.db") as database:
        database.executescript("CREATE TABLE a (x INTEGER PRIMARY KEY); CREATE TABLE b (y TEXT);")
    database.close()
    out = legacy("register", "old", "sqlite:///old.db")
    assert out == "Registered old.a version 1: 1 fields\nRegistered old.b version 1: 1 fields\n"
    assert legacy("register", "one", "sqlite:///old.db", "--table", "b") == "Registered one version 1: 1 fields\n"


def test_database_of_the_environment(legacy: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect("old.db") as database:
        database.executescript(TABLE)
    database.close()
    legacy.repository.write("contracts/legacy_bridge/user.mapping.yaml", MAPPING.replace("source: users.sql\n", ""))
    assert "names no source" in legacy("register", code=2)
    monkeypatch.setenv("LEGACY_DB_PATH", "old.db")
    assert legacy("register") == "Registered user.legacy version 1: 4 fields\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", "nothing", "acme.user.v1.UserCreated"], "subject 'nothing' is not registered; `protogate legacy"),
        (["diff", "user.legcy", "acme.user.v1.UserCreated"], "did you mean 'user.legacy'?"),
        (["diff", "user.legacy", "acme.user.v1.UserCreate"], "did you mean 'acme.user.v1.UserCreated'?"),
        (["diff", "user.legacy"], "the following arguments are required: MESSAGE"),
        (["register", "user.legacy"], "the following arguments are required: SOURCE"),
        (["register", "user.legacy", "gone.sql"], "gone.sql"),
        (["diff", "--mapping", "gone.mapping.yaml"], "gone.mapping.yaml"),
        (["propose", "user.legacy"], "give a MESSAGE for a mapping, or --contract PACKAGE for a contract"),
        (["frob"], "'frob' is not a command; use one of register, propose, "),
        (["report", "--output", "buf.yaml/x.md"], "buf.yaml/x.md: "),
    ],
    ids=[
        "subject",
        "like a subject",
        "message",
        "half",
        "no source",
        "file",
        "mapping",
        "proposal",
        "command",
        "output",
    ],
)
def test_bad_input_is_one_line(legacy: Desk, arguments: list[str], message: str) -> None:
    legacy("register")
    assert message in legacy(*arguments, code=2).splitlines()[-1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  age: age\n", "  agee: age\n", "9: users has no column 'agee'; did you mean 'age'?"),
        ("  age: age\n", "  age: agee\n", "9: acme.user.v1.UserCreated has no field 'agee'; did you mean 'age'?"),
        ("  age: age\n", "  age: email\n", "columns email and age both fill email"),
    ],
    ids=["column", "field", "twice"],
)
def test_mapping_of_what_is_not_there_is_refused(legacy: Desk, old: str, new: str, message: str) -> None:
    legacy("register")
    legacy.repository.write("contracts/legacy_bridge/user.mapping.yaml", MAPPING.replace(old, new))
    for command in ("diff", "sync-check", "report"):
        assert message in legacy(command, code=2)


def test_conversion_that_does_not_exist_is_an_error_of_the_diff(legacy: Desk) -> None:
    legacy.repository.write("contracts/legacy_bridge/users.sql", TABLE.replace("age INTEGER", "age BYTEA"))
    legacy("register")
    assert "  - [TYPE_MISMATCH] age: " in legacy("diff", code=1)


def test_reports(legacy: Desk) -> None:
    legacy("register")
    assert legacy("report", "--output", "out/readiness.md") == "wrote out/readiness.md\n"
    text = Path("out/readiness.md").read_text()
    assert text.startswith("# Migration Readiness Report: user.legacy\n\nGenerated: ")
    assert "- `fax`: nobody has one\n" in text
    document = json.loads(legacy("report", "--format", "json"))
    schema = Path(protogate.legacy.__file__).parent / "schemas" / "report.schema.json"
    jsonschema_rs.validator_for(json.loads(schema.read_text())).validate(document)
    assert legacy("report", "--format", "html").startswith("<!DOCTYPE html>\n")
    assert json.loads(legacy("diff", "--json")) == [{**document[0], "generated": None}]


def test_proposed_mapping_is_refused_until_it_was_reviewed(legacy: Desk) -> None:
    legacy("register")
    Path("contracts/legacy_bridge/user.mapping.yaml").unlink()
    path = "contracts/legacy_bridge/new.mapping.yaml"
    out = legacy("propose", "user.legacy", "acme.user.v1.UserCreated", "--output", path)
    assert out == f"wrote {path}; review it\n"
    assert f"{path}:" in legacy("diff", code=2)
    again = legacy("propose", "user.legacy", "acme.user.v1.UserCreated", "--output", path, code=2)
    assert f"{path}: is there already" in again


def test_proposed_contract_is_ready_for_its_table(legacy: Desk) -> None:
    legacy("register")
    legacy("propose", "user.legacy", "--contract", "acme.old.v1", "--output", "contracts/acme/old/v1/old.proto")
    assert "Migration Readiness: 100.0%" in legacy("diff", "user.legacy", "acme.old.v1.UserCreated")


def test_adapters_convert_there_and_back(legacy: Desk) -> None:
    assert legacy("adapters", "--output-dir", "out") == "wrote out/user_legacy_adapter.py\n"
    spec = importlib.util.spec_from_file_location("user_legacy_adapter", "out/user_legacy_adapter.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    row = {"id": "u-1", "email": "a@b.example", "age": 7, "fax": None}
    document = module.legacy_to_proto(row)
    assert document == {"userId": "u-1", "email": "a@b.example", "age": 7}
    assert {**module.proto_to_legacy(document), "fax": None} == row


def test_what_needs_the_event_store_is_handed_over(legacy: Desk) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "protogate", "legacy", "bootstrap", "--source", "sqlite:///gone.db", "--dry-run"],
        cwd=legacy.repository.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "gone.db" in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("gone.db").exists()


def test_light_commands_load_nothing_heavy() -> None:
    program = (
        "import sys; from protogate.cli import main; main(['legacy', '--help']);"
        "heavy = {'sqlalchemy', 'sqlglot', 'google.protobuf', 'pydantic', 'yaml'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "register" in done.stdout
