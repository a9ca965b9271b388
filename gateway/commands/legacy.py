"""`protogate gateway legacy`: how the legacy database stands, and what puts it right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from gateway.legacy.repair import Report
    from gateway.relay import Relay, RelayStatus
    from protogate.cqrs.ports import EventStore

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Show, repair or retry; exit code 1 with dead letters, and when `repair --check` finds rows that differ."""
    import asyncio

    options = _parser(command).parse_args(arguments)
    enter_project(options.directory)
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    from gateway.commands.data import open_present_store
    from gateway.settings import read_settings
    from gateway.wiring import make_relay
    from protogate.cqrs.errors import CqrsError

    settings = read_settings(data_dir=options.data_dir, db=options.db, legacy_db=options.legacy_db)
    store = await open_present_store(settings)
    try:
        relay = make_relay(settings, store)
        try:
            return await _ACTIONS[options.action](options, store, relay)
        except CqrsError as error:
            raise UserError(str(error)) from None
        finally:
            await relay.stop()
    finally:
        await store.aclose()


async def _status(options: argparse.Namespace, store: EventStore, relay: Relay) -> int:
    from gateway.legacy.rows import DESTINATION

    del store
    status = await relay.status()
    letters = await relay.state.dead(DESTINATION)
    if options.json:
        shown: list[dict[str, Any]] = [
            {"number": one.number, "reason": one.reason, "is_waiting": one.is_waiting} for one in letters
        ]
        document = {
            "waiting": status.waiting,
            "lag_seconds": round(status.lag_seconds, 3),
            "dead": status.dead,
            "holder": status.holder,
            "dead_letters": shown,
        }
        print_json(document)
    else:
        _print_status(status)
        for letter in letters:
            again = " (to be tried again)" if letter.is_waiting else ""
            print(f"  {letter.number}: {letter.reason}{again}")
    return EXIT_FINDINGS if status.dead else EXIT_OK


def _print_status(status: RelayStatus) -> None:
    since = f", the oldest for {status.lag_seconds:.0f} s" if status.waiting else ""
    print(f"{status.waiting} rows wait to be written{since}")
    print(f"relay: {status.holder or 'none is running'}")
    print(f"{status.dead} dead letters")


async def _repair(options: argparse.Namespace, store: EventStore, relay: Relay) -> int:
    from gateway.legacy.repair import LegacyTable, repair
    from gateway.slices.user.legacy import KEY, TABLE, is_first, present_row
    from gateway.slices.user.state import CATEGORY

    table = LegacyTable(TABLE, KEY, CATEGORY, is_first, present_row)
    report = await repair(store, relay.writer, table, writes=not options.check)
    wrong = report.missing + report.different
    if options.json:
        print_json(_report_document(report))
    else:
        for difference in report.differences:
            print(difference)
        done = "" if options.check else f", {report.repaired} repaired"
        print(f"{report.compared} rows compared: {report.missing} missing, {report.different} different{done}")
    return EXIT_FINDINGS if options.check and wrong else EXIT_OK


def _report_document(report: Report) -> dict[str, Any]:
    differences = [
        {"table": one.row.table, "key": dict(one.row.key), "columns": list(one.columns)} for one in report.differences
    ]
    return {**report._asdict(), "differences": differences}


async def _retry(options: argparse.Namespace, store: EventStore, relay: Relay) -> int:
    from gateway.legacy.rows import DESTINATION

    del store
    count = await relay.state.retry(DESTINATION, options.numbers or None)
    if options.numbers and count < len(set(options.numbers)):
        raise UserError(f"{len(set(options.numbers)) - count} of these are no dead letters; see the status")
    if options.json:
        print_json({"retried": count})
    else:
        print(f"{count} dead letters will be tried again by the relay")
    return EXIT_OK


async def _forget(options: argparse.Namespace, store: EventStore, relay: Relay) -> int:
    from gateway.legacy.rows import DESTINATION

    del store
    if not options.numbers:
        raise UserError("which dead letters? give their numbers; see the status")
    count = await relay.state.forget(DESTINATION, options.numbers)
    if options.json:
        print_json({"forgotten": count})
    else:
        print(f"{count} dead letters forgotten")
    return EXIT_OK


_ACTIONS = {"status": _status, "repair": _repair, "retry": _retry, "forget": _forget}


def _parser(command: str) -> argparse.ArgumentParser:
    made = parser(
        command,
        "Show how far the legacy database is behind, and put it right. A gateway may run meanwhile.\n\n"
        "  status   what waits, what could not be written and why; exit code 1 with dead letters\n"
        "  repair   compare each user with its row, and write what differs; --check only compares\n"
        "  retry    let the relay try dead letters again, all or those with these numbers\n"
        "  forget   drop dead letters with these numbers",
        [command, f"{command} repair --check", f"{command} retry 17 18"],
    )
    made.add_argument("action", nargs="?", default="status", choices=[*_ACTIONS], help="default: status")
    made.add_argument("numbers", nargs="*", type=int, metavar="NUMBER", help="of dead letters")
    made.add_argument("--check", action="store_true", help="repair: write nothing; exit code 1 when rows differ")
    made.add_argument("--data-dir", metavar="DIR", help="of the gateway; default: .protogate/gateway")
    made.add_argument("--db", help="the event store; default: events.db in the data")
    made.add_argument("--legacy-db", metavar="URL", help="the legacy database; default: legacy.db in the data")
    return made
