"""Remembers how often a slice answered what the legacy application answered, and where it did not.

Nobody waits for it: what is observed goes into a queue that a thread empties into a SQLite file beside the events.
When it cannot keep up, or the disk is full, observations are lost and counted; requests never are.
"""

from __future__ import annotations

import json
import logging
import queue
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.delegation.masking import masked, shown
from protogate.cqrs.errors import StoreUnavailableError
from protogate.errors import UserError
from protogate.write_ahead import write_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from protogate.comparison import Difference

__all__ = ["Example", "FieldParity", "Observation", "ParityBook", "RouteParity", "SliceParity"]

_LOG: Final = logging.getLogger(__name__)
_QUEUED: Final = 4096
"""Observations that wait at most."""
_BATCH: Final = 256
_FIELDS: Final = 200
"""Paths of a route that are told apart: names of members may be data."""
_EXAMPLES: Final = 5
"""The last ones of each path."""
_OTHERS: Final = "(others)"
_FORMAT: Final = 1
_TIMEOUT: Final = 5.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS answers (
  slice TEXT, route TEXT, window INTEGER, compared INTEGER NOT NULL, matched INTEGER NOT NULL,
  PRIMARY KEY (slice, route, window)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS skipped (
  slice TEXT, route TEXT, window INTEGER, reason TEXT, count INTEGER NOT NULL,
  PRIMARY KEY (slice, route, window, reason)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fields (
  slice TEXT, route TEXT, window INTEGER, path TEXT, kind TEXT, count INTEGER NOT NULL, last_us INTEGER NOT NULL,
  PRIMARY KEY (slice, route, window, path, kind)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS examples (
  id INTEGER PRIMARY KEY, slice TEXT, route TEXT, window INTEGER, path TEXT, kind TEXT,
  at_us INTEGER NOT NULL, request TEXT NOT NULL, legacy TEXT NOT NULL, other TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS examples_by_field ON examples (slice, route, window, path, kind);
"""


class Observation(NamedTuple):
    """What became of one request that both sides were asked."""

    slice: str
    route: str
    """`GET /queries/user/{id}`."""
    window: int
    """Of the comparison that it counts for, see `Standing`."""
    request: str = ""
    """As examples show it."""
    differences: tuple[Difference, ...] = ()
    skipped: str = ""
    """Why nothing could be compared."""


class Example(NamedTuple):
    """A difference that was seen."""

    at_us: int
    request: str
    legacy: str
    """JSON, its beginning."""
    slice: str


class FieldParity(NamedTuple):
    """How often one place differed."""

    path: str
    kind: str
    times: int
    last_us: int
    examples: tuple[Example, ...]


class RouteParity(NamedTuple):
    """How often the answers of one route were the same."""

    route: str
    compared: int
    matched: int
    skipped: Mapping[str, int]
    fields: tuple[FieldParity, ...]
    """What differed most comes first."""


class SliceParity(NamedTuple):
    """How often the answers of a slice were the same."""

    slice: str
    routes: tuple[RouteParity, ...] = ()

    @property
    def compared(self) -> int:
        """Answers of both sides that were held against each other."""
        return sum(route.compared for route in self.routes)

    @property
    def matched(self) -> int:
        """Those that were the same."""
        return sum(route.matched for route in self.routes)

    @property
    def ratio(self) -> float | None:
        """Matched of compared; None before the first."""
        return ratio_of(self.matched, self.compared)


def ratio_of(matched: int, compared: int) -> float | None:
    """A share, or None of nothing.

    >>> ratio_of(3, 4)
    0.75
    """
    return matched / compared if compared else None


class ParityBook:
    """The counts, in a file that several processes may share."""

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            UserError: it cannot be used.
        """
        self._path = path
        self._queue: queue.Queue[Observation | threading.Event | None] = queue.Queue(_QUEUED)
        self._lost = 0
        self._was_told = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                _prepare(connection, path)
        except (OSError, sqlite3.Error) as error:
            raise UserError(f"{path}: {str(error).lower()}; give another --data-dir, or delete the file") from None
        self._thread = threading.Thread(target=self._work, name="parity", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Observations of this process that could not be kept."""
        return self._lost

    def record(self, observation: Observation) -> None:
        """Keep an observation, soon; never waits."""
        try:
            self._queue.put_nowait(observation)
        except queue.Full:
            self._lost += 1

    def flush(self, timeout: float = _TIMEOUT) -> bool:
        """Wait until everything recorded so far is kept; blocks."""
        done = threading.Event()
        try:
            self._queue.put(done, timeout=timeout)
        except queue.Full:
            return False
        return done.wait(timeout)

    def close(self) -> None:
        """Keep what waits and end."""
        try:
            self._queue.put(None, timeout=_TIMEOUT)
        except queue.Full:  # the file is locked for so long that nothing gets through; the thread ends with the process
            return
        self._thread.join(_TIMEOUT)

    def read(self, name: str, window: int) -> SliceParity:
        """Give what is known of a slice since its comparison began; blocks.

        Raises:
            StoreUnavailableError: the file cannot be read now.
        """
        try:
            return self._read(name, window)
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"{self._path}: {error}") from None

    def _read(self, name: str, window: int) -> SliceParity:
        key = (name, window)
        with closing(self._connect()) as connection:
            examples: dict[tuple[str, str, str], list[Example]] = {}
            for route, path, kind, *rest in connection.execute(
                "SELECT route, path, kind, at_us, request, legacy, other FROM examples"
                " WHERE slice = ? AND window = ? ORDER BY id DESC",
                key,
            ):
                examples.setdefault((route, path, kind), []).append(Example(*rest))
            fields: dict[str, list[FieldParity]] = {}
            for route, path, kind, count, last in connection.execute(
                "SELECT route, path, kind, count, last_us FROM fields WHERE slice = ? AND window = ?"
                " ORDER BY count DESC, path, kind",
                key,
            ):
                seen = tuple(examples.get((route, path, kind), ())[:_EXAMPLES])
                fields.setdefault(route, []).append(FieldParity(path, kind, count, last, seen))
            skipped: dict[str, dict[str, int]] = {}
            for route, reason, count in connection.execute(
                "SELECT route, reason, count FROM skipped WHERE slice = ? AND window = ? ORDER BY reason", key
            ):
                skipped.setdefault(route, {})[reason] = count
            counts = {
                route: (compared, matched)
                for route, compared, matched in connection.execute(
                    "SELECT route, compared, matched FROM answers WHERE slice = ? AND window = ?", key
                )
            }
        routes = tuple(
            RouteParity(route, *counts.get(route, (0, 0)), skipped.get(route, {}), tuple(fields.get(route, ())))
            for route in sorted(counts.keys() | skipped.keys())
        )
        return SliceParity(name, routes)

    def forget_before(self, name: str, window: int) -> None:
        """Drop what was counted of a slice in comparisons before this one, if it can be done now; blocks."""
        try:
            with closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                for table in ("answers", "skipped", "fields", "examples"):
                    connection.execute(f"DELETE FROM {table} WHERE slice = ? AND window < ?", (name, window))  # noqa: S608 - ours
                connection.execute("COMMIT")
        except sqlite3.Error as error:  # nobody reads them any more; they only take room
            _LOG.warning("parity: %s: %s; counts of %s before its last phase-1 stay", self._path, error, name)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_TIMEOUT, isolation_level=None)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _work(self) -> None:
        connection: sqlite3.Connection | None = None
        is_open = True
        while is_open:
            batch = self._next()
            if batch[-1] is None:
                is_open = False
            observations = [one for one in batch if isinstance(one, Observation)]
            try:
                if observations:
                    connection = connection or self._connect()
                    _keep(connection, observations, time.time_ns() // 1000)
                self._was_told = False
            except sqlite3.Error as error:
                self._lost += len(observations)
                if not self._was_told:
                    _LOG.warning("parity: %s: %s; what is observed meanwhile is lost", self._path, error)
                self._was_told = True
                if connection is not None:
                    connection.close()
                    connection = None
            for one in batch:
                if isinstance(one, threading.Event):
                    one.set()
        if connection is not None:
            connection.close()

    def _next(self) -> list[Observation | threading.Event | None]:
        batch = [self._queue.get()]
        while batch[-1] is not None and len(batch) < _BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    write_ahead(path, _TIMEOUT)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _FORMAT:
        raise UserError(f"{path}: was written by a newer protogate; delete it or give another --data-dir")
    connection.executescript(_SCHEMA)
    connection.execute(f"PRAGMA user_version = {_FORMAT}")


def _keep(connection: sqlite3.Connection, observations: Sequence[Observation], now_us: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for one in observations:
            _keep_one(connection, one, now_us)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _keep_one(connection: sqlite3.Connection, one: Observation, now_us: int) -> None:
    key = (one.slice, one.route, one.window)
    if one.skipped:
        connection.execute(
            "INSERT INTO skipped VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
            (*key, one.skipped),
        )
        return
    connection.execute(
        "INSERT INTO answers VALUES (?, ?, ?, 1, ?)"
        " ON CONFLICT DO UPDATE SET compared = compared + 1, matched = matched + excluded.matched",
        (*key, not one.differences),
    )
    for path, kind, difference in _told_apart(one.differences):
        where = _field(connection, key, path, kind)
        connection.execute(
            "INSERT INTO fields VALUES (?, ?, ?, ?, ?, 1, ?)"
            " ON CONFLICT DO UPDATE SET count = count + 1, last_us = excluded.last_us",
            (*where, now_us),
        )
        connection.execute(
            "INSERT INTO examples (slice, route, window, path, kind, at_us, request, legacy, other)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*where, now_us, one.request, _json(difference.legacy, path), _json(difference.slice, path)),
        )
        connection.execute(
            "DELETE FROM examples WHERE id IN (SELECT id FROM examples WHERE slice = ? AND route = ? AND window = ?"
            " AND path = ? AND kind = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (*where, _EXAMPLES),
        )


def _told_apart(differences: Sequence[Difference]) -> Iterator[tuple[str, str, Difference]]:
    """One difference for each place: a list of a thousand wrong items counts as one wrong answer."""
    seen: set[tuple[str, str]] = set()
    for one in differences:
        if (one.path, one.kind) not in seen:
            seen.add((one.path, one.kind))
            yield shown(one.path), one.kind, one


def _field(connection: sqlite3.Connection, key: tuple[str, str, int], path: str, kind: str) -> tuple[Any, ...]:
    """Where a difference is counted: by itself, or with the others when there are too many places."""
    where = (*key, path, kind)
    known = connection.execute(
        "SELECT 1 FROM fields WHERE slice = ? AND route = ? AND window = ? AND path = ? AND kind = ?", where
    ).fetchone()
    if known is None:
        (count,) = connection.execute(
            "SELECT COUNT(*) FROM fields WHERE slice = ? AND route = ? AND window = ?", key
        ).fetchone()
        if count >= _FIELDS:
            return (*key, _OTHERS, kind)
    return where


def _json(value: Any, path: str) -> str:  # noqa: ANN401 - JSON
    return shown(json.dumps(masked(value, path), ensure_ascii=False, default=str).encode("utf-8", "replace").decode())
