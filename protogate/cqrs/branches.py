"""Streams that fork and come together again: work offline, on a copy, and what becomes of it.

A branch is a stream of its own, `user/42~tablet`, whose first event says where it left its parent. Merging appends to
the parent what makes its replay end as the resolution says, and can be done again at any time: a change of the branch
that the parent has is not appended twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.cqrs.clocks import VectorClock
from protogate.cqrs.conflicts import Change, merge, resolve
from protogate.cqrs.errors import DataError, UnknownAggregateError
from protogate.cqrs.messages import Append, Commit, Expectation, NewEvent, split_stream

if TYPE_CHECKING:
    from protogate.cqrs.conflicts import ExclusivePair, FieldConflict, MergeRules
    from protogate.cqrs.messages import Committed, StoredEvent
    from protogate.cqrs.ports import EventStore

__all__ = ["FORKED", "Merged", "branch_stream", "fork", "merge_branch", "read_branch"]

FORKED: Final = "StreamForked"
"""The type of the first event of a branch."""
_MERGED_FROM: Final = "merged_from"
"""In the metadata of an event of the parent: the id of the event of the branch that it carries over."""
_REPEATS: Final = "repeats"
"""In the metadata of an event of the parent: the id of the earlier event of the parent that it says again."""
_SERVER: Final = "~"
"""The parent as a replica; no branch can be called so."""


class Merged(NamedTuple):
    """What a merge did."""

    appended: tuple[StoredEvent, ...]
    conflicts: tuple[FieldConflict | ExclusivePair, ...]
    """What was decided although neither side knew of the other."""


def branch_stream(stream: str, branch: str) -> str:
    """Name the stream of a branch.

    >>> branch_stream("user/42", "tablet")
    'user/42~tablet'
    """
    split_stream(stream)
    if not branch or "~" in branch or not branch.isprintable():
        raise DataError(f"branch {branch!r}: needs a printable name without '~'")
    return f"{stream}~{branch}"


async def fork(store: EventStore, stream: str, branch: str, *, at: int | None = None) -> Committed:
    """Start a branch at a version of a stream, by default the present one.

    Raises:
        UnknownAggregateError: the stream has no events.
        DataError: it is not as far.
        ConflictError: there is a branch of this name.
    """
    version = await store.version(stream)
    if not version:
        raise UnknownAggregateError(*split_stream(stream))
    start = version if at is None else at
    if not 1 <= start <= version:
        raise DataError(f"stream {stream!r}: cannot fork at version {start}; it is at {version}")
    marker = NewEvent(FORKED, {"stream": stream, "version": start, "branch": branch})
    return await store.append(branch_stream(stream, branch), [marker], Expectation.ABSENT)


async def read_branch(store: EventStore, stream: str, branch: str) -> tuple[StoredEvent, ...]:
    """The history of a branch: that of its parent up to the fork, then its own events.

    Raises:
        UnknownAggregateError: there is no such branch.
    """
    start, own = await _branch(store, stream, branch)
    return (*await store.read(stream, limit=start), *own)


async def merge_branch(store: EventStore, stream: str, branch: str, rules: MergeRules, strategy: str = "LWW") -> Merged:
    """Bring what happened on a branch into its parent; safe to repeat.

    Raises:
        UnknownAggregateError: there is no such branch.
        UnresolvableConflictError: the strategy is MERGE and people have to decide.
        ConflictError: somebody appended to the parent meanwhile; merge again.
    """
    start, own = await _branch(store, stream, branch)
    since = await store.read(stream, after=start)
    own_ids = {event.id for event in own}
    known = own_ids & {str(event.metadata.get(_MERGED_FROM)) for event in since}
    if known == own_ids:
        return Merged((), ())
    changes = merge(
        map(_server_change, (event for event in since if _is_said_first(event, own_ids))),
        (_branch_change(event, branch, start, number) for number, event in enumerate(own, 1)),
    )
    resolution = resolve(changes, rules, strategy)
    fresh = own_ids - known
    first = next(place for place, change in enumerate(resolution.changes) if change.event.id in fresh)
    # From the first new change on, all is said in the order of the resolution: what the parent has already is said
    # again, because later words win in a replay.
    news = tuple(_carried(change, fresh) for change in resolution.changes[first:])
    committed = await store.commit(Commit((Append(stream, news, start + len(since)),)))
    return Merged(committed.events, resolution.conflicts)


async def _branch(store: EventStore, stream: str, branch: str) -> tuple[int, tuple[StoredEvent, ...]]:
    """Where a branch left its parent, and its own events."""
    name = branch_stream(stream, branch)
    events = await store.read(name)
    if not events or events[0].type != FORKED:
        raise UnknownAggregateError(*split_stream(name))
    return int(events[0].data["version"]), events[1:]


def _is_said_first(event: StoredEvent, own_ids: set[str]) -> bool:
    """Whether this event of the parent is a change of its own, neither repeated nor brought by this branch."""
    return _REPEATS not in event.metadata and event.metadata.get(_MERGED_FROM) not in own_ids


def _server_change(event: StoredEvent) -> Change:
    new = NewEvent(event.type, event.data, event.metadata, event.id)
    return Change(new, _SERVER, VectorClock({_SERVER: event.version}), event.timestamp_us)


def _branch_change(event: StoredEvent, branch: str, start: int, number: int) -> Change:
    new = NewEvent(event.type, event.data, event.metadata, event.id)
    return Change(new, branch, VectorClock({_SERVER: start, branch: number}), event.timestamp_us)


def _carried(change: Change, fresh: set[str]) -> NewEvent:
    """The event as it is appended to the parent: a new one that says which one it stands for."""
    origin = _MERGED_FROM if change.event.id in fresh else _REPEATS
    return change.event._replace(id="", metadata={**change.event.metadata, origin: change.event.id})
