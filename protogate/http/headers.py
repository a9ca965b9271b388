"""What callers say in headers about the command that they send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException

from protogate.cqrs.messages import Expectation

if TYPE_CHECKING:
    from protogate.cqrs.messages import Expected

__all__ = ["expected_version", "idempotency_key"]

_LONGEST_KEY: Final = 255
_LONGEST_VERSION: Final = 19
"""Digits: of 2**63."""


def idempotency_key(header: str | None) -> str:
    """Read `Idempotency-Key`: a string of structured fields (RFC 9651), or the same without quotes; empty for none.

    >>> idempotency_key('"8e03978e-40d5"'), idempotency_key("8e03978e-40d5")
    ('8e03978e-40d5', '8e03978e-40d5')

    Raises:
        HTTPException: 400, it is empty, too long or no such string.
    """
    if header is None:
        return ""
    text = header.strip()
    if text[:1] == '"':
        key = _unquoted(text)
    else:
        key = text if text.isascii() and text.isprintable() and not set(text) & set('" \\') else None
    if not key or len(key) > _LONGEST_KEY:
        raise HTTPException(
            400, f"Idempotency-Key {_shown(header)} is no key; send 1 to {_LONGEST_KEY} characters of ASCII in quotes"
        )
    return key


def expected_version(header: str | None) -> Expected:
    """Read `If-Match`: the entity tag of a version, `"3"`, or `*` for any; no header expects nothing.

    Raises:
        HTTPException: 400, it is something else.
    """
    if header is None:
        return Expectation.ANY
    text = header.strip()
    if text == "*":
        return Expectation.EXISTS
    number = text[1:-1]
    is_number = number.isascii() and number.isdecimal() and len(number) <= _LONGEST_VERSION
    if text[:1] == text[-1:] == '"' and is_number and 0 < int(number) < 2**63:
        return int(number)
    raise HTTPException(400, f'If-Match {_shown(header)} is no version; send one as "3", quotes included, or *')


def _unquoted(text: str) -> str | None:
    """The content of an sf-string, whose only escapes are of quotes and backslashes."""
    if len(text) < 2 or text[-1] != '"':  # noqa: PLR2004 - both quotes
        return None
    found: list[str] = []
    rest = iter(text[1:-1])
    for character in rest:
        taken = next(rest, "") if character == "\\" else character
        if character == '"' or (character == "\\" and taken not in {'"', "\\"}) or not " " <= character <= "~":
            return None
        found.append(taken)
    return "".join(found)


def _shown(header: str) -> str:
    """A header that may stand in a message, whatever its length."""
    return repr(header if len(header) <= 40 else f"{header[:40]}...")  # noqa: PLR2004 - a line stays a line
