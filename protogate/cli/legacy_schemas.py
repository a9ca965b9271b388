"""`protogate legacy register`, `propose`, `list` and `adapters`: legacy schemas, and what is made of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from protogate.cli.legacy_inputs import (
    enter,
    known_schema,
    load_contract,
    load_mappings,
    message_of,
    open_registry,
    schema_of,
    version_of,
    write,
    write_new,
)
from protogate.console import one_line, parser, print_json, waiting
from protogate.errors import EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from protogate.config import Config
    from protogate.descriptors import Schema
    from protogate.legacy.model import LegacySchema
    from protogate.legacy.registry import LegacyRegistry, Version

__all__ = ["adapters", "list_subjects", "propose", "register"]


def register(command: str, arguments: Sequence[str]) -> int:
    """Store versions of legacy schemas."""
    made = _register_parser(command)
    options = made.parse_args(arguments)
    if options.subject and not options.source:
        made.error("the following arguments are required: SOURCE")
    config = enter(options)
    from protogate.legacy.registry import LegacyRegistry

    with waiting("reading"):
        wanted = _named_schemas(options) if options.subject else _mapped_schemas(config, options.dialect)
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


def _register_parser(command: str) -> argparse.ArgumentParser:
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
    return made


def _named_schemas(options: argparse.Namespace) -> list[tuple[str, LegacySchema]]:
    """The schemas of the source that the command line names, with their subjects."""
    from protogate.legacy.sources import read_schemas

    found = read_schemas(options.source, names=options.table, dialect=options.dialect)
    if not found:
        raise UserError(f"{options.source}: has no table")
    if len(found) == 1:
        return [(options.subject, found[0])]
    return [(f"{options.subject}.{one.name}", one) for one in found]


def _mapped_schemas(config: Config, dialect: str) -> list[tuple[str, LegacySchema]]:
    """The schemas of the sources that mappings name, with their subjects."""
    return [(one.subject, schema_of(one, dialect)) for one in load_mappings(config, [])]


def _print_registered(done: Mapping[str, object], schema: LegacySchema) -> None:
    word = "Registered" if done["is_new"] else "Unchanged"
    again = f", as version {done['same_as']}" if done["is_new"] and done["same_as"] != done["version"] else ""
    print(one_line(f"{word} {done['subject']} version {done['version']}{again}: {len(schema.fields)} fields"))
    for note in schema.notes:
        print(one_line(f"  {note.place}: {note.message}; {note.hint}"))


def propose(command: str, arguments: Sequence[str]) -> int:
    """Write a first mapping or contract."""
    made = _propose_parser(command)
    options = made.parse_args(arguments)
    if bool(options.message) == bool(options.contract):
        made.error("give a MESSAGE for a mapping, or --contract PACKAGE for a contract")
    config = enter(options)
    with open_registry(config) as registry:
        if options.contract:
            text = _proposed_contract(registry, options.subject, options.contract)
        else:
            text = _proposed_mapping(registry, options.subject, load_contract(config), options.message)
    if options.output:
        write_new(options.output, text)
        print(f"wrote {options.output}; review it")
    else:
        print(text, end="")
    return EXIT_OK


def _propose_parser(command: str) -> argparse.ArgumentParser:
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
    return made


def _proposed_mapping(registry: LegacyRegistry, subject: str, contract: Schema, message: str) -> str:
    from protogate.legacy.proposal import propose_mapping

    schema = version_of(registry, subject).schema
    return propose_mapping(schema, contract, message=message_of(contract, message), subject=subject).text()


def _proposed_contract(registry: LegacyRegistry, subject: str, package: str) -> str:
    from protogate.legacy.contract_proposal import propose_contract

    found = [one for one in registry.subjects() if one.subject == subject or one.subject.startswith(f"{subject}.")]
    if not found:
        raise UserError(f"subject {subject!r} is not registered; look at `protogate legacy list`")
    return propose_contract([one.schema for one in found], package)


def list_subjects(command: str, arguments: Sequence[str]) -> int:
    """Print what is registered."""
    made = parser(
        command,
        "List the registered legacy schemas, and how ready they were when they were compared last.",
        [f"{command}", f"{command} --json"],
    )
    config = enter(options := made.parse_args(arguments))
    with open_registry(config) as registry:
        documents = [_listed(one, registry) for one in registry.subjects()]
    if options.json:
        print_json(documents)
        return EXIT_OK
    for one in documents:
        ready = f", {one['readiness']:.1%} ready for {one['message']}" if one["message"] else ""
        print(one_line(f"{one['subject']} version {one['version']}, {one['format']}, {one['fields']} fields{ready}"))
    print(f"{len(documents)} subjects")
    return EXIT_OK


def _listed(version: Version, registry: LegacyRegistry) -> dict[str, Any]:
    """What programs read of a subject."""
    last = registry.diffs(version.subject)[-1:]
    return {
        "subject": version.subject,
        "version": version.version,
        "format": version.schema.format.value,
        "fields": len(version.schema.fields),
        "sha256": version.sha256,
        "source": version.source,
        "author": version.author,
        "description": version.description,
        "registered": version.timestamp,
        "message": last[0].message if last else None,
        "readiness": last[0].readiness if last else None,
    }


def adapters(command: str, arguments: Sequence[str]) -> int:
    """Write a Python module for each mapping."""
    made = parser(
        command,
        "Write a Python module for each mapping with `legacy_to_proto(row)` and `proto_to_legacy(document)`.",
        [f"{command} --output-dir src/acme/adapters"],
    )
    made.add_argument("--mapping", action="append", default=[], metavar="FILE", help="default: those of the project")
    made.add_argument("--output-dir", required=True, metavar="DIR")
    options = made.parse_args(arguments)
    config = enter(options)
    from protogate.legacy.compiling import adapter_source
    from protogate.legacy.naming import snake

    contract = load_contract(config)
    written = []
    for mapping in load_mappings(config, options.mapping):
        text = adapter_source(mapping, known_schema(config, mapping), message_of(contract, mapping.message))
        path = os.path.join(options.output_dir, f"{snake(mapping.subject)}_adapter.py")
        write(path, text)
        written.append(path)
    if options.json:
        print_json({"written": written})
    else:
        for path in written:
            print(f"wrote {path}")
    return EXIT_OK
