"""The load generator for servers, the same for all of them so that figures compare, and how servers are started.

The generator is a process of its own (`python -m benchmarks.http_load`), so that it does not take the time of what it
measures. Each of its connections sends its requests one after another, as a client without pipelining does.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from benchmarks.process import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Load", "Request", "Server", "generate", "get", "loaded", "median", "running", "send", "serve", "spread"]

Request: TypeAlias = bytes
"""Head and body, as they go over the wire."""

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class Load:
    """What the generator saw of one round, or the medians of several."""

    rate: float
    """Answers a second."""
    p50: float
    """Milliseconds."""
    p99: float
    cpu: float = 0.0
    """Microseconds of the server and its children for a request: what a busy machine disturbs least."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU that it and its children took; 0 where there is no /proc."""
        return sum(map(_cpu_of, _family(self.pid)))

    def memory(self) -> int:
        """Bytes that it has in memory; 0 where there is no /proc."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def get(path: str, headers: Mapping[str, str] | None = None) -> Request:
    """A request without a body."""
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{more}\r\n".encode()


def send(method: str, path: str, body: object, kind: str = "application/json") -> Request:
    """A request with a JSON body."""
    data = json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


def spread(requests: Sequence[Request], connections: int) -> list[list[Request]]:
    """Deal requests out to connections."""
    return [list(requests[start::connections]) for start in range(connections)]


def median(loads: Sequence[Load]) -> Load:
    """The median of each figure."""
    return Load(*(statistics.median(getattr(load, name) for load in loads) for name in ("rate", "p50", "p99", "cpu")))


def generate(server: Server, requests: Sequence[Sequence[Request]], *, pause: float = 0.0) -> Load:
    """Send requests, a list for each connection, and wait for all answers.

    Args:
        server: who is asked.
        requests: of each connection.
        pause: seconds between an answer and the next request of a connection.

    Raises:
        RuntimeError: an answer was not 2xx, or a connection broke; what was wrong stands on stderr.
    """
    before = server.cpu()
    said = _said(_start(server, requests, pause))
    spent = (server.cpu() - before) / sum(map(len, requests))
    return Load(**json.loads(said), cpu=spent * 1e6)


@contextmanager
def loaded(server: Server, requests: Sequence[Sequence[Request]]) -> Iterator[None]:
    """Send requests while something else is done.

    Raises:
        RuntimeError: there were too few of them, or one failed.
    """
    process = _start(server, requests, 0.0)
    try:
        yield
        if process.poll() is not None:
            raise RuntimeError("the load ended before what was measured under it")
    finally:
        process.kill()
        process.communicate()


def _start(server: Server, requests: Sequence[Sequence[Request]], pause: float) -> subprocess.Popen[bytes]:
    job = {"port": server.port, "pause": pause, "requests": [[one.decode() for one in each] for each in requests]}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.http_load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None  # noqa: S101 - asked for
    process.stdin.write(json.dumps(job).encode())
    process.stdin.close()
    process.stdin = None
    return process


def _said(process: subprocess.Popen[bytes]) -> bytes:
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("the load generator failed")
    return said


@contextmanager
def running(command: Sequence[str]) -> Iterator[Server]:
    """Run a server that says on stderr where it can be reached, and end it by SIGTERM."""
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    stderr = process.stderr
    assert stderr is not None  # noqa: S101 - asked for
    said: list[str] = []
    # Whatever it says later is read as well: it must never wait for a reader.
    reader = threading.Thread(target=said.extend, args=(stderr,), daemon=True)
    try:
        for line in stderr:
            said.append(line)
            found = _ADDRESS.search(line)
            if found is not None:
                reader.start()
                yield Server(int(found[1]), process.pid)
                return
        raise RuntimeError(f"{' '.join(command)} did not start: {''.join(said)}")
    finally:
        process.terminate()
        process.wait(10)
        if reader.is_alive():
            reader.join(1)
        stderr.close()


def serve(app: object, **options: Any) -> int:  # noqa: ANN401 - of uvicorn
    """Serve an application on a free port and say where, until SIGTERM."""
    import uvicorn  # noqa: PLC0415 - only the processes of servers need it

    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    # So that nobody is refused who comes before uvicorn is ready.
    bound.listen(1024)
    sys.stderr.write(f"serving http://127.0.0.1:{bound.getsockname()[1]}\n")
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, **options)  # type: ignore[arg-type]
    uvicorn.Server(config).run(sockets=[bound])
    return 0


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())]
    except OSError:
        return [pid]


# What the process of the generator runs.


async def _load(port: int, requests: Sequence[Sequence[Request]], pause: float) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    connections = []
    for each in requests:
        _, protocol = await loop.create_connection(lambda each=each: _Connection(each, pause), "127.0.0.1", port)  # type: ignore[misc]
        connections.append(protocol)
    start = time.perf_counter()
    for connection in connections:
        connection.next()
    await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - start
    times = sorted(took for connection in connections for took in connection.times)
    return {
        "rate": len(times) / seconds,
        "p50": times[len(times) // 2] * 1e3,
        "p99": times[int(len(times) * 0.99)] * 1e3,
    }


class _Connection(asyncio.Protocol):
    """Sends its requests one after another."""

    def __init__(self, requests: Sequence[Request], pause: float) -> None:
        self._requests = iter(requests)
        self._pause = pause
        self._received = b""
        self._start = 0.0
        self._transport: asyncio.Transport
        self.times: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # uvloop's transports are transports by behaviour, not by class.
        self._transport = cast("asyncio.Transport", transport)

    def next(self) -> None:
        """Send the next request, or finish."""
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._start = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, gap, body = self._received.partition(b"\r\n\r\n")
        if not gap:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self.times.append(time.perf_counter() - self._start)
        if not head.startswith(b"HTTP/1.1 2"):
            self._fail(RuntimeError(f"{head[:40]!r}: {body[:300]!r}"))
            return
        self._received = b""
        if self._pause:
            asyncio.get_running_loop().call_later(self._pause, self.next)
        else:
            self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or RuntimeError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def _main() -> int:
    import uvloop  # noqa: PLC0415 - only this process needs it

    job = json.load(sys.stdin)
    requests = [[one.encode() for one in each] for each in job["requests"]]
    sys.stdout.write(json.dumps(uvloop.run(_load(job["port"], requests, job["pause"]))))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
