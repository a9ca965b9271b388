"""`protogate registry register`: new versions of contracts, all or none."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from protogate.compat.changes import Mode
from protogate.console import add_verdict_options, counted, enter_project, located, parser
from protogate.errors import EXIT_FINDINGS, EXIT_OK
from registry.commands.database import add_database_option, database_of, open_registry, profiles_of
from registry.commands.reports import Report, Status, print_reports, short
from registry.commands.repository import Compiler, Contents, add_place_arguments, contracts_of
from registry.errors import IncompatibleError, SubjectNotFoundError
from registry.values import LATEST, Reference, Registered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protogate.build.contracts import Contract, ContractSet
    from registry.compiler import CompiledSchema
    from registry.service import Registry
    from registry.values import StoredVersion

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
    add_verdict_options(made, Mode, default_mode="the level of the subject")
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    contracts = contracts_of(options)
    contents = Contents.load()
    with open_registry(database_of(options), profiles_of(options)) as registry:
        reports = _Registration(registry, contracts, contents, Mode(options.mode) if options.mode else None).run()
    contents.save(complete=not (options.places or options.proto))
    print_reports(reports, options.format)
    return EXIT_FINDINGS if any(one.status is Status.INCOMPATIBLE for one in reports) else EXIT_OK


class _UndoError(Exception):
    """Leaves the transaction without a trace in the database."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A contract that its subject has."""

    contract: Contract
    stored: StoredVersion


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A contract on its way into the registry."""

    contract: Contract
    schema: CompiledSchema


class _Registration:
    """One run of the command."""

    def __init__(self, registry: Registry, contracts: ContractSet, contents: Contents, mode: Mode | None) -> None:
        self._registry = registry
        self._contracts = contracts
        self._paths = contracts.paths()
        self._contents = contents
        self._compiler = Compiler(contracts, contents)
        self._mode = mode
        self._reports: list[Report] = []

    def run(self) -> list[Report]:
        """Register what is new in one transaction, which an incompatible contract undoes."""
        listed = self._contracts.contracts
        # Compiled before the transaction starts: other writers wait for it.
        prepared = [self._prepare(one) for one in counted(listed, "compiling", len(listed))]
        if all(isinstance(one, _Known) for one in prepared):
            return [self._report(one, {}, ()) for one in prepared]
        with suppress(_UndoError):
            return self._register_all(prepared)
        return [_undone(one) for one in self._reports]

    def _register_all(self, prepared: Sequence[_Known | _Fresh]) -> list[Report]:
        versions: dict[str, int] = {}
        with self._registry.store.transaction():
            for one in counted(prepared, "registering", len(prepared)):
                report = self._report(one, versions, self._broken())
                self._reports.append(report)
                versions[report.subject] = report.version
            if self._broken():
                raise _UndoError
        return self._reports

    def _broken(self) -> list[str]:
        return [one.subject for one in self._reports if one.status in {Status.INCOMPATIBLE, Status.SKIPPED}]

    def _prepare(self, contract: Contract) -> _Known | _Fresh:
        stored = self._latest(contract.name)
        if stored is not None and stored.content_id == self._contents.get(contract):
            return _Known(contract, stored)
        schema = self._compiler.schema(contract.name)
        if stored is not None and stored.content_id == schema.content_id:
            return _Known(contract, stored)
        return _Fresh(contract, schema)

    def _latest(self, subject: str) -> StoredVersion | None:
        try:
            return self._registry.get(subject, LATEST)
        except SubjectNotFoundError:
            return None

    def _report(self, prepared: _Known | _Fresh, versions: Mapping[str, int], broken: Sequence[str]) -> Report:
        match prepared:
            case _Known(contract, stored):
                digest = short(stored.content_id)
                return Report(contract.name, Status.UNCHANGED, stored.version, digest, contract.path)
            case _Fresh(contract, schema) if any(one in broken for one in contract.imports):
                return Report(contract.name, Status.SKIPPED, 0, short(schema.content_id), contract.path)
            case _Fresh(contract, schema):
                references = tuple(Reference(one, one, versions[one]) for one in contract.imports if one in versions)
                return self._register(contract.name, replace(schema, references=references))

    def _register(self, subject: str, schema: CompiledSchema) -> Report:
        try:
            registered = self._admitted(subject, schema)
        except IncompatibleError as error:
            return self._incompatible(subject, schema, error)
        return Report(
            subject,
            Status.REGISTERED if registered.new else Status.UNCHANGED,
            registered.stored.version,
            short(schema.content_id),
            self._paths.get(subject, ""),
            findings=located(registered.findings, self._paths),
        )

    def _admitted(self, subject: str, schema: CompiledSchema) -> Registered:
        if self._mode is None:
            return self._registry.register(subject, schema)
        # For this one call: the transaction ends with the level that was there before.
        own = self._registry.own_level(subject)
        self._registry.set_level(subject, self._mode)
        registered = self._registry.register(subject, schema)
        self._registry.set_level(subject, own)
        return registered

    def _incompatible(self, subject: str, schema: CompiledSchema, error: IncompatibleError) -> Report:
        verdict = self._registry.check(subject, schema, level=self._mode)
        return Report(
            subject,
            Status.INCOMPATIBLE,
            verdict.compared[-1] if verdict.compared else 0,
            short(schema.content_id),
            self._paths.get(subject, ""),
            level=verdict.level,
            compared=verdict.compared,
            findings=located(error.findings, self._paths),
        )


def _undone(report: Report) -> Report:
    """Say of a registration that was taken back that it did not happen."""
    return replace(report, status=Status.SKIPPED, findings=()) if report.status is Status.REGISTERED else report
