"""A small legacy application, run as a process of its own; it differs from the slices on purpose."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.websockets import WebSocket

ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]


async def echo(request: Request) -> Response:
    digest = hashlib.sha256()
    length = 0
    async for chunk in request.stream():
        digest.update(chunk)
        length += len(chunk)
    return JSONResponse(
        {
            "method": request.method,
            "target": request.scope["raw_path"].decode(),
            "query": request.scope["query_string"].decode(),
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers.raw],
            "length": length,
            "sha256": digest.hexdigest(),
        }
    )


async def user(request: Request) -> Response:
    name = request.path_params["id"]
    if name == "gone":
        return JSONResponse({"error": "no such user"}, 404)
    if name == "broken":
        return JSONResponse({"error": "oops"}, 500)
    document = {"id": name, "email": f"{name}@legacy.example", "active": True, "version": 1, "by": "legacy"}
    return zipped_json(document) if name == "zipped" else JSONResponse(document)


async def zipped(_: Request) -> Response:
    return zipped_json({"zipped": True})


def zipped_json(document: dict[str, object]) -> Response:
    body = gzip.compress(json.dumps(document).encode())
    return Response(body, headers={"content-encoding": "gzip"}, media_type="application/json")


async def change(request: Request) -> Response:
    return JSONResponse({"by": "legacy", "path": request.url.path, "body": (await request.body()).decode()})


async def events(_: Request) -> Response:
    async def frames() -> AsyncIterator[bytes]:
        for number in range(1000):
            yield b"id: %d\ndata: tick\n\n" % number
            await asyncio.sleep(0.3)

    return StreamingResponse(frames(), media_type="text/event-stream")


async def big(request: Request) -> Response:
    size = int(request.query_params["mb"])

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(size * 16):
            yield b"x" * 65536

    return StreamingResponse(pieces(), media_type="application/octet-stream")


async def moved(_: Request) -> Response:
    response = RedirectResponse("http://elsewhere.example/there?a=b", 302)
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


async def slow(request: Request) -> Response:
    await asyncio.sleep(float(request.query_params["s"]))
    return JSONResponse({"slept": True})


async def hops(_: Request) -> Response:
    return Response("ok", headers={"connection": "X-Hop", "x-hop": "1", "keep-alive": "timeout=5", "x-end": "1"})


async def socket(websocket: WebSocket) -> None:
    if "deny" in websocket.query_params:
        await websocket.send_denial_response(Response("no", 401, {"www-authenticate": "Basic"}))
        return
    chosen = "chat" if "chat" in websocket.scope["subprotocols"] else None
    await websocket.accept(subprotocol=chosen, headers=[(b"x-legacy", b"yes")])
    await websocket.send_json({name: value for name, value in websocket.headers.items() if "forwarded" in name})
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("text") == "close":
            await websocket.close(4001, "as you wish")
            return
        if message.get("text") is not None:
            await websocket.send_text(message["text"].upper())
        else:
            await websocket.send_bytes(message["bytes"][::-1])


app = Starlette(
    routes=[
        Route("/queries/user/{id}", user, methods=["GET", "HEAD"]),
        Route("/commands/user/create", change, methods=["POST"]),
        Route("/commands/user/{id}/deactivate", change, methods=["POST"]),
        Route("/zipped", zipped),
        Route("/sse", events),
        Route("/big", big),
        Route("/moved", moved),
        Route("/slow", slow),
        Route("/hops", hops),
        WebSocketRoute("/socket", socket),
        Route("/{path:path}", echo, methods=ALL),
    ]
)
