"""A legacy application and a strangler before it, as real servers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest
import uvicorn

from gateway.delegation.legacy_host import LegacyOptions
from gateway.slices.user.slice import SLICE
from protogate.serving import bind
from tests.gateway.delegation.front_app import BAR, Front, open_front

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from gateway.delegation.cutover import Bar
    from protogate.slices import Slice

Result = TypeVar("Result")
ROOT = Path(__file__).parents[3]


@contextmanager
def server_process(module: str, environment: dict[str, str] | None = None) -> Iterator[tuple[str, int]]:
    """Address and process id of an application that runs by itself."""
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", f"tests.gateway.delegation.{module}:app", "--port", str(port)]
    command += ["--log-level", "warning", "--no-access-log", "--ws", "wsproto"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            _wait_until_served(port)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.kill()


def _wait_until_served(port: int) -> None:
    for _ in range(200):
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=1)
        except httpx.HTTPError:
            threading.Event().wait(0.05)
        else:
            return
    pytest.fail("the server does not start")


class Served:
    """A strangler that serves from a thread of the test's process."""

    def __init__(self, url: str, front: Front, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self.front = front
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something in the loop of the server."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=10)


@contextmanager
def serving(directory: Path, legacy: LegacyOptions, one: Slice = SLICE, bar: Bar = BAR) -> Iterator[Served]:
    """Serve a strangler until the end of the block."""
    # Not `create_server`: it leaves the protocol open, and then asyncio leaves Nagle's algorithm on.
    bound = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    ready: list[Served] = []
    started = threading.Event()
    holder: list[uvicorn.Server] = []

    async def main() -> None:
        async with open_front(directory, legacy, one, bar) as front:
            server = uvicorn.Server(
                uvicorn.Config(
                    front,
                    lifespan="off",
                    log_level="critical",
                    ws="wsproto",
                    proxy_headers=False,
                    timeout_graceful_shutdown=1,
                )
            )
            holder.append(server)
            ready.append(Served(url, front, asyncio.get_running_loop()))
            started.set()
            await server.serve(sockets=[bound])

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert started.wait(20)
    try:
        yield ready[0]
    finally:
        holder[0].should_exit = True
        thread.join(10)
        bound.close()


@pytest.fixture(scope="session")
def legacy() -> Iterator[str]:
    with server_process("legacy_app") as (url, _):
        yield url


@pytest.fixture
def serve(tmp_path: Path, legacy: str) -> Iterator[Callable[..., Served]]:
    """Starts a strangler before the legacy application."""
    with ExitStack() as stack:

        def start(options: dict[str, Any] | None = None, one: Slice = SLICE, bar: Bar = BAR) -> Served:
            return stack.enter_context(serving(tmp_path, LegacyOptions(**{"url": legacy, **(options or {})}), one, bar))

        yield start


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, legacy: str) -> Iterator[Served]:
    """One strangler for all tests of a module that only ask."""
    with serving(tmp_path_factory.mktemp("front"), LegacyOptions(legacy, read_timeout=1.0)) as served:
        yield served
