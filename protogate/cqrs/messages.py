"""The values that commands, stores and readers hand each other.

A *stream* is the history of one aggregate. Its name is `<category>/<aggregate>`, such as `user/42`: the category is the
slice's word for the kind of thing, so an entry `42` of another slice is another stream.
"""

from __future__ import annotations

import enum
import re
import uuid
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from protogate.cqrs.errors import ClaimedError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "Answer",
    "Append",
    "Claim",
    "Commit",
    "Committed",
    "Expectation",
    "Expected",
    "IdempotencyKey",
    "NewEvent",
    "Outgoing",
    "Snapshot",
    "StoredEvent",
    "check_commit",
    "claimed",
    "expectation_text",
    "meets",
    "split_stream",
    "stream_name",
]

Json: TypeAlias = Any
"""What `json.loads` gives; Any because JSON nests."""

_UNREADABLE: Final = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of characters. Not `isprintable`, which knows more characters in each Python."""


class Expectation(enum.Enum):
    """What a writer may expect of a stream beside a version."""

    ANY = "any version"
    """Append whatever is there."""
    ABSENT = "no events"
    """The stream must be new."""
    EXISTS = "any event"
    """The stream must have events."""


Expected: TypeAlias = Expectation | int
"""A version from 1, or an expectation. Never 0: say `ABSENT`."""


class NewEvent(NamedTuple):
    """A fact that is to be recorded."""

    type: str
    """The name of its message: `UserCreated`."""
    data: Mapping[str, Json]
    """Its ProtoJSON document."""
    metadata: Mapping[str, Json] = {}
    """What is about the recording rather than the fact: `correlation_id`, `causation_id`, `traceparent`, `actor`."""
    id: str = ""
    """A UUID; empty lets the store give a UUIDv7. An id that the store has already is refused."""


class StoredEvent(NamedTuple):
    """A fact as the store keeps it; never changes."""

    position: int
    """Among all events of the store, from 1, without gaps."""
    stream: str
    version: int
    """Among the events of its stream, from 1, without gaps."""
    id: str
    type: str
    data: Mapping[str, Json]
    metadata: Mapping[str, Json]
    timestamp_us: int
    """When it was recorded, microseconds since 1970 in UTC; never decides an order."""

    @property
    def category(self) -> str:
        """The kind of thing that it happened to."""
        return self.stream.partition("/")[0]

    @property
    def aggregate_id(self) -> str:
        """The thing that it happened to."""
        return self.stream.partition("/")[2]


class Append(NamedTuple):
    """Events for one stream."""

    stream: str
    events: tuple[NewEvent, ...]
    """May be empty: then only the expectation is checked."""
    expected: Expected = Expectation.ANY


class IdempotencyKey(NamedTuple):
    """Says that a command is the same as an earlier one; valid in its scope, such as a route and a principal."""

    scope: str
    key: str
    fingerprint: bytes
    """A digest of the body: the same key with another one is a mistake of the caller."""
    expires_us: int
    """When the key is forgotten, microseconds since 1970."""


class Answer(NamedTuple):
    """What a command answered, kept with its key and given again."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Claim(NamedTuple):
    """A name that only one owner may have at a time, such as the e-mail address of a user, until it is released."""

    space: str
    """What sort of name: `user.email`."""
    name: str
    """In one form for all that count as the same."""
    owner: str
    """The stream that has it. Claiming again what one has is nothing new."""
    is_release: bool = False
    """Gives the name back; nothing happens when the owner does not have it."""


class Outgoing(NamedTuple):
    """Something that another system has to hear, once at least, in the order of positions."""

    destination: str
    """Who hears it: `legacy`."""
    body: Mapping[str, Json]


class Commit(NamedTuple):
    """All that one command writes: the store writes it whole or not at all."""

    appends: tuple[Append, ...]
    """No two for one stream."""
    key: IdempotencyKey | None = None
    answer: Callable[[tuple[StoredEvent, ...]], Answer] | None = None
    """Makes the answer that is kept with the key, of the events as they are stored. Pure and quick: it runs inside the
    transaction."""
    outgoing: tuple[Outgoing, ...] = ()
    claims: tuple[Claim, ...] = ()
    """In this order, so a name may be released and claimed in one commit."""


class Committed(NamedTuple):
    """What became of a commit."""

    events: tuple[StoredEvent, ...]
    """As stored, in order; empty when the key was known."""
    position: int
    """Of the last event of the commit; when nothing was written, of the store."""
    answer: Answer | None = None
    """Of `Commit.answer`, or of the first commit with this key."""
    is_replay: bool = False
    """The key was known: nothing was written, and the answer is that of the first time."""


