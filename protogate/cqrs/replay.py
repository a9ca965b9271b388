"""From events to the state of an aggregate, starting at a snapshot where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from protogate.cqrs.messages import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protogate.cqrs.messages import StoredEvent
    from protogate.cqrs.ports import EventStore

__all__ = ["Fold", "Loaded", "load", "replay", "snapshot"]

State = TypeVar("State")

_PAGE: Final = 1000


class Fold(NamedTuple, Generic[State]):
    """How events make a state. `apply` is pure: the same events are the same state, for ever."""

    schema: str
    """Names this way of folding; change it when `apply`, `dump` or `read` changes, and old snapshots are not used."""
    initial: State
    """Of an aggregate without events; never changed in place."""
    apply: Callable[[State, StoredEvent], State]
    dump: Callable[[State], Any]
    """To what JSON can hold, for snapshots."""
    read: Callable[[Any], State]
    """What `dump` gave, back."""


class Loaded(NamedTuple, Generic[State]):
    """An aggregate as it is at a version; version 0 means that it has no events."""

    state: State
    version: int
    replayed: int = 0
    """How many events were read since the snapshot."""


def replay(fold: Fold[State], events: Iterable[StoredEvent], start: State | None = None) -> State:
    """Apply events in their order."""
    state = fold.initial if start is None else start
    for event in events:
        state = fold.apply(state, event)
    return state


async def load(store: EventStore, stream: str, fold: Fold[State], *, use_snapshot: bool = True) -> Loaded[State]:
    """Read an aggregate. Never writes: whoever appends decides when a snapshot is due."""
    kept = await store.load_snapshot(stream, fold.schema) if use_snapshot else None
    state, version = (fold.read(kept.state), kept.version) if kept else (fold.initial, 0)
    replayed = 0
    while True:
        events = await store.read(stream, after=version, limit=_PAGE)
        for event in events:
            state = fold.apply(state, event)
        replayed += len(events)
        version += len(events)
        if len(events) < _PAGE:
            return Loaded(state, version, replayed)


async def snapshot(store: EventStore, stream: str, fold: Fold[State], loaded: Loaded[State]) -> None:
    """Keep the state of an aggregate, so that later loads start there."""
    await store.save_snapshot(Snapshot(stream, loaded.version, fold.schema, fold.dump(loaded.state)))
