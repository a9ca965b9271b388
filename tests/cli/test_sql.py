from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from protogate.build.buf import find_buf
from protogate.build.identity import search_path
from protogate.cli import main

if TYPE_CHECKING:
    from pathlib import Path

OLD = """syntax = "proto3";
package acme.x.v1;
// A thing.
message Thing {
  string id = 1;
  int32 count = 2;
  bool active = 3;
}
"""
WIDER = OLD.replace("}", "  string note = 4;\n}")
NARROWER = OLD.replace("  int32 count = 2;\n", "")
STATE = OLD.replace("bool active", "State active") + "enum State { STATE_OFF = 0; STATE_ON = 1; }\n"
BROKEN = OLD.replace("int32 count", "nothing count")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    versions = {"old": OLD, "wider": WIDER, "narrower": NARROWER, "state": STATE, "broken": BROKEN}
    for name, text in versions.items():
        (tmp_path / f"{name}.proto").write_text(text)


def migrate(capsys: pytest.CaptureFixture[str], *arguments: str, dialect: str = "sqlite") -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    try:
        code = main(["sql", "migrate", *arguments, "--dialect", dialect])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_safe_migration_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = migrate(capsys, "old.proto", "wider.proto")
    assert (code, err) == (0, "")
    assert "ALTER TABLE things ADD COLUMN note TEXT NOT NULL DEFAULT '';" in out


def test_head_names_both_versions(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = migrate(capsys, "old.proto", "wider.proto", dialect="mysql")
    lines = out.splitlines()
    assert lines[0].startswith("-- Written by protogate sql migrate ")
    assert lines[1:4] == ["-- From: old.proto", "-- To: wider.proto", "-- For MySQL 8.0.17 or later."]


def test_no_run_differs_from_another(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "protogate",
        "sql",
        "migrate",
        "old.proto",
        "state.proto",
        "--dialect",
        "postgresql",
    ]
    scripts = {
        subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=False
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(scripts) == 1
    assert b"ALTER COLUMN active TYPE TEXT" in scripts.pop()


def test_nothing_to_do_is_a_script_that_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = migrate(capsys, "old.proto", "old.proto")
    assert (code, err) == (0, "")
    assert out.endswith("-- Nothing to do: both versions have the same tables.\n")
    assert all(line.startswith("--") for line in out.splitlines() if line)


def test_open_decision_exits_1_and_comments_out_what_loses_something(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = migrate(capsys, "old.proto", "narrower.proto")
    assert code == 1
    assert err.startswith("things.count: the column 'count' (acme.x.v1.Thing.count) has no field any more")
    assert "\n-- DROP TABLE things;\n" in out
    assert "\n-- things.count: the values of this column are lost.\n" in out
    assert not any(line.startswith("DROP TABLE things") for line in out.splitlines())


@pytest.mark.parametrize(("flag", "is_live"), [("--destructive", True), ("--keep", False)])
def test_a_decision_that_was_taken_exits_0(capsys: pytest.CaptureFixture[str], flag: str, is_live: bool) -> None:  # noqa: FBT001 - a parameter
    code, out, err = migrate(capsys, "old.proto", "narrower.proto", flag)
    assert (code, err) == (0, "")
    assert ("DROP TABLE things;" in out.splitlines()) is is_live


def test_using_decides_a_conversion(capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate(capsys, "old.proto", "state.proto")[0] == 1
    chosen = "things.active=CASE WHEN active THEN 'STATE_ON' ELSE 'STATE_OFF' END"
    code, out, err = migrate(capsys, "old.proto", "state.proto", "--using", chosen)
    assert (code, err) == (0, "")
    assert "CASE WHEN active THEN 'STATE_ON' ELSE 'STATE_OFF' END" in out


def test_the_hint_of_a_conversion_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, err = migrate(capsys, "old.proto", "state.proto")
    answer = err.split('--using "')[1].split('"')[0]
    assert migrate(capsys, "old.proto", "state.proto", "--using", answer)[0] == 0


def test_json_has_steps_and_decisions(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = migrate(capsys, "old.proto", "narrower.proto", "--json", dialect="postgresql")
    document = json.loads(out)
    assert (code, err) == (1, "")
    assert [(one["rule"], one["table"], one["column"], one["chosen"]) for one in document["decisions"]] == [
        ("drop_column", "things", "count", False)
    ]
    assert document["steps"] == [
        {
            "phase": "destructive",
            "table": "things",
            "sql": ["ALTER TABLE things DROP COLUMN count;"],
            "note": "things.count: the values of this column are lost.",
            "applied": False,
        }
    ]
    assert "-- ALTER TABLE things DROP COLUMN count;" in document["script"]


def test_out_writes_the_script(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, printed, _ = migrate(capsys, "old.proto", "wider.proto")
    code, out, _ = migrate(capsys, "old.proto", "wider.proto", "--out", "m.sql")
    assert (code, out) == (0, "m.sql: 1 statement\n")
    assert (tmp_path / "m.sql").read_text() == printed


def test_options_of_the_plugin_decide_which_tables_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = migrate(capsys, "old.proto", "wider.proto", "--opt", "prefix=shop_", "--opt", "schema=main")
    assert "ALTER TABLE main_shop_things ADD COLUMN" in out


def test_an_image_without_comments_takes_no_comment_away(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    buf = find_buf(search_path(os.environ))
    subprocess.run([buf, "build", "old.proto", "--exclude-source-info", "-o", "old.binpb"], cwd=tmp_path, check=True)
    code, out, _ = migrate(capsys, "old.proto", "old.binpb", dialect="postgresql")
    assert code == 0
    assert "Nothing to do" in out


def test_a_revision_of_git_is_a_version(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "a.proto").write_text(OLD)
    (tmp_path / "buf.yaml").write_text("version: v2\nmodules:\n  - path: contracts\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
    (tmp_path / "contracts" / "a.proto").write_text(WIDER)
    code, out, err = migrate(capsys, "git:HEAD:contracts", "contracts")
    assert (code, err) == (0, "")
    assert "ADD COLUMN note" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["old.proto", "missing.proto"], "missing.proto: no such file or directory"),
        (["old.proto", "broken.proto"], "broken.proto:6"),
        (["old.proto", "wider.proto", "--opt", "nested=chil"], "option 'nested': 'chil' is not known"),
        (["old.proto", "wider.proto", "--opt", "dialect=mysql"], "the dialect is said by --dialect"),
        (["old.proto", "wider.proto", "--using", "nonsense"], "--using nonsense: is no TABLE.COLUMN=SQL"),
        (["old.proto", "wider.proto", "--using", "users.a=1"], "no table is named 'users'; use one of things"),
        (["old.proto", "wider.proto", "--using", "things.a=1"], "no column is named 'a'; use one of id, count"),
        (["old.proto", "wider.proto", "--out", "no/such/place.sql"], "no/such/place.sql: No such file"),
        (["old.proto", "wider.proto", "--keep", "--destructive"], "not allowed with argument"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mistakes_exit_2(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    code, out, err = migrate(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_the_script_runs_as_it_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE things (id TEXT NOT NULL PRIMARY KEY) STRICT")
    _, out, _ = migrate(capsys, "old.proto", "wider.proto")
    connection.executescript(out)
    connection.close()
