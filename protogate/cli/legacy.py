"""`protogate legacy`: legacy schemas, how they become contracts, and the way of their rows into the event store."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from protogate._apps import become_app
from protogate.console import enter_project, one_line, parser, print_json, waiting
from protogate.errors import EXIT_FINDINGS, EXIT_OK, EXIT_USAGE, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from protogate.config import Config
    from protogate.descriptors import Message, Schema
    from protogate.findings import Finding
    from protogate.legacy.diff import LegacyDiff
    from protogate.legacy.mapping import BridgeMapping
    from protogate.legacy.model import LegacySchema
    from protogate.legacy.registry import LegacyRegistry, Version
    from protogate.legacy.report import Report

__all__ = ["LEGACY_COMMANDS", "run"]

LEGACY_COMMANDS = {
    "register": "store legacy schemas as new versions of their subjects",
    "propose": "write a first mapping, or a first contract, for people to review",
    "diff": "compare legacy schemas with their messages, through mappings",
    "report": "the same in Markdown, JSON or HTML, with proto that puts it right",
    "list": "the subjects, their versions and how ready they were last",
    "adapters": "write Python modules that convert rows to documents and back",
    "sync-check": "fail unless every mapping is ready; --data compares the rows as well",
    "bootstrap": "take the rows over into the event store, resumable, and verify them",
    "verify": "compare every row with its events",
    "capture": "follow changes of the legacy database until it is cut over",
    "parity": "one verdict before cut-over: schemas, rows, lag, answers",
}
_IN_GATEWAY = frozenset({"bootstrap", "verify", "capture", "parity"})
"""They need the event store."""
_EXAMPLES = """\
examples:
  protogate legacy register user.legacy legacy/users.sql
  protogate legacy propose user.legacy user.v1.UserCreated --output users.mapping.yaml
  protogate legacy diff                        every mapping of the project
  protogate legacy bootstrap --source sqlite:///legacy.db --dry-run
  protogate legacy COMMAND --help              more about a command"""


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one of the commands, or print them."""
    first = arguments[0] if arguments else "--help"
    if first in {"--help", "-h", "help"}:
        print(_usage(command))
        return EXIT_OK
    if first in _IN_GATEWAY:
        return become_app("gateway", ["bridge", *arguments])
    if first == "sync-check" and "--data" in arguments:
        return become_app("gateway", ["bridge", "compare", *(one for one in arguments[1:] if one != "--data")])
    action = _ACTIONS.get(first)
    if action is None:
        known = ", ".join(LEGACY_COMMANDS)
        print(f"protogate {command}: {first!r} is not a command; use one of {known}", file=sys.stderr)
        return EXIT_USAGE
    return action(f"{command} {first}", arguments[1:])


class _Subject(NamedTuple):
    """A legacy schema, the message that it becomes, and how."""

    subject: str
    version: Version
    message: Message
    mapping: BridgeMapping | None

    @property
    def versions(self) -> str:
        return f"{self.subject} version {self.version.version} ({self.version.sha256[:12]}), {self.message.full_name}"


