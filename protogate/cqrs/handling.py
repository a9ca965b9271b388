"""How commands are carried out: a handler decides, the runtime commits, retries and remembers the answer.

A handler never writes. It reads what it needs through its context and returns a `Decision`: events, and how the answer
is made of them once they are stored. So it can be run again when somebody else was faster, and it can be tested without
a store. Nothing here knows HTTP; generated routers turn requests into `Call`s and answers into responses.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from protogate.cqrs.errors import ConflictError, CqrsError, UnknownAggregateError
from protogate.cqrs.messages import Append, Commit, Committed, Expectation, IdempotencyKey, NewEvent, split_stream
from protogate.cqrs.replay import Fold, Loaded, load, snapshot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from protogate.cqrs.messages import Answer, Claim, Expected, Outgoing, StoredEvent
    from protogate.cqrs.ports import EventStore

__all__ = ["Call", "CommandRuntime", "Context", "Decision", "KeyInFlightError"]

State = TypeVar("State")
Response = TypeVar("Response")

_TRIES: Final = 8
"""How often a command is decided again when others were faster and its caller expects no version."""
_KEY_LIFE_US: Final = 24 * 3600 * 1_000_000
"""A day, as long as callers may want to try again."""
_SNAPSHOT_EVERY: Final = 100
"""Events that may be replayed before a command leaves a snapshot behind."""


class KeyInFlightError(CqrsError):
    """A command with this key is being carried out right now; ask again."""

    def __init__(self, key: str, retry_after: float = 1.0) -> None:
        """Say which key, and after how many seconds to ask again."""
        super().__init__(f"idempotency key {key!r}: the first command with it is not done yet; ask again")
        self.retry_after = retry_after


class Call(NamedTuple):
    """What came with a request beside its body."""

    route: str
    """Of the contract: `POST /commands/user/create`; with the principal the scope of the key."""
    fingerprint: bytes = b""
    """A digest of path and body."""
    key: str = ""
    """The idempotency key; empty without one."""
    expected: Expected = Expectation.ANY
    """What the caller says of the aggregate: `If-Match`, `expected_version`."""
    principal: str = ""
    metadata: Mapping[str, Any] = {}
    """Goes into the metadata of each event: `correlation_id`, `traceparent`, `actor`."""


class Decision(NamedTuple, Generic[Response]):
    """What a command does, before it is done."""

    appends: tuple[Append, ...]
    respond: Callable[[tuple[StoredEvent, ...], int], Response]
    """Makes the response of the events as stored and the position of the last one. Pure."""
    outgoing: tuple[Outgoing, ...] = ()
    claims: tuple[Claim, ...] = ()


class Context:
    """What a handler may read and know; one for each try."""

    def __init__(self, store: EventStore, call: Call, now_us: int) -> None:
        """Start a try at a moment."""
        self.call = call
        self.now_us = now_us
        self._store = store
        self._loaded: dict[str, tuple[Fold[Any], Loaded[Any]]] = {}

    async def load(self, stream: str, fold: Fold[State]) -> Loaded[State]:
        """An aggregate as it is now; version 0 without events. Once for each try."""
        if stream not in self._loaded:
            self._loaded[stream] = fold, await load(self._store, stream, fold)
        loaded: Loaded[State] = self._loaded[stream][1]
        return loaded

    async def existing(self, stream: str, fold: Fold[State]) -> Loaded[State]:
        """An aggregate that has events.

        Raises:
            UnknownAggregateError: it has none.
        """
        loaded = await self.load(stream, fold)
        if not loaded.version:
            raise UnknownAggregateError(*split_stream(stream))
        return loaded

    def append(self, stream: str, *events: NewEvent) -> Append:
        """Events for a stream, on the condition that it still is as it was loaded, or as the caller expects it."""
        expected = self.call.expected
        if stream in self._loaded:
            version = self._loaded[stream][1].version
            if expected is not Expectation.ANY and expected is not Expectation.EXISTS and expected != version:
                # Let the store say so: it knows the present version, which may be another one by now.
                return Append(stream, self._stamped(events), expected)
            expected = version or Expectation.ABSENT
        return Append(stream, self._stamped(events), expected)

    def append_new(self, stream: str, *events: NewEvent) -> Append:
        """Events for a stream that must not exist yet, whatever the caller expects of others."""
        return Append(stream, self._stamped(events), Expectation.ABSENT)

    def _stamped(self, events: tuple[NewEvent, ...]) -> tuple[NewEvent, ...]:
        common = self.call.metadata
        return tuple([NewEvent(kind, data, {**common, **own}, name) for kind, data, own, name in events])

    def due_snapshots(self) -> tuple[tuple[str, Fold[Any]], ...]:
        """Streams that took long to replay."""
        return tuple(
            (stream, fold) for stream, (fold, loaded) in self._loaded.items() if loaded.replayed >= _SNAPSHOT_EVERY
        )


class CommandRuntime:
    """Carries out commands on a store."""

    def __init__(
        self,
        store: EventStore,
        *,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        tries: int = _TRIES,
        key_life_us: int = _KEY_LIFE_US,
    ) -> None:
        """Work on a store; `now_us` gives microseconds since 1970."""
        self.store = store
        self._now_us = now_us
        self._tries = tries
        self._key_life_us = key_life_us
        self._in_flight: set[tuple[str, str]] = set()

    async def execute(
        self,
        call: Call,
        decide: Callable[[Context], Awaitable[Decision[Response]]],
        encode: Callable[[Response], Answer],
    ) -> Committed:
        """Carry out one command and give what became of it, the answer included.

        Args:
            call: what came with the request.
            decide: the handler; called again when another command was faster.
            encode: turns the response into what is answered and kept with the key.

        Raises:
            KeyInFlightError: a command with this key is being carried out in this process.
            KeyReusedError: the key came before with another body.
            ConflictError: the aggregate is not as the caller expects, or others were faster too often.
            RefusedError: the handler refuses.
            StoreUnavailableError: the store cannot answer now.
        """
        if not call.key:
            return await self._decide(call, None, decide, encode)
        key = IdempotencyKey(
            f"{call.route} {call.principal}".rstrip(), call.key, call.fingerprint, self._now_us() + self._key_life_us
        )
        name = key.scope, key.key
        if name in self._in_flight:
            raise KeyInFlightError(call.key)
        self._in_flight.add(name)
        try:
            return await self._decide(call, key, decide, encode)
        finally:
            self._in_flight.discard(name)

    async def _decide(
        self,
        call: Call,
        key: IdempotencyKey | None,
        decide: Callable[[Context], Awaitable[Decision[Response]]],
        encode: Callable[[Response], Answer],
    ) -> Committed:
        for remaining in reversed(range(self._tries)):
            context = Context(self.store, call, self._now_us())
            try:
                decision = await decide(context)
            except Exception:
                # It may not be possible any more because it was done: what was answered once is answered again.
                answer = None if key is None else await self.store.known_answer(key)
                if answer is None:
                    raise
                return Committed((), await self.store.position(), answer, is_replay=True)
            try:
                # The store knows the key, if it came before; then nothing of this is written.
                committed = await self.store.commit(_commit_of(decision, key, encode))
            except ConflictError:
                if not remaining or isinstance(call.expected, int):
                    raise
                continue
            await self._leave_snapshots(context)
            return committed
        raise AssertionError("unreachable: the last try returns or raises")

    async def _leave_snapshots(self, context: Context) -> None:
        for stream, fold in context.due_snapshots():
            await snapshot(self.store, stream, fold, await load(self.store, stream, fold))


def _commit_of(
    decision: Decision[Response], key: IdempotencyKey | None, encode: Callable[[Response], Answer]
) -> Commit:
    def answer(events: tuple[StoredEvent, ...]) -> Answer:
        return encode(decision.respond(events, events[-1].position if events else 0))

    return Commit(decision.appends, key, answer, decision.outgoing, decision.claims)
