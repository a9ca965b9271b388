"""`protogate registry check`: whether contracts may follow their registered versions."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protogate.compat.changes import Mode
from protogate.console import add_verdict_options, counted, enter_project, located, parser
from protogate.errors import EXIT_FINDINGS, EXIT_OK
from registry.commands.database import add_database_option, database_of, exists, open_registry, profiles_of
from registry.commands.reports import Report, Status, print_reports, short
from registry.commands.repository import Compiler, Contents, add_place_arguments, contracts_of
from registry.errors import SubjectNotFoundError
from registry.values import LATEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.build.contracts import Contract, ContractSet
    from registry.service import Registry
    from registry.values import StoredVersion

__all__ = ["run"]


@dataclass(frozen=True, slots=True)
class _Bench:
    """What the check of each contract works with."""

    registry: Registry | None
    """None where there is no database yet."""
    compiler: Compiler
    contents: Contents
    mode: Mode | None


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
    add_verdict_options(made, Mode, default_mode="the level of the subject")
    add_database_option(made)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    contracts = contracts_of(options)
    contents = Contents.load()
    database = database_of(options)
    profiles = profiles_of(options)
    opened = open_registry(database, profiles) if exists(database) else nullcontext(None)
    asked = [one for one in contracts.contracts if one.name in contracts.asked]
    with opened as registry:
        bench = _Bench(registry, Compiler(contracts, contents), contents, Mode(options.mode) if options.mode else None)
        reports = [_check(bench, one, contracts) for one in counted(asked, "checking", len(asked))]
    contents.save(complete=not (options.places or options.proto))
    print_reports(reports, options.format)
    return EXIT_FINDINGS if any(one.status is Status.INCOMPATIBLE for one in reports) else EXIT_OK


def _check(bench: _Bench, contract: Contract, contracts: ContractSet) -> Report:
    subject = contract.name
    latest = _latest(bench.registry, subject)
    if latest is not None and latest.content_id == bench.contents.get(contract):
        return Report(subject, Status.UNCHANGED, latest.version, short(latest.content_id), contract.path)
    schema = bench.compiler.schema(subject)
    if bench.registry is None or latest is None:
        return Report(subject, Status.NEW, 0, short(schema.content_id), contract.path)
    if latest.content_id == schema.content_id:
        return Report(subject, Status.UNCHANGED, latest.version, short(latest.content_id), contract.path)
    verdict = bench.registry.check(subject, schema, level=bench.mode)
    return Report(
        subject,
        Status.COMPATIBLE if verdict.compatible else Status.INCOMPATIBLE,
        latest.version,
        short(schema.content_id),
        contract.path,
        level=verdict.level,
        compared=verdict.compared,
        findings=located(verdict.findings, contracts.paths()),
    )


def _latest(registry: Registry | None, subject: str) -> StoredVersion | None:
    if registry is None:
        return None
    try:
        return registry.get(subject, LATEST)
    except SubjectNotFoundError:
        return None
