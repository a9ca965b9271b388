"""JSON as stores keep it: compact, UTF-8, nothing that JSON does not have."""

from __future__ import annotations

import json
from typing import Any

from protogate.cqrs.errors import DataError

__all__ = ["decode", "encode"]


def encode(value: object, what: str) -> bytes:
    """Give the JSON text of a value.

    Raises:
        DataError: the value has NaN, an infinity, a lone surrogate or something that is no JSON at all; `what` it is
            goes into the message.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{what}: cannot be kept as JSON: {error}") from None


def decode(text: bytes | str) -> Any:  # noqa: ANN401 - what the JSON holds
    """Read what `encode` gave."""
    return json.loads(text)
