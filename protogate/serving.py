"""What all servers of Protogate share: the socket they listen on, and who may ask when there are no tokens."""

from __future__ import annotations

import hmac
import os
import socket
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LOOPBACK", "bind", "digest", "host_name", "is_same_origin", "knows", "read_lines", "url_host"]

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that only this machine reaches."""
_BACKLOG: Final = 1024


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
        raise UserError(f"{host}:{port}: {_reason(error)}; choose another --port") from None
    return bound


def url_host(host: str) -> str:
    """A host as it stands in a URL.

    >>> url_host("::1")
    '[::1]'
    """
    return f"[{host}]" if ":" in host else host


@lru_cache(maxsize=256)
def host_name(header: bytes) -> str:
    """The name in a `Host` header, without its port; empty when there is none.

    >>> host_name(b"LOCALHOST:8080")
    'localhost'
    """
    try:
        return urlsplit(f"//{header.decode('latin-1')}").hostname or ""
    except ValueError:
        return ""


def is_same_origin(origin: bytes, host: bytes) -> bool:
    """Whether a page of this origin was served under this host."""
    return origin.decode("latin-1").partition("://")[2].lower() == host.decode("latin-1").lower()


def digest(token: bytes) -> bytes:
    """What is kept of a token."""
    return sha256(token).digest()


def knows(digests: Sequence[bytes], token: bytes) -> int:
    """The place of a token among those that are known, -1 for none; takes as long for each."""
    given, found = digest(token), -1
    # Every token is compared, whether an earlier one matched or not.
    for place, known in enumerate(digests):
        found = place if hmac.compare_digest(given, known) else found
    return found


def read_lines(path: str | os.PathLike[str], what: str) -> tuple[str, ...]:
    """Lines of a file of secrets, without empty ones and comments (`#`).

    Raises:
        UserError: it cannot be read or holds none; the message asks for a file with `what` a line.
    """
    try:
        with open(path, encoding="utf-8") as lines:  # noqa: PTH123 - a name as the user gave it
            found = tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
    except (OSError, UnicodeDecodeError) as error:
        reason = _reason(error) if isinstance(error, OSError) else "is no UTF-8"
        raise UserError(f"{os.fspath(path)}: {reason}; give a file with {what} a line") from None
    if not found:
        raise UserError(f"{os.fspath(path)}: holds no {what.removeprefix('a ')}; write one a line")
    return found


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
