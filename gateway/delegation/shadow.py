"""Runs a slice beside the legacy application and holds the two answers against each other.

Nothing of it reaches the caller: it runs after the request has been passed on, in a task of its own, as often as there
is room, and whatever goes wrong in it is an observation.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from gateway.delegation.dry_run import dry_run
from gateway.delegation.masking import MASK, masked_query, shown
from gateway.delegation.parity import Observation
from protogate.comparison import Comparison, Difference, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Scope

    from gateway.delegation.headers import Headers
    from gateway.delegation.routing import Hit

__all__ = [
    "STATUS",
    "Answer",
    "NotComparableError",
    "ShadowLimits",
    "ShadowRun",
    "Shadows",
    "differences_of",
    "request_text",
]

_LOG: Final = logging.getLogger(__name__)
_LARGEST: Final = 1024 * 1024
"""Bytes of a body that is compared."""
_NOT_COPIED: Final = frozenset({
    # A slice has nothing to do with what a cache of the legacy application's answers knows.
    b"if-none-match",
    b"if-modified-since",
    b"if-range",
    b"range",
    b"accept-encoding",
    # One key is one command: a dry run must neither find nor take it.
    b"idempotency-key",
})  # fmt: skip
STATUS: Final = "$status"
BODY: Final = "$body"


class ShadowLimits(NamedTuple):
    """What shadow runs may take of this process."""

    at_once: int = 32
    """Requests beyond are not compared."""
    patience: float = 10.0
    """Seconds that a slice may take."""


class Answer(NamedTuple):
    """An answer as far as it is compared."""

    status: int
    headers: Headers
    body: bytes


class Shadows:
    """Shadow runs of all slices."""

    def __init__(
        self,
        app: ASGIApp,
        rules: Mapping[str, Comparison],
        record: Callable[[Observation], None],
        *,
        principal: object = None,
        limits: ShadowLimits = ShadowLimits(),  # noqa: B008 - a frozen value
    ) -> None:
        """Run slices.

        Args:
            app: the gateway behind its guard: callers of the legacy application have no token of ours.
            rules: what may differ, by slice.
            record: keeps what was observed; must not wait.
            principal: who asks, as far as the slices are concerned.
            limits: of what all runs may take.
        """
        self.app = app
        self.principal = principal
        self.record = record
        self.patience = limits.patience
        self._rules = rules
        self._at_once = limits.at_once
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, scope: Scope, hit: Hit, window: int) -> ShadowRun | None:
        """Prepare a run beside a request that goes to the legacy application; None where nothing is to be compared."""
        rules = self._rules.get(hit.slice, Comparison())
        if hit.route.is_stream or (hit.route.side == "command" and rules.commands == "skip"):
            return None
        if scope["method"] == "HEAD":
            return None
        run = ShadowRun(self, scope, hit, window, rules)
        if len(self._tasks) >= self._at_once:
            run.skip("busy")
            return None
        task = asyncio.create_task(run.run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def aclose(self) -> None:
        """Give up what still runs."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class ShadowRun:
    """One request that both sides answer; listens to what the proxy passes on."""

    def __init__(self, shadows: Shadows, scope: Scope, hit: Hit, window: int, rules: Comparison) -> None:
        self._shadows = shadows
        self._scope = scope
        self._hit = hit
        self._window = window
        self._rules = rules
        self._request = bytearray()
        self._response = bytearray()
        self._status = 0
        self._headers: Headers = []
        self._is_asked = asyncio.Event()
        self._is_answered = asyncio.Event()
        self._excuse = ""

    def request_chunk(self, chunk: bytes, *, is_last: bool) -> None:
        """Keep a piece of the request for the slice."""
        if len(self._request) + len(chunk) > _LARGEST:
            self._give_up("too-large")
        elif not self._excuse:
            self._request += chunk
        if is_last:
            self._is_asked.set()

    def response_start(self, status: int, headers: Headers) -> None:
        """Note how the legacy application answers."""
        self._status = status
        self._headers = headers
        if status >= 500:  # noqa: PLR2004 - failures of the legacy application are nothing to live up to
            self._give_up("legacy-failed")
        elif status in {206, 304}:
            self._give_up("partial")

    def response_chunk(self, chunk: bytes) -> None:
        """Keep a piece of the answer."""
        if len(self._response) + len(chunk) > _LARGEST:
            self._give_up("too-large")
        elif not self._excuse:
            self._response += chunk

    def response_end(self, *, is_whole: bool) -> None:
        """Note that this is all."""
        if not is_whole:
            self._give_up("legacy-failed")
        self._is_answered.set()

    def skip(self, reason: str) -> None:
        """Note that nothing was compared."""
        self._shadows.record(Observation(self._hit.slice, self._hit.name, self._window, skipped=reason))

    def _give_up(self, reason: str) -> None:
        self._excuse = self._excuse or reason
        self._request.clear()
        self._response.clear()
        self._is_asked.set()
        self._is_answered.set()

    async def run(self) -> None:
        """Ask the slice, wait for the legacy application, compare."""
        try:
            await self._is_asked.wait()
            own: Answer | None = None
            if not self._excuse:
                own = await self._own_answer()
            await self._is_answered.wait()
            if self._excuse or own is None:
                self.skip(self._excuse or "legacy-failed")
                return
            legacy = Answer(self._status, self._headers, bytes(self._response))
            found = differences_of(legacy, own, self._rules)
        except NotComparableError as error:
            self.skip(str(error))
        except asyncio.CancelledError:
            self.skip("stopped")
            raise
        except Exception:  # noqa: BLE001 - a defect of ours is no reason to disturb anybody
            _LOG.exception("shadow run of %s", self._hit.name)
            self.skip("defect")
        else:
            text = request_text(self._scope, self._hit)
            self._shadows.record(Observation(self._hit.slice, self._hit.name, self._window, text, found))

    async def _own_answer(self) -> Answer:
        """What the slice answers; 504 where it takes too long, 500 where it breaks."""
        try:
            async with asyncio.timeout(self._shadows.patience):
                with dry_run():
                    return await ask(self._shadows.app, self._copied_scope(), bytes(self._request))
        except TimeoutError:
            return Answer(504, [], b"")
        except Exception as error:  # noqa: BLE001 - a slice may break in any way
            _LOG.info("shadow run of %s: %r", self._hit.name, error)
            return Answer(500, [], b"")

    def _copied_scope(self) -> Scope:
        kept = [(name, value) for name, value in self._scope["headers"] if name not in _NOT_COPIED]
        state = {**self._scope.get("state", {}), "principal": self._shadows.principal}
        return {**self._scope, "headers": kept, "state": state, "extensions": {}}


