"""The whole check: contracts of a directory, the code behind them, and what is to be said about both."""

from __future__ import annotations

import gc
import os
import time
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.crosscheck.contracts import read_contracts
from protogate.crosscheck.contracts.positions import locate_findings, pointer_place
from protogate.crosscheck.contracts.registry_files import registry_files
from protogate.crosscheck.memory import Evidence, Verdict, digest
from protogate.findings import Finding, Severity, sort_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from protogate.crosscheck.blocks import Code
    from protogate.crosscheck.contracts import Reading
    from protogate.crosscheck.contracts.model import Contract
    from protogate.crosscheck.drifts import Action, Drift
    from protogate.crosscheck.python.emissions import Emission

__all__ = ["Options", "Report", "check", "is_blocking"]

_UNREAD: Final = frozenset({"crosscheck/python-syntax", "crosscheck/python-unreadable", "crosscheck/symbol-not-found"})


class Options(NamedTuple):
    """What is checked."""

    directory: str
    """Where the contracts are."""
    layers_root: str
    """What the paths of layers are relative to."""
    cross_check: bool = False
    """Whether the Python layers are read."""
    drift: bool = False
    """Whether more than listed values is compared."""
    python_path: tuple[str, ...] = ()
    """Further directories of modules."""


class Report(NamedTuple):
    """What was found, with all that is needed to act on it."""

    findings: tuple[Finding, ...]
    drifts: tuple[Drift, ...]
    texts: Mapping[str, str]
    """The contracts as they were read, by file."""
    listings: Mapping[str, str]
    """What is generated from them, by name; nothing while a contract or a layer cannot be read."""
    counts: Mapping[str, int]
    evidence: Evidence
    started: int
    """Nanoseconds since 1970."""

    def verdict(self) -> Verdict:
        """Return what is remembered of it."""
        actions: frozenset[Action] = frozenset(drift.fix.action for drift in self.drifts if drift.fix)
        listings = {name: digest(text.encode()) for name, text in self.listings.items()}
        return Verdict(self.findings, actions, self.counts, listings)


def check(options: Options) -> Report:
    """Read contracts and, where asked for, the code behind them; nothing is written."""
    started = time.time_ns()
    with _no_collection():
        reading = read_contracts(options.directory, options.layers_root)
        findings = list(reading.findings)
        drifts: list[Drift] = []
        evidence = _evidence(reading, options.layers_root)
        counts = _counts(reading.contracts)
        if options.cross_check:
            broken = {one.place.file for one in reading.findings if is_blocking(one)}
            checked = _cross_check(options, [one for one in reading.contracts if one.document.path not in broken])
            drifts = checked.drifts
            findings += [*checked.findings, *(drift.finding for drift in drifts)]
            evidence = evidence._replace(
                read={**evidence.read, **checked.read}, absent=evidence.absent | checked.absent
            )
            counts["compared"] = checked.compared
        found = sort_findings(locate_findings(findings, reading.texts))
        located = locate_findings((drift.finding for drift in drifts), reading.texts)
        drifts = [drift._replace(finding=one) for drift, one in zip(drifts, located, strict=True)]
        listings = {}
        if not any(map(is_blocking, found)):
            listings = registry_files(reading.contracts, options.directory)
    return Report(found, tuple(drifts), reading.texts, listings, counts, evidence, started)


def is_blocking(finding: Finding) -> bool:
    """Tell whether a finding means that something could not be read, so that nothing is to be written."""
    broken = finding.rule.startswith("contract/") or finding.rule in _UNREAD
    return broken and finding.severity is Severity.ERROR


def _evidence(reading: Reading, layers_root: str) -> Evidence:
    return Evidence(
        {path: content.hex() for path, content in reading.files_read.items()},
        frozenset(os.path.join(layers_root, path) for path in reading.layers_found),
        frozenset(os.path.join(layers_root, path) for path in reading.layers_missing),
    )


class _Checked(NamedTuple):
    drifts: list[Drift]
    findings: list[Finding]
    read: Mapping[str, str]
    absent: frozenset[str]
    compared: int


def _cross_check(options: Options, contracts: Sequence[Contract]) -> _Checked:
    from protogate.crosscheck.blocks import code_of
    from protogate.crosscheck.python.emissions import emissions
    from protogate.crosscheck.python.handlers import interface
    from protogate.crosscheck.python.workspace import Workspace

    workspace = Workspace(options.layers_root, python_path=options.python_path)
    # Several contracts may name one model or handler.
    interpret, written = cache(partial(interface, workspace)), cache(partial(emissions, workspace))
    drifts: list[Drift] = []
    findings: list[Finding] = []
    compared = 0
    for contract in contracts:
        try:
            code = code_of(contract, interpret, thorough=options.drift)
            drifts += _drifts(contract, code, written, drift=options.drift)
        except RecursionError:
            findings.append(_too_deep(contract))
            continue
        findings += code.findings
        compared += bool(code.shapes)
    read = {path: content.hex() for path, content in workspace.files_read.items()}
    return _Checked(drifts, findings, read, frozenset(workspace.looked_for), compared)


def _too_deep(contract: Contract) -> Finding:
    message = "the code behind it cannot be worked out: its types lead too far into each other"
    place = pointer_place(contract.document.path, ("layers",))
    return Finding("crosscheck/unresolved", place, message, "compare by hand", Severity.WARNING, contract.name)


def _drifts(
    contract: Contract, code: Code, emissions: Callable[..., tuple[Emission, ...]], *, drift: bool
) -> Iterable[Drift]:
    from protogate.crosscheck.compare import compare_block
    from protogate.crosscheck.emitted import check_emissions, emitted_values

    for block, shape in code.shapes.items():
        written = [
            one
            for writer in code.writers
            if writer.block == block
            for one in emissions(writer.path, writer.name, writer.also)
        ]
        promised = code.contract[block]
        yield from compare_block(contract.name, block, promised, shape, emitted=emitted_values(written))
        yield from check_emissions(contract.name, block, promised, written)
        if drift:
            from protogate.crosscheck.drift import check_drift

            yield from check_drift(contract.name, block, promised, shape)


def _counts(contracts: Sequence[Contract]) -> dict[str, int]:
    counts = {"commands": 0, "queries": 0, "events": 0}
    for contract in contracts:
        counts[{"Command": "commands", "Query": "queries"}.get(type(contract).__name__, "events")] += 1
    return counts


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector from walking syntax trees that all stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            # All of it counts as old from now on: the next collection need not walk it either.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
