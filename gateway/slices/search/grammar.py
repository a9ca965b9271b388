"""What people may type into a search box: any text is a query.

==============  ==========================================================
`spare part`    entries with both words, anywhere
`"spare part"`  both words in this order, one after the other
`part*`         words that begin like this
`-part`         no entries with this word, prefix or phrase
`car OR bike`   entries with one of both; binds closer than anything else
==============  ==========================================================

Everything else is text: brackets, colons, `AND` and `NEAR` are what they are. A word with a joint in it, such as
`c2004-x` or `a:b`, is a phrase of its parts, so that it finds what is written like it. Capitals and accents do not
count.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from gateway.slices.search.words import words

__all__ = ["MOST_TERMS", "Query", "Term", "parse"]

MOST_TERMS: Final = 64
"""Terms of a query that count; who pastes a page of text has said enough by then."""
_PIECE: Final = re.compile(r'(?P<not>-*)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))(?P<prefix>\*?)')


class Term(NamedTuple):
    """A word, a phrase or the beginning of one."""

    words: tuple[str, ...]
    """In order; never empty."""
    is_prefix: bool = False
    """Whether the last word may go on."""


class Query(NamedTuple):
    """What was looked for."""

    groups: tuple[tuple[Term, ...], ...] = ()
    """An entry has one term of each group at least."""
    without: tuple[Term, ...] = ()
    """An entry has none of these."""
    is_blank: bool = False
    """Nothing was looked for: everything is found."""

    @property
    def is_hopeless(self) -> bool:
        """Something was looked for that has no words in it, such as `!!!`: nothing is found."""
        return not (self.groups or self.without or self.is_blank)


class _Piece(NamedTuple):
    term: Term
    is_excluded: bool
    is_or: bool
    """Says `OR`, which may be a word as well."""


def parse(text: str) -> Query:
    """Understand a text; never fails.

    >>> parse('spare "long part" -old car* OR bike').groups[-1]
    (Term(words=('car',), is_prefix=True), Term(words=('bike',), is_prefix=False))
    """
    pieces = _pieces(text)
    groups: list[list[Term]] = []
    without: list[Term] = []
    place = 0
    while place < len(pieces):
        piece = pieces[place]
        if _joins(pieces, place):
            groups[-1].append(pieces[place + 1].term)
            place += 1
        elif piece.is_excluded:
            without.append(piece.term)
        else:
            groups.append([piece.term])
        place += 1
    return Query(tuple(map(tuple, groups)), tuple(without), is_blank=not text.strip())


def _pieces(text: str) -> list[_Piece]:
    found: list[_Piece] = []
    for match in _PIECE.finditer(text):
        phrase, word = match["phrase"], match["word"]
        parts = tuple(words(phrase if phrase is not None else word))
        if not parts:
            continue
        is_prefix = bool(match["prefix"]) if phrase is not None else word.endswith("*")
        found.append(_Piece(Term(parts, is_prefix), bool(match["not"]), word == "OR" and not match["not"]))
        if len(found) == MOST_TERMS:
            break
    return found


def _joins(pieces: list[_Piece], place: int) -> bool:
    """Whether the piece is an `OR` between two terms that both may be there."""
    return (
        pieces[place].is_or
        and 0 < place < len(pieces) - 1
        and not pieces[place - 1].is_excluded
        and not pieces[place + 1].is_excluded
    )
