"""The server process: one socket, one loop, one worker."""

from __future__ import annotations

import logging
import signal
import sys
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from types import FrameType

    from registry.server.app import RegistryApp

__all__ = ["run"]

_DRAIN = 3
"""Seconds for requests that are being answered; with the threads behind them the process ends within five."""
_SWITCH_INTERVAL = 0.0005
"""Seconds after which a compiling thread lets the loop run; the default of 5 ms is longer than most answers take."""


def run(app: RegistryApp, bound: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is being asked and return."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sys.setswitchinterval(_SWITCH_INTERVAL)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has drained, for the handler that was there before: this one.
        signal.signal(number, _nothing)
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN,
    )
    uvicorn.Server(config).run(sockets=[bound])


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Let the process end in its own time."""
