"""Who may ask: tokens, and pages of other sites that try to talk to a registry on the loopback."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from protogate.serving import LOOPBACK, digest, host_name, is_same_origin, knows
from registry.server.failures import failure_reply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from registry.server.http import Reply

__all__ = ["Guard", "Headers"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CHALLENGE = (b"www-authenticate", b'Basic realm="protogate registry", charset="UTF-8"')
_TYPES = ("application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json")
_ACCEPTED_TYPES = frozenset({*_TYPES, "application/octet-stream", ""})


class Headers:
    """The request headers that matter here, found in one walk."""

    __slots__ = ("accept", "authorization", "content_length", "content_type", "host", "origin")

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self.accept = self.authorization = self.content_type = self.host = self.origin = b""
        self.content_length = 0
        for name, value in raw:
            if name == b"host":
                self.host = value
            elif name == b"accept":
                self.accept = value
            elif name == b"authorization":
                self.authorization = value
            elif name == b"content-type":
                self.content_type = value
            elif name == b"origin":
                self.origin = value
            elif name == b"content-length":
                self.content_length = int(value) if value.isdigit() else 0


class Guard:
    """Lets a request pass or says why not.

    Without tokens only the loopback is served, and only under a name of the loopback: a page whose host name was made
    to point to 127.0.0.1 is refused.
    """

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._digests = tuple(digest(token.encode()) for token in tokens)

    def refusal(self, method: str, headers: Headers) -> Reply | None:
        """The answer to a request that may not pass."""
        if self._digests:
            if knows(self._digests, _token(headers.authorization)) < 0:
                return failure_reply(
                    401, 401, "a token is needed, as bearer or as the password of basic", (_CHALLENGE,)
                )
        elif headers.host and host_name(headers.host) not in LOOPBACK:
            return failure_reply(403, 403, "without tokens only requests to a loopback name are answered")
        if method in _SAFE:
            return None
        if headers.origin and not is_same_origin(headers.origin, headers.host):
            return failure_reply(403, 403, "pages of other sites may not change anything here")
        if method == "DELETE" or _media_type(headers.content_type) in _ACCEPTED_TYPES:
            return None
        return failure_reply(415, 415, f"send JSON: content-type one of {', '.join(_TYPES)}")


def _token(authorization: bytes) -> bytes:
    scheme, _, given = authorization.partition(b" ")
    given = given.strip()
    match scheme.lower():
        case b"bearer":
            return given
        case b"basic":
            try:
                return b64decode(given, validate=True).partition(b":")[2]
            except binascii.Error:
                return b""
        case _:
            return b""


def _media_type(content_type: bytes) -> str:
    return content_type.partition(b";")[0].decode("latin-1").strip().lower()
