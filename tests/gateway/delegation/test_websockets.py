"""WebSockets through the strangler, spoken by a client that we did not write."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.gateway.delegation.conftest import Served


def talk(
    served: Served, path: str, work: Callable[[aiohttp.ClientWebSocketResponse], Coroutine[None, None, None]]
) -> None:
    async def main() -> None:
        async with (
            asyncio.timeout(10),
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{served.url}{path}", protocols=("other", "chat"), max_msg_size=0) as socket,
        ):
            await work(socket)

    asyncio.run(main())


def test_messages_pass_both_ways(front: Served) -> None:
    async def work(socket: aiohttp.ClientWebSocketResponse) -> None:
        assert socket.protocol == "chat"
        heard = await socket.receive_json()
        assert heard["x-forwarded-for"] == "127.0.0.1"
        assert heard["x-forwarded-proto"] == "http"
        await socket.send_str("żółw")
        assert await socket.receive_str() == "ŻÓŁW"
        await socket.send_bytes(b"abc")
        assert await socket.receive_bytes() == b"cba"
        await socket.send_bytes(b"x" * 1_000_000)
        assert len(await socket.receive_bytes()) == 1_000_000

    talk(front, "/socket?a=b", work)


def test_the_code_of_a_close_comes_through(front: Served) -> None:
    async def work(socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.receive_json()
        await socket.send_str("close")
        message = await socket.receive()
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert (message.data, message.extra) == (4001, "as you wish")

    talk(front, "/socket", work)


def test_a_refused_handshake_is_refused_with_the_same_status(front: Served) -> None:
    async def work(_: aiohttp.ClientWebSocketResponse) -> None:
        pytest.fail("there is no socket")

    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        talk(front, "/socket?deny=1", work)
    assert caught.value.status == 401
    assert caught.value.headers is not None
    assert caught.value.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize("path", ["/health", "/x"], ids=["ours", "theirs"])
def test_a_path_without_websocket_opens_none(front: Served, path: str) -> None:
    async def work(_: aiohttp.ClientWebSocketResponse) -> None:
        pytest.fail("there is no socket")

    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        talk(front, path, work)
    assert caught.value.status >= 400


def test_a_host_that_is_away_is_a_bad_gateway(serve: Callable[..., Served]) -> None:
    async def work(_: aiohttp.ClientWebSocketResponse) -> None:
        pytest.fail("there is no socket")

    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        talk(serve({"url": "http://127.0.0.1:1"}), "/socket", work)
    assert caught.value.status == 502