def _register(command: str, arguments: Sequence[str]) -> int:
    made = parser(
        command,
        "Store legacy schemas as versions, told by their content: the same content is no new version. A source is\n"
        "a JSON Schema, a script of SQL, Python models, or the URL of a database, which is read by reflection.\n"
        "Without arguments, the source of every mapping is registered. Of several tables, each has a subject of\n"
        "its own: SUBJECT.table.",
        [
            f"{command}",
            f"{command} user.legacy contracts/legacy_bridge/user/user.schema.json",
            f"{command} chinook sqlite:///chinook.db",
            f"{command} shop.order legacy/schema.sql --table orders --dialect mysql",
        ],
    )
    made.add_argument("subject", nargs="?", default="", metavar="SUBJECT")
    made.add_argument("source", nargs="?", default="", metavar="SOURCE")
    made.add_argument("--table", action="append", default=[], metavar="T", help="of the source; default: all")
    made.add_argument("--dialect", default="", help="of SQL; default: what fits best")
    made.add_argument("--author", default="", help="kept with the version")
    made.add_argument("--desc", default="", help="kept with the version")
    options = made.parse_args(arguments)
    if options.subject and not options.source:
        made.error("the following arguments are required: SOURCE")
    config = _enter(options)
    from protogate.legacy.registry import LegacyRegistry
    from protogate.legacy.sources import read_schemas

    with waiting("reading"):
        if options.subject:
            found = read_schemas(options.source, names=options.table, dialect=options.dialect)
            alone = len(found) == 1
            wanted = [(options.subject if alone else f"{options.subject}.{one.name}", one) for one in found]
        else:
            wanted = [(one.subject, _schema_of(one, options.dialect)) for one in _mappings(config, [])]
    if not wanted:
        raise UserError(f"{options.source}: has no table")
    results = []
    with LegacyRegistry(config.legacy_registry) as registry:
        for subject, schema in wanted:
            done = registry.register(subject, schema, author=options.author, description=options.desc)
            results.append(done)
            if not options.json:
                _print_registered(done._asdict(), schema)
    if options.json:
        print_json([one._asdict() for one in results])
    return EXIT_OK


def _print_registered(done: Mapping[str, object], schema: LegacySchema) -> None:
    word = "Registered" if done["is_new"] else "Unchanged"
    again = f", as version {done['same_as']}" if done["is_new"] and done["same_as"] != done["version"] else ""
    print(one_line(f"{word} {done['subject']} version {done['version']}{again}: {len(schema.fields)} fields"))
    for note in schema.notes:
        print(one_line(f"  {note.place}: {note.message}; {note.hint}"))


def _schema_of(mapping: BridgeMapping, dialect: str = "") -> LegacySchema:
    """The schema that a mapping names as its source."""
    from protogate.legacy.sources import read_schemas

    source = mapping.source or os.environ.get("LEGACY_DB_PATH", "")
    if not source:
        raise UserError(f"{mapping.place}: names no source; add `source: schema.sql`, or a database URL")
    if "://" not in source:
        beside = os.path.join(os.path.dirname(mapping.place.file), source)
        source = beside if os.path.exists(beside.rpartition(".py:")[0] or beside) else source
        if source.endswith((".db", ".sqlite", ".sqlite3")):
            source = f"sqlite:///{source}"
    found = read_schemas(source, dialect=dialect)
    fitting = [one for one in found if one.name == mapping.table] or (list(found) if len(found) == 1 else [])
    if not fitting:
        names = ", ".join(one.name for one in found)
        raise UserError(f"{mapping.place}: {source} has no table {mapping.table!r}; it has {names}")
    return fitting[0]


def _propose(command: str, arguments: Sequence[str]) -> int:
    made = parser(
        command,
        "Write a first mapping of a registered schema to a message: names and types are compared, and what is not\n"
        "sure is marked and refused until somebody has decided. With --contract, write a first contract for\n"
        "registered schemas instead: SUBJECT is then a subject or the part before the table.",
        [
            f"{command} user.legacy user.v1.UserCreated --output users.mapping.yaml",
            f"{command} chinook --contract chinook.v1 --output contracts/chinook/v1/chinook.proto",
        ],
        json=False,
    )
    made.add_argument("subject", metavar="SUBJECT")
    made.add_argument("message", nargs="?", default="", metavar="MESSAGE", help="full name: user.v1.UserCreated")
    made.add_argument("--contract", default="", metavar="PACKAGE", help="write a contract of this package")
    made.add_argument("--output", default="", metavar="FILE", help="default: the terminal")
    options = made.parse_args(arguments)
    if bool(options.message) == bool(options.contract):
        made.error("give a MESSAGE for a mapping, or --contract PACKAGE for a contract")
    config = _enter(options)
    with _registry(config) as registry:
        if options.contract:
            text = _proposed_contract(registry, options.subject, options.contract)
        else:
            version = _version(registry, options.subject)
            contract = _contract(config)
            message = _message(contract, options.message)
            from protogate.legacy.proposal import propose_mapping

            text = propose_mapping(version.schema, contract, message=message, subject=options.subject).text()
    if options.output:
        _write_new(options.output, text)
        print(f"wrote {options.output}; review it")
    else:
        print(text, end="")
    return EXIT_OK


