"""`protogate legacy capture`, `sync-check --data` and `parity`: how both sides stay in step, and the proof."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from gateway.commands.bridge import add_bridge_options, bridges_of, settings_of
from protogate.console import enter_project, one_line, parser, print_json, waiting
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from gateway.bridge.capture import Captured, Changes
    from gateway.bridge.compare import Comparison
    from gateway.bridge.opening import Opened
    from gateway.bridge.parity import Evidence
    from gateway.settings import Settings
    from protogate.cqrs.ports import EventStore
    from protogate.slices import Phase

__all__ = ["capture", "compare", "parity"]


def capture(arguments: Sequence[str]) -> int:
    """Follow the legacy database, once or until it is stopped."""
    made = parser(
        "legacy capture",
        "Take changes of legacy tables over into the event store, through their mappings. Triggers note which rows\n"
        "changed; `--install triggers` makes them (SQLite, PostgreSQL), `--print` prints them for a DBA. Where there\n"
        "may be none, `--updated-at COLUMN` follows a column that says when a row changed; deletions are not seen\n"
        "then. Fields that both sides changed are decided by --conflicts.\n"
        "Exit codes: 0 done, 1 rows were rejected or in conflict, 2 usage.",
        [
            "legacy capture --install triggers",
            "legacy capture --print",
            "legacy capture                      what waits now",
            "legacy capture --follow             until it is stopped",
        ],
    )
    add_bridge_options(made)
    made.add_argument("--install", choices=("triggers",), help="make the triggers, then end")
    made.add_argument("--remove", action="store_true", help="drop the triggers, then end")
    made.add_argument("--print", action="store_true", help="print the SQL of the triggers, then end")
    made.add_argument("--updated-at", default="", metavar="COLUMN", help="follow this column instead of triggers")
    made.add_argument("--overlap", type=float, default=60.0, metavar="SECONDS", help="of two sweeps; default: 60")
    made.add_argument("--follow", action="store_true", help="go on until it is stopped")
    made.add_argument("--interval", type=float, default=1.0, metavar="SECONDS", help="between two looks; default: 1")
    made.add_argument(
        "--conflicts", choices=("legacy", "new", "stop"), default="legacy", help="who wins; default: legacy"
    )
    options = made.parse_args(arguments)
    enter_project(options.directory)
    if options.install or options.remove or options.print:
        return _triggers(options)
    return asyncio.run(_capture(options))


def _triggers(options: argparse.Namespace) -> int:
    from gateway.bridge.opening import load_mappings, source_url
    from gateway.bridge.triggers import install, remove, trigger_sql
    from protogate.config import load_config
    from protogate.legacy.sources.database import source_engine

    for mapping in load_mappings(options.mapping or load_config(".").legacy):
        url = source_url(mapping, options.source)
        if options.print:
            engine = source_engine(url)
            statements = trigger_sql(engine.dialect.name, mapping.table, mapping.key)
            engine.dispose()
            for statement in statements.remove if options.remove else statements.install:
                print(f"{statement};")
        elif options.remove:
            remove(url, mapping.table, mapping.key)
            print(f"{mapping.subject}: triggers are gone from {mapping.table}")
        else:
            install(url, mapping.table, mapping.key)
            print(f"{mapping.subject}: triggers note what changes in {mapping.table}")
    return EXIT_OK


async def _capture(options: argparse.Namespace) -> int:
    from gateway.commands.data import open_present_store

    settings = settings_of(options)
    store = await open_present_store(settings)
    opened = list(bridges_of(options, keeps=True))
    logs = [_log(options, one, settings) for one in opened]
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    total: dict[str, Captured] = {}
    try:
        while True:
            moved = 0
            for one, log in zip(opened, logs, strict=True):
                moved += await _take(options, one, store, log, total)
            if stopped.is_set() or (not options.follow and not moved):
                break
            if not moved:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), options.interval)
    finally:
        for one, log in zip(opened, logs, strict=True):
            log.close()
            one.bridge.source.close()
        await store.aclose()
    if options.json:
        print_json({"tables": [{"subject": name, **_captured_document(done)} for name, done in total.items()]})
    elif not options.follow:
        for name, done in total.items():
            _print_captured(name, done)
    return EXIT_FINDINGS if any(done.rejected or done.conflicts for done in total.values()) else EXIT_OK


async def _take(
    options: argparse.Namespace, opened: Opened, store: EventStore, log: Changes, total: dict[str, Captured]
) -> int:
    """Take what waits over, add it up, and give how many changes there were."""
    from gateway.bridge.capture import Capture, Captured
    from gateway.bridge.source import SourceLostError
    from protogate.cqrs.errors import StoreUnavailableError

    subject = opened.bridge.mapping.subject
    try:
        done = await Capture(opened.bridge, store, log, options.conflicts).once()
    except (SourceLostError, StoreUnavailableError) as error:
        if not options.follow:
            raise UserError(f"{error}; nothing was lost, run it again") from None
        print(one_line(f"{error}; trying again"), file=sys.stderr)
        return 0
    total[subject] = total.get(subject, Captured()).plus(done)
    if options.follow and (done.changes or done.conflicts) and not options.json:
        _print_captured(subject, done)
    return done.changes


def _log(options: argparse.Namespace, opened: Opened, settings: Settings) -> Changes:
    from gateway.bridge.capture import ChangeLog
    from gateway.bridge.polling import Stamp, UpdatedAtLog
    from gateway.bridge.triggers import is_installed
    from protogate.legacy.sources.database import source_engine

    source, mapping = opened.bridge.source, opened.bridge.mapping
    if options.updated_at:
        folder = settings.data_dir / "bridge"
        folder.mkdir(parents=True, exist_ok=True)
        note = folder / f"{mapping.subject}.watermark.json"
        return UpdatedAtLog(source.url, mapping.table, mapping.key, Stamp(options.updated_at, options.overlap), note)
    engine = source_engine(source.url)
    has_triggers = is_installed(engine)
    engine.dispose()
    if not has_triggers:
        raise UserError(f"{source.shown}: nothing notes what changes; run it with --install triggers, or --updated-at")
    return ChangeLog(source.url, mapping.table)


def _captured_document(done: Captured) -> dict[str, Any]:
    return {
        **done._asdict(),
        "rejected": [{"id": name, "reason": reason} for name, reason in done.rejected],
        "conflicts": [
            {"id": one.id, "fields": [conflict._asdict() for conflict in one.conflicts]} for one in done.conflicts
        ],
    }


def _print_captured(subject: str, done: Captured) -> None:
    print(
        f"{subject}: {done.changes} changes of {done.rows} rows: {done.created} created, {done.changed} changed,"
        f" {done.deleted} deleted, {done.unchanged} as they were, {len(done.rejected)} rejected"
    )
    for name, reason in done.rejected:
        print(one_line(f"  rejected {name}: {reason}"))
    for one in done.conflicts:
        for conflict in one.conflicts:
            print(
                one_line(f"  conflict {one.id}: {conflict.field} is {conflict.legacy!r} there, {conflict.new!r} here")
            )


def compare(arguments: Sequence[str]) -> int:
    """Compare rows and events while both are being written."""
    made = parser(
        "legacy sync-check --data",
        "Compare every row of legacy tables with its events while both are being written. A row that differs is\n"
        "looked at again until both sides agree, or until neither has moved and nothing of it waits to be told.\n"
        "Exit codes: 0 in sync, 1 out of sync, 2 usage.",
        ["legacy sync-check --data", "legacy sync-check --data --source postgresql://app@db/legacy --json"],
    )
    add_bridge_options(made)
    made.add_argument("--settle", type=float, default=1.0, metavar="SECONDS", help="between two looks; default: 1")
    made.add_argument("--patience", type=float, default=30.0, metavar="SECONDS", help="for rows that move; default: 30")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    return asyncio.run(_compare_all(options))


async def _compare_all(options: argparse.Namespace) -> int:
    from gateway.bridge.source import SourceLostError
    from gateway.commands.data import open_present_store
    from protogate.cqrs.errors import StoreUnavailableError

    store = await open_present_store(settings_of(options))
    results: list[tuple[str, Comparison]] = []
    try:
        for opened in bridges_of(options):
            with waiting("comparing"):
                results.append((opened.bridge.mapping.subject, await _compared(opened, store, options)))
    except (SourceLostError, StoreUnavailableError) as error:
        raise UserError(str(error)) from None
    finally:
        await store.aclose()
    is_good = all(not one.differences and not one.moving for _, one in results)
    if options.json:
        print_json({"in_sync": is_good, "tables": [_comparison_document(name, one) for name, one in results]})
    elif is_good:
        print("LEGACY SYNC OK")
    else:
        print(f"OUT OF SYNC: {min(one.in_sync for _, one in results):.1%}")
        for name, one in results:
            _print_comparison(name, one)
    return EXIT_OK if is_good else EXIT_FINDINGS


async def _compared(opened: Opened, store: EventStore, options: argparse.Namespace) -> Comparison:
    from gateway.bridge.compare import Patience
    from gateway.bridge.compare import compare as compare_rows

    with _waiting_changes(opened) as waits:
        return await compare_rows(
            opened.bridge,
            store,
            opened.schema,
            waits=waits,
            patience=Patience(options.settle, options.patience),
        )


@contextmanager
def _waiting_changes(opened: Opened) -> Iterator[Callable[[str], bool]]:
    """Tell whether something of a stream waits in the table of changes."""
    from gateway.bridge.capture import ChangeLog
    from gateway.bridge.triggers import is_installed
    from protogate.legacy.sources.database import source_engine

    bridge = opened.bridge
    engine = source_engine(bridge.source.url)
    has_triggers = is_installed(engine)
    engine.dispose()
    if not has_triggers:
        yield lambda _: False
        return
    log = ChangeLog(bridge.source.url, bridge.mapping.table)
    try:
        yield lambda name: log.has(bridge.adapter.key_of(name))
    finally:
        log.close()


def _comparison_document(subject: str, one: Comparison) -> dict[str, Any]:
    return {
        "subject": subject,
        "rows": one.rows,
        "first_look": one.first_look,
        "differences": [difference._asdict() for difference in one.differences],
        "moving": list(one.moving),
    }


def _print_comparison(subject: str, one: Comparison) -> None:
    print(f"  {subject}: {one.rows:,} rows, {len(one.differences):,} differ, {len(one.moving):,} still move")
    for difference in one.differences[:100]:
        columns = f": {', '.join(difference.columns)}" if difference.columns else ""
        print(one_line(f"    {difference.kind} {difference.id}{columns}"))


def parity(arguments: Sequence[str]) -> int:
    """Judge whether a table can be cut over."""
    made = parser(
        "legacy parity",
        "One verdict before cut-over for each mapping: schema and message, columns, rows and events, changes that\n"
        "wait on either side, and the answers that both sides gave in shadow runs.\n"
        "Exit codes: 0 ready, 1 not ready, 2 usage.",
        ["legacy parity", "legacy parity --mapping users.mapping.yaml --json"],
    )
    add_bridge_options(made)
    made.add_argument("--slice", default="", metavar="NAME", help="whose answers count; default: the category's")
    options = made.parse_args(arguments)
    enter_project(options.directory)
    return asyncio.run(_parity(options))


async def _parity(options: argparse.Namespace) -> int:
    from gateway.bridge.parity import verdict
    from gateway.bridge.source import SourceLostError
    from gateway.commands.data import open_present_store
    from protogate.cqrs.errors import CqrsError

    settings = settings_of(options)
    store = await open_present_store(settings)
    documents = []
    try:
        for opened in bridges_of(options):
            with waiting("measuring"):
                found = await _evidence(opened, store, settings, options)
            lines = verdict(found)
            is_ready = all(line.is_good for line in lines)
            subject = opened.bridge.mapping.subject
            documents.append({"subject": subject, "is_ready": is_ready, "checks": [line._asdict() for line in lines]})
            if not options.json:
                print(f"{subject}: {'READY' if is_ready else 'NOT READY'}")
                for line in lines:
                    print(one_line(f"  {'ok  ' if line.is_good else 'FAIL'} {line.name:<8} {line.detail}"))
    except (SourceLostError, CqrsError) as error:
        raise UserError(str(error)) from None
    finally:
        await store.aclose()
    is_ready = all(one["is_ready"] for one in documents)
    if options.json:
        print_json({"is_ready": is_ready, "tables": documents})
    return EXIT_OK if is_ready else EXIT_FINDINGS


async def _evidence(opened: Opened, store: EventStore, settings: Settings, options: argparse.Namespace) -> Evidence:
    from gateway.bridge.capture import ChangeLog
    from gateway.bridge.compare import compare as compare_rows
    from gateway.bridge.parity import Evidence
    from gateway.bridge.triggers import is_installed
    from gateway.delegation.wiring import delegation_options
    from gateway.wiring import make_relay
    from protogate.legacy.diff import diff
    from protogate.legacy.readiness import readiness
    from protogate.legacy.sources.database import source_engine

    bridge, schema = opened.bridge, opened.schema
    found = diff(bridge.mapping.subject, schema, bridge.replay.message, bridge.mapping)
    rows = await compare_rows(bridge, store, schema)
    engine = source_engine(bridge.source.url)
    changes = None
    if is_installed(engine):
        log = ChangeLog(bridge.source.url, bridge.mapping.table)
        changes = log.backlog()
        log.close()
    engine.dispose()
    relay = make_relay(settings, store)
    try:
        status = await relay.status()
    finally:
        await relay.stop()
    phase, compared, matched = await _answers(options.slice or bridge.mapping.category, store, settings)
    bar = delegation_options(settings).bar
    return Evidence(
        readiness(found),
        tuple(one.field_name for one in found.errors),
        rows.rows,
        len(rows.differences) + len(rows.moving),
        rows.verification.rejected,
        tuple(one.column for one in rows.verification.columns if one.fate == "unaccounted"),
        changes,
        status.waiting,
        status.dead,
        phase,
        compared,
        matched,
        (bar.ratio, bar.comparisons),
    )


async def _answers(name: str, store: EventStore, settings: Settings) -> tuple[str, int, int]:
    """Phase of a slice, and how many of its answers were compared and the same."""
    from pathlib import Path

    from gateway.delegation.parity import ParityBook
    from gateway.delegation.phases import Phases
    from gateway.delegation.wiring import PARITY_FILE
    from gateway.wiring import load_slices
    from protogate.config import load_config

    root = Path.cwd()
    slices: dict[str, Phase] = {one.name: one.phase for one in load_slices(load_config(str(root)), root)}
    if name not in slices:
        return "unknown", 0, 0
    phases = Phases(store, slices)
    await phases.load()
    standing = phases.get(name)
    path = settings.data_dir / PARITY_FILE
    if standing is None or not path.is_file():
        return standing.phase if standing is not None else "unknown", 0, 0
    book = ParityBook(path)
    try:
        counted = book.read(name, standing.window)
    finally:
        book.close()
    return standing.phase, counted.compared, counted.matched
