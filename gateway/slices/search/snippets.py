"""The part of a text that shows why it was found, where the database has no function for it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.slices.search.words import WORD, folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.slices.search.grammar import Query

__all__ = ["SNIPPET_WORDS", "snippet"]

SNIPPET_WORDS: Final = 24
"""Words that a snippet shows at most."""
_MOST_WORDS: Final = 2_000
"""Words of a text that are looked at: a page of hits must be shown at once, however long they are."""


class _Word(NamedTuple):
    start: int
    end: int
    text: str


class _Match(NamedTuple):
    first: int
    """Number of its first word."""
    last: int
    term: int


def snippet(texts: Sequence[str], query: Query) -> str:
    """The words of one of the texts around its matches, each match between `[` and `]`; the start if none matches.

    >>> from gateway.slices.search.grammar import parse
    >>> snippet(["A day", "The spare part"], parse('"spare part"'))
    'The [spare part]'
    """
    terms = [tuple(map(folded, term.words)) for group in query.groups for term in group]
    prefixes = [term.is_prefix for group in query.groups for term in group]
    best: tuple[int, str] = 0, ""
    for text in texts:
        cut = [
            _Word(match.start(), match.end(), folded(match[0])) for match in islice(WORD.finditer(text), _MOST_WORDS)
        ]
        matches = _matches(cut, terms, prefixes)
        start, score = _window(matches, len(cut))
        if score > best[0] or not best[1]:
            best = score, _shown(text, cut, matches, start)
    return best[1]


def _matches(cut: Sequence[_Word], terms: Sequence[tuple[str, ...]], prefixes: Sequence[bool]) -> list[_Match]:
    """Where terms stand, in order; no two overlap."""
    whole: dict[str, list[int]] = {}
    beginnings: list[int] = []
    for number, (term, is_prefix) in enumerate(zip(terms, prefixes, strict=True)):
        if is_prefix and len(term) == 1:
            beginnings.append(number)
        else:
            whole.setdefault(term[0], []).append(number)
    found: list[_Match] = []
    free = 0
    for place, word in enumerate(cut):
        if place < free:
            continue
        for number in (*whole.get(word.text, ()), *beginnings):
            size = len(terms[number])
            if _stands(cut[place : place + size], terms[number], is_prefix=prefixes[number]):
                found.append(_Match(place, place + size - 1, number))
                free = place + size
                break
    return found


def _stands(cut: Sequence[_Word], term: tuple[str, ...], *, is_prefix: bool) -> bool:
    if len(cut) < len(term):
        return False
    *before, last = term
    end = cut[-1].text
    return all(word.text == wanted for word, wanted in zip(cut, before, strict=False)) and (
        end.startswith(last) if is_prefix else end == last
    )


def _window(matches: Sequence[_Match], count: int) -> tuple[int, int]:
    """The first word of the part that shows most different terms, and how many it shows."""
    best = 0, 0
    for place, match in enumerate(matches):
        shown = {match.term}
        for later in matches[place + 1 : place + SNIPPET_WORDS]:
            if later.last >= match.first + SNIPPET_WORDS:
                break
            shown.add(later.term)
        if len(shown) > best[1]:
            best = match.first, len(shown)
    start, score = best
    # Some words before the match, and no more at the end than there are.
    return max(0, min(start - SNIPPET_WORDS // 4, count - SNIPPET_WORDS)), score


def _shown(text: str, cut: Sequence[_Word], matches: Sequence[_Match], start: int) -> str:
    end = min(start + SNIPPET_WORDS, len(cut))
    if start >= end:
        return ""
    place = 0 if start == 0 else cut[start].start
    parts = [] if start == 0 else ["…"]
    for match in matches:
        if match.first < start or match.last >= end:
            continue
        parts += text[place : cut[match.first].start], "[", text[cut[match.first].start : cut[match.last].end], "]"
        place = cut[match.last].end
    parts.append(text[place:] if end == len(cut) < _MOST_WORDS else text[place : cut[end - 1].end] + "…")
    return "".join(parts)
