"""Keeps secrets out of what is written down about answers."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote_plus

__all__ = ["MASK", "masked", "masked_query", "shown"]

MASK: Final = "***"
_LONGEST: Final = 200
"""Characters of a value that are kept."""
_DEEPEST: Final = 20
_SECRET_NAME: Final = re.compile(
    r"pass(?:word|wd|phrase|code)?$|pwd|secret|token|api.?key|access.?key|private.?key|credential|authori[sz]ation|"
    r"cookie|session|signature|otp$|pin$|cvv|iban|card.?number|ssn|pesel",
    re.IGNORECASE,
)
_SECRET_VALUE: Final = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JSON Web Token
    r"|\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:sk|pk|ghp|xox[abp]|AKIA)[-_A-Za-z0-9]{16,}"
    r"|\b\d{13,19}\b",
)


def masked(value: Any, path: str = "") -> Any:  # noqa: ANN401 - JSON
    """Give a document without what its names or its looks say is secret.

    >>> masked({"user": "a", "apiKey": "x"})
    {'user': 'a', 'apiKey': '***'}
    >>> masked("hunter2", "credentials.password")
    '***'
    """
    if any(_SECRET_NAME.search(name) for name in re.split(r"[.\[\]\"]+", path) if name):
        return MASK
    return _masked(value, 0)


def _masked(value: Any, depth: int) -> Any:  # noqa: ANN401 - JSON
    if depth > _DEEPEST:
        return MASK
    if isinstance(value, dict):
        return {name: MASK if _SECRET_NAME.search(name) else _masked(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, depth + 1) for inner in value]
    if isinstance(value, str) and _SECRET_VALUE.search(value):
        return MASK
    return value


def masked_query(query: str) -> str:
    """Give a query string without the values of secret parameters.

    >>> masked_query("q=a&access_token=b")
    'q=a&access_token=***'
    """
    parts = [part.partition("=") for part in query.split("&")]
    return "&".join(
        f"{name}={MASK}"
        if _SECRET_NAME.search(unquote_plus(name)) or _SECRET_VALUE.search(unquote_plus(value))
        else f"{name}{equals}{value}"
        for name, equals, value in parts
    )


def shown(text: str) -> str:
    """Give the beginning of a text."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
