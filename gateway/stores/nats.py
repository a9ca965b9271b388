"""The store in NATS JetStream: a log that is replicated over a cluster and survives the loss of a node.

Every batch of commits is one atomic batch of messages (nats-server 2.12 and later). Its first message moves a counter
and is accepted only if nobody else has moved it since it was read, so the batches of all processes go one after
another, positions have no gaps, and what a batch was decided on stays true until it is written. A process that hears no
answer asks which batch followed on the counter: its own or another one.

Subjects, below a prefix; parts that people name are written in base64url:

- `p` the counter: position, id of the batch
- `e.<category>.<aggregate>` events
- `k.<key>` idempotency keys with their answers, `c.<name>` claims, `i.<id>` ids that callers gave
- `o.<destination>` what others must hear, until they were told
- `s.<stream>` snapshots
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import orjson

from gateway.stores.batch import Known, checked_answer, decide, needs_of
from gateway.stores.rows import from_json, prepare, to_json
from gateway.stores.writer import TaskWriter
from protogate.cqrs.errors import DataError, StoreUnavailableError
from protogate.cqrs.feed import Signal, follow
from protogate.cqrs.ids import uuid_text
from protogate.cqrs.messages import Append, Commit, Expectation, Outgoing, Snapshot, StoredEvent, split_stream
from protogate.errors import UserError

try:
    import nats
    from nats.errors import Error as NatsError
    from nats.js.api import StorageType, StreamConfig
    from nats.js.errors import NotFoundError
except ImportError as error:
    raise UserError('NATS needs the Python package nats-py; try: pip install "protogate[nats]"') from error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

    from nats.aio.client import Client
    from nats.aio.msg import Msg

    from gateway.stores.batch import Decided, KeptKey, Needs
    from gateway.stores.rows import EventRow, Prepared
    from protogate.cqrs.messages import Answer, Committed, Expected, IdempotencyKey, NewEvent

__all__ = ["NatsStore"]

_EXPECTED: Final = "Nats-Expected-Last-Subject-Sequence"
_WRONG_SEQUENCE: Final = 10071
"""JetStream's code for an expectation that does not hold."""
_NO_MESSAGE: Final = 10037
_MOST_MESSAGES: Final = 1000
"""Of one atomic batch, as the server bounds it."""
_GROUP: Final = 128
"""Commits of one batch: each is a few messages."""
_TRIES: Final = 50
"""How often a batch is decided again when other processes were faster."""
_PAUSE: Final = 0.05
"""Seconds before asking a cluster again that is electing a leader."""
_POLL: Final = 1.0
"""Seconds after which whoever waits looks without a sign."""
_PAGE: Final = 500


class _Message(NamedTuple):
    """A message of an atomic batch."""

    subject: str
    data: bytes
    expected: int | None = None
    """The sequence of the last message of its subject, 0 for none; None expects nothing."""


class _Last(NamedTuple):
    """The last message of a subject."""

    sequence: int
    data: bytes


class _Counter(NamedTuple):
    """Where the log stands."""

    sequence: int
    """Of the counter's last message; 0 before the first."""
    position: int
    batch: str


