"""Passes a WebSocket on to the legacy host: messages both ways, close codes included."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from gateway.delegation.headers import end_to_end, request_headers

if TYPE_CHECKING:
    import aiohttp
    from starlette.types import Receive, Scope, Send

    from gateway.delegation.headers import Headers
    from gateway.delegation.legacy_host import LegacyHost

__all__ = ["WebSocketProxy"]

_LOG: Final = logging.getLogger(__name__)
_NORMAL: Final = 1000
_GOING_AWAY: Final = 1001
_BROKEN: Final = 1011
_UNSENDABLE: Final = frozenset({1004, 1005, 1006, 1015})
"""Codes that no frame may carry; they say what was not said."""


class WebSocketProxy:
    """The ASGI application that is the WebSockets of the legacy host."""

    def __init__(self, host: LegacyHost) -> None:
        """Stand for a host."""
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Open a WebSocket there, accept the one here, and pass messages on until one side closes."""
        import aiohttp  # noqa: PLC0415 - only where there is a legacy host

        await receive()
        if self._host.returns(scope):
            await _refuse(scope, send, 508, [])
            return
        try:
            legacy = await self._open(scope)
        except aiohttp.WSServerHandshakeError as error:
            await _refuse(scope, send, error.status, _raw(error.headers))
            return
        except TimeoutError:
            await _refuse(scope, send, 504, [])
            return
        except (aiohttp.ClientError, OSError, ValueError) as error:
            _LOG.warning("websocket %s: legacy host: %s", scope["path"], error)
            await _refuse(scope, send, 502, [])
            return
        try:
            headers = [one for one in end_to_end(legacy._response.raw_headers) if not _is_of_handshake(one[0])]  # noqa: SLF001 - its only way to the headers
            await send({"type": "websocket.accept", "subprotocol": legacy.protocol, "headers": headers})
            await _relay(legacy, receive, send)
        finally:
            with suppress(Exception):
                await legacy.close()

    async def _open(self, scope: Scope) -> aiohttp.ClientWebSocketResponse:
        headers = [(name.decode("ascii"), value.decode()) for name, value in request_headers(scope, self._host.target)]
        async with asyncio.timeout(self._host.options.connect_timeout + self._host.options.read_timeout):
            return await self._host.session().ws_connect(
                self._host.url(scope),
                headers=headers,
                protocols=scope.get("subprotocols", ()),
                max_msg_size=self._host.options.message_limit,
                autoclose=True,
            )


async def _relay(legacy: aiohttp.ClientWebSocketResponse, receive: Receive, send: Send) -> None:
    """Pass messages on both ways; the first side that ends ends the other."""
    out = asyncio.ensure_future(_to_legacy(legacy, receive))
    back = asyncio.ensure_future(_to_caller(legacy, send))
    try:
        done, _ = await asyncio.wait((out, back), return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if (error := task.exception()) is not None:
                _LOG.info("websocket: %s", error)
    finally:
        for task in (out, back):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _to_legacy(legacy: aiohttp.ClientWebSocketResponse, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            await legacy.close(code=_sendable(message.get("code"), _GOING_AWAY))
            return
        if message.get("text") is not None:
            await legacy.send_str(message["text"])
        elif message.get("bytes") is not None:
            await legacy.send_bytes(message["bytes"])


async def _to_caller(legacy: aiohttp.ClientWebSocketResponse, send: Send) -> None:
    import aiohttp  # noqa: PLC0415 - as above

    reason = ""
    while True:
        message = await legacy.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        else:
            if message.type is aiohttp.WSMsgType.CLOSE:
                reason = str(message.extra or "")
            break
    broken = legacy.close_code is None or legacy.close_code == 1006  # noqa: PLR2004 - there was no close frame
    code = _BROKEN if broken else _sendable(legacy.close_code, _NORMAL)
    await send({"type": "websocket.close", "code": code, "reason": reason})


async def _refuse(scope: Scope, send: Send, status: int, headers: Headers) -> None:
    """Answer the handshake with a status, where the server lets us."""
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": _BROKEN})


def _raw(headers: Any) -> Headers:  # noqa: ANN401 - a multi-dictionary, or None
    """Headers of an answer without its body."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return [one for one in end_to_end(pairs) if one[0] not in {b"content-length", b"content-encoding"}]


def _is_of_handshake(name: bytes) -> bool:
    return name.startswith(b"sec-websocket-")


def _sendable(code: int | None, otherwise: int) -> int:
    return otherwise if code is None or code in _UNSENDABLE else code
