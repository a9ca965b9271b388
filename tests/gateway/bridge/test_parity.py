"""One verdict before cut-over, each line with its evidence; and the commands that give it, before a real gateway."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gateway.bridge.parity import Evidence, verdict
from gateway.delegation.parity import Observation, ParityBook
from gateway.delegation.wiring import PARITY_FILE
from tests.support.bridge import MAPPING, ROOT, Legacy, users
from tests.support.gateway import serve_gateway

if TYPE_CHECKING:
    from pathlib import Path

READY = Evidence(1.0, (), 100, 0, 0, (), 0, 0, 0, "phase-2", 200, 200, (0.995, 100))


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({}, set()),
        ({"errors": ("email",), "readiness": 0.5}, {"schema"}),
        ({"unaccounted": ("fax",)}, {"columns"}),
        ({"different": 1}, {"rows"}),
        ({"rejected": 1}, {"rows"}),
        ({"changes": None}, {"capture"}),
        ({"changes": 3}, {"capture"}),
        ({"outbox": 1}, {"outbox"}),
        ({"dead": 1}, {"outbox"}),
        ({"matched": 198}, {"answers"}),
        ({"compared": 99, "matched": 99}, {"answers"}),
        ({"compared": 0, "matched": 0, "phase": "live"}, set()),
    ],
)
def test_each_line_judges_its_evidence(change: dict[str, Any], failing: set[str]) -> None:
    lines = verdict(READY._replace(**change))
    assert [line.name for line in lines] == ["schema", "columns", "rows", "capture", "outbox", "answers"]
    assert {line.name for line in lines if not line.is_good} == failing


class Desk:
    """The command line beside a gateway's data."""

    def __init__(self, legacy: Legacy, data: Path) -> None:
        self._options = ["--source", legacy.url, "--mapping", str(MAPPING), "--data-dir", str(data)]
        self._options += ["--contracts", str(ROOT / "contracts")]
        self._root = data.parent

    def __call__(self, action: str, *more: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "gateway", "bridge", action, *self._options, *more],
            cwd=self._root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def desk(sqlite_legacy: Legacy, tmp_path: Path) -> Desk:
    sqlite_legacy.insert(users(12))
    return Desk(sqlite_legacy, tmp_path / "data")


def observe(data: Path, count: int) -> None:
    """What shadow runs would have noted."""
    book = ParityBook(data / PARITY_FILE)
    for _ in range(count):
        book.record(Observation("user", "GET /queries/user/{id}", 0))
    assert book.flush()
    book.close()


def test_users_of_the_slice_from_bootstrap_to_verdict(desk: Desk, sqlite_legacy: Legacy, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "12 taken over" in desk("bootstrap")
    desk("capture", "--install", "triggers")
    assert "1 changes of 1 rows: 0 created, 1 changed" in changed(desk, sqlite_legacy)
    assert desk("compare", "--settle", "0.05") == "LEGACY SYNC OK\n"
    with serve_gateway(data) as gateway, gateway.client() as client:
        shown = {name: client.get(f"/queries/user/{name}").json() for name in ("u-000000", "u-000001", "u-000003")}
        # Who was shut out before is shut out after, and who was shut out meanwhile as well.
        assert {name: one["active"] for name, one in shown.items()} == {
            "u-000000": False,
            "u-000001": True,
            "u-000003": False,
        }
        taken = client.post(
            "/commands/user/create", json={"email": "user1@example.com", "first_name": "A", "last_name": "B"}
        )
        assert taken.status_code in {409, 422}, "the address belongs to a user who came over"
    observe(data, 120)
    report = json.loads(desk("parity", "--json"))
    assert report["is_ready"] is True
    sqlite_legacy.run("UPDATE users SET age = 20 WHERE id = 'u-000005'")
    said = desk("parity", code=1)
    assert "NOT READY" in said
    assert "FAIL capture" in said


def changed(desk: Desk, legacy: Legacy) -> str:
    legacy.run("UPDATE users SET is_active = 0 WHERE id = 'u-000003'")
    return desk("capture")


def test_a_dry_run_leaves_nothing_behind(desk: Desk, tmp_path: Path) -> None:
    assert "12 rows, 12 can be taken over, 0 cannot" in desk("bootstrap", "--dry-run")
    assert not (tmp_path / "data").exists()


def test_rejected_rows_are_a_finding(desk: Desk, sqlite_legacy: Legacy) -> None:
    sqlite_legacy.run("UPDATE users SET email = 'nobody' WHERE id = 'u-000005'")
    said = desk("bootstrap", code=1)
    assert "1 rejected" in said
    assert "rejected rows and their reasons: " in said
    assert "11 equal, 0 differ, 0 missing, 0 without a row, 0 new here, 1 cannot be carried" in said


def test_a_difference_is_told_with_its_columns(desk: Desk, sqlite_legacy: Legacy) -> None:
    desk("bootstrap")
    sqlite_legacy.run("UPDATE users SET last_name = 'planted' WHERE id = 'u-000005'")
    assert "different u-000005: last_name" in desk("verify", code=1)
    said = desk("compare", "--settle", "0.05", code=1)
    assert said.startswith("OUT OF SYNC: 91.7%\n")
    assert "different u-000005: last_name" in said


@pytest.mark.parametrize(
    ("action", "more", "said"),
    [
        ("verify", [], "there is no event store; name its place by --data-dir or --db"),
        ("capture", [], "there is no event store"),
        ("bootstrap", ["--batch-size", "0"], "'0' is no whole number from 1"),
        ("bootstrap", ["--where", "nick = 1"], "--where nick = 1: no such column: nick"),
        ("bootstrap", ["--mapping", "gone.yaml"], "gone.yaml: no such file or directory"),
        ("nothing", [], "'nothing' is not a command"),
    ],
)
def test_mistakes_are_one_line(desk: Desk, action: str, more: list[str], said: str) -> None:
    out = desk(action, *more, code=2)
    assert said in out
    assert "Traceback" not in out


def test_capture_needs_somebody_who_notes_changes(desk: Desk) -> None:
    desk("bootstrap")
    assert "nothing notes what changes; run it with --install triggers" in desk("capture", code=2)
    assert desk("capture", "--print").startswith("CREATE TABLE IF NOT EXISTS protogate_changes(")
