"""What a proxy does to headers (RFC 9110, 7.6): drops what is about one connection, says who is asked for whom."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Scope

__all__ = ["FramingError", "Headers", "Target", "check_framing", "end_to_end", "request_headers"]

Headers = list[tuple[bytes, bytes]]

_HOP_BY_HOP: Final = frozenset({
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
})  # fmt: skip
_OURS: Final = frozenset({
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-proto",
    b"x-forwarded-prefix",
    b"x-real-ip",
})  # fmt: skip
"""Said by us; from a caller they are hearsay."""
_HANDSHAKE: Final = b"sec-websocket-"
_TRACEPARENT: Final = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NODE: Final = re.compile(r"[A-Za-z0-9._-]+")


class FramingError(ValueError):
    """Nobody can be sure where this request ends, so nobody else is handed it."""


class Target(NamedTuple):
    """How the legacy host wants to be spoken to."""

    host: str
    """Value of `Host`; empty keeps the one of the caller."""
    trusts_forwarded: bool = False
    """Whether `Forwarded` and `X-Forwarded-*` of callers are believed and added to: a proxy stands before us."""
    pseudonym: bytes = b"protogate"
    """Our name in `Via`."""


def check_framing(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Refuse a request whose end two servers may see at two places.

    Raises:
        FramingError: lengths that differ or are no numbers, a length beside a transfer coding, or another coding than
            chunked.
    """
    lengths = {value.strip() for name, value in headers if name == b"content-length"}
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if len(lengths) > 1 or any(not length.isdigit() for length in lengths):
        raise FramingError("Content-Length is said twice or is no number.")
    if codings and lengths:
        raise FramingError("Content-Length and Transfer-Encoding are both given.")
    if codings and codings != [b"chunked"]:
        raise FramingError("Transfer-Encoding is something else than chunked.")


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Give the headers that are not about one connection, `Connection` and what it lists left out.

    >>> end_to_end([(b"connection", b"close, X-Hop"), (b"x-hop", b"1"), (b"accept", b"*/*")])
    [(b'accept', b'*/*')]
    """
    kept = [(name.lower(), value) for name, value in headers]
    listed = {
        word.strip().lower() for name, value in kept if name == b"connection" for word in value.split(b",") if word
    }
    dropped = _HOP_BY_HOP | listed
    return [(name, value) for name, value in kept if name not in dropped]


def request_headers(scope: Scope, target: Target) -> Headers:
    """Give the headers of a request as the legacy host gets them."""
    given = [(name.lower(), value) for name, value in scope["headers"]]
    first = _first_values(given)
    kept = [(name, value) for name, value in end_to_end(given) if _passes(name)]
    host = target.host.encode() or first.get(b"host", b"")
    return [(b"host", host), *kept, *_forwarding(scope, first, target), (b"traceparent", _trace(first))]


def _passes(name: bytes) -> bool:
    """Whether a header goes on as the caller wrote it.

    WSGI reads `X_Forwarded_For` as `X-Forwarded-For`, so either spelling of what we say ourselves is dropped.
    """
    plain = name.replace(b"_", b"-")
    if plain in _OURS or name in {b"host", b"traceparent", b"via", b"content-length", b"expect"}:
        return False
    return _TOKEN.fullmatch(name) is not None and not name.startswith(_HANDSHAKE)


def _forwarding(scope: Scope, first: Mapping[bytes, bytes], target: Target) -> Headers:
    client = scope.get("client")
    address = str(client[0]) if client else "unknown"
    scheme: str = {"ws": "http", "wss": "https"}.get(scope["scheme"]) or scope["scheme"]
    host = first.get(b"host", b"")
    known: Mapping[bytes, bytes] = first if target.trusts_forwarded else {}
    server = scope.get("server")
    port = str(server[1]).encode() if server and server[1] else b""
    element = f"for={_node(address)};host={_quoted(host)};proto={scheme}".encode("latin-1")
    via = b"%s %s" % (str(scope.get("http_version", "1.1")).encode(), target.pseudonym)
    said: Headers = [
        (b"x-forwarded-for", _joined(known.get(b"x-forwarded-for"), address.encode("latin-1", "replace"))),
        (b"x-forwarded-host", known.get(b"x-forwarded-host", host)),
        (b"x-forwarded-proto", known.get(b"x-forwarded-proto", scheme.encode())),
        (b"forwarded", _joined(known.get(b"forwarded"), element)),
        (b"via", _joined(first.get(b"via"), via)),
    ]
    if port:
        said.append((b"x-forwarded-port", known.get(b"x-forwarded-port", port)))
    if b"x-forwarded-prefix" in known:
        said.append((b"x-forwarded-prefix", known[b"x-forwarded-prefix"]))
    return said


def _first_values(headers: Headers) -> dict[bytes, bytes]:
    """Lists are joined, as they may be split over lines."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        is_list = name in {b"x-forwarded-for", b"forwarded", b"via"}
        found[name] = b"%s, %s" % (found[name], value) if name in found and is_list else found.get(name, value)
    return found


def _joined(before: bytes | None, added: bytes) -> bytes:
    return b"%s, %s" % (before, added) if before else added


def _node(address: str) -> str:
    """An address as RFC 7239 writes it: what has a colon stands in brackets and quotes."""
    if ":" in address:
        return f'"[{address}]"'
    return address if _NODE.fullmatch(address) else _quoted(address.encode())


def _quoted(value: bytes) -> str:
    text = "".join(chr(one) for one in value if 0x20 <= one < 0x7F)  # noqa: PLR2004 - printable ASCII
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _trace(first: Mapping[bytes, bytes]) -> bytes:
    """The caller's trace, or a new one that nobody has sampled."""
    given = first.get(b"traceparent", b"")
    if _TRACEPARENT.fullmatch(given):
        return given
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00".encode()