class NatsStore:
    """An `EventStore` and `Outbox` in one stream of JetStream."""

    def __init__(self, client: Client, stream: str, *, now_us: Callable[[], int], patience: float) -> None:
        """Use `connect`."""
        self._log = _Log(client, stream, patience)
        self._now_us = now_us
        self._signal = Signal()
        self._is_open = True
        self._watching: Any = None
        self._writing = _Writing(self._log, now_us)
        self._writer: TaskWriter[Prepared, Committed] = TaskWriter(
            self._writing.run_batch, most=_GROUP, written=self._signal.give
        )
        self._sequences: dict[int, int] = {}

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        replicas: int = 0,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        patience: float = 5.0,
    ) -> NatsStore:
        """Connect, and make the stream where there is none.

        Args:
            url: `nats://host:4222,host2:4222/STREAM`; without a name the stream is PROTOGATE.
            replicas: copies of a new stream; 0 takes three where the cluster has three servers, else one.
            now_us: gives microseconds since 1970.
            patience: seconds to wait for an answer, elections included.

        Raises:
            UserError: no server can be reached, or the stream is another's.
        """
        parts = urlsplit(url)
        stream = parts.path.strip("/") or "PROTOGATE"
        if not stream.replace("-", "").replace("_", "").isalnum():
            raise UserError(f"{parts.scheme}://.../{stream}: name the stream with letters, digits, '-' and '_' only")
        servers = [f"{parts.scheme}://{host}" for host in parts.netloc.split(",")]
        try:
            # Once connected the client looks for a server for ever; the first time is bounded.
            async with asyncio.timeout(patience):
                client = await nats.connect(
                    servers,
                    connect_timeout=2,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.1,
                    error_cb=_ignore,
                )
        except (OSError, NatsError, TimeoutError) as error:
            said = str(error) or "no server answers"
            raise UserError(f"{','.join(servers)}: cannot connect: {said}; is the server running?") from None
        store = cls(client, stream, now_us=now_us, patience=patience)
        try:
            await _ensure_stream(client, stream, replicas, patience)
        except BaseException:
            await client.close()
            raise
        return store

    async def commit(self, commit: Commit) -> Committed:
        """Write all of a commit, or nothing."""
        prepared = prepare(commit)
        if _message_count(commit) >= _MOST_MESSAGES:
            raise DataError(f"commit: has {_message_count(commit)} parts; {_MOST_MESSAGES - 1} fit into one batch")
        return await self._writer.run(prepared)

    async def append(self, stream: str, events: Sequence[NewEvent], expected: Expected = Expectation.ANY) -> Committed:
        """Commit events for one stream."""
        return await self.commit(Commit((Append(stream, tuple(events), expected),)))

    async def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[StoredEvent, ...]:
        """Events of one stream with a version greater than `after`, oldest first."""
        newest = await self.version(stream)
        wanted = max(0, newest - after) if limit is None else min(limit, max(0, newest - after))
        if not wanted:
            return ()
        subject = self._log.event_subject(stream)
        while True:
            found = [event async for event in self._events(subject, 1) if event.version > after]
            # A replica may be behind the leader, who has told us how far the stream is.
            if len(found) >= wanted:
                return tuple(found[:wanted])
            await asyncio.sleep(_PAUSE)

    async def version(self, stream: str) -> int:
        """The version of a stream; 0 when it has no events."""
        self._check_open()
        last = await self._log.last(self._log.event_subject(stream))
        return int(orjson.loads(last.data)["version"]) if last else 0

    async def read_all(
        self, *, after: int = 0, limit: int = 1000, category: str | None = None
    ) -> tuple[StoredEvent, ...]:
        """Events of all streams, or of one category, with a position greater than `after`, in order."""
        self._check_open()
        subject = self._log.all_events() if category is None else self._log.category_subject(category)
        start = await self._sequence_after(after)
        found: list[StoredEvent] = []
        async for event in self._events(subject, start):
            if event.position > after:
                found.append(event)
            if len(found) >= limit:
                break
        return tuple(found)

    async def position(self) -> int:
        """The position of the newest event."""
        self._check_open()
        return (await self._log.counter()).position

    async def subscribe(
        self, *, after: int = 0, category: str | None = None
    ) -> AsyncGenerator[tuple[StoredEvent, ...], None]:
        """Give past events after a position and then each new one as it happens."""

        async def read(position: int) -> tuple[StoredEvent, ...]:
            return await self.read_all(after=position, limit=_PAGE)

        await self._watch()
        async for batch in follow(read, self._signal, after=after, category=category, poll=_POLL):
            yield batch

    async def known_answer(self, key: IdempotencyKey) -> Answer | None:
        """The answer that was kept with a key, if it is known and not expired."""
        self._check_open()
        last = await self._log.last(self._log.key_subject(key.scope, key.key))
        kept = _kept_key(last, self._now_us())
        return None if kept is None else checked_answer(key, kept)

    async def owner(self, space: str, name: str) -> str | None:
        """The stream that has claimed a name."""
        self._check_open()
        last = await self._log.last(self._log.claim_subject(space, name))
        return (last.data.decode() or None) if last else None

    async def forget_keys(self, before_us: int) -> int:
        """Forget keys that expired before a time; give how many."""
        self._check_open()
        # A key that expired and came again has a message of each time.
        forgotten: set[str] = set()
        async for sequence, data in self._log.messages(f"{self._log.prefix}.k.>", 1):
            kept = orjson.loads(data)
            if kept["expires_us"] < before_us:
                await self._log.delete(sequence)
                forgotten.add(kept["name"])
        return len(forgotten)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of an older one of its stream."""
        state = to_json(snapshot.state, snapshot.stream)
        self._check_open()
        subject = self._log.snapshot_subject(snapshot.stream)
        for _ in range(_TRIES):
            last = await self._log.last(subject)
            kept = orjson.loads(last.data) if last else None
            if kept and kept["schema"] == snapshot.schema and kept["version"] >= snapshot.version:
                return
            document = {"version": snapshot.version, "schema": snapshot.schema, "state": orjson.Fragment(state)}
            reply = await self._log.publish(
                [_Message(subject, orjson.dumps(document), last.sequence if last else 0)], uuid.uuid4().hex
            )
            if "error" not in reply:
                # Only the newest is of use.
                if last:
                    await self._log.delete(last.sequence)
                return

    async def load_snapshot(self, stream: str, schema: str) -> Snapshot | None:
        """The snapshot of a stream, if one of this fold is kept and the stream has come as far."""
        self._check_open()
        last = await self._log.last(self._log.snapshot_subject(stream))
        kept = orjson.loads(last.data) if last else None
        if kept is None or kept["schema"] != schema or kept["version"] > await self.version(stream):
            return None
        return Snapshot(stream, kept["version"], schema, kept["state"])

    async def pending(self, destination: str, *, limit: int = 100) -> tuple[tuple[int, Outgoing], ...]:
        """The oldest entries that were not told yet, each with its number."""
        self._check_open()
        found: list[tuple[int, Outgoing]] = []
        async for sequence, data in self._log.messages(self._log.outbox_subject(destination), 1):
            found.append((sequence, Outgoing(destination, orjson.loads(data)["body"])))
            if len(found) >= limit:
                break
        return tuple(found)

    async def told(self, destination: str, numbers: Sequence[int]) -> None:
        """Mark entries as told."""
        self._check_open()
        subject = self._log.outbox_subject(destination)
        for number in numbers:
            found = await self._log.next_message(subject, number)
            # What was told before is gone, and the number means nothing any more.
            if found is not None and found.sequence == number:
                await self._log.delete(number)

    async def backlog(self, destination: str) -> tuple[int, int]:
        """How many entries wait, and since when the oldest does."""
        self._check_open()
        count, since = 0, 0
        async for _, data in self._log.messages(self._log.outbox_subject(destination), 1):
            since = since or int(orjson.loads(data)["since_us"])
            count += 1
        return count, since

    def is_healthy(self) -> bool:
        """Whether the writer works and a server is connected."""
        return self._is_open and self._writer.is_alive and self._log.client.is_connected

    async def aclose(self) -> None:
        """Finish what was handed in, refuse what comes later, let go of the connection."""
        if not self._is_open:
            return
        self._is_open = False
        await self._writer.aclose()
        self._signal.give()
        await self._log.client.close()

    def _check_open(self) -> None:
        if not self._is_open:
            raise StoreUnavailableError("the store is closed")

    async def _events(self, subject: str, start: int) -> AsyncIterator[StoredEvent]:
        async for sequence, data in self._log.messages(subject, start):
            event = _event_of(data)
            self._sequences[event.position] = sequence
            if len(self._sequences) > 10 * _PAGE:
                # What is near the end is asked for most.
                self._sequences = dict(sorted(self._sequences.items())[-_PAGE:])
            yield event

    async def _sequence_after(self, position: int) -> int:
        """A sequence from which no event after a position is missed: at most that of the next one."""
        known = max((one for one in self._sequences if one <= position), default=0)
        if known == position and position:
            return self._sequences[position] + 1
        # Every event has a message of its own, so its sequence is never less than its position.
        low = max(position + 1, self._sequences.get(known, 0) + 1)
        high = (await self._log.counter()).sequence
        while low < high:
            middle = (low + high) // 2
            found = await self._log.next_message(self._log.all_events(), middle)
            if found is not None and _event_of(found.data).position <= position:
                low = found.sequence + 1
            else:
                high = middle
        return low

    async def _watch(self) -> None:
        """Listen for new batches, so that readers look at once; a sign that is lost costs a poll."""
        if self._watching is None:

            async def sign(_message: Msg) -> None:
                self._signal.give()

            self._watching = await self._log.client.subscribe(f"{self._log.prefix}.p", cb=sign)


class _Writing:
    """Decides and writes batches, one after another."""

    def __init__(self, log: _Log, now_us: Callable[[], int]) -> None:
        self._log = log
        self._now_us = now_us

    async def run_batch(self, batch: Sequence[Prepared]) -> Sequence[Committed | Exception]:
        """Write commits in one atomic batch; each has its own outcome."""
        needs = needs_of(batch)
        for tried in range(_TRIES):
            counter = await self._log.counter()
            lasts = await self._lasts(needs)
            now = self._now_us()
            known = self._known(needs, lasts, counter.position, now)
            decided = decide(batch, known, now)
            name = uuid.uuid4().hex
            messages = self._messages(decided, lasts, counter, known.position, name)
            if not messages:
                return decided.outcomes
            if len(messages) > _MOST_MESSAGES:
                return await self._in_halves(batch)
            if await self._is_written(messages, counter, name):
                return decided.outcomes
            # Somebody else was faster: what was decided may not be true any more.
            await asyncio.sleep(_PAUSE * min(tried, 10) / 10)
        raise StoreUnavailableError("other processes write all the time; nothing was written, try again")

    async def _in_halves(self, batch: Sequence[Prepared]) -> list[Committed | Exception]:
        """One after the other what does not fit into one batch together."""
        middle = len(batch) // 2
        first = await self.run_batch(batch[:middle])
        return [*first, *await self.run_batch(batch[middle:])]

    async def _lasts(self, needs: Needs) -> dict[str, _Last | None]:
        """The last message of every subject that the batch is about, as the leader has it."""
        log = self._log
        subjects = [
            *(log.event_subject(stream) for stream in needs.streams),
            *(log.key_subject(*place) for place in needs.keys),
            *(log.claim_subject(*place) for place in needs.claims),
            *(log.id_subject(name) for name in needs.ids),
        ]
        found = await asyncio.gather(*(log.last(subject) for subject in subjects))
        return dict(zip(subjects, found, strict=True))

    def _known(self, needs: Needs, lasts: dict[str, _Last | None], position: int, now: int) -> Known:
        log = self._log
        versions, keys, owners = {}, {}, {}
        for stream in needs.streams:
            last = lasts[log.event_subject(stream)]
            versions[stream] = int(orjson.loads(last.data)["version"]) if last else 0
        for place in needs.keys:
            kept = _kept_key(lasts[log.key_subject(*place)], now)
            if kept is not None:
                keys[place] = kept
        for place in needs.claims:
            last = lasts[log.claim_subject(*place)]
            if last and last.data:
                owners[place] = last.data.decode()
        ids = [name for name in needs.ids if lasts[log.id_subject(name)]]
        return Known(position, versions, keys, ids, owners)

    def _messages(
        self, decided: Decided, lasts: dict[str, _Last | None], counter: _Counter, position: int, name: str
    ) -> list[_Message]:
        """All messages of a batch, the counter first; none when nothing is written."""
        log = self._log
        found: list[_Message] = []
        for planned in decided.planned:
            found += [_Message(log.event_subject(row[1]), _event_data(row)) for row in planned.events]
        found += [_Message(log.key_subject(row[0], row[1]), _key_data(row)) for row in decided.keys]
        found += [
            _Message(log.claim_subject(*place), (owner or "").encode()) for place, owner in decided.claims.items()
        ]
        given = [name for planned in decided.planned for name in planned.own_ids]
        found += [_Message(log.id_subject(one), b"") for one in given]
        for destination, since, body in decided.outbox:
            data = orjson.dumps({"since_us": since, "body": orjson.Fragment(body)})
            found.append(_Message(log.outbox_subject(destination), data))
        if not found:
            return []
        seen: set[str] = set()
        for place, message in enumerate(found):
            if message.subject in lasts and message.subject not in seen:
                last = lasts[message.subject]
                found[place] = message._replace(expected=last.sequence if last else 0)
            seen.add(message.subject)
        moved = orjson.dumps({"position": position, "batch": name})
        return [_Message(f"{log.prefix}.p", moved, counter.sequence), *found]

    async def _is_written(self, messages: Sequence[_Message], counter: _Counter, name: str) -> bool:
        """Publish a batch, whatever the cluster is going through; False when another batch was first.

        Raises:
            StoreUnavailableError: the cluster does not answer; the batch may be there or not.
        """
        deadline = time.monotonic() + self._log.patience
        while True:
            try:
                reply = await self._log.publish(messages, name)
            except (NatsError, OSError, TimeoutError):
                reply = {"error": {"err_code": 0, "description": "no answer"}}
            if "error" not in reply:
                return True
            # An earlier try of this very batch may have come through, and then its own counter is in the way.
            with suppress(StoreUnavailableError):
                followed = await self._log.next_message(f"{self._log.prefix}.p", counter.sequence + 1)
                if followed is not None:
                    return bool(orjson.loads(followed.data)["batch"] == name)
                if reply["error"].get("err_code") == _WRONG_SEQUENCE:
                    return False
            if time.monotonic() > deadline:
                said = reply["error"].get("description")
                raise StoreUnavailableError(f"NATS: {said}; ask again with the same idempotency key")
            await asyncio.sleep(_PAUSE)


class _Log:
    """The stream of JetStream: subjects, single messages, ranges, batches."""

    def __init__(self, client: Client, stream: str, patience: float) -> None:
        self.client = client
        self.prefix = f"protogate.{stream}"
        self.patience = patience
        self._stream = stream

    def event_subject(self, stream: str) -> str:
        category, aggregate = split_stream(stream)
        return f"{self.prefix}.e.{_token(category)}.{_token(aggregate)}"

    def category_subject(self, category: str) -> str:
        return f"{self.prefix}.e.{_token(category)}.>"

    def all_events(self) -> str:
        return f"{self.prefix}.e.>"

    def key_subject(self, scope: str, key: str) -> str:
        return f"{self.prefix}.k.{_digest(scope, key)}"

    def claim_subject(self, space: str, name: str) -> str:
        return f"{self.prefix}.c.{_digest(space, name)}"

    def id_subject(self, name: bytes) -> str:
        return f"{self.prefix}.i.{name.hex()}"

    def outbox_subject(self, destination: str) -> str:
        return f"{self.prefix}.o.{_token(destination)}"

    def snapshot_subject(self, stream: str) -> str:
        return f"{self.prefix}.s.{_token(stream)}"

    async def counter(self) -> _Counter:
        """Where the log stands, as the leader knows."""
        last = await self.last(f"{self.prefix}.p")
        if last is None:
            return _Counter(0, 0, "")
        document = orjson.loads(last.data)
        return _Counter(last.sequence, document["position"], document["batch"])

    async def last(self, subject: str) -> _Last | None:
        """The last message of a subject, as the leader has it."""
        return await self._message({"last_by_subj": subject})

    async def next_message(self, subject: str, sequence: int) -> _Last | None:
        """The first message of a subject at a sequence or later, as the leader has it."""
        return await self._message({"seq": sequence, "next_by_subj": subject})

    async def messages(self, subject: str, start: int) -> AsyncIterator[tuple[int, bytes]]:
        """Sequence and data of all messages of a subject from a sequence on, as some replica has them."""
        while True:
            page = await self._page(subject, start)
            for message in page:
                yield message
            if len(page) < _PAGE:
                return
            start = page[-1][0] + 1

    async def publish(self, messages: Sequence[_Message], name: str) -> dict[str, Any]:
        """Publish an atomic batch and give the server's answer.

        Raises:
            NatsError, OSError, TimeoutError: there was no answer.
        """
        *before, last = messages
        for number, message in enumerate(before, 1):
            await self.client.publish(message.subject, message.data, headers=_headers(message, name, number))
        headers = {**_headers(last, name, len(messages)), "Nats-Batch-Commit": "1"}
        reply = await self.client.request(last.subject, last.data, timeout=self.patience, headers=headers)
        answer: dict[str, Any] = orjson.loads(reply.data)
        return answer

    async def delete(self, sequence: int) -> None:
        """Delete a message; one that is gone already is as good."""
        await self._ask(f"$JS.API.STREAM.MSG.DELETE.{self._stream}", {"seq": sequence, "no_erase": True})

    async def _message(self, wanted: dict[str, Any]) -> _Last | None:
        reply = await self._ask(f"$JS.API.STREAM.MSG.GET.{self._stream}", wanted)
        if "error" in reply:
            if reply["error"].get("err_code") == _NO_MESSAGE:
                return None
            raise StoreUnavailableError(f"NATS: {reply['error'].get('description')}")
        message = reply["message"]
        return _Last(message["seq"], base64.b64decode(message.get("data", "")))

    async def _ask(self, subject: str, document: dict[str, Any]) -> dict[str, Any]:
        """Ask the leader, for as long as the cluster may take to elect one."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                reply = await self.client.request(subject, orjson.dumps(document), timeout=min(1.0, self.patience))
                answer: dict[str, Any] = orjson.loads(reply.data)
            except (NatsError, OSError, TimeoutError) as error:
                answer = {"error": {"code": 503, "description": str(error) or "no answer"}}
            if answer.get("error", {}).get("code") != 503 or time.monotonic() > deadline:  # noqa: PLR2004 - HTTP's word
                break
            await asyncio.sleep(_PAUSE)
        if answer.get("error", {}).get("code") == 503:  # noqa: PLR2004 - as above
            raise StoreUnavailableError(f"NATS: {answer['error']['description']}")
        return answer

    async def _page(self, subject: str, start: int) -> list[tuple[int, bytes]]:
        """Some messages of a subject in one request; fewer than asked for means that there are no more."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return await self._direct(subject, start)
            except (NatsError, OSError, TimeoutError) as error:
                if time.monotonic() > deadline:
                    raise StoreUnavailableError(f"NATS: {str(error) or 'no answer'}") from None
                await asyncio.sleep(_PAUSE)

    async def _direct(self, subject: str, start: int) -> list[tuple[int, bytes]]:
        inbox = self.client.new_inbox()
        replies = await self.client.subscribe(inbox)
        try:
            wanted = {"seq": start, "next_by_subj": subject, "batch": _PAGE}
            await self.client.publish(f"$JS.API.DIRECT.GET.{self._stream}", orjson.dumps(wanted), reply=inbox)
            found: list[tuple[int, bytes]] = []
            while True:
                message = await replies.next_msg(timeout=2.0)
                headers = message.headers or {}
                if "Status" in headers:
                    return found
                found.append((int(headers["Nats-Sequence"]), message.data))
                if len(found) == _PAGE:
                    return found
        finally:
            await replies.unsubscribe()


async def _ensure_stream(client: Client, stream: str, replicas: int, patience: float) -> None:
    """Make the stream, or check that the one of this name is ours."""
    js = client.jetstream(timeout=min(2.0, patience))
    subjects = [f"protogate.{stream}.>"]
    deadline = time.monotonic() + patience
    while True:
        try:
            info = await js.stream_info(stream)
        except NotFoundError:
            copies = replicas or (3 if len(client.discovered_servers) + 1 >= 3 else 1)  # noqa: PLR2004 - survives one
            config = StreamConfig(
                name=stream,
                subjects=subjects,
                storage=StorageType.FILE,
                num_replicas=copies,
                allow_direct=True,
                allow_atomic=True,
            )
            # A cluster that has just started has no leader yet, or does not know all of its servers.
            try:
                await js.add_stream(config)
            except (NatsError, OSError, TimeoutError):
                await asyncio.sleep(_PAUSE)
        except (NatsError, OSError, TimeoutError):
            await asyncio.sleep(_PAUSE)
        else:
            if info.config.subjects != subjects or not info.config.allow_atomic:
                raise UserError(f"NATS stream {stream}: is another's; name another one, nats://host:4222/NAME")
            return
        if time.monotonic() > deadline:
            raise UserError(f"NATS stream {stream}: cannot be made; does the server run with JetStream (-js), 2.12+?")


async def _ignore(_error: Exception) -> None:
    """Connections break and come back; whoever waits for an answer hears of it."""


def _headers(message: _Message, batch: str, number: int) -> dict[str, str]:
    headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
    if message.expected is not None:
        headers[_EXPECTED] = str(message.expected)
    return headers


def _message_count(commit: Commit) -> int:
    events = sum(len(append.events) for append in commit.appends)
    given = sum(bool(event.id) for append in commit.appends for event in append.events)
    return 1 + events + given + len(commit.outgoing) + len(commit.claims) + (commit.key is not None)


def _token(text: str) -> str:
    """A text as one token of a subject."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _digest(*parts: str) -> str:
    return hashlib.blake2b(orjson.dumps(parts), digest_size=20).hexdigest()


