"""`protogate slice phase`: how far a slice has come, and the way to move it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from gateway.delegation.cutover import CutOver
    from gateway.settings import Settings
    from protogate.slices import Phase

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Show or change the phase of a slice; exit code 1 when parity is too low."""
    import asyncio
    from pathlib import Path

    from gateway.settings import read_settings
    from protogate.cqrs.errors import CqrsError

    del command
    options = _parser("slice phase").parse_args(arguments)
    enter_project(options.directory)
    settings = read_settings(data_dir=options.data_dir, db=options.db)
    file = settings.database.removeprefix("sqlite:///")
    if "://" not in file and not Path(file).is_file():
        raise UserError(f"{file}: no gateway has run with it; give its --data-dir or --db")
    try:
        return asyncio.run(_run(options, settings))
    except CqrsError as error:
        raise UserError(str(error)) from None


async def _run(options: argparse.Namespace, settings: Settings) -> int:
    from pathlib import Path

    from gateway.delegation.cutover import CutOver
    from gateway.delegation.parity import ParityBook
    from gateway.delegation.phases import Phases
    from gateway.delegation.wiring import PARITY_FILE, delegation_options
    from gateway.wiring import load_slices, make_data_directory, open_store
    from protogate.config import load_config

    root = Path.cwd()
    slices = load_slices(load_config(str(root)), root)
    known: dict[str, Phase] = {one.name: one.phase for one in slices}
    if options.name not in known:
        raise UserError(f"slice {options.name!r} is not known; use one of {', '.join(sorted(known))}")
    make_data_directory(settings.data_dir)
    store = await open_store(settings.database)
    try:
        phases = Phases(store, known)
        await phases.load()
        parity = ParityBook(settings.data_dir / PARITY_FILE)
        try:
            cut_over = CutOver(phases, parity, delegation_options(settings).bar)
            return await (_change(cut_over, options) if options.phase else _show(cut_over, options))
        finally:
            parity.close()
    finally:
        await store.aclose()


async def _change(cut_over: CutOver, options: argparse.Namespace) -> int:
    import sys

    from gateway.delegation.cutover import Change, ParityTooLowError

    wanted = Change(options.phase, options.percent, options.force, options.reason, _actor())
    try:
        await cut_over.change(options.name, wanted)
    except ParityTooLowError as error:
        print(error, file=sys.stderr)
        return EXIT_FINDINGS
    return await _show(cut_over, options)


async def _show(cut_over: CutOver, options: argparse.Namespace) -> int:
    from gateway.delegation.routes import parity_document

    standing = cut_over.phases.get(options.name)
    if standing is None:
        raise AssertionError("the caller knows that there is one")
    parity = cut_over.parity.read(options.name, standing.window)
    document: dict[str, Any] = parity_document(parity, standing, cut_over.bar, {"examples": "1"})
    if options.json:
        print_json(document)
        return EXIT_OK
    share = f", {standing.percent:g}% of callers" if standing.phase == "phase-2" else ""
    print(f"{options.name}: {standing.phase}{share}")
    if parity.ratio is not None:
        print(f"{parity.matched} of {parity.compared} answers are the same")
    for route in parity.routes:
        for field in route.fields:
            print(f"  {route.route}: {field.path or '(all)'}: {field.kind}, {field.times} times")
    return EXIT_OK


def _actor() -> str:
    """Who runs the command, for the record."""
    import getpass

    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):
        return "command line"


def _parser(command: str) -> argparse.ArgumentParser:
    made = parser(
        command,
        "Show how far a slice has come, or move it to another phase. A running gateway follows at once.\n"
        "A move that gives the slice more callers is refused while its answers differ too much from\n"
        "those of the legacy application, see docs/strangler.md. Every move is an event.",
        [
            f"{command} user",
            f"{command} user phase-1",
            f"{command} user phase-2 --percent 5",
            f'{command} user live --force --reason "legacy is gone"',
        ],
    )
    made.add_argument("name", help="the slice")
    made.add_argument("phase", nargs="?", help="planned, phase-1, phase-2 or live; none shows the present one")
    made.add_argument(
        "--percent", type=float, metavar="N", help="callers whom the slice answers in phase-2; default: 10"
    )
    made.add_argument("--force", action="store_true", help="whatever the parity; needs a reason")
    made.add_argument("--reason", default="", help="why; recorded")
    made.add_argument("--data-dir", metavar="DIR", help="of the gateway; default: .protogate/gateway")
    made.add_argument("--db", help="the event store; default: events.db in the data")
    return made
