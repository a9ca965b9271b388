"""`protogate registry check`: whether contracts may follow their registered versions."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from protogate.console import add_verdict_options, counted, enter_project, located, parser
from protogate.errors import EXIT_FINDINGS, EXIT_OK
from registry.commands.database import (
    add_database_option,
    database_of,
    ensure_exists,
    exists,
    newest,
    opened_store,
    profiles_of,
)
from registry.commands.reports import Report, Status, print_reports, short
from registry.commands.repository import Compiler, Contents, add_place_arguments, contracts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.build.contracts import Contract, ContractSet
    from protogate.compat.changes import Mode
    from registry.ports import Store
    from registry.service import Registry

__all__ = ["run"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Check; exit 1 when a contract is incompatible."""
    made = parser(
        command,
        "Compare contracts with their registered versions, each with its own subject, and store\n"
        "nothing. A subject is the path of a contract below its module, such as\n"
        "acme/user/v1/user.proto.",
        [command, f"{command} contracts/acme", f"{command} --mode FULL --format sarif > findings.sarif"],
        json=False,
    )
    add_place_arguments(made)
    add_verdict_options(made, default_mode="the level of the subject")
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    contracts = contracts_of(options)
    contents = Contents.load()
    database = database_of(options)
    if options.db:  # a name that was mistyped must not pass as an empty registry
        ensure_exists(database)
    profiles = profiles_of(options)
    asked = [one for one in contracts.contracts if one.name in contracts.asked]
    with opened_store(database) if exists(database) else nullcontext(None) as store:
        bench = _Bench(contracts, contents, store, profiles, options.mode)
        reports = [bench.check(one) for one in counted(asked, "checking", len(asked))]
    contents.save(complete=not (options.places or options.proto))
    print_reports(reports, options.format)
    return EXIT_FINDINGS if any(one.status is Status.INCOMPATIBLE for one in reports) else EXIT_OK


class _Bench:
    """Checks one contract after the other."""

    def __init__(
        self,
        contracts: ContractSet,
        contents: Contents,
        store: Store | None,
        profiles: tuple[str, ...] | None,
        mode: str | None,
    ) -> None:
        self._paths = contracts.paths()
        self._contents = contents
        self._compiler = Compiler(contracts, contents)
        self._store = store
        self._profiles = profiles
        self._mode = mode
        self._registry: Registry | None = None

    def check(self, contract: Contract) -> Report:
        """Compare a contract with the versions of its subject."""
        subject = contract.name
        store = self._store
        latest = newest(store, subject) if store else None
        if latest is not None and latest.content_id == self._contents.get(contract):
            return Report(subject, Status.UNCHANGED, latest.version, short(latest.content_id), contract.path)
        schema = self._compiler.schema(subject)
        if store is None or latest is None:
            return Report(subject, Status.NEW, 0, short(schema.content_id), contract.path)
        if latest.content_id == schema.content_id:
            return Report(subject, Status.UNCHANGED, latest.version, short(latest.content_id), contract.path)
        verdict = self._judge(store).check(subject, schema, level=_level(self._mode))
        return Report(
            subject,
            Status.COMPATIBLE if verdict.compatible else Status.INCOMPATIBLE,
            latest.version,
            short(schema.content_id),
            contract.path,
            level=verdict.level,
            compared=verdict.compared,
            findings=located(verdict.findings, self._paths),
        )

    def _judge(self, store: Store) -> Registry:
        """Give what judges; where nothing changed, it is never loaded."""
        if self._registry is None:
            from registry.service import Registry

            self._registry = Registry(store, profiles=self._profiles)
        return self._registry


def _level(mode: str | None) -> Mode | None:
    from protogate.compat.changes import Mode

    return Mode(mode) if mode else None
