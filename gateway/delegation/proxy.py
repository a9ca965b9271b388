"""Passes a request on to the legacy host, and its answer back, piece by piece as they come."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from gateway.delegation.headers import FramingError, check_framing, end_to_end, request_headers
from protogate.http.problems import Problem, problem_response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Message, Receive, Scope, Send

    from gateway.delegation.headers import Headers
    from gateway.delegation.legacy_host import LegacyHost

__all__ = ["Listener", "Proxy"]

_LOG: Final = logging.getLogger(__name__)
_WITHOUT_BODY: Final = frozenset({204, 304})
_EVENT_STREAM: Final = b"text/event-stream"


class Listener(Protocol):
    """Somebody who is told what passes. Must not wait and must not raise."""

    def request_chunk(self, chunk: bytes, *, is_last: bool) -> None:
        """A piece of the request."""

    def response_start(self, status: int, headers: Headers) -> None:
        """The answer begins."""

    def response_chunk(self, chunk: bytes) -> None:
        """A piece of the answer."""

    def response_end(self, *, is_whole: bool) -> None:
        """The answer has ended, or broke off."""


class Proxy:
    """The ASGI application that is the legacy host, seen from here."""

    def __init__(self, host: LegacyHost) -> None:
        """Stand for a host."""
        self.host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send, *, listener: Listener | None = None) -> None:
        """Answer a request with what the legacy host answers, or with a problem document where it does not."""
        problem = self._refusal(scope)
        if problem is not None:
            if listener is not None:
                listener.response_end(is_whole=False)
            await problem_response(problem, scope["path"])(scope, receive, send)
            return
        await _Exchange(self.host, scope, receive, send, listener).run()

    def _refusal(self, scope: Scope) -> Problem | None:
        try:
            check_framing(scope["headers"])
        except FramingError as error:
            return Problem(400, "bad-framing", "Where does the request end?", str(error), headers=_CLOSE)
        if not (scope.get("raw_path") or b"/").startswith(b"/"):
            return Problem(400, "http-400", "Bad Request", "The target is no path.")
        if scope["method"] == "CONNECT":
            return Problem(405, "http-405", "Method Not Allowed", "Nothing is tunnelled here.")
        if self.host.returns(scope):
            return Problem(508, "loop", "The request has come back", "The legacy URL leads to this gateway.")
        limit = self.host.options.body_limit
        length = _length(scope)
        return _too_large(limit) if limit and length is not None and length > limit else None


_CLOSE: Final = (("connection", "close"),)


class _CallerGoneError(Exception):
    """Nobody waits for the answer any more."""


class _TooLargeError(Exception):
    """The body has more bytes than are passed on."""


class _Body:
    """The body of the request, piece by piece; can be read once."""

    def __init__(self, receive: Receive, limit: int, listener: Listener | None) -> None:
        self._receive = receive
        self._limit = limit
        self._listener = listener
        self._is_begun = False
        self.is_read = asyncio.Event()
        self.is_too_large = False
        self.is_broken = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._is_begun:
            # A body that is half gone cannot be sent again over another connection.
            raise ConnectionError("the connection broke while the body was sent")
        self._is_begun = True
        seen = 0
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.is_broken = True
                raise _CallerGoneError
            chunk: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            seen += len(chunk)
            if self._limit and seen > self._limit:
                self.is_too_large = True
                raise _TooLargeError
            if self._listener is not None:
                self._listener.request_chunk(chunk, is_last=not more)
            if not more:
                self.is_read.set()
            if chunk:
                yield chunk

    async def skip(self) -> None:
        """Take note that there is none."""
        if self._listener is not None:
            self._listener.request_chunk(b"", is_last=True)
        self.is_read.set()


class _Exchange:
    """One request and its answer."""

    def __init__(self, host: LegacyHost, scope: Scope, receive: Receive, send: Send, listener: Listener | None) -> None:
        self._host = host
        self._scope = scope
        self._receive = receive
        self._send = send
        self._listener = listener
        self._body = _Body(receive, host.options.body_limit, listener)
        self._is_started = False
        self._is_ending = False
        self._timer: asyncio.Timeout | None = None

    def end(self) -> None:
        """Let an event stream end as if it were whole: its reader comes back and is served by somebody else."""
        self._is_ending = True
        if self._timer is not None:
            self._timer.reschedule(asyncio.get_running_loop().time())

    async def run(self) -> None:
        """Pass both ways until the answer has ended or the caller has gone."""
        relay = asyncio.ensure_future(self._relay())
        watch = asyncio.ensure_future(self._gone())
        try:
            await asyncio.wait((relay, watch), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (relay, watch):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            with suppress(asyncio.CancelledError):
                await relay
            self._host.drop_stream(self)

    async def _gone(self) -> None:
        """Return when the caller hangs up."""
        await self._body.is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _relay(self) -> None:
        is_whole = False
        try:
            problem = await self._pass_on()
            is_whole = problem is None
        except _CallerGoneError:
            return
        finally:
            if self._listener is not None:
                self._listener.response_end(is_whole=is_whole)
        if problem is None:
            return
        _LOG.warning("%s %s: %s", self._scope["method"], self._scope["path"], problem.detail)
        if not self._is_started:
            await problem_response(problem, self._scope["path"])(self._scope, self._receive, self._send)
        # Else the answer stays without an end, and the server breaks the connection: that is how a caller knows.

    async def _pass_on(self) -> Problem | None:
        """Ask and answer; give what went wrong with the legacy host."""
        import aiohttp  # noqa: PLC0415 - only where there is a legacy host

        try:
            await self._ask()
        except TimeoutError:
            if not self._is_ending:
                return Problem(504, "legacy-timeout", "The legacy host takes too long", "It did not answer in time.")
            await self._finish()
        except aiohttp.InvalidURL:
            return Problem(400, "http-400", "Bad Request", "The path cannot be passed on.")
        except UnicodeDecodeError:
            return Problem(400, "http-400", "Bad Request", "A header is no UTF-8.")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if self._body.is_too_large:
                return _too_large(self._host.options.body_limit)
            if self._body.is_broken:
                raise _CallerGoneError from None
            _LOG.info("legacy host: %s: %s", type(error).__name__, error)
            return Problem(
                502, "legacy-unreachable", "The legacy host does not answer", "No whole answer came from it."
            )
        return None

    async def _ask(self) -> None:
        scope = self._scope
        patience = self._host.options.read_timeout
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as timer:
            body = await self._sent_body(timer, patience)
            session = self._host.session()
            async with session.request(
                scope["method"],
                self._host.url(scope),
                headers=_texts(self._headers()),
                data=body,
                allow_redirects=False,
            ) as response:
                # The server in front of us says the date; twice would be wrong.
                headers = [one for one in end_to_end(response.raw_headers) if one[0] != b"date"]
                is_events = _value(headers, b"content-type").partition(b";")[0].strip().lower() == _EVENT_STREAM
                if response.status in _WITHOUT_BODY:
                    # A 304 may say how long the body is that it does not have; a server would wait for it.
                    headers = [one for one in headers if one[0] != b"content-length"]
                await self._start(response.status, headers)
                if is_events:
                    # These may be silent, and are ended by us alone.
                    timer.reschedule(None)
                    self._timer = timer
                    self._host.add_stream(self)
                while True:
                    if not is_events:
                        timer.reschedule(loop.time() + patience)
                    chunk = await response.content.readany()
                    if not chunk:
                        break
                    if not is_events:
                        # A slow caller is no fault of the legacy host.
                        timer.reschedule(None)
                    await self._give(chunk)
                self._timer = None
                timer.reschedule(None)
        await self._finish()

    async def _sent_body(self, timer: asyncio.Timeout, patience: float) -> Any:  # noqa: ANN401 - what aiohttp takes
        """The body, or None; the legacy host's time runs from its end."""
        loop = asyncio.get_running_loop()
        if not _has_body(self._scope):
            await self._body.skip()
            timer.reschedule(loop.time() + patience + self._host.options.connect_timeout)
            return None

        async def pieces() -> AsyncIterator[bytes]:
            async for chunk in self._body:
                yield chunk
            timer.reschedule(loop.time() + patience)

        return pieces()

    def _headers(self) -> Headers:
        headers = request_headers(self._scope, self._host.target)
        length = _length(self._scope)
        return [*headers, (b"content-length", b"%d" % length)] if length is not None else headers

    async def _start(self, status: int, headers: Headers) -> None:
        self._is_started = True
        if self._listener is not None:
            self._listener.response_start(status, headers)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _finish(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _give(self, chunk: bytes) -> None:
        if self._listener is not None:
            self._listener.response_chunk(chunk)
        message: Message = {"type": "http.response.body", "body": chunk, "more_body": True}
        await self._send(message)


def _has_body(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return b"transfer-encoding" in names or bool(_length(scope))


def _length(scope: Scope) -> int | None:
    text = _value(scope["headers"], b"content-length").strip()
    return int(text) if text.isdigit() else None


def _value(headers: Headers, wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")


def _texts(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("ascii"), value.decode()) for name, value in headers]


def _too_large(limit: int) -> Problem:
    return Problem(
        413, "body-too-large", "The body is too large", f"{limit} bytes are passed on at most.", headers=_CLOSE
    )
