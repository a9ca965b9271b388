"""`protogate registry register`: new versions of contracts, all or none."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from protogate.console import add_verdict_options, counted, enter_project, located, parser
from protogate.errors import EXIT_FINDINGS, EXIT_OK
from registry.commands.database import add_database_option, database_of, newest, opened_store, profiles_of
from registry.commands.reports import Report, Status, print_reports, short
from registry.commands.repository import Compiler, Contents, add_place_arguments, contracts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.build.contracts import Contract
    from registry.compiler import CompiledSchema
    from registry.errors import IncompatibleError
    from registry.ports import Store
    from registry.service import Registry
    from registry.values import Head, Registered

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Register; exit 1 and register nothing when a contract is incompatible."""
    made = parser(
        command,
        "Store contracts as new versions of their subjects, those that they import first. What did\n"
        "not change is not stored again. When one is incompatible, none is registered.",
        [command, f"{command} contracts/acme/user/v1/user.proto", f"{command} --db postgresql://localhost/registry"],
        json=False,
    )
    add_place_arguments(made)
    add_verdict_options(made, default_mode="the level of the subject")
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    contracts = contracts_of(options)
    contents = Contents.load()
    compiler = Compiler(contracts, contents)
    with opened_store(database_of(options)) as store:
        # Compiled before the transaction starts: other writers wait for it.
        listed = counted(contracts.contracts, "compiling", len(contracts.contracts))
        prepared = [_prepare(store, one, contents, compiler) for one in listed]
        reports = _register(store, prepared, profiles_of(options), options.mode)
    contents.save(complete=not (options.places or options.proto))
    print_reports(reports, options.format)
    return EXIT_FINDINGS if any(one.status is Status.INCOMPATIBLE for one in reports) else EXIT_OK


class _UndoError(Exception):
    """Leaves the transaction without a trace in the database."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A contract that its subject has."""

    contract: Contract
    head: Head


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A contract on its way into the registry."""

    contract: Contract
    schema: CompiledSchema


def _prepare(store: Store, contract: Contract, contents: Contents, compiler: Compiler) -> _Known | _Fresh:
    head = newest(store, contract.name)
    if head is not None and head.content_id == contents.get(contract):
        return _Known(contract, head)
    schema = compiler.schema(contract.name)
    if head is not None and head.content_id == schema.content_id:
        return _Known(contract, head)
    return _Fresh(contract, schema)


def _register(
    store: Store, prepared: Sequence[_Known | _Fresh], profiles: tuple[str, ...] | None, mode: str | None
) -> list[Report]:
    """Register what is new in one transaction, which an incompatible contract undoes."""
    known = [one for one in prepared if isinstance(one, _Known)]
    if len(known) == len(prepared):
        return [_unchanged(one) for one in known]
    from registry.service import Registry

    paths = {one.contract.name: one.contract.path for one in prepared}
    registration = _Registration(Registry(store, profiles=profiles), paths, mode)
    with suppress(_UndoError), store.transaction():
        registration.run(prepared)
        return registration.reports
    return [_undone(one) for one in registration.reports]


class _Registration:
    """The registration of several contracts, imports first, inside a transaction."""

    def __init__(self, registry: Registry, paths: Mapping[str, str], mode: str | None) -> None:
        self.reports: list[Report] = []
        self._registry = registry
        self._paths = paths
        self._mode = mode
        self._versions: dict[str, int] = {}
        self._broken: set[str] = set()

    def run(self, prepared: Sequence[_Known | _Fresh]) -> None:
        """Register one after the other; what cannot be registered ends in an error, after all were looked at."""
        for one in counted(prepared, "registering", len(prepared)):
            report = _unchanged(one) if isinstance(one, _Known) else self._report(one.contract, one.schema)
            self.reports.append(report)
            self._versions[report.subject] = report.version
            if report.status in {Status.INCOMPATIBLE, Status.SKIPPED}:
                self._broken.add(report.subject)
        if self._broken:
            raise _UndoError

    def _report(self, contract: Contract, schema: CompiledSchema) -> Report:
        from registry.errors import IncompatibleError
        from registry.values import Reference

        if not self._broken.isdisjoint(contract.imports):
            return Report(contract.name, Status.SKIPPED, 0, short(schema.content_id), contract.path)
        own = [one for one in contract.imports if one in self._versions]
        complete = replace(schema, references=tuple(Reference(one, one, self._versions[one]) for one in own))
        try:
            registered = self._admit(contract.name, complete)
        except IncompatibleError as error:
            return self._incompatible(contract, complete, error)
        return Report(
            contract.name,
            Status.REGISTERED if registered.new else Status.UNCHANGED,
            registered.stored.version,
            short(schema.content_id),
            contract.path,
            findings=located(registered.findings, self._paths),
        )

    def _admit(self, subject: str, schema: CompiledSchema) -> Registered:
        if self._mode is None:
            return self._registry.register(subject, schema)
        # For this one call: the transaction ends with the level that was there before.
        own = self._registry.own_level(subject)
        self._registry.set_level(subject, self._mode)
        registered = self._registry.register(subject, schema)
        self._registry.set_level(subject, own)
        return registered

    def _incompatible(self, contract: Contract, schema: CompiledSchema, error: IncompatibleError) -> Report:
        # In a mode of this call, the level is still set: the transaction will be undone.
        verdict = self._registry.check(contract.name, schema)
        return Report(
            contract.name,
            Status.INCOMPATIBLE,
            verdict.compared[-1] if verdict.compared else 0,
            short(schema.content_id),
            contract.path,
            level=verdict.level,
            compared=verdict.compared,
            findings=located(error.findings, self._paths),
        )


def _unchanged(known: _Known) -> Report:
    head = known.head
    return Report(known.contract.name, Status.UNCHANGED, head.version, short(head.content_id), known.contract.path)


def _undone(report: Report) -> Report:
    """Say of a registration that was taken back that it did not happen."""
    return replace(report, status=Status.SKIPPED, findings=()) if report.status is Status.REGISTERED else report
