"""How people write a version of a subject."""

from __future__ import annotations

from protogate.errors import UserError
from registry.values import LATEST

__all__ = ["parse_version", "split_subject"]

_NEWEST = "latest"


def split_subject(text: str) -> tuple[str, int]:
    """Return subject and version of `SUBJECT` or `SUBJECT@VERSION`; without a version, the newest one.

    >>> split_subject("acme/user/v1/user.proto@2")
    ('acme/user/v1/user.proto', 2)
    >>> split_subject("orders-value")
    ('orders-value', -1)
    """
    subject, at, version = text.rpartition("@")
    return (subject, parse_version(version)) if at else (text, LATEST)


def parse_version(text: str) -> int:
    """Return the version that is written: a number or `latest`."""
    if text == _NEWEST:
        return LATEST
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise UserError(f"version {text!r}: is none; use a number from 1, or latest")