def _proposed_contract(registry: LegacyRegistry, subject: str, package: str) -> str:
    from protogate.legacy.contract_proposal import propose_contract

    found = [one for one in registry.subjects() if one.subject == subject or one.subject.startswith(f"{subject}.")]
    if not found:
        raise UserError(f"subject {subject!r} is not registered; look at `protogate legacy list`")
    return propose_contract([one.schema for one in found], package)


def _diff(command: str, arguments: Sequence[str]) -> int:
    options = _comparing(
        command,
        "Compare registered legacy schemas with messages of contracts: all mappings of the project, or one\n"
        "subject with one message. Exit codes: 0 no errors, 1 errors, 2 usage.",
        [f"{command}", f"{command} user.legacy user.v1.UserCreated", f"{command} --mapping users.mapping.yaml --json"],
    )(arguments)
    from protogate.legacy.report import json_report, text_report

    reports = _reports(options)
    if options.json:
        print_json([json_report(one) for one in reports])
    else:
        for one in reports:
            print(f"{one.versions}\n{text_report(one.diff)}")
    return EXIT_FINDINGS if any(one.diff.errors for one in reports) else EXIT_OK


def _report(command: str, arguments: Sequence[str]) -> int:
    def more(made: argparse.ArgumentParser) -> None:
        made.add_argument(
            "--format", choices=("markdown", "json", "html"), default="markdown", help="default: markdown"
        )
        made.add_argument("--output", default="", metavar="FILE", help="default: the terminal")

    options = _comparing(
        command,
        "Write what `legacy diff` finds as a report: Markdown, JSON, or one page of HTML.",
        [f"{command} --output readiness.md", f"{command} --format html --output readiness.html"],
        more,
    )(arguments)
    import json
    from datetime import UTC, datetime

    from protogate.legacy.report import html_report, json_report, markdown_report

    today = datetime.now(UTC).date().isoformat()
    reports = [one._replace(generated=today) for one in _reports(options)]
    if options.format == "html":
        text = html_report(reports)
    elif options.format == "json":
        text = json.dumps([json_report(one) for one in reports], indent=2, ensure_ascii=False) + "\n"
    else:
        text = "\n".join(markdown_report(one) for one in reports)
    if options.output:
        _write(options.output, text)
        print(f"wrote {options.output}")
    else:
        print(text, end="")
    return EXIT_OK


def _list(command: str, arguments: Sequence[str]) -> int:
    made = parser(
        command,
        "List the registered legacy schemas, and how ready they were when they were compared last.",
        [f"{command}", f"{command} --json"],
    )
    config = _enter(options := made.parse_args(arguments))
    documents = []
    with _registry(config) as registry:
        for one in registry.subjects():
            last = registry.diffs(one.subject)[-1:]
            documents.append({
                "subject": one.subject, "version": one.version, "format": one.schema.format.value,
                "fields": len(one.schema.fields), "sha256": one.sha256, "source": one.source, "author": one.author,
                "description": one.description, "registered": one.timestamp,
                "message": last[0].message if last else None, "readiness": last[0].readiness if last else None,
            })  # fmt: skip
    if options.json:
        print_json(documents)
        return EXIT_OK
    for one_ in documents:
        ready = f", {one_['readiness']:.1%} ready for {one_['message']}" if one_["message"] else ""
        print(
            one_line(f"{one_['subject']} version {one_['version']}, {one_['format']}, {one_['fields']} fields{ready}")
        )
    print(f"{len(documents)} subjects")
    return EXIT_OK