async def ask(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """Give the answer of an application to a request."""
    chunks = [body]
    status = 0
    headers: Headers = []
    answered = bytearray()

    async def receive() -> Message:
        if chunks:
            return {"type": "http.request", "body": chunks.pop(), "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError("unreachable: nothing sets the event")

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            answered.extend(message.get("body", b""))
            if len(answered) > _LARGEST:
                raise NotComparableError("too-large")

    await app(scope, receive, send)
    return Answer(status, headers, bytes(answered))


class NotComparableError(Exception):
    """One of the answers is nothing that can be compared; the text says why in a word."""


def differences_of(legacy: Answer, own: Answer, rules: Comparison) -> tuple[Difference, ...]:
    """Compare two answers: the status, then the documents if both succeeded or both have the same status.

    Raises:
        NotComparableError: one of them cannot be read.
    """
    if legacy.status != own.status:
        return (Difference(STATUS, "value", legacy.status, own.status),)
    if legacy.status >= 400:  # noqa: PLR2004 - how a refusal is worded is nobody's contract; that it is one is
        return ()
    body = _decoded(legacy)
    if body == own.body:
        return ()
    ours, theirs = _is_json(own), _is_json(legacy)
    if not (ours and theirs):
        return (Difference(BODY, "type", _media_type(legacy), _media_type(own)),) if ours != theirs else (_bodies(),)
    try:
        one, two = orjson.loads(body), orjson.loads(own.body)
    except orjson.JSONDecodeError:
        return (_bodies(),)
    try:
        return compare(one, two, rules)
    except RecursionError:
        raise NotComparableError("too-deep") from None


def _bodies() -> Difference:
    return Difference(BODY, "value", MASK, MASK)


def _is_json(answer: Answer) -> bool:
    kind = _media_type(answer)
    return kind == "application/json" or kind.endswith("+json")


def _media_type(answer: Answer) -> str:
    found = next((value for name, value in answer.headers if name.lower() == b"content-type"), b"")
    return found.partition(b";")[0].strip().lower().decode("latin-1")


def _decoded(answer: Answer) -> bytes:
    """A body without its content coding."""
    coding = next((value for name, value in answer.headers if name.lower() == b"content-encoding"), b"").strip().lower()
    if coding in {b"", b"identity"}:
        return answer.body
    if coding not in {b"gzip", b"x-gzip", b"deflate"}:
        raise NotComparableError("encoding")
    reader = zlib.decompressobj(wbits=47)  # of gzip or of zlib, whichever it turns out to be
    try:
        body = reader.decompress(answer.body, _LARGEST)
    except zlib.error:
        raise NotComparableError("encoding") from None
    if reader.unconsumed_tail:
        raise NotComparableError("too-large")
    return body


def request_text(scope: Scope, hit: Hit) -> str:
    """A request as examples show it."""
    query = scope.get("query_string", b"").decode("latin-1")
    return shown(f"{hit.route.verb} {scope['path']}{'?' if query else ''}{masked_query(query)}")
