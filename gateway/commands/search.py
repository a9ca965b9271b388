"""`protogate gateway search`: how far the search index has come, and building it anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Show or rebuild."""
    import asyncio

    options = _parser(command).parse_args(arguments)
    enter_project(options.directory)
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    from gateway.commands.data import open_present_store
    from gateway.settings import read_settings
    from gateway.slices.search.projection import SearchProjection
    from gateway.stores.search import open_search_index
    from protogate.cqrs.errors import CqrsError

    settings = read_settings(data_dir=options.data_dir, db=options.db)
    store = await open_present_store(settings)
    try:
        index = open_search_index(settings.database, settings.data_dir)
        try:
            if options.action == "rebuild":
                await SearchProjection(store, index).rebuild()
            live = await index.live()
            position = await store.position()
        except CqrsError as error:
            raise UserError(str(error)) from None
        finally:
            await index.aclose()
    finally:
        await store.aclose()
    reached = 0 if live is None else live.position
    if options.json:
        print_json({"position": reached, "newest_event": position})
    elif live is None:
        print("there is no search index yet; a gateway builds it when it starts")
    else:
        print(f"the search index knows all entries up to event {reached} of {position}")
    return EXIT_OK


def _parser(command: str) -> argparse.ArgumentParser:
    made = parser(
        command,
        "Show how far the search index has come, or build it anew from the events. The present one\n"
        "answers until the new one has come as far; a gateway may run meanwhile.",
        [command, f"{command} rebuild"],
    )
    made.add_argument("action", nargs="?", default="status", choices=["status", "rebuild"], help="default: status")
    made.add_argument("--data-dir", metavar="DIR", help="of the gateway; default: .protogate/gateway")
    made.add_argument("--db", help="the event store; default: events.db in the data")
    return made
