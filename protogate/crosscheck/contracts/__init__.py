"""Reads, checks and lists the CQRS contracts of a directory: `*.command.json`, `*.query.json`, `*.event.json`."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

from protogate.crosscheck.contracts.discovery import find_contracts, read_file
from protogate.crosscheck.contracts.documents import Document, parse_document
from protogate.crosscheck.contracts.layers import check_layers
from protogate.crosscheck.contracts.problems import Problems
from protogate.crosscheck.contracts.validate import validate, word_of
from protogate.crosscheck.values import show
from protogate.findings import Finding, sort_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogate.crosscheck.contracts.model import Contract

__all__ = ["Reading", "layers_root_of", "read_contracts"]


class Reading(NamedTuple):
    """What stands in a directory of contracts."""

    contracts: tuple[Contract, ...]
    """Those without errors, sorted by path."""
    findings: tuple[Finding, ...]
    files_read: dict[str, bytes]
    """Digest by path of each file that was read, contract or not."""
    layers_found: frozenset[str]
    """Paths from the layers root that exist, ..."""
    layers_missing: frozenset[str]
    """... and that were looked for in vain."""

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the contracts by path, for `positions.locate_findings`."""
        return {one.document.path: one.document.text for one in self.contracts}


def read_contracts(directory: str, layers_root: str | None = None) -> Reading:
    """Read and check all contracts below a directory; a file that cannot be used does not keep others from it.

    Args:
        directory: where to search.
        layers_root: what layers are paths from; by default the parent of `directory`.
    """
    paths, found = find_contracts(directory)
    findings = list(found)
    files_read: dict[str, bytes] = {}
    documents: list[Document] = []
    for path in paths:
        document = _read_document(path, files_read)
        if isinstance(document, Document):
            documents.append(document)
        else:
            findings.append(document)
    contracts: list[Contract] = []
    for document in documents:
        contract, problems = validate(document)
        findings += problems
        if contract is not None:
            contracts.append(contract)
    findings += _duplicate_names(documents)
    layers = check_layers(contracts, layers_root_of(directory) if layers_root is None else layers_root)
    return Reading(
        tuple(contracts),
        sort_findings([*findings, *layers.findings]),
        files_read,
        layers.found,
        layers.missing,
    )


def layers_root_of(directory: str) -> str:
    """Return what layers are paths from where nobody says it: the parent of the directory of contracts.

    >>> layers_root_of("service/contracts"), layers_root_of("contracts/")
    ('service', '.')
    """
    return os.path.normpath(os.path.join(directory, os.pardir))


def _read_document(path: str, files_read: dict[str, bytes]) -> Document | Finding:
    data = read_file(path)
    if isinstance(data, Finding):
        return data
    files_read[path] = hashlib.blake2b(data, digest_size=16).digest()
    return parse_document(path, data)


def _duplicate_names(documents: Iterable[Document]) -> Iterator[Finding]:
    """Yield a finding for each contract whose name an earlier one of its kind has."""
    first: dict[tuple[str, str], str] = {}
    for document in documents:
        word = word_of(document.path)
        name = document.value.get(word) if isinstance(document.value, dict) else None
        if word and isinstance(name, str):
            path = first.setdefault((word, name), document.path)
            if path != document.path:
                yield from _duplicate_name(document, word, name, path)


def _duplicate_name(document: Document, word: str, name: str, first: str) -> tuple[Finding, ...]:
    problems = Problems()
    message = f"{word} {show(name)} is already the one of {first}"
    problems.error("contract/duplicate-name", (word,), message, "give one of them another name")
    return problems.findings(document)
