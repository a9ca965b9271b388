"""Callers who mean no good: each hears a problem, nobody else is held up, and nothing is recorded."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest

from gateway.commands import run
from protogate.console import guard
from tests.gateway.test_app import problem
from tests.support.gateway import RunningGateway, serve_gateway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx

CREATE = "/commands/user/create"
GOOD = {"email": "good@example.com", "first_name": "A", "last_name": "B"}
DIGITS = "9" * 5000


@pytest.fixture(autouse=True)
def _nothing_recorded(gateway: RunningGateway, request: pytest.FixtureRequest) -> Iterator[None]:
    """No event and no defect comes of an attack, and the next caller is answered."""
    if {"records", "tmp_path"} & {*request.fixturenames}:
        yield
        return
    with gateway.client() as own:
        before = own.get("/health").json()["position"]
        yield
        assert own.get("/health").json()["position"] == before
    assert "Traceback" not in "".join(gateway.said)


@pytest.fixture
def records() -> None:
    """A test that is to record events."""


def raw(gateway: RunningGateway, data: bytes, timeout: float = 10) -> bytes:
    """What the server says to bytes, until it closes or is silent."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=timeout) as opened:
        said = b""
        with contextlib.suppress(OSError):
            opened.sendall(data)
            opened.shutdown(socket.SHUT_WR)
            while part := opened.recv(65536):
                said += part
        return said


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(nested(500), 422, id="nested"),
        pytest.param(nested(100_000), 400, id="nested-beyond-the-stack"),
        pytest.param(b'{"email":' * 1000, 400, id="cut"),
        pytest.param(b"[" + b"0," * 300_000 + b"0]", 422, id="a-long-list"),
        pytest.param(b'{"age":' + DIGITS.encode() + b"}", 400, id="a-long-number"),
        pytest.param(b'{"age":1e400}', 400, id="infinite"),
        pytest.param(b'{"age":NaN}', 400, id="nan"),
        pytest.param(b'{"email":"\\ud800"}', 400, id="half-a-character"),
        pytest.param(b'{"email":"a@example.com","email":"b@example.com"}', 422, id="twice"),
        pytest.param(b"{" + b",".join(b'"k%d":1' % n for n in range(50_000)) + b"}", 422, id="many-members"),
        pytest.param(b"\xef\xbb\xbf{}", 400, id="byte-order-mark"),
        pytest.param(json.dumps(GOOD).encode("utf-16"), 400, id="utf-16"),
        pytest.param(b"null", 422, id="null"),
        pytest.param(b"true", 422, id="true"),
        pytest.param(b'"text"', 422, id="a-text"),
        pytest.param(b" ", 400, id="a-space"),
        pytest.param(b'{"__proto__":{"email":"x"}}', 422, id="proto"),
    ],
)
def test_hostile_bodies_are_problems_soon(client: httpx.Client, body: bytes, status: int) -> None:
    begun = time.monotonic()
    answer = client.post(CREATE, content=body, headers={"content-type": "application/json"})
    document = problem(answer, status)
    # A mistake in each of many places must not be answered with as many words.
    assert len(answer.content) < 200_000
    assert len(document["detail"]) < 1000
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "json",
        "/",
        ";",
        "application/json5",
        "text/json",
    ],
)
def test_what_is_said_to_be_no_json_is_not_read(client: httpx.Client, kind: str) -> None:
    for path in (CREATE, "/delegation/slices/user/phase"):
        problem(client.post(path, content=json.dumps(GOOD), headers={"content-type": kind}), 415)


