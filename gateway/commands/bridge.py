"""`protogate legacy bootstrap`, `verify` and others: what moves and compares rows, in the process of the gateway."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from protogate.console import enter_project, one_line, parser, print_json, waiting
from protogate.errors import EXIT_FINDINGS, EXIT_OK, EXIT_USAGE, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gateway.bridge.bootstrap import Reject
    from gateway.bridge.checkpoint import Counts
    from gateway.bridge.opening import Opened
    from gateway.bridge.verification import Verification
    from gateway.settings import Settings
    from protogate.cqrs.ports import EventStore

__all__ = ["add_bridge_options", "bridges_of", "run", "settings_of"]

_TIDY_EVERY = 25
"""Pages of rows."""
_ACTIONS = ("bootstrap", "verify", "capture", "compare", "parity")


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one of the actions."""
    del command
    first = arguments[0] if arguments else ""
    if first == "bootstrap":
        return asyncio.run(_bootstrap(_bootstrap_parser().parse_args(arguments[1:])))
    if first == "verify":
        return asyncio.run(_verify_all(_verify_parser().parse_args(arguments[1:])))
    if first in _ACTIONS:
        from gateway.commands import bridge_sync

        action: Callable[[Sequence[str]], int] = getattr(bridge_sync, first)
        return action(arguments[1:])
    print(f"protogate legacy: {first!r} is not a command; use one of {', '.join(_ACTIONS)}", file=sys.stderr)
    return EXIT_USAGE


