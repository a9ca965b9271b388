"""The legacy host: where it is, how long it may take, and the connections to it."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from gateway.delegation.headers import Target
from protogate.errors import UserError

if TYPE_CHECKING:
    import aiohttp
    import yarl
    from starlette.types import Scope

__all__ = ["LegacyHost", "LegacyOptions", "read_legacy_options"]

_KEEP_ALIVE: Final = 3.0
"""Seconds that an idle connection is kept: less than servers keep theirs, so none dies just as it is used."""
_LONGEST_FIELD: Final = 65_536
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


class LegacyOptions(NamedTuple):
    """What can be set."""

    url: str
    """`http://legacy:8000/base`: where paths that are not delegated go."""
    host: str = "caller"
    """The `Host` that it gets: `caller` for that of the request, `legacy` for that of the URL, or a name."""
    connect_timeout: float = 5.0
    """Seconds for a connection, the wait for a free one included."""
    read_timeout: float = 60.0
    """Seconds without a byte of the answer; event streams and WebSockets may be silent."""
    connections: int = 512
    """At the same time."""
    body_limit: int = 0
    """Bytes of a request; 0 for any number."""
    message_limit: int = 16 * 1024 * 1024
    """Bytes of a WebSocket message."""
    trusts_forwarded: bool = False
    """Whether `X-Forwarded-*` of callers is believed."""


def read_legacy_options(options: LegacyOptions) -> LegacyOptions:
    """Check what was set.

    Raises:
        UserError: the URL is none of HTTP, or the name of the host is none.
    """
    parts = urlsplit(options.url)
    try:
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not _HOST.fullmatch(options.host):
        raise UserError(f"--legacy-host {options.host!r}: is no name of a host; use caller, legacy or such a name")
    if not is_valid or parts.query or parts.fragment or parts.username is not None:
        raise UserError(f"--legacy-url {options.url!r}: is no address of a host; write one such as http://legacy:8000")
    return options


class Stream(Protocol):
    """Something that would go on for ever."""

    def end(self) -> None:
        """End it."""


class LegacyHost:
    """Connections to the legacy host, opened when the first is needed."""

    def __init__(self, options: LegacyOptions) -> None:
        """Know where it is."""
        self.options = read_legacy_options(options)
        parts = urlsplit(options.url)
        self._base = parts.path.rstrip("/")
        self._origin = f"{parts.scheme}://{parts.netloc}"
        host = {"caller": "", "legacy": parts.netloc}.get(options.host, options.host)
        # The pseudonym is ours alone, so a request that comes back is known.
        self.target = Target(host, options.trusts_forwarded, f"protogate-{secrets.token_hex(4)}".encode())
        self._session: aiohttp.ClientSession | None = None
        self._streams: set[Stream] = set()
        self._is_ending = False

    def add_stream(self, stream: Stream) -> None:
        """Know of an event stream, to end it when the server ends."""
        self._streams.add(stream)
        if self._is_ending:
            stream.end()

    def drop_stream(self, stream: Stream) -> None:
        """Forget an event stream that has ended."""
        self._streams.discard(stream)

    def end_streams(self) -> None:
        """End all event streams, and those that still begin."""
        self._is_ending = True
        for stream in tuple(self._streams):
            stream.end()

    def url(self, scope: Scope) -> yarl.URL:
        """Where a request goes, its path and query byte by byte as the caller wrote them.

        Raises:
            ValueError: the target is no path.
        """
        import yarl  # noqa: PLC0415 - only where there is a legacy host

        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        if not raw.startswith(b"/"):
            # Behind the address of the host, `@elsewhere/` would make it a password and lead elsewhere.
            raise ValueError(f"the path {raw[:40]!r} does not begin with a slash")
        query: bytes = scope.get("query_string", b"")
        path = _as_ascii(raw.partition(b"?")[0])
        return yarl.URL(f"{self._origin}{self._base}{path}{'?' if query else ''}{_as_ascii(query)}", encoded=True)

    def returns(self, scope: Scope) -> bool:
        """Whether a request has been here before: the legacy URL leads back to us."""
        return any(name == b"via" and self.target.pseudonym in value for name, value in scope["headers"])

    def session(self) -> aiohttp.ClientSession:
        """The pool of connections."""
        if self._session is None:
            import aiohttp  # noqa: PLC0415 - as above

            options = self.options
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=options.connections, keepalive_timeout=_KEEP_ALIVE),
                timeout=aiohttp.ClientTimeout(total=None, connect=options.connect_timeout),
                # What the legacy host answers is passed on as it is.
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                max_line_size=_LONGEST_FIELD,
                max_field_size=_LONGEST_FIELD,
                requote_redirect_url=False,
            )
        return self._session

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _as_ascii(raw: bytes) -> str:
    """Bytes of a request line; what would end it, and what is no ASCII, is written in percent."""
    return "".join(chr(one) if 0x20 < one < 0x7F and one != 0x23 else f"%{one:02X}" for one in raw)  # noqa: PLR2004 - printable ASCII