def _adapters(command: str, arguments: Sequence[str]) -> int:
    made = parser(
        command,
        "Write a Python module for each mapping with `legacy_to_proto(row)` and `proto_to_legacy(document)`.",
        [f"{command} --output-dir src/acme/adapters"],
    )
    made.add_argument("--mapping", action="append", default=[], metavar="FILE", help="default: those of the project")
    made.add_argument("--output-dir", required=True, metavar="DIR")
    options = made.parse_args(arguments)
    config = _enter(options)
    from protogate.legacy.compiling import adapter_source
    from protogate.legacy.naming import snake

    contract = _contract(config)
    written = []
    for mapping in _mappings(config, options.mapping):
        text = adapter_source(mapping, _known_schema(config, mapping), _message(contract, mapping.message))
        path = os.path.join(options.output_dir, f"{snake(mapping.subject)}_adapter.py")
        _write(path, text)
        written.append(path)
    if options.json:
        print_json({"written": written})
    else:
        for path in written:
            print(f"wrote {path}")
    return EXIT_OK


def _known_schema(config: Config, mapping: BridgeMapping) -> LegacySchema:
    """The registered schema of a mapping, or that of its source."""
    if "://" in config.legacy_registry or os.path.isfile(config.legacy_registry):
        with _registry(config) as registry:
            found = registry.get(mapping.subject)
        if found is not None:
            return found.schema
    return _schema_of(mapping)


def _sync_check(command: str, arguments: Sequence[str]) -> int:
    options = _comparing(
        command,
        "Fail unless every mapping is ready: no error between the registered schema and its message. With --data,\n"
        "compare the rows and their events as well, while both are being written.\n"
        "Exit codes: 0 in sync, 1 out of sync or not registered, 2 usage.",
        [f"{command}", f"{command} --data --source postgresql://app@db/legacy", f"{command} --data --help"],
        lambda made: made.add_argument("--data", action="store_true", help="the rows too; has more options of its own"),
    )(arguments)
    from protogate.legacy.readiness import readiness

    try:
        reports = _reports(options)
    except _NotRegisteredError as error:
        print(error)
        return EXIT_FINDINGS
    shares = [readiness(one.diff) for one in reports]
    worst = min(shares, default=1.0)
    errors = [(one.diff.subject, entry) for one in reports for entry in one.diff.errors]
    if options.json:
        listed = [{"subject": one.diff.subject, "readiness": share} for one, share in zip(reports, shares, strict=True)]
        print_json({"in_sync": not errors, "readiness": worst, "subjects": listed})
    elif not errors:
        print("LEGACY SYNC OK")
    else:
        print(f"OUT OF SYNC: {worst:.1%}")
        for subject, entry in errors:
            print(one_line(f"  {subject}: [{entry.kind.value}] {entry.field_name}: {entry.message}"))
    return EXIT_FINDINGS if errors else EXIT_OK


class _NotRegisteredError(UserError):
    """A schema that is to be compared is in no registry."""


def _comparing(
    command: str,
    description: str,
    examples: Sequence[str],
    more: Callable[[argparse.ArgumentParser], object] = lambda _: None,
) -> Callable[[Sequence[str]], argparse.Namespace]:
    made = parser(command, description, examples)
    made.add_argument("subject", nargs="?", default="", metavar="SUBJECT")
    made.add_argument("message", nargs="?", default="", metavar="MESSAGE", help="full name: user.v1.UserCreated")
    made.add_argument("--mapping", action="append", default=[], metavar="FILE", help="default: those of the project")
    more(made)

    def parse(arguments: Sequence[str]) -> argparse.Namespace:
        options = made.parse_args(arguments)
        if options.subject and not options.message:
            made.error("the following arguments are required: MESSAGE")
        return options

    return parse


def _reports(options: argparse.Namespace) -> list[Report]:
    """Compare what the command line names, and keep what was found."""
    from protogate.legacy.diff import diff
    from protogate.legacy.readiness import readiness
    from protogate.legacy.report import Report, json_report
    from protogate.legacy.suggestion import suggest

    config = _enter(options)
    reports = []
    with _registry(config) as registry:
        contract = _contract(config)
        for one in _subjects(options, config, registry, contract):
            _check(one, contract)
            found: LegacyDiff = diff(one.subject, one.version.schema, one.message, one.mapping)
            report = Report(found, suggest(found, one.message), one.versions)
            registry.record_diff(one.version, one.message.full_name, readiness(found), json_report(report))
            reports.append(report)
    return reports


