"""What a request asks and what is answered: values without a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["JSON", "REGISTRY_JSON", "Call", "Reply", "encode_json", "parse_query", "split_path"]

REGISTRY_JSON = b"application/vnd.schemaregistry.v1+json"
"""The type that clients of Confluent's registry ask for."""
JSON = b"application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read."""

    method: str
    params: Mapping[str, str]
    """What stands in the path, percent-decoded."""
    query: Mapping[str, Sequence[str]]
    body: bytes = b""
    context: str = ""
    """Of `/contexts/{context}/...`, empty without it."""

    def option(self, name: str, default: str = "") -> str:
        """A query parameter; of one that is given twice the last one counts."""
        return self.query.get(name, (default,))[-1]

    def flag(self, *names: str) -> bool:
        """Whether a query parameter, by any of its names, is true; the Python client writes `True`, others `true`."""
        return any(self.option(name).lower() == "true" for name in names)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `content_type` is chosen by what the client accepts when it is empty."""

    status: int
    body: bytes
    content_type: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())


def encode_json(value: Any) -> bytes:  # noqa: ANN401 - any value that JSON can carry
    """JSON without spaces, in UTF-8."""
    # Only half surrogates cannot be encoded, and a backslash escape is what JSON writes for them.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def split_path(raw: bytes) -> tuple[str, ...] | None:
    """The decoded segments of a path as it was sent; None when it is no UTF-8.

    Split first and decoded then: subjects carry `/` as `%2F`, and frameworks that decode first lose it.
    """
    parts = raw.partition(b"?")[0].decode("latin-1").split("/")
    # Clients agree that a trailing slash means nothing.
    if parts and parts[-1] == "":
        parts.pop()
    try:
        return tuple(unquote_to_bytes(part).decode("utf-8") if "%" in part else part for part in parts[1:])
    except UnicodeDecodeError:
        return None


def parse_query(raw: bytes) -> dict[str, list[str]]:
    """The parameters of a query, each with all its values."""
    found: dict[str, list[str]] = {}
    for pair in raw.decode("latin-1").split("&"):
        name, _, value = pair.partition("=")
        if name:
            found.setdefault(unquote(name), []).append(unquote(value.replace("+", " ")))
    return found
