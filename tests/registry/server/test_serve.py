"""The server process: tokens, exposure, limits, signals, and what it says when it cannot start."""

from __future__ import annotations

import base64
import contextlib
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient

from protogate.errors import UserError
from registry.commands.serve import check_exposure, read_tokens
from registry.server.guard import Guard, Headers
from tests.registry.server.contracts import MONEY
from tests.registry.server.running import ROOT, serve, serve_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.registry.server.running import RunningServer

_TOKEN = "correct-horse-battery-staple"  # noqa: S105 - of a test
_OTHER = "another-token-of-length"
_BODY = {"schemaType": "PROTOBUF", "schema": MONEY}


def start(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Start a server that is expected to give up at once."""
    return subprocess.run(
        serve_command(*arguments), cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that asks for tokens."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tokens").write_text(f"# who may write\n{_TOKEN}\n\n{_OTHER}\n")
    with serve(str(folder / "registry.db"), "--token-file", str(folder / "tokens"), "--max-body", "1") as server:
        yield server


def basic(password: str, user: str = "anybody") -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.parametrize("token", [_TOKEN, _OTHER])
def test_token_is_taken_as_bearer_and_as_password(guarded: RunningServer, token: str) -> None:
    for value in (f"Bearer {token}", f"bearer {token}", basic(token), basic(token, user="")):
        with guarded.client() as client:
            assert client.get("/subjects", headers={"Authorization": value}).status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        f"Bearer {_TOKEN}x",
        f"Bearer {_TOKEN[:-1]}",
        f"Token {_TOKEN}",
        _TOKEN,
        basic("wrong"),
        basic(""),
        f"Basic {_TOKEN}",
        "Basic !!!",
        "Bearer # who may write",
    ],
)
def test_whoever_has_no_token_learns_nothing(guarded: RunningServer, value: str) -> None:
    headers = {"Authorization": value} if value else {}
    with guarded.client() as client:
        for method, path in (("GET", "/subjects"), ("POST", "/subjects/x/versions"), ("GET", "/"), ("GET", "/nothing")):
            answer = client.request(method, path, headers=headers, json=_BODY if method == "POST" else None)
            assert (answer.status_code, answer.json()["error_code"]) == (401, 401)
            assert answer.headers["www-authenticate"].startswith("Basic ")


def test_probes_and_the_page_need_no_token(guarded: RunningServer) -> None:
    with guarded.client() as client:
        for path in ("/livez", "/readyz", "/ui/", "/ui/app.js"):
            assert client.get(path).status_code == 200, path


def test_python_client_sends_its_token(guarded: RunningServer) -> None:
    settings = {"url": guarded.url, "basic.auth.user.info": f"anybody:{_TOKEN}", "max.retries": 0}
    with SchemaRegistryClient(settings) as client:
        assert client.get_contexts() == ["."]


def test_memory_of_answers_is_behind_the_token(guarded: RunningServer) -> None:
    with guarded.client() as client:
        for _ in range(3):
            assert client.get("/schemas/types", headers={"Authorization": f"Bearer {_TOKEN}"}).status_code == 200
            assert client.get("/schemas/types").status_code == 401


def test_page_of_another_site_changes_nothing_with_a_token_either(guarded: RunningServer) -> None:
    headers = {"Authorization": basic(_TOKEN), "Origin": "https://evil.example"}
    with guarded.client() as client:
        assert client.put("/config", json={"compatibility": "NONE"}, headers=headers).status_code == 403


def test_large_request_is_refused_whole(guarded: RunningServer) -> None:
    body = {"schemaType": "PROTOBUF", "schema": MONEY + "//" + "x" * (50 << 20)}
    headers = {"Authorization": f"Bearer {_TOKEN}"}
    with guarded.client() as client:
        answer = client.post("/subjects/large/versions", json=body, headers=headers)
        assert (answer.status_code, answer.json()["error_code"]) == (413, 42209)
        assert client.get("/subjects", headers=headers).status_code == 200


def test_large_request_without_a_length_is_refused_whole(guarded: RunningServer) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 65_536

    headers = {"Authorization": f"Bearer {_TOKEN}", "Content-Type": "application/json"}
    with guarded.client() as client:
        answer = client.post("/subjects/large/versions", content=parts(), headers=headers)
        assert (answer.status_code, answer.json()["error_code"]) == (413, 42209)


def test_every_token_is_compared_in_full() -> None:
    """Guards are asked with tokens of any length and form without a word about which of them came close."""
    guard = Guard([_TOKEN, _OTHER])
    for value in (b"", b"Bearer \xff\xfe", b"Basic \xff", b"Basic " + base64.b64encode(b"no colon"), b"Bearer " * 999):
        refused = guard.refusal("GET", Headers([(b"authorization", value)]))
        assert refused is not None
        assert refused.body == guard.refusal("GET", Headers([])).body  # type: ignore[union-attr]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "registry.example", ""])  # noqa: S104 - refused
def test_open_registry_is_not_shown_to_a_network(host: str) -> None:
    with pytest.raises(UserError, match="--token-file"):
        check_exposure(host, [])
    check_exposure(host, [_TOKEN])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_needs_no_token(host: str) -> None:
    check_exposure(host, [])


def test_tokens_come_from_the_file_or_else_from_the_environment(tmp_path: Path) -> None:
    environment = {"PROTOGATE_REGISTRY_TOKEN": _OTHER}
    assert read_tokens(None, {}) == ()
    assert read_tokens(None, environment) == (_OTHER,)
    (tmp_path / "tokens").write_text(f"{_TOKEN}\n")
    assert read_tokens(str(tmp_path / "tokens"), environment) == (_TOKEN,)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such file"), ("", "holds no token"), ("# only talk\n", "holds no token"), ("short\n", "fewer than 16")],
)
def test_useless_token_file_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "tokens").write_text(content)
    with pytest.raises(UserError, match=message):
        read_tokens(str(tmp_path / "tokens"), {})


def test_start_without_a_token_beyond_the_loopback_fails_in_one_line(tmp_path: Path) -> None:
    done = start("--host", "0.0.0.0", "--db", str(tmp_path / "r.db"))  # noqa: S104 - refused
    assert done.returncode == 2
    assert re.fullmatch(r"--host 0\.0\.0\.0: .*--token-file.*\n", done.stderr)
    assert not (tmp_path / "r.db").exists()


def test_taken_port_fails_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = start("--port", str(port), "--db", str(tmp_path / "r.db"))
    assert done.returncode == 2
    assert done.stderr == f"127.0.0.1:{port}: address already in use; choose another --port\n"


def test_address_of_another_machine_fails_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(f"{_TOKEN}\n")
    done = start("--host", "192.0.2.1", "--token-file", str(tmp_path / "tokens"), "--db", str(tmp_path / "r.db"))
    assert done.returncode == 2
    assert re.fullmatch(r"192\.0\.2\.1:8081: .*; choose another .*\n", done.stderr)


@pytest.mark.parametrize("option", [("--port", "70000"), ("--port", "x"), ("--max-body", "0")])
def test_impossible_option_fails_with_the_usage(option: tuple[str, str]) -> None:
    done = start(*option)
    assert done.returncode == 2
    assert "use a number from" in done.stderr


def test_database_of_another_program_fails_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "r.db").write_bytes(b"no database at all, but long enough to be read as one" * 20)
    done = start("--port", "0", "--db", str(tmp_path / "r.db"))
    assert done.returncode == 2
    assert re.fullmatch(r".*r\.db: is not a SQLite database; name another file\n", done.stderr)


def test_sigterm_answers_what_is_being_asked_and_ends_in_time(tmp_path: Path) -> None:
    with serve(str(tmp_path / "r.db")) as server:
        answers: list[int] = []
        stop = threading.Event()

        def keep_asking(number: int) -> None:
            with server.client() as client:
                version = 0
                while not stop.is_set():
                    version += 1
                    body = {**_BODY, "schema": MONEY.replace("units", f"units_{version}")}
                    try:
                        answers.append(client.post(f"/subjects/s{number}/versions", json=body).status_code)
                    except httpx.TransportError:
                        return  # No longer there: nothing was acknowledged.

        threads = [threading.Thread(target=keep_asking, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        while len(answers) < 20:
            time.sleep(0.02)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 0
        assert time.monotonic() - begun < 5
        stop.set()
        for thread in threads:
            thread.join()
        assert answers
        assert set(answers) == {200}


def test_sigterm_ends_a_server_with_an_idle_and_a_slow_client(tmp_path: Path) -> None:
    with serve(str(tmp_path / "r.db")) as server:
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        with socket.create_connection(address) as idle, socket.create_connection(address) as slow:
            idle.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle.recv(100).startswith(b"HTTP/1.1 200")
            slow.sendall(b"POST /subjects/x/versions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(5) == 0


def test_sigterm_ends_a_server_whose_database_is_locked(tmp_path: Path) -> None:
    with serve(str(tmp_path / "r.db")) as server:
        locker = sqlite3.connect(tmp_path / "r.db", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")

        def ask() -> None:
            with server.client() as client, contextlib.suppress(httpx.TransportError):
                client.post("/subjects/x/versions", json=_BODY)

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(6) == 0
        asking.join()
        assert locker.execute("SELECT count(*) FROM versions").fetchone() == (0,)
        locker.close()


def test_acknowledged_versions_survive_kill_9(tmp_path: Path) -> None:
    database = str(tmp_path / "r.db")
    acknowledged: list[tuple[str, int]] = []
    process = subprocess.Popen(
        serve_command("--db", database, "--port", "0"), cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    url = re.findall(r"http://\S+", process.stderr.readline())[0]

    def register(number: int) -> None:
        with httpx.Client(base_url=url) as client:
            for version in range(1, 10_000):
                body = {**_BODY, "schema": MONEY.replace("units", f"units_{number}_{version}")}
                try:
                    answer = client.post(f"/subjects/s{number}/versions", json=body)
                except httpx.TransportError:
                    return
                acknowledged.append((f"s{number}", answer.json()["version"]))

    threads = [threading.Thread(target=register, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while len(acknowledged) < 40:
        time.sleep(0.02)
    process.kill()
    process.wait()
    process.stderr.close()
    for thread in threads:
        thread.join()
    with serve(database) as server, server.client() as client:
        kept = {
            subject: client.get(f"/subjects/{subject}/versions").json() for subject in client.get("/subjects").json()
        }
    assert [one for one in acknowledged if one[1] not in kept[one[0]]] == []
