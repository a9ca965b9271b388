"""`protogate slice`: from an empty repository to a gateway that serves the slice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from protogate.cli import main

ROOT = Path(__file__).parents[2]


def test_without_a_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slice"]) == 0
    said = capsys.readouterr().out
    assert "new " in said
    assert "phase " in said


def test_an_unknown_command_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slice", "make"]) == 2
    assert capsys.readouterr().err == "protogate slice: 'make' is not a command; use one of new, phase\n"


@pytest.mark.parametrize("name", ["Order", "user", "class"])
def test_a_bad_name_is_one_line(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The command goes into the project, and the next test must not stand there.
    monkeypatch.chdir(tmp_path)
    assert main(["slice", "new", name, "-C", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_new_slice_generates_passes_its_tests_and_is_served(tmp_path: Path) -> None:
    said = json.loads(protogate(tmp_path, "slice", "new", "spare_part", "--json"))
    assert said["registered"] == "slices.spare_part.slice:SLICE"
    assert said["edited"] == []
    protogate(tmp_path, "generate")
    protogate(tmp_path, "lint")
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests"]
    done = subprocess.run(tests, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "3 passed" in done.stdout, done.stdout + done.stderr
    again = subprocess.run(
        [sys.executable, "-m", "protogate", "slice", "new", "spare_part"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (again.returncode, again.stdout) == (2, b"")
    assert again.stderr.count(b"\n") == 1
    serve(tmp_path)


def serve(root: Path) -> None:
    command = [sys.executable, "-m", "protogate", "gateway", "--port", "0"]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert said.startswith("serving "), said
            address = said.strip().removeprefix("serving ")
            with httpx.Client(base_url=address) as client:
                created = client.post("/commands/spare-part/create", json={"title": "bolt"}).json()
                assert client.get(f"/queries/spare-part/{created['id']}").json()["title"] == "bolt"
                assert client.get("/delegation/slices/spare_part").json()["health"]["status"] == "ok"
                move(root, client)
        finally:
            process.terminate()


def move(root: Path, client: httpx.Client) -> None:
    """A command in another process reaches the gateway that runs."""
    shown = protogate(root, "slice", "phase", "spare_part", "phase-1")
    assert shown == "spare_part: phase-1\n"
    for _ in range(100):
        if client.get("/delegation/slices/spare_part").json()["phase"] == "phase-1":
            break
        time.sleep(0.05)
    else:
        pytest.fail("the gateway has not heard of it")
    refused = protogate(root, "slice", "phase", "spare_part", "live", code=1)
    assert refused.startswith("slice 'spare_part': no answers were compared yet; 99.5% over at least 100 are needed")
    forced = protogate(root, "slice", "phase", "spare_part", "live", "--force", "--reason", "no legacy at all")
    assert forced == "spare_part: live\n"
    (_, _, event) = client.get("/events").json()
    assert event["event_type"] == "SlicePhaseChanged"
    assert event["payload"]["reason"] == "no legacy at all"
    assert event["payload"]["forced"] is True
    assert event["metadata"]["actor"].endswith("(command line)")
    elsewhere = ("spare_part", "live", "--data-dir", "elsewhere")
    assert "no gateway has run with it" in protogate(root, "slice", "phase", *elsewhere, code=2)
    assert not (root / "elsewhere").exists()
    for arguments in (("nope", "live"), ("spare_part", "phase-9"), ("spare_part", "live", "--percent", "5")):
        assert protogate(root, "slice", "phase", *arguments, code=2).count("\n") == 1


def protogate(root: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "protogate", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout or done.stderr
