"""The names of a slice: one word of the user, in all the spellings that files need."""

from __future__ import annotations

import keyword
import re
from typing import Final, NamedTuple

from protogate.errors import UserError

__all__ = ["Names", "names_of"]

_WORD: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST: Final = 40
_TAKEN: Final = frozenset({
    "buf", "delegation", "events", "gateway", "google", "legacy", "protogate", "search", "shadow", "user",
})  # fmt: skip
"""Slices of the gateway, areas of its tokens, and packages that contracts import."""


class Names(NamedTuple):
    """Of the slice `spare_part`."""

    name: str
    """`spare_part`"""
    pascal: str
    """`SparePart`"""
    kebab: str
    """`spare-part`"""
    words: str
    """`spare part`"""
    constant: str
    """`SPARE_PART`"""
    article: str
    """`a`"""


def names_of(name: str) -> Names:
    """Spell a name in all ways.

    >>> names_of("order_line")[:4]
    ('order_line', 'OrderLine', 'order-line', 'order line')

    Raises:
        UserError: it is no name of a slice.
    """
    if not _WORD.fullmatch(name) or len(name) > _LONGEST:
        raise UserError(
            f"slice {name[:60]!r}: use lower case letters, digits and '_' between them, {_LONGEST} at most: order_line"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise UserError(f"slice {name!r}: is a word of Python; choose another name")
    if name in _TAKEN:
        raise UserError(f"slice {name!r}: is taken by the gateway; choose another name")
    parts = name.split("_")
    return Names(
        name,
        "".join(part.capitalize() for part in parts),
        "-".join(parts),
        " ".join(parts),
        name.upper(),
        "an" if name[0] in "aeiou" else "a",
    )