def _check(one: _Subject, contract: Schema) -> None:
    """Refuse a mapping that nobody has reviewed to the end."""
    if one.mapping is None:
        return
    from protogate.legacy.mapping_check import check_mapping

    found: Sequence[Finding] = check_mapping(one.mapping, one.version.schema, contract)
    broken = [finding for finding in found if finding.rule == "legacy/NOT_REVIEWED"]
    if broken:
        raise UserError(f"{broken[0].place}: {broken[0].message}; {broken[0].hint}")


def _subjects(
    options: argparse.Namespace, config: Config, registry: LegacyRegistry, contract: Schema
) -> list[_Subject]:  # fmt: skip
    if options.subject:
        mapping = next(iter(_mappings(config, options.mapping)), None) if options.mapping else None
        message = _message(contract, options.message)
        return [_Subject(options.subject, _version(registry, options.subject), message, mapping)]
    return [
        _Subject(one.subject, _version(registry, one.subject), _message(contract, one.message), one)
        for one in _mappings(config, options.mapping)
    ]


def _mappings(config: Config, places: Sequence[str]) -> tuple[BridgeMapping, ...]:
    from protogate.legacy.mapping_file import find_mappings, load_mapping

    wanted = places or config.legacy
    found = find_mappings(wanted)
    if not found:
        raise UserError(
            f"{', '.join(wanted)}: no mapping, *.mapping.yaml; `protogate legacy propose` writes a first one"
        )
    return tuple(map(load_mapping, found))


def _registry(config: Config) -> LegacyRegistry:
    from protogate.legacy.registry import LegacyRegistry

    path = config.legacy_registry
    if "://" not in path and not os.path.isfile(path):
        raise _NotRegisteredError(f"{path}: no such registry; `protogate legacy register` makes it")
    return LegacyRegistry(path, creates=False)


def _version(registry: LegacyRegistry, subject: str) -> Version:
    found = registry.get(subject)
    if found is None:
        import difflib

        known = [one.subject for one in registry.subjects()]
        near = difflib.get_close_matches(subject, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else "`protogate legacy register` stores it"
        raise _NotRegisteredError(f"subject {subject!r} is not registered; {hint}")
    return found


def _contract(config: Config) -> Schema:
    from protogate.build.revisions import load_image

    with waiting("compiling contracts"):
        return load_image(".", template=config.template).schema()


def _message(contract: Schema, name: str) -> Message:
    found = contract.messages.get(name)
    if found is None:
        import difflib

        near = difflib.get_close_matches(name, contract.messages, 1)
        hint = f"did you mean {near[0]!r}?" if near else "give its full name"
        raise UserError(f"message {name!r} is in none of the contracts; {hint}")
    return found


def _enter(options: argparse.Namespace) -> Config:
    from protogate.config import load_config

    enter_project(options.directory)
    return load_config(".")


def _write_new(path: str, text: str) -> None:
    if os.path.lexists(path):
        raise UserError(f"{path}: is there already and stays as it is; name another file")
    _write(path, text)


def _write(path: str, text: str) -> None:
    beside = f"{path}.new"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, path)
    except OSError as error:
        raise UserError(f"{path}: {(error.strerror or str(error)).lower()}") from None


_ACTIONS: Mapping[str, Callable[[str, Sequence[str]], int]] = {
    "register": _register,
    "propose": _propose,
    "diff": _diff,
    "report": _report,
    "list": _list,
    "adapters": _adapters,
    "sync-check": _sync_check,
}


def _usage(command: str) -> str:
    width = max(map(len, LEGACY_COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, text in LEGACY_COMMANDS.items())
    return (
        f"usage: protogate {command} COMMAND [options]\n\n"
        "The bridge from the old schema and its data to the new slice.\n\n"
        f"commands:\n{listed}\n\n"
        f"{_EXAMPLES}"
    )