@pytest.mark.parametrize(
    ("verb", "path", "headers", "status"),
    [
        ("GET", "/events/stream", {"Last-Event-ID": DIGITS}, 400),
        ("GET", f"/delegation/parity?examples={DIGITS}", {}, 400),
        ("GET", f"/events?after={DIGITS}", {}, 422),
        ("GET", f"/events?limit={DIGITS}", {}, 422),
        ("GET", f"/queries/search?limit={DIGITS}", {}, 422),
        ("GET", f"/queries/search?offset=-{DIGITS}", {}, 422),
        ("GET", "/queries/user/x", {"X-Min-Position": DIGITS}, 400),
        ("POST", CREATE, {"If-Match": f'"{DIGITS}"'}, 400),
        ("POST", CREATE, {"Idempotency-Key": DIGITS}, 400),
        ("POST", f"/commands/user/x/change-email?expected_version={DIGITS}", {}, 422),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_numbers_of_thousands_of_digits_are_problems(
    client: httpx.Client, verb: str, path: str, headers: dict[str, str], status: int
) -> None:
    body = {"json": GOOD if path == CREATE else {"new_email": "a@example.com"}} if verb == "POST" else {}
    answer = client.request(verb, path, headers=headers, **body)  # type: ignore[arg-type]
    assert len(problem(answer, status)["detail"]) < 300


def test_positions_beyond_any_database_are_only_far_away(client: httpx.Client) -> None:
    for after in (2**63 - 1, 2**63, 2**64 - 1):
        assert client.get("/events", params={"after": after}).json() == []


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "%", "_", "'", '"', "../..", "\u2028", "\x7f", "x" * 5000])
def test_hostile_names_name_nothing(client: httpx.Client, text: str) -> None:
    for parameters in ({"aggregate_id": text}, {"category": text}):
        answer = client.get("/events", params=parameters)
        assert answer.status_code in {200, 422}
        assert answer.status_code == 422 or answer.json() == []
    quoted = "".join(f"%{byte:02X}" for byte in text.encode())
    for verb, path in (("GET", f"/queries/user/{quoted}"), ("POST", f"/commands/user/{quoted}/deactivate")):
        assert problem(client.request(verb, path), 422 if len(text) > 64 else 404)
    for path in (f"/health/modules/{quoted}", f"/delegation/slices/{quoted}"):
        problem(client.get(path), 404)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/gateway/../../settings.py",
        "/static/gateway/%2e%2e/%2e%2e/settings.py",
        "/static/gateway/..%2f..%2fsettings.py",
        "/static/gateway/..%5c..%5csettings.py",
        "/static/gateway//etc/passwd",
        "/static/%00",
        "/static/gateway/%c0%ae%c0%ae/settings.py",
        "/static/gateway/search.html",
        "/static//search_v2.html",
        "//etc/passwd",
        "/static/....//....//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_pages(gateway: RunningGateway, path: str) -> None:
    # As bytes: a client would tidy the path up.
    said = raw(gateway, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 404 "), said[:200]
    assert b"root:" not in said
    assert b"class Settings" not in said


@pytest.mark.parametrize(
    "text",
    [
        '"', "'", "c2004-x", "a AND", "OR", "NOT", "nosuch:x", "title:", "NEAR(a b)", "NEAR(", "*",
        "a*b*", "^a", "-", "--", "()", "(((",
        "a" * 500, '"' * 500, "(" * 500, "\x00", "\u202e", "\ufffe", "\U0001f600", "%", "; DROP TABLE search_entries",
        "{a b}:c", "+ +",
        "zażółć gęślą", "<script>alert(1)</script>", "\\", "a\nb", "a&b|c!d", ":*", "<->",
    ],
    ids=ascii,
)  # fmt: skip
def test_any_text_can_be_looked_for(client: httpx.Client, text: str) -> None:
    answer = client.get("/queries/search", params={"q": text})
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"results", "total_count"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "-1"},
        {"limit": "0"},
        {"limit": "101"},
        {"offset": "-1"},
        {"q": "x" * 501},
        {"limit": "1; DROP"},
        {"limit": ""},
    ],
    ids=str,
)
def test_pages_that_cannot_be_are_problems(client: httpx.Client, parameters: dict[str, str]) -> None:
    problem(client.get("/queries/search", params=parameters), 422)


@pytest.mark.usefixtures("records")
def test_markup_comes_back_as_it_went_in_and_never_as_a_page(client: httpx.Client) -> None:
    markup = "<img src=x onerror=alert(1)>"
    body = {
        "id": markup,
        "title": f"{markup} stored",
        "category": "xss",
        "content": markup,
        "metadata": {markup: markup},
    }
    assert client.post("/commands/search/index", json=body).status_code == 201
    answer = client.get("/queries/search", params={"q": "stored", "category": "xss"})
    (found,) = answer.json()["results"]
    assert (found["id"], found["title"]) == (markup, f"{markup} stored")
    for one in (answer, client.get("/events", params={"category": "search"}), client.get(f"/queries/user/{markup}")):
        assert one.headers["content-type"] in {"application/json", "application/problem+json"}
        assert one.headers["x-content-type-options"] == "nosniff"
    problem(client.post("/commands/search/index", json={**body, "category": markup}), 422)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "file://", "http://127.0.0.1:1"]
)
def test_pages_of_other_sites_are_told_nothing(client: httpx.Client, origin: str) -> None:
    wanted = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = client.options(CREATE, headers=wanted)
    read = client.get("/events", headers={"Origin": origin})
    for answer in (preflight, read):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert preflight.status_code >= 400
    problem(client.post(CREATE, json=GOOD, headers={"Origin": origin}), 403)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "[::1", "localhost@evil.example", "127.0.0.1.evil.example", "\xff"]
)
def test_other_names_of_the_host_are_refused(gateway: RunningGateway, host: str) -> None:
    request = f"GET /events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1")
    assert raw(gateway, request).startswith((b"HTTP/1.1 403 ", b"HTTP/1.1 400 "))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", id="tls"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", id="version"),
        pytest.param(b"GET /events HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\n", id="headers"),
        pytest.param(b"GET /events HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"b" * 1_000_000 + b"\r\n\r\n", id="header"),
        pytest.param(b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", id="path"),
        pytest.param(
            b"POST /commands/user/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + DIGITS.encode()
            + b"\r\n\r\n{}",
            id="length",
        ),
        pytest.param(
            b"POST /commands/user/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n{}", id="below-zero"
        ),
        pytest.param(
            b"POST /commands/user/create HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
            id="chunk",
        ),
        pytest.param(
            b"POST /commands/user/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
            b"Content-Length: 200\r\n\r\n{}",
            id="two-lengths",
        ),
    ],
)
def test_what_is_no_http_ends_a_connection_and_nothing_else(
    gateway: RunningGateway, client: httpx.Client, data: bytes
) -> None:
    said = raw(gateway, data)
    assert b" 200 OK" not in said or b"X-A" in data[:60]
    assert b" 201 " not in said
    assert b" 500 " not in said
    assert client.get("/livez").status_code == 200


