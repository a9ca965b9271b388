"""`python -m benchmarks gateway`: event streams of many subscribers, and the end of a gateway that is in use."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import tempfile
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson
import uvloop

from benchmarks.gateway_figures import Part, at_least, at_most, median_ratio
from benchmarks.gateway_http import create_requests, running_gateway
from benchmarks.http_load import generate, get, spread
from gateway.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from benchmarks.http_load import Server

__all__ = ["measure_streams"]

_SUBSCRIBERS = 1_000
_BURST = 400
_BURST_CONNECTIONS = 8
_SINGLE = 24
_INTERVAL = 0.25
"""Seconds between two events when latency is looked at: four a second."""
_CREATES = 6_000
_CREATING = 64
_STREAMS = 100
_SOCKETS = 10
_WRITERS = 16
_BUSY = 1.0
"""Seconds of load before SIGTERM."""
_MANY = 50_000
"""Commands: more than are answered until the end."""
_PATIENCE = 120
_QUIET = ("--heartbeat", "300")
"""So that nothing but events is delivered."""


class Fanout(NamedTuple):
    """What subscribers saw in one round."""

    deliveries: float
    """A second."""
    cpu: float
    """Microseconds of the server for a delivery."""
    p50: float
    p99: float
    """Milliseconds from sending a command until a subscriber had its event."""
    memory: float
    """Bytes of the server for a subscriber."""
    alone: float
    """Commands a second without subscribers."""
    beside_idle: float
    """Commands a second beside subscribers that wait for other events."""


class Ending(NamedTuple):
    """What came of SIGTERM in one round."""

    seconds: float
    unready_first: bool
    """Whether `/readyz` said 503 while requests were still answered."""
    acknowledged: int
    lost: int
    exit_code: int


def measure_streams(say: Callable[[str], object], *, rounds: int, scale: float = 1.0) -> Part:
    """Measure streams, and then the end, in every round."""
    fanouts: list[Fanout] = []
    endings: list[Ending] = []
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        for number in range(rounds):
            say(f"streams, round {number + 1} of {rounds}")
            fanouts.append(_fan_out(Path(name) / f"streams-{number}", scale))
            endings.append(_end(Path(name) / f"end-{number}", scale))
    count = _scaled(_SUBSCRIBERS, scale)
    middle = Fanout(*map(statistics.median, zip(*fanouts, strict=True)))
    slowest = max(one.seconds for one in endings)
    rows: list[tuple[str, ...]] = [
        (f"deliveries to {count:,} subscribers", f"{middle.deliveries:,.0f}/s", f"{middle.cpu:.1f} us of CPU each"),
        ("from command to subscriber at 4 events/s", f"p50 {middle.p50:.1f} ms", f"p99 {middle.p99:.1f} ms"),
        ("memory of a subscriber", f"{middle.memory / 1024:.1f} KiB", ""),
        (f"commands beside {count:,} idle subscribers", f"{middle.beside_idle:,.0f}/s", f"alone {middle.alone:,.0f}/s"),
        ("SIGTERM until the process is gone", f"{slowest:.2f} s at most", ""),
        ("commands acknowledged before it", f"{sum(one.acknowledged for one in endings):,}", "in all rounds"),
    ]
    goals = [
        at_least(f"T11 deliveries to {count:,} subscribers", 100_000, middle.deliveries, "/s"),
        at_most("T11 p99 from command to subscriber at 4 events/s", 100, middle.p99, "ms"),
        at_most("T11 memory of a subscriber", 64, middle.memory / 1024, "KiB"),
        at_least(
            f"T11 commands beside {count:,} idle subscribers / alone",
            0.9,
            median_ratio([one.beside_idle for one in fanouts], [one.alone for one in fanouts]),
        ),
        at_most("T12 SIGTERM with 100 streams, 10 WebSockets and load: until the process is gone", 5, slowest, "s"),
        at_most("T12 acknowledged commands that were lost", 0, sum(one.lost for one in endings), "commands"),
        at_least("T12 rounds in which /readyz was 503 first", rounds, sum(one.unready_first for one in endings), ""),
        at_most("T12 exit code", 0, max(abs(one.exit_code) for one in endings), ""),
    ]
    return Part(
        "Event streams, and the end",
        f"{count:,} clients of `/events/stream` in one process on the same machine. Deliveries are counted while\n"
        "eight connections create users as fast as they are answered; a delivery is an event that has come to a\n"
        "client. Idle subscribers listen to the events of another slice.",
        goals,
        ("what", "measured", ""),
        rows,
    )


def _scaled(count: int, scale: float) -> int:
    return max(10, int(count * scale))


def _fan_out(folder: Path, scale: float) -> Fanout:
    count = _scaled(_SUBSCRIBERS, scale)
    with running_gateway(folder / "streams", *_QUIET) as server:
        deliveries, cpu, times, memory = uvloop.run(_heard(server, count, _scaled(_BURST, scale), scale))
    creates = spread(create_requests(_scaled(_CREATES, scale)), _CREATING)
    with running_gateway(folder / "alone", *_QUIET) as server:
        alone = generate(server, creates)
    with running_gateway(folder / "idle", *_QUIET) as server:
        beside = uvloop.run(_beside_idle(server, count, creates))
    p50, p99 = statistics.median(times) * 1e3, times[int(len(times) * 0.99)] * 1e3
    return Fanout(deliveries, cpu, p50, p99, memory, alone.rate, beside)


async def _heard(server: Server, count: int, burst: int, scale: float) -> tuple[float, float, list[float], float]:
    before = server.memory()
    async with _subscribed(server, count) as subscribers:
        memory = (server.memory() - before) / count
        spent = server.cpu()
        load = asyncio.create_task(
            asyncio.to_thread(generate, server, spread(create_requests(burst), _BURST_CONNECTIONS))
        )
        await _until(lambda: all(one.count >= burst for one in subscribers))
        await load
        first, last = min(one.first for one in subscribers), max(one.last for one in subscribers)
        cpu = (server.cpu() - spent) / (count * burst) * 1e6
        times: list[float] = []
        async with _asking(server) as asker:
            for number in range(burst, burst + _scaled(_SINGLE, scale)):
                sent = time.perf_counter()
                await asker.ask(create_requests(number + 1)[-1])
                await _until(lambda number=number: all(one.count > number for one in subscribers))  # type: ignore[misc]
                times += [one.last - sent for one in subscribers]
                await asyncio.sleep(max(0.0, sent + _INTERVAL - time.perf_counter()))
    return count * burst / (last - first), cpu, sorted(times), memory


async def _beside_idle(server: Server, count: int, creates: list[list[bytes]]) -> float:
    async with _subscribed(server, count, "?category=search") as subscribers:
        load = await asyncio.to_thread(generate, server, creates)
        if any(one.count for one in subscribers):
            raise RuntimeError("events came to subscribers that did not want them")
        return load.rate


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for are counters that change by the thousand
            await asyncio.sleep(0.005)


class _Subscriber(asyncio.Protocol):
    """Counts events."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._ends_open = False
        self.is_open = False
        self.count = -1
        """Of frames without the first one, which says how soon to come back."""
        self.first = self.last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(get(self._path))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.last = time.perf_counter()
        self.count += data.count(b"\n\n") + (self._ends_open and data.startswith(b"\n"))
        self._ends_open = data.endswith(b"\n")
        if self.count >= 0:
            self.is_open = True
        if self.count > 0 and not self.first:
            self.first = self.last

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - of the protocol
        self.is_open = False


