"""The ASGI application: guard, cache, routes, threads."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from protogate.errors import InternalError
from registry.errors import InvalidSubjectError, StoreError
from registry.server.failures import failure_reply, reply_of
from registry.server.guard import Guard, Headers
from registry.server.http import JSON, REGISTRY_JSON, Call, Reply, parse_query, split_path
from registry.server.lookups import context_in
from registry.server.routes import ROUTES
from registry.server.routing import Router, Work
from registry.server.threads import Crew

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence

    from registry.ports import Store
    from registry.server.desk import Desk
    from registry.server.routing import Route

    _Step = Callable[[], Reply]
    _Job = Callable[[], Reply | _Step]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["DEFAULT_BODY_LIMIT", "RegistryApp"]

Outcome = TypeVar("Outcome")

DEFAULT_BODY_LIMIT = 16 << 20
"""Bytes of a request: the descriptors of 1,000 messages take half a megabyte."""
_OK = 200
_CONTEXT_PARTS = 2
_READERS = 4
_READS_AT_ONCE = 4
_WRITES_AT_ONCE = 64
_PATIENCE = 1.5
"""Seconds for the threads to finish, behind the three that requests have; the process has five in all."""
_OPEN_PATHS = frozenset({b"/livez", b"/readyz"})
_CACHED_ANSWERS = 4096
_CACHED_BYTES = 32 << 20
_LARGEST_CACHED = 64 << 10
"""Bytes; larger answers are rare and would crowd out the others."""


class RegistryApp:
    """Answers the requests of one server process."""

    def __init__(
        self,
        desk: Desk,
        *,
        tokens: Iterable[str] = (),
        page: Mapping[str, Reply] | None = None,
        body_limit: int = DEFAULT_BODY_LIMIT,
    ) -> None:
        self._desk = desk
        self._guard = Guard(tokens)
        self._page = page or {}
        self._body_limit = body_limit
        self._router = Router(ROUTES)
        self._cache = _Cache(desk.store)
        self._readers: Crew[_Job, Reply | _Step] | None = None
        self._writer: Crew[_Step, Reply] | None = None
        self._in_preparation = 0
        self.is_idle = True
        """Whether no thread works with the store, so that it may be closed."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = Headers(scope["headers"])
        try:
            reply = await self._reply(scope, receive, headers)
        except Exception as error:  # noqa: BLE001 - the edge: no client ever sees a traceback
            reply = reply_of(error)
        await _send(send, reply, headers)

    async def _reply(self, scope: Message, receive: Receive, headers: Headers) -> Reply:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        raw = scope["raw_path"]
        refused = None if _is_open(raw) else self._guard.refusal(method, headers)
        if refused is not None:
            return refused
        cached = self._cache.get((raw, scope["query_string"])) if method == "GET" else None
        if cached is not None:
            return cached
        segments = split_path(raw)
        if segments is None:
            return failure_reply(400, 400, "the path is no UTF-8")
        if method == "GET" and (page := self._page_reply(segments, raw, headers)) is not None:
            return page
        return await self._routed(method, segments, scope, receive, headers)

    async def _routed(
        self, method: str, segments: tuple[str, ...], scope: Message, receive: Receive, headers: Headers
    ) -> Reply:
        try:
            context, segments = _split_context(segments)
        except InvalidSubjectError as error:
            return reply_of(error)
        found = self._router.find(segments)
        if found is None:
            return failure_reply(404, 404, "HTTP 404 Not Found")
        route = found.routes.get(method)
        if route is None:
            allow = ", ".join(sorted(found.routes)).encode()
            return failure_reply(405, 405, "HTTP 405 Method Not Allowed", ((b"allow", allow),))
        body = await _read_body(receive, headers, self._body_limit)
        if body is None:
            return failure_reply(413, 42209, f"the request is larger than {self._body_limit:,} bytes")
        call = Call(method, found.params, parse_query(scope["query_string"]), body, context)
        return await self._run(route, call, (scope["raw_path"], scope["query_string"]))

    async def _run(self, route: Route, call: Call, key: tuple[bytes, bytes]) -> Reply:
        job = partial(route.handler, self._desk, call)
        if self._readers is None or self._writer is None:
            raise InternalError("the application was not started: run it with lifespan on")
        if route.work is Work.WRITE:
            return await self._writer.submit(partial(_finish, job))
        if route.work is Work.PREPARED:
            return await self._prepare(job, self._readers, self._writer)
        stamp = self._cache.stamp
        reply = _finished(await self._readers.submit(job))
        if call.method == "GET" and key[0] not in _OPEN_PATHS:
            self._cache.put(key, reply, stamp)
        return reply

    async def _prepare(self, job: _Job, readers: Crew[_Job, Reply | _Step], writer: Crew[_Step, Reply]) -> Reply:
        self._in_preparation += 1
        try:
            prepared = await readers.submit(job)
        finally:
            self._in_preparation -= 1
        return prepared if isinstance(prepared, Reply) else await writer.submit(prepared)

    def _page_reply(self, segments: Sequence[str], raw: bytes, headers: Headers) -> Reply | None:
        if not segments:
            wants_page = bool(self._page) and b"text/html" in headers.accept
            return Reply(307, b"", headers=((b"location", b"/ui/"),)) if wants_page else None
        if segments[0] != "ui":
            return None
        if len(segments) == 1 and not raw.endswith(b"/"):
            return Reply(307, b"", headers=((b"location", b"/ui/"),))
        return self._page.get("/".join(segments[1:])) or failure_reply(404, 404, "HTTP 404 Not Found")

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._start()
                await send({"type": "lifespan.startup.complete"})
            else:
                self._stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _start(self) -> None:
        self.is_idle = False
        self._readers = Crew("registry-read", _run_each, threads=_READERS, batch=_READS_AT_ONCE)
        self._writer = Crew(
            "registry-write",
            self._commit_together,
            threads=1,
            batch=_WRITES_AT_ONCE,
            # Whoever comes a little later shares the commit instead of waiting for the next one.
            expects_more=lambda: self._in_preparation > 0,
        )

    def _stop(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        crews = [crew for crew in (self._readers, self._writer) if crew is not None]
        self._readers = self._writer = None
        for crew in crews:
            crew.stop()
        self.is_idle = all(crew.has_ended(deadline) for crew in crews)

    def _commit_together(self, steps: Sequence[_Step]) -> list[Reply]:
        """Run writes in one transaction: one commit, which is one wait for the disk."""
        store = self._desk.store
        replies: list[Reply] = []
        try:
            with store.transaction():
                replies.extend(_outcome(partial(_inside, store, step)) for step in steps)
        except Exception as error:  # noqa: BLE001 - nothing of what succeeded was kept: each of them is told so
            failed = reply_of(error)
            return [reply if reply.status != _OK else failed for reply in replies] or [failed] * len(steps)
        return replies


class _Cache:
    """Answers to reads, as long as nobody has written since: any process, not only this one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._answers: dict[tuple[bytes, bytes], Reply] = {}
        self._bytes = 0
        self.stamp: int | None = None

    def get(self, key: tuple[bytes, bytes]) -> Reply | None:
        """The answer, if it still holds."""
        try:
            stamp = self._store.stamp()
        except StoreError:
            # The read itself will say what is wrong.
            stamp = None
        if stamp is None or stamp != self.stamp:
            self._forget()
            self.stamp = stamp
            return None
        return self._answers.get(key)

    def put(self, key: tuple[bytes, bytes], reply: Reply, stamp: int | None) -> None:
        """Remember an answer that was read when the store had this stamp."""
        if stamp is None or stamp != self.stamp or reply.status != _OK or len(reply.body) > _LARGEST_CACHED:
            return
        if len(self._answers) >= _CACHED_ANSWERS or self._bytes > _CACHED_BYTES:
            self._forget()
        self._answers[key] = reply
        self._bytes += len(reply.body)

    def _forget(self) -> None:
        self._answers.clear()
        self._bytes = 0


def _is_open(raw: bytes) -> bool:
    """Probes learn nothing, and the page asks for a token itself before it shows anything."""
    return raw in _OPEN_PATHS or raw == b"/ui" or raw.startswith(b"/ui/")


def _finish(job: _Job) -> Reply:
    return _finished(job())


def _finished(outcome: Reply | _Step) -> Reply:
    return outcome if isinstance(outcome, Reply) else outcome()


def _inside(store: Store, step: _Step) -> Reply:
    with store.transaction():
        return step()


def _outcome(job: Callable[[], Outcome]) -> Outcome | Reply:
    try:
        return job()
    except Exception as error:  # noqa: BLE001 - the edge: every failure becomes an answer
        return reply_of(error)


def _run_each(jobs: Sequence[_Job]) -> list[Reply | _Step]:
    return [_outcome(job) for job in jobs]


def _split_context(segments: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Take `/contexts/{context}` off a longer path."""
    if len(segments) > _CONTEXT_PARTS and segments[0] == "contexts":
        return context_in(segments[1]), segments[_CONTEXT_PARTS:]
    return "", segments


async def _read_body(receive: Receive, headers: Headers, limit: int) -> bytes | None:
    """The body; None when it is larger than the limit, of which no more is read than that.

    Of a client that went away in the middle nothing is taken.
    """
    if headers.content_length > limit:
        return None
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts) if len(parts) > 1 else part


async def _send(send: Send, reply: Reply, headers: Headers) -> None:
    kind = reply.content_type
    if not kind:
        # Who asks for plain JSON and not for ours, as browsers and curl users do, gets that name.
        kind = JSON if JSON in headers.accept and b"schemaregistry" not in headers.accept else REGISTRY_JSON
    sent = [(b"content-length", b"%d" % len(reply.body)), *reply.headers]
    if reply.body:
        sent.append((b"content-type", kind))
    await send({"type": "http.response.start", "status": reply.status, "headers": sent})
    await send({"type": "http.response.body", "body": reply.body})
