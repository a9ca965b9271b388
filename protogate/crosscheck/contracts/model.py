"""CQRS contracts as typed values; `validate.py` makes them, so their parts have the shapes that are said here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.crosscheck.contracts.documents import Document

__all__ = ["NO_KEYS", "Block", "Command", "Contract", "Event", "Node", "Query"]

Node: TypeAlias = "Mapping[str, Any]"
"""One value of a document as the contract describes it, in the words of JSON Schema; `facts.py` reads it."""

Block: TypeAlias = "Mapping[str, Node]"
"""The keys of one document, each with its node: what stands under `input`, `output` or `payload`."""

NO_KEYS: Final[Mapping[str, Any]] = MappingProxyType({})
"""For parts that a contract does not have."""


class Command(NamedTuple):
    """What changes something: `*.command.json`."""

    name: str
    document: Document
    kind: str
    version: str
    input: Block
    output: Block
    transport: Mapping[str, Mapping[str, Any]]
    layers: Mapping[str, str]
    module: str = ""
    description: str = ""
    storage: Mapping[str, Any] = NO_KEYS
    events: Mapping[str, str | list[str]] = NO_KEYS
    """The events that follow, by outcome."""

    @property
    def blocks(self) -> dict[str, Block]:
        """The documents that it describes."""
        return {"input": self.input, "output": self.output}


class Query(NamedTuple):
    """What asks and changes nothing: `*.query.json`."""

    name: str
    document: Document
    kind: str
    version: str
    input: Block
    output: Block
    transport: Mapping[str, Mapping[str, Any]]
    layers: Mapping[str, str]
    module: str = ""
    description: str = ""
    storage: Mapping[str, Any] = NO_KEYS

    @property
    def blocks(self) -> dict[str, Block]:
        """The documents that it describes."""
        return {"input": self.input, "output": self.output}


class Event(NamedTuple):
    """What has happened: `*.event.json`."""

    name: str
    document: Document
    kind: str
    """`DOMAIN_EVENT`, or `INTEGRATION_EVENT` for one that other services see."""
    version: str
    payload: Block
    producers: Mapping[str, str]
    consumers: list[str] | Mapping[str, str]
    layers: Mapping[str, str] = NO_KEYS
    transport: Mapping[str, Mapping[str, Any]] = NO_KEYS
    module: str = ""
    description: str = ""
    storage: Mapping[str, Any] = NO_KEYS

    @property
    def blocks(self) -> dict[str, Block]:
        """The documents that it describes."""
        return {"payload": self.payload}


Contract: TypeAlias = Command | Query | Event