@asynccontextmanager
async def _subscribed(server: Server, count: int, query: str = "") -> AsyncIterator[list[_Subscriber]]:
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Subscriber(f"/events/stream{query}"), "127.0.0.1", server.port)
        for _ in range(count)
    ]
    subscribers = [subscriber for _, subscriber in made]
    await _until(lambda: all(one.is_open for one in subscribers))
    try:
        yield subscribers
    finally:
        for transport, _ in made:
            transport.close()


class _Asker:
    """A connection that asks one thing after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of an answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(head.split(b" ", 2)[1]), await self._reader.readexactly(length)


@asynccontextmanager
async def _asking(server: Server) -> AsyncIterator[_Asker]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield _Asker(reader, writer)
    finally:
        writer.close()


# The end.


def _end(folder: Path, scale: float) -> Ending:
    with running_gateway(folder) as server:
        seconds, unready_first, acknowledged, exit_code = uvloop.run(_terminate(server, scale))
    kept = uvloop.run(_kept(folder / "events.db"))
    return Ending(seconds, unready_first, len(acknowledged), len(acknowledged - kept), exit_code)


async def _terminate(server: Server, scale: float) -> tuple[float, bool, set[str], int]:
    acknowledged: set[str] = set()
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    sockets = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(_SOCKETS)]
    for reader, writer in sockets:
        writer.write(get("/ws", upgrade))
        if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
            raise RuntimeError("the gateway takes no WebSocket")
    async with _subscribed(server, _STREAMS):
        requests = iter(create_requests(int(_MANY * max(scale, 0.1))))
        writers = [asyncio.create_task(_write(server, requests, acknowledged)) for _ in range(_WRITERS)]
        await asyncio.sleep(_BUSY)
        started = time.perf_counter()
        os.kill(server.pid, signal.SIGTERM)
        unready = asyncio.create_task(_sees_unready(server))
        while (ended := _ended(server)) is None:
            await asyncio.sleep(0.01)
            if time.perf_counter() - started > _PATIENCE:
                raise RuntimeError("the gateway does not end")
        seconds = time.perf_counter() - started
        await asyncio.gather(*writers)
    for _, writer in sockets:
        writer.close()
    return seconds, await unready, acknowledged, ended.si_status


def _ended(server: Server) -> os.waitid_result | None:
    """How the process ended, if it did; whoever has started it can still wait for it."""
    return os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)


async def _write(server: Server, requests: Iterator[bytes], acknowledged: set[str]) -> None:
    """Create users until the server is gone."""
    with suppress(OSError, asyncio.IncompleteReadError):
        async with _asking(server) as asker:
            for request in requests:
                status, body = await asker.ask(request)
                if status == 201:  # noqa: PLR2004 - a status
                    acknowledged.add(orjson.loads(body)["event_id"])


async def _sees_unready(server: Server) -> bool:
    """Whether the server says 503 while it still answers."""
    with suppress(OSError, asyncio.IncompleteReadError):
        while True:
            async with _asking(server) as asker:
                status, _ = await asker.ask(get("/readyz"))
            if status == 503:  # noqa: PLR2004 - a status
                return True
            await asyncio.sleep(0.02)
    return False


async def _kept(path: Path) -> set[str]:
    """The ids of all events that are on disk."""
    store = SqliteStore(path)
    found: set[str] = set()
    place = 0
    while events := await store.read_all(after=place, limit=1000):
        found.update(one.id for one in events)
        place = events[-1].position
    await store.aclose()
    return found
