"""Puts together what the bridge of a mapping needs: contracts, the schema of the table, the adapter, the source."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.bridge.bootstrap import Bridge
from gateway.bridge.documents import Replay
from gateway.bridge.source import RowSource
from protogate.errors import UserError
from protogate.legacy.compiling import compile_adapter
from protogate.legacy.contract_models import ContractModels
from protogate.legacy.mapping_file import find_mappings, load_mapping
from protogate.legacy.sources import read_schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protogate.descriptors import Schema
    from protogate.legacy.mapping import BridgeMapping
    from protogate.legacy.model import LegacySchema

__all__ = ["Opened", "load_mappings", "open_bridges", "source_url"]

_DEFAULT: Final = "legacy.db"


class Opened(NamedTuple):
    """A bridge and the schema of its table."""

    bridge: Bridge
    schema: LegacySchema


def load_mappings(places: Sequence[str]) -> tuple[BridgeMapping, ...]:
    """Read the mappings of some files and directories.

    Raises:
        UserError: there is none, or one cannot be read.
    """
    found = find_mappings(places)
    if not found:
        raise UserError(
            f"{', '.join(places)}: no mapping, *.mapping.yaml; `protogate legacy propose` writes a first one"
        )
    return tuple(map(load_mapping, found))


def open_bridges(
    mappings: Sequence[BridgeMapping], contract: Schema, *, source: str = "", where: str = "", keeps: bool = False
) -> Iterator[Opened]:
    """Open the bridges of some mappings one after the other; each is closed before the next.

    Args:
        mappings: of tables of one database or several.
        contract: compiled contracts.
        source: URL of the legacy database; empty for what the mappings or the environment say.
        where: a condition of SQL on the rows.
        keeps: leave the sources open; the caller closes them.

    Raises:
        UserError: the database, a table or a message is not there, or does not fit.
    """
    models = ContractModels(contract)
    for mapping in mappings:
        url = source_url(mapping, source)
        (schema,) = read_schemas(url, names=[mapping.table])
        adapter = compile_adapter(mapping, schema, contract, models)
        rows = RowSource(url, mapping.table, adapter.columns, mapping.key, where=where)
        try:
            yield Opened(Bridge(adapter, Replay(mapping, contract), rows), schema)
        finally:
            if not keeps:
                rows.close()


def source_url(mapping: BridgeMapping, given: str = "") -> str:
    """Where the rows of a mapping are: what was given, what it says itself, LEGACY_DB_PATH, or legacy.db here."""
    url = given or (mapping.source if "://" in mapping.source else "") or os.environ.get("LEGACY_DB_PATH") or _DEFAULT
    return url if "://" in url else f"sqlite:///{url}"
