"""The server process: one socket, one loop, one worker."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn

from protogate.errors import UserError

if TYPE_CHECKING:
    from types import FrameType

    from registry.server.app import RegistryApp

__all__ = ["bind", "run"]

_DRAIN = 3
"""Seconds for requests that are being answered; with the threads behind them the process ends within five."""
_BACKLOG = 1024
_SWITCH_INTERVAL = 0.0005
"""Seconds after which a compiling thread lets the loop run; the default of 5 ms is longer than most answers take."""


def bind(host: str, port: int) -> socket.socket:
    """Open the socket before anything else is started.

    Raises:
        UserError: somebody listens there, or the address is not one of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise UserError(f"{host}: is no address of this machine: {error}; use --host 127.0.0.1") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise UserError(f"{host}:{port}: {(error.strerror or str(error)).lower()}; choose another --port") from None
    return bound


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