def test_a_body_that_is_only_promised_holds_up_nobody(gateway: RunningGateway, client: httpx.Client) -> None:
    slow = [socket.create_connection(("127.0.0.1", gateway.port), timeout=5) for _ in range(100)]
    try:
        for number, one in enumerate(slow):
            head = b"POST /commands/user/create HTTP/1.1\r\nHost: localhost\r\n"
            one.sendall(head if number % 2 else head + b"Content-Length: 1000000\r\n\r\n{")
        begun = time.monotonic()
        for _ in range(10):
            assert client.get("/livez").status_code == 200
        assert time.monotonic() - begun < 5
    finally:
        for one in slow:
            one.close()


def test_unknown_slices_and_phases_are_problems(client: httpx.Client) -> None:
    url = "/delegation/slices/{}/phase"
    problem(client.post(url.format("nosuch"), json={"phase": "live"}), 404)
    for body in (
        {},
        {"phase": "x" * 10_000},
        {"phase": None},
        {"phase": "live", "percent": 50},
        {"phase": "phase-2", "percent": -1},
        {"phase": "live", "x": 1},
    ):
        problem(client.post(url.format("user"), json=body), 422)
    for content in (b"[]", b"", b"{"):
        problem(client.post(url.format("user"), content=content, headers={"content-type": "application/json"}), 400)
    problem(client.post(url.format("user"), content=b" " * 20_000, headers={"content-type": "application/json"}), 413)
    problem(client.get("/delegation/parity", params={"slice": "nosuch"}), 404)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a gateway that was in use and has ended."""
    data = tmp_path_factory.mktemp("used") / "data"
    with serve_gateway(data) as running, running.client() as own:
        running.create_user(own)
    return data


def damaged(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:200] + os.urandom(len(content) - 200))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:10_000])


def newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("break_it", [damaged, a_folder, cut, newer], ids=lambda one: one.__name__)
def test_a_database_that_cannot_be_used_is_said_in_one_line_and_left_alone(
    used: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], break_it: Callable[[Path], None]
) -> None:
    data = tmp_path / "data"
    shutil.copytree(used, data)
    path = data / "events.db"
    break_it(path)
    before = path.read_bytes() if path.is_file() else b""
    # With several workers everything is tried once, in this process, before there is any.
    assert guard(run, ["--port", "0", "--workers", "2", "--data-dir", str(data)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert said.startswith(f"{path}: ")
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_database_that_breaks_meanwhile_is_a_problem_and_no_lie(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serve_gateway(data) as running, running.client() as own:
        users = [running.create_user(own)["id"] for _ in range(3)]
        with contextlib.closing(sqlite3.connect(data / "events.db", isolation_level=None)) as other:
            other.execute("ALTER TABLE events RENAME TO stolen")
        problem(own.post(CREATE, json=GOOD), 503)
        problem(own.get(f"/queries/user/{users[0]}"), 503)
        problem(own.get("/readyz"), 503)
        assert own.get("/livez").status_code == 200
        with contextlib.closing(sqlite3.connect(data / "events.db", isolation_level=None)) as other:
            other.execute("ALTER TABLE stolen RENAME TO events")
        assert own.post(CREATE, json=GOOD).status_code == 201
        events: list[dict[str, Any]] = own.get("/events").json()
        assert [one["position"] for one in events] == [1, 2, 3, 4]
        assert "Traceback" not in "".join(running.said)
