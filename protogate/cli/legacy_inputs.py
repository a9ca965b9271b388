"""What the commands of the legacy bridge read and write: the registry, mappings, contracts, files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from protogate.console import enter_project, waiting
from protogate.errors import UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from protogate.config import Config
    from protogate.descriptors import Message, Schema
    from protogate.legacy.mapping import BridgeMapping
    from protogate.legacy.model import LegacySchema
    from protogate.legacy.registry import LegacyRegistry, Version

__all__ = [
    "NotRegisteredError",
    "enter",
    "known_schema",
    "load_contract",
    "load_mappings",
    "message_of",
    "open_registry",
    "schema_of",
    "version_of",
    "write",
    "write_new",
]


class NotRegisteredError(UserError):
    """A schema that is to be compared is in no registry."""


def enter(options: argparse.Namespace) -> Config:
    """Go to the project and read its settings."""
    from protogate.config import load_config

    enter_project(options.directory)
    return load_config(".")


def load_mappings(config: Config, places: Sequence[str]) -> tuple[BridgeMapping, ...]:
    """Read the mappings of some files and directories; those of the settings where there are none."""
    from protogate.legacy.mapping_file import find_mappings, load_mapping

    wanted = places or config.legacy
    found = find_mappings(wanted)
    if not found:
        raise UserError(
            f"{', '.join(wanted)}: no mapping, *.mapping.yaml; `protogate legacy propose` writes a first one"
        )
    return tuple(map(load_mapping, found))


def open_registry(config: Config) -> LegacyRegistry:
    """Open the registry of legacy schemas, which must be there."""
    from protogate.legacy.registry import LegacyRegistry

    path = config.legacy_registry
    if "://" not in path and not os.path.isfile(path):
        raise NotRegisteredError(f"{path}: no such registry; `protogate legacy register` makes it")
    return LegacyRegistry(path, creates=False)


def version_of(registry: LegacyRegistry, subject: str) -> Version:
    """Give the last version of a subject."""
    found = registry.get(subject)
    if found is None:
        import difflib

        known = [one.subject for one in registry.subjects()]
        near = difflib.get_close_matches(subject, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else "`protogate legacy register` stores it"
        raise NotRegisteredError(f"subject {subject!r} is not registered; {hint}")
    return found


def load_contract(config: Config) -> Schema:
    """Compile the contracts of the project."""
    from protogate.build.revisions import load_image

    with waiting("compiling contracts"):
        return load_image(".", template=config.template).schema()


def message_of(contract: Schema, name: str) -> Message:
    """Give a message by its full name."""
    found = contract.messages.get(name)
    if found is None:
        import difflib

        near = difflib.get_close_matches(name, contract.messages, 1)
        hint = f"did you mean {near[0]!r}?" if near else "give its full name"
        raise UserError(f"message {name!r} is in none of the contracts; {hint}")
    return found


def schema_of(mapping: BridgeMapping, dialect: str = "") -> LegacySchema:
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


def known_schema(config: Config, mapping: BridgeMapping) -> LegacySchema:
    """The registered schema of a mapping, or that of its source."""
    if "://" in config.legacy_registry or os.path.isfile(config.legacy_registry):
        with open_registry(config) as registry:
            found = registry.get(mapping.subject)
        if found is not None:
            return found.schema
    return schema_of(mapping)


def write_new(path: str, text: str) -> None:
    """Write a file that is not there yet."""
    if os.path.lexists(path):
        raise UserError(f"{path}: is there already and stays as it is; name another file")
    write(path, text)


def write(path: str, text: str) -> None:
    """Write a file beside its place, then move it there."""
    beside = f"{path}.new"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, path)
    except OSError as error:
        raise UserError(f"{path}: {(error.strerror or str(error)).lower()}") from None
