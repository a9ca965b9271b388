"""Names of both worlds: how alike they are, and how one becomes the other."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["likeness", "pascal", "singular", "snake", "words"]

Words: TypeAlias = tuple[str, ...]

_BREAKS: Final = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HUNGARIAN: Final = frozenset(
    {"str", "int", "dt", "bln", "lng", "tbl", "fld", "col", "vch", "chr", "num", "bit", "b", "n", "s"}
)
_LONG: Final = {
    "addr": "address", "amt": "amount", "cnt": "count", "cust": "customer", "desc": "description", "dob": "birth",
    "dt": "date", "fname": "first", "lname": "last", "grp": "group", "img": "image", "lang": "language",
    "max": "maximum",
    "min": "minimum", "msg": "message", "nbr": "number", "no": "number", "num": "number", "org": "organisation",
    "pct": "percent", "prod": "product", "pwd": "password", "qty": "quantity", "ref": "reference", "tel": "phone",
    "ts": "timestamp", "usr": "user", "val": "value", "zip": "postal", "surname": "last", "forename": "first",
}  # fmt: skip
"""Short words of old schemas, and what they stand for."""


def words(name: str) -> tuple[str, ...]:
    """Take a name apart.

    >>> words("FirstName"), words("strHTTPUrl"), words("user_email")
    (('first', 'name'), ('str', 'http', 'url'), ('user', 'email'))
    """
    return tuple(part.lower() for part in _BREAKS.split(name) if part)


def snake(name: str) -> str:
    """Write a name as fields of contracts are written.

    >>> snake("BillingPostalCode"), snake("2nd")
    ('billing_postal_code', 'f2nd')
    """
    made = "_".join(words(name)) or "field"
    return made if made[0].isalpha() else f"f{made}"


def pascal(name: str) -> str:
    """Write a name as messages are written.

    >>> pascal("playlist_track")
    'PlaylistTrack'
    """
    made = "".join(part.capitalize() for part in words(name)) or "Record"
    return made if made[0].isalpha() else f"R{made}"


def singular(word: str) -> str:
    """Give one of a thing.

    >>> [singular(one) for one in ("users", "categories", "boxes", "address", "status")]
    ['user', 'category', 'box', 'address', 'status']
    """
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004 - not for "ties"
        return f"{word[:-3]}y"
    if word.endswith(("xes", "ches", "shes", "sses", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def likeness(column: str, field: str, table: str = "") -> tuple[float, str]:
    """Say how alike a column and a field are called, from 0 to 1, and why.

    >>> likeness("EMail", "e_mail")
    (1.0, 'same name')
    >>> likeness("user_email", "email", "users")[1]
    'same name without the table'
    """
    if snake(column) == field:
        return 1.0, "same name"
    left, right = words(column), words(field)
    for score, reason, holds in _REASONS:
        if holds(left, right, tuple(map(singular, words(table)))):
            return score, reason
    long_left, long_right = _spelled_out(left), _spelled_out(right)
    shared = set(long_left) & set(long_right)
    overlap = len(shared) / max(len(set(long_left) | set(long_right)), 1)
    close = difflib.SequenceMatcher(None, "".join(long_left), "".join(long_right)).ratio()
    return round(min(0.8, 0.5 * overlap + 0.45 * close), 3), "similar"


def _spelled_out(parts: Words) -> Words:
    return tuple(_LONG.get(word, word) for word in parts)


def _without_table(left: Words, right: Words, table: Words) -> bool:
    pairs = ((left, right), (right, left))
    return bool(table) and any(
        tuple(map(singular, some[: len(table)])) == table and some[len(table) :] == other for some, other in pairs
    )


_REASONS: Final[tuple[tuple[float, str, Callable[[Words, Words, Words], bool]], ...]] = (
    (1.0, "same name", lambda left, right, _: "".join(left) == "".join(right)),
    (0.97, "singular and plural", lambda left, right, _: [*map(singular, left)] == [*map(singular, right)]),
    (0.95, "same name without the table", _without_table),
    (0.93, "same name without its type", lambda left, right, _: left[1:] == right and {*left[:1]} <= _HUNGARIAN),
    (0.9, "abbreviation", lambda left, right, _: _spelled_out(left) == _spelled_out(right)),
    (0.85, "same words", lambda left, right, _: sorted(_spelled_out(left)) == sorted(_spelled_out(right))),
)  # fmt: skip
"""Best first."""
