"""Every failure leaves through here: a code, a status, one line for people, and never a traceback."""

from __future__ import annotations

import logging

from protogate.errors import UserError
from registry.errors import RegistryError, StoreError
from registry.server.http import Reply, encode_json

__all__ = ["failure_reply", "reply_of"]

_LOG = logging.getLogger("registry")
_INVALID_SCHEMA = (422, 42201)
_UNEXPECTED = (500, 500)


def failure_reply(status: int, code: int, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Reply:
    """The body that clients of Confluent's registry read their errors from."""
    return Reply(status, encode_json({"error_code": code, "message": message}), headers=headers)


def reply_of(error: Exception) -> Reply:
    """The answer to a failure; a defect of ours is logged with its traceback and shown without."""
    match error:
        case RegistryError():
            if isinstance(error, StoreError):
                _LOG.error("%s", error)
            return failure_reply(error.status, error.code, str(error))
        case UserError():
            # What Protogate itself refuses here is always the schema.
            return failure_reply(*_INVALID_SCHEMA, str(error))
        case _:
            _LOG.error("a defect of protogate, please report it", exc_info=error)
            return failure_reply(*_UNEXPECTED, "internal error; the server's log says more")
