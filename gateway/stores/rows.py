"""How events, keys and snapshots become rows of a database, and rows become them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import orjson

from protogate.cqrs.codec import decode, encode
from protogate.cqrs.errors import ConflictError, DataError
from protogate.cqrs.ids import chance, uuid7_bytes, uuid_text
from protogate.cqrs.messages import Answer, StoredEvent, check_commit, expectation_text, meets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.cqrs.messages import Commit, IdempotencyKey

__all__ = [
    "EventRow",
    "KeyRow",
    "OutboxRow",
    "Planned",
    "Prepared",
    "answer_of",
    "event_of",
    "from_json",
    "plan",
    "prepare",
    "to_json",
]

EventRow: TypeAlias = tuple[int, str, int, bytes, str, str, str, int]
"""position, stream, version, id, type, data, metadata, timestamp_us: the columns of `events`."""
KeyRow: TypeAlias = tuple[str, str, bytes, int, int | None, str | None, bytes | None]
"""scope, key, fingerprint, expires_us, status, headers, body: the columns of `keys`."""
OutboxRow: TypeAlias = tuple[str, int, str]
"""destination, since_us, body."""


class Prepared(NamedTuple):
    """A commit whose JSON is written already, so that the writer has little to do."""

    commit: Commit
    texts: Sequence[tuple[str, str]]
    """Data and metadata of each event, append after append."""
    outgoing: Sequence[tuple[str, str]]
    """Destination and body of each."""
    own_ids: Sequence[bytes]
    """Ids that the caller gave."""


class Planned(NamedTuple):
    """All rows of a commit, and what is answered."""

    stored: tuple[StoredEvent, ...]
    events: Sequence[EventRow]
    key: KeyRow | None
    outbox: Sequence[OutboxRow]
    answer: Answer | None
    own_ids: Sequence[bytes]
    """Ids that the caller gave."""


def prepare(commit: Commit) -> Prepared:
    """Check a commit and write its JSON.

    Raises:
        DataError: no store takes it.
    """
    check_commit(commit)
    texts = []
    own_ids = []
    for stream, events, _ in commit.appends:
        for _, data, metadata, name in events:
            texts.append((to_json(data, stream), to_json(metadata, stream) if metadata else "{}"))
            if name:
                own_ids.append(_id_bytes(name))
    outgoing = [(to, to_json(body, f"outgoing to {to}")) for to, body in commit.outgoing]
    return Prepared(commit, texts, outgoing, own_ids)


def plan(prepared: Prepared, versions: Mapping[str, int], position: int, now_us: int) -> Planned:
    """Say which rows a commit makes, or why it makes none; nothing was written yet.

    Args:
        prepared: the commit.
        versions: of the streams that have events, now.
        position: of the newest event, now.
        now_us: the moment, microseconds since 1970.

    Raises:
        ConflictError: a stream is not as expected.
        Exception: whatever `Commit.answer` raises.
    """
    commit = prepared.commit
    stored: list[StoredEvent] = []
    rows: list[EventRow] = []
    texts = iter(prepared.texts)
    for stream, events, expected in commit.appends:
        version = versions.get(stream, 0)
        if not meets(expected, version):
            raise ConflictError(stream, expectation_text(expected), version)
        for kind, data, metadata, own_id in events:
            position += 1
            version += 1
            name = _id_bytes(own_id) if own_id else uuid7_bytes(now_us, chance())
            data_text, metadata_text = next(texts)
            rows.append((position, stream, version, name, kind, data_text, metadata_text, now_us))
            stored.append(StoredEvent(position, stream, version, uuid_text(name), kind, data, metadata, now_us))
    events_stored = tuple(stored)
    answer = commit.answer(events_stored) if commit.answer else None
    outbox = [(destination, now_us, body) for destination, body in prepared.outgoing]
    key = None if commit.key is None else _key_row(commit.key, answer)
    return Planned(events_stored, rows, key, outbox, answer, prepared.own_ids)


def event_of(row: Sequence[Any]) -> StoredEvent:
    """Read a row of `events`."""
    position, stream, version, name, kind, data, metadata, timestamp_us = row
    return StoredEvent(
        position,
        stream,
        version,
        uuid_text(bytes(name)),
        kind,
        from_json(data),
        {} if metadata == "{}" else from_json(metadata),
        timestamp_us,
    )


def to_json(value: object, where: str) -> str:
    """Write what a database keeps.

    Raises:
        DataError: the value is no JSON.
    """
    try:
        text = orjson.dumps(value)
    except TypeError:
        text = b"null"  # integers beyond 64 bits are JSON, and everything that is none is told apart below
    # What orjson has no word for, NaN among it, becomes null: those few are looked at again.
    return (encode(value, f"stream {where!r}") if b"null" in text else text).decode()


def from_json(text: str | bytes) -> Any:  # noqa: ANN401 - what the JSON holds
    """Read what a database keeps."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return decode(text)


def answer_of(status: int | None, headers: str | None, body: bytes | None) -> Answer | None:
    """Read the answer of a row of `keys`; None where the commit gave none."""
    if status is None:
        return None
    return Answer(status, bytes(body or b""), tuple((name, value) for name, value in from_json(headers or "[]")))


def _key_row(key: IdempotencyKey, answer: Answer | None) -> KeyRow:
    if answer is None:
        return key.scope, key.key, key.fingerprint, key.expires_us, None, None, None
    headers = to_json(answer.headers, "headers")
    return key.scope, key.key, key.fingerprint, key.expires_us, answer.status, headers, answer.body


def _id_bytes(name: str) -> bytes:
    try:
        return bytes.fromhex(name.replace("-", ""))
    except ValueError:
        raise DataError(f"event id {name!r}: is no UUID") from None
