"""The author's comments and the lines of descriptors, read from serialized `SourceCodeInfo`.

A large contract set has a million locations and comments on a fifth of them. Walking the bytes and decoding only the
commented ones takes a third of the time that message objects would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.descriptors.wire import CONTINUED, iterate_fields, read_varint

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Comments", "Positions", "collect_comments", "find_line"]

Path = tuple[int, ...]
"""Where a descriptor stands in its file, as `SourceCodeInfo.Location.path` counts."""

_LOCATION: Final = 1
_LOCATION_TAG: Final = 0x0A
_PATH: Final = 1
_PATH_TAG: Final = 0x0A
_SPAN: Final = 2
_SPAN_TAG: Final = 0x12
_LEADING_TAG: Final = 0x1A
_TRAILING_TAG: Final = 0x22
_DETACHED_TAG: Final = 0x32


class Comments(NamedTuple):
    """The three kinds of comments that protoc keeps, as written (markers removed)."""

    leading: str
    trailing: str
    detached: tuple[str, ...]

    @property
    def text(self) -> str:
        """Leading and trailing comment as paragraphs, without the blank that follows `//`."""
        leading, trailing = self.leading, self.trailing
        if not trailing:
            return _unindent(leading)
        return "\n\n".join(part for part in (_unindent(leading), _unindent(trailing)) if part)


def _unindent(comment: str) -> str:
    if "\n" not in comment[:-1]:
        return comment.strip()
    lines = [line[1:] if line[:1] == " " else line for line in comment.split("\n")]
    return "\n".join([line.rstrip() for line in lines]).strip("\n")


def collect_comments(source_info: bytes) -> Mapping[Path, Comments]:
    """Every commented place of a file.

    A location is path and span, then its comments if it has any. The loop is written out for the common case, a
    location, a path and a span below 128 bytes each: it runs a million times for a large contract set.
    """
    data = source_info
    found: dict[Path, Comments] = {}
    position, end = 0, len(data)
    while position < end:
        size = data[position + 1]
        body = after = position + 2
        if data[position] == _LOCATION_TAG and size <= CONTINUED:
            position = body + size
        else:
            field = next(iterate_fields(data, position, end))
            body = after = field.value
            position = field.end
            if field.number != _LOCATION:
                continue
        path = b""
        if data[after] == _PATH_TAG:  # absent for the location of the file itself
            after += 2 + data[after + 1]
            path = data[body + 2 : after]
        if after < position and data[after] == _SPAN_TAG:
            after += 2 + data[after + 1]
        if after < position:
            comments = _read_comments(data, after, position)
            if comments is not None:
                found[tuple(path) if path.isascii() else _packed(path)] = comments
    return found


def _read_comments(data: bytes, position: int, end: int) -> Comments | None:
    """The comments between two positions, None when they are all detached."""
    leading = trailing = ""
    detached: tuple[str, ...] = ()
    while position < end:
        tag = data[position]
        size = data[position + 1]
        value = position + 2
        if size > CONTINUED:
            size, value = read_varint(data, position + 1)
        position = value + size
        if tag == _LEADING_TAG:
            leading = data[value:position].decode("utf-8", "replace")
        elif tag == _TRAILING_TAG:
            trailing = data[value:position].decode("utf-8", "replace")
        elif tag == _DETACHED_TAG:
            detached = (*detached, data[value:position].decode("utf-8", "replace"))
    return Comments(leading, trailing, detached) if leading or trailing else None


def _packed(data: bytes) -> Path:
    if data.isascii():
        return tuple(data)
    numbers: list[int] = []
    position = 0
    while position < len(data):
        number, position = read_varint(data, position)
        numbers.append(number)
    return tuple(numbers)


def find_line(source_info: bytes, path: Path) -> int:
    """The line (from 1) on which the descriptor at `path` starts; 1 when the info does not tell."""
    for location in iterate_fields(source_info, 0, len(source_info)):
        if location.number == _LOCATION:
            parts = {
                f.number: source_info[f.value : f.end]
                for f in iterate_fields(source_info, location.value, location.end)
            }
            if _packed(parts.get(_PATH, b"")) == path:
                return _packed(parts[_SPAN])[0] + 1
    return 1


_UNKNOWN: Final = (0, 0)
_WRAPS: Final = 8
"""Searches from the start again after which a table of all locations is cheaper."""


class Positions:
    """Lines and columns of one file, found in the serialized `SourceCodeInfo` without decoding it.

    Locations stand there in the order of the file, and so do most questions: each search goes on where the last one
    ended, so that a thousand answers cost about one pass at the speed of `bytes.find`. Questions in another order
    make it build a table of all locations once.
    """

    __slots__ = ("_cursor", "_data", "_table", "_wraps")

    def __init__(self, source_info: bytes) -> None:
        self._data: Final = source_info
        self._cursor = 0
        self._wraps = 0
        self._table: Mapping[Path, tuple[int, int]] | None = None

    @property
    def none(self) -> bool:
        """Whether there is no source info at all."""
        return not self._data

    def find(self, path: Path) -> tuple[int, int]:
        """Line and column (from 1) at which the descriptor at `path` starts; zeros when the info does not tell."""
        if self._table is not None:
            return self._table.get(path, _UNKNOWN)
        if not path or not self._data:
            return _UNKNOWN
        packed = _pack(path)
        needle = bytes((_PATH_TAG, len(packed))) + packed + bytes((_SPAN_TAG,))
        found = self._data.find(needle, self._cursor)
        if found < 0:
            self._wraps += 1
            if self._wraps > _WRAPS:
                self._table = _all_positions(self._data)
                return self._table.get(path, _UNKNOWN)
            found = self._data.find(needle, 0, self._cursor + len(needle))
            if found < 0:
                return _UNKNOWN
        self._cursor = found
        return _start_of(self._data, found + len(needle))


def _start_of(data: bytes, position: int) -> tuple[int, int]:
    """Line and column of the span whose size stands at `position`."""
    size, position = read_varint(data, position)
    span = _packed(data[position : position + size])
    return span[0] + 1, span[1] + 1


def _all_positions(source_info: bytes) -> Mapping[Path, tuple[int, int]]:
    table: dict[Path, tuple[int, int]] = {}
    for location in iterate_fields(source_info, 0, len(source_info)):
        if location.number != _LOCATION:
            continue
        path: Path = ()
        for part in iterate_fields(source_info, location.value, location.end):
            if part.number == _PATH:
                path = _packed(source_info[part.value : part.end])
            elif part.number == _SPAN:
                span = _packed(source_info[part.value : part.end])
                table.setdefault(path, (span[0] + 1, span[1] + 1))
                break
    table.pop((), None)
    return table


def _pack(path: Path) -> bytes:
    if max(path) <= CONTINUED:
        return bytes(path)
    packed = bytearray()
    for number in path:
        rest = number
        while rest > CONTINUED:
            packed.append(rest & CONTINUED | CONTINUED + 1)
            rest >>= 7
        packed.append(rest)
    return bytes(packed)
