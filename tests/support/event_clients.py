"""Clients of event streams and WebSockets that hide nothing."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    RejectConnection,
    Request,
    TextMessage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Frame", "Socket", "frames_of", "open_socket", "open_stream"]


class Frame(NamedTuple):
    """One block of an event stream."""

    fields: dict[str, str]
    comments: tuple[str, ...] = ()

    @property
    def position(self) -> int:
        """Its id."""
        return int(self.fields["id"])

    @property
    def event(self) -> dict[str, Any]:
        """What happened."""
        found: dict[str, Any] = json.loads(self.fields["data"])
        return found


def frames_of(lines: Iterator[str]) -> Iterator[Frame]:
    """Read an event stream by the rules of the HTML standard, as far as they matter."""
    fields: dict[str, str] = {}
    comments: list[str] = []
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name:
                fields[name] = f"{fields[name]}\n{value}" if name in fields and name == "data" else value
            else:
                comments.append(value)
            continue
        yield Frame(fields, tuple(comments))
        fields, comments = {}, []


@contextmanager
def open_stream(
    url: str, headers: Mapping[str, str] | None = None, timeout: float = 10, **parameters: object
) -> Iterator[Iterator[Frame]]:
    """Listen to an event stream; the first frame, which says how soon to come back, is checked and left out."""
    with (
        httpx.Client(base_url=url, timeout=timeout, trust_env=False, verify=False) as client,  # noqa: S501 - http
        client.stream("GET", "/events/stream", params=parameters, headers=headers or {}) as answer,  # type: ignore[arg-type]
    ):
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        frames = frames_of(answer.iter_lines())
        assert next(frames).fields == {"retry": "2000"}
        yield frames


class Socket:
    """A WebSocket."""

    def __init__(self, port: int, target: str, headers: Mapping[str, str], receive_buffer: int) -> None:
        self.tcp = socket.socket()
        if receive_buffer:
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.tcp.settimeout(15)
        self.tcp.connect(("127.0.0.1", port))
        self._ws = WSConnection(ConnectionType.CLIENT)
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.tcp.sendall(self._ws.send(Request(host=f"127.0.0.1:{port}", target=target, extra_headers=extra)))
        self._events: list[Any] = []
        self._text = ""
        self.status = 101
        self.close_code: int | None = None
        first = self._next()
        if isinstance(first, RejectConnection):
            self.status = first.status_code
        else:
            assert isinstance(first, AcceptConnection), first

    def receive(self) -> dict[str, Any]:
        """The next message; `ConnectionError` once it is closed, see `close_code`."""
        while True:
            event = self._next()
            if isinstance(event, TextMessage):
                self._text += event.data
                if event.message_finished:
                    text, self._text = self._text, ""
                    found: dict[str, Any] = json.loads(text)
                    return found
            elif isinstance(event, CloseConnection):
                self.close_code = event.code
                raise ConnectionError(event.code)

    def send(self, text: str) -> None:
        """Say something."""
        self.tcp.sendall(self._ws.send(TextMessage(text)))

    def close(self) -> None:
        """Go away without a word."""
        self.tcp.close()

    def _next(self) -> Any:  # noqa: ANN401 - an event of wsproto
        while not self._events:
            data = self.tcp.recv(65536)
            self._ws.receive_data(data or None)
            self._events.extend(self._ws.events())
        return self._events.pop(0)


@contextmanager
def open_socket(
    port: int, target: str = "/ws", headers: Mapping[str, str] | None = None, receive_buffer: int = 0
) -> Iterator[Socket]:
    """Open a WebSocket until the block ends."""
    opened = Socket(port, target, headers or {}, receive_buffer)
    try:
        yield opened
    finally:
        opened.close()
