"""Where each value of a JSON text stands, worked out when somebody asks.

The C parser of Python gives values only. A scanner written in Python is twenty times slower, so the positions of a
document are worked out when something in it is reported or edited, and only along the way to it.

A place of a contract is first written as `file#/output/status/enum/0`, which costs next to nothing, and turned into
line and column by `locate` when it goes into a finding.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from protogate.findings import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from protogate.findings import Finding

__all__ = ["Pointer", "Positions", "locate", "locate_findings", "parse_place", "pointer_place", "tokens"]

Pointer: TypeAlias = tuple[str | int, ...]
"""The way from the root of a document to a value: keys of objects and indices of arrays."""

# Possessive, so that no text makes it look at a character twice; a string without an end reaches to the end.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)


class _Part(NamedTuple):
    key: int
    """Where the key begins; in an array, where the value does."""
    start: int
    end: int


class Positions:
    """Where the values and the keys of a well-formed JSON text stand; it never recurses."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        root = next(_TOKEN.finditer(text)).start()
        self._known: dict[Pointer, _Part] = {(): _Part(root, root, len(text.rstrip()))}
        self._opened: set[Pointer] = set()

    def place(self, pointer: Pointer, *, key: bool = False) -> tuple[int, int]:
        """Return line and column of a value, or of its key; both count from 1, columns in characters.

        Raises:
            KeyError: the text has no such value.
        """
        part = self._part(pointer)
        return self.at(part.key if key else part.start)

    def span(self, pointer: Pointer) -> tuple[int, int]:
        """Return the offsets in the text at which a value begins and ends.

        Raises:
            KeyError: the text has no such value.
        """
        part = self._part(pointer)
        return part.start, part.end

    def key_span(self, pointer: Pointer) -> tuple[int, int]:
        """Return the offsets of the key that a value of an object stands under, with its quotes.

        Raises:
            KeyError: the text has no such key.
        """
        start = self._part(pointer).key
        match = _TOKEN.match(self._text, start)
        if match is None or not pointer or isinstance(pointer[-1], int):
            raise KeyError(pointer)
        return start, match.end()

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset in the text."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def typed(self, pointer: Pointer, name: str) -> str | int:
        """Return what a part of a value is called: an index where the value is an array."""
        is_array = self._text[self._part(pointer).start] == "["
        return int(name) if is_array else name

    def _part(self, pointer: Pointer) -> _Part:
        # A container is opened when a value of it is asked for, so a big document costs the few scans on the way.
        for length in range(len(pointer)):
            above = pointer[:length]
            if above not in self._opened:
                self._open(above)
        return self._known[pointer]

    def _open(self, pointer: Pointer) -> None:
        part = self._known[pointer]
        self._opened.add(pointer)
        for name, found in _parts(self._text, part.start, part.end):
            self._known[(*pointer, name)] = found


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield strings, brackets, commas, colons and bare words of a text, whether it is well-formed or not."""
    return _TOKEN.finditer(text)


def pointer_place(file: str, pointer: Iterable[str | int]) -> Place:
    """Return where a value stands, before its line is known.

    >>> str(pointer_place("a.command.json", ("output", "status", "enum", 0)))
    'a.command.json#/output/status/enum/0'
    """
    return Place(file + "#" + "".join(f"/{_escape(part)}" for part in pointer))


def parse_place(place: Place) -> tuple[str, tuple[str, ...]] | None:
    """Return file and pointer of a place that `pointer_place` made, indices as text; None for any other place.

    >>> parse_place(pointer_place("a.command.json", ("output", "a/b")))
    ('a.command.json', ('output', 'a/b'))
    """
    file, mark, pointer = place.file.rpartition("#")
    if not mark or place.line or (pointer and not pointer.startswith("/")):
        return None
    return file, tuple(_unescape(part) for part in pointer.split("/")[1:])


def locate(place: Place, texts: Mapping[str, Positions]) -> Place:
    """Return a place with line and column where it is a pointer into one of the texts, by file; else as it is."""
    parsed = parse_place(place)
    positions = texts.get(parsed[0]) if parsed else None
    if parsed is None or positions is None:
        return place
    return Place(parsed[0], *positions.place(_typed(positions, parsed[1])))


def locate_findings(findings: Iterable[Finding], texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return findings whose pointers became lines and columns; `texts` holds the contracts by file."""
    opened: dict[str, Positions] = {}
    located: list[Finding] = []
    for one in findings:
        parsed = parse_place(one.place)
        if parsed and parsed[0] in texts and parsed[0] not in opened:
            opened[parsed[0]] = Positions(texts[parsed[0]])
        located.append(one._replace(place=locate(one.place, opened)))
    return tuple(located)


def _typed(positions: Positions, names: tuple[str, ...]) -> Pointer:
    """Return a pointer whose parts are indices where the text has arrays."""
    pointer: Pointer = ()
    for name in names:
        pointer = (*pointer, positions.typed(pointer, name))
    return pointer


def _parts(text: str, start: int, end: int) -> Iterator[tuple[str | int, _Part]]:
    """Yield what an object or array holds; nothing for a value without parts."""
    matches = _TOKEN.finditer(text, start, end)
    opening = next(matches)[0]
    if opening == "{":
        yield from _members(matches)
    elif opening == "[":
        yield from enumerate(_values(matches))


def _members(matches: Iterator[re.Match[str]]) -> Iterator[tuple[str, _Part]]:
    for match in matches:
        if match[0] in "},":
            continue
        next(matches)  # the colon
        value = next(matches)
        yield json.loads(match[0]), _Part(match.start(), value.start(), _end(value, matches))


def _values(matches: Iterator[re.Match[str]]) -> Iterator[_Part]:
    for match in matches:
        if match[0] not in "],":
            yield _Part(match.start(), match.start(), _end(match, matches))


def _end(first: re.Match[str], matches: Iterator[re.Match[str]]) -> int:
    """Return where the value that begins with a token ends; what belongs to it is taken from the tokens."""
    depth = int(first[0] in "{[")
    last = first
    while depth:
        last = next(matches)
        if last[0] in "{[":
            depth += 1
        elif last[0] in "}]":
            depth -= 1
    return last.end()


def _escape(part: str | int) -> str:
    if isinstance(part, int) or part.isalnum():
        return str(part)
    return part.replace("~", "~0").replace("/", "~1").replace("#", "~2")


def _unescape(part: str) -> str:
    return part.replace("~2", "#").replace("~1", "/").replace("~0", "~")
