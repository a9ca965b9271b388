"""`/compatibility`: would a schema be taken?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.findings import render_finding
from registry.server.answers import answer
from registry.server.bodies import read_schema
from registry.server.lookups import subject_in, wanted
from registry.server.routing import Route
from registry.server.subjects import compile_sent
from registry.values import LATEST

if TYPE_CHECKING:
    from registry.server.desk import Desk
    from registry.server.http import Call, Reply
    from registry.values import Verdict

__all__ = ["ROUTES"]


def _against_one(desk: Desk, call: Call) -> Reply:
    subject, version = subject_in(call), wanted(call.params["version"])
    compiled = compile_sent(desk, subject, read_schema(call), call)
    if version == LATEST and not desk.store.heads(subject, last=1):
        # Nothing to be compatible with: clients ask before they register the first version.
        return answer({"is_compatible": True} | ({"messages": []} if call.flag("verbose") else {}))
    return _verdict(desk.registry.check(subject, compiled, against=version), call)


def _against_all(desk: Desk, call: Call) -> Reply:
    subject = subject_in(call)
    compiled = compile_sent(desk, subject, read_schema(call), call)
    return _verdict(desk.registry.check(subject, compiled), call)


def _verdict(verdict: Verdict, call: Call) -> Reply:
    fields: dict[str, object] = {"is_compatible": verdict.compatible}
    if call.flag("verbose"):
        fields["messages"] = [] if verdict.compatible else _messages(verdict)
    return answer(fields)


def _messages(verdict: Verdict) -> list[str]:
    return [
        *(render_finding(finding) for finding in verdict.findings),
        f"{{oldSchemaVersion: {', '.join(map(str, verdict.compared))}}}",
        f"{{compatibility: '{verdict.level}'}}",
    ]


ROUTES = (
    Route("POST", "/compatibility/subjects/{subject}/versions", _against_all),
    Route("POST", "/compatibility/subjects/{subject}/versions/{version}", _against_one),
)
