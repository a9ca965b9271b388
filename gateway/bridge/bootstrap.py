"""Takes the rows of a legacy table over: each becomes the first event of its stream, once.

Rows are read and converted on a thread of their own while the last batch is being written. A batch is one commit of new
streams; where one of them is there already, the batch is taken apart, and each row is told from its events.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import orjson

from gateway.bridge.checkpoint import Checkpoint, Counts
from protogate.cqrs.errors import ClaimedError, ConflictError, CqrsError, DataError
from protogate.cqrs.messages import Append, Claim, Commit, Expectation, NewEvent, stream_name
from protogate.errors import UserError
from protogate.legacy.adapter import RowError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from gateway.bridge.checkpoint import CheckpointFile
    from gateway.bridge.documents import Replay
    from gateway.bridge.source import RowSource
    from protogate.cqrs.ports import EventStore
    from protogate.legacy.adapter import Adapter
    from protogate.legacy.mapping import BridgeMapping

__all__ = ["Bridge", "Progress", "Reject", "Run", "Taken", "bootstrap", "claims_of", "first_event", "preview"]

_NOTE_EVERY: Final = 0.5
"""Seconds between two notes of how far it has come."""
_AHEAD: Final = 2
"""Pages that are read ahead."""
_PREVIEWED: Final = 10

Row: TypeAlias = tuple[Any, ...]
Progress: TypeAlias = "Callable[[Counts], None]"


class Bridge(NamedTuple):
    """All that the bridge of one table needs."""

    adapter: Adapter
    replay: Replay
    source: RowSource

    @property
    def mapping(self) -> BridgeMapping:
        """How columns become fields."""
        return self.adapter.mapping

    def id_of(self, key: Row) -> str:
        """The id of the stream of a key, as the driver gives it."""
        row: list[Any] = [None] * len(self.adapter.columns)
        for name, value in zip(self.mapping.key, key, strict=True):
            row[self.adapter.columns.index(name)] = value
        return self.adapter.stream_id(row)

    def stream(self, row: Row) -> str:
        """The stream of a row.

        Raises:
            RowError: its key makes no name.
        """
        try:
            return stream_name(self.mapping.category, self.adapter.stream_id(row))
        except DataError as error:
            raise RowError(", ".join(self.mapping.key), str(error)) from None


class Run(NamedTuple):
    """How much a bootstrap does."""

    where: str = ""
    """The condition that the source has, for the note."""
    size: int = 2000
    """Rows that are written together."""
    limit: int | None = None
    """Rows to read in this run."""
    restart: bool = False
    """Begin with the first row again; rows that are there stay as they are."""


class Reject(NamedTuple):
    """A row that cannot be taken over."""

    place: int
    """Of the row in its page."""
    key: Row
    column: str
    reason: str
    row: Row


class Taken(NamedTuple):
    """A row, converted."""

    place: int
    """Of the row in its page."""
    key: Row
    row: Row
    stream: str
    document: dict[str, Any]


class _Page(NamedTuple):
    taken: list[Taken]
    rejects: list[Reject]
    after: Row
    read: int


async def bootstrap(
    bridge: Bridge,
    store: EventStore,
    file: CheckpointFile,
    run: Run = Run(),  # noqa: B008 - a frozen value
    progress: Progress = lambda _: None,
) -> Counts:
    """Take all rows over that are not taken over yet, and give what became of them over all runs.

    Args:
        bridge: the table and its mapping.
        store: where the events go.
        file: where it is noted how far it came; rejected rows stand beside it.
        run: how much to do.
        progress: told after each batch.

    Raises:
        UserError: the note is of another mapping or source.
        SourceLostError: the legacy database went away; the next run goes on from there.
        StoreUnavailableError: nothing more can be written; as before.
    """
    note = _begin(bridge, file, run.where, restart=run.restart)
    if note.is_done:
        # A second look finds rows that came since, and writes nothing for the others.
        note = note._replace(after=None, counts=Counts(), rejects_size=0, is_done=False)
    noted = time.monotonic()
    with _rejects(file.rejects, note.rejects_size) as rejects:
        async for page in _pages(bridge, note.after, run.size, run.limit):
            outcome, refused = await _write(bridge, store, page.taken)
            for one in sorted((*page.rejects, *refused)):
                rejects.write(_line(bridge, one))
            rejects.flush()
            counts = note.counts.plus(read=page.read, rejected=len(page.rejects) + len(refused), **outcome)
            note = note._replace(counts=counts, after=page.after, rejects_size=rejects.tell())
            if time.monotonic() - noted > _NOTE_EVERY:
                file.save(note)
                noted = time.monotonic()
            progress(note.counts)
        note = note._replace(is_done=run.limit is None)
        file.save(note)
    if not note.counts.rejected:
        file.rejects.unlink(missing_ok=True)
    return note.counts


def preview(bridge: Bridge, *, size: int = 2000, limit: int | None = None) -> tuple[Counts, tuple[Reject, ...]]:
    """Read and convert all rows and write nothing; give the counts and the first rejects."""
    counts = Counts()
    first: list[Reject] = []
    for page in bridge.source.pages(size=size, limit=limit):
        made = _converted(bridge, page)
        counts = counts.plus(read=made.read, rejected=len(made.rejects), written=len(made.taken))
        first += made.rejects[: _PREVIEWED - len(first)]
    return counts, tuple(first)


def first_event(bridge: Bridge, document: dict[str, Any]) -> NewEvent:
    """The event with which a row enters the store."""
    return NewEvent(bridge.replay.created, document, bridge.replay.metadata)


def claims_of(bridge: Bridge, stream: str, document: dict[str, Any]) -> list[Claim]:
    """The names that a row takes."""
    claims = []
    for space, field, fold in bridge.adapter.mapping.claims:
        name = document.get(bridge.replay.json_name(field))
        if name:
            text = str(name)
            claims.append(Claim(space, text.casefold() if fold == "casefold" else text, stream))
    return claims


def _begin(bridge: Bridge, file: CheckpointFile, where: str, *, restart: bool) -> Checkpoint:
    fresh = Checkpoint(bridge.mapping.digest, f"{bridge.source.shown} {bridge.source.table}", where)
    if restart:
        file.forget()
        return fresh
    note = file.load()
    if note is None:
        return fresh
    for what, old, new in (
        ("mapping", note.mapping, fresh.mapping),
        ("source", note.source, fresh.source),
        ("--where", note.where, fresh.where),
    ):
        if old != new:
            raise UserError(f"{file.path}: was begun with another {what}; use --restart to begin with the first row")
    return note


async def _pages(bridge: Bridge, after: Row | None, size: int, limit: int | None) -> AsyncIterator[_Page]:
    """Read and convert pages on a thread, a few ahead of whoever writes them."""
    ready: queue.Queue[_Page | Exception | None] = queue.Queue(_AHEAD)
    ended = threading.Event()

    def put(item: _Page | Exception | None) -> bool:
        while not ended.is_set():
            with contextlib.suppress(queue.Full):
                ready.put(item, timeout=0.1)
                return True
        return False

    def work() -> None:
        try:
            for rows in bridge.source.pages(after=after, size=size, limit=limit):
                if not put(_converted(bridge, rows)):
                    return
            put(None)
        except Exception as error:  # noqa: BLE001 - whoever writes must hear of it
            put(error)

    thread = threading.Thread(target=work, name="bridge-source", daemon=True)
    thread.start()
    try:
        while True:
            item = await asyncio.to_thread(ready.get)
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        ended.set()


def _converted(bridge: Bridge, rows: Sequence[Row]) -> _Page:
    taken: list[Taken] = []
    rejects: list[Reject] = []
    key_of, to_document, stream = bridge.source.key_of, bridge.adapter.to_document, bridge.stream
    for place, row in enumerate(rows):
        key = key_of(row)
        try:
            taken.append(Taken(place, key, row, stream(row), to_document(row)))
        except RowError as error:
            rejects.append(Reject(place, key, error.column, error.reason, row))
    return _Page(taken, rejects, key_of(rows[-1]), len(rows))


async def _write(bridge: Bridge, store: EventStore, taken: Sequence[Taken]) -> tuple[dict[str, int], list[Reject]]:
    """Write rows in one commit if all are new, else each for itself."""
    if not taken:
        return {}, []
    try:
        await store.commit(_commit(bridge, taken))
    except (ConflictError, ClaimedError, DataError):
        return await _write_apart(bridge, store, taken)
    return {"written": len(taken)}, []


async def _write_apart(
    bridge: Bridge, store: EventStore, taken: Sequence[Taken]
) -> tuple[dict[str, int], list[Reject]]:  # fmt: skip
    outcome = {"written": 0, "present": 0, "different": 0}
    rejects: list[Reject] = []
    waiting: list[Taken] = []
    for one in taken:
        known = await _known(bridge, store, one)
        if known:
            outcome[known] += 1
        else:
            waiting.append(one)
    tried = await asyncio.gather(
        *(store.commit(_commit(bridge, [one])) for one in waiting), return_exceptions=True
    )  # fmt: skip
    for one, result in zip(waiting, tried, strict=True):
        if not isinstance(result, BaseException):
            outcome["written"] += 1
        elif isinstance(result, ConflictError):
            # Two rows of one key, or another run of ours was faster.
            outcome[await _known(bridge, store, one) or "different"] += 1
        elif isinstance(result, ClaimedError | DataError):
            rejects.append(Reject(one.place, one.key, _column_of(bridge, result), str(result), one.row))
        else:
            raise result
    return outcome, rejects


async def _known(bridge: Bridge, store: EventStore, one: Taken) -> str:
    """What the store has of a row: `present`, `different`, or nothing."""
    events = await store.read(one.stream)
    if not events:
        return ""
    state = bridge.replay.document(events).state
    return "present" if state == bridge.replay.mapped(one.document) else "different"


def _commit(bridge: Bridge, taken: Sequence[Taken]) -> Commit:
    absent = Expectation.ABSENT
    kind, metadata = bridge.replay.created, bridge.replay.metadata
    appends = tuple([Append(one.stream, (NewEvent(kind, one.document, metadata),), absent) for one in taken])
    claims: list[Claim] = []
    if bridge.mapping.claims:
        for one in taken:
            claims += claims_of(bridge, one.stream, one.document)
    return Commit(appends, claims=tuple(claims))


def _column_of(bridge: Bridge, error: CqrsError) -> str:
    """The column whose value somebody else has."""
    if isinstance(error, ClaimedError):
        fields = {rule.space: rule.field for rule in bridge.mapping.claims}
        wanted = fields.get(error.space, "")
        return next((one.column for one in bridge.mapping.columns if one.field == wanted), wanted)
    return "row"


@contextlib.contextmanager
def _rejects(path: Path, size: int) -> Iterator[Any]:
    """The file of rejected rows, cut to what is known to be done."""
    try:
        with path.open("ab") as file:
            file.truncate(size)
            file.seek(size)
            yield file
    except OSError as error:
        raise UserError(f"{path}: {(error.strerror or str(error)).lower()}") from None


def _line(bridge: Bridge, one: Reject) -> bytes:
    document = {
        "key": dict(zip(bridge.mapping.key, one.key, strict=True)),
        "column": one.column,
        "reason": one.reason,
        "row": dict(zip(bridge.adapter.columns, one.row, strict=True)),
    }
    return orjson.dumps(document, default=_shown, option=orjson.OPT_APPEND_NEWLINE)


def _shown(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