def add_bridge_options(made: argparse.ArgumentParser) -> None:
    """Let the user say which rows go where."""
    made.add_argument(
        "--mapping", action="append", metavar="FILE", help="a mapping, or a directory of them; default: the project's"
    )
    made.add_argument(
        "--source",
        default="",
        metavar="URL",
        help="the legacy database, as SQLAlchemy has it; default: what the mapping says, LEGACY_DB_PATH, or legacy.db",
    )
    made.add_argument("--contracts", default=".", metavar="DIR", help="where the contracts are; default: the project")
    made.add_argument("--db", help="the event store; default: events.db in the data, or EVENT_STORE_PATH")
    made.add_argument("--data-dir", metavar="DIR", help="of the gateway; default: .protogate/gateway")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings of the gateway whose store is meant."""
    from gateway.settings import read_settings

    settings = read_settings(data_dir=options.data_dir, db=options.db)
    environment = os.environ.get("EVENT_STORE_PATH")
    if environment and not settings.db:
        return settings.model_copy(update={"db": environment})
    return settings


def bridges_of(options: argparse.Namespace, where: str = "", *, keeps: bool = False) -> Iterator[Opened]:
    """Open the bridges that the command line names; with `keeps` they stay open, and the caller closes them."""
    from gateway.bridge.opening import load_mappings, open_bridges
    from protogate.build.revisions import load_image
    from protogate.config import load_config

    config = load_config(".")
    mappings = load_mappings(options.mapping or config.legacy)
    with waiting("compiling contracts"):
        contract = load_image(options.contracts, template=config.template).schema()
    return open_bridges(mappings, contract, source=options.source, where=where, keeps=keeps)


def _bootstrap_parser() -> argparse.ArgumentParser:
    made = parser(
        "legacy bootstrap",
        "Take the rows of legacy tables over into the event store, each once, in the order of their keys, and\n"
        "verify in the end that every row and every column is there. A run that was stopped, by whatever, goes\n"
        "on where it was. Rows that cannot be taken over are listed with the reason.\n"
        "Exit codes: 0 all rows are there, 1 rows were rejected or differ, or the source went away, 2 usage.",
        [
            "legacy bootstrap --source sqlite:///legacy.db --dry-run",
            "legacy bootstrap --source postgresql://app@db/legacy --mapping contracts/legacy_bridge",
            "legacy bootstrap --mapping users.mapping.yaml --where 'id > 1000' --json",
        ],
    )
    add_bridge_options(made)
    made.add_argument("--dry-run", action="store_true", help="read and convert everything, write nothing")
    made.add_argument("--where", default="", metavar="SQL", help="a condition on the rows")
    made.add_argument(
        "--batch-size", type=_count, default=2000, metavar="N", help="rows written together; default: 2000"
    )
    made.add_argument("--limit", type=_count, metavar="N", help="rows to read in this run")
    made.add_argument("--restart", action="store_true", help="begin with the first row; what is there stays")
    made.add_argument("--no-verify", action="store_true", help="leave the verification out")
    return made


def _verify_parser() -> argparse.ArgumentParser:
    made = parser(
        "legacy verify",
        "Compare every row of legacy tables with what its events say, by a digest of each, and account for\n"
        "every column. Nothing is written.\n"
        "Exit codes: 0 equal, 1 something differs, 2 usage.",
        ["legacy verify --source sqlite:///legacy.db", "legacy verify --json"],
    )
    add_bridge_options(made)
    return made


def _count(text: str) -> int:
    import argparse

    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


async def _bootstrap(options: argparse.Namespace) -> int:
    from gateway.wiring import make_data_directory, open_store

    enter_project(options.directory)
    bridges = bridges_of(options, options.where)
    if options.dry_run:
        return _dry_run(options, bridges)
    settings = settings_of(options)
    folder = settings.data_dir / "bridge"
    documents = []
    store: EventStore | None = None
    try:
        for opened in bridges:
            if store is None:
                # Only a source that can be read is worth an event store.
                make_data_directory(settings.data_dir)
                folder.mkdir(exist_ok=True)
                store = await open_store(settings.database)
            documents.append(await _take_over(options, opened, store, folder))
    finally:
        if store is not None:
            await store.aclose()
    if options.json:
        print_json({"is_complete": all(one["is_complete"] for one in documents), "tables": documents})
    return EXIT_OK if all(one["is_complete"] for one in documents) else EXIT_FINDINGS


async def _take_over(
    options: argparse.Namespace, opened: Opened, store: EventStore, folder: Path
) -> dict[str, Any]:  # fmt: skip
    from gateway.bridge.bootstrap import Run, bootstrap
    from gateway.bridge.checkpoint import CheckpointFile
    from gateway.bridge.source import SourceLostError
    from gateway.bridge.verification import verify
    from protogate.cqrs.errors import StoreUnavailableError

    bridge = opened.bridge
    file = CheckpointFile(folder, bridge.mapping.subject)
    run = Run(options.where, options.batch_size, options.limit, options.restart)
    began = time.monotonic()
    bar = _Bar(bridge.mapping.subject, bridge.source.count)
    try:
        with _rarely_collected() as tidy:

            def seen(counts: Counts) -> None:
                bar.show(counts)
                tidy()

            counts = await bootstrap(bridge, store, file, run=run, progress=seen)
    except (SourceLostError, StoreUnavailableError) as error:
        bar.close()
        print(one_line(f"{error}; what was taken over stays, run it again to go on"), file=sys.stderr)
        return {"subject": bridge.mapping.subject, "is_complete": False, "lost": str(error)}
    bar.close()
    seconds = time.monotonic() - began
    document: dict[str, Any] = {
        "subject": bridge.mapping.subject,
        "table": bridge.mapping.table,
        **counts._asdict(),
        "seconds": round(seconds, 3),
        "rejected_file": str(file.rejects) if counts.rejected else None,
    }
    found = None
    why_not = _why_not_verified(options)
    if not why_not:
        with waiting("verifying"), _rarely_collected() as tidy:
            found = await verify(bridge, store, opened.schema, lambda _, __: tidy())
        document["verification"] = _verification_document(found)
    else:
        document["not_verified"] = why_not
    document["is_complete"] = not counts.rejected and (found is None or found.is_equal)
    if not options.json:
        _print_counts(bridge.mapping.subject, counts, seconds, document["rejected_file"])
        if found is not None:
            _print_verification(found)
        else:
            print(f"  not verified: {why_not}")
    return document


def _why_not_verified(options: argparse.Namespace) -> str:
    """Why the rows are not held against the events; empty when they are."""
    if options.no_verify:
        return "--no-verify"
    part = "--where" if options.where else "--limit" if options.limit else ""
    return f"{part} takes a part only; `protogate legacy verify` looks at all rows" if part else ""


def _print_counts(subject: str, counts: Counts, seconds: float, rejects: str | None) -> None:
    rate = f", {counts.read / seconds:,.0f} rows/s" if seconds else ""
    print(
        f"{subject}: {counts.read:,} rows: {counts.written:,} taken over, {counts.present:,} were there,"
        f" {counts.different:,} differ, {counts.rejected:,} rejected ({seconds:.1f} s{rate})"
    )
    if rejects:
        print(f"  rejected rows and their reasons: {rejects}")


def _print_verification(found: Verification) -> None:
    verdict = "VERIFIED" if found.is_equal else "NOT EQUAL"
    rejected = f", {found.rejected:,} cannot be carried" if found.rejected else ""
    print(
        f"  {verdict}: {found.rows:,} rows, {found.streams:,} streams: {found.equal:,} equal,"
        f" {found.different:,} differ, {found.missing:,} missing, {found.vanished:,} without a row,"
        f" {found.only_new:,} new here{rejected}"
    )
    for one in found.differences:
        columns = f": {', '.join(one.columns)}" if one.columns else ""
        print(one_line(f"    {one.kind} {one.id}{columns}"))
    for fate in found.columns:
        if fate.fate != "mapped":
            print(one_line(f"  column {fate.column} {fate.fate}: {fate.detail}"))


def _verification_document(found: Verification) -> dict[str, Any]:
    return {
        "is_equal": found.is_equal,
        **found._asdict(),
        "differences": [one._asdict() for one in found.differences],
        "columns": [one._asdict() for one in found.columns],
    }


def _dry_run(options: argparse.Namespace, bridges: Iterator[Opened]) -> int:
    from gateway.bridge.bootstrap import preview
    from gateway.bridge.source import SourceLostError

    documents = []
    for opened in bridges:
        try:
            with waiting("reading"):
                counts, rejects = preview(opened.bridge, size=options.batch_size, limit=options.limit)
        except SourceLostError as error:
            raise UserError(str(error)) from None
        subject = opened.bridge.mapping.subject
        shown = [_reject_document(opened, one) for one in rejects]
        documents.append({
            "subject": subject, "read": counts.read, "would_write": counts.written, "rejected": counts.rejected,
            "first_rejects": shown,
        })  # fmt: skip
        if not options.json:
            print(f"{subject}: {counts.read:,} rows, {counts.written:,} can be taken over, {counts.rejected:,} cannot")
            for one in shown:
                print(one_line(f"  {one['key']}: {one['column']}: {one['reason']}"))
    if options.json:
        print_json({"dry_run": True, "tables": documents})
    return EXIT_FINDINGS if any(one["rejected"] for one in documents) else EXIT_OK


def _reject_document(opened: Opened, one: Reject) -> dict[str, Any]:
    key = ", ".join(f"{name}={value}" for name, value in zip(opened.bridge.mapping.key, one.key, strict=True))
    return {"key": key, "column": one.column, "reason": one.reason}


async def _verify_all(options: argparse.Namespace) -> int:
    from gateway.bridge.source import SourceLostError
    from gateway.bridge.verification import verify
    from gateway.commands.data import open_present_store
    from protogate.cqrs.errors import StoreUnavailableError

    enter_project(options.directory)
    bridges = bridges_of(options)
    store = await open_present_store(settings_of(options))
    documents = []
    try:
        for opened in bridges:
            with waiting("verifying"):
                found = await verify(opened.bridge, store, opened.schema)
            documents.append({"subject": opened.bridge.mapping.subject, **_verification_document(found)})
            if not options.json:
                print(opened.bridge.mapping.subject)
                _print_verification(found)
    except (SourceLostError, StoreUnavailableError) as error:
        raise UserError(str(error)) from None
    finally:
        await store.aclose()
    is_equal = all(one["is_equal"] for one in documents)
    if options.json:
        print_json({"is_equal": is_equal, "tables": documents})
    return EXIT_OK if is_equal else EXIT_FINDINGS


@contextmanager
def _rarely_collected() -> Iterator[Callable[[], None]]:
    """Look for cycles when asked, and then now and then only: rows make none, and each look costs a third more time."""
    import gc

    pages = 0

    def tidy() -> None:
        nonlocal pages
        pages += 1
        if pages % _TIDY_EVERY == 0:
            gc.collect()

    gc.freeze()
    gc.disable()
    try:
        yield tidy
    finally:
        gc.enable()
        gc.unfreeze()


class _Bar:
    """How far it has come, on a terminal."""

    def __init__(self, subject: str, count: Callable[[], int]) -> None:
        self._is_shown = sys.stderr.isatty()
        self._subject = subject
        self._total = count() if self._is_shown else 0
        self._began = time.monotonic()
        self._first = -1
        self._due = 0.0

    def show(self, counts: Counts) -> None:
        now = time.monotonic()
        if not self._is_shown or now < self._due:
            return
        self._due = now + 0.2
        if self._first < 0:
            self._first = counts.read
        rate = (counts.read - self._first) / (now - self._began) if now > self._began else 0.0
        left = f", {(self._total - counts.read) / rate:,.0f} s left" if rate > 0 else ""
        share = counts.read / self._total if self._total else 1.0
        filled = "#" * int(30 * min(share, 1.0))
        text = f"{self._subject} [{filled:<30}] {counts.read:,} of {self._total:,} rows, {rate:,.0f} rows/s{left}"
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._is_shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
