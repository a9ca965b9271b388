"""Two versions of a subject and what was found between them: what the page shows side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import SourceCodeInfo

from protogate.compat import DEFAULT_PROFILES, Mode, check, is_compatible
from protogate.findings import findings_json
from registry.errors import InvalidLevelError
from registry.server.answers import answer
from registry.server.lookups import subject_in, wanted
from registry.server.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogate.findings import Finding
    from registry.compiler import CompiledSchema
    from registry.server.desk import Desk
    from registry.server.http import Call, Reply

__all__ = ["ROUTES"]

_OLD_LINES = 1 << 24
"""Added to every line of the old version, so that a finding tells which of the two texts it stands in."""


def _diff(desk: Desk, call: Call) -> Reply:
    subject, registry = subject_in(call), desk.registry
    old, new = (registry.get(subject, wanted(call.params[name]), deleted=True) for name in ("old", "new"))
    findings = check(
        _with_old_lines(registry.opened(old)).schema(),
        registry.opened(new).schema(),
        profiles=tuple(call.query.get("profile", DEFAULT_PROFILES)),
        mode=_mode(desk, subject, call.option("mode").upper()),
    )
    return answer(
        {
            "subject": subject,
            "old": {"version": old.version, "text": old.text},
            "new": {"version": new.version, "text": new.text},
            "compatible": is_compatible(findings),
            "findings": _sided(findings),
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


def _sided(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    shown = findings_json(findings)
    for one in shown:
        one["side"] = "old" if one["line"] > _OLD_LINES else "new"
        one["line"] %= _OLD_LINES
    return shown


ROUTES = (Route("GET", "/subjects/{subject}/diff/{old}/{new}", _diff),)
