"""Starting a gateway: settings, and what is said when it cannot start."""

from __future__ import annotations

import socket
import sqlite3
from typing import TYPE_CHECKING

import pytest

from gateway.commands import run
from gateway.settings import read_settings
from protogate.console import guard
from protogate.errors import UserError
from tests.support.gateway import run_gateway, serve_gateway

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_flags_win_over_the_environment_and_it_over_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().port == 8080
    assert read_settings().host == "127.0.0.1"
    monkeypatch.setenv("PROTOGATE_GATEWAY_PORT", "9001")
    monkeypatch.setenv("PROTOGATE_GATEWAY_CORS_ORIGINS", "https://a.example, https://b.example")
    assert read_settings(port=None).port == 9001
    assert read_settings(port="9002").port == 9002
    assert read_settings().cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"port": "x"}, "--port: "),
        ({"port": "70000"}, "--port: "),
        ({"workers": "0"}, "--workers: "),
        ({"max_body": "-1"}, "--max-body: "),
    ],
    ids=str,
)
def test_values_that_are_not_possible_are_named(flags: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_settings(**flags)


def test_a_variable_that_is_not_possible_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROTOGATE_GATEWAY_WORKERS", "many")
    with pytest.raises(UserError, match="PROTOGATE_GATEWAY_WORKERS: "):
        read_settings()


def a_file(tmp_path: Path) -> list[str]:
    (tmp_path / "file").write_text("")
    return ["--data-dir", str(tmp_path / "file")]


def below_a_file(tmp_path: Path) -> list[str]:
    (tmp_path / "file").write_text("")
    return ["--data-dir", str(tmp_path / "file/below")]


def no_database(tmp_path: Path) -> list[str]:
    (tmp_path / "text.db").write_text("hello " * 1000)
    return ["--data-dir", str(tmp_path / "data"), "--db", str(tmp_path / "text.db")]


def another_program(tmp_path: Path) -> list[str]:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    return ["--data-dir", str(tmp_path / "data"), "--db", str(tmp_path / "other.db")]


BAD_STARTS: list[Callable[[Path], list[str]] | list[str]] = [
    a_file,
    below_a_file,
    no_database,
    another_program,
    ["--data-dir", "/proc/cannot-be-written"],
    ["--db", "mysql://somewhere/else"],
    ["--db", "postgresql://127.0.0.1:1/none?connect_timeout=2"],
    ["--host", "0.0.0.0"],  # noqa: S104 - refused
    ["--host", "no.such.host.invalid", "--insecure"],
    ["--token-file", "/nonexistent"],
    ["--cors-origins", "*"],
    ["--legacy-url", "ftp://legacy"],
]


@pytest.mark.parametrize("start", BAD_STARTS, ids=lambda one: one.__name__ if callable(one) else " ".join(one))
def test_what_cannot_start_says_so_in_one_line(
    start: Callable[[Path], list[str]] | list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = start(tmp_path) if callable(start) else ["--data-dir", str(tmp_path / "data"), *start]
    # With several workers everything is tried once before there is any.
    assert guard(run, ["--port", "0", "--workers", "2", *words]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "Traceback" not in said


def test_one_process_says_so_in_one_line_as_well(tmp_path: Path) -> None:
    ended = run_gateway("--port", "0", *no_database(tmp_path))
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = run_gateway("--port", str(port), "--data-dir", str(tmp_path / "data"))
    assert ended.returncode == 2
    assert ended.stderr == f"127.0.0.1:{port}: address already in use; choose another --port\n"


def test_everything_is_kept_below_the_data_directory(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with serve_gateway(tmp_path / "data", cwd=elsewhere) as gateway, gateway.client() as client:
        gateway.create_user(client)
        assert client.get("/health/modules/user").json()["status"] == "ok"
    assert list(elsewhere.iterdir()) == []
    assert (tmp_path / "data/events.db").is_file()


def test_an_unknown_command_is_named() -> None:
    ended = run_gateway("sevre")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)


def test_help_says_what_workers_are() -> None:
    ended = run_gateway("--help")
    assert ended.returncode == 0
    assert "--workers" in ended.stdout
    assert "Each has its own writer" in ended.stdout
