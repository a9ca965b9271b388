"""The server processes: one, or several that share a socket."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

import uvicorn

from gateway.metrics import MULTIPROCESS
from gateway.wiring import open_gateway
from protogate._apps import app_command, app_environment
from protogate.errors import EXIT_OK, EXIT_USAGE, UserError

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path
    from types import FrameType

    from gateway.settings import Settings
    from gateway.wiring import Gateway

__all__ = ["INHERITED", "run_worker", "run_workers"]

INHERITED: Final = "PROTOGATE_GATEWAY_SOCKET"
"""Names, for a worker, the descriptor of the socket that its parent has opened."""
_PARENT: Final = "PROTOGATE_GATEWAY_PARENT"
"""Names, for a worker, the process that started it: by the time it can ask, that one may be gone."""
_GRACE: Final = 3
"""Seconds for requests that are being answered when the streams have ended."""
_BACKLOG: Final = 1024
_SWITCH_INTERVAL: Final = 0.0005
"""Seconds after which the writer's thread lets the loop run; the default of 5 ms is longer than most answers take."""
_YOUNG: Final = 5.0
"""Seconds: a worker that gives up earlier did not start properly; one that was killed is started again."""
_TICK: Final = 0.05
_LOOK: Final = 1.0
"""Seconds between two looks at whether the parent is still there."""
_LAST: Final = 10.0
"""Seconds after which workers that were told to end are killed."""


class _Server(uvicorn.Server):
    """Turns requests away before it stops to listen."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway, drain: float) -> None:
        super().__init__(config)
        self._gateway = gateway
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams, answer what still comes for a while, then stop."""
        self._gateway.drain()
        for _ in range(round(self._drain / _TICK)):
            if self.force_exit:
                break
            await asyncio.sleep(_TICK)
        await super().shutdown(sockets)


def run_worker(settings: Settings, project: Path, bound: socket.socket) -> int:
    """Serve in this process until SIGTERM or SIGINT.

    Raises:
        UserError: something that the settings name cannot be used.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has drained, for the handler that was there before: this one.
        signal.signal(number, _nothing)
    config = uvicorn.Config(
        _not_yet,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        # Answers of a legacy application stay as they are; the strangler adds it to ours.
        headers=[] if settings.legacy_url else [("x-content-type-options", "nosniff")],
        timeout_graceful_shutdown=_GRACE,
        ws="wsproto",
        # What everybody hears would be compressed for each of them.
        ws_per_message_deflate=False,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(settings, project, bound, config))
    return EXIT_OK


async def _serve(settings: Settings, project: Path, bound: socket.socket, config: uvicorn.Config) -> None:
    async with open_gateway(settings, project) as gateway:
        config.app = gateway.app
        server = _Server(config, gateway, settings.drain)
        # What is there by now stays; to look through it again and again would stop everybody for a while.
        gc.collect()
        gc.freeze()
        if INHERITED not in os.environ:
            announce(settings, bound)
            await server.serve(sockets=[bound])
            return
        watching = asyncio.create_task(_watch_parent(server), name="watch-parent")
        await server.serve(sockets=[bound])
        watching.cancel()


async def _watch_parent(server: uvicorn.Server) -> None:
    """End when the process is gone that would end us: nobody else would, and the port would stay taken."""
    parent = int(os.environ[_PARENT])
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(_LOOK)
    server.should_exit = True


def announce(settings: Settings, bound: socket.socket) -> None:
    """Say where the gateway can be reached."""
    from protogate.serving import url_host  # noqa: PLC0415 - only here

    print(f"serving http://{url_host(settings.host)}:{bound.getsockname()[1]}", file=sys.stderr, flush=True)  # noqa: T201


def run_workers(settings: Settings, arguments: Sequence[str], bound: socket.socket, metrics_folder: Path) -> int:
    """Run as many processes as the settings say on one socket, replace those that end, until SIGTERM or SIGINT.

    Args:
        settings: how many.
        arguments: the command line of a worker.
        bound: the socket that all of them listen on.
        metrics_folder: where their counters stand together; is emptied.

    Raises:
        UserError: the operating system cannot share sockets.
    """
    if sys.platform == "win32":
        raise UserError("--workers: cannot be more than 1 on this system; start one gateway a machine")
    metrics_folder.mkdir(parents=True, exist_ok=True)
    for old in metrics_folder.glob("*.db"):
        old.unlink(missing_ok=True)
    crew = _Crew(app_command("gateway", ["serve", *arguments]), bound.fileno(), metrics_folder)
    announce(settings, bound)
    return crew.run(settings.workers)


class _Crew:
    """Processes that do the same."""

    def __init__(self, command: list[str], descriptor: int, metrics_folder: Path) -> None:
        self._command = command
        self._descriptor = descriptor
        self._metrics_folder = metrics_folder
        self._environment = {
            **app_environment(os.environ),
            INHERITED: str(descriptor),
            _PARENT: str(os.getpid()),
            MULTIPROCESS: str(metrics_folder),
        }
        self._workers: dict[subprocess.Popen[bytes], float] = {}
        self._is_ending = False

    def run(self, count: int) -> int:
        """Keep so many of them alive until a signal comes; give the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        for _ in range(count):
            self._start()
        while self._workers:
            time.sleep(0.05)
            for worker in [one for one in self._workers if one.poll() is not None]:
                begun = self._workers.pop(worker)
                self._forget_gauges(worker.pid)
                if self._is_ending:
                    continue
                if (worker.returncode or 0) > 0 and time.monotonic() - begun < _YOUNG:
                    # It has said why, and the next one would say the same.
                    self._end(signal.SIGTERM, None)
                    self._wait()
                    return worker.returncode or EXIT_USAGE
                self._start()
            if self._is_ending:
                self._wait()
        return EXIT_OK

    def _forget_gauges(self, pid: int) -> None:
        """What a process had at the moment, such as listeners, ends with it; what it counted stays."""
        for gauges in self._metrics_folder.glob(f"gauge_live*_{pid}.db"):
            gauges.unlink(missing_ok=True)

    def _start(self) -> None:
        # In a group of its own: at a terminal an interrupt comes to us alone, and workers hear of it once.
        worker = subprocess.Popen(
            self._command, env=self._environment, pass_fds=[self._descriptor], start_new_session=True
        )
        self._workers[worker] = time.monotonic()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._is_ending = True
        for worker in self._workers:
            worker.send_signal(signal.SIGTERM)

    def _wait(self) -> None:
        for worker in self._workers:
            # One that was just being started when the signal came has not heard of it.
            worker.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _LAST
        for worker in self._workers:
            try:
                worker.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._workers.clear()


async def _not_yet(*_ignored: object) -> None:
    raise AssertionError("the application is set before the server starts")


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Let the process end in its own time."""