def _event_data(row: EventRow) -> bytes:
    position, stream, version, name, kind, data, metadata, timestamp_us = row
    return orjson.dumps(
        {
            "position": position,
            "stream": stream,
            "version": version,
            "id": uuid_text(name),
            "type": kind,
            "timestamp_us": timestamp_us,
            "data": orjson.Fragment(data),
            "metadata": orjson.Fragment(metadata),
        }
    )


def _event_of(data: bytes) -> StoredEvent:
    return StoredEvent(**from_json(data))


def _key_data(row: Sequence[Any]) -> bytes:
    scope, key, fingerprint, expires_us, status, headers, body = row
    return orjson.dumps(
        {
            "name": _digest(scope, key),
            "fingerprint": bytes(fingerprint).hex(),
            "expires_us": expires_us,
            "status": status,
            "headers": headers,
            "body": None if body is None else base64.b64encode(body).decode(),
        }
    )


def _kept_key(last: _Last | None, now_us: int) -> KeptKey | None:
    """What a key's message says, unless it expired."""
    if last is None:
        return None
    kept = orjson.loads(last.data)
    if kept["expires_us"] < now_us:
        return None
    body = None if kept["body"] is None else base64.b64decode(kept["body"])
    return bytes.fromhex(kept["fingerprint"]), kept["status"], kept["headers"], body
