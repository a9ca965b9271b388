"""`protogate registry serve`: the REST API and the web page."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from protogate import __version__
from protogate.console import parser
from protogate.errors import EXIT_OK, UserError
from registry.commands.database import add_database_option, database_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

__all__ = ["run"]

_TOKEN_VARIABLE = "PROTOGATE_REGISTRY_TOKEN"  # noqa: S105 - a name
_SHORTEST_TOKEN = 16
"""Characters; what is shorter can be guessed over the network."""
_MEBIBYTE = 1 << 20
_COMPILERS = 2
"""Processes that compile: while one is busy with a giant, the other serves the rest."""


def run(command: str, arguments: Sequence[str]) -> int:
    """Serve until a signal ends it."""
    made = _parser(command)
    options = made.parse_args(arguments)
    tokens = read_tokens(options.token_file, os.environ)
    check_exposure(options.host, tokens)
    _serve(options, tokens)
    return EXIT_OK


def read_tokens(token_file: str | None, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Give the tokens that clients may use: one a line of the file, or the one of the environment.

    Raises:
        UserError: the file cannot be read or holds none, or a token is too short.
    """
    if token_file is not None:
        try:
            with open(token_file, encoding="utf-8") as lines:
                tokens = tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
        except (OSError, UnicodeDecodeError) as error:
            reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "is no UTF-8"
            raise UserError(f"{token_file}: {reason}; give a file with a token a line") from None
        if not tokens:
            raise UserError(f"{token_file}: holds no token; write one a line")
        source = token_file
    else:
        tokens = tuple(filter(None, [environment.get(_TOKEN_VARIABLE, "").strip()]))
        source = _TOKEN_VARIABLE
    if any(len(token) < _SHORTEST_TOKEN for token in tokens):
        raise UserError(f"{source}: a token has fewer than {_SHORTEST_TOKEN} characters; use a longer one")
    return tokens


def check_exposure(host: str, tokens: Sequence[str]) -> None:
    """Refuse to show an open registry to a network.

    Raises:
        UserError: other machines can reach the address, and there is no token.
    """
    from protogate.serving import LOOPBACK

    if host not in LOOPBACK and not tokens:
        raise UserError(
            f"--host {host}: other machines can reach this address, so clients need a token;"
            f" give --token-file FILE or set {_TOKEN_VARIABLE}"
        )


def _parser(command: str) -> argparse.ArgumentParser:
    made = parser(
        command,
        "Serve the REST API of Confluent's registry for Protobuf, and a web page at /ui/.\n"
        "On the loopback anybody may write; elsewhere clients send a token, as bearer or as the\n"
        f"password of basic. Tokens stand in a file, one a line, or in {_TOKEN_VARIABLE}.",
        [command, f"{command} --host 0.0.0.0 --token-file tokens.txt --db postgresql://registry@db/registry"],
        json=False,
    )
    add_database_option(made)
    made.add_argument("--host", default="127.0.0.1", help="the address to listen on; default: 127.0.0.1")
    made.add_argument("--port", type=_port, default=8081, help="0 takes a free one; default: 8081")
    made.add_argument("--token-file", metavar="FILE", help="tokens of clients, one a line")
    made.add_argument("--max-body", type=_mebibytes, default=16, metavar="MIB", help="of a request; default: 16 MiB")
    return made


def _serve(options: argparse.Namespace, tokens: Sequence[str]) -> None:
    from pathlib import Path

    import registry.server
    from protogate.console import enter_project
    from protogate.serving import bind, url_host
    from registry.protoc_process import ProtocProcesses
    from registry.server.app import RegistryApp
    from registry.server.desk import Desk
    from registry.server.page_files import load_page
    from registry.server.process import run as run_server
    from registry.service import Registry
    from registry.settings import open_store

    enter_project(options.directory)
    bound = bind(options.host, options.port)
    limit = options.max_body * _MEBIBYTE
    store = open_store(database_of(options))
    protoc = ProtocProcesses(_COMPILERS)
    app = RegistryApp(
        Desk(Registry(store, largest_schema=limit, protoc=protoc), store, __version__),
        tokens=tokens,
        page=load_page(Path(registry.server.__file__).parent / "page"),
        body_limit=limit,
    )
    try:
        print(f"serving http://{url_host(options.host)}:{bound.getsockname()[1]}", file=sys.stderr, flush=True)
        run_server(app, bound)
    finally:
        protoc.close()
        # A thread that still waits for a locked database ends with the process: nobody was told that it wrote.
        if app.is_idle:
            store.close()


def _port(text: str) -> int:
    return _number(text, 0, 65535)


def _mebibytes(text: str) -> int:
    return _number(text, 1, 1024)


def _number(text: str, lowest: int, highest: int) -> int:
    import argparse

    if text.isascii() and text.isdigit() and lowest <= int(text) <= highest:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}: use a number from {lowest} to {highest}")
