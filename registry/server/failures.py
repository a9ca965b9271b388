"""Every failure leaves through here: a code, a status, one line for people, and never a traceback."""

from __future__ import annotations

import logging

from protogate.errors import UserError
from protogate.findings import Severity, render_finding
from registry.errors import IncompatibleError, RegistryError, StoreError
from registry.server.http import Reply, encode_json

__all__ = ["failure_reply", "reply_of"]

_LOG = logging.getLogger("registry")
_INVALID_SCHEMA = (422, 42201)
_UNEXPECTED = (500, 500)
_MOST_DETAILS = 20
"""Findings in one message; whoever wants all of them asks `/compatibility` with `verbose=true`."""


def failure_reply(status: int, code: int, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Reply:
    """The body that clients of Confluent's registry read their errors from."""
    return Reply(status, encode_json({"error_code": code, "message": message}), headers=headers)


def reply_of(error: Exception) -> Reply:
    """The answer to a failure; a defect of ours is logged with its traceback and shown without."""
    match error:
        case RegistryError():
            if isinstance(error, StoreError):
                _LOG.error("%s", error)
            return failure_reply(error.status, error.code, _told(error))
        case UserError():
            # What Protogate itself refuses here is always the schema.
            return failure_reply(*_INVALID_SCHEMA, str(error))
        case _:
            _LOG.error("a defect of protogate, please report it", exc_info=error)
            return failure_reply(*_UNEXPECTED, "internal error; the server's log says more")


def _told(error: RegistryError) -> str:
    if not isinstance(error, IncompatibleError):
        return str(error)
    errors = [render_finding(one) for one in error.findings if one.severity is Severity.ERROR]
    more = len(errors) - _MOST_DETAILS
    details = [*errors[:_MOST_DETAILS], *([f"and {more} more"] if more > 0 else [])]
    return f"{error}, details: [{', '.join(details)}]"
