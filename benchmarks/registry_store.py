"""`python -m benchmarks.registry_store`: what a store costs, in process: 100,000 versions, look-ups and writes."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from registry.compiler import Imports, compile_schema
from registry.service import Registry
from registry.settings import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from registry.ports import Store
    from registry.values import NewVersion

__all__ = ["StoreFigure", "measure_store", "render_store"]

_SUBJECTS = 1_000
_VERSIONS = 100
_LOOKUPS = 5_000
_BATCH = 64
_REGISTERS = 1_000

_USER = """\
syntax = "proto3";

package acme.user.v1;

// A user of the shop.
message User {
  string user_id = 1;
  string first_name = 2;
  string last_name = 3;
  // Where mail goes.
  string email = 4;
  repeated string roles = 5;
  map<string, int32> limits = 6;
  oneof contact {
    string phone = 7;
    string page = 8;
  }
  optional bool active = 9;
  State state = 10;
  string extra_%s = 11;
}

enum State {
  STATE_UNSPECIFIED = 0;
  STATE_ACTIVE = 1;
  STATE_CLOSED = 2;
}
"""


@dataclass(frozen=True, slots=True)
class StoreFigure:
    """One figure, with its unit."""

    what: str
    value: float
    unit: str


def measure_store(folder: Path, *, scale: float = 1.0, database: str = "") -> list[StoreFigure]:
    """Fill a store with versions of 1,000 subjects, then look up and register.

    Args:
        folder: for the SQLite file.
        scale: of all numbers of subjects and calls.
        database: in place of the file, such as `postgresql://...`.
    """
    path = folder / "store.db"
    subjects = max(1, int(_SUBJECTS * scale))
    with closing(open_store(database or str(path))) as store:
        started = time.perf_counter()
        _fill(store, subjects)
        filled = subjects * _VERSIONS / (time.perf_counter() - started)
    figures = [StoreFigure("versions written, 64 a transaction", filled, "a second")]
    if not database:
        size = path.stat().st_size / (subjects * _VERSIONS)
        figures.append(StoreFigure("size of a version", size, "bytes"))
    started = time.perf_counter()
    with closing(open_store(database or str(path))) as store:
        store.latest("subject/0.proto")
        figures.append(StoreFigure("opened, and read one", (time.perf_counter() - started) * 1000, "ms"))
        figures += _look_up(store, subjects, max(100, int(_LOOKUPS * scale)))
        figures.append(_register(store, max(_BATCH, int(_REGISTERS * scale))))
    return figures


def render_store(figures: Sequence[StoreFigure]) -> str:
    """A Markdown table."""
    rows = [f"| {each.what} | {each.value:,.3f} {each.unit} |" for each in figures]
    return "\n".join(["| what | measured |", "|---|---|", *rows])


def _fill(store: Store, subjects: int) -> None:
    waiting: list[Callable[[], object]] = []
    for number, new in enumerate(_contents(subjects * _VERSIONS)):
        waiting.append(partial(store.add, f"subject/{number // _VERSIONS}.proto", new, _accept))
        if len(waiting) == _BATCH:
            _run(store, waiting)
    _run(store, waiting)


def _contents(wanted: int) -> Iterator[NewVersion]:
    """Yield contents of the size of real ones; compiled once, since this is about the store."""
    mark = "a" * 8
    compiled = compile_schema(_USER % mark, (), Imports({}, {}), file_name="acme/user/v1/user.proto").new_version()
    for number in range(wanted):
        own = f"{number:08d}"
        canonical = compiled.canonical.replace(mark.encode(), own.encode())
        yield replace(
            compiled,
            content_id=sha256(canonical).hexdigest(),
            text=compiled.text.replace(mark, own),
            canonical=canonical,
        )


def _run(store: Store, jobs: list[Callable[[], object]]) -> None:
    failures = [result for result in store.batch(jobs) if isinstance(result, Exception)]
    if failures:
        raise failures[0]
    jobs.clear()


def _look_up(store: Store, subjects: int, times: int) -> Iterator[StoreFigure]:
    content_ids = [head.content_id for head in store.heads("subject/0.proto")]
    calls: dict[str, Callable[[int], object]] = {
        "by id": lambda number: store.by_id(number * 7919 % (subjects * _VERSIONS) + 1),
        "by subject and version": lambda number: store.version(
            f"subject/{number * 31 % subjects}.proto", number % _VERSIONS + 1
        ),
        "latest of a subject": lambda number: store.latest(f"subject/{number * 31 % subjects}.proto"),
        "by content": lambda number: store.by_content("subject/0.proto", content_ids[number % _VERSIONS]),
    }
    for what, call in calls.items():
        taken = sorted(_time(call, number) for number in range(times))
        yield StoreFigure(f"{what}, p50", statistics.median(taken) * 1000, "ms")
        yield StoreFigure(f"{what}, p99", taken[int(times * 0.99)] * 1000, "ms")


def _time(call: Callable[[int], object], number: int) -> float:
    started = time.perf_counter()
    found = call(number)
    taken = time.perf_counter() - started
    if found is None:
        raise LookupError(f"nothing found for {number}")
    return taken


def _register(store: Store, times: int) -> StoreFigure:
    """Register with compilation and FULL check, as a server with many clients does: a batch is a transaction."""
    registry = Registry(store)
    registry.set_level(None, "FULL")
    waiting: list[Callable[[], object]] = []
    started = time.perf_counter()
    for number in range(times):
        schema = registry.compile(_USER % f"new{number}", subject="new.proto")
        waiting.append(partial(registry.register, f"new/{number % 50}.proto", schema))
        if len(waiting) == _BATCH:
            _run(store, waiting)
    _run(store, waiting)
    return StoreFigure("register, compiled and checked FULL", times / (time.perf_counter() - started), "a second")


def _accept() -> None:
    """Refuse nothing."""


def main() -> None:
    """Measure a store in a temporary folder, or the one that is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registry_store", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of all numbers; 1 is 100,000 versions")
    parser.add_argument("--db", default="", help="an empty database in place of a SQLite file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        print(render_store(measure_store(Path(name), scale=options.scale, database=options.db)))  # noqa: T201 - a report


if __name__ == "__main__":
    main()
