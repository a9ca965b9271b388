"""Smoke checks as a scenario of TestQL: what is written, and where there is a TestQL, that it passes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.testql import scenario
from protogate.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
CHECKS = [
    "GET /livez",
    "GET /events/stream",
    "GET /queries/user/absent -> 404 type, title",
    'POST /commands/user/create {"email": "smoke-{unique}@example.com", "first_name": "A"} -> 201 id',
]
STAND_IN = """\
#!{python}
import re, sys, urllib.error, urllib.request
words, text = sys.argv[1:], open(sys.argv[4]).read()
assert words[:2] == ["run", "--url"]
head = r"API\\[(\\d+)\\]\\{{method, endpoint, body, expected_status\\}}:"
count, rows = re.search(head + r"\\n((?:  .*\\n)+)", text).groups()
rows = [[cell.strip() for cell in row.split(" | ")] for row in rows.splitlines()]
assert len(rows) == int(count)
for method, path, body, status in rows:
    data = None if body == "-" else body.encode()
    request = urllib.request.Request(words[2] + path, data, {{"Content-Type": "application/json"}}, method=method)
    try:
        got = urllib.request.urlopen(request, timeout=5).status
    except urllib.error.HTTPError as error:
        got = error.code
    print(method, path, got)
    if got != int(status):
        sys.exit(1)
"""


def test_a_scenario_has_a_row_for_each_check_that_ends() -> None:
    assert scenario("http://127.0.0.1:8080", CHECKS, "x") == (
        "# SCENARIO: smoke checks of the slices\n"
        "# TYPE: api\n"
        "# GENERATED: true\n"
        "\n"
        "CONFIG[2]{key, value}:\n"
        "  base_url, http://127.0.0.1:8080\n"
        "  timeout_ms, 5000\n"
        "\n"
        "API[3]{method, endpoint, body, expected_status}:\n"
        "  GET | /livez | - | 200\n"
        "  GET | /queries/user/absent | - | 404\n"
        '  POST | /commands/user/create | {"email": "smoke-x@example.com", "first_name": "A"} | 201\n'
    )


def test_a_line_that_is_no_check_is_told() -> None:
    with pytest.raises(UserError, match="smoke check 'hello'"):
        scenario("http://127.0.0.1:8080", ["hello"], "x")


def smoke(tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", "smoke", "--testql", "a.testql.toon.yaml", *more],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_row_holds_against_a_gateway(tmp_path: Path) -> None:
    """A small reader of such tables stands in for TestQL, which brings a hundred packages along."""
    program = tmp_path / "reader"
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    done = smoke(tmp_path, "--run-testql", str(program))
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^(?:GET|POST) .*$", done.stdout, re.MULTILINE)
    assert len(rows) >= 9
    assert "POST /commands/user/create 201" in rows


def test_without_testql_the_way_to_it_is_told(tmp_path: Path) -> None:
    done = smoke(tmp_path, "--run-testql", "testql-that-is-nowhere")
    assert done.returncode == 2
    assert "is not on PATH; install TestQL into an environment of its own" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_testql_itself_passes_every_row(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "own")], check=True)
    subprocess.run([str(tmp_path / "own/bin/pip"), "install", "--quiet", "testql"], check=True)
    done = smoke(tmp_path, "--run-testql", str(tmp_path / "own/bin/testql"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"(\d+)/\1 passed, 0 failed", done.stdout)
