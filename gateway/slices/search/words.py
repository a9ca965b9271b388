"""What a word is, as SQLite sees it with `remove_diacritics 2`: letters and digits, without marks and capitals."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WORD", "folded", "plain_letters", "words"]

WORD: Final = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u0331])*")
"""Letters and digits of any script; marks that follow a letter belong to it."""
_STROKES: Final = str.maketrans("łŁøØǿǾđĐħĦŧŦ", "lLoOoOdDhHtT")
"""Letters whose stroke is no mark for Unicode, while people type them without it all the same."""


def plain_letters(text: str) -> str:
    """Leave out the strokes that no tokenizer takes for marks; every character stays at its place.

    >>> plain_letters("Łódź")
    'Lódź'
    """
    return text if text.isascii() else text.translate(_STROKES)


def words(text: str) -> Iterator[str]:
    """The words of a text, as they stand there."""
    return (match[0] for match in WORD.finditer(text))


@lru_cache(maxsize=65_536)
def folded(word: str) -> str:
    """The form in which words are compared.

    >>> folded("Żółw"), folded("Ångström")
    ('zolw', 'angstrom')
    """
    if word.isascii():
        return word.lower()
    return "".join(map(_folded_letter, plain_letters(word)))


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    lower = letter.lower()
    if len(lower) > 1:
        lower = letter
    parts = unicodedata.normalize("NFD", lower)
    if unicodedata.combining(parts[0]):
        return ""
    # Some capitals have a small letter only without their mark: İ.
    return parts[0].lower() if all(map(unicodedata.combining, parts[1:])) else lower
