"""All contracts as `registry.json`: what programs read.

It says nothing of the time, of the machine or of the fields of contracts: it changes when what it lists does, so two
branches that touch different contracts do not meet in it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

from protogate.crosscheck.contracts.discovery import relative_path
from protogate.crosscheck.contracts.model import Command, Event, Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogate.crosscheck.contracts.model import Contract

    Kind = TypeVar("Kind", Command, Query, Event)

__all__ = ["NONE", "by_name", "endpoint", "registry_json"]

NONE: Final = "—"
"""Stands where a contract says nothing."""


def registry_json(contracts: Iterable[Contract], directory: str) -> str:
    """Return the listing of contracts, by kind and name; of two with one name the first one.

    Args:
        contracts: sorted by path.
        directory: where they were found; their files are named from there.
    """
    listed = list(contracts)
    commands = {one.name: _command(one, directory) for one in by_name(listed, Command)}
    queries = {one.name: _common(one, directory) for one in by_name(listed, Query)}
    events = {one.name: _event(one, directory) for one in by_name(listed, Event)}
    document = {
        "_total": len(commands) + len(queries) + len(events),
        "commands": commands,
        "queries": queries,
        "events": events,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def by_name(contracts: Iterable[Contract], kind: type[Kind]) -> list[Kind]:
    """Return the contracts of one kind, sorted by name, each name once."""
    once: dict[str, Kind] = {}
    for one in contracts:
        if isinstance(one, kind):
            once.setdefault(one.name, one)
    return [once[name] for name in sorted(once)]


def endpoint(contract: Contract) -> tuple[str, str]:
    """Return how a contract is reached by HTTP (method and path) and by WebSocket (channel)."""
    http = contract.transport.get("http", {})
    parts = [part for part in (http.get("method", ""), http.get("endpoint", "")) if part]
    return " ".join(parts) or NONE, contract.transport.get("ws", {}).get("channel") or NONE


def _command(contract: Command, directory: str) -> dict[str, Any]:
    return {**_common(contract, directory), "events": dict(contract.events)}


def _common(contract: Command | Query, directory: str) -> dict[str, Any]:
    return {**_about(contract, directory), "transport": _transport(contract), "layers": dict(contract.layers)}


def _event(contract: Event, directory: str) -> dict[str, Any]:
    return {
        **_about(contract, directory),
        "producers": dict(contract.producers),
        "consumers": contract.consumers,
        "transport": _transport(contract),
    }


def _about(contract: Contract, directory: str) -> dict[str, Any]:
    return {
        "file": relative_path(contract.document.path, directory),
        "kind": contract.kind,
        "version": contract.version,
        "module": contract.module or NONE,
        "description": contract.description,
    }


def _transport(contract: Contract) -> dict[str, str]:
    http, channel = endpoint(contract)
    return {"http": http, "ws": channel}
