"""How a gateway ends: nothing that was acknowledged is lost, nobody waits long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import httpx

from tests.gateway.test_events import write_many
from tests.support.event_clients import open_socket
from tests.support.gateway import serve_gateway

if TYPE_CHECKING:
    from pathlib import Path

STREAM = b"GET /events/stream HTTP/1.1\r\nhost: localhost\r\n\r\n"


def test_streams_and_sockets_keep_no_gateway_alive(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    data = tmp_path / "data"
    with serve_gateway(data, "--drain", "0.5") as gateway, contextlib.ExitStack() as stack:
        streams = [_listen(gateway.port) for _ in range(100)]
        sockets = [stack.enter_context(open_socket(gateway.port)) for _ in range(10)]

        def write() -> None:
            with gateway.client() as client, contextlib.suppress(httpx.TransportError):
                while True:
                    acknowledged.append(gateway.create_user(client)["event_id"])

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        time.sleep(0.3)
        with gateway.client() as probe:
            assert probe.get("/readyz").status_code == 200
            begun = time.monotonic()
            os.kill(gateway.process.pid, signal.SIGTERM)
            # First whoever sends requests here is told to stop, while they are still answered.
            while (answer := probe.get("/readyz")).status_code == 200:
                assert time.monotonic() - begun < 2
            assert answer.status_code == 503
            assert answer.json()["checks"] == {"draining": "the server ends"}
            assert probe.get("/livez").status_code == 200
            assert probe.get("/events/stream").status_code == 503
        assert gateway.process.wait(10) == 0
        assert time.monotonic() - begun < 5
        for writer in writers:
            writer.join()
        assert all(_read_to_end(one).endswith(b": the server ends\n\n\r\n0\r\n\r\n") for one in streams)
        for each in sockets:
            with contextlib.suppress(ConnectionError):
                while True:
                    each.receive()
            assert each.close_code == 1001
    assert acknowledged
    with serve_gateway(data) as gateway, gateway.client() as client:
        kept = [event["id"] for event in client.get("/events", params={"limit": 10_000}).json()]
        assert set(acknowledged) <= set(kept)
        assert len(set(kept)) == len(kept)


def test_a_reader_that_hangs_keeps_no_gateway_alive(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serve_gateway(data, "--drain", "0.5") as gateway:
        asyncio.run(write_many(data / "events.db", 8000))
        with socket.socket() as hanging:
            hanging.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            hanging.connect(("127.0.0.1", gateway.port))
            hanging.sendall(STREAM)
            time.sleep(1)
            begun = time.monotonic()
            os.kill(gateway.process.pid, signal.SIGTERM)
            assert gateway.process.wait(10) == 0
            assert time.monotonic() - begun < 5
    assert "Traceback" not in "".join(gateway.said)


def test_an_interrupt_ends_it_as_well(tmp_path: Path) -> None:
    with serve_gateway(tmp_path / "data") as gateway:
        os.kill(gateway.process.pid, signal.SIGINT)
        assert gateway.process.wait(10) == 0


def test_a_command_that_was_begun_is_finished(tmp_path: Path) -> None:
    with serve_gateway(tmp_path / "data") as gateway:
        body = b'{"email":"slow@example.com","first_name":"A","last_name":"B"}'
        head = b"POST /commands/user/create HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as slow:
            slow.sendall(head + b"content-length: %d\r\n\r\n" % len(body) + body[:10])
            time.sleep(0.2)
            os.kill(gateway.process.pid, signal.SIGTERM)
            time.sleep(0.3)
            slow.sendall(body[10:])
            assert slow.recv(65536).startswith(b"HTTP/1.1 201 ")
        assert gateway.process.wait(10) == 0


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for _ in range(3):
        with serve_gateway(tmp_path / "data") as gateway:
            killer = threading.Timer(0.4, gateway.process.kill)
            killer.start()
            with gateway.client() as client, contextlib.suppress(httpx.TransportError):
                while True:
                    acknowledged.append(gateway.create_user(client)["event_id"])
            killer.join()
            gateway.process.wait()
    with serve_gateway(tmp_path / "data") as gateway, gateway.client() as client:
        events = client.get("/events", params={"limit": 10_000}).json()
    assert acknowledged
    assert set(acknowledged) <= {event["id"] for event in events}
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))


def _listen(port: int) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", port), timeout=10)
    opened.sendall(STREAM)
    assert opened.recv(100).startswith(b"HTTP/1.1 200 ")
    return opened


def _read_to_end(opened: socket.socket) -> bytes:
    with opened:
        text = b""
        while found := opened.recv(65536):
            text = (text + found)[-1000:]
        return text