class Snapshot(NamedTuple):
    """The state of an aggregate at a version, to start a replay from."""

    stream: str
    version: int
    schema: str
    """Of the fold that made the state; a snapshot of another fold is not used."""
    state: Json


def stream_name(category: str, aggregate_id: str) -> str:
    """Join both parts.

    >>> stream_name("user", "a/b")
    'user/a/b'

    Raises:
        DataError: a part is empty, the category has a `/`, or one of them has a control character.
    """
    name = f"{category}/{aggregate_id}"
    if not category or not aggregate_id or "/" in category or _UNREADABLE.search(name):
        raise DataError(f"stream {name!r}: needs a category without '/', '/' and an id, without control characters")
    return name


def split_stream(stream: str) -> tuple[str, str]:
    """Give category and id of a stream.

    >>> split_stream("user/a/b")
    ('user', 'a/b')

    Raises:
        DataError: it has no category or no id.
    """
    category, slash, aggregate_id = stream.partition("/")
    if not (category and slash and aggregate_id) or _UNREADABLE.search(stream):
        raise DataError(f"stream {stream!r}: needs a category, '/' and an id, such as user/42, no control characters")
    return category, aggregate_id


def meets(expected: Expected, version: int) -> bool:
    """Tell whether a stream at `version`, 0 when it has no events, is as expected.

    >>> meets(Expectation.ABSENT, 0), meets(3, 2)
    (True, False)
    """
    if isinstance(expected, int):
        return version == expected
    return expected is Expectation.ANY or (expected is Expectation.ABSENT) == (version == 0)


def expectation_text(expected: Expected) -> str:
    """Word an expectation for people.

    >>> expectation_text(3)
    'version 3'
    """
    return f"version {expected}" if isinstance(expected, int) else expected.value


def check_commit(commit: Commit) -> None:
    """Refuse what no store takes, before anything is asked of one.

    Raises:
        DataError: two appends are for one stream, a stream or an event has no proper name, an expected version is below
            1, an id is no UUID or comes twice, or a key is empty.
    """
    ids = []
    for append in commit.appends:
        _check_append(append)
        ids += [event.id for event in append.events if event.id]
    if len(commit.appends) > 1:
        streams = {append.stream for append in commit.appends}
        if len(streams) < len(commit.appends):
            raise DataError(f"commit: two appends for one stream among {', '.join(sorted(streams))}; join them")
    if ids:
        if len(set(ids)) < len(ids):
            raise DataError("commit: two events have one id; leave ids empty for new ones")
        for name in ids:
            _check_id(name)
    for claim in commit.claims:
        if not (claim.space and claim.name and claim.owner):
            raise DataError(f"claim of {claim.name!r} in {claim.space!r}: needs a space, a name and an owner")
    if commit.key is not None and not (commit.key.scope and commit.key.key):
        raise DataError("commit: the idempotency key has no scope or is empty")


def claimed(owners: Mapping[tuple[str, str], str], claims: Sequence[Claim]) -> dict[tuple[str, str], str]:
    """Who has which name after some claims.

    >>> claimed({}, [Claim("user.email", "a@x", "user/1")])
    {('user.email', 'a@x'): 'user/1'}

    Raises:
        ClaimedError: a name belongs to another.
    """
    after = dict(owners)
    for claim in claims:
        place = claim.space, claim.name
        owner = after.get(place)
        if claim.is_release:
            if owner == claim.owner:
                del after[place]
        elif owner not in {None, claim.owner}:
            raise ClaimedError(claim.space, claim.name)
        else:
            after[place] = claim.owner
    return after


def _check_append(append: Append) -> None:
    split_stream(append.stream)
    if isinstance(append.expected, int) and append.expected < 1:
        raise DataError(
            f"stream {append.stream!r}: expected version {append.expected}; say Expectation.ABSENT for none"
        )
    for event in append.events:
        if not event.type or not event.type.isprintable():
            raise DataError(f"stream {append.stream!r}: an event has the type {event.type!r}; use its message's name")


def _check_id(name: str) -> None:
    try:
        canonical = str(uuid.UUID(name))
    except ValueError:
        canonical = ""
    if canonical != name:
        raise DataError(f"event id {name!r}: is no UUID in lower case with dashes; leave it empty for a new one")
