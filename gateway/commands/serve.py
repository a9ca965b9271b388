"""`protogate gateway`: answers commands and queries over HTTP."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from protogate.console import enter_project, parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from gateway.settings import Settings

__all__ = ["help_text", "run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Serve until a signal ends it."""
    from pathlib import Path

    from gateway.logs import start_logging
    from gateway.security import access_of, check_exposure
    from gateway.server import INHERITED, run_worker, run_workers
    from gateway.settings import read_settings
    from protogate.serving import bind

    options = _parser(command).parse_args(arguments)
    enter_project(options.directory)
    flags = {name: value for name, value in vars(options).items() if name != "directory"}
    settings = read_settings(**flags)
    inherited = os.environ.get(INHERITED)
    if inherited is None:
        check_exposure(settings, access_of(settings))
        bound = bind(settings.host, settings.port)
    else:
        bound = socket.socket(fileno=int(inherited))
    with bound:
        is_one = settings.workers == 1 or inherited is not None
        if not is_one:
            _check(settings)
        start_logging(is_json=settings.log_json, access=settings.access_log)
        if is_one:
            return run_worker(settings, Path.cwd(), bound)
        return run_workers(settings, _again(options), bound, settings.data_dir / "metrics")


def _check(settings: Settings) -> None:
    """Let what cannot work fail once, before there are many processes; bring the database up to date."""
    import asyncio
    from pathlib import Path

    from gateway.wiring import open_gateway

    async def open_and_close() -> None:
        async with open_gateway(settings, Path.cwd()):
            pass

    asyncio.run(open_and_close())


def _again(options: argparse.Namespace) -> list[str]:
    """The command line of a worker, which starts where this process stands."""
    words: list[str] = []
    for name, value in vars(options).items():
        if name == "directory" or value is None:
            continue
        flag = f"--{name.replace('_', '-')}"
        words += [flag] if value is True else [flag, str(value)]
    return words


def _parser(command: str) -> argparse.ArgumentParser:
    from gateway.settings import PREFIX, Settings
    from protogate._apps import GATEWAY_COMMANDS

    others = ", ".join(name for name in GATEWAY_COMMANDS if name != "serve")
    made = parser(
        command,
        "Serve the commands and queries of slices, and their events. Everything is kept below one\n"
        "directory, --data-dir. On the loopback anybody may ask; elsewhere clients send a token.\n\n"
        "With --workers N, N processes take connections from one port. Each has its own writer: commands\n"
        "of different workers are still decided one after the other by the database, so no version and no\n"
        "key is used twice, and every worker's streams carry the events of all. On SQLite the writers take\n"
        "turns, which helps queries but not commands; PostgreSQL also lets workers run on many machines.\n\n"
        f"Every option can be set by the environment: {PREFIX}PORT=8080. A single token stands only there,\n"
        f"in {PREFIX}TOKEN.\n\n"
        f"Other commands, each with its own --help: {others}.",
        [
            command,
            f"{command} --port 9000 --db postgresql://gateway@db/events --workers 4",
            f"{command} --host 0.0.0.0 --token-file tokens.txt",
        ],
        json=False,
    )
    for name, field in Settings.model_fields.items():
        if name == "token":
            # Everybody on the machine can read command lines.
            continue
        flag = f"--{name.replace('_', '-')}"
        text = help_text(field.description or "", field.default)
        if isinstance(field.default, bool):
            made.add_argument(flag, action="store_true", default=None, help=text)
        else:
            made.add_argument(flag, metavar=_METAVARS.get(name, name.rpartition("_")[2].upper()), help=text)
    return made


_METAVARS = {
    "allowed_hosts": "A,B",
    "contracts": "DIR",
    "cors_origins": "A,B",
    "data_dir": "DIR",
    "db": "DB",
    "drain": "SECONDS",
    "heartbeat": "SECONDS",
    "jwt_algorithms": "A,B",
    "legacy_connect_timeout": "SECONDS",
    "legacy_connections": "N",
    "legacy_db": "URL",
    "legacy_max_body": "MIB",
    "legacy_read_timeout": "SECONDS",
    "max_body": "MIB",
    "max_lag": "SECONDS",
    "min_position_wait": "SECONDS",
    "parity_count": "N",
    "registry": "DB",
    "workers": "N",
}
"""Where the last word of a setting does not say what is to be given."""


def help_text(text: str, default: object) -> str:
    """What is said of a setting, its default included."""
    if isinstance(default, bool) or not default or "default:" in text:
        return text
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    return f"{text}; default: {shown}"
