from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from protogate.errors import EXIT_USAGE
from tests.support.gateway import serve_gateway

if TYPE_CHECKING:
    from pathlib import Path

    import httpx


def legacy(client: httpx.Client, **expected: str | float) -> dict[str, Any]:
    """What the gateway says of the legacy database once it says what is expected."""
    deadline = time.monotonic() + 20
    while True:
        document: dict[str, Any] = client.get("/health/legacy").json()
        if expected.items() <= document.items() or time.monotonic() > deadline:
            assert expected.items() <= document.items()
            return document
        time.sleep(0.05)


def command(*words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "protogate", "gateway", "legacy", *words], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done


def test_a_running_gateway_writes_the_legacy_database_and_says_how_far_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serve_gateway(data) as gateway, gateway.client() as client:
        body = {"command_id": "c1", "email": "a@example.com", "first_name": "Ann", "last_name": "Lee", "age": 40}
        user = client.post("/commands/user/dual-create", json=body).json()["aggregate_id"]
        legacy(client, status="ok", legacy="applied", waiting=0, lag_seconds=0.0, dead_letters=0, relay="this process")
        with sqlite3.connect(data / "legacy.db") as database:
            row = (user, "a@example.com", "Ann", "Lee", 40, 1)
            assert database.execute("SELECT * FROM users").fetchall() == [row]

            # A rule that the next user breaks.
            database.execute("CREATE UNIQUE INDEX one_ann ON users (first_name)")
        client.post("/commands/user/dual-create", json={**body, "command_id": "c2", "email": "b@example.com"})
        legacy(client, status="degraded", legacy="applied", dead_letters=1)
        assert 'protogate_gateway_outbox_dead_letters{destination="legacy"} 1.0' in client.get("/metrics").text

        place = ("--data-dir", str(data))
        shown = command(*place)
        assert shown.returncode == 1
        assert "UNIQUE constraint failed" in shown.stdout
        checked = command("repair", "--check", *place)
        assert checked.returncode == 1
        assert "2 rows compared: 1 missing, 0 different" in checked.stdout

        with sqlite3.connect(data / "legacy.db") as database:
            database.execute("DROP INDEX one_ann")
        assert command("retry", *place).stdout == "1 dead letters will be tried again by the relay\n"
        legacy(client, status="ok", dead_letters=0)
        assert command("repair", "--check", *place).returncode == 0
        assert command(*place).returncode == 0
        database.close()


def test_a_place_without_a_gateway_is_said_in_one_line(tmp_path: Path) -> None:
    done = command("--data-dir", str(tmp_path / "nowhere"))
    assert done.returncode == EXIT_USAGE
    assert len(done.stderr.splitlines()) == 1
    assert "there is no event store" in done.stderr
