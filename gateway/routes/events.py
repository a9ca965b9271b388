"""The events: as a list, as server-sent events, and over a WebSocket. An event looks the same in all three."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotations of endpoints
from starlette.responses import Response

from gateway._gen.events.v1.events_models import ListEventsRequest, StreamEventsRequest
from gateway._gen.events.v1.events_routes import ROUTES
from gateway.hub import HubClosedError, Wanted, event_document, read_wanted
from protogate.cqrs.errors import CqrsError
from protogate.http.binding import bind
from protogate.http.problems import problem_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gateway.hub import Hub, Listener
    from gateway.security import Access
    from protogate.http import Runtime

__all__ = ["EventSocket", "events_router"]

_LIST, _STREAM = ROUTES
_PAGE: Final = 1000
_LAST_POSITION: Final = 2**63 - 1
"""That a database can count; the contract can say twice as much."""
_LONGEST_POSITION: Final = 20
"""Digits: of 2**64."""
_RETRY_MS: Final = 2000
"""After which a browser that lost the stream asks again."""
_AGAIN: Final = 0.5
"""Seconds until a listener asks a store again that could not answer."""
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_TOO_SLOW: Final = 1013
"""Of a WebSocket: try again later."""
_GOING_AWAY: Final = 1001
_REFUSED: Final = 1008
_LAST_WORD: Final = 1.0
"""Seconds for telling a client why it is dropped."""
_HEARTBEAT: Final = b": ping\n\n"


def events_router(runtime: Runtime, hub: Hub, heartbeat: float) -> APIRouter:
    """Serve the list and the stream."""
    router = APIRouter()

    async def list_events(request: Request) -> Response:
        asked = bind(_LIST, {}, request.query_params, None)
        if not isinstance(asked, ListEventsRequest):
            raise TypeError(_LIST.request)
        wanted = Wanted.of(asked.category, [asked.aggregate_id])
        events, _ = await read_wanted(
            hub.store, wanted, hub.categories, min(asked.after, _LAST_POSITION), 0, asked.limit or _PAGE
        )
        return Response(b"[%b]" % b",".join(map(event_document, events)), media_type="application/json")

    async def stream_events(request: Request) -> Response:
        resumed = request.headers.get("last-event-id", "")
        if resumed and not (resumed.isascii() and resumed.isdecimal() and len(resumed) <= _LONGEST_POSITION):
            raise HTTPException(400, f"Last-Event-ID {resumed[:40]!r} is no position; send the last id of the stream")
        wanted, after = _asked_of(request.query_params)
        if hub.is_closed:
            raise HTTPException(503, "The server ends; ask another one.", {"Retry-After": "1"})
        start = int(resumed) if resumed else after or 0
        # A position that does not exist yet would stop the stream in silence: a database that was restored has less.
        return _EventStream(hub, wanted, min(start, await hub.store.position()), heartbeat)

    runtime.add_endpoint(router, _LIST, list_events)
    runtime.add_endpoint(router, _STREAM, stream_events)
    return router


class _EventStream(Response):
    """History and then the present, until either side ends."""

    def __init__(self, hub: Hub, wanted: Wanted, after: int, heartbeat: float) -> None:
        """Start after a position."""
        super().__init__()
        self._hub = hub
        self._wanted = wanted
        self._after = after
        self._heartbeat = heartbeat
        self._is_gone = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write events as they come."""
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": b""})
            return
        listener = self._hub.listen(self._wanted, self._after)
        writing = asyncio.current_task()
        watching = asyncio.create_task(self._watch(receive, writing))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": b"retry: %d\n\n" % _RETRY_MS, "more_body": True})
            with suppress(HubClosedError):
                while True:
                    frames = await _next_frames(listener, self._heartbeat)
                    await send({"type": "http.response.body", "body": frames, "more_body": True})
            await send({"type": "http.response.body", "body": b": the server ends\n\n"})
        except asyncio.CancelledError:
            # Nobody is left to read it, or whoever is does not and the server waits no longer.
            if not self._is_gone and not self._hub.is_closed:
                raise
        finally:
            watching.cancel()
            self._hub.leave(listener)

    async def _watch(self, receive: Receive, writing: asyncio.Task[None] | None) -> None:
        """End the writing when nobody is left to read it."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._is_gone = True
        if writing is not None:
            writing.cancel()


async def _next_frames(listener: Listener, heartbeat: float) -> bytes:
    try:
        return (await listener.next(heartbeat)).frames or _HEARTBEAT
    except CqrsError:
        # What was missed cannot be read now. The stream says that it lives, and asks again.
        await asyncio.sleep(_AGAIN)
        return b": the event store cannot answer, please wait\n\n"


class EventSocket:
    """`/ws`: what happens from now on, or after a position; what clients say is not listened to.

    A client that does not take what it hears is dropped, and can come back with the last position that it saw.
    """

    def __init__(self, hub: Hub, access: Access) -> None:
        """Tell what the hub hears."""
        self._hub = hub
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Talk to one client."""
        await receive()
        try:
            self._access.check(scope, "events", "read")
            wanted, after = _asked_of(QueryParams(scope["query_string"]))
            latest = await self._hub.store.position()
        except (HTTPException, RequestValidationError, CqrsError) as error:
            await send({"type": "websocket.close", "code": _REFUSED, "reason": problem_of(error).detail[:100]})
            return
        if self._hub.is_closed:
            await send({"type": "websocket.close", "code": _GOING_AWAY})
            return
        start = latest if after is None else min(after, latest)
        await send({"type": "websocket.accept"})
        listener = self._hub.listen(wanted, start)
        telling = asyncio.create_task(self._tell(listener, send))
        listener.stuck = telling.cancel
        listening = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({telling, listening}, return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                code = _TOO_SLOW if telling.cancelled() else _GOING_AWAY
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LAST_WORD):
                        await send({"type": "websocket.close", "code": code})
        except asyncio.CancelledError:
            # The server waits no longer for a client that does not take what it hears.
            if not self._hub.is_closed:
                raise
        finally:
            self._hub.leave(listener)
            for task in (telling, listening):
                task.cancel()
            await asyncio.gather(telling, listening, return_exceptions=True)

    async def _tell(self, listener: Listener, send: Send) -> None:
        with suppress(HubClosedError):
            while True:
                try:
                    batch = await listener.next()
                except CqrsError:
                    await asyncio.sleep(_AGAIN)
                    continue
                for one in batch.events:
                    await send({"type": "websocket.send", "text": one.message.decode()})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


def _asked_of(query: QueryParams) -> tuple[Wanted, int | None]:
    asked = bind(_STREAM, {}, query, None)
    if not isinstance(asked, StreamEventsRequest):
        raise TypeError(_STREAM.request)
    return Wanted.of(asked.category, asked.aggregate_ids), asked.after
