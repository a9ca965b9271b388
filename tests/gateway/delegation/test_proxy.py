"""What the legacy application sees and what its callers get, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.delegation.legacy_host import LegacyHost, LegacyOptions
from gateway.delegation.proxy import Proxy
from tests.gateway.delegation.conftest import Served, server_process, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def echoed(answer: httpx.Response) -> dict[str, Any]:
    document: dict[str, Any] = answer.json()
    return document


def seen(answer: httpx.Response, name: str) -> list[str]:
    return [value for header, value in echoed(answer)["headers"] if header == name]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_every_method_reaches_the_legacy_host(front: Served, method: str) -> None:
    with front.client() as client:
        answer = client.request(method, "/anything/at/all", content=b"abc" if method != "GET" else b"")
    assert answer.status_code == 200
    assert echoed(answer)["method"] == method


def test_head_has_headers_and_no_body(front: Served) -> None:
    with front.client() as client:
        answer = client.head("/anything")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a%2Fb/%C5%82?q=%20+&q=2", "/a%2Fb/%C5%82"),
        ("/a//b/../c", "/a//b/../c"),
        ("/%7Euser;v=1/@x:y", "/%7Euser;v=1/@x:y"),
        ("/100%25", "/100%25"),
        ("/bad%zzescape", "/bad%zzescape"),
        ("//elsewhere.example/x", "//elsewhere.example/x"),
        ("/a|b{c}^`'!", "/a|b{c}^`'!"),
    ],
    ids=["encoded", "dots", "reserved", "percent", "no-escape", "slashes", "unwise"],
)
def test_the_path_arrives_byte_by_byte(front: Served, target: str, expected: str) -> None:
    status, _, body = raw(front, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert status == 200
    assert f'"target":"{expected}"'.encode() in body
    if "?" in target:
        assert b'"query":"q=%20+&q=2"' in body


def test_hop_by_hop_headers_stay_on_their_hop(front: Served) -> None:
    request = (
        b"GET /x HTTP/1.1\r\nHost: shop.example\r\nConnection: close, X-Secret-Hop, X-Forwarded-For\r\n"
        b"X-Secret-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: Basic abc\r\n"
        b"Proxy-Connection: close\r\nX-End: 2\r\n\r\n"
    )
    _, _, body = raw(front, request)
    for gone in (b"x-secret-hop", b"keep-alive", b'"te"', b"proxy-"):
        assert gone not in body
    assert b'["x-end","2"]' in body
    # `Connection` cannot be used to hide who asks.
    assert b'["x-forwarded-for","127.0.0.1"]' in body
    with front.client() as client:
        answer = client.get("/hops")
    assert answer.headers["x-end"] == "1"
    assert "x-hop" not in answer.headers
    assert "keep-alive" not in answer.headers


def test_the_legacy_host_hears_who_asked_for_what(front: Served) -> None:
    with front.client() as client:
        answer = client.get(
            "/x", headers={"host": "shop.example", "x-forwarded-for": "6.6.6.6", "x_real_ip": "6.6.6.6"}
        )
    assert seen(answer, "host") == ["shop.example"]
    assert seen(answer, "x-forwarded-for") == ["127.0.0.1"]
    assert seen(answer, "x-forwarded-host") == ["shop.example"]
    assert seen(answer, "x-forwarded-proto") == ["http"]
    assert seen(answer, "forwarded") == ['for=127.0.0.1;host="shop.example";proto=http']
    assert seen(answer, "x_real_ip") == []
    (via,) = seen(answer, "via")
    assert via.startswith("1.1 protogate-")


def test_a_trusted_proxy_before_us_is_added_to(serve: Callable[..., Served]) -> None:
    served = serve({"trusts_forwarded": True, "host": "legacy"})
    with served.client() as client:
        answer = client.get(
            "/x", headers={"x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "https", "host": "a.example"}
        )
    assert seen(answer, "x-forwarded-for") == ["9.9.9.9, 127.0.0.1"]
    assert seen(answer, "x-forwarded-proto") == ["https"]
    assert seen(answer, "host")[0].startswith("127.0.0.1:")
    assert seen(answer, "x-forwarded-host") == ["a.example"]


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", True),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", False),
        ("nonsense", False),
        ("", False),
    ],
    ids=["valid", "zeros", "nonsense", "none"],
)
def test_every_request_has_a_trace(front: Served, given: str, is_kept: bool) -> None:  # noqa: FBT001 - a table
    with front.client() as client:
        (trace,) = seen(client.get("/x", headers={"traceparent": given} if given else {}), "traceparent")
    assert (trace == given) is is_kept
    assert len(trace) == 55


def test_redirects_and_cookies_come_back_untouched(front: Served) -> None:
    with front.client() as client:
        answer = client.get("/moved")
    assert answer.status_code == 302
    assert answer.headers["location"] == "http://elsewhere.example/there?a=b"
    assert [cookie.partition(";")[0] for cookie in answer.headers.get_list("set-cookie")] == ["one=1", "two=2"]
    assert len(answer.headers.get_list("date")) == 1


def test_cookies_of_one_caller_are_not_those_of_the_next(front: Served) -> None:
    with front.client() as client:
        client.get("/moved")
    with front.client() as client:
        assert seen(client.get("/x"), "cookie") == []


def test_answers_stay_compressed(front: Served) -> None:
    _, head, body = raw(front, b"GET /zipped HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"content-encoding: gzip" in head
    assert b"\x1f\x8b" in body


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 3\r\nContent-Length: 4\r\n",
        b"Content-Length: +3\r\n",
        b"Content-Length: 3, 3\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X-A: b\r\n Transfer-Encoding: chunked\r\n",
    ],
    ids=["both", "two-lengths", "plus", "list", "gzip", "two-codings", "unknown", "space", "folded"],
)
def test_requests_whose_end_is_in_doubt_go_nowhere(front: Served, head: bytes) -> None:
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = everything(front, b"POST /x HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n" + smuggled)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")), answer[:300]
    assert b"smuggled" not in answer


def test_nothing_is_tunnelled(front: Served) -> None:
    assert everything(front, b"CONNECT internal.example:22 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[:12] in {
        b"HTTP/1.1 405",
        b"HTTP/1.1 400",
    }


@pytest.mark.parametrize("target", ["@elsewhere.example/x", "*", "x", ".elsewhere.example/"])
def test_a_target_that_is_no_path_leads_nowhere(target: str) -> None:
    host = LegacyHost(LegacyOptions("http://legacy.example"))
    scope = {"type": "http", "method": "OPTIONS", "path": target, "raw_path": target.encode(), "headers": []}
    with pytest.raises(ValueError, match="does not begin with a slash"):
        host.url(scope)
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    async def receive() -> Any:  # noqa: ANN401 - ASGI
        return {"type": "http.disconnect"}

    asyncio.run(Proxy(host)(scope, receive, send))
    assert sent[0]["status"] == 400


def test_a_target_with_another_host_is_still_ours(front: Served) -> None:
    _, _, body = raw(front, b"GET http://evil.example/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b'"target":"/x"' in body


def test_a_header_that_is_no_utf8_is_refused(front: Served) -> None:
    status, _, _ = raw(front, b"GET /x HTTP/1.1\r\nHost: x\r\nX-Name: \xe9\r\nConnection: close\r\n\r\n")
    assert status == 400


def test_a_header_in_utf8_is_passed_on(front: Served) -> None:
    _, _, body = raw(front, "GET /x HTTP/1.1\r\nHost: x\r\nX-Name: łódź\r\nConnection: close\r\n\r\n".encode())
    headers = dict(json.loads(body)["headers"])
    assert headers["x-name"].encode("latin-1").decode() == "łódź"


def test_big_bodies_take_little_memory(tmp_path: Path, legacy: str) -> None:
    environment = {"FRONT_DIRECTORY": str(tmp_path), "FRONT_LEGACY": f'{{"url": "{legacy}"}}'}
    size = 96
    with server_process("front_app", environment) as (url, pid), httpx.Client(base_url=url, timeout=60) as client:
        before = peak(pid)
        piece = b"y" * 65536

        def pieces() -> Iterator[bytes]:
            for _ in range(size * 16):
                yield piece

        sent = client.post("/upload", content=pieces())
        assert sent.json()["length"] == size << 20
        digest = hashlib.sha256()
        for _ in range(size * 16):
            digest.update(piece)
        assert sent.json()["sha256"] == digest.hexdigest()
        received = 0
        with client.stream("GET", "/big", params={"mb": size}) as answer:
            for chunk in answer.iter_raw():
                received += len(chunk)
        assert received == size << 20
        assert peak(pid) - before < 24 << 10, "kilobytes"


def peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def test_a_length_that_is_known_stays_known(front: Served) -> None:
    with front.client() as client:
        answer = client.post("/x", content=b"z" * 1000)
    assert seen(answer, "content-length") == ["1000"]
    assert seen(answer, "transfer-encoding") == []


def test_a_body_of_no_bytes_is_passed_on_as_such(front: Served) -> None:
    with front.client() as client:
        assert seen(client.post("/x", content=b""), "content-length") == ["0"]


def test_event_streams_come_as_they_happen_and_may_be_silent(front: Served) -> None:
    with front.client() as client, client.stream("GET", "/sse") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "id: 0"
        began = time.monotonic()
        for line in lines:
            if line == "id: 5":  # by now longer than the read timeout of one second
                break
        assert time.monotonic() - began > 0.6, "the first event came long before the last was made"


def test_event_streams_end_when_the_server_is_about_to(serve: Callable[..., Served]) -> None:
    served = serve()

    async def drain() -> None:
        served.front.delegation.drain()

    with served.client() as client:
        with client.stream("GET", "/sse") as answer:
            lines = answer.iter_lines()
            assert next(lines) == "id: 0"
            served.run(drain())
            assert list(lines)[-1] == "", "it ends as a whole answer does"
        with client.stream("GET", "/sse") as answer:
            assert len(answer.read()) < 100, "one that begins now ends at once"
        assert client.get("/x").status_code == 200


def test_the_legacy_host_hears_that_a_caller_has_gone(serve: Callable[..., Served]) -> None:
    legacy = Scripted(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n", lingers=True)
    with legacy as url:
        served = serve({"url": url})
        with served.client() as client, client.stream("GET", "/sse") as answer:
            assert next(answer.iter_lines()) == "data: 1"
        assert legacy.was_left.wait(5)


@pytest.mark.parametrize(
    ("path", "options", "status", "kind"),
    [
        ("/slow?s=5", {"read_timeout": 0.2, "connect_timeout": 0.2}, 504, "legacy-timeout"),
        ("/x", {"url": "http://127.0.0.1:1"}, 502, "legacy-unreachable"),
        ("/x", {"url": "http://no-such-host.invalid"}, 502, "legacy-unreachable"),
    ],
    ids=["slow", "nobody-listens", "no-name"],
)
def test_a_host_that_does_not_answer_is_a_problem_document(
    serve: Callable[..., Served], path: str, options: dict[str, Any], status: int, kind: str
) -> None:
    with serve(options).client() as client:
        answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(kind)


@pytest.mark.parametrize(
    "script",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
    ids=["hangs-up", "breaks-off", "nonsense", "two-lengths", "both", "giant-header"],
)
def test_a_host_that_talks_nonsense_is_a_bad_gateway(serve: Callable[..., Served], script: bytes) -> None:
    with Scripted(script) as url, serve({"url": url}).client() as client:
        answer = client.get("/x")
    assert (answer.status_code, answer.json()["type"]) == (502, "urn:protogate:problem:legacy-unreachable")


@pytest.mark.parametrize(
    "script",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
    ids=["length", "chunked"],
)
def test_an_answer_that_breaks_off_does_not_look_whole(serve: Callable[..., Served], script: bytes) -> None:
    with Scripted(script) as url, serve({"url": url}).client() as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/x")


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"], ids=["204", "304"])
def test_an_answer_without_a_body_ends_whatever_length_it_names(serve: Callable[..., Served], status: bytes) -> None:
    script = b"HTTP/1.1 " + status + b"\r\nContent-Length: 100\r\nETag: x\r\n\r\n"
    with Scripted(script) as url, serve({"url": url}).client() as client:
        answer = client.get("/x")
        assert (answer.status_code, answer.headers["etag"], answer.content) == (int(status[:3]), "x", b"")


def test_early_hints_are_passed_over(serve: Callable[..., Served]) -> None:
    script = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with Scripted(script) as url, serve({"url": url}).client() as client:
        assert client.get("/x").text == "ok"


def test_a_host_that_comes_back_is_used_again(serve: Callable[..., Served], legacy: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serve({"url": f"http://127.0.0.1:{port}"}).client() as client:
        assert client.get("/x").status_code == 502
        with relay(port, int(legacy.rpartition(":")[2])):
            assert client.get("/x").status_code == 200


def test_a_command_is_sent_once_even_if_the_connection_dies(serve: Callable[..., Served]) -> None:
    legacy = Scripted(b"")
    with legacy as url, serve({"url": url}).client() as client:
        assert client.post("/x", content=b"abc").status_code == 502
        assert client.put("/x", content=b"abc").status_code == 502
    assert sum(one.startswith(b"POST") for one in legacy.requests) == 1
    assert all(b"abc" in one for one in legacy.requests if one.startswith(b"PUT"))


def test_a_body_limit_holds_for_known_and_unknown_lengths(serve: Callable[..., Served]) -> None:
    with serve({"body_limit": 1000}).client() as client:
        assert client.post("/x", content=b"z" * 1000).status_code == 200
        assert client.post("/x", content=b"z" * 1001).status_code == 413
        assert client.post("/x", content=iter([b"z" * 600, b"z" * 600])).status_code == 413


def test_a_legacy_url_that_leads_back_is_noticed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # The strangler is told its own address: it is moved there by a relay.
    with serving(tmp_path, LegacyOptions(f"http://127.0.0.1:{port}")) as served:
        target = int(served.url.rpartition(":")[2])
        with relay(port, target), served.client() as client:
            answer = client.get("/x")
    assert answer.status_code == 508


def test_a_base_path_stands_before_every_path(serve: Callable[..., Served], legacy: str) -> None:
    with serve({"url": f"{legacy}/base/"}).client() as client:
        assert echoed(client.get("/a?b=c"))["target"] == "/base/a"


def raw(served: Served, request: bytes) -> tuple[int, bytes, bytes]:
    answer = everything(served, request)
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head, body


def everything(served: Served, request: bytes) -> bytes:
    """All that comes back until the connection ends."""
    found = b""
    with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(request)
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            while chunk := connection.recv(65536):
                found += chunk
    return found


class Scripted:
    """A legacy host that says its lines whatever it is asked, and hangs up."""

    def __init__(self, script: bytes, *, lingers: bool = False) -> None:
        self.requests: list[bytes] = []
        self.was_left = threading.Event()
        self._script = script
        self._lingers = lingers
        self._listening = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> str:
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection, contextlib.suppress(ConnectionError):
                    self._say(connection)

    def _say(self, connection: socket.socket) -> None:
        connection.settimeout(0.2)
        request = b""
        with contextlib.suppress(TimeoutError):
            while b"\r\n\r\n" not in request or not request.endswith((b"\r\n\r\n", b"abc", b"0\r\n\r\n")):
                chunk = connection.recv(65536)
                if not chunk:
                    break
                request += chunk
        self.requests.append(request)
        connection.sendall(self._script)
        if self._lingers:
            connection.settimeout(10)
            if connection.recv(1) == b"":
                self.was_left.set()


@contextlib.contextmanager
def relay(port: int, target: int) -> Iterator[None]:
    """Passes bytes of a port on to another."""
    listening = socket.create_server(("127.0.0.1", port))

    def pump(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := one.recv(65536):
                other.sendall(chunk)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", target))
                for pair in ((caller, server), (server, caller)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        listening.close()
