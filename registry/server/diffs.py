"""Two versions of a subject and what was found between them: what the page shows side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import SourceCodeInfo

from protogate.compat import DEFAULT_PROFILES, Mode, check, is_compatible
from protogate.compat.changes import spot_of
from protogate.findings import findings_json
from registry.errors import InvalidLevelError
from registry.server.answers import answer
from registry.server.lookups import subject_in, wanted
from registry.server.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogate.descriptors import Enum, EnumValue, Field, File, Message, Method, Oneof, Schema, Service
    from protogate.findings import Finding
    from registry.compiler import CompiledSchema
    from registry.server.desk import Desk
    from registry.server.http import Call, Reply

    Declared = Message | Field | Oneof | Enum | EnumValue | Service | Method

__all__ = ["ROUTES"]

_OLD_LINES = 1 << 24
"""Added to every line of the old version, so that a finding tells which of the two texts it stands in."""


def _diff(desk: Desk, call: Call) -> Reply:
    subject, registry = subject_in(call), desk.registry
    old, new = (registry.get(subject, wanted(call.params[name]), deleted=True) for name in ("old", "new"))
    before = _with_old_lines(registry.opened(old)).schema()
    after = registry.opened(new).schema()
    mode = _mode(desk, subject, call.option("mode").upper())
    findings = check(before, after, profiles=tuple(call.query.get("profile", DEFAULT_PROFILES)), mode=mode)
    return answer(
        {
            "subject": subject,
            "old": {"version": old.version, "text": old.text},
            "new": {"version": new.version, "text": new.text},
            "mode": mode,
            "compatible": is_compatible(findings),
            "findings": _placed(findings, before, after) if findings else [],
        }
    )


def _mode(desk: Desk, subject: str, name: str) -> Mode:
    """The mode that was asked for, else that of the subject."""
    if not name:
        return desk.registry.level(subject)
    if name not in Mode.__members__:
        raise InvalidLevelError(f"mode {name[:40]!a}: use one of {', '.join(Mode)}")
    return Mode(name)


def _with_old_lines(schema: CompiledSchema) -> CompiledSchema:
    info = SourceCodeInfo.FromString(schema.source_info)
    for location in info.location:
        location.span[0] += _OLD_LINES
    return replace(schema, source_info=info.SerializeToString())


def _placed(findings: Iterable[Finding], old: Schema, new: Schema) -> list[dict[str, Any]]:
    """The findings with the `side` whose text their line is of, empty where it is of an imported file.

    A check shows what one version lacks at what would hold it there; beside the other text it stands best where it is.
    """
    before, after = _declared(old), _declared(new)
    own = {file.name for schema in (old, new) for file in schema.files_to_generate}
    placed = findings_json(findings)
    for shown in placed:
        known = [side[shown["path"]] for side in (before, after) if shown["path"] in side]
        if len(known) == 1:
            place = spot_of(known[0]).place
            shown.update(file=place.file, line=place.line, column=place.column)
        side = "old" if shown["line"] > _OLD_LINES else "new"
        shown.update(side=side if shown["file"] in own else "", line=shown["line"] % _OLD_LINES)
    return placed


def _declared(schema: Schema) -> dict[str, Declared]:
    return {one.full_name: one for file in schema.files_to_generate for one in _declarations(file)}


def _declarations(file: File) -> Iterator[Declared]:
    for message in file.all_messages():
        yield message
        yield from message.fields
        yield from message.oneofs
    for enum in file.all_enums():
        yield enum
        yield from enum.values
    yield from file.all_extensions()
    for service in file.services:
        yield service
        yield from service.methods


ROUTES = (Route("GET", "/subjects/{subject}/diff/{old}/{new}", _diff),)
